// Every rule of the simplifier is proved: by Z3 over the integers (what types without overflow are), by Z3
// over 8-bit vectors, signed and unsigned (what types that wrap are), and where Z3 does not decide, for all
// small values. Rules for any type are also tried on the special values of floating point.

#include <z3++.h>

#include <cmath>

#include "analysis/helpers.h"
#include "analysis/int_math.h"
#include "analysis/simplify/rule.h"

namespace heddle::Internal::test {
namespace {

enum class Domain { Integers, SignedBytes, UnsignedBytes };

class Proof {
public:
    Proof(const Rule &rule, Domain domain)
        : rule_(rule), domain_(domain) {
    }

    /** proved, refuted or unknown. */
    z3::check_result refute() {
        z3::solver solver(context_);
        z3::params p(context_);
        p.set("timeout", 250u);
        solver.set(p);
        if (rule_.has_condition) solver.add(condition(rule_.when));
        z3::expr before = value(rule_.before), after = value(rule_.after);
        for (const z3::expr &r : in_range_) solver.add(r);
        solver.add(before != after);
        const z3::check_result result = solver.check();
        if (result == z3::sat) model_ = solver.get_model().to_string();
        return result;
    }
    const std::string &counterexample() const {
        return model_;
    }

private:
    using P = Pattern::Kind;

    z3::expr variable(const std::string &name) {
        return domain_ == Domain::Integers ? context_.int_const(name.c_str()) : context_.bv_const(name.c_str(), 8);
    }
    // Constants of rules are evaluated over the integers, and the rule applies only if the result fits. For
    // bytes, 24 bits are integers enough: no rule multiplies more than two constants.
    z3::expr constant_value(const Pattern &p) {
        z3::expr m = mathematical(p);
        if (domain_ == Domain::Integers) return m;
        const int low = domain_ == Domain::SignedBytes ? -128 : 0;
        in_range_.push_back(m >= low && m <= low + 255);
        return m.extract(7, 0);
    }
    z3::expr mathematical(const Pattern &p) {
        const bool integers = domain_ == Domain::Integers;
        if (p.kind == P::Number) {
            if (p.is_bool) return context_.bool_val(p.number != 0);
            const int n = static_cast<int>(p.number);
            return integers ? context_.int_val(n) : context_.bv_val(n, 24);
        }
        if (p.kind == P::Constant) {
            const z3::expr c = variable("c" + std::to_string(p.index));
            return integers ? c : domain_ == Domain::SignedBytes ? z3::sext(c, 16) : z3::zext(c, 16);
        }
        const z3::expr a = mathematical(p.operands[0]), b = p.operands.size() > 1 ? mathematical(p.operands[1]) : a;
        return integers || a.is_bool() ? integer_op(p.op, a, b) : bits_op(p.op, a, b, true);
    }
    z3::expr condition(const Pattern &p) {
        return mathematical(p);
    }

    z3::expr integer_op(NodeKind op, const z3::expr &a, const z3::expr &b) {
        switch (op) {
        case NodeKind::Add: return a + b;
        case NodeKind::Sub: return a - b;
        case NodeKind::Mul: return a * b;
        // Z3's div and mod on integers are Euclidean.
        case NodeKind::Div: return z3::ite(b == 0, context_.int_val(0), z3::expr(context_, Z3_mk_div(context_, a, b)));
        case NodeKind::Mod: return z3::ite(b == 0, context_.int_val(0), z3::mod(a, b));
        case NodeKind::Min: return z3::ite(a < b, a, b);
        case NodeKind::Max: return z3::ite(a < b, b, a);
        case NodeKind::EQ: return a == b;
        case NodeKind::NE: return a != b;
        case NodeKind::LT: return a < b;
        case NodeKind::LE: return a <= b;
        case NodeKind::And: return a && b;
        case NodeKind::Or: return a || b;
        case NodeKind::Not: return !a;
        default: throw std::logic_error("operator without meaning");
        }
    }

