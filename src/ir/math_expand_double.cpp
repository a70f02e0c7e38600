// Functions of float64. Errors in units of the last place, stated and checked in tests/codegen/llvm/math.cpp:
//   exp 1.5, log 1.5, sin and cos 2 (up to |x| = 2^20; beyond, the C library is called), tanh 2.5.
// The methods are those of math_expand.cpp.

#include <cmath>

#include "ir/math_expand.h"
#include "ir/math_terms.h"

namespace heddle::Internal {

namespace {

using namespace MathTerms;

// ln(2) and pi / 2 in parts, of which the first ones have 32 and 33 bits: a whole number times them is exact.
constexpr double ln2_high = 0x1.62e42fee00000p-1, ln2_low = 0x1.a39ef35793c76p-33;
constexpr double half_pi_1 = 0x1.921fb54400000p+0, half_pi_2 = 0x1.0b4611a600000p-34, half_pi_3 = 0x1.3198a2e037073p-69;

// 2^n for an int64 n in [-1022, 1023].
V power_of_two(const V &n) {
    return bits(Float(64), shift_left(n + int_like(n, 1023), 52));
}

V exp_float64(Lets &let, const V &argument) {
    V x = let("x", limit(argument, -746, 710));
    V n = let("n", call(CallOp::round, x * 0x1.71547652b82fep+0));
    V r = let("r", (x - n * ln2_high) - n * ln2_low);
    V rest = polynomial(r, {0.5, 0.16666666666666671008, 0.041666666666666669767, 0.0083333333333261120526, 0.0013888888888883731828,
                            0.00019841269874901259234, 0.000024801587325605322782, 2.7557255297969644392e-6,
                            2.7557273570102139673e-7, 2.5105259538448493419e-8, 2.0914717341716375952e-9});
    V power = (rest * (r * r) + r) + 1;
    V k = let("k", cast(Int(64), cast(Int(32), n)));
    V half = let("half", shift_right(k, 1));
    return (power * power_of_two(half)) * power_of_two(k - half);
}

// log(x) = e ln(2) + log(1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), by s = f / (2 + f).
V log_float64(Lets &let, const V &argument) {
    V x = let("x", argument);
    V tiny = let("tiny", x < 0x1p-1022);
    V b = let("b", bits(Int(64), select(tiny, x * 0x1p54, x)));
    V e = let("e", shift_right(b - int_like(b, 0x3fe6a09e667f3bcd), 52));
    V f = let("f", bits(Float(64), b - shift_left(e, 52)) - 1);
    V exponent = let("exponent", cast(Float(64), cast(Int(32), e)) - select(tiny, x.like(54), x.like(0)));
    V s = let("s", f / (f + 2));
    V z = let("z", s * s);
    V rest = z * polynomial(z, {0.66666666666666666464, 0.40000000000000880105, 0.28571428570801700871, 0.22222222392147034197,
                                0.18181795593863209294, 0.15386242218879391352, 0.13268705772970070268, 0.13087330476603717432});
    V half_square = let("half_square", f * f * 0.5);
    V result = exponent * ln2_high - ((half_square - (s * (half_square + rest) + exponent * ln2_low)) - f);
    result = select(x == 0, x.like(-INFINITY), result);
    result = select(x == INFINITY, x, result);
    return select((x < 0) || is_nan(x), x.like(NAN), result);
}

V sin_cos_float64(Lets &let, const V &argument, bool cosine) {
    V x = let("x", argument);
    V large = let("large", V{Not::make(LE::make(call(CallOp::abs, x).e, x.like(0x1p20).e))});
    V n = let("n", call(CallOp::round, limit(x, -0x1p20, 0x1p20) * 0x1.45f306dc9c883p-1));
    V r = let("r", ((x - n * half_pi_1) - n * half_pi_2) - n * half_pi_3);
    V r2 = let("r2", r * r);
    V sine = polynomial(r2, {-0.16666666666666666666, 0.0083333333333333314866, -0.00019841269841265053009, 2.7557319219329880093e-6,
                             -2.5052106229222595386e-8, 1.6058531107942804808e-10, -7.5866670002083061177e-13}) *
                 (r * r2) + r;
    V even = polynomial(r2, {0.041666666666666666666, -0.0013888888888888887862, 0.000024801587301584639791, -2.7557319221397661388e-7,
                             2.0876755789287408326e-9, -1.1470460603480262384e-11, 4.7458551572582714904e-14}) *
                 (r2 * r2) + (1 - r2 * 0.5);
    V quadrant = cast(Int(64), cast(Int(32), n));
    quadrant = let("quadrant", cosine ? quadrant + int_like(quadrant, 1) : quadrant);
    V odd = bit_op(CallOp::bitwise_and, quadrant, int_like(quadrant, 1));
    V value = select(V{NE::make(odd.e, int_like(odd, 0).e)}, even, sine);
    V sign = shift_left(bit_op(CallOp::bitwise_and, quadrant, int_like(quadrant, 2)), 62);
    V fast = let("fast", bits(Float(64), bit_op(CallOp::bitwise_xor, bits(Int(64), value), sign)));
    Expr exact = Call::make(x.type(), CallOp::pure_extern_c, {x.e}, cosine ? "cos" : "sin");
    Expr any = large.e;
    if (x.type().is_vector()) any = VectorReduce::make(ReduceOp::Or, any, 1);
    return {Call::make(x.type(), CallOp::if_then_else, {any, Select::make(large.e, exact, fast.e), fast.e})};
}

V tanh_float64(Lets &let, const V &argument) {
    V x = let("x", argument);
    V ax = let("ax", call(CallOp::abs, x));
    V x2 = let("x2", x * x);
    V small = polynomial(x2, {-0.33333333333333333333, 0.13333333333333332777, -0.053968253968253043433, 0.021869488536094559771,
                              -0.0088632355278233684798, 0.0035921279937932207494, -0.0014558338151795078767, 0.00059002223308587468657,
                              -0.00023909589318149049692, 0.00009676493172964763639, -0.000038794199093185168824,
                              0.000014825194485637973288, -4.7637125699805208925e-6, 9.1424667655048838195e-7}) *
                  (x * x2) + x;
    V e = exp_float64(let, {Min::make(ax.like(44).e, (ax * 2).e)});
    V far = 1 - ax.like(2) / (e + 1);
    V sign = bit_op(CallOp::bitwise_and, bits(Int(64), x), int_like(bits(Int(64), x), INT64_MIN));
    V with_sign = bits(Float(64), bit_op(CallOp::bitwise_or, bits(Int(64), far), sign));
    return select(ax > 0.625, with_sign, small);
}

}  // namespace

Expr expand_float64(const Call &c) {
    Lets let;
    V a = {c.args[0]};
    switch (c.op) {
    case CallOp::exp:
    case CallOp::fast_exp: return let.around(exp_float64(let, a));
    case CallOp::log:
    case CallOp::fast_log: return let.around(log_float64(let, a));
    case CallOp::sin:
    case CallOp::fast_sin: return let.around(sin_cos_float64(let, a, false));
    case CallOp::cos:
    case CallOp::fast_cos: return let.around(sin_cos_float64(let, a, true));
    case CallOp::tanh: return let.around(tanh_float64(let, a));
    default: return {};
    }
}

}  // namespace heddle::Internal
