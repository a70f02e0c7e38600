// Constants, the ranges of types, and the narrow floating-point types.

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "ir/compare.h"
#include "ir/float16.h"
#include "ir/nodes.h"
#include "ir/print.h"

namespace heddle::Internal {
namespace {

TEST(Float16, AllBitsSurvive) {
    for (uint32_t bits = 0; bits < 0x10000; bits++) {
        const auto b = static_cast<uint16_t>(bits);
        const double half = float16_bits_to_double(b), brain = bfloat16_bits_to_double(b);
        if (!std::isnan(half)) {
            ASSERT_EQ(double_to_float16_bits(half), b) << bits;
        }
        if (!std::isnan(brain)) {
            ASSERT_EQ(double_to_bfloat16_bits(brain), b) << bits;
            // A bfloat16 is the upper half of a float32.
            ASSERT_EQ(brain, static_cast<double>(std::bit_cast<float>(bits << 16)));
        }
        ASSERT_EQ(std::isnan(half), (bits & 0x7c00) == 0x7c00 && (bits & 0x3ff));
        ASSERT_EQ(std::isnan(brain), (bits & 0x7f80) == 0x7f80 && (bits & 0x7f));
    }
    EXPECT_TRUE(std::isnan(float16_bits_to_double(double_to_float16_bits(NAN))));
    EXPECT_TRUE(std::isnan(bfloat16_bits_to_double(double_to_bfloat16_bits(-NAN))));
}

// Between each pair of neighbours: just below the middle, the middle, just above.
TEST(Float16, RoundsToTheNearestTiesToEven) {
    const auto check = [](uint16_t (*round)(double), double (*widen)(uint16_t), uint32_t infinity) {
        for (uint32_t bits = 0; bits < infinity - 1; bits++) {
            const auto low = static_cast<uint16_t>(bits), high = static_cast<uint16_t>(bits + 1);
            const double a = widen(low), b = widen(high), middle = (a + b) / 2;
            ASSERT_EQ(round(std::nextafter(middle, a)), low) << bits;
            ASSERT_EQ(round(middle), bits % 2 ? high : low) << bits;
            ASSERT_EQ(round(std::nextafter(middle, b)), high) << bits;
            ASSERT_EQ(round(-middle), static_cast<uint16_t>(0x8000 | (bits % 2 ? high : low))) << bits;
        }
        // Half a step above the largest is infinite, anything below is not.
        const auto largest = static_cast<uint16_t>(infinity - 1);
        const double top = widen(largest), limit = top + (top - widen(static_cast<uint16_t>(infinity - 2))) / 2;
        ASSERT_EQ(round(limit), infinity);
        ASSERT_EQ(round(std::nextafter(limit, 0)), largest);
    };
    check(double_to_float16_bits, float16_bits_to_double, 0x7c00);
    check(double_to_bfloat16_bits, bfloat16_bits_to_double, 0x7f80);
}

TEST(Constants, WrapToTheirType) {
    EXPECT_EQ(IntImm::make(Int(8), 200).as<IntImm>()->value, -56);
    EXPECT_EQ(UIntImm::make(UInt(8), 300).as<UIntImm>()->value, 44u);
    EXPECT_EQ(make_const(UInt(16), int64_t{-1}).as<UIntImm>()->value, 65535u);
    EXPECT_EQ(make_const(Float(16), 65520.0).as<FloatImm>()->value, INFINITY);
    EXPECT_EQ(make_const(Float(32), 0.1).as<FloatImm>()->value, static_cast<double>(0.1f));
    EXPECT_EQ(to_string(make_const(Int(16, 4), int64_t{7})), "broadcast(7i16, 4)");
    EXPECT_EQ(wrap_signed(0x1ff, 8), -1);
    EXPECT_EQ(wrap_unsigned(~uint64_t{0}, 64), ~uint64_t{0});
}

TEST(Constants, AreRecognised) {
    int64_t i = 0;
    EXPECT_TRUE(as_const_int(make_const(Int(32, 8), int64_t{-3}), &i));
    EXPECT_EQ(i, -3);
    EXPECT_FALSE(as_const_int(UIntImm::make(UInt(64), ~uint64_t{0}), &i));
    EXPECT_FALSE(as_const_int(Expr(1.0f), &i));
    EXPECT_TRUE(is_const(Expr(2.0f), 2));
    EXPECT_TRUE(is_const_true(const_true(4)));
    EXPECT_FALSE(is_const_true(Expr(1)));
    EXPECT_FALSE(is_const(Variable::make(Int(32), Symbol::fresh("x"))));
}

TEST(Types, Ranges) {
    EXPECT_EQ(to_string(Int(8).max()), "127i8");
    EXPECT_EQ(to_string(Int(8).min()), "-128i8");
    EXPECT_EQ(to_string(UInt(64).max()), "18446744073709551615u64");
    EXPECT_EQ(to_string(Int(64).min()), "-9223372036854775808i64");
    EXPECT_EQ(to_string(Float(32).min()), "-inf(float32)");
    EXPECT_EQ(to_string(UInt(8, 4).max()), "broadcast(255u8, 4)");
    EXPECT_TRUE(UInt(8).is_max(uint64_t{255}));
    EXPECT_TRUE(Int(64).is_min(std::numeric_limits<int64_t>::min()));
    EXPECT_TRUE(Int(64).is_max(std::numeric_limits<int64_t>::max()));
    EXPECT_FALSE(Int(8).is_max(int64_t{-1}));
}

TEST(Types, WhatRepresentsWhat) {
    EXPECT_TRUE(Int(32).can_represent(UInt(16)));
    EXPECT_FALSE(Int(32).can_represent(UInt(32)));
    EXPECT_FALSE(UInt(32).can_represent(Int(8)));
    EXPECT_TRUE(Float(32).can_represent(Int(16)));
    EXPECT_FALSE(Float(32).can_represent(Int(32)));
    EXPECT_TRUE(Float(64).can_represent(Int(32)));
    EXPECT_FALSE(Float(16).can_represent(UInt(16)));
    EXPECT_TRUE(Float(32).can_represent(BFloat(16)));
    EXPECT_FALSE(Float(16).can_represent(BFloat(16)));
    EXPECT_FALSE(Int(32).can_represent(Int(32, 4)));
    EXPECT_TRUE(UInt(8).can_represent(int64_t{255}));
    EXPECT_FALSE(UInt(8).can_represent(int64_t{-1}));
    EXPECT_FALSE(Float(32).can_represent(int64_t{16777217}));
    EXPECT_TRUE(Float(64).can_represent(std::numeric_limits<int64_t>::min()));
    EXPECT_FALSE(Float(64).can_represent(std::numeric_limits<int64_t>::max()));
    EXPECT_FALSE(Int(64).can_represent(~uint64_t{0}));
    EXPECT_TRUE(Int(8).can_represent(-128.0));
    EXPECT_FALSE(Int(8).can_represent(1.5));
    EXPECT_FALSE(Int(64).can_represent(9223372036854775808.0));
    EXPECT_FALSE(Int(32).can_represent(static_cast<double>(NAN)));
    EXPECT_FALSE(Float(32).can_represent(0.1));
}

TEST(Types, UndefinedExpressionsHaveNone) {
    EXPECT_THROW(static_cast<void>(Expr().type()), CompileError);
}

}  // namespace
}  // namespace heddle::Internal
