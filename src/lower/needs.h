#pragma once
// What the statements at one level of the nest need of a Func that is computed there: which region, and, where
// the level is the body of a loop, from which iteration on. Statements differ in that once sliding windows make
// the loop start earlier than its consumers do.

#include <vector>

#include "analysis/box.h"
#include "lower/sliding_window.h"

namespace heddle::Internal {

/** A statement at the level. `full` pretends that nothing slides where a first iteration computes a whole
    window: a producer whose own window slides over that must be asked for the whole of it. */
struct Reader {
    Boxes reads, full;
    Expr start;  ///< the first iteration that it runs in; undefined where there is no loop
};

/** The region that one reader needs, in terms of the loop variable. */
struct Need {
    Region region;
    Expr start;
};

/** As if all ran in all iterations. */
Region hull_of(const std::vector<Need> &needs);
/** In each iteration what those that have started need. */
Region needed_now(const std::vector<Need> &needs, const Symbol &loop);
/** The first iterations. */
LoopNeeds first_needs(const std::vector<Need> &needs, const Symbol &loop);

}  // namespace heddle::Internal