    z3::expr bits_op(NodeKind op, const z3::expr &a, const z3::expr &b, bool is_signed) {
        const unsigned bits = a.get_sort().bv_size();
        const auto less = [&](const z3::expr &x, const z3::expr &y) { return is_signed ? x < y : z3::ult(x, y); };
        const z3::expr zero = context_.bv_val(0, bits);
        switch (op) {
        case NodeKind::Add: return a + b;
        case NodeKind::Sub: return a - b;
        case NodeKind::Mul: return a * b;
        case NodeKind::Mod: return remainder(a, b, is_signed);
        case NodeKind::Div: {
            if (!is_signed) return z3::ite(b == zero, zero, z3::udiv(a, b));
            // Euclidean: what is left after the remainder divides exactly (with one bit to spare).
            const z3::expr wide = z3::sext(a, 1) - z3::sext(remainder(a, b, true), 1);
            return z3::ite(b == zero, zero, (wide / z3::sext(b, 1)).extract(bits - 1, 0));
        }
        case NodeKind::Min: return z3::ite(less(a, b), a, b);
        case NodeKind::Max: return z3::ite(less(a, b), b, a);
        case NodeKind::EQ: return a == b;
        case NodeKind::NE: return a != b;
        case NodeKind::LT: return less(a, b);
        case NodeKind::LE: return !less(b, a);
        default: throw std::logic_error("operator without meaning");
        }
    }
    z3::expr remainder(const z3::expr &a, const z3::expr &b, bool is_signed) {
        const unsigned bits = a.get_sort().bv_size();
        const z3::expr zero = context_.bv_val(0, bits);
        if (!is_signed) return z3::ite(b == zero, zero, z3::urem(a, b));
        const z3::expr r = z3::srem(z3::sext(a, 1), z3::sext(b, 1)), wide_zero = context_.bv_val(0, bits + 1);
        const z3::expr size = z3::ite(b < zero, -z3::sext(b, 1), z3::sext(b, 1));
        return z3::ite(b == zero, zero, z3::ite(r < wide_zero, r + size, r).extract(bits - 1, 0));
    }

    z3::expr value(const Pattern &p) {
        const char names[] = "xyzwu", bools[] = "pqr";
        switch (p.kind) {
        case P::Value: return variable(std::string(1, names[p.index]));
        case P::Bool: return context_.bool_const(std::string(1, bools[p.index]).c_str());
        case P::Constant: return constant_value(p);
        case P::Number: return p.is_bool ? context_.bool_val(p.number != 0) : constant_value(p);
        case P::Op: break;
        }
        if (p.constant()) return constant_value(p);
        if (p.op == NodeKind::Not) return !value(p.operands[0]);
        if (p.op == NodeKind::Select) return z3::ite(value(p.operands[0]), value(p.operands[1]), value(p.operands[2]));
        const z3::expr a = value(p.operands[0]), b = value(p.operands[1]);
        if (a.is_bool() || domain_ == Domain::Integers) {
            return a.is_bool() && p.op == NodeKind::EQ ? a == b : integer_op(p.op, a, b);
        }
        return bits_op(p.op, a, b, domain_ == Domain::SignedBytes);
    }

