// Random expressions of all types: the simplified one has the same value, simplifying again changes nothing,
// bounds hold, and what is proved is true.

#include <cstdlib>
#include <random>

#include "analysis/constant_bounds.h"
#include "analysis/cse.h"
#include "analysis/evaluate.h"
#include "analysis/interval.h"
#include "analysis/simplify.h"

namespace heddle::Internal::test {
namespace {

class RandomExpr {
public:
    explicit RandomExpr(uint64_t seed)
        : engine_(seed) {
        for (const char *name : {"x", "y", "z"}) symbols_.push_back(Symbol::fresh(name));
    }

    int below(int n) {
        return static_cast<int>(engine_() % static_cast<uint64_t>(n));
    }
    const std::vector<Symbol> &symbols() const {
        return symbols_;
    }

    // Every symbol is an integer of one type per expression; other types come in by casts.
    Expr make(Type t, int depth, Type leaf) {
        if (depth == 0 || below(8) == 0) return this->leaf(t, leaf);
        const auto sub = [&] { return make(t, depth - 1, leaf); };
        if (t.is_bool()) return condition(t, depth, leaf);
        if (t.is_vector() && below(3) == 0) {
            const Type s = t.element_of();
            if (t.is_int_or_uint() && below(2)) return Ramp::make(make(s, depth - 1, leaf), make(s, depth - 1, leaf), t.lanes());
            return Broadcast::make(make(s, depth - 1, leaf), t.lanes());
        }
        switch (below(12)) {
        case 0:
        case 1: return Add::make(sub(), sub());
        case 2:
        case 3: return Sub::make(sub(), sub());
        case 4: return Mul::make(sub(), constant(t));
        case 5: return Div::make(sub(), below(3) ? constant(t) : sub());
        case 6: return t.is_float() ? Mul::make(sub(), sub()) : Mod::make(sub(), below(3) ? constant(t) : sub());
        case 7: return Min::make(sub(), below(2) ? constant(t) : sub());
        case 8: return Max::make(sub(), below(2) ? constant(t) : sub());
        case 9: return Select::make(make(Bool(below(2) ? t.lanes() : 1), depth - 1, leaf), sub(), sub());
        case 10: {
            const Type from[] = {Int(8), UInt(8), Int(16), UInt(16), Int(32), UInt(32), Int(64)};
            return Cast::make(t, make(from[below(7)].with_lanes(t.lanes()), depth - 1, leaf));
        }
        default: {
            if (t.is_vector()) return sub();
            Symbol s = Symbol::fresh("t");
            Expr value = sub(), name = Variable::make(t, s), body = sub();
            return Let::make(s, value, below(2) ? Add::make(body, name) : Min::make(name, Add::make(name, body)));
        }
        }
    }

private:
    Expr constant(Type t) {
        const int64_t c[] = {0, 1, 2, 3, 4, 5, 7, 8, 16, -1, -2, -3, -8};
        return make_const(t, c[below(t.is_uint() ? 9 : 13)]);
    }
    Expr leaf(Type t, Type leaf) {
        if (t.is_vector()) return Broadcast::make(this->leaf(t.element_of(), leaf), t.lanes());
        if (t.is_bool() || below(3) == 0) return t.is_bool() ? make_const(t, int64_t{below(2)}) : constant(t);
        Expr v = Variable::make(leaf, symbols_[static_cast<size_t>(below(3))]);
        return t == leaf ? v : Cast::make(t, v);
    }
    Expr condition(Type t, int depth, Type leaf) {
        const Type operand = (below(4) ? leaf : below(2) ? Int(32) : UInt(8)).with_lanes(t.lanes());
        const auto value = [&] { return make(operand, depth - 1, leaf); };
        const auto truth = [&] { return make(t, depth - 1, leaf); };
        switch (below(9)) {
        case 0: return EQ::make(value(), value());
        case 1: return NE::make(value(), value());
        case 2: return LT::make(value(), value());
        case 3: return LE::make(value(), value());
        case 4: return GT::make(value(), constant(operand));
        case 5: return GE::make(value(), constant(operand));
        case 6: return And::make(truth(), truth());
        case 7: return Or::make(truth(), truth());
        default: return Not::make(truth());
        }
    }

