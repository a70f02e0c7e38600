// Calls that Halide's header accepts in several spellings: each must mean one thing.

#include <gtest/gtest.h>

#include "Halide.h"

namespace {

using namespace Halide;

enum Color { Red, Green };

TEST(Spellings, AnEnumWithoutClassIsAnInt) {
    const Color c = Green;
    EXPECT_TRUE(c == 1 && 0 != c && c > 0 && c + 1 == 2);
    Var x;
    EXPECT_EQ((x + c).type(), Int(32));
    Func f;
    f(x) = select(x == Green, 5, c);
    Buffer<int> out = f.realize({2});
    EXPECT_EQ(out(0), 1);
    EXPECT_EQ(out(1), 5);
}

TEST(Spellings, AnIntBesideAnExprTakesItsType) {
    Var x;
    const Expr narrow = cast<uint8_t>(x);
    EXPECT_EQ((narrow + 1).type(), UInt(8));
    EXPECT_EQ((2 * narrow).type(), UInt(8));
    EXPECT_EQ(min(narrow, 3).type(), UInt(8));
    EXPECT_EQ(absd(4, narrow).type(), UInt(8));
    EXPECT_EQ((narrow << 1).type(), UInt(8));
    EXPECT_EQ((narrow + true).type(), UInt(8));
    EXPECT_EQ((cast<float>(x) * 2).type(), Float(32));
    EXPECT_THROW(narrow + 256, CompileError);
    EXPECT_THROW(-1 < narrow, CompileError);
}

TEST(Spellings, SelectOfCallsOfFuncs) {
    Var x;
    Func a, pair, f, g;
    a(x) = x;
    pair(x) = Tuple(x, 2 * x);
    f(x) = select(x > 2, a(x), x > 1, a(x + 10), a(x + 20));
    g(x) = select(x > 0, Tuple(pair(x)), Tuple(pair(x + 5)));
    Buffer<int> out = f.realize({4});
    EXPECT_EQ(out(0), 20);
    EXPECT_EQ(out(2), 12);
    EXPECT_EQ(out(3), 3);
    Realization r = g.realize({2});
    EXPECT_EQ(Buffer<int>(r[1])(0), 10);
    EXPECT_EQ(Buffer<int>(r[1])(1), 2);
}

TEST(Spellings, ExteriorOfATupleWithBoundsInTheCall) {
    Var x;
    Func pair;
    pair(x) = Tuple(x, 10 * x);
    Realization r = BoundaryConditions::constant_exterior(pair, Tuple(-1, -2), 0, 2).realize({4});
    EXPECT_EQ(Buffer<int>(r[0])(1), 1);
    EXPECT_EQ(Buffer<int>(r[0])(2), -1);
    EXPECT_EQ(Buffer<int>(r[1])(3), -2);
}

TEST(Spellings, Buffers) {
    Buffer<> braces(Float(32), {2, 3, 4}), named(Int(8), 4, 5, "named_buffer");
    EXPECT_EQ(braces.dimensions(), 3);
    EXPECT_EQ(named.name(), "named_buffer");
    EXPECT_EQ(named.dim(1).extent(), 5);
    EXPECT_EQ((Buffer<float, 2>(std::vector<int>{2, 3}).height()), 3);
    std::vector<uint8_t> memory(12);
    Buffer<> interleaved = Buffer<>::make_interleaved(UInt(8), memory.data(), 2, 2, 3);
    EXPECT_EQ(interleaved.dim(0).stride(), 3);
    EXPECT_EQ(interleaved.dim(2).stride(), 1);
    EXPECT_EQ(interleaved.data(), memory.data());
    const Buffer<int> ordered(std::vector<int>{2, 3}, std::vector<int>{1, 0});
    EXPECT_EQ(ordered.dim(0).stride(), 3);
    EXPECT_EQ(ordered.sliced(0, 1).dimensions(), 1);
    EXPECT_EQ(ordered.embedded(0, 7).dim(0).min(), 7);
    EXPECT_THROW((Buffer<int, 2>(std::vector<int>{2, 3, 4})), CompileError);
    EXPECT_THROW(Buffer<int>(Float(32), {2, 3}), CompileError);
    EXPECT_THROW(Buffer<uint8_t>(std::vector<int>{1 << 30, 1 << 30, 1 << 30}), CompileError);
    EXPECT_THROW(Buffer<uint8_t>(std::vector<int>{-1}), CompileError);
    const halide_type_t t = Int(8);
    EXPECT_TRUE(named.type() == t && named.type() != halide_type_t(halide_type_uint, 8));
}

TEST(Spellings, SmallFloatsByName) {
    EXPECT_TRUE(float16_t::infinity.is_infinity() && bfloat16_t::negative_infinity.is_negative());
    EXPECT_TRUE(bfloat16_t::nan.is_nan() && float16_t::zero.is_zero());
    EXPECT_EQ(float16_t::negative_zero.to_bits(), 0x8000);
#ifdef HALIDE_CPP_COMPILER_HAS_FLOAT16
    EXPECT_EQ(float16_t(static_cast<_Float16>(1.5f)).to_bits(), float16_t(1.5f).to_bits());
    EXPECT_EQ(static_cast<float>(static_cast<_Float16>(float16_t(0.1f))), static_cast<float>(float16_t(0.1f)));
    EXPECT_EQ(Expr(static_cast<_Float16>(2.0f)).type(), Float(16));
#endif
}

TEST(Spellings, ArgumentsOfExternStages) {
    Func f;
    ImageParam im(UInt(8), 1);
    Buffer<int> b(3);
    EXPECT_TRUE(ExternFuncArgument(f).is_func());
    EXPECT_TRUE(ExternFuncArgument(im).is_image_param());
    EXPECT_TRUE(ExternFuncArgument(im.parameter()).is_image_param());
    EXPECT_TRUE(ExternFuncArgument(b).is_buffer());
    EXPECT_TRUE(ExternFuncArgument(3).is_expr());
    EXPECT_FALSE(ExternFuncArgument().defined());
}

TEST(Spellings, ArgumentsTellEstimates) {
    ImageParam im(UInt(8), 2, "estimated");
    im.set_estimates({{0, 10}, {1, 20}});
    const Argument a = im, b = im;
    ASSERT_EQ(a.argument_estimates.buffer_estimates.size(), 2u);
    EXPECT_EQ(evaluate<int>(a.argument_estimates.buffer_estimates[1].extent), 20);
    EXPECT_EQ(a, b);
    im.set_estimates({{0, 10}, {1, 21}});
    EXPECT_FALSE(a == Argument(im));
    Buffer<float> buffer(3, 4, "an_argument");
    const std::vector<Argument> list = {im, buffer};
    EXPECT_EQ(list[1].name, "an_argument");
    EXPECT_EQ(list[1].type, Float(32));
}

}  // namespace
