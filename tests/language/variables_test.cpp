// Var, RVar, RDom, Param, and the 16-bit floats.

#include <gtest/gtest.h>

#include <sstream>
#include <thread>

#include "heddle/error.h"
#include "heddle/func.h"
#include "heddle/image_param.h"
#include "heddle/param.h"
#include "heddle/rdom.h"
#include "heddle/var.h"
#include "ir/compare.h"
#include "ir/nodes.h"
#include "language/function.h"
#include "language/parameter.h"
#include "support_lib/error_code.h"

namespace heddle {
namespace {

using heddle::testing::code_of;

using Internal::equal;

TEST(Var, OfOneNameAreTheSame) {
    EXPECT_TRUE(Var("x").same_as(Var("x")));
    EXPECT_FALSE(Var("x").same_as(Var("y")));
    EXPECT_FALSE(Var().same_as(Var()));
    EXPECT_EQ(Expr(Var("x")).type(), Int(32));
    EXPECT_TRUE(Var(_).is_placeholder());
    EXPECT_TRUE(Var::implicit(3).same_as(Var(_3)));
    EXPECT_EQ(Var(_3).implicit_index(), 3);
    EXPECT_FALSE(Var("_x").is_implicit());
    EXPECT_EQ(code_of([] { Var::implicit(10); }), 118);
}

TEST(Var, AreTheSameInAllThreads) {
    std::vector<Var> made(8);
    std::vector<std::thread> threads;
    for (Var &v : made)
        threads.emplace_back([&v] { v = Var("shared_by_threads"); });
    for (std::thread &t : threads)
        t.join();
    for (const Var &v : made)
        EXPECT_TRUE(v.same_as(made[0]));
}

TEST(RDom, NamesItsVariables) {
    RDom r(0, 4, -2, 5, 0, 1, 0, 1, 0, 1, "dom");
    EXPECT_EQ(r.dimensions(), 5);
    EXPECT_EQ(r.x.name(), "dom$x");
    EXPECT_EQ(r.w.name(), "dom$w");
    EXPECT_EQ(r[4].name(), "dom$4");
    EXPECT_TRUE(equal(r.y.min(), Expr(-2)) && equal(r.y.extent(), Expr(5)));
    RDom again(0, 4, "dom");
    EXPECT_NE(again.x.name(), r.x.name());
    EXPECT_FALSE(equal(again.x, r.x));
    std::ostringstream out;
    out << again;
    EXPECT_EQ(out.str(), "RDom(" + again.x.name() + "(0, 4))");
}

TEST(RDom, OfOneDimensionIsItsVariable) {
    RDom r(3, 9);
    EXPECT_TRUE(equal(r + 1, r.x + 1));
    EXPECT_EQ(code_of(
                  [] {
                      RDom two(0, 1, 0, 1, "two");
                      Expr e = two;
                  },
                  "two"),
              115);
    EXPECT_EQ(code_of([&] { r[1]; }), 115);
    EXPECT_EQ(code_of([&] { Expr e = r.y; }), 116);
}

TEST(RDom, TakesTheShapeOfAnImage) {
    Buffer<uint8_t> b(5, 7);
    RDom r(b);
    EXPECT_EQ(r.dimensions(), 2);
    EXPECT_TRUE(equal(r.y.extent(), Expr(7)));
    ImageParam p(UInt(8), 3);
    EXPECT_EQ(RDom(p).dimensions(), 3);
}

TEST(RDom, RefusesBoundsThatAreNone) {
    Var x("x");
    Param<float> f("f_of_bound");
    EXPECT_EQ(code_of([&] { RDom r(0, f, "dom_f"); }, "dom_f"), 111);
    EXPECT_EQ(code_of([&] { RDom r(0, cast<int64_t>(f)); }), 111);
    EXPECT_EQ(code_of([&] { RDom r(0, x); }, "x"), 112);
    EXPECT_EQ(code_of([&] { RDom q(0, 4), r(0, q); }), 112);
    EXPECT_EQ(code_of([&] { RDom r(0, -1); }, "-1"), 113);
    EXPECT_EQ(code_of([&] { RDom r(0, Expr()); }), 110);
    RDom small(0, cast<uint8_t>(f));
    EXPECT_EQ(small.x.extent().type(), Int(32));
}

TEST(RDom, PredicatesEndWithTheFirstUse) {
    Var x("x");
    Func f("predicated_f");
    RDom r(0, 10);
    r.where(r < x);
    r.where(r % 2 == 0);
    EXPECT_EQ(code_of([&] { r.where(r + 1); }), 114);
    f(x) = 0;
    f(x) += r;
    EXPECT_EQ(code_of([&] { r.where(r < 3); }), 117);
}

// The predicate refers to the domain's variables, and must not keep the domain alive by that.
TEST(RDom, IsReleased) {
    std::weak_ptr<Internal::ReductionDomain> watch;
    {
        RDom r(0, 10);
        r.where(r % 2 == 0);
        watch = r.domain();
        EXPECT_FALSE(watch.expired());
    }
    EXPECT_TRUE(watch.expired());
}

TEST(Param, HoldsAValueOfItsType) {
    Param<uint8_t> p("byte_param", 7);
    EXPECT_EQ(p.get(), 7);
    p.set(200.0f);
    EXPECT_EQ(p.get(), 200);
    EXPECT_EQ(code_of([&] { p.set(256); }, "byte_param"), 121);
    EXPECT_EQ(code_of([&] { p.set(-1); }), 121);
    EXPECT_EQ(code_of([&] { p.set(1.5f); }), 121);
    EXPECT_EQ(p.get(), 200) << "a refused value changes nothing";
    Param<float> f;
    f.set(0.1);
    EXPECT_EQ(f.get(), 0.1f);
    Param<int64_t> i("int64_param", INT64_MIN);
    EXPECT_EQ(i.get(), INT64_MIN);
    EXPECT_EQ(code_of([&] { i.set(~uint64_t{0}); }), 121);
}

TEST(Param, OfRunTimeType) {
    Param<> any(Int(16), "any_param");
    any.set(-300);
    EXPECT_EQ(any.get<int16_t>(), -300);
    EXPECT_EQ(code_of([&] { any.set(40000); }), 121);
    EXPECT_EQ(code_of([&] { Param<float>{any}; }, "any_param"), 122);
    Param<int16_t> same = any;
    EXPECT_EQ(same.get(), -300);
}

TEST(Param, Ranges) {
    Param<int> p("ranged_param", 5, 0, 10), open("open_param");
    EXPECT_TRUE(equal(p.min_value(), Expr(0)) && equal(p.max_value(), Expr(10)));
    EXPECT_FALSE(open.min_value().defined());
    open.set_min_value(3);
    EXPECT_TRUE(open.min_value().defined() && !open.max_value().defined());
    EXPECT_EQ(code_of([&] { open.set_max_value(2.5f); }, "open_param"), 123);
}

TEST(Param, StandsForItsParameter) {
    Param<float> p("expr_param");
    const Expr e = p;
    EXPECT_EQ(e.type(), Float(32));
    EXPECT_EQ(Internal::parameter_of(*e.as<Internal::Variable>()).get(), &*p.parameter());
    EXPECT_EQ(Argument(p).name, "expr_param");
}

TEST(SmallFloats, RoundOnce) {
    EXPECT_EQ(float16_t(65519.0f).to_bits(), 0x7bff);
    EXPECT_TRUE(float16_t(65520.0f).is_infinity());
    EXPECT_EQ(float16_t(2049.0f).to_bits(), float16_t(2048.0f).to_bits());
    EXPECT_EQ(bfloat16_t(257.0f).to_bits(), bfloat16_t(256.0f).to_bits());
    EXPECT_EQ(static_cast<float>(float16_t(1.5f) * float16_t(3.0f)), 4.5f);
    EXPECT_TRUE(float16_t::make_nan().is_nan());
    EXPECT_FALSE(float16_t::make_nan() == float16_t::make_nan());
    EXPECT_TRUE(float16_t::make_negative_zero() == float16_t::make_zero());
    EXPECT_EQ(type_of<bfloat16_t>(), BFloat(16));
    EXPECT_EQ(Expr(float16_t(0.5f)).type(), Float(16));
}

// A Var without a name is found again by the one it got.
TEST(Var, UnnamedOnesAreTheArgumentsOfTheirFunc) {
    Var a, b;
    Func f("f"), g("g");
    f(a, b) = a + 2 * b;
    EXPECT_TRUE(f.args()[0].same_as(a));
    g(f.args()) = f(f.args()) + a;
    EXPECT_EQ(g.dimensions(), 2);
}

}  // namespace
}  // namespace heddle
