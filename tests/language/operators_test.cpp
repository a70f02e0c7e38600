#include "heddle/operators.h"

#include <gtest/gtest.h>

#include <limits>

#include "heddle/error.h"
#include "heddle/func.h"
#include "heddle/var.h"
#include "ir/compare.h"
#include "ir/print.h"
#include "ir/rewrite.h"
#include "support_lib/error_code.h"

namespace heddle {
namespace {

using heddle::testing::code_of;

using Internal::equal;

std::string text(const Expr &e) {
    return Internal::to_string(e, {.types = false});
}

// The code of the CompileError that `make` throws; 0 when it throws none. Its message must hold `part`.
struct Operators : ::testing::Test {
    Var x{"x"};
    Expr u8 = cast<uint8_t>(x), i16 = cast<int16_t>(x), u32 = cast<uint32_t>(x),
         f32 = cast<float>(x), f64 = cast<double>(x), f16 = cast(Float(16), x), b = x > 3;
};

TEST_F(Operators, PromoteTheNarrowerOperand) {
    EXPECT_EQ((u8 + i16).type(), Int(16));
    EXPECT_EQ((u8 + u32).type(), UInt(32));
    EXPECT_EQ((u32 + i16).type(), Int(32));
    EXPECT_EQ((u32 * f16).type(), Float(16));
    EXPECT_EQ((f16 - f64).type(), Float(64));
    EXPECT_EQ((u8 < f32).type(), Bool());
    EXPECT_EQ(text(u8 + i16), "int16(uint8(x)) + int16(x)");
}

TEST_F(Operators, ConstantsTakeTheTypeOfTheOtherOperand) {
    EXPECT_TRUE(equal(u8 + 255, u8 + Expr(uint8_t{255})));
    EXPECT_TRUE(equal(-128 + cast<int8_t>(x), Expr(int8_t{-128}) + cast<int8_t>(x)));
    EXPECT_TRUE(equal(x + 7u, x + Expr(7)));
    EXPECT_TRUE(equal(x + int64_t{7}, x + Expr(7)));
    EXPECT_TRUE(equal(f32 * 0.1, f32 * Expr(0.1f)));
    EXPECT_EQ((f16 * 2).type(), Float(16));
    EXPECT_EQ((f16 * 1.5f).type(), Float(32));
    EXPECT_EQ((x * 0.5f).type(), Float(32));
    EXPECT_EQ((u8 + Expr(1)).type(), Int(32));
    EXPECT_EQ(code_of([&] { u8 + 256; }, "256"), 101);
    EXPECT_EQ(code_of([&] { -1 * u8; }, "-1"), 101);
    EXPECT_EQ(code_of([&] { f32 + 16777217; }, "16777217"), 101);
    EXPECT_EQ(code_of([&] { x + (int64_t{1} << 40); }), 101);
    EXPECT_EQ(code_of([&] { return b == 2; }), 101);
    EXPECT_EQ(code_of([&] { min(u8, 256); }), 101);
    EXPECT_EQ(code_of([&] { u8 + 256; }, "uint8"), 101) << "the message names the type";
}

TEST_F(Operators, FoldConstantsWithTheMeaningOfTheNodes) {
    EXPECT_TRUE(equal(Expr(-7) / 2, Expr(-4)));
    EXPECT_TRUE(equal(Expr(-7) % 2, Expr(1)));
    EXPECT_TRUE(equal(Expr(7) / -2, Expr(-3)));
    EXPECT_TRUE(equal(Expr(7) / 0, Expr(0)));
    EXPECT_TRUE(equal(Expr(uint8_t{200}) + Expr(uint8_t{100}), Expr(uint8_t{44})));
    EXPECT_TRUE(equal(Expr(0.1f) + Expr(0.2f), Expr(0.1f + 0.2f)));
    EXPECT_TRUE(equal(Expr(1) << 33 % 32, Expr(2)));
    EXPECT_TRUE(equal(Expr(-8) >> 1, Expr(-4)));
    EXPECT_TRUE(equal(Expr(-8) << -1, Expr(-4)));
    EXPECT_TRUE(equal(~Expr(uint8_t{0xf0}), Expr(uint8_t{0x0f})));
    EXPECT_TRUE(equal(cast<uint8_t>(Expr(300)), Expr(uint8_t{44})));
    EXPECT_TRUE(equal(saturating_cast<uint8_t>(Expr(300)), Expr(uint8_t{255})));
    EXPECT_TRUE(equal(saturating_cast<int8_t>(Expr(~uint64_t{0})), Expr(int8_t{127})));
    EXPECT_TRUE(equal(round(Expr(2.5f)), Expr(2.0f)));
    EXPECT_TRUE(equal(abs(Expr(std::numeric_limits<int>::min())), Expr(uint32_t{1} << 31)));
    EXPECT_EQ(text(x + 1 + 1), "x + 1 + 1") << "nothing but constants is rewritten";
}

TEST_F(Operators, NegationKeepsTheSignOfZero) {
    EXPECT_EQ(text(-f32), "-0.0f - float32(x)");
    EXPECT_EQ(text(-u8), "0u8 - uint8(x)");
}

TEST_F(Operators, BitsAreOfOneSignedness) {
    EXPECT_EQ((u8 & u32).type(), UInt(32));
    EXPECT_EQ(code_of([&] { u8 &i16; }, "&"), 102);
    EXPECT_EQ(code_of([&] { f32 | 1; }), 102);
    EXPECT_EQ((u8 << x).type(), UInt(32));
    EXPECT_EQ((u8 << 3).type(), UInt(8));
    EXPECT_EQ(code_of([&] { f32 << 1; }), 102);
}

TEST_F(Operators, UndefinedOperandsAreNamedByOperation) {
    EXPECT_EQ(code_of([&] { Expr() + 1; }, "+"), 100);
    EXPECT_EQ(code_of([&] { x < Expr(); }, "x"), 100);
    EXPECT_EQ(code_of([&] { sqrt(Expr()); }, "sqrt"), 100);
    EXPECT_EQ(code_of([&] { clamp(x, Expr(), 3); }), 100);
    EXPECT_EQ(code_of([&] { select(Expr(), 1, x); }), 100);
    EXPECT_EQ(code_of([&] { select(b, x, Expr()); }), 100);
    EXPECT_EQ(code_of([&] { likely(Expr()); }), 100);
}

TEST_F(Operators, ConditionsAreBools) {
    EXPECT_EQ(code_of([&] { return x && b; }, "x"), 103);
    EXPECT_EQ(code_of([&] { return !x; }), 103);
    EXPECT_EQ(code_of([&] { select(x, 1, 2); }), 103);
    EXPECT_EQ(code_of([&] { require(x, x); }), 103);
    EXPECT_EQ((b && true).type(), Bool());
}

TEST_F(Operators, SelectGivesConstantsTheTypeOfTheOthers) {
    EXPECT_EQ(select(b, 1, u8).type(), UInt(8));
    EXPECT_EQ(select(b, f32, 0).type(), Float(32));
    EXPECT_EQ(select(b, 1, 2).type(), Int(32));
    EXPECT_EQ(select(x == 0, 1, x == 1, u8, 3).type(), UInt(8));
    EXPECT_TRUE(equal(select(x == 0, 1, x == 1, 2, 3), select(x == 0, 1, select(x == 1, 2, 3))));
    EXPECT_EQ(code_of([&] { select(b, u8, 300); }, "300"), 101);
    EXPECT_EQ(code_of([&] { select(b, f32, f64); }), 102);
    EXPECT_EQ(text(mux(x, {5, x, 7})), text(select(x == 0, 5, x == 1, x, 7)));
}

TEST_F(Operators, TuplesAreSelectedByElement) {
    const Tuple t = select(b, Tuple(x, f32), Tuple(1, 0.5f));
    EXPECT_TRUE(equal(t[0], select(b, x, 1)));
    EXPECT_TRUE(equal(t[1], select(b, f32, 0.5f)));
    EXPECT_EQ(code_of([&] { select(b, Tuple(x, x), Tuple(x, x, x)); }), 119);
    EXPECT_EQ(code_of([&] { t[2]; }), 119);
}

TEST_F(Operators, ClampKeepsTheTypeOfTheValue) {
    EXPECT_EQ(clamp(u8, 3, 200).type(), UInt(8));
    EXPECT_EQ(clamp(x, u8, i16).type(), Int(32));
    EXPECT_EQ(clamp(u8, x % 16, 200).type(), UInt(8)) << "0 to 15 is known to fit";
    EXPECT_EQ(code_of([&] { clamp(u8, 0, 300); }, "300"), 105);
    EXPECT_EQ(code_of([&] { clamp(u8, x, 3); }), 105);
}

TEST_F(Operators, FunctionsOfFloats) {
    EXPECT_EQ(sin(x).type(), Float(32));
    EXPECT_EQ(sin(f64).type(), Float(64));
    EXPECT_EQ(floor(cast(BFloat(16), x)).type(), BFloat(16));
    EXPECT_EQ(pow(x, 3).type(), Int(32));
    EXPECT_EQ(text(pow(x, 3)), "x*x*x");
    EXPECT_EQ(pow(f32, f64).type(), Float(32));
    EXPECT_EQ(code_of([&] { erf(f64); }, "erf"), 102);
    EXPECT_EQ(code_of([&] { is_nan(x); }), 102);
    EXPECT_EQ(lerp(0, u8, 0.5f).type(), UInt(8));
    EXPECT_EQ(code_of([&] { lerp(u8, u8, 1.5f); }), 107);
    EXPECT_EQ(code_of([&] { lerp(u8, u8, x); }), 107);
}

TEST_F(Operators, FixedPoint) {
    EXPECT_EQ(widening_mul(u8, cast<int8_t>(x)).type(), Int(16));
    EXPECT_EQ(widening_sub(u8, u8).type(), Int(16));
    EXPECT_EQ(widening_shift_left(u8, 4).type(), UInt(16));
    EXPECT_EQ(widen_right_add(i16, cast<int8_t>(x)).type(), Int(16));
    EXPECT_EQ(saturating_add(u8, i16).type(), Int(16));
    EXPECT_EQ(rounding_mul_shift_right(i16, i16, 15).type(), Int(16));
    EXPECT_EQ(code_of([&] { widening_add(cast<int64_t>(x), 1); }), 102);
    EXPECT_EQ(code_of([&] { saturating_add(f32, f32); }), 102);
    EXPECT_EQ(concat_bits({u8, u8, u8, u8}).type(), UInt(32));
    EXPECT_EQ(code_of([&] { concat_bits({u8, u8, u8}); }), 109);
}

TEST_F(Operators, CompoundAssignmentKeepsTheType) {
    Expr a = u8;
    a += f32;
    EXPECT_EQ(a.type(), UInt(8));
    a *= 3;
    EXPECT_EQ(a.type(), UInt(8));
}

TEST_F(Operators, VariadicMinimum) {
    EXPECT_TRUE(equal(max(u8, cast<uint8_t>(x + 1), 3), max(max(u8, cast<uint8_t>(x + 1)), 3)));
    EXPECT_EQ(max(u8, u8, u8, 1).type(), UInt(8));
}

// A random number knows the coordinates of the definition that it stands in.
TEST_F(Operators, RandomNumbersGetCoordinates) {
    Var y("y");
    Func f("random_f");
    f(x, y) = random_uint();
    const auto *call = f.value().as<Internal::Call>();
    ASSERT_TRUE(call);
    ASSERT_EQ(call->args.size(), 4u);
    EXPECT_TRUE(equal(call->args[2], x) && equal(call->args[3], y));
    Func g("random_g");
    RDom r(0, 5);
    g(x) = 0;
    g(x) += random_int();
    g(r) += random_int();
    int coordinates = -1;
    Internal::walk_graph(g.update_value(1), [&](const Internal::Call &c) {
        coordinates = static_cast<int>(c.args.size()) - 2;
    });
    EXPECT_EQ(coordinates, 1) << "r, which the left side brings in";
    EXPECT_EQ(code_of([&] { random_int(f32); }, "random_int"), 102);
}

TEST_F(Operators, HandlesAreNoNumbers) {
    const Expr h = undef(Handle());
    EXPECT_EQ(code_of([&] { h + x; }), 102);
    EXPECT_EQ(code_of([&] { cast<int>(h); }), 104);
    EXPECT_EQ(cast<uint64_t>(h).type(), UInt(64));
    EXPECT_EQ((h == h).type(), Bool());
}

}  // namespace
}  // namespace heddle
