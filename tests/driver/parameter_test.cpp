// Parameter, and the handles that are made of it; LoopLevels that are locked.

#include "heddle/parameter.h"

#include <gtest/gtest.h>

#include <map>

#include "heddle/func.h"
#include "heddle/param.h"
#include "support_lib/error_code.h"

namespace heddle {
namespace {

using heddle::testing::code_of;

TEST(Parameter, ScalarHasAValueLimitsAndAnEstimate) {
    Parameter p(Int(16), false, 0, "scalar_parameter");
    EXPECT_EQ(p.name(), "scalar_parameter");
    EXPECT_EQ(p.type(), Int(16));
    EXPECT_EQ(p.dimensions(), 0);
    EXPECT_FALSE(p.is_buffer());
    EXPECT_FALSE(p.has_scalar_value());
    EXPECT_EQ(code_of([&] { p.scalar<int16_t>(); }), 120);
    EXPECT_EQ(code_of([&] { p.scalar_expr(); }), 120);
    p.set_scalar<int16_t>(-7);
    EXPECT_TRUE(p.has_scalar_value());
    EXPECT_EQ(p.scalar<int16_t>(), -7);
    EXPECT_EQ(evaluate<int16_t>(p.scalar_expr()), -7);
    EXPECT_EQ(code_of([&] { p.set_scalar<int32_t>(1); }), 122);
    EXPECT_EQ(code_of([&] { p.scalar<uint16_t>(); }), 122);
    p.set_min_value(Expr(-10));
    p.set_max_value(Expr(10));
    p.set_estimate(Expr(3));
    p.set_default_value(Expr(4));
    EXPECT_EQ(p.min_value().type(), Int(16));
    const ArgumentEstimates e = p.get_argument_estimates();
    EXPECT_EQ(evaluate<int16_t>(e.scalar_min), -10);
    EXPECT_EQ(evaluate<int16_t>(e.scalar_max), 10);
    EXPECT_EQ(evaluate<int16_t>(e.scalar_estimate), 3);
    EXPECT_EQ(evaluate<int16_t>(e.scalar_def), 4);
    EXPECT_EQ(code_of([&] { p.set_estimate(Expr(100000)); }), 123);
    EXPECT_EQ(code_of([&] { p.set_host_alignment(8); }), 122);
    EXPECT_EQ(code_of([&] { p.buffer(); }), 122);
}

TEST(Parameter, IsWhatAParamIsMadeOf) {
    Param<int> p("made_of");
    Parameter q = p.parameter();
    q.set_scalar<int>(5);
    EXPECT_EQ(p.get(), 5);
    Func f;
    Var x;
    f(x) = x + p;
    Buffer<int> out = f.realize({3});
    EXPECT_EQ(out(2), 7);
    q.set_max_value(4);
    EXPECT_THROW(f.realize({3}), RuntimeError);
    Param<int> again(q);
    EXPECT_EQ(again.get(), 5);
    EXPECT_TRUE(q.same_as(again.parameter()));
    std::map<Parameter, int> by_identity = {{q, 1}, {again.parameter(), 2}};
    EXPECT_EQ(by_identity.size(), 1u);
}

TEST(Parameter, BufferHasConstraintsThatRunsCheck) {
    Parameter p(UInt(8), true, 2, "buffer_parameter");
    EXPECT_TRUE(p.is_buffer());
    EXPECT_EQ(p.dimensions(), 2);
    ASSERT_EQ(p.buffer_constraints().size(), 2u);
    p.set_min_constraint(0, 2);
    p.set_extent_constraint(1, 3);
    p.set_stride_constraint(1, 8);
    p.set_min_constraint_estimate(0, 0);
    p.set_extent_constraint_estimate(0, 100);
    p.set_host_alignment(4);
    EXPECT_EQ(evaluate<int>(p.min_constraint(0)), 2);
    EXPECT_EQ(evaluate<int>(p.extent_constraint(1)), 3);
    EXPECT_EQ(evaluate<int>(p.stride_constraint(1)), 8);
    EXPECT_FALSE(p.extent_constraint(0).defined());
    EXPECT_EQ(evaluate<int>(p.extent_constraint_estimate(0)), 100);
    EXPECT_EQ(evaluate<int>(p.buffer_constraints()[0].min_estimate), 0);
    EXPECT_EQ(p.host_alignment(), 4);
    EXPECT_EQ(code_of([&] { p.set_min_constraint(2, 0); }), 241);
    EXPECT_EQ(code_of([&] { p.set_scalar<uint8_t>(1); }), 122);
    EXPECT_EQ(code_of([&] { p.set_buffer(Buffer<int>(2, 2)); }), 244);

    ImageParam im(p, Func());
    Func f;
    Var x, y;
    f(x, y) = im(x + 2, y);
    Buffer<uint8_t> good(8, 3), bad(8, 3);
    good.fill(9);
    good.set_min(2, 0);
    p.set_buffer(good);
    EXPECT_TRUE(p.buffer().same_as(good));
    Buffer<uint8_t> out = f.realize({4, 3});
    EXPECT_EQ(out(3, 2), 9);
    p.set_buffer(bad);
    EXPECT_THROW(f.realize({4, 3}), RuntimeError);
}

TEST(Parameter, UndefinedOrImpossibleOnesAreRefused) {
    const Parameter none;
    EXPECT_FALSE(none.defined());
    EXPECT_EQ(code_of([&] { none.name(); }), 240);
    EXPECT_EQ(code_of([&] { Parameter(Int(32), false, 2, "scalar_with_dimensions"); }), 241);
    EXPECT_EQ(code_of([&] { Parameter(Int(32), true, -1, "negative"); }), 241);
    EXPECT_NE(Parameter(Int(32), false, 0).name(), Parameter(Int(32), false, 0).name());
}

TEST(Param, OfPointers) {
    Param<void *> p("void_pointer");
    EXPECT_EQ(p.type(), Handle());
    int target = 0;
    p.set(static_cast<void *>(&target));
    EXPECT_EQ(p.get(), &target);
    Param<const char *> text("text_pointer");
    EXPECT_EQ(text.type(), Handle());
    static_assert(Param<float>::has_static_type && !Param<>::has_static_type);
    EXPECT_EQ(Param<float>::static_type(), Float(32));
}

TEST(LoopLevel, IsNotSetOnceItIsLocked) {
    Func f("locked_f");
    Var x("x");
    f(x) = x;
    LoopLevel level(LoopLevel::root());
    EXPECT_FALSE(level.locked());
    LoopLevel copy = level;
    level.set(LoopLevel(f, x));
    EXPECT_EQ(&level.lock(), &level);
    EXPECT_TRUE(copy.locked());
    EXPECT_EQ(code_of([&] { copy.set(LoopLevel::inlined()); }), 427);
    EXPECT_EQ(level, LoopLevel(f, x));
    EXPECT_NE(level, LoopLevel::root());
    EXPECT_EQ(level.func_name(), "locked_f");
    EXPECT_EQ(level.var_name(), "x");
    EXPECT_FALSE(level.is_rvar());
    EXPECT_EQ(level.get_stage_index(), -1);
    EXPECT_TRUE(level.match("locked_f.s0.x"));
    EXPECT_FALSE(level.match("locked_f.s0.xo"));
    EXPECT_FALSE(level.match("locked.s0.x"));
    EXPECT_TRUE(level.match(LoopLevel(f, x, 0)));
}

}  // namespace
}  // namespace heddle
