#include "analysis/simplify/rule.h"

namespace heddle::Internal {

std::span<const RuleText> select_rules() {
    using enum RuleTypes;
    static constexpr RuleText rules[] = {
        {"select(true, x, y)", "x", Any},
        {"select(false, x, y)", "y", Any},
        {"select(p, x, x)", "x", Any},
        {"select(p, true, false)", "p", Any},
        {"select(p, false, true)", "!p", Any},
        {"select(p, q, false)", "p && q", Any},
        {"select(p, true, q)", "p || q", Any},
        {"select(p, false, q)", "!p && q", Any},
        {"select(p, q, true)", "!p || q", Any},
        {"select(!p, x, y)", "select(p, y, x)", Any},
        {"select(x != y, z, w)", "select(x == y, w, z)", Any},
        {"select(p, select(p, x, y), z)", "select(p, x, z)", Any},
        {"select(p, x, select(p, y, z))", "select(p, x, z)", Any},
        {"select(p, select(q, x, y), y)", "select(p && q, x, y)", Any},
        {"select(p, x, select(q, x, y))", "select(p || q, x, y)", Any},
        {"select(p, select(q, x, y), x)", "select(q || !p, x, y)", Any},
        {"select(p, y, select(q, x, y))", "select(p || !q, y, x)", Any},
        {"select(x < y, x, y)", "min(x, y)", Integer},
        {"select(x < y, y, x)", "max(x, y)", Integer},
        {"select(x <= y, x, y)", "min(x, y)", Integer},
        {"select(x <= y, y, x)", "max(x, y)", Integer},
        {"select(x == y, x, y)", "y", Integer},
        {"select(x == y, y, x)", "x", Integer},
        {"select(x < c0, x, c1)", "min(x, c1)", Integer, "c1 == c0 || c1 == c0 - 1"},
        {"select(x < c0, c1, x)", "max(x, c1)", Integer, "c1 == c0 || c1 == c0 - 1"},
        {"select(c0 <= x, x, c1)", "max(x, c1)", Integer, "c1 == c0 || c1 == c0 - 1"},
        {"select(c0 <= x, c1, x)", "min(x, c1)", Integer, "c1 == c0 || c1 == c0 - 1"},
    };
    return rules;
}

}  // namespace heddle::Internal
