#pragma once
// Range and Region: intervals and boxes of integers.

#include <vector>

#include "heddle/expr.h"

namespace heddle {

/** The integers min ... min + extent - 1. */
struct Range {
    Expr min, extent;
    Range() = default;
    Range(const Expr &min, const Expr &extent);
    HEDDLE_SPECIAL_MEMBERS(Range);
};

/** A box: a Range per dimension. */
using Region = std::vector<Range>;

namespace Internal {
/** One more dimension. */
void add_range(Region &region, const Expr &min, const Expr &extent);
}

}  // namespace heddle
