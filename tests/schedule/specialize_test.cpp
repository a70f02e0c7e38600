// specialize(), specialize_fail() and eager_inline(): which branches a stage has, and what a file says of them.

#include <gtest/gtest.h>

#include "heddle/func.h"
#include "heddle/image_param.h"
#include "heddle/operators.h"
#include "heddle/param.h"
#include "schedule/check_schedule.h"
#include "schedule/derived.h"

namespace heddle {
namespace {

using namespace Internal;
using testing::check_round_trip;
using testing::loop_nests;

struct Branches : ::testing::Test {
    Var x{"x"}, y{"y"}, u{"u"}, xi{"xi"};
    Param<int> mode{"mode"};
    Param<bool> flag{"flag"};
    Param<float> scale{"scale"};
    Func f{"f"}, g{"g"};
    Branches() {
        f(x, y) = x + y;
        g(x, y) = f(x, y) + f(x + 1, y) + select(flag, mode, 0);
    }
};

TEST_F(Branches, InheritWhatWasSaidBefore) {
    g.reorder(y, x);
    g.specialize(flag);
    g.specialize(mode > 1).vectorize(y, 4);
    g.parallel(y);
    check_round_trip({g});
    EXPECT_EQ(loop_nests({g}), R"(produce g
  if (flag)
    for x
      for y
        g(...) = ...
  else if (mode > 1)
    for x
      for y
        vectorized y.v in [0, 3]
          g(...) = ...
  else
    for x
      parallel y
        g(...) = ...
)");
}

TEST_F(Branches, OfBranches) {
    Stage wide = g.specialize(mode >= 8);
    wide.vectorize(x, 8);
    wide.specialize(flag && scale > 0.5f).parallel(y);
    wide.unroll(y, 2);
    g.specialize_fail("narrow");
    check_round_trip({g});
    EXPECT_EQ(collect_schedule({g.function()}).to_cpp(), R"(g.specialize(mode >= 8)
    .vectorize(x, 8);
g.specialize(mode >= 8).specialize(flag && scale > 0.5f)
    .parallel(y);
g.specialize(mode >= 8)
    .unroll(y, 2);
g
    .specialize_fail("narrow");
)");
    const std::vector<StageBranch> branches = branches_of(*g.function(), 0);
    ASSERT_EQ(branches.size(), 3u);
    EXPECT_EQ(branches[0].nest.dims[2].for_type, ForType::Parallel);
    EXPECT_EQ(branches[1].nest.dims[2].for_type, ForType::Unrolled);
    EXPECT_EQ(branches[2].failure, "narrow");
    EXPECT_FALSE(branches[2].condition.defined());
}

TEST_F(Branches, AskedForAgain) {
    g.specialize(mode == 3).vectorize(x, 4);
    g.specialize(mode == 3).parallel(y);
    EXPECT_EQ(branches_of(*g.function(), 0).size(), 2u);
    EXPECT_EQ(branches_of(*g.function(), 0)[0].nest.dims[2].for_type, ForType::Parallel);
    g.specialize_fail("other");
    EXPECT_EQ(g.specialize(mode == 3).dump_argument_list(), "Vars: x.v x y __outermost\n");
}

TEST_F(Branches, OfAnUpdate) {
    RDom r(0, 5, "r");
    f = Func("f");
    f(x, y) = x;
    f(x, y) += r * y;
    g = Func("g");
    g(x, y) = f(x, y) + mode;
    f.compute_root();
    f.update().specialize(mode == 7).reorder(y, x).unroll(r);
    f.update().specialize(flag);
    check_round_trip({g});
    EXPECT_EQ(f.update().name(), "f.update(0)");
    EXPECT_EQ(branches_of(*f.function(), 0).size(), 1u);
    EXPECT_EQ(branches_of(*f.function(), 1).size(), 3u);
}

TEST_F(Branches, AProducerInTheLoopsOfEach) {
    g.specialize(flag).rename(y, u);
    g.rename(x, u);
    f.compute_at(g, u);
    check_round_trip({g});
    EXPECT_EQ(loop_nests({g}), R"(produce g
  if (flag)
    for u
      produce f
        for y
          for x
            f(...) = ...
      for x
        g(...) = ...
  else
    for y
      for u
        produce f
          for y
            for x
              f(...) = ...
        g(...) = ...
)");
}

TEST_F(Branches, OnShapes) {
    ImageParam in(UInt(8), 2, "in");
    Func h("h");
    h(x, y) = in(x, y);
    h.specialize(in.dim(0).stride() == 3 && h.output_buffer().width() >= 16).vectorize(x, 16);
    const std::string file = check_round_trip({h});
    EXPECT_NE(file.find(R"("specialize", "in.stride.0 == 3 && h.extent.0 >= 16", [["vectorize", "x", 16]])"), std::string::npos) << file;
}

TEST_F(Branches, FromAFile) {
    apply_schedule(Schedule::from_json(R"({ "heddle_schedule": 1, "stages": [
        { "func": "g", "do": [ ["specialize", "mode > 3"], ["split", "x", "xo", "xi", 8],
                               ["specialize", "flag:bool", [ ["vectorize", "xi"], ["specialize", "mode == 1", [ ["parallel", "y"] ]] ]],
                               ["specialize_fail", "neither"] ] } ] })"),
                   {g.function()});
    EXPECT_EQ(loop_nests({g}), R"(produce g
  if (mode > 3)
    for y
      for x
        g(...) = ...
  else if (flag && mode == 1)
    parallel y
      for xo
        vectorized xi in [0, 7]
          g(...) = ...
  else if (flag)
    for y
      for xo
        vectorized xi in [0, 7]
          g(...) = ...
  else
    fail: neither
)");
    check_round_trip({g});
}

