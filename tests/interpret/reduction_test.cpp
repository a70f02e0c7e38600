// Reductions in parts (rfactor), in vectors and in threads (atomic): naively, after every pass, and on the machine.

#include "support_lib/differential.h"

#include <gtest/gtest.h>

namespace heddle {
namespace {

using testing::expect_same_after_every_pass;
using testing::irregular;

/** Sums of the rows of a table, weighted. */
struct RowSums {
    Var x{"x"}, u{"u"}, v{"v"}, xo{"xo"}, xi{"xi"};
    RVar ro{"ro"}, ri{"ri"};
    Buffer<int> in{irregular(Int(32), {21, 7})};
    RDom r{0, 21, 0, 7, "r"};
    Func f{"f"};
    RowSums() {
        f(x) = 10 * x;
        f(x) += in(r.x, r.y) * (r.x + x);
    }
    void check() const {
        expect_same_after_every_pass(f, {5});
    }
};

TEST(Factored, WholeLoops) {
    RowSums s;
    s.f.update().rfactor(s.r.y, s.u).compute_root().parallel(s.u).update().parallel(s.u);
    s.check();
}
TEST(Factored, InnerVectors) {
    RowSums s;
    s.f.update().split(s.r.x, s.ro, s.ri, 8);
    s.f.update().rfactor(s.ri, s.u).compute_root().vectorize(s.u, 8).update().vectorize(s.u, 8);
    s.check();
}
// Race::Private: a copy for each task, merged afterwards.
TEST(PrivateCopies, OfAWholeLoop) {
    RowSums s;
    s.f.update().parallel(s.r.y, Race::Private);
    s.check();
}
TEST(PrivateCopies, OfTasks) {
    for (int size : {1, 4, 5, 30}) {
        RowSums s;
        s.f.update().parallel(s.r.x, size, Race::Private).vectorize(s.x, 4);
        s.check();
    }
}
TEST(PrivateCopies, OfASplitLoopAndAgain) {
    RowSums s;
    s.f.update().split(s.r.x, s.ro, s.ri, 8).parallel(s.ro, Race::Private);
    s.f.update().parallel(s.ro, 2, Race::Private);
    s.check();
}
TEST(PrivateCopies, WhereTheFuncIs) {
    RowSums s;
    Func g("g"), h("h");
    Var y("y");
    g(s.x) = s.f(s.x) + s.f(s.x + 1);
    g.split(s.x, s.xo, s.xi, 2);
    s.f.update().parallel(s.r.y, Race::Private);
    s.f.compute_at(g, s.xo);
    expect_same_after_every_pass(g, {7});
}
TEST(PrivateCopies, OfMinimaHistogramsAndTuples) {
    Var x("x");
    Buffer<int> in = irregular(Int(32), {40});
    RDom r(0, 40, "r");
    Func least("least"), histogram("histogram"), best("best");
    least() = 1 << 20;
    least() = min(least(), in(r));
    least.update().parallel(r, 8, Race::Private);
    expect_same_after_every_pass(least, {});
    histogram(x) = 0;
    histogram(in(r) & 7) += 1;
    histogram.update().parallel(r, 8, Race::Private);
    expect_same_after_every_pass(histogram, {8});
    best() = Tuple(0, -(1 << 20));
    const Expr larger = in(r) > best()[1];
    best() = Tuple(select(larger, cast<int>(r), best()[0]), select(larger, in(r), best()[1]));
    best.update().parallel(r, 8, Race::Private);
    expect_same_after_every_pass(best, {});
}
TEST(AtomicUpdates, AsARaceStrategy) {
    RowSums s;
    s.f.update().parallel(s.r.x, 4, Race::Atomic);
    s.check();
    RowSums pure;
    pure.f.update().parallel(pure.x, Race::Atomic);
    pure.check();
}

TEST(Factored, BothAndAgain) {
    RowSums s;
    s.f.update().split(s.r.x, s.ro, s.ri, 4);
    Func part = s.f.update().rfactor({{s.r.y, s.u}, {s.ro, s.v}});
    Var w("w");
    part.update().rfactor(s.ri, w).compute_at(part, s.u);
    part.compute_root();
    s.check();
}
TEST(Factored, InlinePartials) {
    RowSums s;
    s.f.update().rfactor(s.r.x, s.u);
    s.check();
}
TEST(Factored, VarsKeepTheirLoops) {
    RowSums s;
    s.f.update().split(s.x, s.xo, s.xi, 4).reorder(s.r.x, s.xi, s.r.y, s.xo).vectorize(s.xi);
    s.f.update().rfactor(s.r.y, s.u).compute_root();
    s.check();
}
TEST(Factored, FusedAndRenamed) {
    RowSums s;
    RVar t("t"), all("all");
    s.f.update().fuse(s.r.x, s.r.y, all).rename(all, t).split(t, s.ro, s.ri, 10);
    s.f.update().rfactor(s.ro, s.u).compute_at(s.f, s.x);
    s.check();
}
TEST(Factored, TheMergeAgain) {
    RowSums s;
    s.f.update().rfactor({{s.r.x, s.u}, {s.r.y, s.v}}).compute_root();
    Var w("w");
    s.f.update().rfactor(s.r.y, w).compute_root();
    s.check();
}
TEST(Factored, StorageOrder) {
    RowSums s;
    Var y("y");
    Func g("g");
    g(s.x, y) = s.x;
    g(s.x, y) += s.in(s.r.x, y) * s.r.y;
    g.compute_root().reorder_storage(y, s.x);
    g.update().rfactor(s.r.x, s.u).compute_root();
    expect_same_after_every_pass(g, {4, 7});
}
TEST(Factored, DomainsWithPredicates) {
    for (int shape = 0; shape < 3; shape++) {
        RowSums s;
        RDom d(0, 21, 0, 7, "d");
        d.where(shape == 0 ? d.x < 3 * d.y : s.in(d.x, d.y) % 3 == 0);
        Func g("g");
        g(s.x) = 1;
        g(s.x) = max(g(s.x), s.in(d.x, d.y) % 1000 * (s.x + 1));
        g.update().split(d.x, s.ro, s.ri, 4);
        Func part = g.update().rfactor(shape == 1 ? s.ro : s.ri, s.u);
        part.compute_root();
        if (shape == 2) part.update().vectorize(s.u);
        expect_same_after_every_pass(g, {3});
    }
}
TEST(Factored, Histogram) {
    Buffer<uint8_t> in(irregular(UInt(8), {30, 6}));
    RDom r(in);
    Var x("x"), u("u");
    Func h("h");
    h(x) = 0;
    h(cast<int>(in(r.x, r.y)) / 16) += 1;
    h.update().rfactor(r.y, u).compute_root().update().parallel(u);
    expect_same_after_every_pass(h, {16});
}
TEST(Factored, Tuples) {
    Buffer<int> in(irregular(Int(32), {27, 3}));
    for (int shape = 0; shape < 2; shape++) {
        RDom r(0, 27, "r");
        RVar ro("ro"), ri("ri");
        Var x("x"), u("u");
        Func best("best"), map("map"), z("z");
        const Expr value = in(r, x) % 50;
        best(x) = Tuple(cast<uint8_t>(3), 1000, -1);
        best(x) = Tuple(best(x)[0] + cast<uint8_t>(1), min(best(x)[1], value), select(best(x)[1] < value, best(x)[2], r));
        map(x) = Tuple(1, 0);
        map(x) = Tuple(map(x)[0] * (value + 1), map(x)[1] * (value + 1) + r);
        z(x) = Tuple(1, 0);
        z(x) = Tuple(z(x)[0] * value - z(x)[1] * r, z(x)[0] * r + z(x)[1] * value);
        for (Func f : {best, map, z}) {
            f.update().split(r, ro, ri, 5);
            f.update().rfactor(ro, u).compute_root();
            expect_same_after_every_pass(f, {3});
        }
    }
}

// --- atomic

TEST(Atomic, LanesAreCombined) {
    for (int shape = 0; shape < 5; shape++) {
        RowSums s;
        Stage u = s.f.update().atomic();
        switch (shape) {
        case 0: u.vectorize(s.r.x, 8); break;
        case 1: u.vectorize(s.r.x); break;
        case 2: u.vectorize(s.r.x, 4).split(s.x, s.xo, s.xi, 4).reorder(s.xi, s.r.x).vectorize(s.xi); break;
        case 3: u.split(s.r.x, s.ro, s.ri, 4).reorder(s.ri, s.x, s.ro, s.r.y).vectorize(s.ri).vectorize(s.x, 2); break;
        case 4: u.vectorize(s.r.y).vectorize(s.r.x, 3); break;
        }
        s.check();
    }
}
TEST(Atomic, EveryOperation) {
    Buffer<uint8_t> in(irregular(UInt(8), {21, 4}));
    RDom r(0, 21, "r");
    Var x("x");
    const Expr value = in(r, x);
    std::vector<Func> funcs;
    const auto add = [&](const Expr &initial, const std::function<Expr(const Expr &)> &step) {
        Func f("f");
        f(x) = initial;
        f(x) = step(f(x));
        f.update().atomic().vectorize(r, 8);
        funcs.push_back(f);
    };
    add(cast<int>(x), [&](const Expr &o) { return o + cast<int>(value); });
    add(cast<uint8_t>(x), [&](const Expr &o) { return o - value; });
    add(cast<uint16_t>(x), [&](const Expr &o) { return o * (cast<uint16_t>(value) + cast<uint16_t>(1)); });
    add(cast<uint8_t>(200), [&](const Expr &o) { return min(value, o); });
    add(cast<int16_t>(3), [&](const Expr &o) { return max(o, cast<int16_t>(value) - cast<int16_t>(90)); });
    add(cast<uint8_t>(255), [&](const Expr &o) { return o & (value | cast<uint8_t>(0x11)); });
    add(cast<uint8_t>(0), [&](const Expr &o) { return o | (value & cast<uint8_t>(0x11)); });
    add(cast<uint8_t>(0), [&](const Expr &o) { return o ^ value; });
    add(cast<uint8_t>(1), [&](const Expr &o) { return saturating_add(o, value / cast<uint8_t>(8)); });
    add(cast<bool>(true), [&](const Expr &o) { return o && value > cast<uint8_t>(2); });
    add(cast<bool>(false), [&](const Expr &o) { return o || value > cast<uint8_t>(250); });
    add(cast<int>(0), [&](const Expr &o) { return select(value > cast<uint8_t>(99), o + 1, o); });
    add(cast<uint8_t>(9), [&](const Expr &o) { return cast<uint8_t>(cast<int>(o) + r * cast<int>(value)); });
    for (const Func &f : funcs) expect_same_after_every_pass(f, {4});
}
TEST(Atomic, VectorsOfTuples) {
    Buffer<int> in(irregular(Int(32), {19, 3}));
    RDom r(0, 19, "r");
    Var x("x");
    Func best("best"), z("z");
    const Expr value = in(r, x) % 10;  // with ties, of which the same one wins in vectors
    best(x) = Tuple(-1000, -1, 0.0f);
    best(x) = Tuple(max(best(x)[0], value), select(best(x)[0] >= value, best(x)[1], r),
                    select(best(x)[0] >= value, best(x)[2], cast<float>(r * 2)));
    z(x) = Tuple(1, 0);
    z(x) = Tuple(z(x)[0] * value - z(x)[1] * r, z(x)[0] * r + z(x)[1] * value);
    best.update().atomic().vectorize(r, 8);
    z.update().atomic().vectorize(r, 4);
    expect_same_after_every_pass(best, {3});
    expect_same_after_every_pass(z, {3});
}
TEST(Atomic, TrustedButUnknown) {
    Var x("x");
    RDom r(0, 16, "r");
    Func f("f");
    f(x) = x;
    f(x) = select(f(x) % 2 == 0, f(x) + 2 * r, f(x) + 2 * r);
    f.update().atomic(true).vectorize(r, 4);
    expect_same_after_every_pass(f, {6});
}
TEST(Atomic, Threads) {
    Buffer<uint8_t> in(irregular(UInt(8), {40, 9}));
    RDom r(in);
    Var x("x");
    const Expr bin = cast<int>(in(r.x, r.y)) / 64;
    const auto histogram = [&](Type t, int shape) {
        Func h("h");
        h(x) = cast(t, 3);
        h(bin) += cast(t, r.x % 3);
        Stage u = h.update().atomic();
        u.parallel(r.y);
        if (shape == 1) u.vectorize(r.x, 8);
        if (shape == 2) u.parallel(r.x);
        expect_same_after_every_pass(h, {4});
    };
    for (Type t : {UInt(8), Int(16), Int(32), UInt(64), Float(32), Float(64)}) histogram(t, 0);
    for (int shape : {1, 2}) histogram(Int(32), shape);
    Func low("low"), wide("wide"), any("any");
    low(x) = 1000;
    low(bin) = min(low(bin), r.x + r.y);
    wide(x) = 0;
    wide(x) += r.x * x;
    any(x) = cast<bool>(false);
    any(bin) = any(bin) || r.x == 3;
    low.update().atomic().parallel(r.y).vectorize(r.x, 4);
    wide.update().atomic().reorder(x, r.x, r.y).vectorize(x, 4, TailStrategy::GuardWithIf).parallel(r.y);
    any.update().atomic().parallel(r.y);
    for (const Func &f : {low, wide, any}) expect_same_after_every_pass(f, {4});
}
TEST(Atomic, ThreadsAndTuples) {
    Buffer<uint8_t> in(irregular(UInt(8), {40, 9}));
    RDom r(in);
    Var x("x");
    const Expr bin = cast<int>(in(r.x, r.y)) / 64;
    for (int shape = 0; shape < 2; shape++) {
        Func both("both"), best("best");
        both(x) = Tuple(0, 1.0f);
        both(bin) = Tuple(both(bin)[0] + 1, both(bin)[1] + cast<float>(r.x % 4));
        best(x) = Tuple(1000, 0);
        const Expr value = (r.x * 7 + r.y * 64) % 1009;  // all different
        best(bin) = Tuple(min(best(bin)[0], value), select(best(bin)[0] < value, best(bin)[1], r.x));
        for (Func f : {both, best}) {
            Stage u = f.update().atomic();
            u.parallel(r.y);
            if (shape == 1) u.vectorize(r.x, 4);
            expect_same_after_every_pass(f, {4});
        }
    }
}
TEST(Atomic, InsideOfAConsumer) {
    RowSums s;
    s.f.update().atomic().vectorize(s.r.x, 8).parallel(s.r.y);
    Var y("y");
    Func g("g");
    g(s.x, y) = s.f(s.x) + s.f(s.x + 1) * y;
    s.f.compute_at(g, y);
    g.parallel(y);
    expect_same_after_every_pass(g, {5, 3});
}

}  // namespace
}  // namespace heddle
