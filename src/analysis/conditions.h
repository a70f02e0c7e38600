#pragma once
// Conditions as inequalities of linear forms, and solving them for a symbol.

#include "analysis/interval.h"
#include "analysis/linear.h"

namespace heddle::Internal {

/** Linear forms that are >= 0 whenever the condition holds (or, with `negated`, whenever it does not):
    of comparisons of signed sums of 32 and 64 bits, of conjunctions, and of likely() around them. An
    equality gives two. What cannot be said so is left out. */
std::vector<LinearForm> inequalities(const Expr &condition, bool negated = false);

/** The integers that `symbol` may be for the condition to hold: exactly then, when the result is true.
    The condition is a comparison that is linear in symbol, with an integer coefficient of any sign, or
    a conjunction of such; the ends of `out` do not mention symbol. False: not solved. */
bool solve_for(const Expr &condition, const Symbol &symbol, Interval &out);

/** e without likely() and likely_if_innermost() at its root. */
Expr without_likely(const Expr &e);

}  // namespace heddle::Internal
