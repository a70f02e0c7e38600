// Minima and maxima. What follows from the difference of two operands is decided without rules for the
// types that do not overflow; the first group serves the others.

#include "analysis/simplify/rule.h"

namespace heddle::Internal {

std::span<const RuleText> min_max_rules() {
    using enum RuleTypes;
    static constexpr RuleText rules[] = {
        {"min(x, max(x, y))", "x", Integer},
        {"max(x, min(x, y))", "x", Integer},
        {"min(x, min(x, y))", "min(x, y)", Integer},
        {"max(x, max(x, y))", "max(x, y)", Integer},
        {"min(max(x, y), max(x, z))", "max(min(y, z), x)", Integer},
        {"max(min(x, y), min(x, z))", "min(max(y, z), x)", Integer},
        {"min(max(min(x, y), z), y)", "min(max(x, z), y)", Integer},
        {"max(min(max(x, y), z), y)", "max(min(x, z), y)", Integer},
        // One order of clamping.
        {"min(max(x, c0), c1)", "max(min(x, c1), c0)", Integer, "c0 < c1"},
        {"min(max(x, c0), c1)", "c1", Integer, "c1 <= c0"},
        {"max(min(x, c0), c1)", "c1", Integer, "c0 <= c1"},
        {"min(select(p, c0, c1), c2)", "select(p, min(c0, c2), min(c1, c2))", Integer},
        {"max(select(p, c0, c1), c2)", "select(p, max(c0, c2), max(c1, c2))", Integer},
        {"min(select(p, x, y), select(p, z, w))", "select(p, min(x, z), min(y, w))", Integer},
        {"max(select(p, x, y), select(p, z, w))", "select(p, max(x, z), max(y, w))", Integer},
        // min(x / 8, y / 8) is one division.
        {"min(x / c0, y / c0)", "min(x, y) / c0", Index, "c0 > 0"},
        {"max(x / c0, y / c0)", "max(x, y) / c0", Index, "c0 > 0"},
        {"min(x / c0, c1)", "min(x, c1 * c0) / c0", Index, "c0 > 0"},
        {"max(x / c0, c1)", "max(x, c1 * c0) / c0", Index, "c0 > 0"},
    };
    return rules;
}

}  // namespace heddle::Internal
