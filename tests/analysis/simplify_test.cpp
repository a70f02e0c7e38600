#include "analysis/simplify.h"

#include <chrono>

#include "analysis/constant_bounds.h"
#include "analysis/helpers.h"
#include "ir/rewrite.h"

namespace heddle::Internal::test {
namespace {

class Simplify : public testing::Test {
protected:
    E x = variable("x"), y = variable("y"), z = variable("z"), n = variable("n");
    E p = variable("p", Bool()), q = variable("q", Bool());
    E u = variable("u", UInt(8)), v = variable("v", UInt(8)), f = variable("f", Float(32));
    Facts facts;

    void expect(const E &before, const E &after) {
        Expr got = simplify(before, facts);
        EXPECT_TRUE(same(got, after)) << "of " << to_string(before.e);
        EXPECT_TRUE(same(simplify(got, facts), got)) << "again, of " << to_string(before.e);
    }
    void unchanged(const E &e) {
        EXPECT_TRUE(simplify(e).same_as(e.e)) << to_string(e.e) << " became " << to_string(simplify(e));
    }
    void know(const E &symbol, std::optional<int64_t> min, std::optional<int64_t> max, Alignment a = {}) {
        facts.symbols.push(symbol_of(symbol), {{min, max}, a});
    }
};

TEST_F(Simplify, SumsAreExact) {
    expect((x + 8) - x, constant(8));
    expect((x * 4 + y * 2) - y * 2, x * 4);
    expect(x * 4 + 3 - x * 3, x + 3);
    expect((x + y) - (y + x), constant(0));
    expect(y + x + 1 + 2, x + y + 3);
    expect(0 - (x - y), y - x);
    expect((x * 2) * y - (y * 2) * x, constant(0));
    expect(u + 255 + v + 1, u + v);
    unchanged(x + y * 4 - 3);
}

TEST_F(Simplify, DivisionOfMultiples) {
    expect((x * 8 + y) / 8, x + y / 8);
    expect((x * 8 + y) % 8, y % 8);
    expect((x * 4 + 8) / 8, x / 2 + 1);
    expect((x * 4 + 4) / 8, (x + 1) / 2);
    expect((x / 8) * 8 + x % 8, x);
    expect(x - (x / 8) * 8, x % 8);
    expect(x / 4 / 2, x / 8);
    expect((x % 16) % 8, x % 8);
    expect((x * 4 + 1) % 8, x % 2 * 4 + 1);
    expect((x + 9) / 8, (x + 1) / 8 + 1);
    expect(x / constant(-2), 0 - x / 2);
    expect(x / constant(0), constant(0));
    expect(x % constant(-4), x % 4);
}

TEST_F(Simplify, AlignmentAndBounds) {
    know(x, {}, {}, {8, 0});
    know(y, 0, 7);
    expect((x + y) / 8, x / 8);
    expect((x + y) % 8, y);
    expect((x / 8) * 8, x);
    expect(y / 8, constant(0));
    expect(min(y, 7), y);
    expect(min(y, 3) + max(y, 9), min(y, 3) + 9);
    expect(x == 4, E(const_false()));
    expect(y < 8, E(const_true()));
}

TEST_F(Simplify, MinimumAndMaximum) {
    expect(min(x + 3, x + y), x + min(y, 3));
    expect(max(x, y) - x, max(y - x, 0));
    expect(max(y - x, 0) + x, max(x, y));
    expect(min(x, x + 1), x);
    expect(min(min(x, 5), min(y, 3)), min(min(x, y), 3));
    expect(min(max(x, 0), 10), max(min(x, 10), 0));
    expect(max(min(x, 10), 20), constant(20));
    expect(min(x * 4, y * 4), min(x, y) * 4);
    expect(min(0 - x, 0 - y), 0 - max(x, y));
    expect(min(u, max(u, v)), u);
    // No sum is made that could overflow where there was none.
    unchanged(min(y, x - 3));
    unchanged(min(y + 1, x - 3));
    const E data(Load::make(Int(32), Symbol::fresh("data"), x, Expr()));
    unchanged(max(y, data) - data);
    unchanged(min(x, data) - x);
    expect(max(y - data, 0) + data, max(y, data));
    expect(min(x - 3, constant(INT32_MAX)), min(x - 3, constant(INT32_MAX)));
}

TEST_F(Simplify, Comparisons) {
    expect(x + 3 < x + y, 4 <= y);
    expect(x + 1 <= y, x < y);
    expect(x * 4 < 9, x < 3);
    expect(x - y < 0, x < y);
    expect(x * 2 + 1 == y * 2, E(const_false()));
    expect(x > y, y < x);
    expect(max(x, y) >= y, E(const_true()));
    expect(!(x < y), y <= x);
    expect(u + 3 == v + 3, u == v);
    unchanged(u + 3 < v + 3);
    unchanged(!(f < cast(Float(32), x)));
}

TEST_F(Simplify, Select) {
    expect(select(p, x + 3, x + 5), x + select(p, 3, constant(5)));
    expect(select(p, select(p, x, y), z), select(p, x, z));
    expect(select(!p, x, y), select(p, y, x));
    expect(select(p, q, E(const_false())), p && q);
    expect(select(x < y, x, y), min(x, y));
    expect(select(E(const_true()), x, y), x);
}

TEST_F(Simplify, FloatsKeepTheirBits) {
    E zero = make_const(Float(32), 0.0), one = make_const(Float(32), 1.0);
    unchanged(f + zero);
    unchanged(f * zero);
    unchanged((f + one) - one);
    expect(f * one, f);
    expect(make_const(Float(32), 0.1) + E(make_const(Float(32), 0.2)),
           make_const(Float(32), static_cast<double>(0.1f + 0.2f)));
    unchanged(f == f);
}

TEST_F(Simplify, Casts) {
    expect(cast(UInt(8), cast(Int(32), u)), u);
    expect(cast(Int(64), cast(Int(32), u)), cast(Int(64), u));
    unchanged(cast(Int(32), cast(UInt(8), x)));
    expect(cast(UInt(8), constant(300)), constant(44, UInt(8)));
}

TEST_F(Simplify, Vectors) {
    expect(ramp(x, 2, 4) + broadcast(y, 4), ramp(x + y, 2, 4));
    expect(ramp(x, 1, 4) * broadcast(y, 4), ramp(x * y, y, 4));
    expect(ramp(x, 1, 4) - ramp(y, 1, 4), broadcast(x - y, 4));
    expect(broadcast(x, 4) < broadcast(y, 4), broadcast(x < y, 4));
    expect(ramp(x * 8, 1, 8) / broadcast(constant(8), 8), broadcast(x, 8));
    expect(ramp(x * 8, 1, 8) % broadcast(constant(8), 8), ramp(constant(0), 1, 8));
    expect(Shuffle::make({ramp(x, 1, 8)}, {1, 3, 5, 7}), ramp(x + 1, 2, 4));
    unchanged(ramp(x, 1, 4) < broadcast(y, 4));
}

TEST_F(Simplify, Proofs) {
    EXPECT_TRUE(can_prove(((x + 7) / 8) * 8 >= x));
    EXPECT_TRUE(can_prove(((x + 7) / 8) * 8 <= x + 7));
    EXPECT_FALSE(can_prove(((x + 7) / 8) * 8 <= x + 6));
    EXPECT_TRUE(can_prove(min(x, n - 1) < n));
    EXPECT_TRUE(can_prove(max(min(x, y), z) >= z));
    EXPECT_TRUE(can_prove(min(x, y + 8) - y <= 8));
    EXPECT_FALSE(can_prove(x < y));
    EXPECT_FALSE(can_prove(x * 2 >= x));
    EXPECT_TRUE(can_prove((x / 16) * 2 <= x / 8));
    facts.conditions = {x < y, y <= n - 2};
    EXPECT_TRUE(can_prove(x < n, facts));
    EXPECT_TRUE(can_prove(x + 2 < n + 1, facts));
    EXPECT_FALSE(can_prove(x + 4 < n, facts));
    EXPECT_TRUE(can_prove(broadcast(min(x, 3), 4) <= broadcast(constant(3), 4)));
}

TEST_F(Simplify, Lets) {
    E t = variable("t"), w = variable("w");
    const auto let = [](const E &name, const E &value, const E &body) { return E(Let::make(symbol_of(name), value, body)); };
    expect(let(t, x + 1, t * 2), x * 2 + 2);
    expect(let(t, x * y, t + 1), x * y + 1);
    expect(let(t, x * y, x + 1), x + 1);
    Expr kept = simplify(let(t, x * y / 3, min(t, 5) + t * z));
    EXPECT_TRUE(kept.as<Let>()) << to_string(kept);
    // The value's bounds are known inside.
    expect(let(t, x % 8, let(w, t % y, select(t < 8, w, w * w))), x % 8 % y);
}

class SimplifyStmt : public Simplify {
protected:
    Symbol buffer = Symbol::fresh("b");

