// Where directives of scope Func place a Func, how it is stored, and what region of it is computed.

#include <gtest/gtest.h>

#include "heddle/func.h"
#include "heddle/operators.h"
#include "heddle/param.h"
#include "schedule/check_schedule.h"
#include "schedule/nest.h"

namespace heddle {
namespace {

using namespace Internal;
using Where = Placement::Where;

struct Places : ::testing::Test {
    Var x{"x"}, y{"y"}, c{"c"};
    Func f{"f"}, g{"g"};
    Places() {
        f(x, y, c) = x + y + c;
        g(x, y) = f(x, y, 0) + f(x + 1, y, 1);
    }
    Placement place() {
        testing::check_round_trip({g});
        return placement_of(*f.function());
    }
    static std::string text(const Expr &e) {
        int64_t value = 0;
        return !e.defined()              ? "none"
               : as_const_int(e, &value) ? std::to_string(value)
                                         : "not constant";
    }
};

TEST_F(Places, InlinedUnlessToldOtherwise) {
    EXPECT_EQ(place().compute.where, Where::Inlined);
    f.compute_root().compute_inline();
    EXPECT_EQ(place().compute.where, Where::Inlined);
}

TEST_F(Places, Root) {
    f.compute_root();
    EXPECT_EQ(place().compute.where, Where::Root);
    EXPECT_EQ(place().store.where, Where::Root);
}

TEST_F(Places, At) {
    f.compute_at(g, x);
    const int line = __LINE__ - 1;
    EXPECT_EQ(placement_of(*f.function()).compute.location.line, line);
    const Placement p = place();
    EXPECT_EQ(p.compute.where, Where::At);
    EXPECT_EQ(p.compute.func, g.function()->symbol);
    EXPECT_EQ(p.compute.var, "x");
    EXPECT_EQ(p.compute.stage, -1);
    EXPECT_EQ(p.store.where, Where::At);
    EXPECT_EQ(p.store.var, "x");
}

TEST_F(Places, StoredOutside) {
    f.store_at(g, y).compute_at(g, x);
    EXPECT_EQ(place().store.var, "y");
    f.store_root();
    EXPECT_EQ(place().store.where, Where::Root);
    EXPECT_EQ(place().compute.var, "x");
}

TEST_F(Places, HoistedInTurn) {
    f.compute_at(g, x).hoist_storage(g, y).ring_buffer(3).async();
    Placement p = place();
    EXPECT_EQ(p.hoist.var, "y");
    EXPECT_EQ(p.store.var, "x");
    EXPECT_EQ(text(p.ring_buffer), "3");
    EXPECT_TRUE(p.async);
    f.hoist_storage_root();
    EXPECT_EQ(place().hoist.where, Where::Root);
    f.hoist_storage(LoopLevel::root());
    EXPECT_EQ(place().hoist.where, Where::Root);
}

TEST_F(Places, HoistedNowhere) {
    f.compute_at(g, x).hoist_storage(g, y).hoist_storage(LoopLevel::inlined());
    EXPECT_EQ(place().hoist.where, Where::Inlined);
    EXPECT_FALSE(place().async);
}

TEST_F(Places, WithTheLoopsOfAnother) {
    Func h("h"), all("all");
    h(x, y) = x;
    all(x, y) = g(x, y) + h(x, y);
    f.compute_root();
    g.compute_root();
    h.compute_root().compute_with(g, y, LoopAlignStrategy::AlignStart);
    EXPECT_NE(testing::check_round_trip({all}).find(R"(["compute_with", ["g", "y", 0], "align_start"])"), std::string::npos);
    EXPECT_EQ(testing::loop_nests({all}), R"(produce f
  for c
    for y
      for x
        f(...) = ...
produce g, h
  for y
    for x
      g(...) = ...
    for x
      h(...) = ...
produce all
  for y
    for x
      all(...) = ...
)");
    h.compute_with(g, x, {{x, LoopAlignStrategy::AlignEnd}, {y, LoopAlignStrategy::AlignStart}});
    EXPECT_NE(testing::check_round_trip({all}).find(R"(["compute_with", ["g", "x", 0], ["align_end", "align_start"], ["x", "y"]])"),
              std::string::npos);
    EXPECT_NE(collect_schedule({all.function()}).to_cpp().find("compute_with(LoopLevel(g, x, 0), {{x, LoopAlignStrategy::AlignEnd}, "
                                                               "{y, LoopAlignStrategy::AlignStart}})"),
              std::string::npos);
    h.compute_with(g, Var::outermost());
    EXPECT_NE(testing::loop_nests({all}).find("      g(...) = ...\n  for y\n    for x\n      h(...)"), std::string::npos);
}

TEST_F(Places, AtTheLoopsOfAnUpdate) {
    RDom r(0, 4, "steps");
    g(x, y) += f(x, r, 2);
    g(x, y) += f(x, y, 3);
    f.compute_at(g, r);
    EXPECT_EQ(place().compute.var, "steps$x");
    f.compute_at(LoopLevel(g, x, 1));
    EXPECT_EQ(place().compute.stage, 1);
    EXPECT_EQ(place().compute.var, "x");
    f.compute_at(g, Var::outermost());
    EXPECT_EQ(place().compute.var, Var::outermost().name());
}

TEST_F(Places, LevelsSetLater) {
    LoopLevel compute, store;
    f.compute_at(compute).store_at(store);
    EXPECT_FALSE(compute.defined());
    EXPECT_EQ(testing::refusal_of([&] { placement_of(*f.function()); }).code, 405);
    EXPECT_EQ(testing::refusal_of([&] { collect_schedule({g.function()}); }).code, 405);
    LoopLevel copy = compute;
    copy.set(LoopLevel(g, y));
    store.set(LoopLevel::root());
    EXPECT_TRUE(compute == LoopLevel(g, y));
    EXPECT_FALSE(compute == LoopLevel(g, x));
    EXPECT_FALSE(compute == LoopLevel::root());
    EXPECT_EQ(compute.to_string(), "g.y");
    const Placement p = placement_of(*f.function());
    EXPECT_EQ(p.compute.var, "y");
    EXPECT_EQ(p.store.where, Where::Root);
    compute.set(LoopLevel::inlined());
    store.set(LoopLevel::inlined());
    EXPECT_EQ(place().compute.where, Where::Inlined);
}

TEST_F(Places, Storage) {
    f.compute_root()
        .store_in(MemoryType::Stack)
        .reorder_storage(c, x)
        .align_storage(y, 8)
        .fold_storage(y, 4, false)
        .bound_storage(x, 32);
    const Placement p = place();
    EXPECT_EQ(p.memory, MemoryType::Stack);
    ASSERT_EQ(p.storage.size(), 3u);
    EXPECT_EQ(p.storage[0].var + p.storage[1].var + p.storage[2].var, "cyx");
    EXPECT_EQ(text(p.storage[1].alignment), "8");
    EXPECT_EQ(text(p.storage[1].fold_factor), "4");
    EXPECT_FALSE(p.storage[1].fold_forward);
    EXPECT_EQ(text(p.storage[0].alignment), "none");
    EXPECT_EQ(text(p.storage[2].bound), "32");
    EXPECT_EQ(text(p.storage[1].bound), "none");
    f.reorder_storage({x, y, c});
    EXPECT_EQ(place().storage[0].var, "x");
}

TEST_F(Places, SplitStorage) {
    Var co("co"), ci("ci");
    f.compute_root().split_storage(c, co, ci, 16).reorder_storage(ci, x, y, co);
    const Placement p = place();
    ASSERT_EQ(p.storage.size(), 4u);
    EXPECT_EQ(p.storage[0].var + " " + p.storage[1].var + " " + p.storage[2].var + " " + p.storage[3].var, "ci x y co");
    ASSERT_EQ(p.storage_splits.size(), 1u);
    EXPECT_EQ(p.storage_splits[0].old + " " + p.storage_splits[0].outer + " " + p.storage_splits[0].inner, "c co ci");
    EXPECT_EQ(text(p.storage_splits[0].factor), "16");
}

TEST_F(Places, Bounds) {
    Param<int> n("n");
    f.compute_root().bound(x, -2, 16).bound_extent(y, n).align_bounds(c, 4, 1);
    Placement p = placement_of(*f.function());
    ASSERT_EQ(p.bounds.size(), 3u);
    EXPECT_EQ(text(p.bounds[0].min) + " " + text(p.bounds[0].extent), "-2 16");
    EXPECT_EQ(text(p.bounds[1].min) + " " + text(p.bounds[1].extent), "none not constant");
    EXPECT_EQ(text(p.bounds[2].modulus) + " " + text(p.bounds[2].remainder), "4 1");
    f.align_extent(x, 8).align_bounds(c, 2);
    p = placement_of(*f.function());
    ASSERT_EQ(p.bounds.size(), 3u);
    EXPECT_EQ(text(p.bounds[0].modulus) + " " + text(p.bounds[0].remainder), "8 none");
    EXPECT_EQ(text(p.bounds[2].modulus) + " " + text(p.bounds[2].remainder), "2 0");
}

}  // namespace
}  // namespace heddle
