#pragma once
// scatter and gather: an update that stores several values at once.
//
//   f(scatter(3, 5)) = f(gather(5, 3));      // swaps two elements
//   f(x + scatter(1, 0), y + scatter(0, 3)) += gather(x, 2 * y);
//
// The operands of scatter are the locations of the stores, those of gather their values. Everything around
// them is done for each operand. All locations and values are computed before anything is stored; of two
// stores to one location the right one stays. All that stand in one definition have the same number of
// operands (HD0221) and none stands inside of another (HD0222). No operand, or one that is undefined, is
// refused (HD0125, HD0100). Operands of different types are promoted as those of operators are.

#include <vector>

#include "heddle/expr.h"
#include "heddle/operators.h"

namespace heddle {

Expr scatter(const std::vector<Expr> &locations);
Expr gather(const std::vector<Expr> &values);
template<typename... Args>
    requires Internal::AllExprs<Args...>
Expr scatter(const Expr &first, const Args &...rest) {
    return scatter(std::vector<Expr>{first, static_cast<Expr>(rest)...});
}
template<typename... Args>
    requires Internal::AllExprs<Args...>
Expr gather(const Expr &first, const Args &...rest) {
    return gather(std::vector<Expr>{first, static_cast<Expr>(rest)...});
}

}  // namespace heddle
