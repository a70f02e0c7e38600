#include "ir/float16.h"

#include <bit>
#include <cmath>

namespace heddle::Internal {

namespace {

// Rounds a double to a binary format with the given exponent and mantissa widths (16 bits in all).
uint16_t round_to_small(double x, int exponent_bits, int mantissa_bits) {
    const uint64_t bits = std::bit_cast<uint64_t>(x);
    const uint16_t sign = static_cast<uint16_t>((bits >> 63) << 15);
    const int bias = (1 << (exponent_bits - 1)) - 1;
    const uint16_t infinity = static_cast<uint16_t>(((1 << exponent_bits) - 1) << mantissa_bits);
    if (std::isnan(x)) return sign | infinity | static_cast<uint16_t>(1 << (mantissa_bits - 1));
    if (std::isinf(x)) return sign | infinity;
    if (x == 0) return sign;
    // Scale so that one unit is the spacing of the result at this magnitude, then round once.
    int e = std::ilogb(x);
    if (e < 1 - bias) e = 1 - bias;
    const double units = std::nearbyint(std::ldexp(std::fabs(x), mantissa_bits - e));
    const double value = std::ldexp(units, e - mantissa_bits);
    if (value >= std::ldexp(1.0, bias + 1)) return sign | infinity;
    const int ve = value == 0 ? 1 - bias : std::ilogb(value);
    if (ve < 1 - bias || value == 0) {
        return sign | static_cast<uint16_t>(std::ldexp(value, mantissa_bits - (1 - bias)));
    }
    const auto mantissa = static_cast<uint32_t>(std::ldexp(value, mantissa_bits - ve)) - (1u << mantissa_bits);
    return static_cast<uint16_t>(sign | ((ve + bias) << mantissa_bits) | mantissa);
}

double widen_small(uint16_t bits, int exponent_bits, int mantissa_bits) {
    const int bias = (1 << (exponent_bits - 1)) - 1;
    const int exponent = (bits >> mantissa_bits) & ((1 << exponent_bits) - 1);
    const int mantissa = bits & ((1 << mantissa_bits) - 1);
    const double sign = bits & 0x8000 ? -1.0 : 1.0;
    if (exponent == (1 << exponent_bits) - 1) {
        return mantissa ? std::copysign(std::nan(""), sign) : sign * HUGE_VAL;
    }
    if (exponent == 0) return sign * std::ldexp(mantissa, 1 - bias - mantissa_bits);
    return sign * std::ldexp(mantissa + (1 << mantissa_bits), exponent - bias - mantissa_bits);
}

}  // namespace

uint16_t double_to_float16_bits(double x) {
    return round_to_small(x, 5, 10);
}
double float16_bits_to_double(uint16_t bits) {
    return widen_small(bits, 5, 10);
}
uint16_t double_to_bfloat16_bits(double x) {
    return round_to_small(x, 8, 7);
}
double bfloat16_bits_to_double(uint16_t bits) {
    return widen_small(bits, 8, 7);
}

double round_to_type(double x, Type t) {
    if (t.is_bfloat()) return bfloat16_bits_to_double(double_to_bfloat16_bits(x));
    if (t.bits() == 16) return float16_bits_to_double(double_to_float16_bits(x));
    if (t.bits() == 32) return static_cast<double>(static_cast<float>(x));
    return x;
}

}  // namespace heddle::Internal
