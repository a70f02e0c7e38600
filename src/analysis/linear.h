#pragma once
// Integer expressions as sums: coefficient * atom + ... + constant. Valid for every integer type, since
// sums and products by constants form a ring whether they wrap or not.
//
// A vector expression is taken apart too: Broadcast(a + 3) gives the atom Broadcast(a) and 3, and
// Ramp(a, s, n) gives Broadcast(a) and the atom Ramp(0, s, n) (Ramp(0, 1, n) times s for a constant s).

#include <functional>
#include <vector>

#include "ir/nodes.h"

namespace heddle::Internal {

struct LinearForm {
    struct Term {
        Expr atom;
        int64_t coefficient;
    };
    Type type;
    std::vector<Term> terms;  ///< sorted by atom, atoms distinct, coefficients not 0
    int64_t constant = 0;     ///< constant and coefficients are wrapped to the type's bits, as signed

    bool is_constant() const {
        return terms.empty();
    }
    /** The coefficient of an atom equal to `atom`, or 0. */
    int64_t coefficient_of(const Expr &atom) const;
};

/** Whether sums of this type have a linear form: integers, bool excepted. */
bool has_linear_form(Type t);

/** Whether overflow is undefined: signed integers of 32 bits and more. */
inline bool no_overflow(Type t) {
    return t.is_int() && t.bits() >= 32;
}

/** The linear form of e, whose atoms are subexpressions of e. False if the type has none. */
bool as_linear(const Expr &e, LinearForm *form);

/** Like as_linear, but each subexpression that is not a sum, difference or product by a constant is
    replaced by leaf(subexpression) first, and the form of that is added. e must have a linear form. */
LinearForm collect_linear(const Expr &e, const std::function<Expr(const Expr &)> &leaf);

/** The canonical expression: positive terms first, then negative ones, then the constant. */
Expr to_expr(const LinearForm &form);

LinearForm operator+(const LinearForm &a, const LinearForm &b);
LinearForm operator-(const LinearForm &a, const LinearForm &b);
LinearForm scale(const LinearForm &a, int64_t factor);
/** form + coefficient * (linear form of e). */
void add_to(LinearForm &form, const Expr &e, int64_t coefficient);
/** Same atoms with the same coefficients, the constant aside. */
bool same_terms(const LinearForm &a, const LinearForm &b);

/** The order of atoms in a form. */
int compare_atoms(const Expr &a, const Expr &b);

/** The bits of an integer constant (or a Broadcast of one) as a signed number. */
bool constant_bits(const Expr &e, int64_t *value);

}  // namespace heddle::Internal
