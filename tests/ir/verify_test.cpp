// What the verifier accepts, and what it refuses in which words.

#include "ir/verify.h"

#include <gtest/gtest.h>

#include "ir/parse.h"
#include "ir/print.h"
#include "support_lib/golden.h"

namespace heddle::Internal {
namespace {

std::string refusal(const Stmt &s, Level level, const VerifyOptions &options = {}) {
    try {
        verify(s, level, options);
    } catch (const InternalError &e) {
        return e.what();
    }
    return "accepted";
}
std::string refusal(const std::string &text, Level level, const VerifyOptions &options = {}) {
    SymbolTable symbols;
    return refusal(parse_stmt(text, symbols), level, options);
}

// The message without the printed IR.
std::string first_line(const std::string &text) {
    return text.substr(0, text.find('\n'));
}
std::string at(const char *level, const std::string &message) {
    return std::string("error: the IR is not valid at level ") + level + ": " + message;
}

TEST(Verify, AcceptsWhatIsValid) {
    EXPECT_EQ(refusal("realize f: int32 over [0, +4) { for x in [0, +4) { f(x) = x } }", Level::Nest), "accepted");
    EXPECT_EQ(refusal("given in: handle, in: uint8[] view in: uint8 over [0, +4) step 1 eval in(3)", Level::Nest), "accepted");
    EXPECT_EQ(refusal("allocate f: int32[8] f[ramp(0, 1, 8)] = broadcast(1, 8)", Level::Flat), "accepted");
    EXPECT_EQ(refusal("{ let t = 1 eval t } { let t = 2 eval t }", Level::Flat), "accepted");
}

TEST(Verify, ShowsThePlace) {
    testing::expect_golden("ir/verify/place.txt",
                           refusal("for y in [0, +4) {\n"
                                   "    allocate f: int32[8]\n"
                                   "    for x in [0, +8) {\n"
                                   "        f[x] = y\n"
                                   "        for y in [0, +2) { f[x] = y + 1 }\n"
                                   "    }\n"
                                   "}",
                                   Level::Flat));
}

TEST(Verify, Levels) {
    EXPECT_EQ(first_line(refusal("given f: uint8[] f[0] = 1u8", Level::Nest)),
              at("nest", "L1: Store does not stand at this level"));
    EXPECT_EQ(first_line(refusal("given f: uint8[] f(0) = 1u8", Level::Flat)),
              at("flat", "L1: Write does not stand at this level"));
    EXPECT_EQ(first_line(refusal("given v: int32x4 eval v", Level::Nest)), at("nest", "L2: a vector above flat level"));
    EXPECT_EQ(first_line(refusal("eval scatter_gather(1, 2)", Level::Nest)),
              at("nest", "L3: several values where stores are single"));
    SymbolTable symbols;
    EXPECT_THROW(verify(parse_expr("f:uint8[3]", symbols), Level::Tensor), InternalError);
    EXPECT_NO_THROW(verify(parse_expr("f:uint8(x)", symbols), Level::Tensor));
}

TEST(Verify, Scoping) {
    EXPECT_EQ(first_line(refusal("for x in [0, +4) { for x in [0, +4) { eval x } }", Level::Flat)),
              at("flat", "C2: x is bound already around here"));
    EXPECT_EQ(first_line(refusal("let x = 1i64 eval x:int32", Level::Flat)),
              at("flat", "C3: x is bound to a int64, not a int32"));
    EXPECT_EQ(first_line(refusal("eval x:int64 eval x:int32", Level::Flat)),
              at("flat", "C3: x is used as a int64 and as a int32"));
    EXPECT_EQ(first_line(refusal("allocate f: uint8[4] allocate f: uint8[4] eval 1", Level::Flat)),
              at("flat", "C2: f is allocated already around here"));
    EXPECT_EQ(first_line(refusal("realize f: uint8 { realize f: uint8 { eval 1 } }", Level::Nest)),
              at("nest", "C2: f is realized already around here"));
}

TEST(Verify, FreeSymbols) {
    SymbolTable symbols;
    const Stmt s = parse_stmt("given b: handle let n = buffer_min(b, 0) eval n + m", symbols);
    std::vector<std::pair<Symbol, Type>> free = {{symbols.symbol("b"), heddle::Handle()}};
    VerifyOptions options;
    options.free = &free;
    EXPECT_EQ(first_line(refusal(s, Level::Flat, options)), at("flat", "C5: m is bound nowhere"));
    free.emplace_back(symbols.symbol("m"), Int(32));
    EXPECT_EQ(refusal(s, Level::Flat, options), "accepted");
    free[1].second = Int(64);
    EXPECT_EQ(first_line(refusal(s, Level::Flat, options)), at("flat", "C5: m is a int64, not a int32"));
    // A use outside of the scope of its binding is free.
    free[1].second = Int(32);
    EXPECT_EQ(first_line(refusal(parse_stmt("{ let n = 1 eval n } eval n", symbols), Level::Flat, options)),
              at("flat", "C5: n is bound nowhere"));
    EXPECT_EQ(first_line(refusal(parse_stmt("given f: uint8[] f(1) = 2u8", symbols), Level::Nest, options)),
              at("nest", "C4: f is accessed outside a Realize or View of it"));
    EXPECT_EQ(first_line(refusal(parse_stmt("f[1] = 2u8", symbols), Level::Flat, options)),
              at("flat", "C5: f is bound nowhere"));
}

TEST(Verify, Types) {
    EXPECT_EQ(first_line(refusal("given f: float32[] eval f[0] f[1] = 1u8", Level::Flat)),
              at("flat", "T5: f holds float32, not uint8"));
    EXPECT_EQ(first_line(refusal("allocate f: float32[4] f[1] = 1u8", Level::Flat)), at("flat", "T5: f holds float32, not uint8"));
    EXPECT_EQ(first_line(refusal("realize f: float32 over [0, +4) { f(0, 1) = 1.0f }", Level::Nest)),
              at("nest", "T4: f has 1 dimensions, but is accessed with 2"));
    EXPECT_EQ(first_line(refusal("realize f: float32 over [0, +4) { f(0) = 1 }", Level::Nest)),
              at("nest", "T4: f holds float32, not int32"));
    EXPECT_EQ(first_line(refusal("realize f: (int32, float32) { f() = {1, 2} }", Level::Nest)),
              at("nest", "T4: value 1 of f has another type"));
    EXPECT_EQ(first_line(refusal("given f: uint8[] eval f[1.0f]", Level::Flat)), at("flat", "T3: an index of type float32"));
    EXPECT_EQ(first_line(refusal("eval widening_add<int32>(1, 2)", Level::Flat)),
              at("flat", "T2: widening_add gives int64, not int32"));
    EXPECT_EQ(first_line(refusal("realize f: uint8 over [0, +4), [0, +4) order(1, 1) { eval 1 }", Level::Nest)),
              at("nest", "T4: order is no permutation of the dimensions"));
}

// Nodes that make() would refuse come about when a rewrite changes the type of a child.
TEST(Verify, OperandsThatARewriteBroke) {
    Add *sum = new Add(Int(32));
    sum->a = Expr(1);
    sum->b = Expr(int64_t{1});
    EXPECT_EQ(first_line(refusal(Evaluate::make(Expr(sum)), Level::Flat)),
              at("flat", "T1: operands of types int32 and int64"));
    Add *lanes = new Add(Int(32, 4));
    lanes->a = Broadcast::make(Expr(1), 4);
    lanes->b = Expr(1);
    EXPECT_EQ(first_line(refusal(Evaluate::make(Expr(lanes)), Level::Flat)), at("flat", "V1: operands of 4 and 1 lanes"));
    Add *undefined = new Add(Int(32));
    undefined->a = Expr(1);
    EXPECT_EQ(first_line(refusal(Evaluate::make(Expr(undefined)), Level::Flat)), at("flat", "S1: a child is undefined"));
    Load *load = new Load(Int(32, 4));
    load->buffer = Symbol::fresh("f");
    load->index = Ramp::make(Expr(0), Expr(1), 4);
    load->predicate = const_true(2);
    EXPECT_EQ(first_line(refusal(Evaluate::make(Expr(load)), Level::Flat)), at("flat", "V1: a predicate of 2 lanes for 4"));
}

TEST(Verify, Loops) {
    VerifyOptions options;
    options.constant_extents = true;
    EXPECT_EQ(first_line(refusal("vectorized x in [0, +n) { eval x }", Level::Nest, options)),
              at("nest", "F1: a loop vectorized without a constant extent"));
    EXPECT_EQ(refusal("unrolled x in [y, +8) { eval x }", Level::Nest, options), "accepted");
    options.no_vectorized_loops = true;
    EXPECT_EQ(first_line(refusal("vectorized x in [0, +8) { eval x }", Level::Flat, options)),
              at("flat", "F2: a loop vectorized is left"));
    EXPECT_EQ(first_line(refusal("given v: int32x2 if v == v { eval 1 }", Level::Flat)),
              at("flat", "V2: a condition of type boolx2"));
}

}  // namespace
}  // namespace heddle::Internal
