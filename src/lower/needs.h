#pragma once
// What the statements at one level of the nest need of a Func that is computed there: which region, and, where
// the level is the body of a loop, from which iteration on. Statements differ in that once sliding windows make
// the loop start earlier than its consumers do.

#include <vector>

#include "analysis/box.h"
#include "lower/sliding_window.h"

namespace heddle::Internal {

/** A statement at the level. */
struct Reader {
    Boxes reads;
    Boxes full;     ///< the same with no difference between a first iteration and later ones: a window over it moves
    Boxes at_first; ///< the one of both that is exact in the first iteration
    Expr start;     ///< the first iteration that it runs in; undefined where there is no loop
};

/** The region that one reader needs, in terms of the loop variable. */
struct Need {
    Region region;
    Region at_first;  ///< the same in the first iteration, still in terms of the loop variable
    Expr start;
};

/** As if all ran in all iterations. */
Region hull_of(const std::vector<Need> &needs);
/** In each iteration what those that have started need. */
Region needed_now(const std::vector<Need> &needs, const Symbol &loop);
/** The first iterations. */
LoopNeeds first_needs(const std::vector<Need> &needs, const Symbol &loop);

}  // namespace heddle::Internal
