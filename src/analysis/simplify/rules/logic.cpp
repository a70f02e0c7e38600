#include "analysis/simplify/rule.h"

namespace heddle::Internal {

std::span<const RuleText> logic_rules() {
    using enum RuleTypes;
    static constexpr RuleText rules[] = {
        {"!(!p)", "p", Any},
        {"!(x < y)", "y <= x", Integer},
        {"!(x <= y)", "y < x", Integer},
        {"!(x == y)", "x != y", Any},
        {"!(x != y)", "x == y", Any},
        {"!(p && q)", "!p || !q", Any},
        {"!(p || q)", "!p && !q", Any},

        {"p && p", "p", Any},
        {"p || p", "p", Any},
        {"p && !p", "false", Any},
        {"p || !p", "true", Any},
        {"p && (p && q)", "p && q", Any},
        {"p || (p || q)", "p || q", Any},
        {"p && (p || q)", "p", Any},
        {"p || (p && q)", "p", Any},
        {"p && (!p || q)", "p && q", Any},
        {"p || (!p && q)", "p || q", Any},
        {"!p && (p || q)", "!p && q", Any},
        {"!p || (p && q)", "!p || q", Any},
        {"(p && q) || (p && r)", "p && (q || r)", Any},
        {"(p || q) && (p || r)", "p || (q && r)", Any},

        {"x < y && y < x", "false", Integer},
        {"x < y && y <= x", "false", Integer},
        {"x < y || y <= x", "true", Integer},
        {"x <= y && y <= x", "x == y", Integer},
        {"x <= y || y <= x", "true", Integer},
        {"x < y || y < x", "x != y", Integer},
        {"x == y && x != y", "false", Any},
        {"x == y || x != y", "true", Any},
        {"x == y && x < y", "false", Integer},
        {"x == y && x <= y", "x == y", Integer},
        {"x == y || x < y", "x <= y", Integer},
        {"x == y || x <= y", "x <= y", Integer},
        {"x != y && x < y", "x < y", Integer},
        {"x != y && x <= y", "x < y", Integer},
        {"x != y || x < y", "x != y", Integer},
        {"x != y || x <= y", "true", Integer},
        {"x < y && x <= y", "x < y", Integer},
        {"x < y || x <= y", "x <= y", Integer},

        {"x < c0 && x < c1", "x < min(c0, c1)", Integer},
        {"x < c0 || x < c1", "x < max(c0, c1)", Integer},
        {"c0 <= x && c1 <= x", "max(c0, c1) <= x", Integer},
        {"c0 <= x || c1 <= x", "min(c0, c1) <= x", Integer},
        {"c0 <= x && x < c1", "false", Integer, "c1 <= c0"},
        {"c0 <= x || x < c1", "true", Integer, "c0 <= c1"},
        {"x == c0 && x == c1", "false", Integer, "c0 != c1"},
        {"x != c0 || x != c1", "true", Integer, "c0 != c1"},
        {"x == c0 && x < c1", "x == c0", Integer, "c0 < c1"},
        {"x == c0 && x < c1", "false", Integer, "c1 <= c0"},
        {"x == c0 && c1 <= x", "x == c0", Integer, "c1 <= c0"},
        {"x == c0 && c1 <= x", "false", Integer, "c0 < c1"},
        {"x != c0 && x < c1", "x < c1", Integer, "c1 <= c0"},
        {"x != c0 && c1 <= x", "c1 <= x", Integer, "c0 < c1"},
    };
    return rules;
}

}  // namespace heddle::Internal
