#pragma once
// Proofs that a linear form is at least a constant: bounds of its atoms, splitting of minima, maxima,
// selects and divisions into cases, and assumed inequalities.

#include <utility>
#include <vector>

#include "analysis/constant_bounds.h"

namespace heddle::Internal {

class Prover {
public:
    /** Both must outlive the prover. Each assumption is a form that is >= 0. */
    Prover(Knowledge &known, const std::vector<LinearForm> &assumptions)
        : known_(known), assumptions_(assumptions) {
    }

    /** True only if form >= bound is proved. The form's type must be one without overflow. The effort is
        bounded: a few dozen cases. */
    bool at_least(const LinearForm &form, int64_t bound);

private:
    bool prove(const LinearForm &form, int64_t bound, int depth);
    bool by_cases(const LinearForm &form, int64_t bound, int depth);
    static std::pair<LinearForm, LinearForm> cases(const LinearForm &form, const LinearForm::Term &t, const Expr &atom);
    bool of_both(const LinearForm &form, const LinearForm::Term &t, const Expr &atom, int64_t bound, int depth);
    bool of_either(const LinearForm &form, const LinearForm::Term &t, const Expr &atom, int64_t bound, int depth);
    bool by_division(const LinearForm &form, const LinearForm::Term &t, int64_t bound, int depth);
    bool by_assumption(const LinearForm &form, int64_t bound, int depth);

    Knowledge &known_;
    const std::vector<LinearForm> &assumptions_;
    int budget_ = 0;
};

}  // namespace heddle::Internal
