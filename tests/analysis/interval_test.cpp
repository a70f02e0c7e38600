#include "analysis/interval.h"

#include "analysis/box.h"
#include "analysis/conditions.h"
#include "analysis/helpers.h"
#include "analysis/monotonic.h"
#include "analysis/simplify.h"
#include "analysis/upper_bound.h"
#include "ir/substitute.h"

namespace heddle::Internal::test {
namespace {

testing::AssertionResult same_interval(const Interval &got, const Expr &expected_low, const Expr &expected_high) {
    const Expr low = simplify(expected_low), high = simplify(expected_high);
    const auto text = [](const Expr &e) { return e.defined() ? to_string(e) : std::string("unbounded"); };
    if (equal(got.min, low) && equal(got.max, high)) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "got [" << text(got.min) << ", " << text(got.max) << "], expected ["
                                       << text(low) << ", " << text(high) << "]";
}

class BoundsOf : public testing::Test {
protected:
    E x = variable("x"), y = variable("y"), n = variable("n"), m = variable("m");
    Scope<Interval> scope;

    void SetUp() override {
        scope.push(symbol_of(x), {Expr(0), Expr(9)});
        scope.push(symbol_of(y), {n, Expr(n + 7)});
    }
    void expect(const E &e, const Expr &low, const Expr &high, const std::vector<Expr> &conditions = {}) {
        EXPECT_TRUE(same_interval(bounds_of(e, scope, conditions), low, high)) << "of " << to_string(e.e);
    }
};

TEST_F(BoundsOf, AffineFormsAreExact) {
    expect(x, 0, 9);
    expect(x - x, 0, 0);
    expect((x + 8) - x, 8, 8);
    expect(x * 4 + 3 - x * 3, 3, 12);
    expect(5 - x * 2, -13, 5);
    expect(y - n, 0, 7);
    expect(x + y, n, n + 16);
    expect(m + 1, m + 1, m + 1);
    expect(y * 2 - y - n, 0, 7);
}

TEST_F(BoundsOf, MinimumAndMaximumKeepCorrelation) {
    expect(min(x, 5), 0, 5);
    expect(max(min(x + m, n), 0), max(min(m.e, n.e), 0), max(min(E(m + 9), n), 0));
    expect(min(x + 3, 100) - x, 3, 3);
    expect(max(x, 5) - x, 0, 5);
    expect(select(y < m, x + 1, x + 2) - x, 1, 2);
}

TEST_F(BoundsOf, DivisionAndRemainder) {
    expect(x / 4, 0, 2);
    expect(x % 16, x.e.defined() ? Expr(0) : Expr(), 9);
    expect(x % 4, 0, 3);
    expect((x + 32) % 16, 0, 9);
    expect(x / 2 - x / 2, 0, 0);
    expect((x / 8) * 8 - x, -7, 0);
    expect(m % 8, m % 8, m % 8);
    // A divisor of unknown sign: the ends are those of the quotients.
    expect((x + n) / m, min(n / m, (n + 9) / m), max(n / m, (n + 9) / m));
}

TEST_F(BoundsOf, TypesBoundWhatIsNotKnown) {
    Symbol f = Symbol::fresh("f");
    E byte = Access::make(UInt(8), f, {x.e});
    expect(cast(Int(32), byte), 0, 255);
    expect(cast(Int(32), byte) * 2 + x, 0, 519);
    expect(byte + byte, constant(0, UInt(8)), constant(255, UInt(8)));
    expect(min(byte, 100) + byte % 50, constant(0, UInt(8)), constant(149, UInt(8)));
    EXPECT_TRUE(bounds_of(Access::make(Int(32), f, {x.e}), scope).is_everything());
    E wide = cast(Int(32), cast(UInt(8), x * 100));
    expect(wide, 0, 255);
    expect(cast(Int(32), cast(UInt(8), x * 10)), 0, 90);
}

TEST_F(BoundsOf, ConditionsNarrow) {
    expect(x, 0, min(E(n - 1), 9), {x < n});
    expect(x * 8 + y, n, n + 79);
    expect(x * 8 + y, n, min(E(n + 79), m), {x * 8 + y <= m});
    expect(select(x < 5, x, constant(0)), 0, 4);
    expect(likely(x), 0, 3, {likely(x < 4)});
}

TEST_F(BoundsOf, LargeGraphsAreFast) {
    E e = x;
    for (int i = 0; i < 60; i++) e = min(e + e, 1000);
    const Interval r = bounds_of(e, scope);
    EXPECT_TRUE(r.max.defined());
}

class BoxesTouched : public testing::Test {
protected:
    E x = variable("x"), y = variable("y"), n = variable("n"), m = variable("m");
    Symbol f = Symbol::fresh("f"), g = Symbol::fresh("g");

