// Which loops over RVars are free, and which updates any order serves.

#include <gtest/gtest.h>

#include "heddle/func.h"
#include "heddle/operators.h"
#include "heddle/scatter.h"
#include "schedule/race.h"

namespace heddle {
namespace {

using namespace Internal;

struct Races : ::testing::Test {
    Var x{"x"}, y{"y"};
    RDom r{0, 8, 0, 4, "r"};
    Func f{"f"};
    Races() {
        f(x, y) = x;
    }
    bool is_free(int rvar = 0) const {
        return kind_of_rvar(*f.function(), f.function()->stage(1), static_cast<size_t>(rvar)) == DimKind::PureRVar;
    }
    bool any_order() const {
        return any_order_serves(*f.function(), f.function()->stage(1));
    }
};

TEST_F(Races, RVarAloneOnTheLeftIsFree) {
    f(r.x, y) = f(r.x, y) * 2 + r.x;
    EXPECT_TRUE(is_free(0));
    EXPECT_FALSE(is_free(1));
}

TEST_F(Races, ScaledAndShifted) {
    f(2 * r.x + 1, 3 - r.y) = f(2 * r.x + 1, 3 - r.y) + 1;
    EXPECT_TRUE(is_free(0));
    EXPECT_TRUE(is_free(1));
}

TEST_F(Races, OneArgumentIsEnough) {
    f(r.x, (r.x + r.y) % 4) = f(r.x, 2) + 1;
    EXPECT_TRUE(is_free(0));
    EXPECT_FALSE(is_free(1));
}

TEST_F(Races, ReadsOfOtherIterations) {
    f(r.x + 1, y) = f(r.x, y);
    EXPECT_FALSE(is_free(0));
}

TEST_F(Races, ReadsOfOtherIterationsOnTheLeft) {
    f(r.x, clamp(f(r.x + 1, 0), 0, 3)) = 1;
    EXPECT_FALSE(is_free(0));
}

TEST_F(Races, Scatter) {
    f(r.x * r.x, y) = 1;
    EXPECT_FALSE(is_free(0));
    f(0 * r.x, y) = 1;
    EXPECT_EQ(kind_of_rvar(*f.function(), f.function()->stage(2), 0), DimKind::ImpureRVar);
}

TEST_F(Races, SumsInAnyOrder) {
    f(x, y) += r.x * r.y;
    EXPECT_TRUE(any_order());
    EXPECT_FALSE(is_free());
}

TEST_F(Races, MoreOperations) {
    f(x, y) = r.x + (f(x, y) - r.y);
    f(x, y) = f(x, y) * r.x * 3;
    f(x, y) = min(r.x, min(f(x, y), r.y));
    f(x, y) = max(f(x, y), r.x + r.y);
    f(x, y) = f(x, y) & (r.x + r.y);
    f(x, y) = (r.x | r.y) | f(x, y);
    f(r.x % 3, y) = 7;
    for (int s = 1; s < 8; s++)
        EXPECT_TRUE(any_order_serves(*f.function(), f.function()->stage(s))) << s;
}

TEST_F(Races, OrderMatters) {
    f(x, y) = r.x - f(x, y);
    f(x, y) = f(x, y) * 2 + r.x;
    f(x, y) = min(f(x, y) + 1, r.x);
    f(x, y) = r.x;
    f(x, y) = f(x, y) / 2;
    f(r.x, y) += f(r.y, y);
    f(x, y) += f(x, y);
    f(x, y) = select(r.x > 2, f(x, y), 1);
    for (int s = 1; s < 9; s++)
        EXPECT_FALSE(any_order_serves(*f.function(), f.function()->stage(s))) << s;
}

TEST_F(Races, NarrowSumsWrap) {
    Func h("h");
    h(x) = cast<uint8_t>(0);
    h(r.x % 4) = cast<uint8_t>(cast<int>(h(r.x % 4)) + r.y);
    EXPECT_TRUE(any_order_serves(*h.function(), h.function()->stage(1)));
    h(x) = cast<uint8_t>(cast<int>(h(x)) / 2 + r.y);
    EXPECT_FALSE(any_order_serves(*h.function(), h.function()->stage(2)));
    h(x) = cast<uint8_t>(min(cast<int>(h(x)) + r.y, 255));
    EXPECT_FALSE(any_order_serves(*h.function(), h.function()->stage(3)));
    h(x) = cast<uint8_t>(min(cast<int>(h(x)), r.y));
    EXPECT_FALSE(any_order_serves(*h.function(), h.function()->stage(4)));
}

TEST_F(Races, TuplesInAnyOrder) {
    Func best("best"), product("product"), scan("scan");
    best(x) = Tuple(1000, 0);
    best(x) = Tuple(min(best(x)[0], r.x * r.y), select(best(x)[0] <= r.x * r.y, best(x)[1], r.y));
    EXPECT_TRUE(any_order_serves(*best.function(), best.function()->stage(1)));
    product(x) = Tuple(1, 0);
    product(x) = Tuple(product(x)[0] * r.x - product(x)[1] * r.y, product(x)[0] * r.y + product(x)[1] * r.x);
    EXPECT_TRUE(any_order_serves(*product.function(), product.function()->stage(1)));
    // An affine map after another is an affine map, but not the same one in the other order.
    scan(x) = Tuple(1, 0);
    scan(x) = Tuple(scan(x)[0] * r.x, scan(x)[1] * r.x + r.y);
    EXPECT_FALSE(any_order_serves(*scan.function(), scan.function()->stage(1)));
    EXPECT_TRUE(associative_update(*scan.function(), scan.function()->stage(1)));
}

// Of the two stores of an iteration, which one the next overwrites depends on the order.
TEST_F(Races, SeveralConstantsAtOnce) {
    f(r.x + scatter(0, 1), y) = gather(3, 5);
    EXPECT_FALSE(is_free(0));
    EXPECT_FALSE(any_order());
}

TEST_F(Races, SumsAtSeveralPlaces) {
    f(r.x + scatter(0, 1), y) += gather(3, 5);
    EXPECT_FALSE(is_free(0));
    EXPECT_TRUE(any_order());
}

}  // namespace
}  // namespace heddle
