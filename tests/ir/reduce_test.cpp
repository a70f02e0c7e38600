#include "ir/reduce.h"

#include <gtest/gtest.h>

#include "ir/parse.h"
#include "ir/print.h"
#include "ir/rewrite.h"

namespace heddle::Internal {
namespace {

// What is left of a statement that must go on containing these texts.
std::string reduced(const std::string &text, const std::vector<std::string> &kept) {
    SymbolTable symbols;
    const Stmt s = parse_stmt(text, symbols);
    const auto shows = [&](const Stmt &candidate) {
        const std::string printed = to_string(candidate);
        for (const std::string &k : kept) {
            if (printed.find(k) == printed.npos) return false;
        }
        return true;
    };
    return to_string(reduce(s, shows));
}

TEST(Reduce, LeavesOutStatements) {
    EXPECT_EQ(reduced("a[0] = 1 b[1] = 2 c[2] = 3 d[3] = 4 e[4] = 5", {"b[", "e["}), "given b: int32[], e: int32[]\nb[1] = 2\ne[4] = 5\n");
}

TEST(Reduce, ReplacesExpressionsByChildrenAndConstants) {
    EXPECT_EQ(reduced("f[x + 3*y] = min(x, y % 7) + select(x < y, x, 4)", {"y % 7"}), "given f: int32[]\nf[0] = y % 7\n");
}

TEST(Reduce, RemovesWhatSurrounds) {
    const std::string text = "given f: int32[], g: int32[] let n = w + 1 { for y in [0, +h) { parallel x in [0, +n) { if x < n { f[x] = g[y] } else { f[x] = 0 } } } }";
    EXPECT_EQ(reduced(text, {"g["}), "given f: int32[], g: int32[]\nf[0] = g[0]\n");
    EXPECT_EQ(reduced(text, {"for x", "g["}), "given f: int32[], g: int32[]\nfor x in [0, +1) {\n    f[0] = g[0]\n}\n");
    EXPECT_EQ(reduced(text, {"parallel x"}), "parallel x in [0, +1) {\n    eval 0\n}\n");
}

TEST(Reduce, WhatShowsNothingElseStaysAsItIs) {
    const std::string text = "given f: int32[]\nf[0] = 0\n";
    EXPECT_EQ(reduced(text, {"f["}), text);
}

}  // namespace
}  // namespace heddle::Internal
