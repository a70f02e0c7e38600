// What one lane does: exhaustively over small types against the definitions, in plain arithmetic.

#include "interpret/value.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "ir/float16.h"

namespace heddle::Internal {
namespace {

// All pairs of 8-bit values as t.
template<typename F>
void for_all_pairs(Type t, F &&f) {
    for (uint64_t a = 0; a < 256; a++) {
        for (uint64_t b = 0; b < 256; b++) f(a, b, lane_int(a, t), lane_int(b, t));
    }
}
int64_t call(CallOp op, Type result, Type t, uint64_t a, uint64_t b, bool *is_defined = nullptr) {
    bool defined = true;
    const uint64_t bits = call_lane(op, result, {a, b}, {t, t}, defined);
    if (is_defined) *is_defined = defined;
    return lane_int(bits, result);
}
int64_t clamp_to(int64_t x, Type t) {
    const int64_t low = t.is_int() ? -128 : 0, high = t.is_int() ? 127 : 255;
    return std::clamp(x, low, high);
}
int64_t floor_half(int64_t x) {
    return (x - (x % 2 != 0 && x < 0)) / 2;
}

TEST(Value, DivisionIsEuclidean) {
    for (const Type t : {Int(8), UInt(8)}) {
        for_all_pairs(t, [&](uint64_t a, uint64_t b, int64_t x, int64_t y) {
            const int64_t q = lane_int(binary_lane(NodeKind::Div, a, b, t), t);
            const int64_t r = lane_int(binary_lane(NodeKind::Mod, a, b, t), t);
            if (y == 0) {
                ASSERT_EQ(q, 0);
                ASSERT_EQ(r, 0);
                return;
            }
            ASSERT_GE(r, 0);
            ASSERT_LT(r, std::abs(y));
            if (!(x == -128 && y == -1)) {
                ASSERT_EQ(q * y + r, x) << x << " / " << y;
            }
        });
    }
    const uint64_t smallest = uint64_t{1} << 63;
    EXPECT_EQ(binary_lane(NodeKind::Div, smallest, ~uint64_t{0}, Int(64)), smallest);
    EXPECT_EQ(binary_lane(NodeKind::Mod, smallest, ~uint64_t{0}, Int(64)), 0u);
    // The remainder of -1 by the smallest is the largest.
    EXPECT_EQ(binary_lane(NodeKind::Mod, ~uint64_t{0}, smallest, Int(64)), smallest - 1);
    EXPECT_EQ(binary_lane(NodeKind::Div, ~uint64_t{0}, smallest, Int(64)), 1u);
}

TEST(Value, IntegersWrap) {
    for (const Type t : {Int(8), UInt(8)}) {
        for_all_pairs(t, [&](uint64_t a, uint64_t b, int64_t x, int64_t y) {
            ASSERT_EQ(binary_lane(NodeKind::Add, a, b, t), static_cast<uint8_t>(x + y));
            ASSERT_EQ(binary_lane(NodeKind::Sub, a, b, t), static_cast<uint8_t>(x - y));
            ASSERT_EQ(binary_lane(NodeKind::Mul, a, b, t), static_cast<uint8_t>(x * y));
            ASSERT_EQ(lane_int(binary_lane(NodeKind::Min, a, b, t), t), std::min(x, y));
            ASSERT_EQ(lane_int(binary_lane(NodeKind::Max, a, b, t), t), std::max(x, y));
            ASSERT_EQ(binary_lane(NodeKind::LT, a, b, t), x < y);
            ASSERT_EQ(binary_lane(NodeKind::GE, a, b, t), x >= y);
        });
    }
    EXPECT_EQ(binary_lane(NodeKind::Add, 0x7fffffff, 1, Int(32)), 0x80000000u);
    EXPECT_EQ(binary_lane(NodeKind::Mul, 0xffffffffffffffff, 0xffffffffffffffff, UInt(64)), 1u);
}

TEST(Value, FixedPointCalls) {
    for (const Type t : {Int(8), UInt(8)}) {
        const Type twice = t.widen();
        for_all_pairs(t, [&](uint64_t a, uint64_t b, int64_t x, int64_t y) {
            ASSERT_EQ(call(CallOp::saturating_add, t, t, a, b), clamp_to(x + y, t));
            ASSERT_EQ(call(CallOp::saturating_sub, t, t, a, b), clamp_to(x - y, t));
            ASSERT_EQ(call(CallOp::halving_add, t, t, a, b), floor_half(x + y));
            ASSERT_EQ(call(CallOp::rounding_halving_add, t, t, a, b), floor_half(x + y + 1));
            ASSERT_EQ(call(CallOp::halving_sub, t, t, a, b), lane_int(bits_of_int(floor_half(x - y), t), t));
            ASSERT_EQ(call(CallOp::absd, UInt(8), t, a, b), std::abs(x - y));
            ASSERT_EQ(call(CallOp::widening_add, twice, t, a, b), x + y);
            ASSERT_EQ(call(CallOp::widening_mul, twice, t, a, b), x * y);
            ASSERT_EQ(call(CallOp::widening_sub, Int(16), t, a, b), x - y);
        });
        for (uint64_t a = 0; a < 256; a++) {
            ASSERT_EQ(call(CallOp::saturating_cast, UInt(8), t, a, 0), std::clamp<int64_t>(lane_int(a, t), 0, 255));
            ASSERT_EQ(call(CallOp::saturating_cast, Int(8), t, a, 0), std::clamp<int64_t>(lane_int(a, t), -128, 127));
            ASSERT_EQ(call(CallOp::abs, UInt(8), t, a, 0), std::abs(lane_int(a, t)));
        }
    }
}

TEST(Value, Shifts) {
    for (const Type t : {Int(8), UInt(8)}) {
        for (uint64_t a = 0; a < 256; a++) {
            const int64_t x = lane_int(a, t);
            for (int64_t by = -9; by <= 9; by++) {
                bool defined = true;
                const uint64_t b = bits_of_int(by, Int(8));
                const auto shift = [&](CallOp op) {
                    return lane_int(call_lane(op, t, {a, b}, {t, Int(8)}, defined), t);
                };
                const double exact = static_cast<double>(x) * std::pow(2.0, static_cast<double>(by));
                const int64_t down = static_cast<int64_t>(std::floor(exact));
                const int64_t left = shift(CallOp::shift_left);
                ASSERT_EQ(defined, by > -8 && by < 8);
                if (!defined) continue;
                ASSERT_EQ(left, lane_int(bits_of_int(down, t), t)) << x << " << " << by;
                const auto nearest = [&](double v) { return lane_int(bits_of_int(static_cast<int64_t>(std::floor(v + 0.5)), t), t); };
                ASSERT_EQ(shift(CallOp::rounding_shift_left), nearest(exact));
                const double other = static_cast<double>(x) * std::pow(2.0, static_cast<double>(-by));
                ASSERT_EQ(shift(CallOp::shift_right), lane_int(bits_of_int(static_cast<int64_t>(std::floor(other)), t), t));
                ASSERT_EQ(shift(CallOp::rounding_shift_right), nearest(other));
            }
        }
    }
}

TEST(Value, MultiplyAndShift) {
    bool defined = true;
    for (int c = 0; c < 16; c++) {
        for_all_pairs(Int(8), [&](uint64_t a, uint64_t b, int64_t x, int64_t y) {
            const std::vector<Type> types = {Int(8), Int(8), UInt(8)};
            const std::vector<uint64_t> args = {a, b, static_cast<uint64_t>(c)};
            const double exact = static_cast<double>(x * y) / std::pow(2.0, c);
            ASSERT_EQ(lane_int(call_lane(CallOp::mul_shift_right, Int(8), args, types, defined), Int(8)),
                      clamp_to(static_cast<int64_t>(std::floor(exact)), Int(8)));
            ASSERT_EQ(lane_int(call_lane(CallOp::rounding_mul_shift_right, Int(8), args, types, defined), Int(8)),
                      clamp_to(static_cast<int64_t>(std::floor(exact + 0.5)), Int(8)));
        });
    }
    const uint64_t most = ~uint64_t{0};
    EXPECT_EQ(call_lane(CallOp::mul_shift_right, UInt(64), {most, most, 64}, {UInt(64), UInt(64), UInt(64)}, defined), most - 1);
}

TEST(Value, BitsAreCounted) {
    bool defined = true;
    const auto count = [&](CallOp op, uint64_t a, Type t) { return call_lane(op, t, {a}, {t}, defined); };
    EXPECT_EQ(count(CallOp::count_leading_zeros, 0, UInt(8)), 8u);
    EXPECT_EQ(count(CallOp::count_leading_zeros, 1, UInt(16)), 15u);
    EXPECT_EQ(count(CallOp::count_trailing_zeros, 0, UInt(32)), 32u);
    EXPECT_EQ(count(CallOp::count_trailing_zeros, 8, UInt(64)), 3u);
    EXPECT_EQ(count(CallOp::popcount, 0xff, Int(8)), 8u);
    EXPECT_EQ(count(CallOp::bitwise_not, 0, UInt(8)), 0xffu);
    EXPECT_EQ(call_lane(CallOp::concat_bits, UInt(32), {1, 2, 3, 4}, std::vector<Type>(4, UInt(8)), defined), 0x04030201u);
    EXPECT_EQ(call_lane(CallOp::extract_bits, UInt(8), {0x04030201, 16}, {UInt(32), UInt(32)}, defined), 3u);
}

TEST(Value, DivisionToZeroByZeroIsNotDefined) {
    bool defined = true;
    EXPECT_EQ(call(CallOp::div_round_to_zero, Int(8), Int(8), bits_of_int(-7, Int(8)), 2, &defined), -3);
    EXPECT_TRUE(defined);
    EXPECT_EQ(call(CallOp::mod_round_to_zero, Int(8), Int(8), bits_of_int(-7, Int(8)), 2, &defined), -1);
    call(CallOp::div_round_to_zero, Int(8), Int(8), 1, 0, &defined);
    EXPECT_FALSE(defined);
}

TEST(Value, LerpIsTheNearest) {
    bool defined = true;
    for (uint64_t a = 0; a < 256; a += 5) {
        for (uint64_t b = 0; b < 256; b += 3) {
            for (uint64_t w = 0; w < 256; w += 7) {
                const uint64_t got = call_lane(CallOp::lerp, UInt(8), {a, b, w}, {UInt(8), UInt(8), UInt(8)}, defined);
                const double exact = (static_cast<double>(a) * (255.0 - static_cast<double>(w)) + static_cast<double>(b * w)) / 255.0;
                ASSERT_EQ(got, static_cast<uint64_t>(std::floor(exact + 0.5)));
            }
        }
    }
}

TEST(Value, CastsRoundOnceAndTruncate) {
    const auto to_float = [](int64_t x, Type from) {
        return lane_double(cast_lane(bits_of_int(x, from), from, Float(32)), Float(32));
    };
    // 2^24 + 1 and 2^60 + 2^36 + 1: just above a tie, which double would lose.
    for (const int64_t x : {int64_t{16777217}, (int64_t{1} << 60) + (int64_t{1} << 36) + 1, -((int64_t{1} << 60) + (int64_t{1} << 36) + 1),
                            std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}) {
        EXPECT_EQ(to_float(x, Int(64)), static_cast<double>(static_cast<float>(x))) << x;
    }
    EXPECT_EQ(cast_lane(bits_of_double(-3.9, Float(32)), Float(32), Int(8)), bits_of_int(-3, Int(8)));
    EXPECT_EQ(cast_lane(bits_of_double(200.7, Float(64)), Float(64), UInt(8)), 200u);
    EXPECT_EQ(cast_lane(bits_of_double(NAN, Float(32)), Float(32), Int(32)), 0u);
    EXPECT_EQ(cast_lane(0x80, Int(8), Int(32)), 0xffffff80u);
    EXPECT_EQ(cast_lane(0x80, UInt(8), Int(32)), 0x80u);
    EXPECT_EQ(cast_lane(2, Int(32), Bool()), 1u);
    EXPECT_EQ(cast_lane(bits_of_double(65520, Float(32)), Float(32), Float(16)), bits_of_double(INFINITY, Float(16)));
}

TEST(Value, NarrowFloatsRoundAfterEachOperation) {
    const auto f16 = [](double x) { return bits_of_double(x, Float(16)); };
    EXPECT_EQ(binary_lane(NodeKind::Add, f16(2048), f16(1), Float(16)), f16(2048));
    EXPECT_EQ(binary_lane(NodeKind::Mul, f16(300), f16(300), Float(16)), f16(INFINITY));
    const auto b16 = [](double x) { return bits_of_double(x, BFloat(16)); };
    EXPECT_EQ(binary_lane(NodeKind::Add, b16(256), b16(1), BFloat(16)), b16(256));
    // Doubles hold exact sums and products: the result of every float32 operation is that of the hardware.
    uint64_t state = 1;
    for (int i = 0; i < 20000; i++) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        const auto a = std::bit_cast<float>(static_cast<uint32_t>(state >> 32));
        const auto b = std::bit_cast<float>(static_cast<uint32_t>(state >> 13));
        if (std::isnan(a) || std::isnan(b)) continue;
        const auto expect = [&](NodeKind op, float value) {
            if (std::isnan(value)) return;
            ASSERT_EQ(binary_lane(op, std::bit_cast<uint32_t>(a), std::bit_cast<uint32_t>(b), Float(32)), std::bit_cast<uint32_t>(value));
        };
        expect(NodeKind::Add, a + b);
        expect(NodeKind::Mul, a * b);
        expect(NodeKind::Div, a / b);
    }
}

TEST(Value, FusedMultiplyAddRoundsOnce) {
    bool defined = true;
    const std::vector<Type> types(3, Float(32));
    uint64_t state = 7;
    for (int i = 0; i < 20000; i++) {
        const auto next = [&] {
            state = state * 6364136223846793005ull + 1442695040888963407ull;
            // Exponents near each other, so that all bits matter.
            const auto bits = static_cast<uint32_t>(state >> 32);
            return std::bit_cast<float>((bits & 0x807fffff) | ((120 + (bits >> 23) % 16) << 23));
        };
        const float a = next(), b = next(), c = next();
        const std::vector<uint64_t> args = {std::bit_cast<uint32_t>(a), std::bit_cast<uint32_t>(b), std::bit_cast<uint32_t>(c)};
        ASSERT_EQ(call_lane(CallOp::fma, Float(32), args, types, defined), std::bit_cast<uint32_t>(std::fma(a, b, c)));
    }
}

}  // namespace
}  // namespace heddle::Internal
