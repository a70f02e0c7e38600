// Conversions and intrinsics.

#include <cmath>

#include "analysis/conditions.h"
#include "analysis/int_math.h"
#include "analysis/simplify/simplifier.h"

namespace heddle::Internal {

namespace {

// Whether T(U(x)) is T(x): the inner conversion loses nothing, or nothing that the outer one keeps.
bool inner_cast_is_idle(Type outer, Type inner, Type from) {
    outer = outer.element_of(), inner = inner.element_of(), from = from.element_of();
    if (from.is_handle() || inner.is_handle() || outer.is_bool() || inner.is_bool()) return false;
    if (from.is_int_or_uint() && inner.is_int_or_uint()) {
        if (inner.can_represent(from)) return true;
        return outer.is_int_or_uint() && outer.bits() <= inner.bits();
    }
    if (from.is_float() && inner.is_float()) return inner.can_represent(from);
    // Through a float that holds every value of an integer type, and back to an integer.
    return from.is_int_or_uint() && inner.is_float() && inner.can_represent(from) && outer.can_represent(from);
}

Expr fold_call(const Call &c) {
    int64_t x = 0, y = 0;
    const Type t = c.type;
    const bool ints = !c.args.empty() && constant_bits(c.args[0], &x) && (c.args.size() < 2 || constant_bits(c.args[1], &y));
    double f = 0;
    const bool one_float = c.args.size() == 1 && t.is_float() && as_const_float(c.args[0], &f);
    switch (c.op) {
    case CallOp::abs:
        if (ints) return make_const(t, x < 0 ? wrapping_sub(0, x) : x);
        if (one_float && !std::isnan(f)) return make_const(t, std::abs(f));
        break;
    case CallOp::absd:
        if (!ints || c.args.size() != 2) break;
        if (c.args[0].type().is_uint()) {
            const auto bits = c.args[0].type().bits();
            const uint64_t ux = wrap_unsigned(static_cast<uint64_t>(x), bits), uy = wrap_unsigned(static_cast<uint64_t>(y), bits);
            return make_const(t, static_cast<int64_t>(ux > uy ? ux - uy : uy - ux));
        }
        return make_const(t, x > y ? wrapping_sub(x, y) : wrapping_sub(y, x));
    case CallOp::bitwise_and: return ints ? make_const(t, x & y) : Expr();
    case CallOp::bitwise_or: return ints ? make_const(t, x | y) : Expr();
    case CallOp::bitwise_xor: return ints ? make_const(t, x ^ y) : Expr();
    case CallOp::bitwise_not: return ints ? make_const(t, ~x) : Expr();
    case CallOp::shift_left:
        if (ints && y >= 0 && y < t.bits()) return make_const(t, static_cast<int64_t>(static_cast<uint64_t>(x) << y));
        break;
    case CallOp::shift_right:
        if (!ints || y < 0 || y >= t.bits()) break;
        if (t.is_int()) return make_const(t, x >> y);
        return make_const(t, static_cast<int64_t>(wrap_unsigned(static_cast<uint64_t>(x), t.bits()) >> y));
    case CallOp::floor: return one_float ? make_const(t, std::floor(f)) : Expr();
    case CallOp::ceil: return one_float ? make_const(t, std::ceil(f)) : Expr();
    case CallOp::trunc: return one_float ? make_const(t, std::trunc(f)) : Expr();
    case CallOp::sqrt: return one_float && f >= 0 && t.bits() >= 32 ? make_const(t, std::sqrt(f)) : Expr();
    case CallOp::is_nan:
        if (c.args.size() == 1 && as_const_float(c.args[0], &f)) return make_const(t, int64_t{std::isnan(f)});
        break;
    default: break;
    }
    return Expr();
}

}  // namespace

Expr Simplifier::visit_cast(const Cast &n) {
    Expr v = (*this)(n.value);
    if (v.type() == n.type) return v;
    if (Expr folded = fold_cast(n.type, v); folded.defined()) return folded;
    if (const auto *inner = v.as<Cast>(); inner && inner_cast_is_idle(n.type, v.type(), inner->value.type())) {
        return (*this)(Cast::make(n.type, inner->value));
    }
    if (const auto *b = v.as<Broadcast>()) {
        return Broadcast::make((*this)(Cast::make(n.type.with_lanes(b->value.type().lanes()), b->value)), b->lanes);
    }
    const auto *ramp = v.as<Ramp>();
    if (ramp && no_overflow(n.type) && no_overflow(v.type()) && ramp->base.type().is_scalar()) {
        const Type scalar = n.type.element_of();
        return (*this)(Ramp::make(Cast::make(scalar, ramp->base), Cast::make(scalar, ramp->stride), ramp->lanes));
    }
    return v.same_as(n.value) ? Expr(&n) : Cast::make(n.type, v);
}

Expr Simplifier::visit_call(const Call &n) {
    if (n.op == CallOp::if_then_else) {
        Expr c = (*this)(n.args[0]);
        if (is_const(c, 1)) return (*this)(n.args[1]);
        if (is_const(c, 0) && n.args.size() == 3) return (*this)(n.args[2]);
    }
    Expr r = children(Expr(&n));
    const auto *c = r.as<Call>();
    if (Expr folded = fold_call(*c); folded.defined()) return folded;
    switch (n.op) {
    case CallOp::likely:
    case CallOp::likely_if_innermost:
        if (is_const(c->args[0])) return c->args[0];
        if (!without_likely(c->args[0]).same_as(c->args[0])) return c->args[0];
        break;
    case CallOp::if_then_else:
        if (n.args.size() == 3 && equal(c->args[1], c->args[2]) && is_pure(c->args[0])) return c->args[1];
        break;
    case CallOp::promise_clamped:
    case CallOp::unsafe_promise_clamped:
        if (is_const(c->args[0])) return c->args[0];
        if (equal(c->args[1], c->args[2])) return c->args[1];
        break;
    case CallOp::abs: {
        if (!c->type.is_uint()) break;
        const ConstBounds b = known_.bounds(c->args[0]);
        if (b.min && *b.min >= 0) return (*this)(Cast::make(c->type, c->args[0]));
        break;
    }
    case CallOp::bitwise_and:
    case CallOp::bitwise_or:
        if (equal(c->args[0], c->args[1])) return c->args[0];
        break;
    case CallOp::shift_left:
    case CallOp::shift_right:
        if (is_const(c->args[1], 0)) return c->args[0];
        break;
    case CallOp::return_second:
        if (is_pure(c->args[0])) return c->args[1];
        break;
    default: break;
    }
    return r;
}

}  // namespace heddle::Internal