    const Rule &rule_;
    Domain domain_;
    z3::context context_;
    std::vector<z3::expr> in_range_;
    std::string model_;
};

// Direct evaluation of patterns, for exhaustive trial.
struct Assignment {
    std::array<double, 5> values{};
    std::array<double, 3> bools{};
    std::array<double, 4> constants{};
};

double evaluate(const Pattern &p, const Assignment &a) {
    using P = Pattern::Kind;
    switch (p.kind) {
    case P::Value: return a.values[p.index];
    case P::Bool: return a.bools[p.index];
    case P::Constant: return a.constants[p.index];
    case P::Number: return static_cast<double>(p.number);
    case P::Op: break;
    }
    const double x = evaluate(p.operands[0], a);
    if (p.op == NodeKind::Not) return x == 0;
    const double y = evaluate(p.operands[1], a);
    switch (p.op) {
    case NodeKind::Select: return x != 0 ? y : evaluate(p.operands[2], a);
    case NodeKind::Add: return x + y;
    case NodeKind::Sub: return x - y;
    case NodeKind::Mul: return x * y;
    case NodeKind::Div: return static_cast<double>(euclidean_div(static_cast<int64_t>(x), static_cast<int64_t>(y)));
    case NodeKind::Mod: return static_cast<double>(euclidean_mod(static_cast<int64_t>(x), static_cast<int64_t>(y)));
    case NodeKind::Min: return x < y ? x : y;
    case NodeKind::Max: return x < y ? y : x;
    case NodeKind::EQ: return x == y;
    case NodeKind::NE: return x != y;
    case NodeKind::LT: return x < y;
    case NodeKind::LE: return x <= y;
    case NodeKind::And: return x != 0 && y != 0;
    case NodeKind::Or: return x != 0 || y != 0;
    default: throw std::logic_error("operator without meaning");
    }
}

void wildcards_of(const Pattern &p, std::vector<std::pair<Pattern::Kind, unsigned>> &out) {
    if (p.kind == Pattern::Kind::Op) {
        for (const Pattern &o : p.operands) wildcards_of(o, out);
    } else if (p.kind != Pattern::Kind::Number) {
        const std::pair<Pattern::Kind, unsigned> w{p.kind, p.index};
        if (std::find(out.begin(), out.end(), w) == out.end()) out.push_back(w);
    }
}

// Whether both sides agree for all assignments of `domain` to the values and constants.
testing::AssertionResult agree_on(const Rule &rule, const std::vector<double> &domain) {
    std::vector<std::pair<Pattern::Kind, unsigned>> wildcards;
    wildcards_of(rule.before, wildcards);
    const std::vector<double> bools{0, 1};
    Assignment a;
    std::vector<size_t> at(wildcards.size(), 0);
    while (true) {
        for (size_t i = 0; i < at.size(); i++) {
            const auto [kind, index] = wildcards[i];
            if (kind == Pattern::Kind::Bool) a.bools[index] = bools[at[i]];
            if (kind == Pattern::Kind::Value) a.values[index] = domain[at[i]];
            if (kind == Pattern::Kind::Constant) a.constants[index] = domain[at[i]];
        }
        if (!rule.has_condition || evaluate(rule.when, a) != 0) {
            const double before = evaluate(rule.before, a), after = evaluate(rule.after, a);
            const bool same = std::isnan(before) ? std::isnan(after) : before == after && std::signbit(before) == std::signbit(after);
            if (!same) return testing::AssertionFailure() << "x = " << a.values[0] << ", y = " << a.values[1] << ", c0 = "
                                                          << a.constants[0] << ", c1 = " << a.constants[1] << ": " << before
                                                          << " against " << after;
        }
        size_t i = 0;
        for (; i < at.size(); i++) {
            const size_t n = wildcards[i].first == Pattern::Kind::Bool ? 2 : domain.size();
            if (++at[i] < n) break;
            at[i] = 0;
        }
        if (i == at.size()) return testing::AssertionSuccess();
    }
}

std::vector<double> small_integers(size_t wildcards) {
    const int reach = wildcards <= 2 ? 40 : wildcards == 3 ? 12 : 4;
    std::vector<double> domain;
    for (int i = -reach; i <= reach; i++) domain.push_back(i);
    return domain;
}

testing::AssertionResult holds(const RuleText &text) {
    const Rule rule = parse_rule(text);
    std::vector<Domain> domains{Domain::Integers};
    if (text.types != RuleTypes::Index) {
        domains.push_back(Domain::SignedBytes);
        domains.push_back(Domain::UnsignedBytes);
    }
    for (Domain d : domains) {
        Proof proof(rule, d);
        const z3::check_result result = proof.refute();
        if (result == z3::sat) return testing::AssertionFailure() << "domain " << int(d) << ": " << proof.counterexample();
        if (result == z3::unsat) continue;
        std::vector<std::pair<Pattern::Kind, unsigned>> wildcards;
        wildcards_of(rule.before, wildcards);
        if (auto tried = agree_on(rule, small_integers(wildcards.size())); !tried) return tried;
    }
    if (text.types == RuleTypes::Any) {
        const double inf = std::numeric_limits<double>::infinity();
        return agree_on(rule, {0.0, -0.0, 1.0, -1.5, inf, -inf, std::nan("")});
    }
    return testing::AssertionSuccess();
}

TEST(Rules, AreProved) {
    for (const RuleText &rule : all_rules()) {
        EXPECT_TRUE(holds(rule)) << rule.before << "  ->  " << rule.after << "  when " << rule.when;
    }
}

// The proofs find what is wrong.
TEST(Rules, WrongOnesAreRefuted) {
    using enum RuleTypes;
    EXPECT_FALSE(holds({"min(x, max(x, y))", "y", Integer}));
    EXPECT_FALSE(holds({"x + c0 < y + c0", "x < y", Integer}));  // not where sums wrap
    EXPECT_TRUE(holds({"x + c0 < y + c0", "x < y", Index}));
    EXPECT_FALSE(holds({"!(x < y)", "y <= x", Any}));  // NaN
    EXPECT_FALSE(holds({"x / c0 < c1", "x < c1 * c0", Index}));
    EXPECT_FALSE(holds({"x / c0 / c1", "x / (c0 + c1)", Index, "c0 > 0 && c1 > 0"}));
    EXPECT_FALSE(holds({"select(p, x, y)", "select(p, y, x)", Any}));
}

TEST(Rules, EachMatchesItsOwnText) {
    // A rule that cannot match is of no use: its left side, made of fresh symbols, is rewritten.
    E x = variable("x"), y = variable("y");
    E p = variable("p", Bool());
    EXPECT_TRUE(same(apply_rule({"min(x, max(x, y))", "x"}, min(max(y, x), x)), x));
    EXPECT_TRUE(same(apply_rule({"x + c0", "x - c0"}, x - 3), x - constant(-3)));
    EXPECT_FALSE(apply_rule({"x + c0", "x", RuleTypes::Any, "c0 > 0"}, x - 3).defined());
    EXPECT_TRUE(same(apply_rule({"select(!p, x, y)", "select(p, y, x)"}, select(!p, x, y)), select(p, y, x)));
    EXPECT_FALSE(apply_rule({"x / c0", "x / (c0 * c0)"}, x / (1 << 20)).defined()) << "the product does not fit int32";
}

}  // namespace
}  // namespace heddle::Internal::test
