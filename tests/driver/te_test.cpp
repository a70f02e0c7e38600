// Tensors with the outermost dimension first.

#include "heddle/te.h"

#include <gtest/gtest.h>

#include "heddle/heddle.h"
#include "support_lib/error_code.h"

namespace heddle {
namespace {

using heddle::testing::code_of;

TEST(Te, MatrixProductInRowsOfC) {
    constexpr int m = 5, n = 7, k = 3;
    te::Tensor a = te::placeholder({m, k}, Float(32), "a"), b = te::placeholder({k, n}, Float(32), "b");
    const te::Axis l = te::reduce_axis(0, k, "l");
    te::Tensor c = te::compute({m, n}, [&](Var i, Var j) { return te::sum(a(i, l) * b(l, j), {l}); }, "c");
    float rows_a[m][k], rows_b[k][n];
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < k; j++) rows_a[i][j] = static_cast<float>(i + 2 * j);
    }
    for (int i = 0; i < k; i++) {
        for (int j = 0; j < n; j++) rows_b[i][j] = static_cast<float>(i * j - 3);
    }
    a.image().set(Buffer<float>(&rows_a[0][0], k, m));
    b.image().set(Buffer<float>(&rows_b[0][0], n, k));
    c.func().update().reorder(c.axis(1), c.reduce_axis(0), c.axis(0)).vectorize(c.axis(1), 4, TailStrategy::GuardWithIf);
    const Buffer<float> out = c.realize();
    ASSERT_EQ(out.dim(0).extent(), n);
    ASSERT_EQ(out.dim(1).extent(), m);
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
            float expected = 0;
            for (int q = 0; q < k; q++) expected += rows_a[i][q] * rows_b[q][j];
            EXPECT_EQ(out(j, i), expected);
        }
    }
}

TEST(Te, SeveralAxesTheFirstOutermost) {
    te::Tensor in = te::placeholder({4, 6}, Int(32), "in");
    const te::Axis i = te::reduce_axis(1, 3), j = te::reduce_axis(0, 6);
    te::Tensor last = te::compute({1}, [&](Var) { return te::max(in(i, j) * 100 + i * 10 + j, {i, j}); });
    EXPECT_EQ(last.reduce_axis(0).name(), last.func().rvars(0)[1].name());
    EXPECT_EQ(last.reduce_axis(1).name(), last.func().rvars(0)[0].name());
    Buffer<int> values(6, 4);
    values.for_each_element([&](int c, int r) { values(c, r) = (c * 5 + r * 7) % 13; });
    in.image().set(values);
    int expected = 0;
    for (int r = 1; r < 4; r++) {
        for (int c = 0; c < 6; c++) expected = std::max(expected, values(c, r) * 100 + r * 10 + c);
    }
    EXPECT_EQ(Buffer<int>(last.realize())(0), expected);
}

TEST(Te, ReductionsInsideOfExpressions) {
    Param<int> n("n", 5);
    te::Tensor in = te::placeholder({n}, Float(32), "in");
    const te::Axis i = te::reduce_axis(0, n);
    te::Tensor mean = te::compute({1}, [&](Var) { return Expr(te::sum(in(i), {i})) / cast<float>(n); }, "mean");
    mean.func().compute_root();
    te::Tensor centred = te::compute({n}, [&](const std::vector<Var> &v) { return in(v[0]) - mean(0); });
    Buffer<float> values(5);
    for (int v = 0; v < 5; v++) values(v) = static_cast<float>(v * v);
    in.image().set(values);
    const Buffer<float> out = centred.realize();
    ASSERT_EQ(out.dim(0).extent(), 5);
    for (int v = 0; v < 5; v++) EXPECT_EQ(out(v), static_cast<float>(v * v) - 6);
    te::Tensor product = te::compute({1}, [&](Var) { return te::prod(in(i) + 1.0f, {i}); });
    EXPECT_EQ(Buffer<float>(product.realize())(0), 1 * 2 * 5 * 10 * 17.0f);
    te::Tensor least = te::compute({1}, [&](Var) { return te::min(in(i) - 3.0f, {i}); });
    EXPECT_EQ(Buffer<float>(least.realize())(0), -3.0f);
}

TEST(Te, Refusals) {
    te::Tensor in = te::placeholder({4, 6}, Int(32), "in");
    const Var i("i");
    EXPECT_EQ(code_of([&] { in(i); }), 290);
    EXPECT_EQ(code_of([&] { te::compute({3}, [](Var a, Var b) { return a + b; }); }), 292);
    EXPECT_EQ(code_of([&] { te::sum(in(i, i), {}); }), 292);
    te::Tensor t = te::compute({3}, [](Var a) { return a * 2; });
    EXPECT_EQ(code_of([&] { t.image(); }), 291);
    EXPECT_EQ(code_of([&] { t.axis(1); }), 290);
    EXPECT_EQ(code_of([&] { t.reduce_axis(0); }), 290);
}

}  // namespace
}  // namespace heddle
