// Pipelines with schedules. They are part of two programs: test_interpret runs them naively and after every pass of
// lowering, test_exec runs them on the machine.

#include "support_lib/differential.h"

#include <gtest/gtest.h>

namespace heddle {
namespace {

using testing::expect_same;
using testing::irregular;

/** A 3 x 3 blur of an image in two stages, the pipeline of many of the cases. */
struct Blur {
    Var x{"x"}, y{"y"}, xo{"xo"}, yo{"yo"}, xi{"xi"}, yi{"yi"};
    Func rows{"rows"}, out{"out"};
    Buffer<> in = irregular(UInt(8), {23, 15});

    Blur() {
        Buffer<uint8_t> image(in);
        Func clamped = BoundaryConditions::repeat_edge(image);
        rows(x, y) = cast<uint16_t>(clamped(x - 1, y)) + clamped(x, y) + clamped(x + 1, y);
        out(x, y) = cast<uint8_t>((rows(x, y - 1) + rows(x, y) + rows(x, y + 1)) / 9);
    }
    void check(const std::vector<int> &extents = {21, 14}) const {
        expect_same(out, extents);
    }
};

TEST(Differential, BlurInline) {
    Blur().check();
}
TEST(Differential, BlurRoot) {
    Blur b;
    b.rows.compute_root();
    b.check();
}
TEST(Differential, BlurAtRows) {
    Blur b;
    b.rows.compute_at(b.out, b.y);
    b.check();
}
TEST(Differential, BlurSliding) {
    Blur b;
    b.rows.store_root().compute_at(b.out, b.y);
    b.check();
}
TEST(Differential, BlurTiledVectorizedParallel) {
    Blur b;
    b.out.tile(b.x, b.y, b.xo, b.yo, b.xi, b.yi, 16, 8).vectorize(b.xi, 8).parallel(b.yo);
    b.rows.compute_at(b.out, b.xo).vectorize(b.x, 8);
    b.check();
}
TEST(Differential, BlurSlidingVectorized) {
    Blur b;
    b.out.split(b.y, b.yo, b.yi, 8).parallel(b.yo).vectorize(b.x, 8);
    b.rows.store_at(b.out, b.yo).compute_at(b.out, b.yi).vectorize(b.x, 8);
    b.check();
}
TEST(Differential, BlurUnrolled) {
    Blur b;
    b.out.split(b.x, b.xo, b.xi, 4, TailStrategy::GuardWithIf).unroll(b.xi).reorder(b.y, b.xi, b.xo);
    b.rows.compute_at(b.out, b.xo).unroll(b.x, 2);
    b.check();
}
TEST(Differential, BlurRoundUp) {
    Blur b;
    b.out.split(b.x, b.xo, b.xi, 8, TailStrategy::RoundUp).vectorize(b.xi);
    b.rows.compute_root().split(b.x, b.xo, b.xi, 16, TailStrategy::RoundUp).vectorize(b.xi);
    b.check({16, 14});
}
TEST(Differential, BlurFusedAndReordered) {
    Blur b;
    Var tile("tile");
    b.out.tile(b.x, b.y, b.xo, b.yo, b.xi, b.yi, 8, 8).fuse(b.xo, b.yo, tile).parallel(tile);
    b.rows.compute_at(b.out, tile).reorder_storage(b.y, b.x);
    b.check();
}
TEST(Differential, BlurWithMins) {
    Blur b;
    b.rows.compute_at(b.out, b.y).vectorize(b.x, 8);
    expect_same(b.out, {18, 7}, {-7, 11});
}
TEST(Differential, BlurSmallerThanItsVectors) {
    Blur b;
    b.out.vectorize(b.x, 8, TailStrategy::GuardWithIf);
    b.rows.compute_root().vectorize(b.x, 8, TailStrategy::GuardWithIf);
    b.check({3, 2});
}

TEST(Differential, BlurSplitByParameters) {
    Blur b;
    Param<int> width("width", 7), height("height", 3);
    b.out.split(b.x, b.xo, b.xi, width).split(b.y, b.yo, b.yi, height, TailStrategy::GuardWithIf).reorder(b.xi, b.yi, b.xo, b.yo).parallel(b.yo);
    b.rows.compute_at(b.out, b.xo).split(b.x, b.xo, b.xi, width + 2, TailStrategy::RoundUp);
    b.check();
}
TEST(Differential, BlurInLanesOfVectors) {
    Blur b;
    b.out.split(b.y, b.yo, b.yi, 4).reorder(b.x, b.yi, b.yo).vectorize(b.yi);
    b.rows.compute_at(b.out, b.yi).vectorize(b.x, 4);
    b.check();
}
TEST(Differential, BlurInLanesOfLanes) {
    Blur b;
    b.out.tile(b.x, b.y, b.xo, b.yo, b.xi, b.yi, 4, 2).vectorize(b.xi).vectorize(b.yi);
    b.rows.compute_at(b.out, b.yi);
    b.check();
}

/** A product of matrices. */
struct Product {
    Var i{"i"}, j{"j"}, io{"io"}, jo{"jo"}, ii{"ii"}, ji{"ji"};
    RDom k{0, 19, "k"};
    Func c{"c"}, out{"out"};
    Buffer<> a = irregular(Float(32), {19, 22}, 1), b = irregular(Float(32), {17, 19}, 2);

