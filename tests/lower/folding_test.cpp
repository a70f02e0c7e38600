// fold_storage as a directive: done as told, or refused with a code; and the windows found without it.

#include <gtest/gtest.h>

#include "heddle/func.h"
#include "heddle/operators.h"
#include "heddle/var.h"
#include "ir/rewrite.h"
#include "language/function.h"
#include "lower/lower.h"

namespace heddle::Internal {
namespace {

Stmt folded(const Func &output) {
    LowerRequest request;
    request.outputs = {output.function()};
    request.name = "test";
    request.target = Target("x86-64-linux");
    return lower_until(request, "storage_folding");
}

struct Stencil {
    Var x{"x"}, y{"y"};
    Func p{"p"}, c{"c"};
    explicit Stencil(int reach) {
        p(x, y) = x * 5 - y * 3;
        c(x, y) = p(x, y) + p(x, y + reach);
    }
    Stmt lowered() const {
        return folded(c);
    }
    // Checks of the window in the kernel.
    int checks() const {
        int n = 0;
        walk(lowered(), [&](const Call &call) { n += call.name == "halide_error_fold_factor_too_small"; });
        return n;
    }
    // The extent of dimension 1 of p's storage, as text; empty when it is not constant.
    std::string rows() const {
        int64_t rows = -1;
        walk(lowered(), [&](const Realize &n) { as_const_int(n.bounds[1].extent, &rows); });
        return rows < 0 ? "" : std::to_string(rows);
    }
};

int refused(const Stencil &s) {
    try {
        s.rows();
    } catch (const CompileError &e) {
        EXPECT_NE(std::string(e.what()).find("fold_storage(y) on p"), std::string::npos) << e.what();
        return e.diagnostic().code;
    }
    return 0;
}

TEST(Folding, FindsTheSmallestPowerOfTwo) {
    for (const auto &[reach, rows] : {std::pair{1, "2"}, {2, "4"}, {3, "4"}, {6, "8"}}) {
        Stencil s(reach);
        s.p.store_root().compute_at(s.c, s.y);
        EXPECT_EQ(s.rows(), rows) << "reach " << reach;
    }
}

TEST(Folding, SeesTheWindowBehindTheGuardOfATail) {
    Stencil s(2);
    Var yo("yo"), yi("yi");
    s.c.split(s.y, yo, yi, 32, TailStrategy::GuardWithIf);
    s.p.store_at(s.c, yo).compute_at(s.c, yi);
    EXPECT_EQ(s.rows(), "4");
}

TEST(Folding, AsTold) {
    Stencil s(2);
    s.p.store_root().compute_at(s.c, s.y).fold_storage(s.y, 3);
    EXPECT_EQ(s.rows(), "3");
}

// The kernel refuses a factor below the window: the check is in the loop, or before it.
TEST(Folding, ChecksAFactorBelowTheWindow) {
    Stencil s(2);
    s.p.store_root().compute_at(s.c, s.y).fold_storage(s.y, 2);
    EXPECT_EQ(s.rows(), "2");
    EXPECT_EQ(s.checks(), 1);
    Stencil enough(2);
    enough.p.store_root().compute_at(enough.c, enough.y).fold_storage(enough.y, 3);
    EXPECT_EQ(enough.checks(), 0);
}

TEST(Folding, TwoStagesInARowKeepTwoRowsEach) {
    Var x("x"), y("y");
    Func p("p"), q("q"), c("c");
    p(x, y) = x * 5 - y * 3;
    q(x, y) = p(x, y) + p(x, y + 1);
    c(x, y) = q(x, y) + q(x, y + 1);
    p.store_root().compute_at(c, y);
    q.store_root().compute_at(c, y);
    std::vector<int64_t> rows;
    walk(folded(c), [&](const Realize &n) {
        rows.push_back(-1);
        as_const_int(n.bounds[1].extent, &rows.back());
    });
    EXPECT_EQ(rows, (std::vector<int64_t>{2, 2}));
}

TEST(Folding, RefusesWhatIsComputedAtTheRoot) {
    Stencil s(2);
    s.p.compute_root().fold_storage(s.y, 4);
    EXPECT_EQ(refused(s), 454);
}

// Columns of strips: y moves the window, and begins again in each strip.
void make_strips(Stencil &s, int width = 8) {
    const Var xo("xo"), xi("xi");
    s.c.split(s.x, xo, xi, width, TailStrategy::GuardWithIf).reorder(xi, s.y, xo);
    s.p.store_root().compute_at(s.c, s.y);
}

TEST(Folding, OverALoopWithAnotherOneAround) {
    Stencil told(2), by_itself(2);
    make_strips(told);
    told.p.fold_storage(told.y, 3);
    EXPECT_EQ(told.rows(), "3");
    EXPECT_EQ(told.checks(), 0);
    make_strips(by_itself, 2048);  // too wide to fold x over xo
    EXPECT_EQ(by_itself.rows(), "4");
    Stencil below(2);
    make_strips(below);
    below.p.fold_storage(below.y, 2);
    EXPECT_EQ(below.checks(), 1);
}

TEST(Folding, KeepsWhatTheNextIterationOfAnOuterLoopReads) {
    const auto make = [](Stencil &s) {
        s.c = Func("c");
        s.c(s.x, s.y) = s.p(s.x, s.y) + s.p(s.x + 1, s.y + 2);
        make_strips(s);
    };
    Stencil by_itself(2), told(2);
    make(by_itself);
    EXPECT_EQ(by_itself.rows(), "");
    make(told);
    told.p.fold_storage(told.y, 4);  // each strip computes anew what it shares with the one before
    EXPECT_EQ(told.rows(), "4");
}

// A task may be in the next strip while its reader is still in the last one.
TEST(Folding, NotOverAnInnerLoopOfATask) {
    Stencil s(2);
    make_strips(s);
    s.p.async().fold_storage(s.y, 4);
    EXPECT_EQ(refused(s), 454);
}

}  // namespace
}  // namespace heddle::Internal
