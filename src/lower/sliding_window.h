#pragma once
// A Func that is kept from one iteration of a loop to the next need only compute what is new. Used while
// the nest is built, where the region of the Func is still an expression in the loop's variable.
//
// The first iteration has no past. Where the window moves by a known step, the loop is made to start earlier
// (warm-up iterations, in which the consumers do not run yet), so that every iteration computes as little as
// the steady state; else the first iteration computes the whole window, by a condition on the loop variable.

#include "analysis/interval.h"
#include "lower/graph.h"

namespace heddle::Internal {

/** The values that a Func is needed for, per dimension. */
using Region = std::vector<Interval>;

/** What the iterations of one loop need of a Func. */
struct LoopNeeds {
    Symbol loop;
    Expr start;            ///< the first iteration of any reader
    bool together = true;  ///< all readers start then
    Region first;          ///< hull of what each reader needs in its first iteration
    bool may_start_earlier = false;  ///< the loop may be extended backwards for this Func
};

struct Slide {
    bool done = false;
    Expr start;  ///< the iteration that the Func must be computed from: LoopNeeds::start or an earlier one
};

/** `region` is the hull of what the readers need in an iteration. If exactly one dimension of it depends on the
    loop, both its ends move with it in one direction, and every stage of `func` is pure in that dimension: shrinks
    the region to what earlier iterations have not computed. `whole`, equal to region at first, becomes what a
    producer of `func` must take for its region: the new one, except where the first iteration computes more. */
Slide slide_over_loop(const GraphFunc &func, const LoopNeeds &needs, Region &region, Region &whole);

/** Whether the region moves with the loop along a dimension that fold_storage names. */
bool moves_along_fold(const GraphFunc &func, const Region &region, const Symbol &loop);

}  // namespace heddle::Internal
