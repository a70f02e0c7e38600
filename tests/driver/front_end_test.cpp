// What the front end builds, by its values: boundary conditions, inline reductions, updates.
#include <gtest/gtest.h>

#include <algorithm>
#include <climits>

#include "heddle/heddle.h"

namespace heddle {
namespace {

using namespace BoundaryConditions;

// The value at x of each condition around b(0 ... 4) = 10, 20, 30, 40, 50.
std::vector<int> around(const Func &f, int from, int count) {
    Buffer<int> out(count);
    out.set_min(from);
    Func g = f;
    g.realize(out);
    std::vector<int> values;
    for (int i = from; i < from + count; i++) values.push_back(out(i));
    return values;
}

TEST(BoundaryConditions, OfARow) {
    Buffer<int> b(5);
    b.fill([](int i) { return 10 * i + 10; });
    using V = std::vector<int>;
    EXPECT_EQ(around(constant_exterior(b, 7), -2, 9), (V{7, 7, 10, 20, 30, 40, 50, 7, 7}));
    EXPECT_EQ(around(repeat_edge(b), -2, 9), (V{10, 10, 10, 20, 30, 40, 50, 50, 50}));
    EXPECT_EQ(around(repeat_image(b), -6, 13), (V{50, 10, 20, 30, 40, 50, 10, 20, 30, 40, 50, 10, 20}));
    EXPECT_EQ(around(mirror_image(b), -6, 13), (V{50, 50, 40, 30, 20, 10, 10, 20, 30, 40, 50, 50, 40}));
    EXPECT_EQ(around(mirror_interior(b), -6, 13), (V{30, 40, 50, 40, 30, 20, 10, 20, 30, 40, 50, 40, 30}));
    // Of a part of the row, and of an empty part.
    EXPECT_EQ(around(repeat_edge(b, {{1, 2}}), 0, 5), (V{20, 20, 30, 30, 30}));
    EXPECT_EQ(around(constant_exterior(b, 7, {{1, 0}}), 0, 3), (V{7, 7, 7}));
    EXPECT_EQ(around(constant_exterior(b, 7, 2, 2), 0, 5), (V{7, 7, 30, 40, 7}));
}

TEST(BoundaryConditions, Refusals) {
    Var x("x");
    Func f("unbounded_f");
    Buffer<int> b(5);
    EXPECT_THROW(repeat_edge(f, {{0, 5}}), CompileError);  // not defined
    f(x) = x;
    EXPECT_THROW(repeat_edge(f), CompileError);  // no bounds of its own
    EXPECT_THROW(repeat_edge(b, {{0, 5}, {0, 5}}), CompileError);
    EXPECT_THROW(constant_exterior(b, Tuple(1, 2)), CompileError);
}

TEST(InlineReductions, Values) {
    Buffer<int> b(6, 2);
    b.fill([](int i, int j) { return (i * 5) % 7 - 2 + 10 * j; });
    Var y("y");
    RDom r(0, 6, "r");
    Func all("all");
    all(y) = Tuple(sum(b(r, y)), product(b(r, y) + 3), maximum(b(r, y)), minimum(b(r, y)), argmax(b(r, y))[0],
                   argmin(r, b(r, y))[0], sum(r, Expr(2)));
    Realization out = all.realize({2});
    for (int j = 0; j < 2; j++) {
        int total = 0, times = 1, most = INT_MIN, least = INT_MAX, most_at = 0, least_at = 0;
        for (int i = 0; i < 6; i++) {
            const int v = b(i, j);
            total += v;
            times *= v + 3;
            if (v > most) most = v, most_at = i;
            if (v < least) least = v, least_at = i;
        }
        const int want[] = {total, times, most, least, most_at, least_at, 12};
        for (size_t k = 0; k < 7; k++) EXPECT_EQ(Buffer<int>(out[k])(j), want[k]) << "value " << k << " of row " << j;
    }
}

TEST(InlineReductions, SaturateAtEachStepAndTakeASchedule) {
    Buffer<uint8_t> b(5);
    b.fill(100);
    RDom r(0, 5, "r");
    Var x("x");
    Func total("total"), f("f");
    f(x) = saturating_sum(r, b(r), total) + cast<uint8_t>(x);
    total.compute_root();
    Buffer<uint8_t> out = f.realize({1});
    EXPECT_EQ(out(0), 255);
}

TEST(Updates, ElementsOfATuple) {
    Var x("x");
    RDom r(0, 4, "r");
    Func t("t");
    t(x) = Tuple(x, 100 * x);
    t(r)[0] += 1000;
    t(r)[1] = t(r)[0];
    Realization out = t.realize({6});
    for (int i = 0; i < 6; i++) {
        EXPECT_EQ(Buffer<int>(out[0])(i), i < 4 ? i + 1000 : i);
        EXPECT_EQ(Buffer<int>(out[1])(i), i < 4 ? i + 1000 : 100 * i);
    }
}

TEST(Externs, CFunctionsOfThePipeline) {
    Var x("x");
    struct Local {
        static int twice(int v) {
            return 2 * v;
        }
    };
    Func f("f");
    f(x) = Internal::extern_call("heddle_test_twice", Int(32), {Int(32)}, {Expr(x)}, true) + 1;
    Pipeline p(f);
    Buffer<int> out(4);
    EXPECT_THROW(p.realize(out), CompileError);  // there is no such function
    p.set_jit_externs({{"heddle_test_twice", JITExtern(&Local::twice)}});
    p.realize(out);
    EXPECT_EQ(out(3), 7);
    EXPECT_THROW(Internal::extern_call("f", Int(32), {Float(32)}, {Expr(x)}, true), CompileError);
}

}  // namespace
}  // namespace heddle
