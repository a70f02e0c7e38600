// Derivatives against finite differences of the pipeline itself.

#include "heddle/derivative.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "heddle/heddle.h"
#include "support_lib/error_code.h"

namespace heddle {
namespace {

using heddle::testing::code_of;

const Var x("x"), y("y");

/** Expects that d(input) of `loss`, a number made from `input`, is the slope that small steps show. The input is of
    float64, so that differences are good to about eight digits. */
void expect_slopes(Buffer<double> input, const std::function<Func(Func)> &make_loss) {
    Func in("in");
    std::vector<Var> vars;
    for (int d = 0; d < input.dimensions(); d++) vars.push_back(Var::implicit(d));
    in(vars) = input(std::vector<Expr>(vars.begin(), vars.end()));
    Func loss = make_loss(in);
    const Derivative d = propagate_adjoints(loss);
    Func slope = d(in);
    ASSERT_TRUE(slope.defined());
    Buffer<double> got = Buffer<double>::make_with_shape_of(input);
    slope.realize(got);
    loss.compile_jit();
    const auto value = [&] {
        Buffer<double, 0> v = loss.realize();
        return v();
    };
    input.for_each_element([&](const int *at) {
        const double h = 1e-5, old = input(at);
        input(at) = old + h;
        const double above = value();
        input(at) = old - h;
        const double below = value();
        input(at) = old;
        const double expected = (above - below) / (2 * h);
        EXPECT_NEAR(got(at), expected, 1e-5 * (1 + std::fabs(expected))) << "at " << at[0];
    });
}

Buffer<double> numbers(const std::vector<int> &extents) {
    Buffer<double> b(extents);
    int i = 0;
    b.for_each_value([&](double &v) { v = 0.313 + ((i++ * 7) % 11) * 0.17; });
    return b;
}

Func squares(const Func &f, const RDom &r) {
    Func loss("loss");
    const std::vector<Expr> at = r.dimensions() == 1 ? std::vector<Expr>{r.x} : std::vector<Expr>{r.x, r.y};
    loss() = Expr(0.0);
    loss() += f(at) * f(at) * (r.x + 1);
    return loss;
}

TEST(Derivative, PointwiseMaths) {
    const std::function<Expr(Expr)> functions[] = {
        [](Expr e) { return sin(e) + cos(e) * tan(e); },
        [](Expr e) { return exp(e) / (1 + e * e) - log(e); },
        [](Expr e) { return sqrt(e) + pow(e, e * 0.5) + pow(e + 1, Expr(2.5)); },
        [](Expr e) { return asin(e * 0.3) + acos(e * 0.2) + atan(e) + atan2(e, e + 1.0); },
        [](Expr e) { return sinh(e) + cosh(e) + tanh(e) + asinh(e) + acosh(e + 1.1) + atanh(e * 0.3); },
        [](Expr e) { return max(e, 1.0) * min(e, 1.5) + abs(e - 1.0) + clamp(e, Expr(0.5), Expr(1.2)) + absd(e, 0.9 * e * e); },
        [](Expr e) { return select(e > 0.9, e * 3.0, e * e) + lerp(e, e * e, e * 0.4) + likely(e) + e % 0.7; },
        [](Expr e) { return floor(e) * e + cast<double>(cast<int>(e * 9.7)) * e + hypot(e, Expr(1.0)); },
    };
    for (const auto &f : functions) {
        expect_slopes(numbers({5}), [&](const Func &in) {
            Func g("g");
            g(x) = f(in(x));
            return squares(g, RDom(0, 5));
        });
    }
}

TEST(Derivative, ConvolutionWithClampedEdges) {
    expect_slopes(numbers({6}), [](const Func &in) {
        Func clamped("clamped"), f("f");
        clamped(x) = in(clamp(x, 0, 5));
        RDom r(-1, 3);
        f(x) = Expr(0.0);
        f(x) += clamped(x + r) * (r + 3);
        return squares(f, RDom(0, 6));
    });
}

TEST(Derivative, MatrixProductWithItself) {
    expect_slopes(numbers({4, 4}), [](const Func &in) {
        Func f("f");
        RDom k(0, 4);
        f(x, y) += in(k, y) * in(x, k);
        return squares(f, RDom(0, 4, 0, 4));
    });
}

TEST(Derivative, DownAndUpsampling) {
    expect_slopes(numbers({8, 6}), [](const Func &in) {
        Func down("down"), up("up");
        down(x, y) = in(2 * x, 2 * y) + in(2 * x + 1, 2 * y + 1) * in(2 * x, 2 * y);
        up(x, y) = down(x / 2, y / 2);
        return squares(up, RDom(0, 8, 0, 6));
    });
}

TEST(Derivative, Transposed) {
    expect_slopes(numbers({3, 5}), [](const Func &in) {
        Func t("t");
        t(x, y) = in(y, x) * (x + 2 * y);
        return squares(t, RDom(0, 5, 0, 3));
    });
}

TEST(Derivative, HistogramWithPredicate) {
    expect_slopes(numbers({9}), [](const Func &in) {
        Func h("h");
        RDom r(0, 9);
        r.where(r % 4 != 1);
        h(x) = Expr(0.0);
        h((r * r) % 5) += in(r) * in(r);
        return squares(h, RDom(0, 5));
    });
}

TEST(Derivative, Tuples) {
    expect_slopes(numbers({5}), [](const Func &in) {
        Func t("t"), f("f");
        RDom r(0, 3);
        t(x) = Tuple(in(x) * in(x), x, in(4 - x) * 3.0);
        t(r) = Tuple(t(r)[0] + in(r), 7, t(r)[2] * t(r)[0]);
        f(x) = t(x)[0] * t(x)[2] + t(x)[1];
        return squares(f, RDom(0, 5));
    });
}

TEST(Derivative, OneElementOfATuple) {
    expect_slopes(numbers({5}), [](const Func &in) {
        Func t("t"), f("f");
        RDom r(0, 4);
        t(x) = Tuple(in(x), in(x) * 2.0);
        t(r)[1] += in(r + 1) * in(r);
        f(x) = t(x)[0] * t(x)[1];
        return squares(f, RDom(0, 5));
    });
}

TEST(Derivative, OverwrittenElements) {
    expect_slopes(numbers({6}), [](const Func &in) {
        Func g("g");
        RDom r(1, 3);
        g(x) = in(x) * 2.0;
        g(2) = in(0) * 5.0;
        g(r) = g(r) * g(r) + in(5 - r);
        g(x) = g(x) * g(x) * 0.5 + in(0);
        return squares(g, RDom(0, 6));
    });
}

TEST(Derivative, Recurrences) {
    expect_slopes(numbers({8}), [](const Func &in) {
        Func s("s");
        RDom r(2, 6);
        s(x) = in(x);
        s(r) = s(r) * 0.5 + s(r - 1) * s(r - 2) + in(r - 1);
        return squares(s, RDom(0, 8));
    });
}

TEST(Derivative, RecurrenceDownwardsOverRows) {
    expect_slopes(numbers({3, 5}), [](const Func &in) {
        Func s("s");
        RDom r(0, 4);
        s(x, y) = in(x, y);
        s(x, 3 - r) = s(x, 4 - r) * in(x, r) + s(x, 3 - r);
        return squares(s, RDom(0, 3, 0, 5));
    });
}

TEST(Derivative, ProductsAndMaxima) {
    expect_slopes(numbers({6}), [](const Func &in) {
        RDom r(0, 6);
        Func p("p"), m("m"), loss("loss");
        p() = Expr(1.0);
        p() *= in(r);
        m(x) = Expr(-100.0);
        m(x) = max(m(x), in(r) * (x + 1));
        loss() = p() + m(0) * m(2);
        return loss;
    });
}

TEST(Derivative, ArgmaxOverTwoDimensions) {
    expect_slopes(numbers({4, 3}), [](const Func &in) {
        RDom r(0, 4, 0, 3);
        r.where(r.x != r.y);
        Func loss("loss");
        Tuple best = argmax(r, in(r.x, r.y));
        loss() = best[2] * best[2] + in(clamp(best[0], 0, 3), clamp(best[1], 0, 2));
        return loss;
    });
}

TEST(Derivative, OfParamsBuffersAndInputs) {
    Param<float> p("p", 1.5f);
    Buffer<float> weights(3, "weights");
    ImageParam image(Float(32), 1, "image");
    Buffer<float> pixels(6);
    for (int i = 0; i < 3; i++) weights(i) = 0.5f + i;
    for (int i = 0; i < 6; i++) pixels(i) = i * i * 0.25f - 1;
    image.set(pixels);
    Func f("f"), loss("loss");
    RDom k(0, 3), r(0, 4);
    f(x) = 0.0f;
    f(x) += image(x + k) * weights(k) * p;
    loss() = 0.0f;
    loss() += f(r) * (r + 1);
    const Derivative d = propagate_adjoints(loss);
    Buffer<float> dw = d(weights).realize({3}), di = d(image).realize({6}), dp = d(p).realize();
    float total = 0;
    for (int i = 0; i < 3; i++) {
        float expected = 0;
        for (int j = 0; j < 4; j++) expected += (j + 1) * pixels(j + i) * 1.5f;
        EXPECT_FLOAT_EQ(dw(i), expected);
        total += expected / 1.5f * weights(i);
    }
    for (int j = 0; j < 6; j++) {
        float expected = 0;
        for (int i = 0; i < 3; i++) {
            if (j - i >= 0 && j - i < 4) expected += (j - i + 1) * weights(i) * 1.5f;
        }
        EXPECT_FLOAT_EQ(di(j), expected);
    }
    EXPECT_NEAR(dp(), total, 1e-4);
    EXPECT_FALSE(d("nothing").function());
}

TEST(Derivative, FromAnAdjointBuffer) {
    Buffer<float> in(5), adjoint(5);
    for (int i = 0; i < 5; i++) in(i) = i, adjoint(i) = i - 2.0f;
    Func f("f"), g("g");
    f(x) = in(x);
    g(x) = f(x) * f(x) + f(4 - x);
    Buffer<float> got = propagate_adjoints(g, adjoint)(f).realize({5});
    const float halide[] = {2, -1, 0, 5, 14};
    for (int i = 0; i < 5; i++) EXPECT_EQ(got(i), halide[i]);
}

TEST(Derivative, WhatHasNone) {
    Func f("f"), loss("loss"), far("far"), shuffled("shuffled");
    RDom r(0, 5);
    f(x) = cast<float>(x);
    shuffled(x) = f(x);
    shuffled((r * 3) % 5) = shuffled(r) * 2.0f;
    loss() += shuffled(r);
    EXPECT_EQ(code_of([&] { propagate_adjoints(loss); }), 294);
    far() = f(cast<int>(f(3) * 1e6f));
    EXPECT_EQ(code_of([&] { propagate_adjoints(far); }), 295);
    EXPECT_EQ(code_of([&] { propagate_adjoints(f, f, {}); }), 294);
    EXPECT_EQ(code_of([&] { propagate_adjoints(Func()); }), 200);
}

}  // namespace
}  // namespace heddle
