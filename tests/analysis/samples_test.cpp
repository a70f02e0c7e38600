#include "analysis/samples.h"

#include "analysis/evaluate.h"
#include "analysis/helpers.h"
#include "analysis/simplify.h"

namespace heddle::Internal::test {
namespace {

class SamplesTest : public testing::Test {
protected:
    E x = variable("x"), y = variable("y"), n = variable("n");

    static bool all_known(const Samples::Values &v) {
        return std::all_of(v.begin(), v.end(), [](const auto &i) { return i.has_value(); });
    }
    static bool none_known(const Samples::Values &v) {
        return std::none_of(v.begin(), v.end(), [](const auto &i) { return i.has_value(); });
    }
};

TEST_F(SamplesTest, AreValuesOfTheExpression) {
    Samples samples;
    const std::vector<E> expressions = {
        x + y * 3 - n, (x - y) / 7, (x - y) % 7, x / constant(-5), x % constant(0), Min::make(x, Max::make(y, n)), x < y && !(E(x == n)),
        Select::make(x > y, x - 1, n), Cast::make(Int(64), x)};
    for (const E &e : expressions) {
        const Samples::Values values = samples(e);
        ASSERT_TRUE(all_known(values)) << to_string(e.e);
        for (size_t i = 0; i < Samples::count; i++) {
            Evaluator judge;
            for (const E &v : {x, y, n}) judge.values[symbol_of(v)] = {{*samples(v)[i], 0}};
            EXPECT_EQ(*values[i], judge(e)[0].i) << to_string(e.e) << " in state " << i;
        }
    }
}

TEST_F(SamplesTest, KnowOnlyStatesThatCanBe) {
    Samples samples;
    EXPECT_FALSE(samples(x * y)[0]) << "it does not fit";
    EXPECT_TRUE(none_known(samples(variable("u", UInt(8)))));
    EXPECT_TRUE(none_known(samples(Load::make(Int(32), Symbol::fresh("b"), x, {}))));
    const Expr promise = Call::make(Int(32), CallOp::promise_clamped, {x, constant(0), constant(100)});
    EXPECT_FALSE(samples(promise)[0]) << "broken in the state of large values";
    EXPECT_TRUE(samples(promise)[2]) << "kept in that of small ones";
    // Where a promise is broken nothing is refuted.
    EXPECT_TRUE(can_prove(LE::make(promise, constant(100))));
}

TEST_F(SamplesTest, KeepToFactsAndLets) {
    Facts facts;
    facts.symbols.push(symbol_of(x), {{0, 15}, {}});
    facts.symbols.push(symbol_of(y), {{}, {1 << 22, 5}});
    LetValues lets;
    as_linear(x + 1, &lets[symbol_of(n)]);
    Samples samples(&facts, &lets);
    EXPECT_FALSE(samples(x)[0]);
    EXPECT_TRUE(samples(x)[2]);
    EXPECT_TRUE(none_known(samples(y)));
    EXPECT_EQ(*samples(n)[2], *samples(x)[2] + 1);
    samples.set(symbol_of(y), samples(x));
    Samples::Cache forgotten;
    samples.swap_cache(forgotten);
    EXPECT_EQ(samples(y), samples(x));
}

}  // namespace
}  // namespace heddle::Internal::test