    Product() {
        Buffer<float> left(a), right(b);
        c(j, i) = 0.0f;
        c(j, i) += left(k, i) * right(j, k);
        out(j, i) = c(j, i);
    }
    void check() const {
        expect_same(out, {17, 22});
    }
};

TEST(Differential, ProductInline) {
    Product().check();
}
TEST(Differential, ProductRoot) {
    Product p;
    p.c.compute_root();
    p.c.update().reorder(p.j, p.k, p.i).vectorize(p.j, 8, TailStrategy::GuardWithIf).parallel(p.i);
    p.check();
}
TEST(Differential, ProductInTiles) {
    Product p;
    p.out.tile(p.j, p.i, p.jo, p.io, p.ji, p.ii, 8, 4).vectorize(p.ji).unroll(p.ii).parallel(p.io);
    p.c.compute_at(p.out, p.jo).vectorize(p.j).unroll(p.i);
    p.c.update().reorder(p.j, p.i, p.k).vectorize(p.j).unroll(p.i);
    p.check();
}

TEST(Differential, Histogram) {
    Var x("x");
    Buffer<uint8_t> in(irregular(UInt(8), {23, 9}));
    RDom r(in);
    Func histogram("histogram"), cumulative("cumulative"), out("out");
    histogram(x) = 0;
    histogram(cast<int>(in(r.x, r.y) / 16)) += 1;
    RDom s(1, 15);
    cumulative(x) = histogram(x);
    cumulative(s) += cumulative(s - 1);
    out(x) = cumulative(clamp(x, 0, 15));
    histogram.compute_root();
    cumulative.compute_root();
    out.vectorize(x, 8);
    expect_same(out, {20}, {-2});
}

TEST(Differential, InlineReductions) {
    Var x("x"), y("y");
    Buffer<uint8_t> in(irregular(UInt(8), {14, 12}));
    RDom r(-2, 5);
    Func clamped = BoundaryConditions::mirror_image(in), out("out");
    out(x, y) = cast<int>(maximum(clamped(x + r, y))) - cast<int>(minimum(clamped(x, y + r))) + sum(cast<int>(clamped(x + r, y)) * (r + 3));
    out.vectorize(x, 4).parallel(y);
    expect_same(out, {13, 12});
}

TEST(Differential, Parameters) {
    Var x("x"), y("y");
    Param<int> shift("shift", 3);
    Param<float> scale("scale", 0.75f);
    ImageParam in(Float(32), 2, "in");
    in.set(Buffer<float>(irregular(Float(32), {30, 12})));
    Func f("f"), out("out");
    f(x, y) = in(x, y) * scale + cast<float>(in.width() - x);
    out(x, y) = f(x + shift, y) - f(x, y);
    f.compute_at(out, y).vectorize(x, 8);
    out.vectorize(x, 8);
    expect_same(out, {27, 12});
}

TEST(Differential, NarrowAndWideTypes) {
    Var x("x");
    Buffer<int8_t> a(irregular(Int(8), {64}, 5));
    Buffer<uint64_t> b(irregular(UInt(64), {64}, 6));
    Buffer<int16_t> c(irregular(Int(16), {64}, 7));
    Func out("out");
    Expr narrow = cast<int8_t>(a(x) * a(63 - x)) / max(a(x), cast<int8_t>(1));
    Expr wide = b(x) % cast<uint64_t>(1000003) + (b(63 - x) >> 3);
    out(x) = cast<int64_t>(narrow) + cast<int64_t>(wide & cast<uint64_t>(0xffff)) * (c(x) % cast<int16_t>(7)) + cast<int64_t>(absd(c(x), c(63 - x)));
    out.vectorize(x, 16);
    expect_same(out, {64});
}

TEST(Differential, HalfFloats) {
    Var x("x");
    Buffer<float> in(irregular(Float(32), {32}));
    Func half("half"), out("out");
    half(x) = cast<float16_t>(in(x)) * cast<float16_t>(3.0f) + cast<float16_t>(1.0f);
    out(x) = cast<float>(half(x)) + cast<float>(cast<bfloat16_t>(in(31 - x)));
    half.compute_root().vectorize(x, 8);
    out.vectorize(x, 8);
    expect_same(out, {32});
}

TEST(Differential, ChainOfStencils) {
    Var x("x");
    Buffer<int> in(irregular(Int(32), {80}));
    std::vector<Func> stages = {BoundaryConditions::repeat_edge(in)};
    for (int i = 0; i < 6; i++) {
        Func f("stage");
        f(x) = stages.back()(x - 1) / 2 + stages.back()(x + 1) / 3;
        stages.push_back(f);
    }
    for (size_t i = 1; i + 1 < stages.size(); i += 2) stages[i].compute_root().vectorize(x, 4);
    expect_same(stages.back(), {70});
}

TEST(Differential, SlidingOverVectorsOfRows) {
    Var x("x"), y("y");
    Buffer<uint16_t> in(irregular(UInt(16), {16, 20}));
    Func rows("rows"), out("out");
    rows(x, y) = in(x, y) / 4 + x;
    out(x, y) = rows(x, y) + rows(x, y + 1) + rows(x, y + 2) + rows(x, y + 5);
    rows.store_root().compute_at(out, y).vectorize(x, 8);
    out.vectorize(x, 8);
    expect_same(out, {16, 15});
}

TEST(Differential, Bounded) {
    Var x("x"), y("y"), c("c");
    Buffer<uint8_t> in(irregular(UInt(8), {16, 10, 3}));
    Func grey("grey"), out("out");
    grey(x, y) = cast<uint8_t>((cast<uint16_t>(in(x, y, 0)) + in(x, y, 1) * 2 + in(x, y, 2)) / 4);
    out(x, y, c) = select(c == 0, grey(x, y), c == 1, in(x, y, 1), in(x, y, 2) / 2);
    grey.compute_at(out, y);
    out.bound(c, 0, 3).reorder(c, x, y).unroll(c);
    expect_same(out, {16, 10, 3});
}

TEST(Differential, TupleValued) {
    Var x("x"), y("y");
    Buffer<uint8_t> in(irregular(UInt(8), {12, 9}));
    Func best("best"), out("out");
    RDom r(0, 12);
    best(y) = Tuple(0, cast<uint8_t>(0));
    best(y) = Tuple(select(in(r, y) > best(y)[1], r, best(y)[0]), max(in(r, y), best(y)[1]));
    out(y) = best(y)[0] * 1000 + best(y)[1];
    best.compute_root().vectorize(y, 4, TailStrategy::GuardWithIf);
    expect_same(out, {9});
}

TEST(Differential, TriangularDomains) {
    Var x("x"), y("y");
    Buffer<int> in(irregular(Int(32), {9, 9}));
    Func f("f");
    RDom r(0, 9, 0, 9);
    r.where(r.x <= r.y);
    f(x) = 0;
    f(r.x) += in(r.x, r.y) / 1000;
    expect_same(f, {9});
}

TEST(Differential, SeveralOutputs) {
    Var x("x");
    Func base("base"), twice("twice"), squared("squared");
    base(x) = x * 3 - 7;
    twice(x) = base(x) * 2;
    squared(x) = base(x - 1) * base(x + 1);
    base.compute_root();
    expect_same({twice, squared}, {25});
}

// The last tile of the pure stage, shifted inwards, must not start again what the update has finished.
TEST(Differential, ShiftedTailOfASlidingUpdate) {
    for (const bool along_x : {false, true}) {
        Var x("x"), y("y");
        Func f("f"), g("g");
        f(x, y) = x + y;
        f(x, y) += 1;
        g(x, y) = f(x, y) + f(x, y - 1) + f(x - 1, y);
        if (along_x) {
            f.store_at(g, y).compute_at(g, x).vectorize(x, 4);
        } else {
            f.store_root().compute_at(g, y).unroll(y, 2);
        }
        expect_same(g, {7, 6});
    }
}

// Steps past the end of an outer loop land inside when an earlier split shifts: nothing may be stored there.
TEST(Differential, LoadsPredicatedOutsideOfAShiftedSplit) {
    for (const TailStrategy inner : {TailStrategy::ShiftInwards, TailStrategy::ShiftInwardsAndBlend, TailStrategy::RoundUp}) {
        Var x("x"), y("y"), yo("yo"), yi("yi"), yoo("yoo"), yoi("yoi");
        Func f("f"), g("g");
        Buffer<> in = irregular(Int(32), {9, 12});
        f(x, y) = Func(Buffer<int>(in))(x, clamp(y, 0, 11)) / 7;
        g(x, y) = f(x, y + 1);
        f.compute_root().split(y, yo, yi, 5, inner).split(yo, yoo, yoi, 8, TailStrategy::PredicateLoads);
        expect_same(g, {3, 9});
    }
}

// A fused loop whose tail goes past its end, or before its start, stays within the image.
TEST(Differential, TailsOfFusedLoops) {
    for (const TailStrategy tail : {TailStrategy::ShiftInwards, TailStrategy::RoundUp, TailStrategy::GuardWithIf}) {
        for (const int height : {9, 7}) {
            Var x("x"), y("y"), u("u");
            ImageParam in(Int(32), 2, "in");
            in.set(irregular(Int(32), {24, height}));
            Func o("o");
            o(x, y) = in(x, y) / 3;
            o.fuse(x, y, u).vectorize(u, 8, tail);
            expect_same(o, {24, height});
        }
    }
}

}  // namespace
}  // namespace heddle