// Params that nothing but the schedule uses.
TEST_F(Branches, OnParamsOfTheScheduleAlone) {
    Param<int> rows("rows");
    f.compute_root();
    f.in(g).compute_root().specialize(rows > 3).split(y, y, u, rows);
    const std::string file = check_round_trip({g});
    EXPECT_NE(file.find(R"(["specialize", "rows > 3", [["split", "y", "y", "u", "rows"]]])"), std::string::npos) << file;
}

// A refusal points at the directive of the branch.
TEST_F(Branches, RefusedInAFile) {
    const Diagnostic d = testing::refusal_of([&] {
        apply_schedule(Schedule::from_json(R"({ "heddle_schedule": 1, "stages": [
            { "func": "g", "do": [ ["specialize", "mode > 3", [ ["unroll", "x", 2], ["vectorize", "z"] ]] ] } ] })", "file.json"),
                       {g.function()});
    });
    EXPECT_EQ(d.code, 302);
    EXPECT_EQ(d.location.pointer, "/stages/0/do/0/2/1");
    const Diagnostic twice = testing::refusal_of([&] {
        apply_schedule(Schedule::from_json(R"({ "heddle_schedule": 1, "stages": [
            { "func": "g", "do": [ ["specialize", "mode > 3"], ["specialize", "mode > 3"] ] } ] })"),
                       {g.function()});
    });
    EXPECT_EQ(twice.code, 329);
    const Diagnostic of_func = testing::refusal_of([&] {
        apply_schedule(Schedule::from_json(R"({ "heddle_schedule": 1, "stages": [
            { "func": "g", "do": [ ["specialize", "mode > 3", [ ["compute_root"] ]] ] } ] })"),
                       {g.function()});
    });
    EXPECT_EQ(of_func.code, 510);
}

TEST_F(Branches, InlinedEagerly) {
    Func e("e"), out("out");
    e(x) = Tuple(x * 2, x + 1);
    f = Func("f");
    f(x, y) = e(x)[1] + y;
    g = Func("g");
    g(x, y) = f(x, y) + f(x + 1, y) + e(x)[0];
    out(x, y) = g(x, y) + f(x, y);
    e.compute_root();
    f.compute_root();
    g.compute_root().eager_inline({f, e});
    const std::string file = check_round_trip({out});
    EXPECT_NE(file.find(R"(["eager_inline", ["f", "e"]])"), std::string::npos) << file;
    EXPECT_EQ(functions_lowered({g.function()}).size(), 1u);
    EXPECT_EQ(functions_lowered({out.function()}).size(), 4u);
}

TEST_F(Branches, WhatAStageSaysOfItself) {
    RDom r(0, 5, 0, 3, "r");
    f = Func("f");
    f(x, y) = x;
    f(x, y) += r.x * y;
    f.update().split(x, x, xi, 4).reorder(y, x);
    std::string names;
    for (const VarOrRVar &v : f.update().split_vars()) names += (v.is_rvar ? "R:" : "V:") + v.name() + " ";
    const std::string rx = r.x.name(), ry = r.y.name();
    EXPECT_EQ(names, "R:" + rx + " R:" + ry + " V:xi V:y V:x V:__outermost ");
    EXPECT_EQ(f.update().dump_argument_list(), "Vars: " + rx + " " + ry + " xi y x __outermost\n");
    EXPECT_EQ(f.update().get_schedule().directives.size(), 2u);
}

}  // namespace
}  // namespace heddle
