#include "heddle/func.h"

#include <gtest/gtest.h>

#include "language/function.h"

namespace heddle {
namespace {

using Internal::Access;
using Internal::Function;

// Runs `statement` and gives the diagnostic of its CompileError.
#define DIAGNOSTIC_OF(statement)                       \
    [&]() -> Diagnostic {                              \
        try {                                          \
            statement;                                 \
        } catch (const CompileError &e) {              \
            return e.diagnostic();                     \
        }                                              \
        ADD_FAILURE() << "not refused: " << #statement; \
        return {};                                     \
    }()

TEST(Func, NamesAreUnique) {
    Func a("name_of_func"), b("name_of_func"), c, d;
    EXPECT_EQ(a.name(), "name_of_func");
    EXPECT_NE(a.name(), b.name());
    EXPECT_NE(c.name(), d.name());
    EXPECT_EQ(b.function()->display_name, "name_of_func");
}

TEST(Func, PureDefinition) {
    Var x("x"), y("y");
    Func f("pure_f");
    EXPECT_FALSE(f.defined());
    f(x, y) = cast<int16_t>(x - y);
    EXPECT_TRUE(f.defined());
    EXPECT_EQ(f.dimensions(), 2);
    EXPECT_EQ(f.type(), Int(16));
    EXPECT_EQ(f.args().at(1).name(), "y");
    EXPECT_EQ(f.output_buffer().name(), f.name());
    EXPECT_EQ(f.output_buffer().type(), Int(16));
}

TEST(Func, SourceLocationOfARefusal) {
    Var x("x"), y("y");
    Func f("located_f");
    const Diagnostic d = DIAGNOSTIC_OF(f(x) = x + y);
    EXPECT_EQ(d.code, 202);
    EXPECT_EQ(d.func, f.name());
    EXPECT_NE(d.location.file.find("func_test.cpp"), std::string::npos);
    EXPECT_EQ(d.location.line, __LINE__ - 4);
    EXPECT_FALSE(f.defined());
}

TEST(Func, RefusedPureDefinitions) {
    Var x("x"), y("y");
    RDom r(0, 10, "r");
    Func f("refused_f"), undefined("undefined_f");
    EXPECT_EQ(DIAGNOSTIC_OF(f(x) = undefined(x) + 1).code, 200);
    EXPECT_EQ(DIAGNOSTIC_OF(f(x) = x + r).code, 203);
    EXPECT_EQ(DIAGNOSTIC_OF(f(x, x) = x).code, 204);
    EXPECT_EQ(DIAGNOSTIC_OF(f(Expr(x) + 1) = x).code, 205);
    EXPECT_EQ(DIAGNOSTIC_OF(f(x) = Expr()).code, 210);
    EXPECT_FALSE(f.defined());
    f(x) = x;  // still usable
    EXPECT_TRUE(f.defined());
}

TEST(Func, RefusedUpdates) {
    Var x("x"), y("y"), z("z");
    RDom r(0, 10, "r"), s(0, 5, "s");
    Func f("refused_u");
    f(x, y) = x + y;
    EXPECT_EQ(DIAGNOSTIC_OF(f(x) = 1).code, 201);
    EXPECT_EQ(DIAGNOSTIC_OF(f(x, y) = f(x, y) + z).code, 202);
    EXPECT_EQ(DIAGNOSTIC_OF(f(x, y) = cast<float>(x)).code, 206);
    EXPECT_EQ(DIAGNOSTIC_OF(f(x, y) = Tuple(x, y)).code, 207);
    EXPECT_EQ(DIAGNOSTIC_OF(f(x, y) = f(x + 1, y)).code, 208);
    EXPECT_EQ(DIAGNOSTIC_OF(f(x, r) = f(r, x)).code, 208);
    EXPECT_EQ(DIAGNOSTIC_OF(f(x, y) = f(x, y) + r + s).code, 209);
    EXPECT_EQ(DIAGNOSTIC_OF(f(cast<float>(r), y) = 1).code, 217);
    EXPECT_EQ(f.num_update_definitions(), 0);
}

TEST(Func, FrozenByUse) {
    Var x("x");
    Func f("frozen_f"), g("frozen_g");
    f(x) = x;
    f(x) += 1;
    g(x) = f(x);
    EXPECT_EQ(DIAGNOSTIC_OF(f(x) += 1).code, 211);
    g(x) += f(x);
    EXPECT_EQ(g.num_update_definitions(), 1);
}

TEST(Func, Tuples) {
    Var x("x");
    Func t("tuple_t"), g("tuple_g");
    t(x) = Tuple(x, cast<float>(x));
    EXPECT_EQ(t.outputs(), 2);
    EXPECT_EQ(t(x).size(), 2u);
    EXPECT_EQ(DIAGNOSTIC_OF(g(x) = t(x) * 2).code, 212);
    EXPECT_EQ(DIAGNOSTIC_OF(g(x) = t(x)[2]).code, 213);
    t(x)[1] += 0.5f;
    ASSERT_EQ(t.num_update_definitions(), 1);
    const auto *kept = t.update_values(0)[0].as<Internal::Call>();
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->op, Internal::CallOp::undef);
    g(x) = t(x);
    EXPECT_EQ(g.outputs(), 2);
}

TEST(Func, RequiredTypeAndDimensions) {
    Var x("x"), y("y");
    Func f(UInt(8), 2, "required_f");
    EXPECT_EQ(f.type(), UInt(8));
    EXPECT_EQ(f.dimensions(), 2);
    EXPECT_EQ(DIAGNOSTIC_OF(f(x, y) = x).code, 214);
    EXPECT_EQ(DIAGNOSTIC_OF(f(x) = cast<uint8_t>(x)).code, 214);
    f(x, y) = cast<uint8_t>(x);
    EXPECT_TRUE(f.defined());
}

TEST(Func, PlaceholderStandsForTheRest) {
    Var x("x");
    Func f("three_f"), g("placeholder_g"), h("placeholder_h");
    Var a("a"), b("b"), c("c");
    f(a, b, c) = a + 10 * b + 100 * c;
    g(x, _) = f(x, _);
    EXPECT_EQ(g.dimensions(), 3);
    Func k("placeholder_k");
    k(_) = f(_);
    k(_) += f(_);
    EXPECT_EQ(k.num_update_definitions(), 1);
    EXPECT_EQ(DIAGNOSTIC_OF(h(x) = f(_)).code, 202);
}

TEST(Func, AnUpdateAloneStartsFromZeroOrOne) {
    RDom r(0, 8, "r");
    Func hist("hist_f"), prod("prod_f");
    hist(r % 3) += 1;
    prod(r % 2) *= cast<float>(r);
    EXPECT_TRUE(Internal::is_const(hist.value(), 0));
    EXPECT_EQ(hist.rvars(0).size(), 1u);
    EXPECT_EQ(prod.type(), Float(32));
    double one = 0;
    EXPECT_TRUE(Internal::as_const_float(prod.value(), &one));
    EXPECT_EQ(one, 1.0);
}

TEST(Func, SelfReferencesDoNotKeepItAlive) {
    std::weak_ptr<Function> weak;
    {
        RDom r(1, 9, "r");
        Func f("self_f");
        Var x("x");
        f(x) = 1;
        f(r) = f(r - 1) * 2;
        weak = f.function();
        // The reference is found all the same while the Func lives.
        const auto *product = f.update_value().as<Internal::Mul>();
        ASSERT_TRUE(product);
        const Access *a = product->a.as<Access>();
        ASSERT_TRUE(a);
        EXPECT_EQ(Internal::function_of(*a), f.function());
        EXPECT_EQ(a->owner, nullptr);
    }
    EXPECT_TRUE(weak.expired());
}

TEST(Func, CallersKeepTheirProducersAlive) {
    Var x("x");
    Func g("keeper_g");
    std::weak_ptr<Function> weak;
    {
        Func f("kept_f");
        f(x) = x;
        g(x) = f(x) + 1;
        weak = f.function();
    }
    EXPECT_FALSE(weak.expired());
}

}  // namespace
}  // namespace heddle
