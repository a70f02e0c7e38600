#pragma once
// A Func that is kept from one iteration of a loop to the next need only compute what is new. Used while
// the nest is built, where the region of the Func is still an expression in the loop's variable.

#include "analysis/interval.h"
#include "lower/graph.h"

namespace heddle::Internal {

/** The values that a Func is needed for, per dimension. */
using Region = std::vector<Interval>;

/** If exactly one dimension of `region` depends on `loop`, both its ends grow with it, and every stage of
    `func` is pure in that dimension: shrinks the region in all iterations but the first (loop == loop_min)
    to what the iteration before has not computed. Returns whether it did. */
bool slide_over_loop(const GraphFunc &func, const Symbol &loop, const Expr &loop_min, Region &region);

}  // namespace heddle::Internal
