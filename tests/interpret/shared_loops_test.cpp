// compute_with against the naive evaluation: after each pass, with parallel loops in several orders.

#include <gtest/gtest.h>

#include "heddle/heddle.h"
#include "support_lib/differential.h"

namespace heddle {
namespace {

using testing::expect_same_after_every_pass;
using Align = LoopAlignStrategy;

struct SharedLoops : ::testing::Test {
    Var x{"x"}, y{"y"}, xo{"xo"}, xi{"xi"}, yo{"yo"}, yi{"yi"};
    ImageParam in{Int(32), 2, "in"};
    Func f{"f"}, g{"g"}, out{"out"};
    SharedLoops() {
        in.set(testing::irregular(Int(32), {80, 80}));
        f(x, y) = in(x + 8, y + 8) * 3;
        g(x, y) = in(x + 9, y + 7) - 5;
    }
    // To be called when f and g have all their updates.
    void define_out() {
        out(x, y) = f(x, y) + f(x + 2, y) - g(x, y + 3) * 2;
    }
    void check(const std::vector<int> &extents = {19, 13}) {
        expect_same_after_every_pass(out, extents);
        expect_same_after_every_pass(out, extents, {-3, 5});
    }
};

TEST_F(SharedLoops, OfOtherRegions) {
    define_out();
    for (const Align align : {Align::Auto, Align::NoAlign, Align::AlignStart, Align::AlignEnd}) {
        for (int inner = 0; inner < 2; inner++) {
            f.compute_root();
            g.compute_root().compute_with(f, inner ? x : y, align);
            check();
        }
    }
}

TEST_F(SharedLoops, OfAnAlignmentForEach) {
    define_out();
    f.compute_root();
    g.compute_root().compute_with(f, x, {{x, Align::AlignEnd}, {y, Align::AlignStart}});
    check();
}

TEST_F(SharedLoops, OfTilesVectorsAndTasks) {
    define_out();
    for (Func *s : {&f, &g}) {
        s->compute_root().tile(x, y, xo, yo, xi, yi, 8, 4, TailStrategy::GuardWithIf).vectorize(xi).parallel(yo);
    }
    g.compute_with(f, xo);
    check();
}

TEST_F(SharedLoops, OfVectors) {
    define_out();
    for (Func *s : {&f, &g}) s->compute_root().split(x, xo, xi, 4).vectorize(xi).unroll(y, 2);
    g.compute_with(f, xi);
    check();
}

TEST_F(SharedLoops, InsideALoopOfTheConsumer) {
    define_out();
    out.split(y, yo, yi, 4, TailStrategy::GuardWithIf);
    f.compute_at(out, yo);
    g.compute_at(out, yo).compute_with(f, y);
    check();
}

TEST_F(SharedLoops, OfWindowsThatSlide) {
    define_out();
    f.store_root().compute_at(out, y);
    g.store_root().compute_at(out, y).compute_with(f, x);
    check();
}

TEST_F(SharedLoops, WithAProducerOfBoth) {
    Func p("p");
    p(x, y) = in(x + 8, y + 8) ^ 21;
    f(x, y) += p(x, y) + p(x, y + 1);
    g(x, y) += p(x + 1, y - 1);
    define_out();
    f.compute_root();
    g.compute_root().compute_with(f, y);
    g.update().compute_with(f.update(), y);
    for (int where = 0; where < 4; where++) {
        if (where == 0) p.compute_root();
        if (where == 1) p.compute_at(f, y);
        if (where == 2) p.store_root().compute_at(f, y);
        if (where == 3) p.store_at(LoopLevel::inlined()).compute_inline();
        check();
    }
}

TEST_F(SharedLoops, WithAProducerOfOne) {
    Func p("p");
    p(x, y) = in(x + 8, y + 8) ^ 21;
    g(x, y) += p(x + 1, y - 1) + p(x + 1, y);
    define_out();
    f.compute_root();
    g.compute_root();
    g.update().compute_with(f, y, Align::AlignEnd);
    for (int where = 0; where < 5; where++) {
        if (where == 0) p.compute_at(g, x);
        if (where == 1) p.compute_at(g, y);
        if (where == 2) p.compute_at(f, y);
        if (where == 3) p.store_at(f, y).compute_at(g, x);
        if (where == 4) p.store_root().compute_at(g, x);
        check({9, 7});
    }
}

TEST_F(SharedLoops, OfUpdatesWithReductions) {
    RDom r(0, 5, "r");
    f(x, y) += r * y;
    g(x, r) = g(x, r) * 3 + x;
    g(x, y) += r * 7;
    define_out();
    f.compute_root();
    g.compute_root();
    g.update(1).compute_with(f.update(), r);
    check();
}

TEST_F(SharedLoops, OfThreeInAChain) {
    define_out();
    Func h("h"), all("all");
    h(x, y) = in(y + 8, x + 8) * 7;
    all(x, y) = out(x, y) + h(x + 1, y + 2);
    out.compute_root();
    f.compute_root();
    g.compute_root().compute_with(f, y, Align::AlignEnd);
    for (int shape = 0; shape < 4; shape++) {
        h.compute_root();
        if (shape == 0) h.compute_with(g, y, Align::AlignStart);
        if (shape == 1) h.compute_with(g, x);
        if (shape == 2) h.compute_with(f, x, Align::AlignEnd);
        if (shape == 3) h.compute_with(f, Var::outermost());
        expect_same_after_every_pass(all, {11, 9});
    }
}

TEST_F(SharedLoops, OfTuplesAndOutputs) {
    define_out();
    Func t("t");
    t(x, y) = Tuple(f(x, y) + 1, cast<uint8_t>(g(x, y)));
    t(x, y) = Tuple(cast<int>(t(x, y)[1]) + 2, cast<uint8_t>(t(x, y)[0]));
    out.compute_with(t, y);
    expect_same_after_every_pass({t, out}, {12, 10});
    out.compute_with(t.update(), y, Align::AlignStart);
    f.compute_at(t, y);  // in the loops of both stages of t, in the second one also for out
    g.compute_root();
    expect_same_after_every_pass({t, out}, {12, 10});
    f.compute_root();
    expect_same_after_every_pass({t, out}, {12, 10});
}

}  // namespace
}  // namespace heddle
