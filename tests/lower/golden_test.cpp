// Golden tests of single passes: each file of passes/ names passes, gives text IR, and the expected text.

#include <gtest/gtest.h>

#include <algorithm>

#include "ir/parse.h"
#include "ir/print.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"
#include "ir/verify.h"
#include "lower/pipeline.h"
#include "support_lib/golden.h"

namespace heddle::Internal {
namespace {

std::string run(const std::vector<std::string> &names, const std::string &input) {
    SymbolTable symbols;
    Stmt s = parse_stmt(input, symbols);
    PassContext context;
    context.target = Target("x86-64-linux-sse41-avx-avx2-fma-f16c");
    context.arguments = free_symbols(s);
    // Storage of this name is that of an async Func, which is computed at most twice ahead of its use.
    walk(s, [&](const Realize &n) {
        if (n.buffer.name() != "task") return;
        context.async[n.buffer] = 0;
        context.async_funcs.push_back({"task", {}, 0, {n.buffer}, make_const(Int(32), int64_t{2})});
    });
    for (const std::string &name : names) {
        auto pass = std::find_if(passes().begin(), passes().end(), [&](const Pass &p) { return name == p.name; });
        EXPECT_NE(pass, passes().end()) << "no pass " << name;
        if (pass == passes().end()) return "";
        verify(s, pass->in);
        s = pass->run(s, context);
        verify(s, pass->out);
    }
    return to_string(s);
}

class PassGolden : public ::testing::TestWithParam<std::string> {};

TEST_P(PassGolden, File) {
    testing::check_hir(GetParam(), run);
}

INSTANTIATE_TEST_SUITE_P(Passes, PassGolden, ::testing::ValuesIn(testing::golden_files("lower/passes")),
                         [](const auto &test) { return testing::test_name(test.param); });

// Every pass of the table has at least one golden file that runs it.
TEST(Passes, EachHasAGoldenFile) {
    const std::vector<std::string> files = testing::golden_files("lower/passes");
    for (const Pass &p : passes()) {
        const std::string prefix = std::string("lower/passes/") + p.name;
        EXPECT_TRUE(std::any_of(files.begin(), files.end(), [&](const std::string &f) {
            return f.compare(0, prefix.size(), prefix) == 0;
        })) << p.name;
    }
}

TEST(Passes, Documented) {
    testing::expect_golden("../docs/passes.md", passes_markdown());
}

}  // namespace
}  // namespace heddle::Internal
