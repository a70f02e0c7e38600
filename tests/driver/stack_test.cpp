// The stack that is compiled on: deep expressions, and what users may say about it.

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "heddle/heddle.h"
#include "support/large_stack.h"

namespace heddle {
namespace {

// What looks at the graph before it is compiled runs on the caller's stack, whose frames sanitizers make several times as large.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int depth = 500;
#else
constexpr int depth = 3000;
#endif

struct CompilerStack : ::testing::Test {
    ~CompilerStack() override {
        set_compiler_stack_size(default_compiler_stack_size);
    }
};

TEST_F(CompilerStack, DeepExpressionsAreCompiled) {
    Var x("x");
    Expr sum = x;
    for (int i = 0; i < depth; i++) sum = (sum ^ i) + 1;
    Func f("f");
    f(x) = sum;
    const Buffer<int> out = f.realize({4});
    for (int i = 0; i < 4; i++) {
        int expected = i;
        for (int k = 0; k < depth; k++) expected = (expected ^ k) + 1;
        EXPECT_EQ(out(i), expected);
    }
}

TEST_F(CompilerStack, IsAsLargeAsIsSaid) {
    const auto here = std::this_thread::get_id();
    const auto runs_elsewhere = [&] {
        return Internal::with_large_stack([&] { return std::this_thread::get_id() != here; });
    };
    EXPECT_EQ(get_compiler_stack_size(), default_compiler_stack_size);
    EXPECT_TRUE(runs_elsewhere());
    set_compiler_stack_size(0);
    EXPECT_FALSE(runs_elsewhere());
    set_compiler_stack_size(1000);  // rounded up to what a thread can have
    EXPECT_EQ(get_compiler_stack_size(), 1000u);
    EXPECT_TRUE(runs_elsewhere());
}

TEST_F(CompilerStack, PassesExceptionsAndNests) {
    EXPECT_THROW(Internal::run_with_large_stack([] { throw std::logic_error("inside"); }), std::logic_error);
    Internal::run_with_large_stack([] {
        const auto outer = std::this_thread::get_id();
        EXPECT_EQ(Internal::with_large_stack([] { return std::this_thread::get_id(); }), outer);
    });
}

}  // namespace
}  // namespace heddle
