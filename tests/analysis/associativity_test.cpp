// Which steps of reductions are known to be associative. Each operation that is found is checked on values that make
// the difference: op(op(x, y), z) == op(x, op(y, z)), that the step is op of x and its operand, and the identity.

#include "analysis/associativity.h"

#include <gtest/gtest.h>

#include "analysis/helpers.h"
#include "analysis/simplify.h"
#include "ir/compare.h"
#include "ir/substitute.h"

namespace heddle::Internal {
namespace {

using Values = std::vector<ExprList>;
using test::E;
using test::max;
using test::min;
using test::select;

E call(CallOp op, const E &a, const E &b) {
    return Call::make(a.e.type(), op, {a, b});
}
E saturating_add(const E &a, const E &b) {
    return call(CallOp::saturating_add, a, b);
}

// A step over x, with a, b and c as what it does not depend on.
struct Step {
    Type type;
    std::vector<Symbol> x;
    std::vector<E> old;
    Symbol sa = Symbol::fresh("a"), sb = Symbol::fresh("b"), sc = Symbol::fresh("c");
    E a, b, c;

    explicit Step(Type t, size_t n = 1)
        : type(t), a(Variable::make(t, sa)), b(Variable::make(t, sb)), c(Variable::make(Bool(), sc)) {
        for (size_t i = 0; i < n; i++) {
            x.push_back(Symbol::fresh("x"));
            old.push_back(Variable::make(t, x.back()));
        }
    }
    Expr constant(int64_t v) const {
        return type.is_float() ? make_const(type, static_cast<double>(v)) : make_const(type, v);
    }
    // Small ones, large ones, and those at the ends of bytes.
    std::vector<Expr> samples() const {
        if (type.is_bool()) return {const_false(), const_true()};
        std::vector<Expr> list;
        for (int64_t v : {0, 1, 2, 3, 5, 17, 100, 127, 128, 200, 254, 255}) {
            if (type.is_float() || v < 4 || x.size() == 1) list.push_back(constant(v));
        }
        return list;
    }
    // All tuples of samples, or a part of them that is spread over all.
    Values tuples(size_t most) const {
        Values all = {{}};
        for (size_t i = 0; i < x.size(); i++) {
            Values longer;
            for (const ExprList &t : all) {
                for (const Expr &v : samples()) {
                    longer.push_back(t);
                    longer.back().push_back(v);
                }
            }
            all = longer;
        }
        if (all.size() <= most) return all;
        Values some;
        for (size_t i = 0; i < most; i++) some.push_back(all[i * (all.size() - 1) / (most - 1)]);
        return some;
    }
};

ExprList apply(const AssociativeStep &s, const ExprList &x, const ExprList &y) {
    Substitution map;
    for (size_t i = 0; i < s.elements.size(); i++) {
        map[s.elements[i].x] = x[i];
        map[s.elements[i].y] = y[i];
    }
    ExprList result;
    for (const AssociativeStep::Element &e : s.elements) result.push_back(simplify(substitute(map, e.op)));
    for (const Expr &e : result) EXPECT_TRUE(is_const(e)) << e;
    return result;
}

bool same(const ExprList &a, const ExprList &b) {
    for (size_t i = 0; i < a.size(); i++) {
        if (!equal(a[i], b[i])) return false;
    }
    return true;
}

std::string text(const ExprList &list) {
    std::string out;
    for (const Expr &e : list) out += to_string(e, {}) + " ";
    return out;
}

void expect_laws(const Step &s, const AssociativeStep &found) {
    const Values tuples = s.tuples(12);
    ExprList identity;
    bool kept = false;
    for (const AssociativeStep::Element &e : found.elements) {
        identity.push_back(e.identity);
        kept |= e.is_kept();
    }
    for (const ExprList &x : tuples) {
        for (const ExprList &y : tuples) {
            const ExprList xy = apply(found, x, y);
            if (found.commutative && !kept) {
                EXPECT_TRUE(same(xy, apply(found, y, x))) << text(x) << "and " << text(y);
            }
            for (const ExprList &z : tuples) {
                EXPECT_TRUE(same(apply(found, xy, z), apply(found, x, apply(found, y, z))))
                    << text(x) << "and " << text(y) << "and " << text(z);
            }
        }
        if (!kept) {
            EXPECT_TRUE(same(apply(found, identity, x), x)) << text(x);
        }
        EXPECT_TRUE(same(apply(found, x, identity), x)) << text(x);
    }
}

// The step is op of the old values and the operands.
void expect_step(const Step &s, const ExprList &values, const AssociativeStep &found) {
    for (const ExprList &x : s.tuples(9)) {
        for (const ExprList &ab : Step(s.type, 2).tuples(9)) {
            for (const Expr &c : {const_false(), const_true()}) {
                Substitution map = {{s.sa, ab[0]}, {s.sb, ab[1]}, {s.sc, c}};
                ExprList y, expected;
                for (const AssociativeStep::Element &e : found.elements) {
                    y.push_back(e.operand.defined() ? simplify(substitute(map, e.operand)) : x[0]);
                }
                for (size_t i = 0; i < s.x.size(); i++) map[s.x[i]] = x[i];
                for (const Expr &v : values) expected.push_back(simplify(substitute(map, v)));
                EXPECT_TRUE(same(apply(found, x, y), expected)) << text(x) << "with " << text(ab);
            }
        }
    }
}

std::optional<AssociativeStep> expect_associative(const Step &s, const ExprList &values, bool laws = true) {
    std::optional<AssociativeStep> found = associative_step(values, s.x);
    EXPECT_TRUE(found) << text(values);
    if (!found) return found;
    if (laws) expect_laws(s, *found);
    expect_step(s, values, *found);
    return found;
}

void expect_unknown(const Step &s, const ExprList &values) {
    EXPECT_FALSE(associative_step(values, s.x)) << text(values);
}

TEST(Associativity, OneValue) {
    for (Type t : {UInt(8), Int(8), UInt(16), Float(32)}) {
        Step s(t);
        const E x = s.old[0];
        expect_associative(s, {x + s.a});
        expect_associative(s, {s.a + (s.b + x) + s.a});
        expect_associative(s, {x - s.a - s.b});
        expect_associative(s, {min(x, s.a)});
        expect_associative(s, {max(s.a, max(s.b, x))});
        expect_associative(s, {select(s.c, x + s.a, x)});
        expect_associative(s, {select(s.c, min(x, s.a), min(s.b, x))});
        expect_associative(s, {select(x < s.a, x, s.a)});
        expect_associative(s, {select(x >= s.a, x, s.a)});
        expect_associative(s, {select(s.a > x, s.a, x)});
        expect_associative(s, {x});
        expect_unknown(s, {s.a - x});
        expect_unknown(s, {x + x});
        expect_unknown(s, {x * 2 + s.a});
        expect_unknown(s, {min(x, s.a) + 1});
        expect_unknown(s, {min(x + s.a, s.b)});
        expect_unknown(s, {select(x < s.a, s.a, s.b)});
        expect_unknown(s, {select(s.c, x + s.a, min(x, s.b))});
        expect_unknown(s, {select(s.c, x, s.a)});
        expect_unknown(s, {s.a});
        expect_unknown(s, {(x + s.a) / 2});
    }
}

TEST(Associativity, Products) {
    for (Type t : {UInt(8), Int(16)}) {
        Step s(t);
        expect_associative(s, {s.old[0] * s.a * s.b});
        expect_associative(s, {s.old[0] + s.a + s.old[0] * s.a});  // of 1 + x and 1 + a
    }
}

TEST(Associativity, Bits) {
    for (Type t : {UInt(8), Int(8), Int(32)}) {
        Step s(t);
        for (CallOp op : {CallOp::bitwise_and, CallOp::bitwise_or, CallOp::bitwise_xor}) {
            const std::optional<AssociativeStep> found = associative_step({call(op, s.a, call(op, s.old[0], s.b))}, s.x);
            ASSERT_TRUE(found);
            EXPECT_TRUE(found->commutative);
            EXPECT_FALSE(found->elements[0].reduce);
        }
        expect_unknown(s, {call(CallOp::bitwise_and, call(CallOp::bitwise_or, s.old[0], s.a), s.b)});
    }
}

TEST(Associativity, Booleans) {
    Step s(Bool());
    const E x = s.old[0];
    expect_associative(s, {x && s.a});
    expect_associative(s, {s.a || (x || s.b)});
    expect_associative(s, {x != s.a});
    expect_associative(s, {!x});
    expect_unknown(s, {(x && s.a) || s.b});
}

TEST(Associativity, Saturation) {
    Step u(UInt(8)), i(Int(8));
    const std::optional<AssociativeStep> found = associative_step({saturating_add(u.old[0], u.a)}, u.x);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->elements[0].reduce, ReduceOp::SaturatingAdd);
    expect_unknown(i, {saturating_add(i.old[0], i.a)});
    const E wide = cast(UInt(16), u.old[0]) + cast(UInt(16), u.a);
    EXPECT_TRUE(associative_step({cast(UInt(8), min(wide, 255))}, u.x));
    expect_unknown(u, {cast(UInt(8), min(wide, 254))});
    expect_unknown(u, {cast(UInt(8), min(cast(UInt(16), u.old[0]) + E(Variable::make(UInt(16), Symbol::fresh("w"))), 255))});
}

TEST(Associativity, NarrowedSums) {
    Step s(UInt(8));
    const E wide = cast(Int(32), s.old[0]);
    expect_associative(s, {cast(UInt(8), wide + cast(Int(32), s.a) * 3)});
    expect_associative(s, {cast(UInt(8), wide * cast(Int(32), s.b))});
    expect_associative(s, {cast(UInt(8), wide - cast(Int(32), s.b))});
    expect_unknown(s, {cast(UInt(8), wide / 2 + cast(Int(32), s.a))});
    expect_unknown(s, {cast(UInt(8), min(wide, cast(Int(32), s.a)))});
    expect_unknown(s, {cast(UInt(8), cast(Int(32), cast(UInt(16), wide + 300) / 2))});
}

TEST(Associativity, TheBestWithWhatBelongsToIt) {
    for (Type t : {UInt(8), Int(16)}) {
        Step s(t, 2);
        const E key = s.old[0], what = s.old[1];
        // Of equals either may stay, so that commutativity does not hold to the letter.
        const auto expect = [&](const ExprList &values) {
            const std::optional<AssociativeStep> found = associative_step(values, s.x);
            ASSERT_TRUE(found) << text(values);
            EXPECT_TRUE(found->commutative);
            AssociativeStep ordered = *found;
            ordered.commutative = false;
            for (const ExprList &x : s.tuples(16)) {
                for (const ExprList &y : s.tuples(16)) {
                    for (const ExprList &z : s.tuples(16)) {
                        EXPECT_TRUE(same(apply(ordered, apply(ordered, x, y), z), apply(ordered, x, apply(ordered, y, z))));
                    }
                }
            }
            expect_step(s, values, *found);
        };
        expect({min(key, s.a), select(key < s.a, what, s.b)});
        expect({min(key, s.a), select(key <= s.a, what, s.b)});
        expect({max(s.a, key), select(s.a > key, s.b, what)});
        expect({max(s.a, key), select(!(s.a > key), what, s.b)});
        expect({select(s.a < key, s.a, key), select(s.a < key, s.b, what)});
        expect_unknown(s, {min(key, s.a), select(key > s.a, what, s.b)});
        expect_unknown(s, {min(key, s.a), select(key < s.b, what, s.b)});
        expect_unknown(s, {min(key, s.a), select(what < s.a, what, s.b)});
    }
}

TEST(Associativity, JointPolynomials) {
    for (Type t : {UInt(8), Int(16), Float(64)}) {
        Step s(t, 2);
        const E p = s.old[0], q = s.old[1];
        EXPECT_TRUE(expect_associative(s, {p * s.a - q * s.b, p * s.b + q * s.a})->commutative);
        EXPECT_FALSE(expect_associative(s, {p * s.a, q * s.a + s.b})->commutative);
        expect_unknown(s, {p * s.a - q * s.b, p * s.b - q * s.a});
        expect_unknown(s, {p + s.a, q + p});
        EXPECT_TRUE(expect_associative(s, {p + s.a, min(q, s.b)})->commutative);
        EXPECT_TRUE(expect_associative(s, {p, max(q, s.b)})->commutative);
    }
    // Matrices of 2 x 2.
    Step m(UInt(8), 4);
    std::vector<E> y;
    for (int i = 0; i < 4; i++) y.push_back(Variable::make(UInt(8), Symbol::fresh("y")));
    const std::vector<E> &x = m.old;
    const ExprList product = {x[0] * y[0] + x[1] * y[2], x[0] * y[1] + x[1] * y[3], x[2] * y[0] + x[3] * y[2], x[2] * y[1] + x[3] * y[3]};
    const std::optional<AssociativeStep> found = associative_step(product, m.x);
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->commutative);
    EXPECT_TRUE(is_const(found->elements[0].identity, 1));
    EXPECT_TRUE(is_const(found->elements[1].identity, 0));
}

}  // namespace
}  // namespace heddle::Internal
