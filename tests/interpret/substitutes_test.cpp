// Wrappers and clones (in, clone_in) change where values are kept, never what they are.

#include <gtest/gtest.h>

#include "support_lib/differential.h"

namespace heddle {
namespace {

using testing::expect_same_after_every_pass;
using testing::irregular;

constexpr TailStrategy guard = TailStrategy::GuardWithIf;

struct Substitutes : ::testing::Test {
    Var x{"x"}, y{"y"}, xi{"xi"}, yi{"yi"};
    Func f{"f"}, a{"a"}, b{"b"}, both{"both"};
    Substitutes() {
        f(x, y) = x * 3 + y;
        a(x, y) = f(x, y) + f(x + 1, y);
        b(x, y) = f(x, y) - f(x, y + 1);
        both(x, y) = a(x, y) * b(x, y);
        a.compute_root();
        b.compute_root();
    }
};

TEST_F(Substitutes, OneOfEach) {
    f.compute_root();
    f.in(a).compute_at(a, y).vectorize(x, 4, guard);
    f.clone_in(b).store_root().compute_at(b, y);
    expect_same_after_every_pass(both, {7, 5});
}

TEST_F(Substitutes, InFamilies) {
    f.in({a, b}).compute_root().reorder_storage(y, x);
    f.in({a, b}).in().compute_at(both, y);
    a.compute_at(both, y);
    b.compute_at(both, y);
    f.compute_at(f.in({a, b}), y);
    expect_same_after_every_pass(both, {7, 5});
}

TEST_F(Substitutes, InTheTilesOfAWrapper) {
    RDom r(0, 3, "r");
    Func g("g"), h("h");
    g(x, y) = x;
    g(x, y) += r * y;
    h(x, y) = g(x, y) + g(x + 1, y + 1);
    g.in(h).compute_root().tile(x, y, xi, yi, 4, 2, guard);
    g.compute_at(g.in(h), x).update().reorder(x, y, r).vectorize(x, 4, guard);
    expect_same_after_every_pass(h, {9, 5});
}

TEST_F(Substitutes, OfATupleWithUpdates) {
    Func sum("sum"), p("p"), q("q"), out("out");
    RDom r(0, 6, "r");
    sum(x) = Tuple(x, cast<float>(0));
    sum(x) = Tuple(sum(x)[0] + r, sum(x)[1] + cast<float>(sum(x)[0]));
    p(x) = sum(x)[0] + cast<int>(sum(x + 1)[1]);
    q(x) = sum(2 * x)[0];
    out(x) = p(x) - q(x);
    p.compute_root();
    q.compute_root();
    sum.in(p).compute_root().vectorize(x, 4, guard);
    sum.clone_in(q).compute_at(q, x).update().unroll(r, 2);
    expect_same_after_every_pass(out, {9});
}

TEST_F(Substitutes, OfImages) {
    ImageParam image(Int(32), 2, "image");
    Func g("g"), h("h"), out("out");
    g(x, y) = image(x, y) + image(x + 1, y);
    h(x, y) = image(x, y + 1);
    out(x, y) = g(x, y) - h(x, y);
    g.compute_root();
    h.compute_root();
    image.in(g).compute_at(g, y).vectorize(_0, 4, guard);
    image.in().store_root().compute_at(h, y);
    image.set(irregular(Int(32), {8, 6}));
    expect_same_after_every_pass(out, {7, 5});
}

TEST_F(Substitutes, OfAnImageAsAFunc) {
    ImageParam image(UInt(16), 1, "image");
    Func g("g");
    g(x) = image(x) + image(x + 1);
    Func(image).compute_root();
    image.set(irregular(UInt(16), {9}));
    expect_same_after_every_pass(g, {8});
}

TEST_F(Substitutes, OfRandomNumbers) {
    Func noise("noise"), p("p"), q("q"), out("out");
    noise(x, y) = random_int(7) + random_int();
    p(x, y) = noise(x, y);
    q(x, y) = noise(x, y);
    out(x, y) = p(x, y) - q(x, y);
    p.compute_root();
    noise.clone_in(p).compute_at(p, y);
    noise.in(q).compute_root();
    expect_same_after_every_pass(out, {5, 4});
}

}  // namespace
}  // namespace heddle