    std::mt19937_64 engine_;
    std::vector<Symbol> symbols_;
};

const Type all_types[] = {Int(32), Int(32), Int(32), Int(64), Int(16), Int(8), UInt(8), UInt(16), UInt(32), UInt(64), Float(32), Float(64), Bool()};

Lane random_lane(RandomExpr &r, Type t) {
    if (t.is_float()) return {0, (r.below(2001) - 1000) / 8.0};
    const int64_t v = t.bits() <= 16 && r.below(2) ? r.below(1 << 16) : r.below(41) - 20;
    return {t.is_uint() ? static_cast<int64_t>(wrap_unsigned(static_cast<uint64_t>(v), t.bits())) : wrap_signed(v, t.bits()), 0};
}

bool same_lanes(const Lanes &a, const Lanes &b, Type t) {
    for (size_t i = 0; i < a.size(); i++) {
        if (!t.is_float() && a[i].i != b[i].i) return false;
        if (t.is_float() && !(std::isnan(a[i].f) && std::isnan(b[i].f)) && !(a[i].f == b[i].f && std::signbit(a[i].f) == std::signbit(b[i].f))) return false;
    }
    return a.size() == b.size();
}

class RandomExpressions : public testing::TestWithParam<int> {};

TEST_P(RandomExpressions, KeepTheirValue) {
    for (int i = 0; i < 150; i++) {
        const auto seed = static_cast<uint64_t>(GetParam()) * 1000 + static_cast<uint64_t>(i);
        RandomExpr r(seed);
        const Type leaf = all_types[r.below(12)];
        const Type t = (r.below(3) ? leaf : all_types[r.below(13)]).with_lanes(r.below(5) == 0 ? 4 : 1);
        Expr e = r.make(t, 4, leaf);
        Expr s = simplify(e), again = simplify(s), shared = common_subexpressions(e);
        EXPECT_TRUE(same(again, s)) << "seed " << seed << ": not idempotent: " << to_string(e);
        const ConstBounds bounds = constant_bounds(s);
        for (int k = 0; k < 24; k++) {
            Evaluator before, after, cse;
            for (const Symbol &v : r.symbols()) before.values[v] = {random_lane(r, leaf)};
            after.values = before.values;
            cse.values = before.values;
            Lanes x = before(e);
            if (!before.defined()) continue;
            Lanes y = after(s);
            ASSERT_TRUE(same_lanes(x, y, t)) << "seed " << seed << ": " << to_string(e) << " became " << to_string(s) << ": "
                                            << x[0].i << " / " << x[0].f << " against " << y[0].i << " / " << y[0].f;
            ASSERT_TRUE(same_lanes(x, cse(shared), t)) << "seed " << seed << ": " << to_string(shared);
            if (!t.is_int_or_uint() || (t.is_uint() && t.bits() == 64)) continue;
            for (const Lane &l : x) ASSERT_TRUE(bounds.contains(l.i)) << "seed " << seed << ": bounds of " << to_string(s);
        }
    }
}

TEST_P(RandomExpressions, StayInTheirInterval) {
    for (int i = 0; i < 100; i++) {
        const auto seed = static_cast<uint64_t>(GetParam()) * 1000 + 500 + static_cast<uint64_t>(i);
        RandomExpr r(seed);
        const Type leaf = r.below(3) ? Int(32) : all_types[r.below(10)];
        const Type t = leaf.with_lanes(r.below(6) == 0 ? 4 : 1);
        Expr e = r.make(t, 3, leaf), condition = r.make(Bool(), 2, leaf);
        Scope<Interval> scope;
        const int64_t low = leaf.is_uint() ? 0 : r.below(20) - 10, high = low + r.below(20);
        scope.push(r.symbols()[0], {make_const(leaf, low), make_const(leaf, high)});
        const Interval range = bounds_of(e, scope, {condition});
        for (int k = 0; k < 40; k++) {
            Evaluator v;
            for (const Symbol &s : r.symbols()) v.values[s] = {random_lane(r, leaf)};
            v.values[r.symbols()[0]] = {{low + r.below(static_cast<int>(high - low) + 1), 0}};
            const bool holds = v(condition)[0].i != 0;
            Lanes x = v(e);
            if (!v.defined() || !holds) continue;
            Evaluator ends;
            ends.values = v.values;
            ends.values.erase(r.symbols()[0]);  // the ends do not mention it
            const Lanes first = range.min.defined() ? ends(range.min) : Lanes{}, last = range.max.defined() ? ends(range.max) : Lanes{};
            if (!ends.defined()) continue;
            for (const Lane &l : x) {
                const auto at_most = [&](int64_t a, int64_t b) {
                    return t.is_uint() ? static_cast<uint64_t>(a) <= static_cast<uint64_t>(b) : a <= b;
                };
                ASSERT_TRUE(first.empty() || at_most(first[0].i, l.i)) << "seed " << seed << ": " << to_string(e) << " at " << l.i << " below " << to_string(range.min) << " given " << to_string(condition);
                ASSERT_TRUE(last.empty() || at_most(l.i, last[0].i)) << "seed " << seed << ": " << to_string(e) << " at " << l.i << " above " << to_string(range.max) << " given " << to_string(condition);
            }
        }
    }
}

// HEDDLE_FUZZ_SEEDS=n for a longer run.
int seeds() {
    const char *n = std::getenv("HEDDLE_FUZZ_SEEDS");
    return n ? std::atoi(n) : 8;
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomExpressions, testing::Range(0, seeds()));

}  // namespace
}  // namespace heddle::Internal::test
