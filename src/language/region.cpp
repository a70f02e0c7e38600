#include "heddle/region.h"

namespace heddle {

HEDDLE_DEFINE_SPECIAL_MEMBERS(Range);

Range::Range(const Expr &min, const Expr &extent)
    : min(min), extent(extent) {
}

}  // namespace heddle
