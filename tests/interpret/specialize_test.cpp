// Specialized stages give what they give without: whichever branch is taken.

#include <gtest/gtest.h>

#include "support_lib/differential.h"

namespace heddle {
namespace {

using testing::expect_same_after_every_pass;
using testing::irregular;

constexpr TailStrategy guard = TailStrategy::GuardWithIf;

struct Branches : ::testing::Test {
    Var x{"x"}, y{"y"}, u{"u"}, xi{"xi"}, yi{"yi"};
    Param<int> mode{"mode"};
    Param<bool> flag{"flag"};
    Func f{"f"}, g{"g"};
    Branches() {
        f(x, y) = x * 3 + y * mode;
        g(x, y) = f(x, y) + f(x + 1, y) * f(x, y + 2);
    }
    void expect_right(const std::vector<int> &extents = {7, 5}) {
        for (int m : {-1, 1, 3, 9}) {
            for (bool on : {false, true}) {
                mode.set(m);
                flag.set(on);
                expect_same_after_every_pass(g, extents);
            }
        }
    }
};

TEST_F(Branches, OfAnOutput) {
    g.specialize(mode == 1).reorder(y, x);
    g.specialize(mode > 1 && flag).tile(x, y, xi, yi, 2, 2, guard).vectorize(xi);
    g.specialize(mode > 4).vectorize(x, 4, guard);
    expect_right();
}

TEST_F(Branches, WithTheirProducers) {
    f.compute_at(g, u);
    g.specialize(flag).rename(y, u).vectorize(x, 4, guard);
    g.rename(x, u);
    expect_right();
}

TEST_F(Branches, WithSlidingProducers) {
    f.store_root().compute_at(g, y);
    g.specialize(flag).vectorize(x, 4, guard);
    g.specialize(mode == 3).split(x, x, xi, 3, guard);
    expect_right();
}

TEST_F(Branches, OfAProducerAndItsConsumer) {
    f.compute_at(g, y);
    f.specialize(mode == 3).vectorize(x, 8);
    f.specialize(flag);
    g.specialize(flag).parallel(y);
    g.specialize(!flag && mode == 1).unroll(y, 2, guard);
    expect_right();
}

// Each branch rounds another region up, and asks for what it needs only.
TEST_F(Branches, OfUpdates) {
    RDom r(0, 4, "r");
    f = Func("f");
    g = Func("g");
    f(x, y) = x * 3 + y * mode;
    f(x, y) += r * x;
    f(x, y) = f(x, y) * 2 + select(x > 3, f(x, y), 0);
    f.compute_root();
    f.specialize(flag).vectorize(x, 8, TailStrategy::RoundUp);
    f.update(0).specialize(mode == 3).reorder(x, r).vectorize(x, 4, TailStrategy::RoundUp);
    f.update(0).specialize(flag).unroll(r);
    f.update(1).specialize(mode > 1).vectorize(x, 16, TailStrategy::RoundUp);
    g(x, y) = f(x, y) + f(x + 1, y) * f(x, y + 2);
    expect_right();
}

TEST_F(Branches, OfBranches) {
    f.compute_root();
    Stage wide = g.specialize(mode >= 1);
    wide.vectorize(x, 2, guard);
    wide.specialize(flag && mode < 5).reorder(y, x);
    wide.specialize(mode == 9).parallel(y);
    g.split(y, y, yi, 2, guard);
    expect_right();
}

TEST_F(Branches, OnTheWidth) {
    const Expr width = g.output_buffer().width();
    g.specialize(width >= 8).vectorize(x, 8);
    g.specialize(width >= 4).vectorize(x, 4);
    g.specialize(width == 1);
    f.compute_at(g, y);
    mode.set(2);
    for (int w : {1, 2, 4, 7, 8, 19}) expect_same_after_every_pass(g, {w, 3});
}

TEST_F(Branches, OnAStride) {
    ImageParam in(Int(32), 2, "in");
    in.dim(0).set_stride(Expr());
    Func h("h");
    h(x, y) = in(x, y) * 2;
    h.specialize(in.dim(0).stride() == 1).vectorize(x, 4, guard);
    h.specialize(in.dim(0).stride() == 6);
    in.set(irregular(Int(32), {6, 6}));
    expect_same_after_every_pass(h, {6, 6});
    Buffer<> turned = irregular(Int(32), {6, 6});
    turned.transpose(0, 1);
    in.set(turned);
    expect_same_after_every_pass(h, {6, 6});
}

TEST_F(Branches, OnAnElement) {
    ImageParam in(Int(32), 1, "in");
    Func h("h");
    h(x) = in(x) * 2;
    h.specialize(in(3) > 0).vectorize(x, 4, guard);
    Buffer<int> values(6);
    values.fill(5);
    in.set(values);
    expect_same_after_every_pass(h, {6});
    values(3) = -1;
    expect_same_after_every_pass(h, {6});
}

TEST_F(Branches, InlinedEagerly) {
    g.eager_inline({f});
    f.compute_root();
    expect_right();
    Func e("e"), h("h");
    e(x) = Tuple(x * 2, cast<float>(x) / 3);
    h(x) = e(x + 1)[0] - cast<int>(e(x)[1]);
    RDom r(0, 5, "r");
    h(x) += e(r)[0] * x;
    e.compute_root();
    h.update().eager_inline({e}).unroll(r);
    expect_same_after_every_pass(h, {6});
}

}  // namespace
}  // namespace heddle
