// hoist_storage, ring_buffer and async against the naive evaluation: after each pass, with tasks and parallel loops in
// several orders. The interpreter finds values that are read before they are computed, and tasks that wait forever.

#include <gtest/gtest.h>

#include "heddle/heddle.h"
#include "support_lib/differential.h"

namespace heddle {
namespace {

using testing::expect_same_after_every_pass;

struct Tasks : ::testing::Test {
    Var x{"x"}, y{"y"}, xo{"xo"}, xi{"xi"}, yo{"yo"}, yi{"yi"};
    ImageParam in{Int(32), 2, "in"};
    Func a{"a"}, b{"b"}, c{"c"};
    Tasks() {
        in.set(testing::irregular(Int(32), {80, 80}));
        a(x, y) = in(x + 8, y + 8) * 3;
        b(x, y) = a(x, y) * 2 - a(x + 1, y + 1);
        c(x, y) = b(x, y) + b(x, y + 2);
    }
    void check(const std::vector<int> &extents = {7, 13}) {
        expect_same_after_every_pass(c, extents);
        expect_same_after_every_pass(c, extents, {-3, 5});
    }
};

TEST_F(Tasks, OfWholeFuncs) {
    a.compute_root().async();
    b.compute_root().async();
    check();
}

TEST_F(Tasks, ThatPassRows) {
    a.store_root().compute_at(c, y).async();
    b.store_root().compute_at(c, y).async();
    check();
}

TEST_F(Tasks, ThatPassRowsInAFold) {
    for (int factor : {3, 4, 8, 11}) {
        a.compute_root();
        b.store_root().compute_at(c, y).fold_storage(y, factor).async();
        check();
    }
    for (int factor : {3, 4, 8, 11}) {
        b.store_root().compute_at(c, y).fold_storage(y, factor).async();
        a.store_root().compute_at(c, y).fold_storage(y, factor + 1).async();
        check();
    }
}

TEST_F(Tasks, WithinTasks) {
    c.split(y, yo, yi, 5, TailStrategy::GuardWithIf).parallel(yo);
    a.compute_root();
    b.compute_at(c, yo).async();
    check();
    b.store_at(c, yo).compute_at(c, yi).async();
    check();
    a.store_at(c, yo).compute_at(c, yi).async();
    check();
}

TEST_F(Tasks, WithWorkInside) {
    a.compute_at(b, y).async();
    b.compute_root().async();
    check();
    a.compute_at(c, y);
    b.compute_at(c, y).async();
    check();
}

TEST_F(Tasks, StoredAtOtherLevels) {
    c.split(y, yo, yi, 4, TailStrategy::GuardWithIf);
    a.store_root().compute_at(c, yi).async();
    b.store_at(c, yo).compute_at(c, yi).async();
    check();
    c(x, y) += a(x, y) * 5;  // now two tasks wait for the rows of a
    a.compute_root();
    check();
}

TEST_F(Tasks, ThatTwoOthersWaitFor) {
    Func d("d");
    d(x, y) = c(x, y) + a(x, y + 1);
    a.store_root().compute_at(d, y).async();
    b.store_root().compute_at(d, y).async();
    c.store_root().compute_at(d, y).async();
    expect_same_after_every_pass(d, {6, 9});
}

// Each iteration computes all of the Func again: it must not begin before the last one has been used.
TEST_F(Tasks, OfStorageThatIsUsedAgain) {
    RDom r(0, 6, "r");
    Func s("s"), t("t");
    s(x) = 0;
    s(x) += in(x, r);
    t(x, y) = s(x) + s(x + 1) * y;
    s.store_root().compute_at(t, y).async();
    expect_same_after_every_pass(t, {6, 9});
}

TEST_F(Tasks, OfTuples) {
    Func t("t"), s("s");
    t(x, y) = Tuple(a(x, y), cast<uint8_t>(x + y));
    t(x, y) = Tuple(t(x, y)[0] + 1, cast<uint8_t>(t(x, y)[1] * 2));
    s(x, y) = t(x, y)[0] + t(x, y + 1)[1];
    t.store_root().compute_at(s, y).async();
    expect_same_after_every_pass(s, {6, 9});
    Func one("one");
    one(x, y) = t(x, y)[1] + t(x, y + 1)[1];
    t.compute_at(one, y);
    expect_same_after_every_pass(one, {6, 9});
}

// Where nothing can run by itself, async changes nothing.
TEST_F(Tasks, ThatAreNone) {
    c.async().vectorize(x, 4, TailStrategy::GuardWithIf);
    b.async();
    a.compute_at(c, x).async();
    check();
    Func d("d"), e("e");
    d(x, y) = in(x, y);
    e(x, y) = d(x, y) + b(x, y);
    d.compute_root().async();
    a.compute_inline();
    b.compute_root().compute_with(d, y).async();
    expect_same_after_every_pass(e, {6, 9});
}

TEST_F(Tasks, WhoseInputIsStoredFurtherOut) {
    a.store_root().compute_at(c, y);
    b.store_root().compute_at(c, y).async();
    check();
}

struct Hoisted : Tasks {};

TEST_F(Hoisted, OutOfAllLoops) {
    c.split(y, yo, yi, 4, TailStrategy::GuardWithIf).split(x, xo, xi, 3, TailStrategy::GuardWithIf).reorder(xi, yi, xo, yo);
    a.compute_root();
    b.compute_at(c, yi).hoist_storage_root();
    check();
    b.hoist_storage(c, yo);
    check();
    b.store_at(c, xo);
    check();
    b.compute_at(c, xo).hoist_storage(c, xo);
    check();
}

TEST_F(Hoisted, OfVaryingSize) {
    Func t("t");
    RDom r(0, 9, 0, 9, "r");
    r.where(r.x <= r.y);
    t(x) = 0;
    t(x) += a(r.x + x, r.y);
    a.compute_at(t, r.x).hoist_storage_root();
    expect_same_after_every_pass(t, {6});
    a.compute_at(t, r.y);
    expect_same_after_every_pass(t, {6});
}

TEST_F(Hoisted, RingsOfStorage) {
    c.split(y, yo, yi, 4, TailStrategy::GuardWithIf);
    a.compute_root();
    for (int copies : {1, 2, 3}) {
        for (int task = 0; task < 2; task++) {
            b.compute_at(c, yi).hoist_storage_root().ring_buffer(copies);
            b.store_at(LoopLevel::inlined());
            if (task) b.async();
            check();
            b.store_at(c, yo);
            check();
            b.hoist_storage(c, yo).store_at(LoopLevel::inlined());
            check();
        }
    }
}

TEST_F(Hoisted, RingsThatPassTiles) {
    c.tile(x, y, xo, yo, xi, yi, 3, 4, TailStrategy::GuardWithIf);
    a.compute_at(c, xo).hoist_storage_root().ring_buffer(2).async();
    b.compute_at(c, xo).hoist_storage(c, yo).ring_buffer(2).async();
    check();
}

}  // namespace
}  // namespace heddle