    E read(std::vector<Expr> args) {
        return Access::make(Int(32), f, std::move(args));
    }
    Stmt write(std::vector<Expr> args, const E &value) {
        return Write::make(g, std::move(args), {value.e});
    }
    Stmt loop(const E &v, const E &low, const E &extent, const Stmt &body) {
        return For::make(symbol_of(v), low.e, extent.e, ForType::Serial, Partition::Auto, body);
    }
};

TEST_F(BoxesTouched, StencilInALoop) {
    Stmt s = loop(x, constant(0), n, write({x}, read({x - 1}) + read({x + 1})));
    Boxes all = boxes_touched(s);
    ASSERT_EQ(all.size(), 2u);
    EXPECT_TRUE(same_interval(all[f][0], constant(-1), n));
    EXPECT_TRUE(same_interval(all[g][0], constant(0), n - 1));
    EXPECT_EQ(boxes_touched(s, {}, Touch::Reads).size(), 1u);
    EXPECT_EQ(box_touched(s, g, {}, Touch::Reads).size(), 0u);
}

TEST_F(BoxesTouched, GuardOfASplitNarrows) {
    // for y < (n+7)/8: for x < 8: let v = y*8 + x: if likely(v < n): g(v) = f(v + 2)
    E v = variable("v");
    Stmt body = If::make(likely(v < n), write({v}, read({v + 2})));
    body = LetStmt::make(symbol_of(v), y * 8 + x, body);
    Stmt inner = loop(x, constant(0), constant(8), body);
    Boxes at_y = boxes_touched(inner);
    EXPECT_TRUE(same_interval(at_y[g][0], y * 8, min(E(y * 8 + 7), n - 1)));
    Boxes all = boxes_touched(loop(y, constant(0), (n + 7) / 8, inner));
    EXPECT_TRUE(same_interval(all[g][0], constant(0), n - 1));
    EXPECT_TRUE(same_interval(all[f][0], constant(2), n + 1));
}

TEST_F(BoxesTouched, ConditionsNarrowWhatIsBoundAround) {
    // for y < (n+7)/8: for x < 8: let v = promise_clamped(y*8 + x, ...)/4: if y*8 + x < n: g(v) = 0
    E v = variable("v"), fused = E(y * 8 + x);
    const E promised = Call::make(Int(32), CallOp::promise_clamped, {fused.e, Expr(0), E(m + 1000).e});
    Stmt body = LetStmt::make(symbol_of(v), E(promised / 4), If::make(fused < n, write({v}, constant(0))));
    Stmt s = loop(y, constant(0), (n + 7) / 8, loop(x, constant(0), constant(8), body));
    const Box box = box_touched(s, g);
    const Substitution large = {{symbol_of(n), Expr(13)}, {symbol_of(m), Expr(0)}};
    EXPECT_TRUE(is_const(simplify(substitute(large, box[0].min)), 0)) << box[0].min;
    EXPECT_TRUE(is_const(simplify(substitute(large, box[0].max)), 3)) << box[0].max;
}

TEST_F(BoxesTouched, ShiftedSplitCoversExactly) {
    // for y < (n+7)/8: let v = min(y*8, n - 8): for x < 8: g(v + x) = f(v + x - 1) + f(v + x + 1)
    E v = variable("v");
    Stmt inner = loop(x, constant(0), constant(8), write({v + x}, read({v + x - 1}) + read({v + x + 1})));
    Stmt tile = LetStmt::make(symbol_of(v), min(y * 8, n - 8), inner);
    Boxes at_y = boxes_touched(tile);
    EXPECT_TRUE(same_interval(at_y[f][0], min(y * 8, n - 8) - 1, min(y * 8, n - 8) + 8));
    Boxes all = boxes_touched(loop(y, constant(0), (n + 7) / 8, tile));
    EXPECT_TRUE(same_interval(all[g][0], min(n - 8, 0), n - 1));
    EXPECT_TRUE(same_interval(all[f][0], min(n - 8, 0) - 1, n));
}

TEST_F(BoxesTouched, ClampedAndResampledCoordinates) {
    // for x < n: g(x) = f(clamp(x - 3, 0, m - 1)) + f(x / 2) + f(x % 4 + 100)
    Boxes all = boxes_touched(loop(x, constant(0), n, write({x}, read({max(min(x - 3, m - 1), 0)}))));
    EXPECT_TRUE(same_interval(all[f][0], max(min(m - 1, -3), 0), max(min(n - 4, m - 1), 0)));
    all = boxes_touched(loop(x, constant(0), n * 2, write({x}, read({x / 2}) + read({x / 2 + 1}))));
    EXPECT_TRUE(same_interval(all[f][0], constant(0), n));
    all = boxes_touched(loop(x, constant(0), n, write({x}, read({x % 4 + 100}))));
    EXPECT_TRUE(same_interval(all[f][0], constant(100), constant(103)));
}

TEST_F(BoxesTouched, WideStencilStaysSmall) {
    E sum = constant(0);
    for (int dy = -2; dy <= 2; dy++) {
        for (int dx = -2; dx <= 2; dx++) sum = sum + read({x + dx, y + dy});
    }
    Stmt s = loop(y, m, constant(32), loop(x, n * 16, constant(16), write({x, y}, sum)));
    Box b = box_touched(s, f);
    EXPECT_TRUE(same_interval(b[0], n * 16 - 2, n * 16 + 17));
    EXPECT_TRUE(same_interval(b[1], m - 2, m + 33));
}

TEST_F(BoxesTouched, TriangularLoopKeepsTheRelation) {
    // for x < 10: for y in x ... x + 2: g(y - x) = f(x)
    Stmt s = loop(x, constant(0), constant(10), loop(y, x, constant(3), write({y - x}, read({y}))));
    Boxes all = boxes_touched(s);
    EXPECT_TRUE(same_interval(all[g][0], constant(0), constant(2)));
    EXPECT_TRUE(same_interval(all[f][0], constant(0), constant(11)));
}

TEST_F(BoxesTouched, BranchesAndUse) {
    Stmt s = If::make(m > 0, write({constant(0)}, read({n})));
    Box b = box_touched(s, f);
    EXPECT_TRUE(same(b.used, simplify(m > 0)));
    E e = select(x < 5, read({x}), read({x + 100}));
    Scope<Interval> scope;
    scope.push(symbol_of(x), {Expr(0), Expr(9)});
    EXPECT_TRUE(same_interval(box_touched(e, f, scope)[0], constant(0), constant(109)));
    EXPECT_EQ(box_touched(select(x < 50, read({x}), read({x + 100})), f, scope).size(), 1u);
    EXPECT_TRUE(same_interval(box_touched(select(x < 50, read({x}), read({x + 100})), f, scope)[0], constant(0), constant(9)));
}

TEST(Conditions, Solve) {
    E x = variable("x"), n = variable("n");
    Interval i;
    ASSERT_TRUE(solve_for(x * 3 + 1 < n, symbol_of(x), i));
    EXPECT_TRUE(same_interval(i, Expr(), simplify((n - 2) / 3)));
    ASSERT_TRUE(solve_for(n - x * 2 <= 5 && x < 100, symbol_of(x), i));
    EXPECT_TRUE(same_interval(i, simplify((n - 4) / 2), constant(99)));
    ASSERT_TRUE(solve_for(likely(x >= n), symbol_of(x), i));
    EXPECT_TRUE(same_interval(i, n, Expr()));
    EXPECT_FALSE(solve_for(x % 3 < n, symbol_of(x), i));
    EXPECT_FALSE(solve_for(x < n || x > 5, symbol_of(x), i));
}

TEST_F(BoundsOf, VectorVariables) {
    // Nothing is known of the lanes of a vector that is no name in the scope.
    const Expr v = Variable::make(Int(32, 4), Symbol::fresh("v"));
    const Expr lanes = Add::make(Add::make(v, Broadcast::make(n, 4)), Ramp::make(x, 1, 4));
    expect(Shuffle::make({lanes}, {2}), Expr(), Expr());
}

TEST(Monotonic, Directions) {
    E x = variable("x"), y = variable("y");
    const Symbol s = symbol_of(x);
    EXPECT_EQ(direction_of(x * 2 + y, s), Direction::Increasing);
    EXPECT_EQ(direction_of(y - x / 3, s), Direction::Decreasing);
    EXPECT_EQ(direction_of(x - x + y, s), Direction::Constant);
    EXPECT_EQ(direction_of(min(x, y) + max(x, 3), s), Direction::Increasing);
    EXPECT_EQ(direction_of(x % 4, s), Direction::Unknown);
    EXPECT_EQ(direction_of(x < y, s), Direction::Decreasing);
    EXPECT_EQ(direction_of(select(x < 4, constant(0), constant(1)), s), Direction::Increasing);
    EXPECT_EQ(direction_of(cast(UInt(8), x), s), Direction::Unknown);
    EXPECT_EQ(direction_of(x * y, s), Direction::Unknown);
    // The step where the condition turns true goes up, too, though not by a constant.
    EXPECT_EQ(direction_of(select(0 < x, min(x, y) + 2, min(x, y - 1)), s), Direction::Increasing);
    EXPECT_EQ(direction_of(select(0 < x, min(x, y - 1), min(x, y) + 2), s), Direction::Unknown);
}

TEST(UpperBound, TakesCasesApartBeforeItChooses) {
    E x = variable("x"), n = variable("n");
    // Which of -x and -n is the better bound of -min(x, n) depends on which of x and n - 1 the first minimum is.
    const E window = min(x, n - 1) + 2 - min(x, n) + 1;
    EXPECT_EQ(constant_upper_bound(window, {}), 3);
    EXPECT_TRUE(is_const_true(simplify(min(x, n - 1) <= min(n, x) + 2)));
    EXPECT_FALSE(is_const_true(simplify(min(x, n + 3) <= min(n, x) + 2)));
    EXPECT_EQ(constant_upper_bound(min(x, n + 3) - min(x, n), {}), 3);
    EXPECT_EQ(constant_upper_bound(max(x, n) - min(x, n), {}), std::nullopt);
}

}  // namespace
}  // namespace heddle::Internal::test
