#pragma once
// debug_to_file: what was computed of a Func, as a file.

#include "analysis/interval.h"
#include "lower/graph.h"

namespace heddle::Internal {

/** Writes the region (an interval per dimension) of p, which has one value. CompileError where it has several. */
Stmt write_to_file(const GraphFunc &p, const std::vector<Interval> &region);

}  // namespace heddle::Internal
