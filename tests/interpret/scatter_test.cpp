// Updates that make several stores at once.

#include <gtest/gtest.h>

#include "support_lib/differential.h"

namespace heddle {
namespace {

using testing::expect_same_after_every_pass;

const Var x("x"), y("y");

TEST(Scatter, SwapsAndRotates) {
    Param<bool> p("p", true);
    Func f("f");
    f(x) = x * x + 1;
    f(scatter(3, 5)) = f(gather(5, 3));
    f(select(p, scatter(6, 7, 7), scatter(7, 8, 9))) = f(select(p, gather(7, 6, 6), gather(8, 9, 7)));
    expect_same_after_every_pass(f, {12});
}

TEST(Scatter, OfTwoStoresToOnePlaceTheRightOneStays) {
    Func g("g");
    RDom r(0, 6);
    g(x) = 0;
    g(scatter(r, r, 7 - r)) = gather(r, 2 * r, 3 * r);
    expect_same_after_every_pass(g, {9});
}

TEST(Scatter, LocationsThatReadTheFuncAreComputedFirst) {
    Func f("f");
    RDom r(0, 5);
    f(x) = x;
    f(clamp(f(scatter(r, r + 1)), 0, 9)) = gather(f(r + 1) + 1, f(r) * 2);
    expect_same_after_every_pass(f, {10});
}

TEST(Scatter, LocationsOfATupleThatReadItAreComputedFirst) {
    Func f("f");
    RDom r(0, 5);
    f(x) = Tuple(9 - x, x);
    f(clamp(f(r)[0], 0, 9)) = Tuple(r, f(r)[1] + 100);
    expect_same_after_every_pass(f, {10});
}

TEST(Scatter, InTuplesVectorized) {
    Func t("t");
    RDom m(0, 5);
    t(x, y) = Tuple(x + 10 * y, cast<float>(x - y));
    t(scatter(2 * m, 2 * m + 1), y) =
        Tuple(gather(t(2 * m + 1, y)[0], t(2 * m, y)[0] + 1000), gather(0.5f, t(2 * m, y)[1] + t(2 * m + 1, y)[1]));
    t.update().vectorize(y, 4, TailStrategy::GuardWithIf);
    expect_same_after_every_pass(t, {10, 7});
}

TEST(Scatter, OneElementOfATuple) {
    Func t("t");
    RDom r(0, 4);
    t(x) = Tuple(x, cast<uint8_t>(x * 3));
    t(scatter(r, 9 - r))[1] = gather(cast<uint8_t>(r), t(r)[1]);
    expect_same_after_every_pass(t, {10});
}

TEST(Scatter, WithPredicateAndParallelRows) {
    Func sorted("sorted");
    RDom s(0, 8, 0, 8);
    s.where(s.x < 8 - s.y);
    sorted(x, y) = (x * 37 + y * 11) % 53;
    Expr a = sorted(s.x, y), b = sorted(s.x + 1, y);
    sorted(s.x + scatter(0, 1), y) = gather(min(a, b), max(a, b));
    sorted.update().reorder(y, s.x, s.y).parallel(y);
    expect_same_after_every_pass(sorted, {9, 5});
}

TEST(Scatter, ComputedInsideOfItsConsumer) {
    Func f("f"), out("out");
    RDom r(0, 4);
    f(x, y) = x + y;
    f(x, 2 * r + scatter(0, 1)) = f(x, 2 * r + gather(1, 0)) * gather(2, 3);
    out(x, y) = f(x, y % 8) + f(x + 1, (y * 3) % 8);
    f.compute_at(out, y).vectorize(x, 4);
    f.update().vectorize(x, 4, TailStrategy::GuardWithIf).unroll(r, 2);
    expect_same_after_every_pass(out, {11, 8});
}

}  // namespace
}  // namespace heddle
