// Vectorized loops with storage of their own in them, before and after they became vectors.

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "interpret/interpreter.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "ir/substitute.h"
#include "ir/verify.h"
#include "lower/pipeline.h"

namespace heddle::Internal {
namespace {

constexpr int size = 64;

Stmt after(const std::string &name, const Stmt &s) {
    PassContext context;
    context.arguments = free_symbols(s);
    auto pass = std::find_if(passes().begin(), passes().end(), [&](const Pass &p) { return name == p.name; });
    EXPECT_NE(pass, passes().end()) << name;
    return pass->run(s, context);
}

// What the statement leaves in f when g[i] is 7 * i % 31.
std::vector<int> run(const Stmt &s, const SymbolTable &symbols) {
    std::vector<int> f(size, -1), g(size);
    for (int i = 0; i < size; i++) g[static_cast<size_t>(i)] = 7 * i % 31;
    std::vector<std::pair<Symbol, ArgValue>> bindings;
    halide_dimension_t dim(0, size, 1);
    halide_buffer_t raw[2] = {};
    for (int i = 0; i < 2; i++) {
        raw[i].host = reinterpret_cast<uint8_t *>(i == 0 ? f.data() : g.data());
        raw[i].type = Int(32);
        raw[i].dimensions = 1;
        raw[i].dim = &dim;
        ArgValue arg(&raw[i]);
        arg.is_output = i == 0;
        bindings.emplace_back(symbols.symbol(i == 0 ? "f.b" : "g.b"), arg);
    }
    EXPECT_EQ(interpret(s, bindings, {}), 0);
    return f;
}

size_t count(const std::string &text, const std::string &part) {
    size_t n = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) n++;
    return n;
}

/** `loops` are left, so that nothing was done lane by lane. */
void expect_same_in_vectors(const std::string &text, size_t loops) {
    SymbolTable symbols;
    const Stmt s = parse_stmt("given f.b: handle, g.b: handle let f: int32[] = buffer_host(f.b) let g: int32[] = buffer_host(g.b)\n" + text, symbols);
    const std::vector<int> expected = run(s, symbols);
    EXPECT_NE(std::count(expected.begin(), expected.end(), -1), size) << "writes nothing";
    const Stmt vectors = after("vectorize_loops", s);
    VerifyOptions options;
    options.no_vectorized_loops = true;
    ASSERT_NO_THROW(verify(vectors, Level::Flat, options)) << vectors;
    EXPECT_EQ(run(vectors, symbols), expected) << vectors;
    const Stmt simplified = after("simplify_vectors", vectors);
    EXPECT_EQ(run(simplified, symbols), expected) << simplified;
    EXPECT_EQ(count(to_string(simplified), "for "), loops) << simplified;
}

TEST(Vectorize, PrivateStorageOfVectors) {
    expect_same_in_vectors(R"(
        vectorized y in [0, +2) {
            allocate t: int32[4] @stack
            vectorized x in [0, +4) { t[x] = g[y*4 + x] }
            vectorized x in [0, +4) { f[y*4 + x] = t[3 - x]*10 + t[x] }
        })", 0);
}

TEST(Vectorize, PrivateStorageInPrivateStorage) {
    expect_same_in_vectors(R"(
        vectorized y in [0, +2) {
            allocate t: int32[4] @stack
            for x in [0, +4) {
                allocate s: int32[2] @stack
                vectorized i in [0, +2) { s[i] = g[y*8 + x*2 + i] }
                t[x] = s[0]*10 - s[1]
            }
            vectorized x in [0, +4) { f[y*4 + x] = t[x] }
        })", 1);
}

TEST(Vectorize, PrivateStorageOfTwoVectorizedLoops) {
    expect_same_in_vectors(R"(
        vectorized y in [0, +2) {
            allocate u: int32[2] @stack
            u[y] = 100*y
            vectorized x in [0, +4) {
                allocate t: int32[3] @stack
                t[0] = g[y*4 + x]
                t[1] = t[0] + u[y]
                t[2] = t[1] - t[0]*3
                f[y*4 + x] = t[2] + t[1]
            }
        })", 0);
}

TEST(Vectorize, PrivateStorageOfLanesThatRunDifferentlyOften) {
    expect_same_in_vectors(R"(
        vectorized y in [0, +2) {
            vectorized x in [0, +4) {
                allocate t: int32[3] @stack
                for i in [0, +x + y) { t[i % 3] = g[y*4 + x + i] }
                f[y*4 + x] = if_then_else(x > 0, t[(x - 1) % 3], y)
            }
        })", 1);
}

TEST(Vectorize, PrivateStorageUnderACondition) {
    expect_same_in_vectors(R"(
        vectorized y in [0, +4) {
            allocate t: int32[4] @stack
            if y % 2 == 1 {
                vectorized x in [0, +4) { t[x] = g[y*4 + x] }
                vectorized x in [0, +4) { f[y*4 + x] = t[3 - x] }
            }
        })", 0);
}

TEST(Vectorize, GatheredPrivateStorage) {
    expect_same_in_vectors(R"(
        vectorized y in [0, +2) {
            allocate t: int32[31] @stack
            for x in [0, +31) { t[x] = x*x + y }
            vectorized x in [0, +4) { f[y*4 + x] = t[g[y*4 + x]] }
        })", 1);
}

}  // namespace
}  // namespace heddle::Internal
