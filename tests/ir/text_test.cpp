// The text form: every construct reads back, and what cannot be read says where.

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "heddle/error.h"
#include "ir/compare.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "ir/text.h"
#include "random_expr.h"
#include "support_lib/golden.h"

namespace heddle::Internal {
namespace {

// Prints x, reads it back, compares, and prints that: the text must be the same again.
void expect_round_trip(const Expr &e) {
    SymbolTable symbols;
    const std::string text = to_string(e);
    Expr again;
    ASSERT_NO_THROW(again = parse_expr(text, symbols)) << text;
    EXPECT_TRUE(equal_up_to_names(e, again)) << text << "\nis read as\n" << to_string(again);
    EXPECT_EQ(to_string(again), text);
}
void expect_round_trip(const Stmt &s) {
    SymbolTable symbols;
    const std::string text = to_string(s);
    Stmt again;
    ASSERT_NO_THROW(again = parse_stmt(text, symbols)) << text;
    EXPECT_TRUE(equal_up_to_names(s, again)) << text << "\nis read as\n" << to_string(again);
    EXPECT_EQ(to_string(again), text);
}

// The canonical text of an expression or a statement is itself.
void expect_canonical_expr(const std::string &text) {
    SymbolTable symbols;
    Expr e;
    ASSERT_NO_THROW(e = parse_expr(text, symbols)) << text;
    EXPECT_EQ(to_string(e), text);
    expect_round_trip(e);
}

TEST(Text, ExpressionsReadBack) {
    for (const char *text : {
             "x + y*3 - z/2 % 5",
             "x - (y - z) - -5",
             "(x + y)*z",
             "x/(y*z)",
             "(x < y) == (y < z) && !(x == y) || p:bool",
             "!(p:bool || q:bool)",
             "x:int64 + 1i64 - 9223372036854775807i64 + -9223372036854775808i64",
             "-2147483648",
             "255u8 - v:uint8",
             "18446744073709551615u64",
             "-128i8 + 127i8",
             "true && false",
             "1.5f + a:float32*0.1f",
             "0.1f64 - -1e-300f64",
             "65504.0f16 + 5.9604645e-08f16",
             "1.0bf16 + 3.3895314e+38bf16",
             "inf(float32) + -inf(float32)",
             "nan(float64)",
             "-0.0f",
             "uint8(x) + uint8(y:float32)",
             "reinterpret<float32>(x)",
             "float32x8(v:int32x8)",
             "min(x, max(y, 3))",
             "select(x < 3, a:float32, b:float32)",
             "(let t = x + 1 in t*t)",
             "(let t = (let u = 2 in u + x) in t*t) + 1",
             "f:float32(x, y) + f(x + 1, y)",
             "in:uint8[x + 1]",
             "in:uint8[ramp(x, 1, 8) if v:boolx8 align(8, 3)] + in[ramp(0, 2, 8)]",
             "ramp(ramp(0, 1, 4), broadcast(4, 4), 2)",
             "broadcast(ramp(x, 1, 4), 2)",
             "shuffle([ramp(0, 1, 4), ramp(9, 1, 4)], [0, 4, 1, 5])",
             "vector_reduce(saturating_add, a:int32x8, 2)",
             "widening_mul(a:uint8, b:uint8)",
             "abs(x)",
             "saturating_cast<uint8>(x)",
             "extern_c<int32> \"puts\"(\"line\\n\\\"quoted\\\" \\\\ \\x01\")",
             "undef<float32>()",
             "stringify(x, \" is \", 1.0f)",
             "buffer_min(b:handle, 0) + buffer_extent(b, 1)",
             "if_then_else(x < 3, a:float32, 2.0f)",
             "`min` + `a name` + `for` + in + over",
             "`quote\\`d`",
         }) {
        SCOPED_TRACE(text);
        expect_canonical_expr(text);
    }
}

TEST(Text, TupleValuesAreNumbered) {
    expect_canonical_expr("t:int32(x) + t:int32#2(x) + t#2(y)");
}

TEST(Text, ClashingNamesAreNumbered) {
    const Symbol x = Symbol::fresh("x"), other = Symbol::fresh("x"), dotted = Symbol::fresh("x.1");
    const Expr sum = Add::make(Add::make(Variable::make(Int(32), x), Variable::make(Int(32), other)),
                               Variable::make(Int(32), dotted));
    EXPECT_EQ(to_string(sum), "x + x.2 + x.1");
    expect_round_trip(sum);
}

TEST(Text, GivenSymbolsAreInt32UnlessTyped) {
    SymbolTable symbols;
    const Stmt s = parse_stmt("given n, p: float32, m eval n + m", symbols);
    EXPECT_EQ(symbols.entries().at("n").type, Int(32));
    EXPECT_EQ(symbols.entries().at("p").type, Float(32));
    EXPECT_EQ(to_string(s), "eval n + m\n");
}

TEST(Text, TypesCanBeLeftOut) {
    const Expr e = Mul::make(Variable::make(Float(32), Symbol::fresh("a")), Expr(2.0f));
    EXPECT_EQ(to_string(e), "a:float32*2.0f");
    std::ostringstream out;
    out << e << " of " << e.type();
    EXPECT_EQ(out.str(), "a*2.0f of float32");
}

TEST(Text, FloatsOfEveryMagnitudeReadBack) {
    RandomBits bits(1);
    for (int i = 0; i < 2000; i++) {
        const uint64_t b = bits();
        expect_round_trip(FloatImm::make(Float(32), std::bit_cast<float>(static_cast<uint32_t>(b))));
        expect_round_trip(FloatImm::make(Float(64), std::bit_cast<double>(b)));
    }
}

TEST(Text, RandomExpressionsReadBack) {
    for (uint64_t seed = 0; seed < 300; seed++) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        expect_round_trip(RandomExpr(seed).make(Int(32), 4));
        expect_round_trip(RandomExpr(seed).make(Float(32, 8), 4));
        expect_round_trip(RandomExpr(seed).make(Bool(4), 4));
    }
}

class Statements : public ::testing::TestWithParam<std::string> {};

// tests/ir/text/*.hir: each is its own canonical text.
TEST_P(Statements, ReadBack) {
    testing::check_hir(GetParam(), [](const std::vector<std::string> &, const std::string &input) {
        SymbolTable symbols;
        const Stmt s = parse_stmt(input, symbols);
        expect_round_trip(s);
        return to_string(s);
    });
}
INSTANTIATE_TEST_SUITE_P(Text, Statements, ::testing::ValuesIn(testing::golden_files("ir/text")),
                         [](const auto &file) { return testing::test_name(file.param); });

TEST(Text, EveryTypeHasAName) {
    for (const Type t : {Int(1), Int(8), Int(16), Int(32), Int(64), Bool(), UInt(8), UInt(16), UInt(32), UInt(64), Float(16),
                         Float(32), Float(64), BFloat(16), Handle(), Int(32, 7), Bool(16), BFloat(16, 4), Type()}) {
        ASSERT_TRUE(type_named(heddle::to_string(t)).has_value()) << heddle::to_string(t);
        EXPECT_EQ(*type_named(heddle::to_string(t)), t);
    }
    for (const char *no : {"int", "int12", "float8", "int32x", "int32x0", "uint8x4y", "Int32", "bool8"}) {
        EXPECT_FALSE(type_named(no).has_value()) << no;
    }
}

TEST(Text, EveryCallHasAName) {
    int count = 0;
#define HEDDLE_CALL(name, pure, doc)                       \
    ASSERT_EQ(call_named(#name), CallOp::name);            \
    EXPECT_TRUE(is_reserved_word(#name));                  \
    count++;
#include "ir/intrinsics.def"
#undef HEDDLE_CALL
    EXPECT_GT(count, 100);
    EXPECT_FALSE(call_named("no_such_call").has_value());
}

// --- what cannot be read

std::string refusal(const std::string &text, bool as_statement = false) {
    SymbolTable symbols;
    try {
        if (as_statement) {
            parse_stmt(text, symbols);
        } else {
            parse_expr(text, symbols);
        }
    } catch (const CompileError &e) {
        return e.what();
    }
    return "accepted";
}

TEST(Text, SyntaxErrorsSayWhere) {
    EXPECT_EQ(refusal("x + "), "error: 1:5: expected an expression before the end of the text");
    EXPECT_EQ(refusal("x + 1.5f"), "error: 1:3: the operands of '+' are int32 and float32");
    EXPECT_EQ(refusal("(x"), "error: 1:3: expected ')' before the end of the text");
    EXPECT_EQ(refusal("x y"), "error: 1:3: the expression ends before 'y'");
    EXPECT_EQ(refusal("f(x)"), "error: 1:1: the element type of f is not known here; write f:type");
    EXPECT_EQ(refusal("256u8"), "error: 1:1: '256u8' does not fit uint8");
    EXPECT_EQ(refusal("2147483648"), "error: 1:1: '2147483648' does not fit int32");
    EXPECT_EQ(refusal("1.5"), "error: 1:1: not a number: '1.5'");
    EXPECT_EQ(refusal("1q8"), "error: 1:1: not a number: '1q8'");
    EXPECT_EQ(refusal("-x"), "error: 1:2: '-' stands only before a number; write 0 - x");
    EXPECT_EQ(refusal("x && y"), "error: 1:3: the operands do not fit '&&'");
    EXPECT_EQ(refusal("\"open"), "error: 1:1: no closing quote on this line");
    EXPECT_EQ(refusal("select(true, 1)"), "error: 1:7: expected 3 operands, not 2");
    EXPECT_EQ(refusal("saturating_cast(x)"),
              "error: 1:1: the type of saturating_cast does not follow from its arguments; write saturating_cast<type>(...)");
    EXPECT_EQ(refusal("\n\n  for x in [0, 4) { }", true), "error: 3:16: expected '+' before '4'");
    EXPECT_EQ(refusal("for x in [0, +4) { eval 1", true), "error: 1:26: expected '}' before the end of the text");
    EXPECT_EQ(refusal("min(x) = 3", true), "error: 1:1: no statement begins with 'min'");
    EXPECT_EQ(refusal("let x: float32 = 3", true), "error: 1:5: x is declared float32, but its value is int32");
    EXPECT_EQ(refusal("allocate f: uint8[3] @nowhere", true), "error: 1:23: expected a kind of memory before 'nowhere'");
}

std::string repeated(const std::string &text, int times) {
    std::string out;
    for (int i = 0; i < times; i++) out += text;
    return out;
}

// Each of these would need more of the stack than there is.
TEST(Text, WhatIsNestedTooDeeplyIsRefused) {
    const int many = 200000;
    for (const char *level : {"(", "!", "min(x, ", "select(c:bool, x, ", "x + (", "int64(", "f:int32(", "f:int32[", "(let t = ",
                              "broadcast(", "x + ", "x < (y && ", "saturating_add(", "shuffle([", "vector_reduce(add, "}) {
        const std::string text = repeated(level, many) + "1";
        EXPECT_NE(refusal(text).find("this is nested too deeply to be read"), std::string::npos) << level;
        EXPECT_NE(refusal("eval " + text, true).find("this is nested too deeply to be read"), std::string::npos) << level;
    }
    for (const char *level : {"let t = 1 ", "{", "for x in [0, +4) {", "if c:bool {", "if c:bool { } else ", "atomic {",
                              "realize f: int32 over [0, +4) {", "produce f {", "allocate f: int32[4] ", "acquire s, 1 {", "fork {",
                              "view f: int32 "}) {
        EXPECT_NE(refusal(repeated(level, many), true).find("this is nested too deeply to be read"), std::string::npos) << level;
    }
    // High, without being nested anywhere: 300 sums of 300 terms, each the first term of the next.
    const std::string sum = repeated(" + x", 300) + ")";
    EXPECT_NE(refusal(repeated("(", 300) + "x" + repeated(sum, 300)).find("this is nested too deeply to be read"), std::string::npos);
}

TEST(Text, LongSumsAndManyStagesReadBack) {
    const auto nested = [](const std::string &open, const std::string &inside, const std::string &close, int times) {
        return repeated(open, times) + inside + repeated(close, times);
    };
    for (const std::string &text : {"x" + repeated(" + x", 4000), nested("x + (", "x - y", ")", 1000),
                                    nested("select(x == 1, y, ", "x", ")", 700), nested("max(", "x", ", y)", 700),
                                    nested("!(p && ", "q:bool", ")", 700)}) {
        SymbolTable symbols;
        symbols.add("p", Bool());
        const Expr e = parse_expr(text, symbols);
        expect_round_trip(e);
    }
    for (const std::string &text : {nested("produce f { f(x) = 1 } consume f { let t = 1 ", "f(x) = 1", "}", 1000),
                                    nested("for x in [0, +4) { ", "f(x) = 1", "}", 3000), nested("if x == y { ", "f(x) = 1", "}", 500),
                                    repeated("if x == y { f(x) = 1 } else ", 1000) + "{ f(x) = 2 }"}) {
        SymbolTable symbols;
        symbols.add_buffer("f", {Int(32)});
        expect_round_trip(parse_stmt(text, symbols));
    }
}

TEST(Text, MarksPointAtANode) {
    SymbolTable symbols;
    const Stmt s = parse_stmt("for x in [0, +4) {\n    eval x + 1\n    eval x + 22\n}", symbols);
    const Stmt second = s.as<For>()->body.as<Block>()->stmts[1];
    PrintOptions options;
    options.mark = second.as<Evaluate>()->value.as<Add>()->b.get();
    EXPECT_EQ(to_string(s, options), "for x in [0, +4) {\n    eval x + 1\n    eval x + 22\n             ^^\n}\n");
    options.context = 0;
    EXPECT_EQ(to_string(s, options), "    eval x + 22\n             ^^\n");
    options.mark = s.get();
    EXPECT_EQ(to_string(s, options), "for x in [0, +4) {\n^^^^^^^^^^^^^^^^^^\n");
}

}  // namespace
}  // namespace heddle::Internal
