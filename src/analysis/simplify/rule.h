#pragma once
// Rewrite rules as text. A rule is {before, after, types, when}:
//
//     {"min(max(x, y), max(x, z))", "max(x, min(y, z))", RuleTypes::Integer}
//
// x y z w u stand for any expression of one type, p q r for any bool, c0 c1 c2 c3 for integer constants.
// Operators are + - * / % < <= == != && || ! min() max() select(), the numbers 0 1 ..., true and false.
// `when` is a condition on the constants. Operands of + * == != && || min max match in either order, and
// x + c0 also matches x - 3. Arithmetic on constants in `after` that would overflow the type makes the
// rule not apply. Every rule is proved by tests/analysis/rules_test.cpp.
//
// Rules are parsed once, indexed by the operator at their root, and matched without allocation.

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "ir/nodes.h"

namespace heddle::Internal {

enum class RuleTypes : uint8_t {
    Index,    ///< signed integers of 32 and 64 bits, whose arithmetic is that of the integers
    Integer,  ///< all integers, wrapping or not; bool excepted
    Any,      ///< integers, floats, bool
};

struct RuleText {
    const char *before;
    const char *after;
    RuleTypes types = RuleTypes::Any;
    const char *when = "";
};

/** All tables, in the order in which they are tried. */
std::vector<RuleText> all_rules();

// The tables, each in its own file under rules/.
std::span<const RuleText> min_max_rules();
std::span<const RuleText> select_rules();
std::span<const RuleText> compare_rules();
std::span<const RuleText> logic_rules();
std::span<const RuleText> div_mod_rules();

/** A parsed side of a rule. */
struct Pattern {
    enum class Kind : uint8_t { Value, Bool, Constant, Number, Op };
    Kind kind = Kind::Value;
    NodeKind op = NodeKind::Add;  ///< of Kind::Op
    uint8_t index = 0;            ///< which wildcard
    int64_t number = 0;           ///< of Kind::Number; true is 1
    bool is_bool = false;         ///< of Kind::Number: true or false
    std::vector<Pattern> operands;

    /** Made of constants alone. */
    bool constant() const;
};

/** Throws InternalError with the place of the mistake. */
Pattern parse_pattern(std::string_view text);

struct Rule {
    Pattern before, after, when;
    RuleTypes types;
    bool has_condition = false;
};

/** The rewritten expression by the first rule that applies to e, not simplified; undefined if none does. */
Expr apply_rules(const Expr &e);

/** The text parsed, as one rule (without its mirror images). */
Rule parse_rule(const RuleText &text);

/** Applies only this rule, in any order of operands; undefined if it does not match. */
Expr apply_rule(const RuleText &text, const Expr &e);

}  // namespace heddle::Internal
