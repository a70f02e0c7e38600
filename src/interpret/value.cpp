#include "interpret/value.h"

#include <bit>
#include <cmath>

#include "ir/float16.h"
#include "ir/print.h"

namespace heddle::Internal {

int64_t lane_int(uint64_t bits, Type t) {
    return t.is_int() ? wrap_signed(static_cast<int64_t>(bits), t.bits()) : static_cast<int64_t>(bits);
}

double lane_double(uint64_t bits, Type t) {
    if (t.is_bfloat()) return bfloat16_bits_to_double(static_cast<uint16_t>(bits));
    if (t.bits() == 16) return float16_bits_to_double(static_cast<uint16_t>(bits));
    if (t.bits() == 32) return static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(bits)));
    return std::bit_cast<double>(bits);
}

uint64_t bits_of_int(int64_t value, Type t) {
    return wrap_unsigned(static_cast<uint64_t>(value), t.bits());
}

uint64_t bits_of_double(double value, Type t) {
    if (t.is_bfloat()) return double_to_bfloat16_bits(value);
    if (t.bits() == 16) return double_to_float16_bits(value);
    if (t.bits() == 32) return std::bit_cast<uint32_t>(static_cast<float>(value));
    return std::bit_cast<uint64_t>(value);
}

std::string lane_text(const Lane &lane, Type t) {
    if (lane.state == LaneState::Poison) return "uninitialised";
    if (lane.state == LaneState::Undef) return "undefined";
    if (t.is_float()) return float_text(lane_double(lane.bits, t), t.element_of());
    if (t.is_int()) return std::to_string(lane_int(lane.bits, t));
    return std::to_string(lane.bits);
}

namespace {

// Euclidean: 0 <= remainder < |b|; by zero both are zero. The one overflow, smallest / -1, wraps.
struct Quotient {
    int64_t quotient, remainder;
};

Quotient divide_signed(int64_t a, int64_t b) {
    if (b == 0) return {0, 0};
    if (b == -1) return {static_cast<int64_t>(uint64_t{0} - static_cast<uint64_t>(a)), 0};
    Quotient q{a / b, a % b};
    if (q.remainder < 0) {
        q.quotient += b > 0 ? -1 : 1;
        q.remainder = b > 0 ? q.remainder + b : q.remainder - b;  // remainder - b stays in range, -b need not
    }
    return q;
}

uint64_t binary_int(NodeKind kind, uint64_t a, uint64_t b, Type t) {
    const int64_t x = lane_int(a, t), y = lane_int(b, t);
    const bool is_signed = t.is_int();
    switch (kind) {
    case NodeKind::Add: return bits_of_int(static_cast<int64_t>(a + b), t);
    case NodeKind::Sub: return bits_of_int(static_cast<int64_t>(a - b), t);
    case NodeKind::Mul: return bits_of_int(static_cast<int64_t>(a * b), t);
    case NodeKind::Div:
        if (!is_signed) return b == 0 ? 0 : a / b;
        return bits_of_int(divide_signed(x, y).quotient, t);
    case NodeKind::Mod:
        if (!is_signed) return b == 0 ? 0 : a % b;
        return bits_of_int(divide_signed(x, y).remainder, t);
    case NodeKind::Min: return (is_signed ? x < y : a < b) ? a : b;
    case NodeKind::Max: return (is_signed ? x < y : a < b) ? b : a;
    case NodeKind::EQ: return a == b;
    case NodeKind::NE: return a != b;
    case NodeKind::LT: return is_signed ? x < y : a < b;
    case NodeKind::LE: return is_signed ? x <= y : a <= b;
    case NodeKind::GT: return is_signed ? x > y : a > b;
    case NodeKind::GE: return is_signed ? x >= y : a >= b;
    default: HEDDLE_ASSERT(false, "no binary operator: ", to_string(kind));
    }
    return 0;
}

// Doubles hold the operands exactly and have more than twice the bits of the narrower types, so that
// rounding their sum, product or quotient once more gives the correctly rounded result.
uint64_t binary_float(NodeKind kind, uint64_t a, uint64_t b, Type t) {
    const double x = lane_double(a, t), y = lane_double(b, t);
    const auto rounded = [&](double v) { return lane_double(bits_of_double(v, t), t); };
    switch (kind) {
    case NodeKind::Add: return bits_of_double(x + y, t);
    case NodeKind::Sub: return bits_of_double(x - y, t);
    case NodeKind::Mul: return bits_of_double(x * y, t);
    case NodeKind::Div: return bits_of_double(x / y, t);
    case NodeKind::Mod: return bits_of_double(x - rounded(y * std::floor(rounded(x / y))), t);
    case NodeKind::Min: return x < y ? a : b;
    case NodeKind::Max: return x > y ? a : b;
    case NodeKind::EQ: return x == y;
    case NodeKind::NE: return x != y;
    case NodeKind::LT: return x < y;
    case NodeKind::LE: return x <= y;
    case NodeKind::GT: return x > y;
    case NodeKind::GE: return x >= y;
    default: HEDDLE_ASSERT(false, "no binary operator: ", to_string(kind));
    }
    return 0;
}

// x as a double that rounds to any type of at most 51 bits as x itself does: where x has more than 53
// bits, the lowest bit kept is set if any bit dropped was (rounding to odd).
double for_rounding(uint64_t x) {
    const int excess = 64 - std::countl_zero(x) - 53;
    if (excess <= 0) return static_cast<double>(x);
    const uint64_t dropped = x & ((uint64_t{1} << excess) - 1);
    return std::ldexp(static_cast<double>((x >> excess) | (dropped != 0)), excess);
}

uint64_t int_to_float(uint64_t bits, Type from, Type to) {
    if (from.is_int()) {
        const int64_t x = lane_int(bits, from);
        if (to.bits() == 64) return bits_of_double(static_cast<double>(x), to);
        const uint64_t magnitude = x < 0 ? uint64_t{0} - static_cast<uint64_t>(x) : static_cast<uint64_t>(x);
        return bits_of_double(x < 0 ? -for_rounding(magnitude) : for_rounding(magnitude), to);
    }
    return bits_of_double(to.bits() == 64 ? static_cast<double>(bits) : for_rounding(bits), to);
}

uint64_t float_to_int(double x, Type to) {
    x = std::trunc(x);
    if (to.is_uint() && x >= 0 && x < 18446744073709551616.0) return wrap_unsigned(static_cast<uint64_t>(x), to.bits());
    if (!(x >= -9223372036854775808.0 && x < 9223372036854775808.0)) return 0;
    return bits_of_int(static_cast<int64_t>(x), to);
}

}  // namespace

uint64_t binary_lane(NodeKind kind, uint64_t a, uint64_t b, Type t) {
    return t.is_float() ? binary_float(kind, a, b, t) : binary_int(kind, a, b, t);
}

uint64_t cast_lane(uint64_t bits, Type from, Type to) {
    if (from.is_float()) {
        const double x = lane_double(bits, from);
        if (to.is_float()) return bits_of_double(x, to);
        if (to.is_bool()) return x != 0;
        return float_to_int(x, to);
    }
    if (to.is_float()) return int_to_float(bits, from, to);
    if (to.is_bool()) return bits != 0;
    return bits_of_int(lane_int(bits, from), to);
}

}  // namespace heddle::Internal
