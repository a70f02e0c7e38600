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

struct Stencil {
    Var x{"x"}, y{"y"};
    Func p{"p"}, c{"c"};
    explicit Stencil(int reach) {
        p(x, y) = x * 5 - y * 3;
        c(x, y) = p(x, y) + p(x, y + reach);
    }
    // The extent of dimension 1 of p's storage, as text; empty when it is not constant.
    std::string rows() const {
        LowerRequest request;
        request.outputs = {c.function()};
        request.name = "test";
        request.target = Target("x86-64-linux");
        int64_t rows = -1;
        walk(lower_until(request, "storage_folding"), [&](const Realize &n) { as_const_int(n.bounds[1].extent, &rows); });
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

TEST(Folding, RefusesAFactorBelowTheWindow) {
    Stencil s(2);
    s.p.store_root().compute_at(s.c, s.y).fold_storage(s.y, 2);
    EXPECT_EQ(refused(s), 454);
}

TEST(Folding, RefusesWhatIsComputedAtTheRoot) {
    Stencil s(2);
    s.p.compute_root().fold_storage(s.y, 4);
    EXPECT_EQ(refused(s), 454);
}

}  // namespace
}  // namespace heddle::Internal
