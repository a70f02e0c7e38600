// rewrite, walk, comparison, hash and substitution.

#include <gtest/gtest.h>

#include "ir/compare.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"
#include "random_expr.h"

namespace heddle::Internal {
namespace {

// Distinct nodes reachable from x; what is shared counts once.
template<typename Root>
int count_loads(const Root &x) {
    int loads = 0;
    walk(x, [&](const Load &) { loads++; });
    return loads;
}

TEST(Rewrite, WithoutAChangeIsTheSameNode) {
    for (uint64_t seed = 0; seed < 50; seed++) {
        const Expr e = RandomExpr(seed).make(Int(32, 4), 4);
        EXPECT_TRUE(rewrite(e, [](const Add &n) -> Expr { return Expr(&n); }).same_as(e));
        EXPECT_TRUE(rewrite_graph(e, [](const Add &n) -> Expr { return Expr(&n); }).same_as(e));
        const Stmt s = Evaluate::make(e);
        EXPECT_TRUE(rewrite(s, [](const Mul &n, const Rewriter &r) -> Expr { return r.children(n); }).same_as(s));
    }
}

TEST(Rewrite, GivesLambdasRewrittenChildren) {
    SymbolTable symbols;
    const Expr e = parse_expr("(1 + 2) + (3 + x)", symbols);
    const Expr folded = rewrite(e, [](const Add &n) -> Expr {
        int64_t a = 0, b = 0;
        return as_const_int(n.a, &a) && as_const_int(n.b, &b) ? make_const(n.type, a + b) : Expr(&n);
    });
    EXPECT_EQ(to_string(folded), "3 + (3 + x)");
}

TEST(Rewrite, LambdasOfTwoArgumentsControlTheirChildren) {
    SymbolTable symbols;
    const Stmt s = parse_stmt("allocate f: int32[9] for x in [0, +4) { f[x] = f[x] + 1 } for y in [0, +4) { f[y] = 1 }", symbols);
    // Only the loop over x is entered.
    const Stmt changed = rewrite(
        s,
        [&](const For &n, const Rewriter &r) -> Stmt {
            return n.loop == symbols.symbol("x") ? r.children(n) : Stmt(&n);
        },
        [](const IntImm &n) -> Expr { return make_const(n.type, n.value + 10); });
    EXPECT_EQ(to_string(changed), "allocate f: int32[19]\n"
                                  "for x in [10, +14) {\n    f[x] = f[x] + 11\n}\n"
                                  "for y in [0, +4) {\n    f[y] = 1\n}\n");
    // What did not change is shared with the original.
    const Stmt second = s.as<Allocate>()->body.as<Block>()->stmts[1];
    EXPECT_TRUE(changed.as<Allocate>()->body.as<Block>()->stmts[1].same_as(second));
}

TEST(Rewrite, BlocksStayFlat) {
    SymbolTable symbols;
    const Stmt s = parse_stmt("eval 1 eval 2 eval 3", symbols);
    const Stmt doubled = rewrite(s, [](const Evaluate &n) -> Stmt { return Block::make({Stmt(&n), Stmt(&n)}); });
    ASSERT_TRUE(doubled.as<Block>());
    EXPECT_EQ(doubled.as<Block>()->stmts.size(), 6u);
    const Stmt one = rewrite(s, [](const Evaluate &n) -> Stmt { return is_const(n.value, 2) ? Stmt(&n) : Stmt(); });
    EXPECT_TRUE(one.as<Evaluate>());
}

// 2^60 paths, 61 nodes.
Expr tower() {
    Expr e = Variable::make(Int(32), Symbol::fresh("x"));
    for (int i = 0; i < 60; i++) e = Add::make(e, e);
    return e;
}

TEST(Rewrite, GraphsAreVisitedOncePerNode) {
    const Expr e = tower();
    int adds = 0;
    walk_graph(e, [&](const Add &) { adds++; });
    EXPECT_EQ(adds, 60);
    adds = 0;
    const Expr product = rewrite_graph(e, [&](const Add &n) -> Expr {
        adds++;
        return Mul::make(n.a, n.b);
    });
    EXPECT_EQ(adds, 60);
    int products = 0;
    walk_graph(product, [&](const Mul &) { products++; });
    EXPECT_EQ(products, 60);
    EXPECT_TRUE(equal(e, rewrite_graph(product, [](const Mul &n) -> Expr { return Add::make(n.a, n.b); })));
    EXPECT_NE(hash(e), hash(product));
}

TEST(Walk, VisitsEveryChildInOrder) {
    SymbolTable symbols;
    const Stmt s = parse_stmt("given f: int32[] for x in [1, +2) { if x < 3 { f[4 if x > 5] = 6 + f[7] } else { eval select(x > 8, 9, 10) } }", symbols);
    std::string seen;
    walk(s, [&](const IntImm &n) { seen += std::to_string(n.value) + " "; });
    EXPECT_EQ(seen, "1 2 3 4 6 7 5 8 9 10 ");
    EXPECT_EQ(count_loads(s), 1);
    // A lambda that controls the recursion sees nothing below.
    int below = 0;
    walk(s, [&](const If &n, const Walker &w) { w(n.condition); }, [&](const Store &) { below++; });
    EXPECT_EQ(below, 0);
}

TEST(Compare, IsAnOrderThatAgreesWithHash) {
    std::vector<Expr> all;
    for (uint64_t seed = 0; seed < 40; seed++) all.push_back(RandomExpr(seed % 20).make(seed % 3 ? Int(32) : UInt(8, 4), 3));
    SymbolTable symbols;
    for (const char *text : {"1", "1i64", "1u8", "2", "x", "x + 1", "1 + x", "x - 1", "0.0f", "-0.0f", "nan(float32)", "f:uint8[1]", "f[1 align(2, 1)]"}) {
        all.push_back(parse_expr(text, symbols));
        all.push_back(parse_expr(text, symbols));
    }
    for (const Expr &a : all) {
        EXPECT_TRUE(equal(a, a));
        for (const Expr &b : all) {
            const int c = compare(a, b);
            ASSERT_EQ(compare(b, a), -c) << a << " and " << b;
            ASSERT_EQ(c == 0, equal(a, b));
            if (c == 0) {
                ASSERT_EQ(hash(a), hash(b)) << a << " and " << b;
            }
            for (const Expr &d : all) {
                if (c <= 0 && compare(b, d) <= 0) {
                    ASSERT_LE(compare(a, d), 0) << a << ", " << b << ", " << d;
                }
            }
        }
    }
    EXPECT_EQ(compare(Expr(), Expr(1)), -1);
    EXPECT_EQ(compare(Expr(), Expr()), 0);
}

TEST(Compare, EveryFieldCounts) {
    SymbolTable symbols;
    const auto differ = [&](const char *a, const char *b) {
        return !equal(parse_stmt(a, symbols), parse_stmt(b, symbols));
    };
    EXPECT_FALSE(differ("f[0] = 1", "f[0] = 1"));
    EXPECT_TRUE(differ("f[0] = 1", "g[0] = 1"));
    EXPECT_TRUE(differ("f[0] = 1", "f[1] = 1"));
    EXPECT_TRUE(differ("f[0] = 1", "f[0] = 1i64"));
    EXPECT_TRUE(differ("f[0] = 1", "f[0 if p:bool] = 1"));
    EXPECT_TRUE(differ("f[0] = 1", "f[0 align(2, 0)] = 1"));
    EXPECT_TRUE(differ("for x in [0, +4) { eval 1 }", "parallel x in [0, +4) { eval 1 }"));
    EXPECT_TRUE(differ("for x in [0, +4) { eval 1 }", "for x in [0, +4) never_partition { eval 1 }"));
    EXPECT_TRUE(differ("produce f { eval 1 }", "consume f { eval 1 }"));
    EXPECT_TRUE(differ("allocate f: int32[4] eval 1", "allocate f: int32[4] @stack eval 1"));
    EXPECT_TRUE(differ("allocate f: int32[4] eval 1", "allocate f: uint32[4] eval 1"));
    EXPECT_TRUE(differ("realize f: int32 over [0, +4), [0, +4) { eval 1 }", "realize f: int32 over [0, +4), [0, +4) order(1, 0) { eval 1 }"));
    EXPECT_TRUE(differ("eval vector_reduce(add, ramp(0, 1, 4), 2)", "eval vector_reduce(mul, ramp(0, 1, 4), 2)"));
    EXPECT_TRUE(differ("eval shuffle([ramp(0, 1, 4)], [0, 1])", "eval shuffle([ramp(0, 1, 4)], [1, 0])"));
    EXPECT_TRUE(differ("eval extern_c<int32> \"a\"()", "eval extern_c<int32> \"b\"()"));
    EXPECT_TRUE(differ("if x < 1 { eval 1 }", "if x < 1 { eval 1 } else { eval 2 }"));
}

TEST(Compare, UpToNamesIsARenamingOneToOne) {
    const auto same = [](const char *a, const char *b) {
        SymbolTable one, two;
        return equal_up_to_names(parse_expr(a, one), parse_expr(b, two));
    };
    EXPECT_TRUE(same("x + y*x", "u + v*u"));
    EXPECT_FALSE(same("x + y*x", "u + v*v"));
    EXPECT_FALSE(same("x + x", "u + v"));
    EXPECT_FALSE(same("x + y", "u + u"));
    EXPECT_TRUE(same("(let t = x in t + 1)", "(let u = t in u + 1)"));
}

TEST(Substitute, ReplacesSymbols) {
    SymbolTable symbols;
    const Expr e = parse_expr("x + (let t = x*2 in t + y)", symbols);
    const Expr r = substitute(symbols.symbol("x"), parse_expr("y + 7", symbols), e);
    EXPECT_EQ(to_string(r), "y + 7 + (let t = (y + 7)*2 in t + y)");
    EXPECT_TRUE(substitute(Symbol::fresh("x"), Expr(1), e).same_as(e));
    // At once, not one after the other.
    const Substitution swap = {{symbols.symbol("x"), symbols.variable("y")}, {symbols.symbol("y"), symbols.variable("x")}};
    EXPECT_EQ(to_string(substitute(swap, parse_expr("x - y", symbols))), "y - x");
    const Stmt s = substitute(symbols.symbol("x"), Expr(3), parse_stmt("for i in [x, +x) { eval i + x }", symbols));
    EXPECT_EQ(to_string(s), "for i in [3, +3) {\n    eval i + 3\n}\n");
}

TEST(Substitute, FindsFreeSymbolsAndUses) {
    SymbolTable symbols;
    const Stmt s = parse_stmt("let t = a:float32 for x in [m, +n) { out[x] = t + in:float32[x + m] }", symbols);
    std::string free;
    for (const auto &[symbol, type] : free_symbols(s)) free += symbol.name() + ":" + heddle::to_string(type) + " ";
    EXPECT_EQ(free, "a:float32 m:int32 n:int32 out:handle in:handle ");
    EXPECT_TRUE(uses(s, symbols.symbol("m")));
    EXPECT_TRUE(uses(s, symbols.symbol("t")));
    EXPECT_FALSE(uses(s, Symbol::fresh("m")));
}

TEST(Substitute, LetsCanBeExpanded) {
    SymbolTable symbols;
    const Expr e = parse_expr("(let t = x + 1 in (let u = t*t in u + t))", symbols);
    EXPECT_EQ(to_string(substitute_in_all_lets(e)), "(x + 1)*(x + 1) + (x + 1)");
}

}  // namespace
}  // namespace heddle::Internal
