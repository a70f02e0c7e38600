// Algorithms evaluated point by point, against plain loops.

#include "interpret/naive.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "heddle/heddle.h"

namespace heddle {
namespace {

using Internal::ArgValue;
using Internal::evaluate_naively;
using Internal::NaiveOptions;

// The value of f over a box that begins at the mins.
template<typename T>
Buffer<T> evaluated(const Func &f, const std::vector<int> &extents, const std::vector<int> &mins = {}, const NaiveOptions &options = {}) {
    Buffer<T> out(extents);
    if (!mins.empty()) out.set_min(mins);
    out.fill(T(77));
    evaluate_naively({f.function()}, {out.raw_buffer()}, options);
    return out;
}

template<typename T>
void expect_all(Buffer<T> b, const std::function<double(int, int)> &expected) {
    b.for_each_element([&](int x, int y) { ASSERT_EQ(static_cast<double>(b(x, y)), expected(x, y)) << x << ", " << y; });
}

TEST(Naive, PureDefinitionsAndMins) {
    Var x("x"), y("y");
    Func f("f"), g("g");
    f(x, y) = x * 10 + y;
    g(x, y) = cast<uint8_t>(f(x + 1, y - 1) + f(y, x));
    expect_all(evaluated<uint8_t>(g, {4, 5}, {-2, 3}), [](int i, int j) {
        return static_cast<uint8_t>((i + 1) * 10 + (j - 1) + j * 10 + i);
    });
}

TEST(Naive, ReadsInputsWithinTheirBoundsOnly) {
    Var x("x"), y("y");
    Buffer<uint16_t> in(6, 4);
    in.for_each_element([&](int i, int j) { in(i, j) = static_cast<uint16_t>(i * i + 100 * j); });
    Func f("f");
    f(x, y) = in(x, y) + in(x + 1, y);
    expect_all(evaluated<uint16_t>(f, {5, 4}), [](int i, int j) { return i * i + (i + 1) * (i + 1) + 200 * j; });
    EXPECT_THROW(evaluated<uint16_t>(f, {6, 4}), RuntimeError);
    // What select does not choose is not read.
    Func g("g");
    g(x, y) = select(x < 5, in(x + 1, y), cast<uint16_t>(7));
    expect_all(evaluated<uint16_t>(g, {6, 4}), [](int i, int j) { return i < 5 ? (i + 1) * (i + 1) + 100 * j : 7; });
}

TEST(Naive, Parameters) {
    Var x("x"), y("y");
    Param<float> scale("scale");
    ImageParam in(UInt(8), 2, "in");
    Func f("f");
    f(x, y) = scale * cast<float>(in(x, y)) + in.width();
    Buffer<uint8_t> image(3, 2);
    image.for_each_element([&](int i, int j) { image(i, j) = static_cast<uint8_t>(i + 5 * j); });
    in.set(image);
    scale.set(2.0f);
    expect_all(evaluated<float>(f, {3, 2}), [](int i, int j) { return 2 * (i + 5 * j) + 3; });
}

TEST(Naive, SumsAndHistograms) {
    Var x("x"), y("y");
    Buffer<uint8_t> in(7, 5);
    in.for_each_element([&](int i, int j) { in(i, j) = static_cast<uint8_t>((i * 3 + j * 7) % 11); });
    RDom r(0, 7, 0, 5);
    Func histogram("histogram");
    histogram(x) = 0;
    histogram(cast<int>(in(r.x, r.y))) += 1;
    const Buffer<int> counts = evaluated<int>(histogram, {11});
    int expected[11] = {};
    in.for_each_element([&](int i, int j) { expected[in(i, j)]++; });
    for (int i = 0; i < 11; i++) EXPECT_EQ(counts(i), expected[i]) << i;

    Func box("box");
    RDom k(-1, 3, -1, 3);
    box(x, y) = sum(cast<int>(in(x + k.x, y + k.y)));
    expect_all(evaluated<int>(box, {5, 3}, {1, 1}), [&](int i, int j) {
        int total = 0;
        for (int dy = -1; dy <= 1; dy++) {
            for (int dx = -1; dx <= 1; dx++) total += in(i + dx, j + dy);
        }
        return total;
    });
}

// The box grows to what the updates read: only the last element is asked for.
TEST(Naive, ScansReachBack) {
    Var x("x"), y("y");
    Func scan("scan");
    RDom r(1, 20);
    scan(x, y) = x + y;
    scan(r, y) = scan(r - 1, y) + scan(r, y);
    expect_all(evaluated<int>(scan, {1, 3}, {20, 0}), [](int i, int j) {
        int value = j;
        for (int k = 1; k <= i; k++) value += k + j;
        return value;
    });
}

TEST(Naive, UpdatesRunInOrder) {
    Var x("x"), y("y");
    Func f("f");
    RDom r(0, 4);
    f(x, y) = x;
    f(x, 0) += 100;           // pure in x
    f(0, y) = f(0, y) * 2 + y;  // pure in y
    f(r, y) += f(3 - r, y);   // reads what it has written
    const Buffer<int> got = evaluated<int>(f, {4, 4});
    int expected[4][4];
    for (int j = 0; j < 4; j++) {
        for (int i = 0; i < 4; i++) expected[j][i] = i + (j == 0 ? 100 : 0);
        expected[j][0] = expected[j][0] * 2 + j;
        for (int k = 0; k < 4; k++) expected[j][k] += expected[j][3 - k];
    }
    for (int j = 0; j < 4; j++) {
        for (int i = 0; i < 4; i++) EXPECT_EQ(got(i, j), expected[j][i]) << i << ", " << j;
    }
}

TEST(Naive, PredicatesOfDomains) {
    Var x("x");
    Func f("f");
    RDom r(0, 8, 0, 8);
    r.where(r.x < r.y);
    f(x) = 0;
    f(r.x) += r.y;
    const Buffer<int> got = evaluated<int>(f, {8});
    for (int i = 0; i < 8; i++) {
        int total = 0;
        for (int j = i + 1; j < 8; j++) total += j;
        EXPECT_EQ(got(i), total);
    }
}

TEST(Naive, TuplesAndUndefinedElements) {
    Var x("x");
    Func f("f");
    RDom r(0, 3);
    f(x) = Tuple(x, cast<float>(0.0f));
    f(r) = Tuple(f(r)[0] + 1, f(r)[1] + 0.5f);
    Buffer<int> a(5);
    Buffer<float> b(5);
    evaluate_naively({f.function()}, {a.raw_buffer(), b.raw_buffer()});
    for (int i = 0; i < 5; i++) {
        EXPECT_EQ(a(i), i + (i < 3));
        EXPECT_EQ(b(i), i < 3 ? 0.5f : 0.0f);
    }
    Func g("g");
    g(x) = undef<int>();
    g(r + 1) = 5;
    const Buffer<int> kept = evaluated<int>(g, {5});
    const int expected[] = {77, 5, 5, 5, 77};
    for (int i = 0; i < 5; i++) EXPECT_EQ(kept(i), expected[i]);
}

TEST(Naive, BoundaryConditions) {
    Var x("x"), y("y");
    Buffer<uint8_t> in(4, 3);
    in.for_each_element([&](int i, int j) { in(i, j) = static_cast<uint8_t>(i + 10 * j); });
    const Func edge = BoundaryConditions::repeat_edge(in);
    const Func outside = BoundaryConditions::constant_exterior(in, cast<uint8_t>(99));
    Func f("f");
    f(x, y) = cast<int>(edge(x, y)) * 1000 + outside(x, y);
    expect_all(evaluated<int>(f, {8, 7}, {-2, -2}), [&](int i, int j) {
        const bool inside = i >= 0 && i < 4 && j >= 0 && j < 3;
        return in(std::clamp(i, 0, 3), std::clamp(j, 0, 2)) * 1000 + (inside ? in(i, j) : 99);
    });
}

TEST(Naive, SharedSubexpressionsAreEvaluatedOnce) {
    Var x("x");
    Expr e = x;
    for (int i = 0; i < 60; i++) e = e + e;
    Func f("f");
    f(x) = e;
    const Buffer<int> got = evaluated<int>(f, {3});
    EXPECT_EQ(got(0), 0);
    EXPECT_EQ(got(1), 0);  // 2^60 wraps to 0
}

}  // namespace
}  // namespace heddle
