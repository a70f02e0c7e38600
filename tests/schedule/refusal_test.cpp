// What each directive refuses: the message (a golden file for each case), the place, and that nothing was recorded.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "heddle/func.h"
#include "heddle/operators.h"
#include "heddle/param.h"
#include "schedule/check.h"
#include "schedule/check_schedule.h"
#include "support_lib/golden.h"

namespace heddle {
namespace {

using namespace Internal;
using testing::refusal_of;

std::string errors_page() {
    std::ifstream in(HEDDLE_SOURCE_DIR "/docs/errors.md");
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

// Two stages that refuse in different ways: `image` is pure, `scan` has an update whose order matters, `total` one
// whose order does not.
struct Refusals : ::testing::Test {
    Var x{"x"}, y{"y"}, xo{"xo"}, yo{"yo"}, xi{"xi"}, yi{"yi"}, t{"t"}, unknown{"unknown"};
    RVar ro{"ro"}, ri{"ri"};
    Func image{"image"}, scan{"scan"}, total{"total"};
    std::shared_ptr<ReductionDomain> domain;

    // RDoms of one name are told apart by a number; the texts below need the same names in every test.
    static RDom lags() {
        static const RDom r(1, 31, 1, 7, "lags");
        return r;
    }
    RDom r = lags();

    Refusals() {
        image(x, y) = x + y;
        scan(x, y) = x;
        scan(r.x, r.y) = scan(r.x - 1, r.y) + 2 * scan(r.x, r.y - 1);
        total(x) = 0;
        total(x) += r.x * r.y + x;
    }

    static std::string recorded(const Func &f) {
        return collect_schedule({f.function()}).to_json();
    }

    // `call` was written in `line` of this file; it must refuse with `code`, and the text of tests/schedule/refusals/NAME.
    void expect(const std::string &name, int code, int line, const std::function<void()> &call) {
        const std::string before = recorded(image) + recorded(scan) + recorded(total);
        const Diagnostic d = refusal_of(call);
        EXPECT_EQ(d.code, code) << name;
        EXPECT_EQ(std::filesystem::path(d.location.file).filename(), "refusal_test.cpp") << name;
        EXPECT_EQ(d.location.line, line) << name;
        EXPECT_EQ(recorded(image) + recorded(scan) + recorded(total), before) << name;
        Diagnostic shown = d;
        shown.location = {};
        testing::expect_golden("schedule/refusals/" + name + ".txt", shown.render() + "\n");
        char text[8];
        std::snprintf(text, sizeof(text), "HD%04d", code);
        static const std::string page = errors_page();
        EXPECT_NE(page.find(text), std::string::npos) << text << " is not in docs/errors.md";
    }
};

#define REFUSED(name, code, call) expect(name, code, __LINE__, [&] { call; })

TEST_F(Refusals, RaceStrategies) {
    REFUSED("race_refused", 317, total.update().parallel(r.x, Race::Refuse));
    REFUSED("private_without_race", 344, total.update().parallel(x, Race::Private));
    REFUSED("private_of_pure_loop", 344, Stage(image).parallel(y, Race::Private));
    REFUSED("private_of_scan", 340, scan.update().parallel(r.x, Race::Private));
    REFUSED("private_of_unknown_loop", 302, total.update().parallel(unknown, Race::Private));
    REFUSED("private_tasks_of_zero", 306, total.update().parallel(r.x, 0, Race::Private));
    REFUSED("atomic_race_of_scan", 342, scan.update().parallel(r.x, Race::Atomic));
}

TEST_F(Refusals, PrivateCopiesOfAnAtomicStage) {
    total.update().atomic();
    REFUSED("private_and_atomic", 344, total.update().parallel(r.x, Race::Private));
}

TEST_F(Refusals, SharedLoops) {
    REFUSED("shared_with_itself", 350, total.update().compute_with(total, x));
    REFUSED("shared_with_no_loop", 351, image.compute_with(LoopLevel::root()));
    REFUSED("shared_nowhere", 351, image.compute_with(LoopLevel::inlined()));
}

TEST_F(Refusals, Rings) {
    REFUSED("ring_of_none", 306, image.ring_buffer(0));
    REFUSED("ring_of_var", 307, image.ring_buffer(x));
    REFUSED("hoisted_inside_itself", 403, image.hoist_storage(image, x));
}

TEST_F(Refusals, UndefinedFunc) {
    Func nothing("nothing");
    REFUSED("undefined_func", 301, nothing.vectorize(x, 8));
    REFUSED("undefined_func_placed", 301, nothing.compute_root());
}

TEST_F(Refusals, UnknownLoop) {
    REFUSED("unknown_loop", 302, image.parallel(unknown));
    image.split(x, xo, xi, 8);
    REFUSED("loop_was_split", 302, image.vectorize(x));
    image.rename(y, t);
    REFUSED("loop_was_renamed", 302, image.parallel(y));
    image.fuse(xi, xo, yi);
    REFUSED("loop_was_fused", 302, image.reorder(t, xo));
    REFUSED("rvar_of_another_stage", 302, total.unroll(r.x));
    REFUSED("partition_of_unknown_loop", 302, image.partition(unknown, Partition::Never));
}

TEST_F(Refusals, Names) {
    REFUSED("name_taken", 303, image.split(x, y, xi, 8));
    REFUSED("rename_to_taken", 303, image.rename(x, y));
    REFUSED("halves_alike", 304, image.split(x, xi, xi, 8));
    REFUSED("named_twice", 304, image.reorder(x, y, x));
    REFUSED("fused_with_itself", 304, image.fuse(x, x, t));
    REFUSED("tile_names_alike", 304, image.tile(x, y, xi, xi, 8, 8));
}

TEST_F(Refusals, Factors) {
    Param<float> amount("amount");
    REFUSED("factor_undefined", 305, image.split(x, xo, xi, Expr()));
    REFUSED("factor_of_float", 305, image.split(x, xo, xi, amount));
    REFUSED("factor_zero", 306, image.split(x, xo, xi, 0));
    REFUSED("factor_negative", 306, image.parallel(y, -4));
    REFUSED("factor_zero_in_tile", 306, image.tile(x, y, xi, yi, 8, 0));
    REFUSED("factor_too_large", 306, image.split(x, xo, xi, Expr(int64_t{1} << 40)));
    REFUSED("factor_of_var", 307, image.split(x, xo, xi, y + 1));
    static Func sizes("sizes_of_tiles");
    if (!sizes.defined()) sizes(x) = x;
    REFUSED("factor_of_func", 307, image.split(x, xo, xi, sizes(0)));
    Param<int> n("n");
    REFUSED("vector_factor_unknown", 316, image.vectorize(x, n));
    REFUSED("unroll_factor_unknown", 316, image.unroll(x, n));
    REFUSED("unroll_factor_huge", 318, image.unroll(x, 100000));
}

TEST_F(Refusals, KindsOfLoops) {
    REFUSED("var_from_rvar", 308, total.update().split(r.x, xo, xi, 2));
    REFUSED("rvar_from_var", 308, total.update().split(x, ro, ri, 2));
    REFUSED("fused_into_var", 308, total.update().fuse(x, r.x, t));
    REFUSED("renamed_to_var", 308, total.update().rename(r.x, t));
    REFUSED("outermost", 320, image.parallel(Var::outermost()));
    REFUSED("outermost_as_new_name", 320, image.rename(x, Var::outermost()));
}

TEST_F(Refusals, Tails) {
    REFUSED("round_up_of_rvar", 310, total.update().split(r.x, ro, ri, 4, TailStrategy::RoundUp));
    REFUSED("shift_in_update", 311, total.update().vectorize(x, 4, TailStrategy::ShiftInwards));
    total.update().split(x, xo, xi, 32);
    REFUSED("round_up_of_inner_in_update", 311,
            total.update().vectorize(xi, 5, TailStrategy::RoundUp));
    image.split(x, xo, xi, 8, TailStrategy::PredicateLoads);
    REFUSED("predicated_loads_closed", 312, image.split(xi, t, yi, 2));
    image.split(y, yo, yi, 8);
    REFUSED("predicated_loads_of_inner", 312, image.vectorize(yi, 4, TailStrategy::PredicateLoads));
}

TEST_F(Refusals, BlendsAndParallelLoops) {
    image.split(x, xo, xi, 8, TailStrategy::ShiftInwardsAndBlend);
    REFUSED("parallel_after_blend", 313, image.parallel(xo));
    image.split(y, yo, yi, 8).parallel(yo);
    REFUSED("blend_after_parallel", 313, image.vectorize(yi, 4, TailStrategy::RoundUpAndBlend));
}

TEST_F(Refusals, Order) {
    REFUSED("reorder_of_scan", 314, scan.update().reorder(r.y, r.x));
    REFUSED("tile_of_scan", 314, scan.update().tile(r.x, r.y, ro, ri, RVar("a"), RVar("b"), 2, 2));
    REFUSED("fuse_across_scan", 314, scan.update().fuse(r.y, r.x, ri));
}

TEST_F(Refusals, Races) {
    REFUSED("parallel_race", 317, scan.update().parallel(r.y));
    REFUSED("vector_race", 317, scan.update().vectorize(r.x, 4));
    REFUSED("parallel_sum", 317, total.update().parallel(r.x));
    total.update().split(r.x, ro, ri, 4);
    REFUSED("race_of_split_loop", 317, total.update().parallel(ro));
}

TEST_F(Refusals, Factoring) {
    Var u("u"), v("v");
    REFUSED("rfactor_of_pure", 336, Stage(total).rfactor(r.x, u));
    REFUSED("rfactor_of_unknown", 302, total.update().rfactor(ro, u));
    REFUSED("rfactor_into_dimension", 338, total.update().rfactor(r.x, x));
    REFUSED("rfactor_into_one", 338, total.update().rfactor({{r.x, u}, {r.y, u}}));
    REFUSED("rfactor_twice", 304, total.update().rfactor({{r.x, u}, {r.x, v}}));
    REFUSED("rfactor_of_nothing", 322, total.update().rfactor(std::vector<std::pair<RVar, Var>>{}));
    REFUSED("rfactor_of_scan", 340, scan.update().rfactor(r.x, u));
    total.update().rename(x, xo);
    REFUSED("rfactor_of_var", 337, total.update().rfactor(RVar("xo"), u));
    REFUSED("rfactor_into_loop", 338, total.update().rfactor(r.x, xo));
    total.update().fuse(r.y, xo, ro);
    REFUSED("rfactor_of_mixed", 339, total.update().rfactor(r.x, u));
}

TEST_F(Refusals, FactoringWithoutCommutativity) {
    Var u("u");
    Func map("map");
    map(x) = Tuple(1, 0);
    map(x) = Tuple(map(x)[0] * r.x, map(x)[1] * r.x + r.y);
    REFUSED("rfactor_of_inner", 341, map.update().rfactor(r.x, u));
    map.update().rfactor(r.y, u);
}

TEST_F(Refusals, Atomic) {
    REFUSED("atomic_scan", 342, scan.update().atomic());
    scan.update().atomic(true).parallel(r.x);
    total.update().atomic().vectorize(r.x, 4).parallel(r.y);
}

TEST_F(Refusals, VectorizedAlready) {
    image.vectorize(x);
    REFUSED("vectorized_twice", 315, image.vectorize(x));
    REFUSED("parallel_vector", 315, image.parallel(x));
    REFUSED("unrolled_vector", 315, image.unroll(x));
    REFUSED("split_vector", 315, image.split(x, xo, xi, 4));
    REFUSED("fused_vector", 315, image.fuse(x, y, t));
}

TEST_F(Refusals, Lists) {
    Func cube("cube");
    Var z("z");
    cube(x, y, z) = x;
    REFUSED("uneven_lists", 319, cube.tile({x, y, z}, {xi, yi}, {4, 4, 4}));
    REFUSED("empty_list", 322, image.reorder_storage(std::vector<Var>{}));
    image.parallel(y);
    REFUSED("scheduled_after_all", 321, Stage(image).unscheduled());
}

TEST_F(Refusals, Dimensions) {
    REFUSED("unknown_dimension", 401, image.bound(unknown, 0, 8));
    REFUSED("unknown_storage_dimension", 401, image.align_storage(unknown, 8));
    REFUSED("unknown_folded_dimension", 401, image.fold_storage(unknown, 8));
    REFUSED("unknown_bounded_storage", 401, image.bound_storage(unknown, 8));
    REFUSED("unknown_aligned_dimension", 401, image.align_bounds(unknown, 8));
    REFUSED("storage_named_twice", 402, image.reorder_storage(x, x));
}

TEST_F(Refusals, Sizes) {
    REFUSED("bound_undefined", 305, image.bound_extent(x, Expr()));
    REFUSED("bound_empty", 306, image.bound(x, 0, 0));
    REFUSED("bound_of_var", 307, image.bound(x, y, 8));
    REFUSED("align_storage_zero", 306, image.align_storage(x, 0));
    REFUSED("fold_zero", 306, image.fold_storage(y, 0));
    REFUSED("bound_storage_negative", 306, image.bound_storage(y, -1));
    REFUSED("align_bounds_negative", 306, image.align_bounds(x, -2));
    REFUSED("align_extent_zero", 306, image.align_extent(x, 0));
}

TEST_F(Refusals, SplitStorage) {
    REFUSED("split_storage_unknown", 401, image.split_storage(unknown, xo, xi, 4));
    REFUSED("split_storage_zero", 306, image.split_storage(x, xo, xi, 0));
    REFUSED("split_storage_twice_the_same", 402, image.split_storage(x, xi, xi, 4));
    REFUSED("split_storage_name_taken", 439, image.split_storage(x, xo, y, 4));
    Param<int> block("block");
    const Directive unknown_factor{DirectiveKind::split_storage, {LoopName{"x"}, LoopName{"xo"}, LoopName{"xi"}, Expr(block)}, {}};
    EXPECT_EQ(check(*image.function(), 0, unknown_factor)->code, 438);
    image.split_storage(x, xo, xi, 4).align_storage(y, 8);
    REFUSED("split_storage_gone", 401, image.reorder_storage(x, y));
    REFUSED("split_storage_then_aligned", 437, image.align_storage(x, 8));
    REFUSED("aligned_then_split_storage", 437, image.split_storage(y, yo, yi, 4));
    image.reorder_storage(y, xi, xo);
}

TEST_F(Refusals, Placement) {
    REFUSED("inside_itself", 403, image.compute_at(image, x));
    REFUSED("stored_inside_itself", 403, image.store_at(image, x));
    REFUSED("memory_of_a_gpu", 404, image.store_in(MemoryType::GPUShared));
    image.store_root();
    const int line = __LINE__ - 1;
    const Diagnostic d = refusal_of([&] { placement_of(*image.function()); });
    EXPECT_EQ(d.code, 407);
    EXPECT_EQ(d.location.line, line);
}

TEST_F(Refusals, LevelsThatAreNoLoop) {
    EXPECT_EQ(refusal_of([] { LoopLevel::root().func(); }).code, 408);
    EXPECT_EQ(refusal_of([] { LoopLevel().var(); }).code, 408);
}

// The way of the tuner: the same verdict, nothing thrown, no loop nest rendered.
TEST_F(Refusals, CheckDoesNotThrow) {
    Directive d{DirectiveKind::split, {LoopName{"x"}, LoopName{"xo"}, LoopName{"xi"}, Expr(8)}, {}};
    EXPECT_FALSE(check(*image.function(), 0, d));
    d.args[3] = Expr(0);
    const auto refused = check(*image.function(), 0, d);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code, 306);
    EXPECT_TRUE(refused->notes.empty());
    EXPECT_EQ(refused->directive, "split(x, xo, xi, 0)");
    d.args.pop_back();
    EXPECT_EQ(check(*image.function(), 0, d)->code, 322);
}

TEST_F(Refusals, Substitutes) {
    static Func first("first_caller"), second("second_caller"), third("third_caller");
    if (!first.defined()) {
        first(x) = x;
        second(x) = x;
        third(x) = x;
    }
    static Func own("own_caller");
    if (!own.defined()) own(x) = x;
    REFUSED("wrapper_in_itself", 410, own.in(own));
    REFUSED("wrapper_in_no_one", 414, image.in(std::vector<Func>()));
    REFUSED("clone_in_no_one", 414, image.clone_in(std::vector<Func>()));
    REFUSED("wrapper_in_one_twice", 402, image.in({first, first}));
    Func nothing("nothing");
    REFUSED("wrapper_of_nothing", 301, nothing.in(first));
    Func shared("shared");
    shared(x) = x;
    shared.in({first, second});
    REFUSED("wrapper_not_shared", 412, shared.in({first, third}));
    REFUSED("wrapper_not_shared_by_the_first", 412, shared.in({third, second}));
    REFUSED("clone_of_what_is_wrapped", 413, shared.clone_in(first));
    shared.clone_in(third);
    REFUSED("wrapper_of_what_is_cloned", 413, shared.in(third));
}

TEST_F(Refusals, Branches) {
    Param<int> n("n");
    Param<bool> on("on");
    static Func sizes("sizes_of_branches");
    if (!sizes.defined()) sizes(x) = x;
    REFUSED("condition_undefined", 323, image.specialize(Expr()));
    REFUSED("condition_no_bool", 324, image.specialize(n));
    REFUSED("condition_of_var", 325, image.specialize(n > x));
    REFUSED("condition_of_rvar", 325, total.update().specialize(r.x == n));
    REFUSED("condition_of_func", 326, image.specialize(sizes(n) > 3));
    REFUSED("condition_with_effect", 326, image.specialize(print(n) > 3));
    REFUSED("fail_without_message", 328, image.specialize_fail(""));
    Func branched("branched");
    branched(x, y) = x;
    branched.specialize(on).vectorize(x, 8);
    REFUSED("loop_unknown_in_branch", 302, branched.specialize(on).specialize(n > 2).parallel(x).vectorize(unknown));
    branched.specialize_fail("off");
    REFUSED("condition_after_failing", 327, branched.specialize(n == 1));
    REFUSED("failing_twice", 327, branched.specialize_fail("still off"));
}

TEST_F(Refusals, EagerInlining) {
    static Func inner("inner_func"), middle("middle_func"), summed("summed_func");
    if (!inner.defined()) {
        inner(x) = x;
        middle(x) = inner(x);
        summed(x) = 0;
        summed(x) += r.x;
    }
    Func outer("outer");
    outer(x) = middle(x) + summed(x);
    Param<bool> on("on");
    REFUSED("inlined_into_itself", 332, middle.eager_inline({middle}));
    REFUSED("inlined_but_not_called", 333, outer.eager_inline({inner, middle}));
    REFUSED("inlined_with_updates", 334, outer.eager_inline({middle, summed}));
    outer.specialize(on);
    REFUSED("inlined_into_a_branch", 331, outer.specialize(on).eager_inline({middle}));
}

}  // namespace
}  // namespace heddle
