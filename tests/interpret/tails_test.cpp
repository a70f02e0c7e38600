// Every tail strategy, of pure definitions and of updates, for extents below, at and above the factor: naively and
// after every pass of lowering.

#include <gtest/gtest.h>

#include <functional>

#include "support_lib/differential.h"

namespace heddle {
namespace {

using testing::expect_same_after_every_pass;

struct TailCase {
    TailStrategy tail;
    const char *name;
    bool pure_only = false;
};

const TailCase tail_cases[] = {
    {TailStrategy::Auto, "Auto"},
    {TailStrategy::GuardWithIf, "GuardWithIf"},
    {TailStrategy::Predicate, "Predicate"},
    {TailStrategy::PredicateLoads, "PredicateLoads"},
    {TailStrategy::PredicateStores, "PredicateStores"},
    {TailStrategy::RoundUp, "RoundUp"},
    {TailStrategy::ShiftInwards, "ShiftInwards", true},
    {TailStrategy::RoundUpAndBlend, "RoundUpAndBlend"},
    {TailStrategy::ShiftInwardsAndBlend, "ShiftInwardsAndBlend"},
};

class Tails : public ::testing::TestWithParam<TailCase> {};

// Updates that give another value when they run twice, of an intermediate, which has room to be rounded up.
TEST_P(Tails, OfEachTypeAndExtent) {
    const TailCase &c = GetParam();
    for (Type t : {UInt(8), Int(16), Float(32), UInt(64)}) {
        for (int extent : {3, 8, 13}) {
            Var x("x"), xo("xo"), xi("xi");
            Func f("f"), g("g");
            f(x) = cast(t, x % 11);
            f(x) = f(x) * cast(t, 3) + cast(t, x % 7);
            f(x) += cast(t, 1);
            g(x) = f(x) + f(x + 1);
            f.compute_root().vectorize(x, 8, c.tail);
            if (!c.pure_only) {
                f.update(0).split(x, xo, xi, 4, c.tail).vectorize(xi);
                f.update(1).split(x, xo, xi, 4, c.tail).unroll(xi);
            }
            SCOPED_TRACE(std::to_string(extent) + " elements of " + std::to_string(t.bits()) + " bits");
            expect_same_after_every_pass(g, {extent}, {-2});
        }
    }
}

TEST_P(Tails, OfTilesAndTuples) {
    const TailCase &c = GetParam();
    for (int width : {4, 11}) {
        Var x("x"), y("y"), xo("xo"), yo("yo"), xi("xi"), yi("yi");
        Func f("f"), g("g");
        f(x, y) = Tuple(x + y, cast<float>(x - y));
        f(x, y) = Tuple(f(x, y)[0] * 2 + cast<int>(f(x, y)[1]), f(x, y)[1] + cast<float>(f(x, y)[0]));
        g(x, y) = f(x, y)[0] + cast<int>(f(x, y + 1)[1]);
        f.compute_root();
        if (c.pure_only) {
            f.tile(x, y, xo, yo, xi, yi, 4, 2, c.tail).vectorize(xi).unroll(yi);
        } else {
            f.update().tile(x, y, xo, yo, xi, yi, 4, 2, c.tail).vectorize(xi).unroll(yi);
        }
        expect_same_after_every_pass(g, {width, 5});
    }
}

// The inner loop is split again, by another tail, where that is legal.
TEST_P(Tails, InsideOfASplit) {
    const TailCase &c = GetParam();
    if (c.tail == TailStrategy::PredicateLoads) return;  // of outermost splits only
    for (TailStrategy outer : {TailStrategy::GuardWithIf, TailStrategy::RoundUpAndBlend, TailStrategy::ShiftInwardsAndBlend}) {
        const bool update = !c.pure_only && c.tail != TailStrategy::RoundUp;
        Var x("x"), xo("xo"), xi("xi"), xio("xio"), xii("xii");
        Func f("f"), g("g");
        f(x) = x * x;
        f(x) = f(x) * 3 + x;
        g(x) = f(x);
        f.compute_root();
        Stage stage = update ? Stage(f.update()) : Stage(f);
        stage.split(x, xo, xi, 6, outer).split(xi, xio, xii, 4, c.tail).vectorize(xii);
        expect_same_after_every_pass(g, {17});
    }
}

// The place that is written is read from a table: it must not be read where there is nothing.
TEST_P(Tails, OfScatters) {
    const TailCase &c = GetParam();
    if (c.pure_only) return;
    Var x("x"), y("y");
    Func table("table"), f("f"), g("g");
    table(x) = (x * 7) % 5;
    f(x, y) = x + y;
    f(x, clamp(table(x), 0, 4)) += 10 * x;
    g(x, y) = f(x, y);
    table.compute_root();
    f.compute_root();
    f.update().vectorize(x, 4, c.tail);
    expect_same_after_every_pass(g, {10, 5});
}

// The loop over the steps is the inner one: a point of the shifted step is met before its own step has come.
TEST(DifferentialTails, BlendOfWhatIsNotComputedYet) {
    for (TailStrategy tail : {TailStrategy::ShiftInwardsAndBlend, TailStrategy::RoundUpAndBlend}) {
        Var x("x"), y("y"), xo("xo"), xi("xi");
        Func f("f"), g("g");
        f(x, y) = x + y * 10;
        f.split(x, xo, xi, 6, tail).reorder(y, xo, xi);
        g(x, y) = f(x, y) + 1;
        f.compute_root();
        expect_same_after_every_pass(g, {11, 7});
    }
}

// Each branch of a specialization has the tails of a pure definition: nothing is blended with what is not computed yet.
TEST(DifferentialTails, BlendInBranchesOfASpecialization) {
    for (TailStrategy tail : {TailStrategy::ShiftInwardsAndBlend, TailStrategy::RoundUpAndBlend}) {
        for (int chosen : {0, 1}) {
            Var x("x"), y("y"), xo("xo"), xi("xi");
            Param<int> k("k");
            k.set(chosen);
            Func f("f"), g("g");
            f(x, y) = x + y * 10;
            f.split(x, xo, xi, 8, tail).reorder(y, xo, xi);
            f.specialize(k == 0).unroll(xi);
            g(x, y) = f(x, y) + 1;
            f.compute_root();
            expect_same_after_every_pass(g, {28, 3});
            f.specialize(k == 1);
            expect_same_after_every_pass(g, {28, 3});
        }
    }
}

// Which step is the last one is the same for all lanes; what is read in it is not.
TEST(DifferentialTails, PredicatedLoadsWithinAVector) {
    Var x("x"), y("y"), xo("xo"), xi("xi");
    Func f("f"), g("g"), h("h");
    f(x, y) = x * 10 + y;
    f.compute_root();
    g(x, y) = f(x, y) * 3;
    g.compute_root().split(y, xo, xi, 5, TailStrategy::ShiftInwardsAndBlend);
    g.split(x, Var("o"), Var("i"), 8, TailStrategy::PredicateLoads).vectorize(xi);
    h(x, y) = g(x, y);
    expect_same_after_every_pass(h, {19, 14});
    Func of_lanes("of_lanes"), out("out");
    of_lanes(x, y) = f(x, y) + 1;
    out(x, y) = of_lanes(x, y) + of_lanes(x + 1, y);
    out.split(x, xo, xi, 5, TailStrategy::GuardWithIf).vectorize(xi);
    of_lanes.compute_at(out, xi).split(x, Var("o"), Var("i"), 3, TailStrategy::PredicateLoads);
    expect_same_after_every_pass(out, {13, 4});
}

// An output that is written under predicates needs no room past its end, whatever is made of the loops afterwards.
TEST(DifferentialTails, PredicatedStoresOfAnOutput) {
    Var x("x"), y("y"), xo("xo"), xi("xi"), t("t"), u("u"), xoo("xoo"), xoi("xoi");
    const TailStrategy stores = TailStrategy::PredicateStores, guard = TailStrategy::GuardWithIf;
    const std::vector<std::function<void(Func)>> schedules = {
        [&](Func f) { f.split(x, xo, xi, 8, stores).vectorize(xi); },
        [&](Func f) { f.split(x, xo, xi, 8, stores).split(xo, xoo, xoi, 3, guard); },
        [&](Func f) { f.split(x, xo, xi, 8, stores).split(xo, xoo, xoi, 3, TailStrategy::ShiftInwards); },
        [&](Func f) { f.split(x, xo, xi, 8, stores).split(xo, xoo, xoi, 3, stores).vectorize(xi); },
        [&](Func f) { f.split(x, xo, xi, 8, guard).split(xi, xoi, xi, 3, stores).unroll(xi); },
        [&](Func f) { f.split(x, xo, xi, 8, TailStrategy::ShiftInwards).split(xi, xoi, xi, 3, stores); },
        [&](Func f) { f.split(x, xo, xi, 8, TailStrategy::ShiftInwards).split(xo, xoo, xoi, 2, stores); },
        [&](Func f) { f.split(x, xo, xi, 8, stores).fuse(xo, y, t); },
        [&](Func f) { f.split(x, xo, xi, 8, stores).fuse(xi, xo, t); },
        [&](Func f) { f.split(x, xo, xi, 8, stores).fuse(xo, y, t).split(t, u, t, 5, guard).parallel(u); },
        [&](Func f) { f.split(y, xo, xi, 4, stores).fuse(x, xi, t).fuse(t, xo, u); },
        [&](Func f) { f.fuse(x, y, t).split(t, u, t, 5, stores).vectorize(t); },
        [&](Func f) { f.fuse(x, y, t).split(t, u, t, 5, stores).split(u, xoo, xoi, 3, guard); },
        [&](Func f) { f.tile(x, y, xo, u, xi, t, 8, 4, stores).vectorize(xi); },
    };
    for (size_t i = 0; i < schedules.size(); i++) {
        SCOPED_TRACE("schedule " + std::to_string(i));
        Func f("f");
        f(x, y) = x * 3 + y * 100;
        schedules[i](f);
        expect_same_after_every_pass(f, {27, 7}, {-3, 2});
    }
}

// An update of an output reads only what it writes, where stores are predicated.
TEST(DifferentialTails, PredicatedStoresOfAnUpdateOfAnOutput) {
    for (bool scatters : {false, true}) {
        Var x("x"), y("y"), xo("xo"), xi("xi");
        Func f("f"), table("table");
        table(x) = (x * 7) % 5;
        f(x, y) = x * 3 + y;
        f(x, scatters ? clamp(table(x), 0, 4) : y) += 10 * x;
        table.compute_root();
        f.update().split(x, xo, xi, 7, TailStrategy::PredicateStores).vectorize(xi);
        expect_same_after_every_pass(f, {11, 5});
    }
}

// A shifted tile of a pure definition goes over what the update has finished in the window behind: no window moves.
TEST(DifferentialTails, BlendInASlidingWindow) {
    for (TailStrategy tail : {TailStrategy::ShiftInwards, TailStrategy::ShiftInwardsAndBlend, TailStrategy::RoundUp,
                              TailStrategy::RoundUpAndBlend, TailStrategy::PredicateLoads}) {
        for (bool down : {false, true}) {
            for (bool updated : {false, true}) {
                Var x("x"), y("y"), yo("yo"), yi("yi");
                Func f("f"), g("g");
                f(x, y) = x + y * 10;
                if (updated) f(x, y) += x;
                const Expr row = down ? 20 - y : Expr(y);
                g(x, y) = f(x, row) + f(x, row + 1) * 2 + f(x, row + 2);
                f.store_root().compute_at(g, y).split(y, yo, yi, 4, tail);
                SCOPED_TRACE(std::to_string(static_cast<int>(tail)) + (down ? " down" : " up") + (updated ? ", updated" : ""));
                expect_same_after_every_pass(g, {6, 9});
            }
        }
    }
}

// A reduction whose condition never holds, as is seen at once or from the ranges: what it would read is not computed.
TEST(DifferentialTails, ReductionThatNeverRuns) {
    for (bool from_ranges : {false, true}) {
        for (int place = 0; place < 3; place++) {
            Var x("x"), y("y");
            RDom r(0, 3, 0, 2, "r");
            r.where(from_ranges ? r.x + r.y < 0 : r.x < r.x);
            Func f("f"), g("g"), h("h");
            f(x) = x * x;
            g(x, y) = x;
            g(x, y) += f(x + r.x) * r.y;
            h(x, y) = g(x, y);
            g.compute_root();
            if (place == 0) f.compute_at(g, r.x);
            if (place == 1) f.compute_at(g, r.x).store_at(g, x);
            if (place == 2) f.compute_root();
            expect_same_after_every_pass(h, {9, 2});
        }
    }
}

// Vectors of vectors of vectors: lanes of the innermost loop are the fastest.
TEST(DifferentialVectors, ThreeNestedLoops) {
    for (int form = 0; form < 5; form++) {
        Var x("x"), y("y"), z("z"), xo("xo"), xi("xi");
        Func f("f"), g("g"), table("table");
        table(x) = (x * 5) % 7;
        g(x, y, z) = x + y * 10 + z * z;
        switch (form) {
        case 0: f(x, y, z) = x + y * 100 + z * 10000; break;
        case 1: f(x, y, z) = g(x, y, z) * g(z, x, y); break;       // transposed
        case 2: f(x, y, z) = table(x * z + y) + g(y + z, 2 * x, z); break;
        case 3: f(x, y, z) = select(x < y, g(x, y, z), cast<int>(cast<float>(z) * 0.5f)); break;
        case 4: f(x, y, z) = g(x * y, z, x); break;
        }
        table.compute_root();
        g.compute_root();
        f.bound(x, 0, 4).bound(y, 0, 2).bound(z, 0, 3);
        f.vectorize(x).vectorize(y).vectorize(z);
        SCOPED_TRACE("form " + std::to_string(form));
        expect_same_after_every_pass(f, {4, 2, 3});
        Func h("h");
        h(x, y, z) = g(x, z, y) + x;
        h.bound(x, 0, 6).bound(y, 0, 2).bound(z, 0, 3);
        h.split(x, xo, xi, 4, TailStrategy::GuardWithIf).reorder(xi, y, z, xo).vectorize(xi).vectorize(y).vectorize(z);
        expect_same_after_every_pass(h, {6, 2, 3});
    }
}

INSTANTIATE_TEST_SUITE_P(Each, Tails, ::testing::ValuesIn(tail_cases),
                         [](const auto &test) { return std::string(test.param.name); });

}  // namespace
}  // namespace heddle
