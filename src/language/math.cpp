// Functions of floats, and of integers and bits.

#include <bit>
#include <cmath>

#include "heddle/operators.h"
#include "language/operands.h"

namespace heddle {

using namespace Internal;

namespace {

// The float type in which a function of x is computed, and what x is there. The functions of the 16-bit
// types are those of float32, rounded.
Expr computed_as(const Expr &x, Type *result) {
    const Type t = x.type();
    if (t.is_handle())
        refuse_operands(
            102, concat("a mathematical function of ", describe(x), ": a handle is no number"));
    *result = t.is_float() ? t : Float(32, t.lanes());
    return cast(t.is_float() && t.bits() == 64 ? t : Float(32, t.lanes()), x);
}

Expr unary(CallOp op, const char *name, const Expr &x) {
    check_defined(x, name);
    Type result;
    const Expr v = computed_as(x, &result);
    return cast(result, Call::make(v.type(), op, {v}));
}

// These are exact, so constants fold.
Expr rounding(CallOp op, const char *name, double (*f)(double), const Expr &x) {
    check_defined(x, name);
    double value;
    if (x.type().is_float() && as_const_float(x, &value)) return make_const(x.type(), f(value));
    return unary(op, name, x);
}

Expr float32_only(CallOp op, const char *name, const Expr &x) {
    check_defined(x, name);
    if (x.type().element_of() == Float(32)) return Call::make(x.type(), op, {x});
    refuse_operands(102, concat(name, " takes a float32, not ", describe(x)), "cast<float>(...)");
}

Expr predicate(CallOp op, const char *name, const Expr &x) {
    check_defined(x, name);
    check_float(x, name);
    return Call::make(Bool(x.type().lanes()), op, {x});
}

Expr integer_power(const Expr &x, uint64_t n) {
    if (n == 1) return x;
    const Expr half = integer_power(x, n / 2);
    return n % 2 ? half * half * x : half * half;
}

}  // namespace

#define HEDDLE_UNARY(name)                                                                         \
    Expr name(const Expr &x) {                                                                     \
        return unary(CallOp::name, #name, x);                                                      \
    }
HEDDLE_UNARY(sin)
HEDDLE_UNARY(cos)
HEDDLE_UNARY(tan)
HEDDLE_UNARY(asin)
HEDDLE_UNARY(acos)
HEDDLE_UNARY(atan)
HEDDLE_UNARY(sinh)
HEDDLE_UNARY(cosh)
HEDDLE_UNARY(tanh)
HEDDLE_UNARY(asinh)
HEDDLE_UNARY(acosh)
HEDDLE_UNARY(atanh)
HEDDLE_UNARY(sqrt)
HEDDLE_UNARY(exp)
HEDDLE_UNARY(log)
#undef HEDDLE_UNARY

Expr floor(const Expr &x) {
    return rounding(CallOp::floor, "floor", std::floor, x);
}
Expr ceil(const Expr &x) {
    return rounding(CallOp::ceil, "ceil", std::ceil, x);
}
Expr round(const Expr &x) {
    return rounding(CallOp::round, "round", std::nearbyint, x);
}
Expr trunc(const Expr &x) {
    return rounding(CallOp::trunc, "trunc", std::trunc, x);
}
Expr fract(const Expr &x) {
    check_defined(x, "fract");
    return x - trunc(x);
}

Expr erf(const Expr &x) {
    return float32_only(CallOp::erf, "erf", x);
}
Expr fast_sin(const Expr &x) {
    return float32_only(CallOp::fast_sin, "fast_sin", x);
}
Expr fast_cos(const Expr &x) {
    return float32_only(CallOp::fast_cos, "fast_cos", x);
}
Expr fast_exp(const Expr &x) {
    return float32_only(CallOp::fast_exp, "fast_exp", x);
}
Expr fast_log(const Expr &x) {
    return float32_only(CallOp::fast_log, "fast_log", x);
}
Expr fast_inverse(const Expr &x) {
    return float32_only(CallOp::fast_inverse, "fast_inverse", x);
}
Expr fast_inverse_sqrt(const Expr &x) {
    return float32_only(CallOp::fast_inverse_sqrt, "fast_inverse_sqrt", x);
}

Expr is_nan(const Expr &x) {
    return predicate(CallOp::is_nan, "is_nan", x);
}
Expr is_inf(const Expr &x) {
    return predicate(CallOp::is_inf, "is_inf", x);
}
Expr is_finite(const Expr &x) {
    return predicate(CallOp::is_finite, "is_finite", x);
}

Expr atan2(const Expr &y, const Expr &x) {
    check_defined(y, x, "atan2");
    Type result;
    Expr a = computed_as(y, &result);
    Expr b = cast(a.type().with_lanes(x.type().lanes()), x);
    match_lanes(a, b, "atan2");
    return cast(result.with_lanes(a.type().lanes()), Call::make(a.type(), CallOp::atan2, {a, b}));
}

Expr hypot(const Expr &x, const Expr &y) {
    check_defined(x, y, "hypot");
    return sqrt(x * x + y * y);
}

Expr pow(const Expr &x, const Expr &y) {
    check_defined(x, y, "pow");
    if (const IntImm *n = y.as<IntImm>()) {
        if (n->value == 0) return make_one(x.type());
        // Beyond this the products are no cheaper, and far less exact.
        constexpr int64_t most = 1024;
        if (n->value > 0 && n->value <= most)
            return integer_power(x, static_cast<uint64_t>(n->value));
        if (n->value < 0 && n->value >= -most) {
            return make_one(x.type()) / integer_power(x, static_cast<uint64_t>(-n->value));
        }
    }
    Type result;
    Expr a = computed_as(x, &result);
    Expr b = cast(a.type().with_lanes(y.type().lanes()), y);
    match_lanes(a, b, "pow");
    return cast(result.with_lanes(a.type().lanes()), Call::make(a.type(), CallOp::pow, {a, b}));
}

Expr fast_pow(const Expr &x, const Expr &y) {
    check_defined(x, y, "fast_pow");
    if (y.as<IntImm>()) return pow(x, y);
    Expr a = cast(Float(32), x), b = cast(Float(32), y);
    match_lanes(a, b, "fast_pow");
    return Call::make(a.type(), CallOp::fast_pow, {a, b});
}

Expr lerp(const Expr &zero_value, const Expr &one_value, const Expr &weight) {
    check_defined(zero_value, one_value, "lerp");
    check_defined(weight, "lerp");
    Expr a = zero_value, b = one_value;
    if (is_int_literal(a)) a = constant_as(b.type().element_of(), a, b, "lerp");
    if (is_int_literal(b)) b = constant_as(a.type().element_of(), b, a, "lerp");
    match_lanes(a, b, "lerp");
    const Type t = a.type();
    if (t != b.type()) {
        refuse_operands(107, concat("lerp between values of different types: ", describe(a),
                                    " and ", describe(b)));
    }
    if (t.is_handle() || (t.is_int_or_uint() && t.bits() > 32)) {
        refuse_operands(107,
                        concat("lerp takes floats and integers up to 32 bits, not ", describe(a)));
    }
    Expr w = weight;
    if (!w.type().is_float() && !w.type().is_uint()) {
        refuse_operands(
            107, concat("the weight of lerp must be a float or unsigned, not ", describe(w)));
    }
    double constant;
    if (!t.is_float() && w.type().is_float() && as_const_float(w, &constant) &&
        !(constant >= 0 && constant <= 1)) {
        refuse_operands(
            107,
            concat("the weight of lerp between integers must lie in [0, 1]; it is ", constant));
    }
    match_lanes(a, w, "lerp");
    match_lanes(b, w, "lerp");
    return Call::make(a.type(), CallOp::lerp, {a, b, w});
}

// --- integers and bits

Expr abs(const Expr &a) {
    check_defined(a, "abs");
    const Type t = a.type();
    if (t.is_handle()) check_integer(a, "abs");
    if (t.is_uint()) return a;
    const Type result = t.is_int() ? t.with_code(Type::UInt) : t;
    int64_t i;
    double f;
    if (t.is_int() && as_const_int(a, &i))
        return make_const(result, i < 0 ? static_cast<int64_t>(-static_cast<uint64_t>(i)) : i);
    if (t.is_float() && as_const_float(a, &f)) return make_const(t, std::fabs(f));
    return Call::make(result, CallOp::abs, {a});
}

Expr absd(const Expr &x, const Expr &y) {
    check_defined(x, y, "absd");
    Expr a = x, b = y;
    match_types(a, b, "absd");
    const Type t = a.type();
    return Call::make(t.is_float() ? t : t.with_code(Type::UInt), CallOp::absd, {a, b});
}

namespace {

Expr round_to_zero(CallOp op, const char *name, const Expr &x, const Expr &y) {
    check_defined(x, y, name);
    Expr a = x, b = y;
    match_types(a, b, name);
    check_integer(a, name);
    if (is_const(b, 0)) refuse_operands(108, concat(name, " of ", describe(a), " by 0"));
    return Call::make(a.type(), op, {a, b});
}

Expr bit_count(CallOp op, const char *name, const Expr &a) {
    check_defined(a, name);
    check_integer(a, name);
    return Call::make(a.type(), op, {a});
}

}  // namespace

Expr div_round_to_zero(const Expr &a, const Expr &b) {
    return round_to_zero(CallOp::div_round_to_zero, "div_round_to_zero", a, b);
}
Expr mod_round_to_zero(const Expr &a, const Expr &b) {
    return round_to_zero(CallOp::mod_round_to_zero, "mod_round_to_zero", a, b);
}
Expr popcount(const Expr &a) {
    return bit_count(CallOp::popcount, "popcount", a);
}
Expr count_leading_zeros(const Expr &a) {
    return bit_count(CallOp::count_leading_zeros, "count_leading_zeros", a);
}
Expr count_trailing_zeros(const Expr &a) {
    return bit_count(CallOp::count_trailing_zeros, "count_trailing_zeros", a);
}

Expr extract_bits(Type t, const Expr &e, const Expr &lsb) {
    check_defined(e, lsb, "extract_bits");
    check_integer(lsb, "extract_bits");
    if (t.is_handle() || e.type().is_handle()) {
        refuse_operands(102, concat("extract_bits of ", describe(e), " as ", to_string(t)));
    }
    Expr bits = e.type().is_float() ? reinterpret(e.type().with_code(Type::UInt), e) : e;
    Expr from = cast(e.type().element_of().with_code(Type::UInt), lsb);
    match_lanes(bits, from, "extract_bits");
    const Type part = (t.is_float() ? t.with_code(Type::UInt) : t).with_lanes(bits.type().lanes());
    const Expr result = Call::make(part, CallOp::extract_bits, {bits, from});
    return t.is_float() ? reinterpret(t.with_lanes(part.lanes()), result) : result;
}

Expr concat_bits(const std::vector<Expr> &parts) {
    for (const Expr &p : parts) {
        check_defined(p, "concat_bits");
        check_integer(p, "concat_bits");
        if (p.type() != parts[0].type()) {
            refuse_operands(102, concat("concat_bits of different types: ", describe(parts[0]),
                                        " and ", describe(p)));
        }
    }
    const size_t n = parts.size();
    if (!std::has_single_bit(n) || n * static_cast<size_t>(parts[0].type().bits()) > 64) {
        refuse_operands(109,
                        concat("concat_bits of ", n,
                               n == 0 ? " values" : concat(" values such as ", describe(parts[0])),
                               ": it takes 1, 2, 4 or 8, of up to 64 bits together"));
    }
    if (n == 1) return parts[0];
    const Type t = parts[0].type();
    return Call::make(t.with_bits(t.bits() * static_cast<int>(n)), CallOp::concat_bits, parts);
}

}  // namespace heddle
