// Storage that is folded over a loop that is not the outermost one around it: naively and after every pass of lowering.

#include <gtest/gtest.h>

#include "support_lib/differential.h"

namespace heddle {
namespace {

using testing::expect_same;

// Columns of strips: y moves the window, and begins again in each strip.
struct Strips {
    Var x{"x"}, y{"y"}, c{"c"}, xo{"xo"}, xi{"xi"}, yo{"yo"}, yi{"yi"};
    Func f{"f"}, g{"g"};
    Strips() {
        f(x, y) = x * 100 + y;
    }
    void schedule(TailStrategy tail = TailStrategy::GuardWithIf) {
        g.split(x, xo, xi, 8, tail).reorder(xi, y, xo);
        f.store_root().compute_at(g, y);
    }
};

TEST(DifferentialFolding, Upwards) {
    for (const TailStrategy tail : {TailStrategy::GuardWithIf, TailStrategy::ShiftInwards, TailStrategy::RoundUp}) {
        Strips s;
        s.g(s.x, s.y) = s.f(s.x, s.y) + s.f(s.x, s.y + 1) + s.f(s.x, s.y - 1);
        s.schedule(tail);
        s.f.fold_storage(s.y, 4);
        expect_same(s.g, {24, 20});
        if (tail != TailStrategy::RoundUp) expect_same(s.g, {21, 20}, {-3, 5});
    }
}

TEST(DifferentialFolding, Downwards) {
    Strips s;
    s.g(s.x, s.y) = s.f(s.x, 40 - s.y) + s.f(s.x, 42 - s.y);
    s.schedule();
    s.f.fold_storage(s.y, 3, false);
    expect_same(s.g, {21, 20});
}

TEST(DifferentialFolding, ByItself) {
    Strips s;
    s.g(s.x, s.y, s.c) = s.f(s.x, s.y) + s.f(s.x, s.y + 1) + s.f(s.x, s.y - 1) + s.c;
    s.f.store_root().compute_at(s.g, s.y);
    expect_same(s.g, {11, 12, 3});
}

TEST(DifferentialFolding, UpdatesOfTheProducer) {
    Strips s;
    s.f(s.x, s.y) += s.x * s.y;
    RDom r(0, 3);
    s.f(s.x, s.y) += r * s.f(s.x, s.y) % 7;
    s.g(s.x, s.y) = s.f(s.x, s.y) + s.f(s.x, s.y + 2);
    s.schedule();
    s.f.fold_storage(s.y, 3);
    expect_same(s.g, {21, 20});
}

TEST(DifferentialFolding, UpdateOfTheConsumer) {
    Strips s;
    s.g(s.x, s.y) = s.x - s.y;
    s.g(s.x, s.y) += s.f(s.x, s.y) * s.f(s.x, s.y + 2);
    s.g.update().split(s.x, s.xo, s.xi, 8, TailStrategy::GuardWithIf).reorder(s.xi, s.y, s.xo);
    s.f.store_root().compute_at(s.g, s.y).fold_storage(s.y, 3);
    expect_same(s.g, {21, 20});
}

TEST(DifferentialFolding, TwoLoopsOutside) {
    for (const bool each : {false, true}) {  // whether f differs from one c to the next
        Strips s;
        Func f("f3");
        f(s.x, s.y, s.c) = s.x * 100 + s.y + s.c * 7;
        s.g(s.x, s.y, s.c) = each ? f(s.x, s.y, s.c) + f(s.x, s.y + 2, s.c) : f(s.x, s.y, 0) + f(s.x, s.y + 2, 0) + s.c;
        s.g.split(s.x, s.xo, s.xi, 8, TailStrategy::GuardWithIf).reorder(s.xi, s.y, s.xo, s.c);
        f.store_root().compute_at(s.g, s.y).fold_storage(s.y, 3);
        expect_same(s.g, {21, 10, 3});
    }
}

TEST(DifferentialFolding, TwoStagesInARow) {
    Strips s;
    Func h("h");
    h(s.x, s.y) = s.f(s.x, s.y) - s.f(s.x, s.y + 1);
    s.g(s.x, s.y) = h(s.x, s.y) * h(s.x, s.y + 2);
    s.schedule();
    s.f.fold_storage(s.y, 4);
    h.store_root().compute_at(s.g, s.y).fold_storage(s.y, 4);
    expect_same(s.g, {21, 20});
}

// The values that a strip shares with the next one are kept, and so is all that they stand among.
TEST(DifferentialFolding, ValuesKeptFromOneStripToTheNext) {
    for (int schedule = 0; schedule < 7; schedule++) {
        Strips s;
        s.g(s.x, s.y) = s.f(s.x - 1, s.y) + s.f(s.x + 1, s.y + 1) + s.f(s.x, s.y - 1);
        switch (schedule) {
        case 0: s.schedule(); break;
        case 1: s.schedule(TailStrategy::ShiftInwards); break;
        case 2:
            s.g.reorder(s.y, s.x);
            s.f.store_root().compute_at(s.g, s.y);
            break;
        case 3:
            s.g.split(s.y, s.yo, s.yi, 8, TailStrategy::GuardWithIf);
            s.f.store_root().compute_at(s.g, s.yi).fold_storage(s.y, 16);
            break;
        case 4:  // x cannot be folded over xo
            s.schedule();
            s.f.vectorize(s.x, 4);
            break;
        case 5:  // or not kept, for the sake of the fold
            s.schedule();
            s.f.fold_storage(s.y, 4);
            break;
        case 6:
            s.schedule(TailStrategy::ShiftInwards);
            s.f.fold_storage(s.x, 16);
            break;
        }
        SCOPED_TRACE("schedule " + std::to_string(schedule));
        expect_same(s.g, {21, 20});
    }
}

TEST(DifferentialFolding, InTheInnerOfTwoReductionLoops) {
    Var x("x"), y("y");
    Func f("f"), g("g");
    RDom r(0, 3);
    f(x) = x * x;
    g(x, y) = y;
    g(x, y) += f(x + r) * f(x + r + 2);
    g.update().reorder(x, r, y);
    f.store_root().compute_at(g, x);
    expect_same(g, {11, 4});
}

}  // namespace
}  // namespace heddle
