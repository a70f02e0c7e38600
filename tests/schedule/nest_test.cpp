// What each directive makes of a loop nest. Each case also goes through a schedule file and back.

#include <gtest/gtest.h>

#include "heddle/func.h"
#include "heddle/operators.h"
#include "heddle/param.h"
#include "schedule/check_schedule.h"
#include "schedule/nest.h"

namespace heddle {
namespace {

using namespace Internal;
using testing::check_round_trip;

struct Nests : ::testing::Test {
    Var x{"x"}, y{"y"}, z{"z"}, xo{"xo"}, yo{"yo"}, zo{"zo"}, xi{"xi"}, yi{"yi"}, zi{"zi"}, t{"t"},
        u{"u"};
    RVar ro{"ro"}, ri{"ri"};
    Func f{"f"};
    Nests() {
        f(x, y) = x + y;
    }

    // The loops, innermost first, with how they run: "xi:vectorized yi xo yo:parallel".
    static std::string loops(const Func &g, int stage = 0) {
        check_round_trip({g});
        std::string out;
        for (const Dim &d : nest_of(*g.function(), stage).dims) {
            if (!out.empty()) out += " ";
            out += d.var;
            if (d.for_type != ForType::Serial) out += std::string(":") + to_string(d.for_type);
            if (d.partition != Partition::Auto)
                out += d.partition == Partition::Never ? ":never" : ":always";
        }
        return out;
    }
    static std::vector<Split> splits(const Func &g, int stage = 0) {
        return nest_of(*g.function(), stage).splits;
    }
    static int factor(const Split &s) {
        int64_t value = 0;
        EXPECT_TRUE(as_const_int(s.factor, &value));
        return static_cast<int>(value);
    }
};

TEST_F(Nests, DefaultIsFirstArgumentInnermost) {
    EXPECT_EQ(loops(f), "x y");
}

TEST_F(Nests, Split) {
    f.split(x, xo, xi, 8);
    EXPECT_EQ(loops(f), "xi xo y");
    const auto s = splits(f);
    ASSERT_EQ(s.size(), 1u);
    EXPECT_EQ(s[0].kind, Split::Kind::Split);
    EXPECT_EQ(s[0].old_var + s[0].outer + s[0].inner, "xxoxi");
    EXPECT_EQ(factor(s[0]), 8);
    EXPECT_EQ(s[0].tail, TailStrategy::ShiftInwards);
    EXPECT_FALSE(s[0].exact);
}

TEST_F(Nests, SplitMayKeepTheName) {
    f.split(x, x, xi, 8).split(y, yo, y, 4);
    EXPECT_EQ(loops(f), "xi x y yo");
}

TEST_F(Nests, SplitByParam) {
    Param<int> n("n");
    f.split(x, xo, xi, n * 2);
    EXPECT_EQ(loops(f), "xi xo y");
    EXPECT_FALSE(is_const(splits(f)[0].factor));
}

TEST_F(Nests, SplitOfParallelLoopIsParallelTwice) {
    f.parallel(y).split(y, yo, yi, 4);
    EXPECT_EQ(loops(f), "x yi:parallel yo:parallel");
}

TEST_F(Nests, AutoTail) {
    // The shift of the first split covers what the second overruns.
    f.vectorize(x, 8).unroll(x, 4);
    EXPECT_EQ(loops(f), "x.v:vectorized x.u:unrolled x y");
    EXPECT_EQ(splits(f)[0].tail, TailStrategy::ShiftInwards);
    EXPECT_EQ(splits(f)[1].tail, TailStrategy::RoundUp);
    Func g("g");
    g(x) = x;
    g.vectorize(x, 4).unroll(x, 8);
    EXPECT_EQ(splits(g)[1].tail, TailStrategy::ShiftInwards);
}

TEST_F(Nests, AutoTailOfUpdatesGuards) {
    RDom r(0, 10, "r");
    f(x, y) += r;
    f.update().split(x, xo, xi, 8).split(r, ro, ri, 4);
    EXPECT_EQ(loops(f, 1), "ri ro xi xo y");
    for (const Split &s : splits(f, 1))
        EXPECT_EQ(s.tail, TailStrategy::GuardWithIf);
    EXPECT_FALSE(splits(f, 1)[0].exact);
    EXPECT_TRUE(splits(f, 1)[1].exact);
}

TEST_F(Nests, TailsThatGuardAreOne) {
    for (TailStrategy tail : {TailStrategy::GuardWithIf, TailStrategy::Predicate}) {
        Func g("g");
        g(x) = x;
        g.split(x, xo, xi, 4, tail);
        EXPECT_EQ(loops(g), "xi xo");
        EXPECT_EQ(splits(g)[0].tail, TailStrategy::GuardWithIf);
    }
    for (TailStrategy tail : {TailStrategy::RoundUp, TailStrategy::ShiftInwards, TailStrategy::PredicateLoads,
                              TailStrategy::PredicateStores, TailStrategy::ShiftInwardsAndBlend,
                              TailStrategy::RoundUpAndBlend}) {
        Func g("g");
        g(x) = x;
        g.split(x, xo, xi, 4, tail);
        EXPECT_EQ(loops(g), "xi xo");
        EXPECT_EQ(splits(g)[0].tail, tail);
    }
}

TEST_F(Nests, Fuse) {
    Func g("g");
    g(x, y, z) = x + y + z;
    g.parallel(z).fuse(x, z, t);
    EXPECT_EQ(loops(g), "t y");
    const auto s = splits(g);
    EXPECT_EQ(s[0].kind, Split::Kind::Fuse);
    EXPECT_EQ(s[0].old_var + s[0].outer + s[0].inner, "tzx");
}

TEST_F(Nests, FuseTakesInnersType) {
    f.parallel(x).fuse(x, y, x);
    EXPECT_EQ(loops(f), "x:parallel");
}

TEST_F(Nests, RenameFreesTheName) {
    f.rename(x, u).rename(y, x).rename(u, y);
    EXPECT_EQ(loops(f), "y x");
}

TEST_F(Nests, Tile) {
    f.tile(x, y, xo, yo, xi, yi, 8, 4);
    EXPECT_EQ(loops(f), "xi yi xo yo");
    Func g("g");
    g(x, y) = x;
    g.tile(x, y, xi, yi, 8, 4, TailStrategy::RoundUp);
    EXPECT_EQ(loops(g), "xi yi x y");
    EXPECT_EQ(splits(g)[1].tail, TailStrategy::RoundUp);
}

TEST_F(Nests, TileOfManyDimensions) {
    Func g("g"), h("h");
    g(x, y, z) = x;
    g.tile({x, y, z}, {xo, yo, zo}, {xi, yi, zi}, {8, 4, 2},
           {TailStrategy::RoundUp, TailStrategy::GuardWithIf, TailStrategy::ShiftInwards});
    EXPECT_EQ(loops(g), "xi yi zi xo yo zo");
    EXPECT_EQ(splits(g)[1].tail, TailStrategy::GuardWithIf);
    h(x, y, z) = x;
    h.tile({z, x}, {zi, xi}, {2, 8}, TailStrategy::RoundUp);
    EXPECT_EQ(loops(h), "zi xi y z x");
    Func k("k");
    k(x, y) = x;
    k.tile({x, y}, {xo, yo}, {xi, yi}, {8, 4}, TailStrategy::GuardWithIf);
    EXPECT_EQ(loops(k), "xi yi xo yo");
}

TEST_F(Nests, Reorder) {
    f.reorder(y, x);
    EXPECT_EQ(loops(f), "y x");
    Func g("g");
    g(x, y, z) = x;
    g.reorder(z, x);
    EXPECT_EQ(loops(g), "z y x");
    g.reorder({x, y, z});
    EXPECT_EQ(loops(g), "x y z");
}

TEST_F(Nests, HowLoopsRun) {
    f.vectorize(x).parallel(y);
    EXPECT_EQ(loops(f), "x:vectorized y:parallel");
    f.serial(x).serial(y).unroll(x);
    EXPECT_EQ(loops(f), "x:unrolled y");
    Func g("g");
    g(x, y) = x;
    g.parallel(y, 16).vectorize(x, 8, TailStrategy::RoundUp).unroll(x, 2);
    EXPECT_EQ(loops(g), "x.v:vectorized x.u:unrolled x y.t y:parallel");
    Func h("h");
    h(x) = x;
    h.vectorize(x, 8).vectorize(x, 2);
    EXPECT_EQ(loops(h), "x.v:vectorized x.v2:vectorized x");
}

TEST_F(Nests, Partition) {
    f.partition(x, Partition::Always).never_partition(y);
    EXPECT_EQ(loops(f), "x:always y:never");
    f.never_partition_all();
    EXPECT_EQ(loops(f), "x:never y:never");
    f.always_partition_all().partition(x, Partition::Auto);
    EXPECT_EQ(loops(f), "x y:always");
    f.always_partition(x, y);
    EXPECT_EQ(loops(f), "x:always y:always");
    f.never_partition({x});
    EXPECT_EQ(loops(f), "x:never y:always");
}

TEST_F(Nests, UpdateHasReductionLoopsInside) {
    RDom r(0, 4, 0, 3, "window");
    f(x, y) += r.x * r.y;
    f(x, 3) = f(x, 2);
    EXPECT_EQ(loops(f, 1), "window$x window$y x y");
    EXPECT_EQ(loops(f, 2), "x");
    EXPECT_EQ(nest_of(*f.function(), 1).dims[0].kind, DimKind::ImpureRVar);
    EXPECT_EQ(nest_of(*f.function(), 1).dims[2].kind, DimKind::PureVar);
}

TEST_F(Nests, SumsMayBeReordered) {
    RDom r(0, 4, 0, 3, "sums");
    f(x, y) += r.x * r.y;
    f.update().reorder(r.y, x, r.x, y).vectorize(x, 4);
    EXPECT_EQ(loops(f, 1), "sums$y x.v:vectorized x sums$x y");
}

TEST_F(Nests, VarFusedWithRVarIsAnRVar) {
    RDom r(0, 4, "r");
    f(x, y) += r;
    f.update().reorder(x, r).fuse(x, r, ri);
    EXPECT_EQ(loops(f, 1), "ri y");
    EXPECT_EQ(nest_of(*f.function(), 1).dims[0].kind, DimKind::ImpureRVar);
}

TEST_F(Nests, RacesOnRequest) {
    RDom r(0, 16, "racing");
    f(r, r * r) = 1;
    f(r * r, r * 2) += 1;
    f.update(1).allow_race_conditions().parallel(r);
    EXPECT_TRUE(nest_of(*f.function(), 2).allow_race_conditions);
    EXPECT_EQ(loops(f, 2), "racing$x:parallel");
}

TEST_F(Nests, Unscheduled) {
    f(x, y) += 1;
    f.update().unscheduled();
    EXPECT_EQ(loops(f, 1), "x y");
}

TEST_F(Nests, Text) {
    RDom r(0, 8, "taps");
    Func g("g");
    g(x, y) = f(x, y) + f(x, y + 1);
    g(x, y) += f(x, r);
    f.store_root().compute_at(g, yo).vectorize(x, 8);
    g.tile(x, y, xo, yo, xi, yi, 32, 16).vectorize(xi).parallel(yo).never_partition(xo);
    g.update().split(y, yo, yi, 4).unroll(r);
    EXPECT_EQ(print_stage_nest(*g.function(), 0, "xo"), R"(    g:
      parallel yo
        for xo (never partitioned)        <- here
          for yi in [0, 15]
            vectorized xi in [0, 31])");
    EXPECT_EQ(testing::loop_nests({g}), R"(store f
produce g
  parallel yo
    produce f
      for y
        for x
          vectorized x.v in [0, 7]
            f(...) = ...
    for xo (never partitioned)
      for yi in [0, 15]
        vectorized xi in [0, 31]
          g(...) = ...
  for yo
    produce f
      for y
        for x
          vectorized x.v in [0, 7]
            f(...) = ...
    for yi in [0, 3]
      for x
        unrolled taps$x
          g(...) = ...
)");
    check_round_trip({g});
}

}  // namespace
}  // namespace heddle
