#pragma once
// bound, bound_extent, align_bounds and align_extent: the range that is computed when another is needed.

#include "lower/graph.h"

namespace heddle::Internal {

/** Makes `r`, the range needed of one dimension of Func p, what the constraint says; `checks` gets an Assert unless that
    is known to cover what is needed. */
void apply_bound(const GraphFunc &p, const BoundConstraint &b, Range &r, StmtList &checks);

}  // namespace heddle::Internal
