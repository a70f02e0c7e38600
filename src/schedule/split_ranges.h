#pragma once
// What a split, a fusion or another name makes of the ranges of loops.

#include <map>
#include <string>

#include "ir/nodes.h"
#include "schedule/nest_builder.h"

namespace heddle::Internal {

/** The ranges that a Split starts from: of `old_var`, or, where it fuses, of the two loops. */
struct RangesBefore {
    Range old, inner, outer;
};

/** Adds the ranges of the loops that s makes to `ranges`, which has those that it starts from. Loops that are made begin
    at 0; the outer loop of a split runs as often as is needed to cover the old range. */
RangesBefore split_ranges(const Split &s, std::map<std::string, Range> &ranges);

}  // namespace heddle::Internal
