#pragma once
// Whether a step of a reduction, in which all values x_i change at once, applies an associative operation:
//
//     x_i <- value_i(x_0 ... x_n-1)   where   value_i == op_i(x_0 ... x_n-1, y_0 ... y_n-1),
//
// no y_j depends on any x, and op(op(x, y), z) == op(x, op(y, z)). Found are
//   * + - * min max, & | ^ && ||, unsigned saturating sums, of one value and whatever does not depend on it, also
//     where a select leaves the value alone, and where a sum is taken in wider integers and narrowed again;
//   * the best of many with what belongs to it (argmin, argmax), as min, max and select or as selects only;
//   * any joint polynomials that associate: complex and matrix products, compositions of affine maps, ...
// Floating-point arithmetic counts as exact: a reduction that is scheduled so may be reassociated. Of values that
// are equally good, either may be the best.

#include <optional>

#include "ir/nodes.h"

namespace heddle::Internal {

struct AssociativeStep {
    struct Element {
        Symbol x, y;
        Expr op;        ///< over x and y of this element and those it is joined with; just x where it is kept
        Expr identity;  ///< op of it and y gives y, op of x and it x (the best of equals aside); a constant
        Expr operand;   ///< the value of y; undefined where x is kept
        /** Set when op is this operation of x and y alone (And, Or: of bools). */
        std::optional<ReduceOp> reduce;
        bool is_kept() const {
            return !operand.defined();
        }
    };
    std::vector<Element> elements;
    bool commutative = true;
};

/** values[i] over the symbols x; an undef leaves the value as it is. Nothing: no operation was found. */
std::optional<AssociativeStep> associative_step(const ExprList &values, const std::vector<Symbol> &x);

}  // namespace heddle::Internal
