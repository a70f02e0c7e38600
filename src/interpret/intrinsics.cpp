// The calls of intrinsics.def that work lane by lane. Integers are computed exactly in 128 bits and then
// wrapped or clamped to the type of the result.

#include <bit>
#include <cmath>

#include "interpret/value.h"

namespace heddle::Internal {

namespace {

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

Wide wide(uint64_t bits, Type t) {
    return t.is_int() ? static_cast<Wide>(lane_int(bits, t)) : static_cast<Wide>(bits);
}
uint64_t wrapped(Wide x, Type t) {
    return wrap_unsigned(static_cast<uint64_t>(x), t.bits());
}
Wide largest(Type t) {
    return (Wide{1} << (t.is_int() ? t.bits() - 1 : t.bits())) - 1;
}
Wide smallest(Type t) {
    return t.is_int() ? -(Wide{1} << (t.bits() - 1)) : Wide{0};
}
uint64_t clamped(Wide x, Type t) {
    return wrapped(x < smallest(t) ? smallest(t) : x > largest(t) ? largest(t) : x, t);
}

// x << by for by >= 0, x >> -by for by < 0, rounding towards minus infinity. Exact for |by| < 64.
Wide shifted(Wide x, int64_t by) {
    return by >= 0 ? x * (Wide{1} << by) : x >> -by;
}
// The same, rounding to the nearest, halves up.
Wide rounding_shifted(Wide x, int64_t by) {
    return by >= 0 ? shifted(x, by) : (x + (Wide{1} << (-by - 1))) >> -by;
}

// (a * b) >> c in the exact product, optionally rounded, clamped to t.
uint64_t mul_shift_right(uint64_t a, Type ta, uint64_t b, Type tb, int64_t c, bool rounding, Type t) {
    if (!ta.is_int() && !tb.is_int()) {
        UnsignedWide product = static_cast<UnsignedWide>(a) * b;
        if (rounding && c > 0) product += UnsignedWide{1} << (c - 1);
        product >>= c;
        return product > static_cast<UnsignedWide>(largest(t)) ? wrapped(largest(t), t) : static_cast<uint64_t>(product);
    }
    const Wide product = wide(a, ta) * wide(b, tb);
    return clamped(rounding ? rounding_shifted(product, -c) : product >> c, t);
}

// The weight of a lerp of integers of `width` bits, as one where all ones is 1. A float is cut, not rounded; a
// narrower or wider integer is scaled by the quotient of the two largest values.
uint64_t lerp_weight(uint64_t w, Type tw, int width) {
    const auto ones = static_cast<double>(largest(UInt(width)));
    if (tw.is_float()) {
        const double x = lane_double(w, tw);
        const double scaled = width <= 16 ? static_cast<float>(x) * static_cast<float>(ones) : x * ones;
        return cast_lane(bits_of_double(scaled, Float(64)), Float(64), UInt(width));
    }
    if (tw.bits() < width) return wrapped(wide(w, tw) * (largest(UInt(width)) / largest(tw)), UInt(width));
    if (tw.bits() > width) return wrapped(wide(w, tw) / (largest(tw) / largest(UInt(width))), UInt(width));
    return w;
}

// a + (b - a) * w; an unsigned w counts in units of 1 / (2^bits - 1), and an integer result is the nearest.
uint64_t lerp(const std::vector<uint64_t> &args, const std::vector<Type> &types, Type t) {
    const Type tw = types[2];
    if (t.is_float()) {
        uint64_t w = args[2];
        if (tw.is_float()) {
            w = cast_lane(w, tw, t);
        } else {
            const Type f = tw.bits() <= 16 ? Float(32) : Float(64);
            const uint64_t unit = bits_of_double(1 / static_cast<double>(largest(tw)), f);
            w = cast_lane(binary_lane(NodeKind::Mul, cast_lane(w, tw, f), unit, f), f, t);
        }
        const uint64_t step = binary_lane(NodeKind::Mul, binary_lane(NodeKind::Sub, args[1], args[0], t), w, t);
        return binary_lane(NodeKind::Add, step, args[0], t);
    }
    if (t.is_bool()) {
        const bool second = tw.is_float() ? lane_double(args[2], tw) > 0.5 : wide(args[2], tw) > largest(tw) / 2;
        return args[second ? 1 : 0];
    }
    const Wide one = largest(UInt(t.bits())), w = static_cast<Wide>(lerp_weight(args[2], tw, t.bits()));
    // Signed values are moved to where they are not negative, and back.
    const Wide bias = -smallest(t);
    const Wide sum = (wide(args[0], t) + bias) * (one - w) + (wide(args[1], t) + bias) * w;
    return wrapped((2 * sum + one) / (2 * one) - bias, t);
}

// x * y + z rounded once. The product of two narrow floats is exact in double; the sum is rounded to odd,
// after which rounding to the narrow type is right.
double fma_to_odd(double x, double y, double z) {
    const double product = x * y, sum = product + z;
    if (!std::isfinite(sum)) return sum;
    const double part = sum - product;
    const double error = (product - (sum - part)) + (z - part);
    if (error == 0 || (std::bit_cast<uint64_t>(sum) & 1)) return sum;
    return std::nextafter(sum, error > 0 ? INFINITY : -INFINITY);
}

double unary_float(CallOp op, double x) {
    switch (op) {
    case CallOp::abs: return std::fabs(x);
    case CallOp::floor: return std::floor(x);
    case CallOp::ceil: return std::ceil(x);
    case CallOp::trunc: return std::trunc(x);
    case CallOp::round: return std::nearbyint(x);
    case CallOp::sqrt: return std::sqrt(x);
    case CallOp::fast_sin:
    case CallOp::sin: return std::sin(x);
    case CallOp::fast_cos:
    case CallOp::cos: return std::cos(x);
    case CallOp::tan: return std::tan(x);
    case CallOp::asin: return std::asin(x);
    case CallOp::acos: return std::acos(x);
    case CallOp::atan: return std::atan(x);
    case CallOp::sinh: return std::sinh(x);
    case CallOp::cosh: return std::cosh(x);
    case CallOp::tanh: return std::tanh(x);
    case CallOp::asinh: return std::asinh(x);
    case CallOp::acosh: return std::acosh(x);
    case CallOp::atanh: return std::atanh(x);
    case CallOp::fast_exp:
    case CallOp::exp: return std::exp(x);
    case CallOp::fast_log:
    case CallOp::log: return std::log(x);
    case CallOp::erf: return std::erf(x);
    case CallOp::fast_inverse: return 1 / x;
    case CallOp::fast_inverse_sqrt: return 1 / std::sqrt(x);
    default: HEDDLE_ASSERT(false, "no call of one float: ", to_string(op));
    }
    return 0;
}

uint64_t float_call(CallOp op, Type result, const std::vector<uint64_t> &args, const std::vector<Type> &types) {
    const auto x = [&](size_t i) { return lane_double(args[i], types[i]); };
    switch (op) {
    case CallOp::is_nan: return std::isnan(x(0));
    case CallOp::is_inf: return std::isinf(x(0));
    case CallOp::is_finite: return std::isfinite(x(0));
    case CallOp::absd: return bits_of_double(std::fabs(lane_double(binary_lane(NodeKind::Sub, args[0], args[1], types[0]), types[0])), result);
    case CallOp::atan2: return bits_of_double(std::atan2(x(0), x(1)), result);
    case CallOp::fast_pow:
    case CallOp::pow: return bits_of_double(std::pow(x(0), x(1)), result);
    case CallOp::widening_add:
    case CallOp::widen_right_add: return bits_of_double(x(0) + x(1), result);
    case CallOp::widening_sub:
    case CallOp::widen_right_sub: return bits_of_double(x(0) - x(1), result);
    case CallOp::widening_mul:
    case CallOp::widen_right_mul: return bits_of_double(x(0) * x(1), result);
    case CallOp::saturating_add: return binary_lane(NodeKind::Add, args[0], args[1], result);
    case CallOp::saturating_sub: return binary_lane(NodeKind::Sub, args[0], args[1], result);
    case CallOp::div_round_to_zero: return binary_lane(NodeKind::Div, args[0], args[1], result);
    case CallOp::mod_round_to_zero: return bits_of_double(std::fmod(x(0), x(1)), result);
    case CallOp::fma:
        return bits_of_double(result.bits() == 64 ? std::fma(x(0), x(1), x(2)) : fma_to_odd(x(0), x(1), x(2)), result);
    default: return bits_of_double(unary_float(op, x(0)), result);
    }
}

}  // namespace

bool is_lane_call(CallOp op) {
    return op >= CallOp::bitwise_and && op <= CallOp::fma;
}

uint64_t call_lane(CallOp op, Type result, const std::vector<uint64_t> &args, const std::vector<Type> &types, bool &defined) {
    const Type t = types[0];
    defined = true;
    const auto is_bitwise = op <= CallOp::shift_right;
    if (op == CallOp::lerp) return lerp(args, types, result);
    if (t.is_float() && !is_bitwise && op != CallOp::saturating_cast) return float_call(op, result, args, types);

    const Wide a = wide(args[0], t);
    const Wide b = args.size() > 1 ? wide(args[1], types[1]) : Wide{0};
    const auto shift_is_defined = [&](Wide by, int bits) { return by > -bits && by < bits; };
    // Shifts by at least the width of the operand are not defined.
    const auto by_shift = [&](int64_t sign, bool rounding) -> uint64_t {
        defined = shift_is_defined(b, t.bits());
        if (!defined) return 0;
        const auto by = static_cast<int64_t>(b) * sign;
        return wrapped(rounding ? rounding_shifted(a, by) : shifted(a, by), result);
    };
    switch (op) {
    case CallOp::bitwise_and: return args[0] & args[1];
    case CallOp::bitwise_or: return args[0] | args[1];
    case CallOp::bitwise_xor: return args[0] ^ args[1];
    case CallOp::bitwise_not: return wrap_unsigned(~args[0], t.bits());
    case CallOp::shift_left:
    case CallOp::widening_shift_left: return by_shift(1, false);
    case CallOp::shift_right:
    case CallOp::widening_shift_right: return by_shift(-1, false);
    case CallOp::rounding_shift_left: return by_shift(1, true);
    case CallOp::rounding_shift_right: return by_shift(-1, true);
    case CallOp::count_leading_zeros: return static_cast<uint64_t>(std::countl_zero(args[0]) - (64 - t.bits()));
    case CallOp::count_trailing_zeros: return args[0] ? static_cast<uint64_t>(std::countr_zero(args[0])) : static_cast<uint64_t>(t.bits());
    case CallOp::popcount: return static_cast<uint64_t>(std::popcount(args[0]));
    case CallOp::concat_bits: {
        uint64_t joined = 0;
        for (size_t i = args.size(); i-- > 0;) joined = t.bits() == 64 ? args[i] : joined << t.bits() | args[i];
        return joined;
    }
    case CallOp::extract_bits:
        defined = b >= 0 && b < t.bits();
        return defined ? wrap_unsigned(args[0] >> static_cast<int>(b), result.bits()) : 0;
    case CallOp::abs: return wrapped(a < 0 ? -a : a, result);
    case CallOp::absd: return wrapped(a < b ? b - a : a - b, result);
    case CallOp::div_round_to_zero:
    case CallOp::mod_round_to_zero:
        defined = b != 0;
        if (!defined) return 0;
        return wrapped(op == CallOp::div_round_to_zero ? a / b : a % b, result);
    case CallOp::widening_add:
    case CallOp::widen_right_add: return wrapped(a + b, result);
    case CallOp::widening_sub:
    case CallOp::widen_right_sub: return wrapped(a - b, result);
    case CallOp::widening_mul:
    case CallOp::widen_right_mul: return wrapped(static_cast<Wide>(static_cast<UnsignedWide>(a) * static_cast<UnsignedWide>(b)), result);
    case CallOp::saturating_add: return clamped(a + b, result);
    case CallOp::saturating_sub: return clamped(a - b, result);
    case CallOp::saturating_cast:
        if (result.is_float()) return cast_lane(args[0], t, result);
        if (!t.is_float()) return clamped(a, result);
        {
            const double x = std::trunc(lane_double(args[0], t));
            if (std::isnan(x)) return 0;
            if (x < static_cast<double>(smallest(result))) return wrapped(smallest(result), result);
            if (x > static_cast<double>(largest(result))) return wrapped(largest(result), result);
            return clamped(static_cast<Wide>(x), result);
        }
    case CallOp::halving_add: return wrapped((a + b) >> 1, result);
    case CallOp::halving_sub: return wrapped((a - b) >> 1, result);
    case CallOp::sorted_avg: return wrapped((a + b) >> 1, result);
    case CallOp::rounding_halving_add: return wrapped((a + b + 1) >> 1, result);
    case CallOp::mul_shift_right:
    case CallOp::rounding_mul_shift_right: {
        const Wide c = wide(args[2], types[2]);
        defined = c >= 0 && c < 2 * t.bits();
        if (!defined) return 0;
        return mul_shift_right(args[0], t, args[1], types[1], static_cast<int64_t>(c), op == CallOp::rounding_mul_shift_right, result);
    }
    default: HEDDLE_ASSERT(false, "no call that works lane by lane on ", to_string(t), ": ", to_string(op));
    }
    return 0;
}

}  // namespace heddle::Internal
