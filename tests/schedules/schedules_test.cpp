// Schedule functions over handles, and the schedules of schedules.h: right for odd sizes, and faster than none.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>

#include <gtest/gtest.h>

#include "heddle/heddle.h"
#include "heddle/schedules.h"
#include "schedule/collect.h"
#include "support_lib/differential.h"

namespace heddle {
namespace {

using testing::expect_same_after_every_pass;
using testing::irregular;

std::vector<std::string> names_of(const std::vector<VarOrRVar> &loops) {
    std::vector<std::string> names;
    for (const VarOrRVar &v : loops) names.push_back(v.name());
    return names;
}
using Names = std::vector<std::string>;

std::string schedule_of(const Func &f) {
    return Pipeline(f).schedule().to_cpp();
}

struct Handles : ::testing::Test {
    Var x{"x"}, y{"y"}, xo{"xo"}, xi{"xi"}, xii{"xii"}, t{"t"};
    RDom r{0, 16, 0, 4, "handle_terms"};
    Func f{"f"}, g{"g"};
    Handles() {
        f(x, y) = x + y;
        f(x, y) += r.x * r.y;
        g(x, y) = f(x, y) + f(x + 1, y);
        f.compute_root();
    }
};

TEST_F(Handles, FollowTheirLoops) {
    StageHandle s(g);
    const auto [hx, hy] = s.pure_loops<2>();
    EXPECT_EQ(names_of(hx.loops()), Names{"x"});
    g.split(x, xo, xi, 8).split(xi, xi, xii, 4);
    EXPECT_EQ(names_of(hx.loops()), (Names{"xii", "xi", "xo"}));
    EXPECT_EQ(hx.inner().name(), "xii");
    EXPECT_EQ(hx.outer().name(), "xo");
    g.fuse(xo, y, t).rename(t, Var("all"));
    EXPECT_EQ(names_of(hx.loops()), (Names{"xii", "xi", "all"}));
    EXPECT_EQ(names_of(hy.loops()), Names{"all"});
    StageHandle u(f.update());
    EXPECT_TRUE(u.is_update());
    EXPECT_EQ(u.pure_loops().size(), 2u);
    const LoopHandle k = u.reduction_loops().at(1);
    EXPECT_TRUE(k.is_reduction());
    f.update().rfactor(r.y, Var("part"));
    EXPECT_EQ(names_of(u.reduction_loops().at(0).loops()).size(), 1u);
    EXPECT_THROW(u.pure_loops<3>(), CompileError);
}

TEST_F(Handles, SplitUnderNamesOfTheirOwn) {
    StageHandle s(g);
    const LoopHandle hx = s.pure_loops().at(0);
    const auto [outer, inner] = s.split(hx, 8);
    s.split(hx, 2);
    EXPECT_EQ(outer.name(), "x.o");
    EXPECT_EQ(inner.name(), "x.i");
    EXPECT_EQ(names_of(s.loops()), (Names{"x.i1", "x.o1", "x.o", "y"}));
    s.vectorize(hx, 2).parallel(s.pure_loops().at(1));
    expect_same_after_every_pass(g, {17, 3});
}

TEST_F(Handles, TryIsAllOrNothing) {
    StageHandle s(f.update());
    const std::string before = schedule_of(g);
    EXPECT_FALSE(s.try_([&] { s.stage().vectorize(x, 4).parallel(r.x); }));
    EXPECT_EQ(schedule_of(g), before);
    EXPECT_TRUE(s.try_([&] { s.stage().vectorize(x, 4).unroll(r.y); }));
    EXPECT_NE(schedule_of(g), before);
    const std::string after = schedule_of(g);
    EXPECT_FALSE(s.try_([&] { s.stage().parallel(r.x, Race::Private).vectorize(Var("nothing")); }));
    EXPECT_EQ(schedule_of(g), after);
    EXPECT_THROW(s.try_([] { throw std::runtime_error("not ours"); }), std::runtime_error);
    expect_same_after_every_pass(g, {9, 3});
}

TEST_F(Handles, EveryStage) {
    Names seen;
    std::vector<StageHandle> stages;
    for_each_stage(g, [&](StageHandle s) {
        seen.push_back(s.name());
        stages.push_back(s);
    });
    EXPECT_EQ(seen, (Names{"f", "f.update(0)", "g"}));
    EXPECT_EQ(try_each(stages, [](StageHandle s) { s.stage().vectorize(Var("nothing"), 4); }), seen);
    EXPECT_EQ(try_each(stages, [](StageHandle s) { s.vectorize(s.pure_loops().at(0), 4); }), Names{});
    expect_same_after_every_pass(g, {10, 3});
}

// --- the library

// Milliseconds, the best of several runs.
double best_of(const std::function<void()> &run) {
    double best = 1e30;
    for (int i = 0; i < 5; i++) {
        const auto start = std::chrono::steady_clock::now();
        run();
        const std::chrono::duration<double, std::milli> ms = std::chrono::steady_clock::now() - start;
        best = std::min(best, ms.count());
    }
    return best;
}

// The same pipeline twice, the second time scheduled: how much faster it is.
double speedup(const char *name, const std::function<Func(bool scheduled)> &pipeline, const std::vector<int> &sizes) {
    Func plain = pipeline(false), scheduled = pipeline(true);
    Buffer<> a(plain.types()[0], sizes), b(plain.types()[0], sizes);
    plain.realize(a);
    scheduled.realize(b);
    const double before = best_of([&] { plain.realize(a); }), after = best_of([&] { scheduled.realize(b); });
    std::cout << name << ": " << before << " ms by default, " << after << " ms scheduled, " << before / after << " times\n";
    return before / after;
}

Buffer<float> floats(const std::vector<int> &sizes) {
    Buffer<float> b(sizes);
    int n = 0;
    b.for_each_value([&](float &v) { v = static_cast<float>((n++ * 37) % 64) / 16.0f; });
    return b;
}

struct Library : ::testing::Test {
    Var x{"x"}, y{"y"}, c{"c"};
    Func curve(const Buffer<uint8_t> &in, bool scheduled) const {
        Func f("curve");
        const Expr v = cast<float>(in(x, y, c)) / 255.0f;
        f(x, y, c) = cast<uint8_t>(v * v * (3.0f - 2.0f * v) * 255.0f + 0.5f);
        if (scheduled) schedules::pointwise(f);
        return f;
    }
    Func blur(const Buffer<uint16_t> &in, bool scheduled) const {
        Func clamped = BoundaryConditions::repeat_edge(in);
        Func rows("blur_rows"), columns("blur_columns");
        rows(x, y) = (clamped(x - 2, y) + 4 * clamped(x - 1, y) + 6 * clamped(x, y) + 4 * clamped(x + 1, y) + clamped(x + 2, y)) / 16;
        columns(x, y) = (rows(x, y - 2) + 4 * rows(x, y - 1) + 6 * rows(x, y) + 4 * rows(x, y + 1) + rows(x, y + 2)) / 16;
        if (scheduled) schedules::stencil(columns);
        return columns;
    }
    Func product(const Buffer<float> &a, const Buffer<float> &b, bool scheduled, bool epilogue) const {
        Func mm("mm"), out("mm_out");
        RDom k(0, a.width(), "mm_depth");
        mm(x, y) = 0.0f;
        mm(x, y) += a(k, y) * b(x, k);
        out(x, y) = mm(x, y) * 2.0f;
        if (!scheduled && epilogue) mm.compute_root();
        const Func output = epilogue ? out : mm;
        if (scheduled) schedules::gemm(output);
        return output;
    }
    Func sum(const Buffer<float> &in, bool scheduled) const {
        Func total("total");
        RDom r(0, in.width(), 0, in.height(), "total_terms");
        total() = 0.0f;
        total() += in(r.x, r.y) * in(r.x, r.y);
        if (scheduled) schedules::reduction(total);
        return total;
    }
};

void expect_near(const Func &plain, const Func &scheduled, const std::vector<int> &sizes) {
    Buffer<float> a(sizes), b(sizes);
    Func(plain).realize(a);
    Func(scheduled).realize(b);
    a.for_each_element([&](const int *at) { EXPECT_NEAR(a(at), b(at), 1e-4 * std::max(1.0f, std::abs(a(at)))); });
}

TEST_F(Library, PointwiseOfAnySize) {
    const Buffer<uint8_t> in = irregular(UInt(8), {70, 9, 3});
    for (const auto &sizes : {std::vector<int>{70, 9, 3}, {1, 1, 1}}) expect_same_after_every_pass(curve(in, true), sizes);
    Func line("line"), point("point");
    line(x) = x * 3 + 1;
    point() = 5;
    schedules::pointwise(line);
    schedules::pointwise(point);
    expect_same_after_every_pass(line, {9000});
    expect_same_after_every_pass(point, {});
}
TEST_F(Library, StencilOfAnySize) {
    const Buffer<uint16_t> in = irregular(UInt(16), {70, 50});
    for (const auto &sizes : {std::vector<int>{39, 35}, {1, 1}}) expect_same_after_every_pass(blur(in, true), sizes);
    EXPECT_NE(schedule_of(blur(in, true)).find("compute_at(blur_columns"), std::string::npos) << schedule_of(blur(in, true));
    EXPECT_EQ(schedule_of(blur(in, true)).find("repeat_edge"), std::string::npos);
}
TEST_F(Library, GemmOfOddSizes) {
    const Buffer<float> a = floats({50, 30}), b = floats({70, 50});
    for (const auto &sizes : {std::vector<int>{70, 30}, {33, 13}}) {
        for (const bool epilogue : {false, true}) expect_near(product(a, b, false, epilogue), product(a, b, true, epilogue), sizes);
    }
    expect_near(product(a, b, false, false), product(a, b, true, false), {7, 3});
    EXPECT_THROW(product(a, b, true, true).realize({7, 3}), RuntimeError);  // less than a tile
}
TEST_F(Library, ReductionOfAnySize) {
    for (const auto &sizes : {std::vector<int>{100, 30}, {1, 1}, {33, 7}, {500, 2}}) {
        const Buffer<float> in = floats(sizes);
        expect_near(sum(in, false), sum(in, true), {});
    }
    Func rows("row_minima"), all("one_loop");
    const Buffer<int> in = irregular(Int(32), {75, 9});
    RDom r(0, 75, "row"), s(0, 9 * 75, "flat");
    rows(y) = 1 << 20;
    rows(y) = min(rows(y), in(r, y));
    schedules::reduction(rows);
    expect_same_after_every_pass(rows, {9});
    all() = 0;
    all() += in(s % 75, s / 75);
    schedules::reduction(all);
    expect_same_after_every_pass(all, {});
}
TEST_F(Library, RefusesOtherShapes) {
    Func f("plain_sum"), g("scan");
    f(x, y) = x + y;
    RDom r(1, 10, "steps");
    g(x) = x;
    g(r) = g(r - 1) * 2 + g(r);
    for (const auto &call : {std::function<void()>([&] { schedules::gemm(f); }), std::function<void()>([&] { schedules::reduction(f); }),
                             std::function<void()>([&] { schedules::reduction(g); })}) {
        try {
            call();
            ADD_FAILURE() << "was scheduled";
        } catch (const CompileError &e) {
            EXPECT_EQ(e.diagnostic().code, 345) << e.what();
        }
    }
}

// The bounds are far below what a quiet machine shows; the test prints what it is.
TEST_F(Library, FasterThanTheDefault) {
    Buffer<uint8_t> picture(1024, 768, 3);
    picture.fill(77);
    EXPECT_GT(speedup("pointwise", [&](bool s) { return curve(picture, s); }, {1024, 768, 3}), 2.0);
    Buffer<uint16_t> plane(1024, 1024);
    plane.fill(7);
    EXPECT_GT(speedup("stencil", [&](bool s) { return blur(plane, s); }, {1024, 1024}), 3.0);
    const Buffer<float> a = floats({384, 384}), b = floats({384, 384});
    EXPECT_GT(speedup("gemm", [&](bool s) { return product(a, b, s, true); }, {384, 384}), 4.0);
    EXPECT_GT(speedup("gemm without an epilogue", [&](bool s) { return product(a, b, s, false); }, {384, 384}), 2.0);
    const Buffer<float> in = floats({1 << 10, 1 << 11});
    EXPECT_GT(speedup("reduction", [&](bool s) { return sum(in, s); }, {}), 3.0);
}

}  // namespace
}  // namespace heddle
