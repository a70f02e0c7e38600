#include "analysis/cse.h"

#include "analysis/helpers.h"
#include "ir/rewrite.h"

namespace heddle::Internal::test {
namespace {

int count_lets(const Expr &e) {
    int n = 0;
    walk(e, [&](const Let &) { n++; });
    return n;
}

TEST(Cse, SharedNodesAreBoundOnce) {
    E x = variable("x"), y = variable("y");
    E product = x * y;
    Expr r = common_subexpressions(product + product);
    const auto *let = r.as<Let>();
    ASSERT_TRUE(let);
    EXPECT_TRUE(same(let->value, product));
    Expr name = Variable::make(Int(32), let->symbol);
    EXPECT_TRUE(same(let->body, Add::make(name, name)));
}

TEST(Cse, EqualNodesAreShared) {
    E x = variable("x"), y = variable("y");
    EXPECT_EQ(count_lets(common_subexpressions((x * y) / ((x * y) % 7))), 1);
    EXPECT_EQ(count_lets(common_subexpressions(x + x + (x + constant(1)))), 0);
}

TEST(Cse, DeepGraphsAreLinear) {
    E x = variable("x");
    E e = x * x;
    for (int i = 0; i < 60; i++) e = e + e;
    EXPECT_EQ(count_lets(common_subexpressions(e)), 60);
    E chain = x;
    for (int i = 0; i < 300; i++) chain = chain * x + i;
    EXPECT_EQ(count_lets(common_subexpressions(chain)), 0);
}

TEST(Cse, NothingLeavesABranch) {
    E x = variable("x"), y = variable("y");
    E risky = x / y;
    Expr branch = Call::make(Int(32), CallOp::if_then_else, {y > 0, risky + risky, constant(0)});
    Expr r = common_subexpressions(branch);
    const auto *call = r.as<Call>();
    ASSERT_TRUE(call) << to_string(r);
    EXPECT_TRUE(call->args[1].as<Let>());
    // Used outside as well, it is evaluated anyhow.
    EXPECT_TRUE(common_subexpressions(E(branch) + risky).as<Let>());
    // Once in each of two branches: no place is common to both.
    Expr twice = Call::make(Int(32), CallOp::if_then_else, {y > 0, risky, E(risky) + 1});
    EXPECT_EQ(count_lets(common_subexpressions(twice)), 0);
}

TEST(Cse, ImpureCallsAreNotMerged) {
    Expr a = Call::make(Int(32), CallOp::extern_c, {}, "f"), b = Call::make(Int(32), CallOp::extern_c, {}, "f");
    EXPECT_EQ(count_lets(common_subexpressions(Add::make(a, b))), 0);
    EXPECT_EQ(count_lets(common_subexpressions(Add::make(a, a))), 1);
}

TEST(Cse, StatementsShareBetweenIndexAndValue) {
    E x = variable("x"), y = variable("y");
    Symbol b = Symbol::fresh("b");
    Stmt s = common_subexpressions(Store::make(b, x * y, (x * y) + 1, const_true()));
    const auto *let = s.as<LetStmt>();
    ASSERT_TRUE(let);
    EXPECT_TRUE(same(let->value, x * y));
    // Under a predicate nothing is evaluated ahead of the store.
    Stmt guarded = common_subexpressions(Store::make(b, x * y, (x * y) + 1, x > 0));
    EXPECT_TRUE(guarded.as<Store>());
}

TEST(Cse, RampsStayVisible) {
    // A load of a dense vector is recognized by its Ramp: the base is shared, not the Ramp.
    E x = variable("x"), y = variable("y");
    Symbol b = Symbol::fresh("b");
    E index = ramp(x * y, 1, 8);
    E a = Load::make(Int(32, 8), b, index, const_true(8)), c = Load::make(Int(32, 8), Symbol::fresh("c"), index, const_true(8));
    Expr r = common_subexpressions(a * c);
    int ramps = 0;
    walk(r, [&](const Load &n) { ramps += n.index.as<Ramp>() != nullptr; });
    EXPECT_EQ(ramps, 2);
    EXPECT_EQ(count_lets(r), 1);
}

}  // namespace
}  // namespace heddle::Internal::test