    Stmt write(const E &index, const E &value) {
        return Write::make(buffer, {index.e}, {value.e});
    }
    Stmt loop(const E &i, const E &low, const E &extent, const Stmt &body) {
        return For::make(symbol_of(i), low.e, extent.e, ForType::Serial, Partition::Auto, body);
    }
    void expect(const Stmt &before, const Stmt &after) {
        Stmt got = simplify(before);
        EXPECT_TRUE(equal(got, after)) << to_string(before) << "became\n" << to_string(got) << "instead of\n" << to_string(after);
        EXPECT_TRUE(equal(simplify(got), got));
    }
};

TEST_F(SimplifyStmt, Loops) {
    expect(loop(x, constant(0), constant(0), write(x, y)), Evaluate::make(0));
    expect(loop(x, n, constant(1), write(x + 1, y)), write(n + 1, y));
    expect(loop(x, constant(0), constant(8), write(x % 8 + x / 8, y)), loop(x, constant(0), constant(8), write(x, y)));
    expect(loop(x, constant(0), n, write(min(x, n - 1), y)), loop(x, constant(0), n, write(x, y)));
    expect(loop(x, constant(0), n, loop(y, constant(0), constant(4), Evaluate::make(0))), Evaluate::make(0));
}

TEST_F(SimplifyStmt, WhatHoldsInALoopDoesNotHoldOutside) {
    E bound = max(n, 1);
    Stmt inside = loop(x, constant(0), n, write(bound, x));
    expect(Block::make({inside, write(bound, y)}), Block::make({loop(x, constant(0), n, write(n, x)), write(bound, y)}));
}

TEST_F(SimplifyStmt, Branches) {
    expect(If::make(x < x + 1, write(x, y), write(y, x)), write(x, y));
    expect(If::make(x < n, If::make(x < n + 1, write(x, y))), If::make(x < n, write(x, y)));
    expect(If::make(x < n, write(min(x, n), y), write(min(x, n), y)), If::make(x < n, write(x, y), write(n, y)));
    expect(If::make(x < n, Evaluate::make(0), write(x, y)), If::make(n <= x, write(x, y)));
    expect(If::make(x == 3, write(x, y)), If::make(x == 3, write(constant(3), y)));
    expect(Assert::make(x <= x, constant(1)), Evaluate::make(0));
}

TEST_F(SimplifyStmt, WhatIsUnused) {
    E t = variable("t");
    expect(LetStmt::make(symbol_of(t), x * y / 3, write(x, y)), write(x, y));
    Symbol scratch = Symbol::fresh("scratch");
    expect(Allocate::make(scratch, Int(32), {n.e}, MemoryType::Auto, const_true(), write(x, y)), write(x, y));
    expect(Realize::make(scratch, {Int(32)}, {{x, n}}, {0}, MemoryType::Auto, const_true(), write(x, y)), write(x, y));
    Stmt used = Allocate::make(scratch, Int(32), {n.e}, MemoryType::Auto, const_true(),
                               Store::make(scratch, x, y, const_true()));
    expect(used, used);
}

TEST_F(SimplifyStmt, LetsGiveFacts) {
    E t = variable("t");
    Stmt got = simplify(LetStmt::make(symbol_of(t), (x / 8) * 8 + y % 8 * 8, write(t % 8, t / 8 * 8)));
    const auto *let = got.as<LetStmt>();
    ASSERT_TRUE(let) << to_string(got);
    EXPECT_TRUE(equal(let->body, write(constant(0), t))) << to_string(got);
}

// What must not grow out of hand. The limits are generous: each of these takes milliseconds.
class SimplifyLarge : public Simplify {
protected:
    void within_seconds(double limit, const std::function<void()> &work) {
        const auto start = std::chrono::steady_clock::now();
        work();
        EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), limit);
    }
};

