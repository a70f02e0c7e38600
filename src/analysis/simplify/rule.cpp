// Matching and building.

#include "analysis/simplify/rule.h"

#include <unordered_map>

#include "analysis/int_math.h"
#include "analysis/linear.h"
#include "analysis/simplify/simplifier.h"
#include "ir/compare.h"

namespace heddle::Internal {

namespace {

struct Bindings {
    std::array<const ExprNode *, 5> values{};
    std::array<const ExprNode *, 3> bools{};
    std::array<int64_t, 4> constants{};
    unsigned constants_set = 0;
    Type value_type;  // of the values and constants, element and lanes
};

// The operands of e, as many as its kind has, or false for a kind that no rule mentions.
int operands_of(const Expr &e, const Expr *out[3]) {
    switch (e.get()->kind) {
#define HEDDLE_CASE(Name)                                       \
    case NodeKind::Name:                                        \
        out[0] = &static_cast<const Name &>(*e.get()).a;        \
        out[1] = &static_cast<const Name &>(*e.get()).b;        \
        return 2;
        HEDDLE_CASE(Add)
        HEDDLE_CASE(Sub)
        HEDDLE_CASE(Mul)
        HEDDLE_CASE(Div)
        HEDDLE_CASE(Mod)
        HEDDLE_CASE(Min)
        HEDDLE_CASE(Max)
        HEDDLE_CASE(EQ)
        HEDDLE_CASE(NE)
        HEDDLE_CASE(LT)
        HEDDLE_CASE(LE)
        HEDDLE_CASE(And)
        HEDDLE_CASE(Or)
#undef HEDDLE_CASE
    case NodeKind::Not: out[0] = &static_cast<const Not &>(*e.get()).a; return 1;
    case NodeKind::Select: {
        const auto &s = static_cast<const Select &>(*e.get());
        out[0] = &s.condition, out[1] = &s.true_value, out[2] = &s.false_value;
        return 3;
    }
    default: return 0;
    }
}

bool bind(const ExprNode *&slot, const Expr &e) {
    if (!slot) {
        slot = e.get();
        return true;
    }
    return slot == e.get() || equal(Expr(slot), e);
}

bool bind_type(Bindings &b, Type t) {
    if (b.value_type.lanes() == 0) b.value_type = t;
    return b.value_type == t;
}

bool bind_constant(Bindings &b, unsigned i, int64_t value, Type t) {
    if (!bind_type(b, t)) return false;
    if (b.constants_set >> i & 1) return b.constants[i] == value;
    b.constants_set |= 1u << i;
    b.constants[i] = value;
    return true;
}

bool match(const Pattern &p, const Expr &e, Bindings &b) {
    int64_t c = 0;
    switch (p.kind) {
    case Pattern::Kind::Value: return bind_type(b, e.type()) && bind(b.values[p.index], e);
    case Pattern::Kind::Bool: return e.type().is_bool() && bind(b.bools[p.index], e);
    case Pattern::Kind::Constant: return as_const_int(e, &c) && !e.type().is_bool() && bind_constant(b, p.index, c, e.type());
    case Pattern::Kind::Number:
        if (p.is_bool) return e.type().is_bool() && is_const(e, p.number);
        return bind_type(b, e.type()) && as_const_int(e, &c) && c == p.number;
    case Pattern::Kind::Op: break;
    }
    const Expr *operands[3];
    if (e.get()->kind != p.op) {
        // x + c0 written as x - 3
        const auto *sub = e.as<Sub>();
        const bool sum = p.op == NodeKind::Add && sub && e.type().is_int() && p.operands[1].kind == Pattern::Kind::Constant;
        return sum && as_const_int(sub->b, &c) && c != INT64_MIN && match(p.operands[0], sub->a, b) &&
               bind_constant(b, p.operands[1].index, -c, e.type());
    }
    const int n = operands_of(e, operands);
    for (int i = 0; i < n; i++) {
        if (!match(p.operands[static_cast<size_t>(i)], *operands[i], b)) return false;
    }
    return true;
}

// The value of an expression of constants, over the integers; nothing on overflow.
std::optional<int64_t> evaluate(const Pattern &p, const Bindings &b) {
    if (p.kind == Pattern::Kind::Number) return p.number;
    if (p.kind == Pattern::Kind::Constant) return b.constants[p.index];
    const auto x = evaluate(p.operands[0], b);
    if (!x) return {};
    if (p.op == NodeKind::Not) return !*x;
    const auto y = evaluate(p.operands[1], b);
    if (!y) return {};
    switch (p.op) {
    case NodeKind::Add: return checked_add(*x, *y);
    case NodeKind::Sub: return checked_sub(*x, *y);
    case NodeKind::Mul: return checked_mul(*x, *y);
    case NodeKind::Div: return euclidean_div(*x, *y);
    case NodeKind::Mod: return euclidean_mod(*x, *y);
    case NodeKind::Min: return std::min(*x, *y);
    case NodeKind::Max: return std::max(*x, *y);
    case NodeKind::EQ: return *x == *y;
    case NodeKind::NE: return *x != *y;
    case NodeKind::LT: return *x < *y;
    case NodeKind::LE: return *x <= *y;
    case NodeKind::And: return *x && *y;
    case NodeKind::Or: return *x || *y;
    default: return {};
    }
}

// The expression of a pattern, or undefined where constants overflow or lanes do not fit together.
Expr build(const Pattern &p, const Bindings &b, int lanes) {
    switch (p.kind) {
    case Pattern::Kind::Value: return Expr(b.values[p.index]);
    case Pattern::Kind::Bool: return Expr(b.bools[p.index]);
    case Pattern::Kind::Number:
        if (p.is_bool) return make_const(Bool(lanes), p.number);
        break;
    default: break;
    }
    if (p.constant()) {
        const auto value = evaluate(p, b);
        if (!value || !b.value_type.can_represent(*value)) return Expr();
        return make_const(b.value_type, *value);
    }
    Expr operands[3];
    for (size_t i = 0; i < p.operands.size(); i++) {
        operands[i] = build(p.operands[i], b, lanes);
        if (!operands[i].defined()) return Expr();
    }
    if (p.op == NodeKind::Not) return Not::make(operands[0]);
    if (p.op == NodeKind::Select) {
        if (operands[1].type() != operands[2].type()) return Expr();
        const int condition_lanes = operands[0].type().lanes();
        if (condition_lanes != 1 && condition_lanes != operands[1].type().lanes()) return Expr();
        return Select::make(operands[0], operands[1], operands[2]);
    }
    if (operands[0].type() != operands[1].type()) return Expr();
    return make_binary(p.op, operands[0], operands[1]);
}

bool allowed(RuleTypes types, Type t) {
    if (t.lanes() == 0) return true;  // a rule of bools alone
    switch (types) {
    case RuleTypes::Index: return no_overflow(t);
    case RuleTypes::Integer: return has_linear_form(t);
    case RuleTypes::Any: return true;
    }
    return false;
}

Expr apply(const Rule &rule, const Expr &e) {
    Bindings b;
    if (!match(rule.before, e, b) || !allowed(rule.types, b.value_type)) return Expr();
    if (rule.has_condition) {
        const auto holds = evaluate(rule.when, b);
        if (!holds || !*holds) return Expr();
    }
    Expr r = build(rule.after, b, e.type().lanes());
    return r.defined() && r.type() == e.type() ? r : Expr();
}

bool commutes(NodeKind k) {
    switch (k) {
    case NodeKind::Add:
    case NodeKind::Mul:
    case NodeKind::Min:
    case NodeKind::Max:
    case NodeKind::EQ:
    case NodeKind::NE:
    case NodeKind::And:
    case NodeKind::Or: return true;
    default: return false;
    }
}

// p with its operands in every order.
std::vector<Pattern> mirror_images(const Pattern &p) {
    if (p.kind != Pattern::Kind::Op) return {p};
    std::vector<Pattern> result;
    const auto add = [&](const std::vector<std::vector<Pattern>> &choices) {
        std::vector<std::vector<Pattern>> lists{{}};
        for (const auto &operand : choices) {
            std::vector<std::vector<Pattern>> longer;
            for (const auto &list : lists) {
                for (const Pattern &o : operand) {
                    longer.push_back(list);
                    longer.back().push_back(o);
                }
            }
            lists = std::move(longer);
        }
        for (auto &list : lists) {
            Pattern q = p;
            q.operands = std::move(list);
            result.push_back(std::move(q));
        }
    };
    std::vector<std::vector<Pattern>> choices;
    for (const Pattern &o : p.operands) choices.push_back(mirror_images(o));
    add(choices);
    if (commutes(p.op)) {
        std::swap(choices[0], choices[1]);
        add(choices);
    }
    return result;
}

using Index = std::unordered_map<NodeKind, std::vector<Rule>>;

const Index &rules_by_root() {
    static const Index index = [] {
        Index by_root;
        for (const RuleText &text : all_rules()) {
            Rule rule = parse_rule(text);
            for (Pattern &before : mirror_images(rule.before)) {
                Rule image = rule;
                image.before = std::move(before);
                by_root[image.before.op].push_back(std::move(image));
            }
        }
        return by_root;
    }();
    return index;
}

}  // namespace

std::vector<RuleText> all_rules() {
    std::vector<RuleText> all;
    for (auto table : {min_max_rules(), select_rules(), compare_rules(), logic_rules(), div_mod_rules()}) {
        all.insert(all.end(), table.begin(), table.end());
    }
    return all;
}

Expr apply_rules(const Expr &e) {
    const Index &index = rules_by_root();
    auto it = index.find(e.get()->kind);
    if (it == index.end()) return Expr();
    for (const Rule &rule : it->second) {
        if (Expr r = apply(rule, e); r.defined()) return r;
    }
    return Expr();
}

Expr apply_rule(const RuleText &text, const Expr &e) {
    Rule rule = parse_rule(text);
    for (Pattern &before : mirror_images(rule.before)) {
        Rule image = rule;
        image.before = std::move(before);
        if (Expr r = apply(image, e); r.defined()) return r;
    }
    return Expr();
}

}  // namespace heddle::Internal
