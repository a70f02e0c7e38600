// Errors, measured against the C library's double functions over every 8191st float and all edges (tests/codegen/llvm/
// math.cpp states and checks the bounds, in units of the last place of float32):
//   exp 1.5, log 1.5, pow 1.0, sin and cos 2 (up to |x| = 2^20; beyond, the C library is called), tanh 2.5.
// Those of float64 are in math_expand_double.cpp.
// Coefficients are Chebyshev fits of the remainders that the comments name.

#include "ir/math_expand.h"

#include <cmath>

#include "ir/math_terms.h"

namespace heddle::Internal {

namespace {

using namespace MathTerms;

// 2^n for an int32 n in [-126, 127].
V power_of_two(const V &n) {
    return bits(Float(32), shift_left(n + int_like(n, 127), 23));
}

// e^x = 2^n e^r with |r| <= ln(2) / 2.
V exp_float32(Lets &let, const V &argument) {
    // Beyond these the result is 0 or infinity.
    V x = let("x", limit(argument, -104, 89));
    V n = let("n", call(CallOp::round, x * 1.4426950408889634));
    // ln(2) in two parts, of which the first has so few bits that n times it is exact.
    V r = let("r", (x - n * 0.693359375) - n * -0.000212194440054691);
    V rest = polynomial(r, {0.500000001354, 0.166666666817, 0.0416664641974, 0.00833331084465, 0.00139337307158, 0.00019891080464});
    V power = (rest * (r * r) + r) + 1;
    // In two factors: 2^n alone may be too large or too small for a float where the product is not.
    V k = let("k", cast(Int(32), n));
    V half = let("half", shift_right(k, 1));
    return (power * power_of_two(half)) * power_of_two(k - half);
}

// log(x) = e ln(2) + log(1 + f) with 1 + f in [2/3, 4/3).
V log_float32(Lets &let, const V &argument) {
    V x = let("x", argument);
    V tiny = let("tiny", x < 0x1p-126);
    V b = let("b", bits(Int(32), select(tiny, x * 0x1p23, x)));
    V e = let("e", shift_right(b - int_like(b, 0x3f2aaaab), 23));
    V f = let("f", bits(Float(32), b - shift_left(e, 23)) - 1);
    V exponent = let("exponent", cast(Float(32), e) - select(tiny, x.like(23), x.like(0)));
    V f2 = let("f2", f * f);
    V rest = polynomial(f, {0.333333333333, -0.24999944139, 0.199999483075, -0.166733205437, 0.142918711551, -0.122886284001,
                            0.109155684733, -0.124227621337, 0.113311374616});
    V small = (exponent * -0.000212194440054691 + rest * (f * f2)) - f2 * 0.5;
    V result = (small + f) + exponent * 0.693359375;
    result = select(x == 0, x.like(-INFINITY), result);
    result = select(x == INFINITY, x, result);
    return select((x < 0) || is_nan(x), x.like(NAN), result);
}

// log2 |x| and 2^t of doubles that come from and go to float32, to about 2^-38.
V log2_double(Lets &let, const V &x) {
    V b = let("b", bits(Int(64), x));
    V e = let("e", shift_right(b - int_like(b, 0x3fe6a09e667f3bcd), 52));  // 1 + f from sqrt(1/2) on
    V m = let("m", bits(Float(64), b - shift_left(e, 52)));
    V s = let("s", (m - 1) / (m + 1));
    V odd = polynomial(let("s2", s * s), {2.8853900817778505769, 0.96179669411235944842, 0.57707794263026179854,
                                          0.41220922733052444177, 0.31990666088914740081, 0.28288718263073563996});
    return odd * s + cast(Float(64), cast(Int(32), e));
}
V exp2_double(Lets &let, const V &t) {
    V n = let("n", call(CallOp::round, t));
    V p = polynomial(let("r", t - n), {1.0, 0.69314718054591100647, 0.24022650695812832688, 0.055504109412957174408,
                                       0.0096181291594647591976, 0.0013333450481819326772, 0.00015403455792749644526,
                                       0.000015310102380383510876, 1.3255240797206966556e-6});
    V k = cast(Int(64), cast(Int(32), n));
    return p * bits(Float(64), shift_left(k + int_like(k, 1023), 52));
}

V pow_float32(Lets &let, const V &base, const V &power) {
    V x = let("x", base), y = let("y", power);
    V ax = let("ax", call(CallOp::abs, x));
    V t = let("t", limit(cast(Float(64), y) * log2_double(let, cast(Float(64), ax)), -200, 200));
    V result = cast(Float(32), exp2_double(let, t));
    // At 0 and infinity the sign of y alone decides.
    result = select(ax == 0, select(y > 0, x.like(0), x.like(INFINITY)), result);
    result = select(ax == INFINITY, select(y > 0, x.like(INFINITY), x.like(0)), result);
    result = select(is_nan(x) || is_nan(y), x.like(NAN), result);
    // A negative base: odd y keep the sign, y with a fraction give NaN. Floats from 2^24 on are even.
    V ay = let("ay", call(CallOp::abs, y));
    V whole = call(CallOp::trunc, y);
    V is_whole = let("is_whole", V{EQ::make(whole.e, y.e)});
    V last = bit_op(CallOp::bitwise_and, cast(Int(32), limit(ay, 0, 0x1p24)), int_like(cast(Int(32), y), 1));
    V odd = is_whole && V{EQ::make(last.e, int_like(last, 1).e)};
    V sign_bit = bits(Int(32), x) < 0;
    V negative = let("negative", sign_bit);
    V bits_result = let("magnitude", result);
    result = select(negative && odd, 0 - bits_result, bits_result);
    V no_root = negative && V{Not::make(is_whole.e)} && (ax > 0) && V{LT::make(ax.e, ax.like(INFINITY).e)};
    result = select(no_root, x.like(NAN), result);
    V ay_is_infinite = ay == INFINITY;
    return select((y == 0) || (x == 1) || ((x == -1) && ay_is_infinite), x.like(1), result);
}

// Reduced in double to |r| <= pi / 4 around n pi / 2, which is exact enough up to |x| = 2^20.
V sin_cos_float32(Lets &let, const V &argument, bool cosine) {
    V x = let("x", argument);
    V large = let("large", V{Not::make(LE::make(call(CallOp::abs, x).e, x.like(0x1p20).e))});
    V d = let("d", cast(Float(64), x));
    V n = let("n", call(CallOp::round, limit(d, -0x1p20, 0x1p20) * 0.63661977236758134308));
    V r = let("r", cast(Float(32), (d - n * 1.5707963267341256) - n * 6.077100506506192e-11));
    V r2 = let("r2", r * r);
    V sine = polynomial(r2, {-0.166666666638, 0.00833333187034, -0.000198400843764, 2.72496200801e-6}) * (r * r2) + r;
    V even = polynomial(r2, {0.0416666666643, -0.00138888876684, 2.48005984084e-5, -2.73007040381e-7}) * (r2 * r2) + (1 - r2 * 0.5);
    V quadrant = cast(Int(32), n);
    quadrant = let("quadrant", cosine ? quadrant + int_like(quadrant, 1) : quadrant);
    V odd = bit_op(CallOp::bitwise_and, quadrant, int_like(quadrant, 1));
    V value = select(V{NE::make(odd.e, int_like(odd, 0).e)}, even, sine);
    V sign = shift_left(bit_op(CallOp::bitwise_and, quadrant, int_like(quadrant, 2)), 30);
    V fast = let("fast", bits(Float(32), bit_op(CallOp::bitwise_xor, bits(Int(32), value), sign)));
    // Few programs have such large angles, so they take the slow way, and only they pay for it.
    Expr exact = Call::make(x.type(), CallOp::pure_extern_c, {x.e}, cosine ? "cosf" : "sinf");
    Expr any = large.e;
    if (x.type().is_vector()) any = VectorReduce::make(ReduceOp::Or, any, 1);
    return {Call::make(x.type(), CallOp::if_then_else, {any, Select::make(large.e, exact, fast.e), fast.e})};
}

V tanh_float32(Lets &let, const V &argument) {
    V x = let("x", argument);
    V ax = let("ax", call(CallOp::abs, x));
    V x2 = let("x2", x * x);
    V small = polynomial(x2, {-0.333333331692, 0.13333303118, -0.0539591558022, 0.0217680754959, -0.00834118892543, 0.00228962618631}) *
                  (x * x2) + x;
    V e = exp_float32(let, {Min::make(ax.like(20).e, (ax * 2).e)});
    V far = 1 - ax.like(2) / (e + 1);
    V sign = bit_op(CallOp::bitwise_and, bits(UInt(32), x), V{make_const(UInt(32, x.type().lanes()), int64_t{0x80000000})});
    V with_sign = bits(Float(32), bit_op(CallOp::bitwise_or, bits(UInt(32), far), sign));
    return select(ax > 0.625, with_sign, small);
}

V broadcast_to(const Expr &e, int lanes) {
    return {e.type().lanes() == lanes ? e : Broadcast::make(e, lanes / e.type().lanes())};
}

// --- lerp

// The weight as an unsigned integer of `bits` bits, where all ones is 1.
V lerp_weight(const V &w, int width) {
    const Type to = UInt(width, w.type().lanes());
    const double ones = std::ldexp(1.0, width) - 1;
    if (w.type().is_float()) {
        if (width <= 16) return cast(to, cast(Float(32), w) * ones);
        return cast(to, cast(Float(64), w) * ones);
    }
    // 2^a - 1 divides 2^b - 1 for these widths.
    if (w.type().bits() < width) {
        const auto factor = static_cast<int64_t>(ones / (std::ldexp(1.0, w.type().bits()) - 1));
        return cast(to, w) * V{make_const(to, factor)};
    }
    if (w.type().bits() > width) {
        const auto divisor = static_cast<int64_t>((std::ldexp(1.0, w.type().bits()) - 1) / ones);
        return cast(to, w / V{make_const(w.type(), divisor)});
    }
    return w;
}

Expr expand_lerp(const Call &c) {
    Lets let;
    const Type t = c.type;
    V a = let("a", {c.args[0]}), b = let("b", {c.args[1]}), w = {c.args[2]};
    if (t.is_float()) {
        if (w.type().is_uint()) {
            const double unit = 1 / (std::ldexp(1.0, w.type().bits()) - 1);
            w = w.type().bits() <= 16 ? cast(Float(32), w) * unit : cast(Float(64), w) * unit;
        }
        return let.around((b - a) * cast(t, w) + a);
    }
    if (t.is_bool()) {
        V half = w.type().is_float() ? w > 0.5 : V{GT::make(w.e, make_const(w.type(), static_cast<int64_t>((uint64_t{1} << (w.type().bits() - 1)) - 1)))};
        return let.around(select(half, b, a));
    }
    HEDDLE_ASSERT(t.bits() <= 32, "lerp of ", to_string(t));
    // Signed values are moved to where they are not negative, and back.
    const Type u = UInt(t.bits(), t.lanes()), wide = u.widen();
    V bias = {make_const(u, int64_t{1} << (t.bits() - 1))};
    auto unsigned_of = [&](const V &v) { return t.is_int() ? bit_op(CallOp::bitwise_xor, bits(u, v), bias) : v; };
    V weight = let("w", lerp_weight(w, t.bits()));
    V rest = V{make_const(u, int64_t{-1})} - weight;
    V sum = cast(wide, unsigned_of(a)) * cast(wide, rest) + cast(wide, unsigned_of(b)) * cast(wide, weight);
    // sum / (2^bits - 1), to the nearest.
    V rounded = let("sum", sum + V{make_const(wide, int64_t{1} << (t.bits() - 1))});
    V result = cast(u, shift_right(shift_right(rounded, t.bits()) + rounded, t.bits()));
    if (t.is_int()) result = bits(t, bit_op(CallOp::bitwise_xor, result, bias));
    return let.around(result);
}

// --- random numbers: each argument is mixed into a 32-bit state, which is scrambled at the end.

Expr expand_random(const Call &c) {
    Lets let;
    const int lanes = c.type.lanes();
    const Type u = UInt(32, lanes);
    auto number = [&](int64_t x) { return V{make_const(u, x)}; };
    auto scramble = [&](V h, int64_t factor, int by) {
        h = let("h", h * number(factor));
        return let("h", bit_op(CallOp::bitwise_xor, h, shift_right(h, by)));
    };
    V h = number(0x51ed270b);
    for (const Expr &arg : c.args) {
        V a = cast(u, broadcast_to(arg, lanes));
        h = scramble(bit_op(CallOp::bitwise_xor, h, a) + number(0x6d2b79f5), 0x2c1b3c6d, 15);
    }
    h = scramble(bit_op(CallOp::bitwise_xor, h, shift_right(h, 16)), 0x7feb352d, 15);
    h = scramble(h, 0x297a2d39, 16);
    if (c.type.is_float()) {
        // 23 bits as the mantissa of a number in [1, 2).
        V mantissa = bit_op(CallOp::bitwise_or, shift_right(h, 9), number(0x3f800000));
        return let.around(cast(c.type, bits(Float(32), mantissa) - 1));
    }
    return let.around(cast(c.type, h));
}

Expr expand_float32(const Call &c) {
    Lets let;
    V a = {c.args[0]};
    switch (c.op) {
    case CallOp::exp:
    case CallOp::fast_exp: return let.around(exp_float32(let, a));
    case CallOp::log:
    case CallOp::fast_log: return let.around(log_float32(let, a));
    case CallOp::sin:
    case CallOp::fast_sin: return let.around(sin_cos_float32(let, a, false));
    case CallOp::cos:
    case CallOp::fast_cos: return let.around(sin_cos_float32(let, a, true));
    case CallOp::tanh: return let.around(tanh_float32(let, a));
    case CallOp::pow:
    case CallOp::fast_pow: return let.around(pow_float32(let, a, {c.args[1]}));
    default: return {};
    }
}

}  // namespace

Expr expand_call(const Call &c) {
    if (c.op == CallOp::lerp) return expand_lerp(c);
    if (c.op == CallOp::random) return expand_random(c);
    if (!c.type.is_float()) return {};
    if (c.type.bits() == 64) return expand_float64(c);
    if (c.type.bits() == 32) return expand_float32(c);
    // The 16-bit floats by way of float32.
    const Type t = Float(32, c.type.lanes());
    ExprList args;
    for (const Expr &a : c.args) args.push_back(Cast::make(t, a));
    const Expr wide = Call::make(t, c.op, args);
    const Expr expanded = expand_float32(*wide.as<Call>());
    return expanded.defined() ? Cast::make(c.type, expanded) : Expr();
}

}  // namespace heddle::Internal
