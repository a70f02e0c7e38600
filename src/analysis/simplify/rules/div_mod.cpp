// Division and remainder, beyond what linear forms and alignment settle.

#include "analysis/simplify/rule.h"

namespace heddle::Internal {

std::span<const RuleText> div_mod_rules() {
    using enum RuleTypes;
    static constexpr RuleText rules[] = {
        {"x / c0 / c1", "x / (c0 * c1)", Integer, "c0 > 0 && c1 > 0"},
        {"x % y % y", "x % y", Integer},
        {"x % c0 % c1", "x % c1", Integer, "c0 > 0 && c1 > 0 && c0 % c1 == 0"},
        // The remainder of a period is what the quotient of its part needs.
        {"x % c0 / c1", "x / c1 % (c0 / c1)", Integer, "c0 > 0 && c1 > 0 && c0 % c1 == 0"},
        {"select(p, c0, c1) / c2", "select(p, c0 / c2, c1 / c2)", Integer, "c2 > 0"},
        {"select(p, c0, c1) % c2", "select(p, c0 % c2, c1 % c2)", Integer, "c2 > 0"},
    };
    return rules;
}

}  // namespace heddle::Internal
