// What scatter() and gather() refuse.

#include "heddle/scatter.h"

#include <gtest/gtest.h>

#include "heddle/func.h"
#include "support_lib/error_code.h"

namespace heddle {
namespace {

using heddle::testing::code_of;

const Var x("x"), y("y");

TEST(Scatter, TypesArePromoted) {
    EXPECT_EQ(gather(cast<uint8_t>(x), 1).type(), Int(32));
    EXPECT_EQ(gather(1, 2.5f, cast<uint8_t>(x)).type(), Float(32));
    EXPECT_EQ(scatter(x, y, 3).type(), Int(32));
}

TEST(Scatter, OperandsMustBeDefined) {
    EXPECT_EQ(code_of([] { gather(std::vector<Expr>{}); }), 125);
    EXPECT_EQ(code_of([] { scatter(Expr(), 1); }), 100);
}

TEST(Scatter, AllHaveTheSameNumberOfOperands) {
    Func f("f");
    f(x, y) = 0;
    EXPECT_EQ(code_of([&] { f(scatter(1, 2), 0) = gather(1, 2, 3); }), 221);
    EXPECT_EQ(code_of([&] { f(scatter(1, 2), scatter(1, 2, 3)) = 5; }), 221);
    EXPECT_EQ(f.num_update_definitions(), 0);
    Func g("g");
    EXPECT_EQ(code_of([&] { g(x) = gather(1, 2) + gather(1, 2, 3); }), 221);
    EXPECT_FALSE(g.defined());
}

TEST(Scatter, NotInsideOfAnother) {
    Func f("f");
    f(x) = 0;
    EXPECT_EQ(code_of([&] { f(scatter(1, 2)) = gather(gather(1, 2), gather(3, 4)); }), 222);
}

TEST(Scatter, NotInAPredicate) {
    RDom r(0, 4);
    r.where(gather(r < 1, r < 2));
    Func f("f");
    f(x) = 0;
    EXPECT_EQ(code_of([&] { f(r + scatter(0, 1)) = 1; }), 223);
}

TEST(Scatter, NoIndexOfAFloat) {
    Func f("f");
    f(x) = 0;
    EXPECT_EQ(code_of([&] { f(scatter(1.0f, 2.0f)) = gather(5, 6); }), 217);
}

}  // namespace
}  // namespace heddle
