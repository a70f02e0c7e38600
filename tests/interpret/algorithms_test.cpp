// Algorithms of many kinds, each with a schedule that uses other directives. Like those of differential_test.cpp they are
// part of test_interpret and of test_exec.

#include <gtest/gtest.h>

#include "support_lib/differential.h"

namespace heddle {
namespace {

using testing::expect_same;
using testing::irregular;

constexpr TailStrategy guard = TailStrategy::GuardWithIf;

struct Algorithms : ::testing::Test {
    Var x{"x"}, y{"y"}, c{"c"}, u{"u"}, xo{"xo"}, yo{"yo"}, xi{"xi"}, yi{"yi"};
    Func f{"f"}, g{"g"}, h{"h"}, out{"out"};
};

// Three levels of a pyramid, down and up again.
TEST_F(Algorithms, Pyramid) {
    Buffer<float> in(irregular(Float(32), {36, 28}));
    Func level[3] = {Func("level0"), Func("level1"), Func("level2")}, up[3] = {Func("up0"), Func("up1"), Func("up2")};
    level[0](x, y) = BoundaryConditions::repeat_edge(in)(x, y);
    for (int i = 1; i < 3; i++) {
        level[i](x, y) = (level[i - 1](2 * x, 2 * y) + level[i - 1](2 * x + 1, 2 * y) + level[i - 1](2 * x, 2 * y + 1) + level[i - 1](2 * x + 1, 2 * y + 1)) * 0.25f;
    }
    up[2](x, y) = level[2](x, y);
    for (int i = 1; i >= 0; i--) up[i](x, y) = (level[i](x, y) - up[i + 1](x / 2, y / 2)) * 0.5f + up[i + 1]((x + 1) / 2, y / 2);
    out(x, y) = up[0](x, y);
    for (int i = 0; i < 3; i++) level[i].compute_root().vectorize(x, 4, guard);
    up[1].compute_at(out, yo).store_in(MemoryType::Heap).align_storage(x, 8);
    out.split(y, yo, yi, 8).parallel(yo).vectorize(x, 8);
    expect_same(out, {30, 24});
}

// Values gathered into the cells of a grid, which is blurred and read between its cells.
TEST_F(Algorithms, BilateralGrid) {
    Buffer<uint8_t> in(irregular(UInt(8), {24, 16}));
    Func pixels = BoundaryConditions::mirror_interior(in), grid("grid"), blurred("blurred");
    RDom r(0, 4, 0, 4, "r");
    const Expr value = pixels(4 * x + r.x, 4 * y + r.y);
    grid(x, y, c, u) = 0;
    grid(x, y, clamp(cast<int>(value) / 64, 0, 3), 0) += cast<int>(value);
    grid(x, y, clamp(cast<int>(value) / 64, 0, 3), 1) += 1;
    blurred(x, y, c, u) = grid(x, y, clamp(c - 1, 0, 3), u) + 2 * grid(x, y, c, u) + grid(x, y, clamp(c + 1, 0, 3), u);
    const Expr z = clamp(cast<int>(pixels(x, y)) / 64, 0, 3);
    out(x, y) = blurred(x / 4, y / 4, z, 0) / max(blurred(x / 4, y / 4, z, 1), 1);
    grid.compute_root().bound(c, 0, 4).bound(u, 0, 2).unroll(u).reorder_storage(u, c, x, y);
    blurred.compute_root().reorder(u, c, x, y).bound(u, 0, 2).vectorize(u, 2, guard);
    out.tile(x, y, xo, yo, xi, yi, 8, 4).vectorize(xi);
    expect_same(out, {24, 16});
}

TEST_F(Algorithms, PrefixSums) {
    Buffer<int> in(irregular(Int(32), {40, 6}));
    RDom r(1, 39, "r");
    f(x, y) = in(x, y);
    f(r, y) += f(r - 1, y);
    out(x, y) = f(x, y) - f(39 - x, y);
    f.compute_root().parallel(y);
    f.update().reorder(y, r).vectorize(y, 4, guard);
    out.vectorize(x, 8);
    expect_same(out, {40, 6});
}

TEST_F(Algorithms, IntegralImage) {
    Buffer<uint8_t> in(irregular(UInt(8), {20, 14}));
    RDom rx(1, 19, "rx"), ry(1, 13, "ry");
    f(x, y) = cast<uint32_t>(in(x, y));
    f(rx, y) += f(rx - 1, y);
    f(x, ry) += f(x, ry - 1);
    out(x, y) = f(x + 3, y + 2) - f(x, y + 2) - f(x + 3, y) + f(x, y);
    f.compute_root();
    f.update(0).parallel(y);
    f.update(1).vectorize(x, 8, guard);
    out.bound(x, 0, 17).unroll(y, 2, guard);
    expect_same(out, {17, 12});
}

TEST_F(Algorithms, ArgMaxOfRows) {
    Buffer<int16_t> in(irregular(Int(16), {33, 9}));
    RDom r(0, 33, "r");
    f(y) = Tuple(cast<int16_t>(-32768), -1);
    f(y) = Tuple(max(f(y)[0], in(r, y)), select(in(r, y) > f(y)[0], r, f(y)[1]));
    out(y) = Tuple(f(y)[1], f(y)[0], argmin(in(r, y))[0]);
    f.compute_at(out, y);
    out.parallel(y, 2, guard);
    expect_same(out, {9});
}

// Eight values of each column, by the network of Batcher.
TEST_F(Algorithms, SortingNetwork) {
    Buffer<uint8_t> in(irregular(UInt(8), {19, 8}));
    std::vector<Expr> v;
    for (int i = 0; i < 8; i++) v.push_back(in(x, i));
    const auto order = [&](size_t a, size_t b) {
        const Expr low = min(v[a], v[b]), high = max(v[a], v[b]);
        v[a] = low, v[b] = high;
    };
    for (size_t p = 1; p < 8; p *= 2) {
        for (size_t k = p; k >= 1; k /= 2) {
            for (size_t j = k % p; j + k < 8; j += 2 * k) {
                for (size_t i = 0; i < std::min(k, 8 - j - k); i++) {
                    if ((i + j) / (2 * p) == (i + j + k) / (2 * p)) order(i + j, i + j + k);
                }
            }
        }
    }
    out(x, c) = mux(c, v);
    out.bound(c, 0, 8).reorder(c, x).unroll(c).vectorize(x, 16, guard);
    expect_same(out, {19, 8});
}

// One stage of compare and exchange after the other, in place of a list of expressions.
TEST_F(Algorithms, BitonicSort) {
    Buffer<int> in(irregular(Int(32), {16, 5}));
    Func before("stage0");
    before(x, y) = in(x, y);
    before.compute_root();
    for (int size = 2; size <= 16; size *= 2) {
        for (int step = size / 2; step > 0; step /= 2) {
            Func next("stage");
            const Expr at = clamp(x, 0, 15), other = clamp(at ^ step, 0, 15), up = (at & size) == 0, first = (at & step) == 0;
            next(x, y) = select(up == first, min(before(at, y), before(other, y)), max(before(at, y), before(other, y)));
            next.compute_root().vectorize(x, 8).parallel(y);
            before = next;
        }
    }
    out(x, y) = before(x, y);
    expect_same(out, {16, 5});
}

TEST_F(Algorithms, ConvolutionWithStride) {
    Buffer<float> in(irregular(Float(32), {23, 19, 3})), weights(irregular(Float(32), {3, 3, 3, 4}, 2));
    RDom r(0, 3, 0, 3, 0, 3, "r");
    f(c, x, y) = 0.5f;
    f(c, x, y) += weights(r.x, r.y, r.z, c) * in(2 * x + r.x, 2 * y + r.y, r.z);
    out(c, x, y) = max(f(c, x, y), 0.0f);
    out.bound(c, 0, 4).vectorize(c).split(x, xo, xi, 4, guard).parallel(y);
    f.compute_at(out, xo).vectorize(c);
    f.update().reorder(c, r.x, r.y, r.z, x, y).vectorize(c).unroll(r.x);
    expect_same(out, {4, 11, 9});
}

TEST_F(Algorithms, DepthwiseConvolution) {
    Buffer<int8_t> in(irregular(Int(8), {12, 11, 5})), weights(irregular(Int(8), {3, 3, 5}, 2));
    RDom r(0, 3, 0, 3, "r");
    f(x, y, c) += cast<int32_t>(in(x + r.x, y + r.y, c)) * weights(r.x, r.y, c);
    out(x, y, c) = saturating_cast<int8_t>(rounding_shift_right(f(x, y, c), 7));
    f.compute_at(out, yo).store_at(out, c);
    f.update().reorder(x, r.x, r.y, y, c).vectorize(x, 8, guard);
    out.split(y, yo, yi, 3, guard).vectorize(x, 8, guard);
    expect_same(out, {10, 9, 5});
}

TEST_F(Algorithms, TransposedProduct) {
    Buffer<double> a(irregular(Float(64), {9, 13})), b(irregular(Float(64), {11, 9}, 3));
    RDom k(0, 9, "k");
    f(x, y) += a(k, y) * b(x, k);
    out(x, y) = f(y, x) * 2.0;
    f.compute_root().reorder_storage(y, x);
    f.update().tile(x, y, xi, yi, 4, 2, guard).reorder(xi, yi, k, x, y).unroll(yi).vectorize(xi);
    out.reorder(y, x).vectorize(y, 4, guard);
    expect_same(out, {13, 11});
}

// Mean and variance in one pass over complex-like pairs.
TEST_F(Algorithms, TupleReduction) {
    Buffer<int> in(irregular(Int(32), {37, 5}));
    RDom r(0, 37, "r");
    const Expr v = in(r, y) % 100;
    f(y) = Tuple(0, 0, 1);
    f(y) = Tuple(f(y)[0] + v, f(y)[1] + v * v, f(y)[2] * ((v & 3) + 1));
    out(y) = Tuple(f(y)[0] / 37, f(y)[1] - f(y)[0] * f(y)[0] / 37, f(y)[2]);
    f.compute_root().update().unscheduled();
    out.vectorize(y, 4, guard);
    expect_same(out, {5});
}

TEST_F(Algorithms, FactoredComplexProduct) {
    Buffer<int> in(irregular(Int(32), {24, 2}));
    RDom r(0, 24, "r");
    const Expr re = in(r, 0) % 3, im = in(r, 1) % 3;
    RVar ro("ro"), ri("ri");
    f() = Tuple(1, 0);
    f() = Tuple(f()[0] * re - f()[1] * im, f()[0] * im + f()[1] * re);
    out() = Tuple(f()[0], f()[1]);
    f.compute_root();
    f.update().split(r, ro, ri, 4).rfactor(ro, u).compute_root().parallel(u);
    expect_same(out, {});
}

// Butterflies of a transform of four points.
TEST_F(Algorithms, Fourier) {
    Buffer<float> in(irregular(Float(32), {4, 2, 7}));
    const auto re = [&](int i) { return in(i, 0, y); };
    const auto im = [&](int i) { return in(i, 1, y); };
    const Expr ar = re(0) + re(2), ai = im(0) + im(2), br = re(0) - re(2), bi = im(0) - im(2);
    const Expr cr = re(1) + re(3), ci = im(1) + im(3), dr = re(1) - re(3), di = im(1) - im(3);
    f(x, y) = Tuple(mux(x, {ar + cr, br + di, ar - cr, br - di}), mux(x, {ai + ci, bi - dr, ai - ci, bi + dr}));
    out(x, y) = Tuple(f(x, y)[0], f((4 - x) % 4, y)[1]);
    f.compute_at(out, y).bound(x, 0, 4).vectorize(x);
    out.bound(x, 0, 4).unroll(x);
    expect_same(out, {4, 7});
}

TEST_F(Algorithms, InterleaveAndBack) {
    Buffer<uint16_t> in(irregular(UInt(16), {32, 4}));
    f(x, y) = select(x % 2 == 0, in(x / 2, y), in(x / 2 + 16, y));
    g(x, y) = f(2 * x, y) + f(2 * x + 1, y) * cast<uint16_t>(3);
    out(x, y) = select(x % 3 == 0, g(x / 3, y), x % 3 == 1, in(x, y), g(x / 3 + 5, y));
    f.compute_root().align_bounds(x, 2).unroll(x, 2).vectorize(x, 8, TailStrategy::RoundUp);
    g.compute_at(out, y).vectorize(x, 4);
    out.unroll(x, 3, guard);
    expect_same(out, {30, 4});
}

TEST_F(Algorithms, MedianOfNine) {
    Buffer<uint8_t> in(irregular(UInt(8), {26, 12}));
    Func image = BoundaryConditions::repeat_image(in);
    const auto mid = [](const Expr &a, const Expr &b, const Expr &d) { return max(min(max(a, b), d), min(a, b)); };
    f(x, y) = Tuple(min(image(x, y), image(x, y + 1), image(x, y + 2)), mid(image(x, y), image(x, y + 1), image(x, y + 2)),
                    max(image(x, y), image(x, y + 1), image(x, y + 2)));
    out(x, y) = mid(max(f(x, y)[0], f(x + 1, y)[0], f(x + 2, y)[0]), mid(f(x, y)[1], f(x + 1, y)[1], f(x + 2, y)[1]),
                    min(f(x, y)[2], f(x + 1, y)[2], f(x + 2, y)[2]));
    f.compute_at(out, y).vectorize(x, 16).store_in(MemoryType::Heap);
    out.vectorize(x, 16).parallel(y);
    expect_same(out, {24, 11}, {-3, 5});
}

TEST_F(Algorithms, BilinearResize) {
    Buffer<uint8_t> in(irregular(UInt(8), {17, 13}));
    Param<float> scale("scale", 0.37f);
    Func image = BoundaryConditions::repeat_edge(in);
    const Expr at = cast<float>(x) * scale, from = cast<int>(floor(at)), row = cast<float>(y) * scale, above = cast<int>(floor(row));
    f(x, y) = lerp(cast<float>(image(from, y)), cast<float>(image(from + 1, y)), at - floor(at));
    out(x, y) = cast<uint8_t>(round(lerp(f(x, above), f(x, above + 1), row - floor(row))));
    f.compute_root().vectorize(x, 8, guard).parallel(y);
    out.specialize(scale < 1.0f).vectorize(x, 8);
    expect_same(out, {40, 30});
}

TEST_F(Algorithms, GatherThroughATable) {
    Buffer<uint8_t> in(irregular(UInt(8), {29, 7}));
    Buffer<uint16_t> curve(irregular(UInt(16), {256}, 4));
    f(x) = curve(255 - x) / cast<uint16_t>(2) + curve(x) / cast<uint16_t>(2);
    out(x, y) = f(cast<int>(in(x, y)));
    f.compute_root().bound(x, 0, 256).store_in(MemoryType::Stack).vectorize(x, 16);
    out.vectorize(x, 8, TailStrategy::PredicateLoads).fuse(x, y, u).parallel(u);
    expect_same(out, {24, 7});
}

TEST_F(Algorithms, ScatterIntoBins) {
    Buffer<uint8_t> in(irregular(UInt(8), {32, 8}));
    RDom r(0, 32, 0, 8, "r");
    f(x) = 0;
    f(cast<int>(in(r.x, r.y) % 16)) += r.x + 1;
    f(cast<int>(in(r.x, r.y) / 16)) = max(f(cast<int>(in(r.x, r.y) / 16)), r.y * 100);
    out(x) = f(x) * 2;
    f.compute_root();
    f.update(0).atomic().parallel(r.y);
    out.vectorize(x, 4);
    expect_same(out, {16});
}

TEST_F(Algorithms, Mandelbrot) {
    RDom t(1, 12, "t");
    const Expr re = cast<float>(x) * 0.11f - 2.0f, im = cast<float>(y) * 0.17f - 1.0f;
    f(x, y, u) = Tuple(0.0f, 0.0f);
    const Expr zr = f(x, y, t - 1)[0], zi = f(x, y, t - 1)[1], inside = zr * zr + zi * zi < 4.0f;
    f(x, y, t) = Tuple(select(inside, zr * zr - zi * zi + re, zr), select(inside, 2.0f * zr * zi + im, zi));
    // The third value: later ones, of points near the edge of the set, depend on how products and sums are rounded.
    out(x, y) = f(x, y, 2)[0] + f(x, y, 2)[1];
    f.compute_at(out, y);
    f.update().vectorize(x, 4, guard);
    out.parallel(y);
    expect_same(out, {20, 12});
}

TEST_F(Algorithms, GameOfLife) {
    Buffer<uint8_t> in(irregular(UInt(8), {18, 15}));
    Func before("generation0");
    before(x, y) = BoundaryConditions::constant_exterior(in, cast<uint8_t>(0))(x, y) % 2 == 1;
    before.compute_root();
    for (int i = 0; i < 3; i++) {
        Func next("generation");
        Expr count = cast<uint8_t>(0);
        for (int dy = -1; dy <= 1; dy++) {
            for (int dx = -1; dx <= 1; dx++) {
                if (dx || dy) count += cast<uint8_t>(before(x + dx, y + dy));
            }
        }
        next(x, y) = count == 3 || (before(x, y) && count == 2);
        if (i < 2) next.store_root().compute_at(out, y).vectorize(x, 8);
        before = next;
    }
    out(x, y) = cast<uint8_t>(before(x, y));
    out.vectorize(x, 8, guard);
    expect_same(out, {16, 13});
}

TEST_F(Algorithms, SaturatingBytes) {
    Buffer<uint8_t> a(irregular(UInt(8), {67})), b(irregular(UInt(8), {67}, 2));
    f(x) = saturating_add(a(x), b(x)) / 2 + absd(a(x), b(x)) / 4 + halving_add(a(x), b(x)) / 8;
    out(x) = saturating_sub(rounding_halving_add(f(x), b(x)), cast<uint8_t>(mul_shift_right(a(x), b(x), 8)));
    f.compute_at(out, x).vectorize(x, 16).store_in(MemoryType::Register);
    out.vectorize(x, 16, TailStrategy::ShiftInwards);
    expect_same(out, {67});
}

TEST_F(Algorithms, HalfPrecision) {
    Buffer<float> in(irregular(Float(32), {45}));
    f(x) = cast(Float(16), in(x) * 300.0f - 100.0f);
    g(x) = cast<float>(f(x)) + cast<float>(cast(BFloat(16), in(x)));
    out(x) = cast(Float(16), g(x) * 0.5f);
    f.compute_root().vectorize(x, 8, guard);
    g.compute_at(out, xo).unroll(x, 2);
    out.split(x, xo, xi, 8, guard).parallel(xo);
    expect_same(out, {45});
}

TEST_F(Algorithms, AllBoundaries) {
    Buffer<int> in(irregular(Int(32), {9, 7}));
    const Func edges[] = {BoundaryConditions::repeat_edge(in), BoundaryConditions::repeat_image(in), BoundaryConditions::mirror_image(in),
                          BoundaryConditions::mirror_interior(in), BoundaryConditions::constant_exterior(in, -5)};
    Expr sum = 0;
    for (int i = 0; i < 5; i++) sum = sum * 3 + edges[i](x - 2, y + i - 2);
    out(x, y) = sum;
    out.split(x, xo, xi, 4, guard).partition(xo, Partition::Never).vectorize(xi).always_partition(y);
    expect_same(out, {20, 16}, {-6, -5});
}

TEST_F(Algorithms, Masks) {
    Buffer<uint8_t> in(irregular(UInt(8), {31, 9}));
    f(x, y) = in(x, y) > 100;
    g(x, y) = (f(x, y) && !f(x, y + 1)) || (f(x, y) != f(x, y + 2));
    out(x, y) = select(g(x, y), in(x, y), g(x, y) == f(x, y), cast<uint8_t>(7), ~in(x, y));
    f.store_root().compute_at(out, y).fold_storage(y, 4).vectorize(x, 16);
    g.compute_at(out, y).vectorize(x, 8);
    out.vectorize(x, 16);
    expect_same(out, {31, 7});
}

TEST_F(Algorithms, WideIntegers) {
    Buffer<int64_t> a(irregular(Int(64), {21}));
    Buffer<uint64_t> b(irregular(UInt(64), {21}, 2));
    const Expr by = cast<int64_t>(cast<uint8_t>(b(x))) - 100;
    f(x) = a(x) / by + a(x) % by + (a(x) >> 5) * by;
    out(x) = Tuple(f(x) ^ cast<int64_t>(b(x) * Expr(uint64_t{0x9e3779b97f4a7c15})), b(x) / max(b(20 - x) >> 40, cast<uint64_t>(1)),
                   count_leading_zeros(b(x)) + popcount(a(x)));
    f.compute_at(out, x).vectorize(x, 2);
    out.vectorize(x, 4, guard);
    expect_same(out, {21});
}

// Euclidean, whatever the signs, and 0 where the divisor is.
TEST_F(Algorithms, DivisionAndRemainder) {
    const Expr a = x - 17, b = y - 5;
    const Expr na = cast<int8_t>(x * 7 - 60), nb = cast<int8_t>(y - 5);
    out(x, y) = Tuple(a / b, a % b, na / nb, na % nb, a / -7 + a % -7 + a / 8 + a % 8, div_round_to_zero(a, y + 1));
    out.reorder(y, x).vectorize(y, 4, guard).serial(x);
    expect_same(out, {35, 11});
}

TEST_F(Algorithms, SeveralOutputs) {
    Buffer<int> in(irregular(Int(32), {20, 10}));
    f(x, y) = in(x, y) / 3 + in(x + 1, y);
    g(x, y) = f(x, y) - f(x, y + 1);
    h(x, y) = f(x, y) * 2;
    f.compute_root().stream_stores();
    g.vectorize(x, 4).prefetch(f, y, y, 2);
    h.compute_root().compute_with(g, y).vectorize(x, 4);
    expect_same({g, h}, {16, 8});
}

TEST_F(Algorithms, LongestRuns) {
    Buffer<uint8_t> in(irregular(UInt(8), {40, 4}));
    RDom r(0, 40, "r");
    f(y) = Tuple(0, 0);
    const Expr run = select(in(r, y) % 4 != 0, f(y)[0] + 1, 0);
    f(y) = Tuple(run, max(f(y)[1], run));
    out(y) = f(y)[1];
    f.compute_root().hoist_storage_root();
    f.update().reorder(y, r).vectorize(y, 4, guard);
    out.bound(y, 0, 4).align_storage(y, 8);
    expect_same(out, {4});
}

// Two iterations of a stencil, as tasks that run beside their consumers.
TEST_F(Algorithms, Relaxation) {
    Buffer<float> in(irregular(Float(32), {26, 22}));
    f(x, y) = (in(x, y + 1) + in(x + 2, y + 1) + in(x + 1, y) + in(x + 1, y + 2)) * 0.25f;
    g(x, y) = (f(x, y + 1) + f(x + 2, y + 1) + f(x + 1, y) + f(x + 1, y + 2)) * 0.25f;
    out(x, y) = in(x + 2, y + 2) - g(x, y);
    f.store_root().compute_at(out, y).async().fold_storage(y, 8).vectorize(x, 8);
    g.compute_at(out, y).vectorize(x, 8);
    out.vectorize(x, 8);
    expect_same(out, {22, 18});
}

// Characters of a text that are brackets, and how deep they are.
TEST_F(Algorithms, DepthOfBrackets) {
    Buffer<uint8_t> in(irregular(UInt(8), {48}));
    RDom r(1, 47, "r");
    f(x) = select(in(x) < 80, 1, in(x) > 170, -1, 0);
    g(x) = f(x);
    g(r) = max(g(r - 1), 0) + f(r);
    out(x) = g(x) * 2 + f.in(g)(0);
    f.compute_root();
    f.in(g).compute_root().vectorize(x, 4);
    expect_same(out, {48});
}

}  // namespace
}  // namespace heddle