TEST_F(SimplifyLarge, NestedRemainders) {
    E e = x;
    for (int i = 0; i < 50; i++) e = (e * 3 + i) % 17;
    within_seconds(2, [&] { EXPECT_TRUE(simplify(e).defined()); });
    E symbolic = x;
    for (int i = 0; i < 50; i++) symbolic = (y * symbolic + i) % n;
    within_seconds(2, [&] { EXPECT_TRUE(simplify(symbolic).defined()); });
}

TEST_F(SimplifyLarge, SharedGraphs) {
    E e = x * y;
    for (int i = 0; i < 60; i++) e = e + e;
    within_seconds(2, [&] { EXPECT_TRUE(same(simplify(e), constant(0))) << "2^60 wraps to 0"; });
    E m = x;
    for (int i = 0; i < 60; i++) m = min(m * y, m + 1);
    within_seconds(2, [&] { EXPECT_TRUE(simplify(m).defined()); });
    E s = x;
    for (int i = 0; i < 60; i++) s = select(s < y, s * s, s / 3);
    within_seconds(2, [&] { EXPECT_TRUE(simplify(s).defined()); });
}

TEST_F(SimplifyLarge, LongSums) {
    E sum = x, difference = constant(0);
    std::vector<E> names;
    for (int i = 0; i < 1000; i++) names.push_back(variable("v"));
    for (const E &name : names) sum = sum + name * 2;
    for (size_t i = names.size(); i-- > 0;) difference = difference + names[i];
    within_seconds(3, [&] { EXPECT_TRUE(same(simplify(sum - difference - difference), x)); });
}

TEST_F(SimplifyLarge, ManyLets) {
    std::vector<E> names;
    for (int i = 0; i < 200; i++) names.push_back(variable("t"));
    E body = names.back();
    for (size_t i = names.size(); i-- > 0;) {
        const E before = i ? names[i - 1] : x;
        body = E(Let::make(symbol_of(names[i]), before * before + 1, body * names[i]));
    }
    within_seconds(3, [&] { EXPECT_TRUE(simplify(body).defined()); });
}

}  // namespace
}  // namespace heddle::Internal::test
