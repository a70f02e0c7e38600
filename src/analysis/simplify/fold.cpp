// Constant folding, exactly as the operators are defined.

#include <cmath>

#include "analysis/int_math.h"
#include "analysis/simplify/simplifier.h"

namespace heddle::Internal {

Expr make_binary(NodeKind kind, Expr a, Expr b) {
    switch (kind) {
    case NodeKind::Add: return Add::make(std::move(a), std::move(b));
    case NodeKind::Sub: return Sub::make(std::move(a), std::move(b));
    case NodeKind::Mul: return Mul::make(std::move(a), std::move(b));
    case NodeKind::Div: return Div::make(std::move(a), std::move(b));
    case NodeKind::Mod: return Mod::make(std::move(a), std::move(b));
    case NodeKind::Min: return Min::make(std::move(a), std::move(b));
    case NodeKind::Max: return Max::make(std::move(a), std::move(b));
    case NodeKind::EQ: return EQ::make(std::move(a), std::move(b));
    case NodeKind::NE: return NE::make(std::move(a), std::move(b));
    case NodeKind::LT: return LT::make(std::move(a), std::move(b));
    case NodeKind::LE: return LE::make(std::move(a), std::move(b));
    case NodeKind::GT: return GT::make(std::move(a), std::move(b));
    case NodeKind::GE: return GE::make(std::move(a), std::move(b));
    case NodeKind::And: return And::make(std::move(a), std::move(b));
    case NodeKind::Or: return Or::make(std::move(a), std::move(b));
    default: break;
    }
    HEDDLE_ASSERT(false, "not a binary operator: ", to_string(kind));
    return Expr();
}

namespace {

template<typename T>
Expr fold_comparison(NodeKind kind, T x, T y, int lanes) {
    switch (kind) {
    case NodeKind::EQ: return make_const(Bool(lanes), int64_t{x == y});
    case NodeKind::NE: return make_const(Bool(lanes), int64_t{x != y});
    case NodeKind::LT: return make_const(Bool(lanes), int64_t{x < y});
    case NodeKind::LE: return make_const(Bool(lanes), int64_t{x <= y});
    case NodeKind::GT: return make_const(Bool(lanes), int64_t{x > y});
    case NodeKind::GE: return make_const(Bool(lanes), int64_t{x >= y});
    default: return Expr();
    }
}

Expr fold_signed(NodeKind kind, int64_t x, int64_t y, Type t) {
    switch (kind) {
    case NodeKind::Add: return make_const(t, wrapping_add(x, y));
    case NodeKind::Sub: return make_const(t, wrapping_sub(x, y));
    case NodeKind::Mul: return make_const(t, wrapping_mul(x, y));
    case NodeKind::Div: return make_const(t, euclidean_div(x, y));
    case NodeKind::Mod: return make_const(t, euclidean_mod(x, y));
    case NodeKind::Min: return make_const(t, std::min(x, y));
    case NodeKind::Max: return make_const(t, std::max(x, y));
    default: return fold_comparison(kind, x, y, t.lanes());
    }
}

Expr fold_unsigned(NodeKind kind, uint64_t x, uint64_t y, Type t) {
    const auto constant = [&](uint64_t v) { return make_const(t, static_cast<int64_t>(v)); };
    switch (kind) {
    case NodeKind::Add: return constant(x + y);
    case NodeKind::Sub: return constant(x - y);
    case NodeKind::Mul: return constant(x * y);
    case NodeKind::Div: return constant(y ? x / y : 0);
    case NodeKind::Mod: return constant(y ? x % y : 0);
    case NodeKind::Min: return constant(std::min(x, y));
    case NodeKind::Max: return constant(std::max(x, y));
    case NodeKind::And: return constant(x & y);
    case NodeKind::Or: return constant(x | y);
    default: return fold_comparison(kind, x, y, t.lanes());
    }
}

// Double holds the exact sum, difference and product of two narrower floats or a value that rounds to
// the same result; likewise the quotient.
Expr fold_float(NodeKind kind, double x, double y, Type t) {
    if (Expr e = fold_comparison(kind, x, y, t.lanes()); e.defined()) return e;
    double r;
    switch (kind) {
    case NodeKind::Add: r = x + y; break;
    case NodeKind::Sub: r = x - y; break;
    case NodeKind::Mul: r = x * y; break;
    case NodeKind::Div: r = x / y; break;
    case NodeKind::Min:
    case NodeKind::Max:
        if (std::isnan(x) || std::isnan(y) || (x == y && std::signbit(x) != std::signbit(y))) return Expr();
        r = kind == NodeKind::Min ? std::min(x, y) : std::max(x, y);
        break;
    default: return Expr();
    }
    return std::isnan(r) ? Expr() : make_const(t, r);
}

const Expr &scalar_of(const Expr &e) {
    const auto *b = e.as<Broadcast>();
    return b ? scalar_of(b->value) : e;
}

}  // namespace

Expr fold_binary(NodeKind kind, const Expr &a, const Expr &b) {
    const Expr &x = scalar_of(a), &y = scalar_of(b);
    const Type t = a.type();
    if (const auto *i = x.as<IntImm>()) {
        const auto *j = y.as<IntImm>();
        return j ? fold_signed(kind, i->value, j->value, t) : Expr();
    }
    if (const auto *i = x.as<UIntImm>()) {
        const auto *j = y.as<UIntImm>();
        return j ? fold_unsigned(kind, i->value, j->value, t) : Expr();
    }
    if (const auto *i = x.as<FloatImm>()) {
        const auto *j = y.as<FloatImm>();
        return j ? fold_float(kind, i->value, j->value, t) : Expr();
    }
    return Expr();
}

Expr fold_cast(Type t, const Expr &e) {
    const Expr &x = scalar_of(e);
    if (t.is_bool() && is_const(x)) return make_const(t, int64_t{!is_const(x, 0)});
    if (const auto *f = x.as<FloatImm>()) {
        if (t.is_float()) return make_const(t, f->value);
        const double v = std::trunc(f->value);
        const bool fits = t.is_int() ? std::abs(v) < std::ldexp(1.0, t.bits() - 1) : v >= 0 && v < std::ldexp(1.0, t.bits());
        if (!t.is_int_or_uint() || !fits) return Expr();
        return make_const(t, t.is_int() ? static_cast<int64_t>(v) : static_cast<int64_t>(static_cast<uint64_t>(v)));
    }
    const auto *i = x.as<IntImm>();
    const auto *u = x.as<UIntImm>();
    if (!i && !u) return Expr();
    const int64_t bits = i ? i->value : static_cast<int64_t>(u->value);
    if (t.is_int_or_uint()) return make_const(t, bits);
    if (!t.is_float()) return Expr();
    // One rounding only: through double where double is exact, else directly.
    const bool exact = u ? u->value <= uint64_t{1} << 53 : std::abs(static_cast<double>(bits)) <= std::ldexp(1.0, 53);
    if (exact || t.bits() == 64) return make_const(t, u ? static_cast<double>(u->value) : static_cast<double>(bits));
    if (t.bits() == 32) return make_const(t, static_cast<double>(u ? static_cast<float>(u->value) : static_cast<float>(bits)));
    return Expr();
}

}  // namespace heddle::Internal
