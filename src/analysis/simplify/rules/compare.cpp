// Comparisons with minima, maxima, selects and quotients. Comparisons of sums are settled by cancelling.

#include "analysis/simplify/rule.h"

namespace heddle::Internal {

std::span<const RuleText> compare_rules() {
    using enum RuleTypes;
    static constexpr RuleText rules[] = {
        {"x < x", "false", Integer},
        {"x <= x", "true", Integer},
        {"x < min(x, y)", "false", Integer},
        {"min(x, y) < x", "y < x", Integer},
        {"x <= min(x, y)", "x <= y", Integer},
        {"min(x, y) <= x", "true", Integer},
        {"x < max(x, y)", "x < y", Integer},
        {"max(x, y) < x", "false", Integer},
        {"x <= max(x, y)", "true", Integer},
        {"max(x, y) <= x", "y <= x", Integer},
        {"x == min(x, y)", "x <= y", Integer},
        {"x == max(x, y)", "y <= x", Integer},
        {"min(x, c0) < c1", "x < c1", Integer, "c1 <= c0"},
        {"min(x, c0) < c1", "true", Integer, "c0 < c1"},
        {"max(x, c0) < c1", "x < c1", Integer, "c0 < c1"},
        {"max(x, c0) < c1", "false", Integer, "c1 <= c0"},
        {"c1 <= min(x, c0)", "c1 <= x", Integer, "c1 <= c0"},
        {"c1 <= min(x, c0)", "false", Integer, "c0 < c1"},
        {"c1 <= max(x, c0)", "c1 <= x", Integer, "c0 < c1"},
        {"c1 <= max(x, c0)", "true", Integer, "c1 <= c0"},
        {"x / c0 < c1", "x < c1 * c0", Index, "c0 > 0"},
        {"c1 <= x / c0", "c1 * c0 <= x", Index, "c0 > 0"},
        {"select(p, c0, c1) == c2", "p", Integer, "c0 == c2 && c1 != c2"},
        {"select(p, c0, c1) == c2", "!p", Integer, "c0 != c2 && c1 == c2"},
        {"select(p, c0, c1) != c2", "!p", Integer, "c0 == c2 && c1 != c2"},
        {"select(p, c0, c1) != c2", "p", Integer, "c0 != c2 && c1 == c2"},
        {"select(p, c0, c1) < c2", "p", Integer, "c0 < c2 && c2 <= c1"},
        {"select(p, c0, c1) < c2", "!p", Integer, "c2 <= c0 && c1 < c2"},
        {"c2 <= select(p, c0, c1)", "p", Integer, "c2 <= c0 && c1 < c2"},
        {"c2 <= select(p, c0, c1)", "!p", Integer, "c0 < c2 && c2 <= c1"},
        {"p == true", "p", Any},
        {"p == false", "!p", Any},
        {"p != true", "!p", Any},
        {"p != false", "p", Any},
    };
    return rules;
}

}  // namespace heddle::Internal
