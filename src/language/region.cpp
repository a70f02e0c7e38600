#include "heddle/region.h"

namespace heddle {

HEDDLE_DEFINE_SPECIAL_MEMBERS(Range);

Range::Range(const Expr &min, const Expr &extent)
    : min(min), extent(extent) {
}

void Internal::add_range(Region &region, const Expr &min, const Expr &extent) {
    region.emplace_back(min, extent);
}

}  // namespace heddle
