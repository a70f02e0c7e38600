// What placing and lowering refuse of compute_with, hoist_storage, ring_buffer and async: the message (a golden file for
// each case), and the place.

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>

#include "heddle/func.h"
#include "heddle/param.h"
#include "lower/lower.h"
#include "support_lib/golden.h"

namespace heddle {
namespace {

struct LoweringRefusals : ::testing::Test {
    Var x{"x"}, y{"y"}, z{"z"}, yo{"yo"}, yi{"yi"};
    Func p{"p"}, q{"q"}, both{"both"};
    LoweringRefusals() {
        p(x, y) = x + y;
        q(x, y) = x - y;
    }
    // Before their first use p and q may get updates.
    void define_both() {
        if (!both.defined()) both(x, y) = p(x, y) * 100 + q(x, y) + p(x, y + 1);
    }

    static std::string errors_page() {
        std::ifstream in(HEDDLE_SOURCE_DIR "/docs/errors.md");
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }

    // Lowering `outputs` must fail with `code`; the directive at fault stands in `line`.
    void expect(const std::string &name, int code, int line, const std::vector<Func> &outputs) {
        Diagnostic d;
        try {
            Internal::LowerRequest request;
            for (const Func &f : outputs) request.outputs.push_back(f.function());
            request.name = "refused";
            request.target = get_host_target();
            Internal::lower(request);
            FAIL() << name << " is not refused";
        } catch (const CompileError &e) {
            d = e.diagnostic();
        }
        EXPECT_EQ(d.code, code) << name;
        EXPECT_EQ(std::filesystem::path(d.location.file).filename(), "placing_refusal_test.cpp") << name;
        EXPECT_EQ(d.location.line, line) << name;
        d.location = {};
        // Funcs of one name are told apart by numbers, which depend on the tests that ran before.
        const std::string shown = std::regex_replace(d.render(), std::regex("[$][0-9]+"), "");
        testing::expect_golden("lower/refusals/" + name + ".txt", shown + "\n");
        char text[8];
        std::snprintf(text, sizeof(text), "HD%04d", code);
        EXPECT_NE(errors_page().find(text), std::string::npos) << text << " is not in docs/errors.md";
    }
};

#define REFUSED(name, code, call, ...) \
    do {                               \
        call;                          \
        expect(name, code, __LINE__, {__VA_ARGS__}); \
    } while (false)

TEST_F(LoweringRefusals, LoopsOfAnotherKind) {
    define_both();
    p.compute_root().parallel(y);
    q.compute_root();
    REFUSED("shared_loop_parallel", 353, q.compute_with(p, y), both);
}

TEST_F(LoweringRefusals, LoopsOfAnotherName) {
    define_both();
    p.compute_root().rename(y, z);
    q.compute_root();
    REFUSED("shared_loop_renamed", 353, q.compute_with(p, x), both);
}

TEST_F(LoweringRefusals, MoreLoops) {
    define_both();
    p.compute_root().split(y, yo, yi, 4);
    q.compute_root();
    REFUSED("shared_loops_more", 353, q.compute_with(p, x), both);
}

TEST_F(LoweringRefusals, NoSuchLoop) {
    define_both();
    p.compute_root();
    q.compute_root();
    REFUSED("shared_loop_unknown", 352, q.compute_with(p, z), both);
}

TEST_F(LoweringRefusals, AConsumer) {
    define_both();
    p.compute_root();
    REFUSED("shared_with_consumer", 354, both.compute_with(p, y), both);
}

TEST_F(LoweringRefusals, AConsumerOfAConsumer) {
    define_both();
    Func m("m"), last("last");
    m(x, y) = p(x, y) + 1;
    last(x, y) = m(x, y) + q(x, y);
    p.compute_root();
    m.compute_root();
    REFUSED("shared_through_another", 354, last.compute_with(p, y), last);
}

TEST_F(LoweringRefusals, OtherPlaces) {
    define_both();
    p.compute_root();
    q.compute_at(both, y);
    REFUSED("shared_in_other_places", 355, q.compute_with(p, x), both);
}

TEST_F(LoweringRefusals, InlinedFuncs) {
    define_both();
    p.compute_root();
    REFUSED("shared_by_inlined", 355, q.compute_with(p, y), both);
    Func other("other");
    other(x, y) = both(x, y);
    q.compute_root();
    REFUSED("shared_of_inlined", 355, other.compute_with(both, y), other);
}

TEST_F(LoweringRefusals, FuncsOfOtherPipelines) {
    define_both();
    Func stranger("stranger");
    stranger(x, y) = x;
    REFUSED("shared_with_stranger", 356, both.compute_with(stranger, y), both);
}

TEST_F(LoweringRefusals, OrderOfUpdates) {
    p(x, y) += 1;
    q(x, y) += 1;
    define_both();
    p.compute_root();
    q.compute_root().compute_with(p.update(), y);
    REFUSED("shared_in_a_circle", 357, p.compute_with(q.update(), y), both);
}

TEST_F(LoweringRefusals, TwoStagesOfOneFuncInANest) {
    p(x, y) += 1;
    define_both();
    p.compute_root();
    q.compute_root().compute_with(p, y);
    REFUSED("shared_by_two_stages", 357, p.update().compute_with(q, y), both);
}

TEST_F(LoweringRefusals, SpecializedStages) {
    define_both();
    Param<int> n("n");
    p.compute_root().specialize(n > 4);
    q.compute_root();
    REFUSED("shared_with_specialized", 358, q.compute_with(p, y), both);
}

TEST_F(LoweringRefusals, SpecializedChildren) {
    define_both();
    Param<int> n("n");
    p.compute_root();
    q.compute_root().specialize(n > 4);
    REFUSED("shared_by_specialized", 358, q.compute_with(p, y), both);
}

TEST_F(LoweringRefusals, ExternAndMemoizedFuncsShareNoLoops) {
    define_both();
    p.compute_root().memoize();
    q.compute_root();
    REFUSED("shared_with_memoized", 359, q.compute_with(p, x), both);
    Func e("e"), r("r"), all("all");
    e.define_extern("fill", {}, Int(32), {x, y});
    r(x, y) = x * y;
    all(x, y) = e(x, y) + r(x, y);
    e.compute_root();
    r.compute_root();
    REFUSED("shared_with_extern", 359, r.compute_with(e, x), all);
}

TEST_F(LoweringRefusals, HoistedMemoizedAndExternFuncs) {
    define_both();
    p.compute_at(both, x).hoist_storage(both, y);
    REFUSED("hoisted_memoized", 459, p.memoize(), both);
    Func e("e"), all("all");
    e.define_extern("fill", {}, Int(32), {x, y});
    all(x, y) = e(x, y) + 1;
    e.compute_at(all, x);
    REFUSED("hoisted_extern", 426, e.hoist_storage(all, y), all);
}

TEST_F(LoweringRefusals, LevelsSetToNoLoop) {
    define_both();
    LoopLevel later;
    p.compute_root();
    q.compute_root();
    REFUSED("shared_at_unset", 405, q.compute_with(later), both);
    REFUSED("shared_at_root", 351, q.compute_with(later); later.set(LoopLevel::root()), both);
}

TEST_F(LoweringRefusals, HoistedButInlined) {
    define_both();
    REFUSED("hoisted_inlined", 419, p.hoist_storage(both, y), both);
}

TEST_F(LoweringRefusals, HoistedInside) {
    define_both();
    p.compute_at(both, y);
    REFUSED("hoisted_inside", 423, p.hoist_storage(both, x), both);
    p.store_root();
    REFUSED("hoisted_inside_store", 423, p.hoist_storage(both, y), both);
}

TEST_F(LoweringRefusals, HoistedToNoLoop) {
    define_both();
    p.compute_at(both, x);
    REFUSED("hoisted_to_no_loop", 422, p.hoist_storage(both, z), both);
}

TEST_F(LoweringRefusals, HoistedOutOfTasks) {
    define_both();
    both.parallel(y);
    p.compute_at(both, x);
    REFUSED("hoisted_out_of_tasks", 424, p.hoist_storage_root(), both);
}

TEST_F(LoweringRefusals, RingsWithoutTurns) {
    define_both();
    p.compute_at(both, y);
    REFUSED("ring_not_hoisted", 420, p.ring_buffer(2), both);
    REFUSED("ring_hoisted_nowhere", 420, p.hoist_storage(both, y), both);
}

TEST_F(LoweringRefusals, TasksThatBothNeedMore) {
    define_both();
    Func r("r"), s("s");
    r(x, y) = p(x, y) + p(x, y + 1);
    s(x, y) = r(x, y) + p(x, y);
    p.store_root().compute_at(s, y);
    REFUSED("task_input_shared", 421, r.store_root().compute_at(s, y).async(), s);
}

}  // namespace
}  // namespace heddle
