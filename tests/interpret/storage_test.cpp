// Where and how Funcs are stored: blocked layouts, bounds and alignments of storage, naively and after every pass
// of lowering.

#include <gtest/gtest.h>

#include "ir/rewrite.h"
#include "language/function.h"
#include "lower/lower.h"
#include "support_lib/differential.h"

namespace heddle {
namespace {

using testing::expect_same_after_every_pass;

struct Channels {
    Var x{"x"}, y{"y"}, c{"c"}, co{"co"}, ci{"ci"}, cio{"cio"}, cii{"cii"}, xo{"xo"}, xi{"xi"};
    Func p{"p"}, q{"q"};
    Channels() {
        p(x, y, c) = x * 100 + y * 10 + c * c;
        q(x, y, c) = p(x, y, c) + p(x + 1, y, c + 3) - p(x, y + 2, c - 1);
        p.compute_root();
    }
    // Constant extents of p's storage, innermost in memory first; -1 where they are not constant.
    std::vector<int64_t> extents() const {
        Internal::LowerRequest request;
        request.outputs = {q.function()};
        request.name = "test";
        request.target = Target("x86-64-linux");
        std::vector<int64_t> result;
        Internal::walk(Internal::lower_until(request, "storage_folding"), [&](const Internal::Realize &n) {
            for (int d : n.order) {
                result.push_back(-1);
                Internal::as_const_int(n.bounds[static_cast<size_t>(d)].extent, &result.back());
            }
        });
        return result;
    }
};

TEST(DifferentialStorage, BlockedLayout) {
    Channels s;
    s.p.split_storage(s.c, s.co, s.ci, 4).reorder_storage(s.ci, s.x, s.y, s.co);
    s.q.bound(s.x, 0, 6).bound(s.y, 0, 3).bound(s.c, 0, 9);
    // c is needed from -1 to 11: blocks -1, 0, 1 and 2.
    EXPECT_EQ(s.extents(), (std::vector<int64_t>{4, 7, 5, 4}));
    expect_same_after_every_pass(s.q, {6, 3, 9});
}

TEST(DifferentialStorage, BlockedLayoutVectorized) {
    Channels s;
    s.p.split_storage(s.c, s.co, s.ci, 8).reorder_storage(s.ci, s.x, s.y, s.co);
    s.p.reorder(s.c, s.x, s.y).vectorize(s.c, 8);
    s.q.reorder(s.c, s.x, s.y).vectorize(s.c, 8, TailStrategy::GuardWithIf);
    expect_same_after_every_pass(s.q, {5, 3, 13}, {-3, 2, -5});
}

TEST(DifferentialStorage, BlocksOfBlocksInTwoDimensions) {
    Channels s;
    s.p.split_storage(s.c, s.co, s.ci, 8).split_storage(s.ci, s.cio, s.cii, 2).split_storage(s.x, s.xo, s.xi, 4);
    s.p.reorder_storage(s.cii, s.xi, s.cio, s.xo, s.y, s.co);
    expect_same_after_every_pass(s.q, {7, 3, 9}, {-2, 0, -3});
}

TEST(DifferentialStorage, BlocksOfAWindow) {
    Channels s;
    s.p.store_root().compute_at(s.q, s.y).split_storage(s.x, s.xo, s.xi, 4).fold_storage(s.y, 3);
    s.q.reorder(s.x, s.c, s.y);
    expect_same_after_every_pass(s.q, {7, 6, 4});
}

TEST(DifferentialStorage, BlocksOfTuples) {
    Var x("x"), y("y"), xo("xo"), xi("xi");
    Func p("p"), q("q");
    p(x, y) = Tuple(x + y, cast<float>(x) * 0.5f);
    p(x, y) = Tuple(p(x, y)[0] * 2, p(x, y)[1] + 1.0f);
    q(x, y) = p(x, y)[0] + cast<int>(p(x + 1, y)[1]);
    p.compute_at(q, y).split_storage(x, xo, xi, 3).reorder_storage(xo, xi);
    expect_same_after_every_pass(q, {8, 3});
}

TEST(DifferentialStorage, BoundsAndAlignments) {
    Channels s;
    s.q.bound(s.x, 0, 6).bound(s.y, 0, 3).bound(s.c, 0, 9);
    s.p.bound_storage(s.x, 20).align_storage(s.y, 8).bound_storage(s.c, 14).align_storage(s.c, 5);
    EXPECT_EQ(s.extents(), (std::vector<int64_t>{20, 8, 15}));
    expect_same_after_every_pass(s.q, {6, 3, 9});
    Channels folded;
    folded.q.bound(folded.x, 0, 6).bound(folded.y, 0, 30).bound(folded.c, 0, 9).reorder(folded.x, folded.c, folded.y);
    folded.p.store_root().compute_at(folded.q, folded.y).bound_storage(folded.y, 6).align_storage(folded.y, 4);
    EXPECT_EQ(folded.extents(), (std::vector<int64_t>{7, 8, 13}));
    expect_same_after_every_pass(folded.q, {6, 30, 9});
}

}  // namespace
}  // namespace heddle
