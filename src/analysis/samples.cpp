#include "analysis/samples.h"

#include <algorithm>

#include "analysis/int_math.h"
#include "ir/binary_nodes.h"

namespace heddle::Internal {

namespace {

using Value = Samples::Value;
using Values = Samples::Values;

Values free_values(const Symbol &s) {
    uint64_t h = 0xcbf29ce484222325ull;  // of the name: numbers of symbols depend on what the process has done before
    for (const char c : s.name()) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
    const auto below = [&](int64_t limit) {
        h = h * 6364136223846793005ull + 1442695040888963407ull;
        return static_cast<int64_t>((h >> 33) % static_cast<uint64_t>(limit));
    };
    constexpr int64_t large = int64_t{1} << 20;
    return {large + below(large), -large - below(large), below(16), below(128) - 64};
}

bool fits(int64_t v, Type t) {
    if (t.bits() == 64) return t.is_int() || v >= 0;
    return t.is_int() ? v >= -(int64_t{1} << (t.bits() - 1)) && v < int64_t{1} << (t.bits() - 1) : v >= 0 && v < int64_t{1} << t.bits();
}

Value binary(NodeKind kind, int64_t a, int64_t b) {
    switch (kind) {
    case NodeKind::Add: return checked_add(a, b);
    case NodeKind::Sub: return checked_sub(a, b);
    case NodeKind::Mul: return checked_mul(a, b);
    case NodeKind::Div: return b == 0 || (b == -1 && a == INT64_MIN) ? 0 : euclidean_div(a, b);
    case NodeKind::Mod: return b == 0 || b == -1 ? 0 : euclidean_mod(a, b);
    case NodeKind::Min: return std::min(a, b);
    case NodeKind::Max: return std::max(a, b);
    case NodeKind::EQ: return a == b;
    case NodeKind::NE: return a != b;
    case NodeKind::LT: return a < b;
    case NodeKind::LE: return a <= b;
    case NodeKind::GT: return a > b;
    case NodeKind::GE: return a >= b;
    case NodeKind::And: return a && b;
    case NodeKind::Or: return a || b;
    default: return {};
    }
}

bool agrees(const SymbolFacts &facts, int64_t value) {
    const Alignment &a = facts.alignment;
    const bool aligned = a.modulus == 0 ? value == a.remainder : euclidean_mod(value - a.remainder, a.modulus) == 0;
    return aligned && facts.bounds.contains(value);
}

template<typename F>
Values each(const F &f) {
    Values out;
    for (size_t i = 0; i < Samples::count; i++) out[i] = f(i);
    return out;
}

}  // namespace

Samples::Values Samples::operator()(const Expr &e) {
    const Type t = e.type();
    if (!t.is_scalar() || t.is_float() || t.is_handle()) return {};
    if (const auto known = cache_.find(e.get()); known != cache_.end()) return known->second.second;
    Values values = compute(e);
    for (Value &v : values) {
        if (v && !fits(*v, t)) v = {};
    }
    cache_.emplace(e.get(), std::pair(e, values));
    return values;
}

Samples::Values Samples::operator()(const LinearForm &form) {
    Values sum;
    sum.fill(form.constant);
    for (const auto &term : form.terms) {
        const Values atom = (*this)(term.atom);
        for (size_t i = 0; i < count; i++) {
            const Value product = sum[i] && atom[i] ? checked_mul(*atom[i], term.coefficient) : Value();
            sum[i] = product ? checked_add(*sum[i], *product) : Value();
        }
    }
    return sum;
}

Samples::Values Samples::of_name(const Variable &v) {
    const auto set = names_.find(v.symbol);
    if (set != names_.end()) return set->second;
    if (v.type.bits() < 32) return {};
    Values values;
    const auto let = lets_ ? lets_->find(v.symbol) : LetValues::const_iterator();
    if (lets_ && let != lets_->end()) {
        if (let->second.type == v.type) values = (*this)(let->second);
    } else {
        values = free_values(v.symbol);
    }
    if (const SymbolFacts *facts = facts_ ? facts_->symbols.find(v.symbol) : nullptr) {
        for (Value &value : values) {
            if (value && !agrees(*facts, *value)) value = {};
        }
    }
    return values;
}

template<typename N>
Samples::Values Samples::of_operands(const N &n) {
    const Values a = (*this)(n.a), b = (*this)(n.b);
    return each([&](size_t i) { return a[i] && b[i] ? binary(N::static_kind, *a[i], *b[i]) : Value(); });
}

Samples::Values Samples::compute(const Expr &e) {
    const auto constant = [](int64_t v) { return each([&](size_t) { return Value(v); }); };
    switch (e.get()->kind) {
    case NodeKind::IntImm: return constant(e.as<IntImm>()->value);
    case NodeKind::UIntImm: return constant(static_cast<int64_t>(e.as<UIntImm>()->value));
    case NodeKind::Variable: return of_name(*e.as<Variable>());
#define HEDDLE_CASE(Name) \
    case NodeKind::Name: return of_operands(*e.as<Name>());
        HEDDLE_FOR_EACH_BINARY(HEDDLE_CASE)
        HEDDLE_CASE(And)
        HEDDLE_CASE(Or)
#undef HEDDLE_CASE
    case NodeKind::Not: {
        const Values a = (*this)(e.as<Not>()->a);
        return each([&](size_t i) { return a[i] ? Value(!*a[i]) : Value(); });
    }
    case NodeKind::Select: {
        const Select &n = *e.as<Select>();
        const Values c = (*this)(n.condition), a = (*this)(n.true_value), b = (*this)(n.false_value);
        return each([&](size_t i) { return c[i] ? (*c[i] ? a[i] : b[i]) : Value(); });
    }
    case NodeKind::Cast: return (*this)(e.as<Cast>()->value);  // what does not fit is not known
    case NodeKind::Call: {
        const Call &c = *e.as<Call>();
        if (c.op == CallOp::likely || c.op == CallOp::likely_if_innermost) return (*this)(c.args[0]);
        if (c.op != CallOp::promise_clamped && c.op != CallOp::unsafe_promise_clamped) return {};
        const Values v = (*this)(c.args[0]), min = (*this)(c.args[1]), max = (*this)(c.args[2]);
        return each([&](size_t i) { return v[i] && min[i] && max[i] && *min[i] <= *v[i] && *v[i] <= *max[i] ? v[i] : Value(); });
    }
    default: return {};
    }
}

}  // namespace heddle::Internal
