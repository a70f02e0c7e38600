#pragma once
// Proofs that a linear form is at least a constant: bounds of its atoms, splitting of minima, maxima,
// selects and divisions into cases, and assumed inequalities.

#include <unordered_map>
#include <utility>
#include <vector>

#include "analysis/constant_bounds.h"
#include "analysis/samples.h"

namespace heddle::Internal {

class Prover {
public:
    /** All must outlive the prover. The samples are of the same facts and values. Each assumption is a form that is >= 0;
        values are those of names, which are put in their place where that helps. */
    Prover(Knowledge &known, Samples &samples, const std::vector<LinearForm> &assumptions, const LetValues &values)
        : known_(known), samples_(samples), assumptions_(assumptions), values_(values) {
    }

    /** True only if form >= bound is proved. The form's type must be one without overflow. The effort is
        bounded: a few dozen cases. */
    bool at_least(const LinearForm &form, int64_t bound);

private:
    /** Whether there is a state in which form < bound. */
    bool refuted(const LinearForm &form, int64_t bound);
    bool prove(const LinearForm &form, int64_t bound, int depth);
    bool by_cases(const LinearForm &form, int64_t bound, int depth);
    static std::pair<LinearForm, LinearForm> cases(const LinearForm &form, const LinearForm::Term &t, const Expr &atom);
    bool of_both(const LinearForm &form, const LinearForm::Term &t, const Expr &atom, int64_t bound, int depth);
    bool of_either(const LinearForm &form, const LinearForm::Term &t, const Expr &atom, int64_t bound, int depth);
    bool by_division(const LinearForm &form, const LinearForm::Term &t, int64_t bound, int depth);
    bool by_assumption(const LinearForm &form, int64_t bound, int depth);
    bool by_value(const LinearForm &form, int64_t bound, int depth);

    Knowledge &known_;
    Samples &samples_;
    const std::vector<LinearForm> &assumptions_;
    const LetValues &values_;
    int budget_ = 0;
};

}  // namespace heddle::Internal
