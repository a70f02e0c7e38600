#include "heddle/buffer.h"

#include <gtest/gtest.h>

#include "heddle/func.h"
#include "heddle/inline_reductions.h"
#include "ir/nodes.h"
#include "language/parameter.h"
#include "language/reachable.h"

namespace heddle {
namespace {

using Internal::Access;

TEST(Buffer, HandlesShareShapeAndMemory) {
    Buffer<int> a(5, 4, "shared_buffer");
    EXPECT_EQ(a.name(), "shared_buffer");
    a.fill([](int i, int j) { return i + 10 * j; });
    Buffer<int> same = a;
    same(2, 2) = -1;
    same.set_min(7, 8);
    EXPECT_EQ(a(9, 10), -1);
    EXPECT_TRUE(same.same_as(a));
    Buffer<> erased = a;
    EXPECT_TRUE(erased.same_as(a));
    EXPECT_EQ(erased.type(), Int(32));
    EXPECT_FALSE(a.copy().same_as(a));
}

TEST(Buffer, ConversionIsChecked) {
    Buffer<> any = Buffer<float>(3, 3);
    EXPECT_THROW((Buffer<int>(any)), CompileError);
    EXPECT_THROW((Buffer<float, 1>(any)), CompileError);
    EXPECT_NO_THROW((Buffer<float, 2>(any)));
    EXPECT_THROW(Buffer<int>().width(), CompileError);
    EXPECT_THROW((Realization({Buffer<int>(2), Buffer<int>(2)}).operator Buffer<int, AnyDims>()), CompileError);
}

TEST(Buffer, StaticDimensionsKeepTheirMemory) {
    Buffer<uint8_t, 3> b(4, 3, 2);
    b.fill(7);
    Buffer<uint8_t, 2> plane = b.sliced(2, 1);
    Buffer<uint8_t, 3> again = plane.embedded(0, 5);
    plane(1, 1) = 9;
    EXPECT_EQ(b(1, 1, 1), 9);
    EXPECT_EQ(again(5, 1, 1), 9);
    EXPECT_EQ(b.copy()(1, 1, 1), 9);
}

TEST(Buffer, AnExprReadsItWhenThePipelineRuns) {
    Var x("x");
    Buffer<int> b(4, "read_buffer");
    const Expr first = b(x), second = b(x + 1);
    const Access *a = first.as<Access>();
    ASSERT_TRUE(a);
    EXPECT_EQ(a->buffer, second.as<Access>()->buffer);
    const auto p = Internal::parameter_of(*a);
    ASSERT_TRUE(p);
    EXPECT_TRUE(p->bound_from_start);
    EXPECT_TRUE(p->buffer.same_as(b));
    EXPECT_THROW(b(x, x), CompileError);
}

TEST(Parameters, ThatOutputsUse) {
    Var x("x");
    ImageParam image(UInt(8), 1, "image_p"), unused(UInt(8), 1, "unused_p"), limits(Int(32), 1, "limits_p");
    Buffer<int> table(4, "table_b");
    Func f("params_f"), g("params_g");
    f(x) = cast<int>(image(x)) + table(x % 4);
    g(x) = f(x);
    image.dim(0).set_extent(limits.dim(0).extent());
    const Internal::Functions outputs = {g.function()};
    const auto reached = Internal::functions_reached(outputs);
    ASSERT_EQ(reached.size(), 2u);
    EXPECT_EQ(reached[0], f.function());
    std::vector<std::string> names;
    for (const auto &p : Internal::parameters_used(reached, outputs)) names.push_back(p->name);
    EXPECT_EQ(names, (std::vector<std::string>{"image_p", "limits_p", "table_b"}));
}

TEST(InlineReduction, TakesItsFreeVarsAsArguments) {
    Var x("x"), y("y");
    RDom r(0, 4, "r"), q(0, 3, "q");
    ImageParam in(Int(32), 2, "in_p");
    Func user("user_of_sum");
    const Expr e = sum(in(x + r, y), "row_sum");
    const auto f = Internal::function_of(*e.as<Access>());
    ASSERT_TRUE(f);
    EXPECT_EQ(f->display_name, "row_sum");
    EXPECT_EQ(f->args, (std::vector<std::string>{"x", "y"}));
    EXPECT_EQ(f->updates.at(0).rdom->variables.size(), 1u);
    // A sum over one domain within an expression over another.
    const Expr nested = sum(q, sum(r, in(r, q)));
    EXPECT_TRUE(nested.defined());
    // The domain counts even where it is not used.
    const Expr constant = sum(r, Expr(5));
    EXPECT_TRUE(Internal::function_of(*constant.as<Access>())->updates.at(0).rdom);
    EXPECT_THROW(sum(x + y), CompileError);
    EXPECT_THROW(sum(in(r, q)), CompileError);
}

}  // namespace
}  // namespace heddle
