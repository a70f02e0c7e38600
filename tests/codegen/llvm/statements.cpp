// Statements: loops, lets, branches, allocations, assertions, parallel loops.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "kernel.h"

using namespace heddle;
using namespace heddle::Internal;

TEST(Statements, LoopOverABuffer) {
    Kernel k;
    Symbol in = k.buffer("in", Int(32)), out = k.buffer("out", Int(32), true);
    Expr n = k.scalar("n", Int(32));
    Symbol i = Symbol::fresh("i");
    Expr value = Add::make(Mul::make(Load::make(Int(32), in, var(i), {}), int32(3)), int32(1));
    k.compile(serial(i, n, Store::make(out, var(i), value, {})));
    for (int size : {0, 1, 17}) {
        std::vector<int> a(18, 5), b(18, -1);
        for (int j = 0; j < 18; j++) a[static_cast<size_t>(j)] = j * 7;
        EXPECT_EQ(k.run({a.data(), b.data(), &size}), 0);
        for (int j = 0; j < 18; j++) EXPECT_EQ(b[static_cast<size_t>(j)], j < size ? j * 21 + 1 : -1);
    }
}

TEST(Statements, LoopFromANonZeroMinAndNegativeExtent) {
    Kernel k;
    Symbol out = k.buffer("out", Int(32), true);
    Expr min = k.scalar("min", Int(32)), extent = k.scalar("extent", Int(32));
    Symbol i = Symbol::fresh("i");
    k.compile(For::make(i, min, extent, ForType::Serial, Partition::Auto, Store::make(out, var(i), var(i), {})));
    for (int n : {-5, 0, 3}) {
        int b[8] = {-1, -1, -1, -1, -1, -1, -1, -1}, m = 2;
        EXPECT_EQ(k.run({b, &m, &n}), 0);
        for (int j = 0; j < 8; j++) EXPECT_EQ(b[j], j >= 2 && j < 2 + n ? j : -1);
    }
}

TEST(Statements, IfLetAndSelectEvaluation) {
    Kernel k;
    Symbol out = k.buffer("out", Int(32), true);
    Expr n = k.scalar("n", Int(32));
    Symbol i = Symbol::fresh("i"), t = Symbol::fresh("t");
    Stmt yes = Store::make(out, var(i), Let::make(t, Mul::make(var(i), var(i)), Add::make(var(t), var(t))), {});
    Stmt no = Store::make(out, var(i), int32(-7), {});
    Expr even = EQ::make(Mod::make(var(i), int32(2)), int32(0));
    k.compile(serial(i, n, If::make(even, yes, If::make(EQ::make(var(i), int32(3)), no))));
    int b[6] = {0, 0, 0, 0, 0, 0}, size = 6;
    EXPECT_EQ(k.run({b, &size}), 0);
    const int want[6] = {0, 0, 8, -7, 32, 0};
    for (int j = 0; j < 6; j++) EXPECT_EQ(b[j], want[j]);
}

namespace {

// Counts of what the kernels below allocate and free, and the errors that they report.
std::atomic<int> live{0}, allocated{0};
std::atomic<int> fail_from{-1};  ///< allocations from this number on fail
std::string last_error;

extern "C" void *counting_malloc(void *, size_t bytes) {
    int number = allocated++;
    if (fail_from >= 0 && number >= fail_from) return nullptr;
    live++;
    return std::malloc(bytes);
}
extern "C" void counting_free(void *, void *p) {
    if (p) live--;
    std::free(p);
}
extern "C" int report(void *, const char *text) {
    last_error = text ? text : "out of memory";
    return 42;
}

ExternMap counting() {
    live = 0;
    allocated = 0;
    fail_from = -1;
    last_error.clear();
    return {{"halide_malloc", reinterpret_cast<void *>(counting_malloc)},
            {"halide_free", reinterpret_cast<void *>(counting_free)},
            {"report", reinterpret_cast<void *>(report)}};
}

Expr report_call(const Expr &text) {
    return Call::make(Int(32), CallOp::extern_c, {Call::make(Handle(), CallOp::user_context, {}), text}, "report");
}

// for i < n: allocate a[n], b[n]; a[i] = i; b[0] = a[i] * 2; assert b[0] < limit; out[i] = b[0]
Stmt allocating_loop(const Symbol &out, const Expr &n, const Expr &limit, ForType type, MemoryType memory) {
    Symbol i = Symbol::fresh("i"), a = Symbol::fresh("a"), b = Symbol::fresh("b");
    Expr b0 = Load::make(Int(32), b, int32(0), {});
    Expr text = Call::make(Handle(), CallOp::stringify, {StringImm::make("too large: "), b0, StringImm::make(" at "), var(i)});
    Stmt body = heddle::Internal::Block::make({Store::make(a, var(i), var(i), {}),
                             Store::make(b, int32(0), Mul::make(Load::make(Int(32), a, var(i), {}), int32(2)), {}),
                             Assert::make(LT::make(b0, limit), report_call(text)),
                             Store::make(out, var(i), b0, {})});
    body = Allocate::make(b, Int(32), {n}, memory, const_true(), body);
    body = Allocate::make(a, Int(32), {n, int32(2)}, memory, const_true(), body);
    return serial(i, n, body, type);
}

}  // namespace

TEST(Statements, AllocationsAreFreedOnEveryWay) {
    for (ForType type : {ForType::Serial, ForType::Parallel}) {
        Kernel k;
        Symbol out = k.buffer("out", Int(32), true);
        Expr n = k.scalar("n", Int(32)), limit = k.scalar("limit", Int(32));
        k.compile(allocating_loop(out, n, limit, type, MemoryType::Auto), counting());
        std::vector<int> b(20, -1);
        int size = 20, bound = 1000;
        EXPECT_EQ(k.run({b.data(), &size, &bound}), 0);
        for (int j = 0; j < 20; j++) EXPECT_EQ(b[static_cast<size_t>(j)], 2 * j);
        EXPECT_EQ(allocated, 40);
        EXPECT_EQ(live, 0);

        bound = 38;
        EXPECT_EQ(k.run({b.data(), &size, &bound}), 42);
        EXPECT_EQ(live, 0);
        EXPECT_EQ(last_error, "too large: 38 at 19");
    }
}

TEST(Statements, FailedAllocationIsReported) {
    for (int nth : {0, 1, 5}) {
        Kernel k;
        Symbol out = k.buffer("out", Int(32), true);
        Expr n = k.scalar("n", Int(32)), limit = k.scalar("limit", Int(32));
        ExternMap externs = counting();
        auto out_of_memory = [](void *) -> int { return halide_error_code_out_of_memory; };
        externs["halide_error_out_of_memory"] = reinterpret_cast<void *>(+out_of_memory);
        k.compile(allocating_loop(out, n, limit, ForType::Serial, MemoryType::Heap), externs);
        fail_from = nth;
        std::vector<int> b(20, -1);
        int size = 20, bound = 1000;
        EXPECT_EQ(k.run({b.data(), &size, &bound}), halide_error_code_out_of_memory);
        EXPECT_EQ(live, 0);
    }
}

TEST(Statements, TooLargeAllocationIsRefused) {
    Kernel k;
    Symbol out = k.buffer("out", Int(32), true);
    Expr n = k.scalar("n", Int(32));
    Symbol a = Symbol::fresh("a");
    ExternMap externs = counting();
    auto too_large = [](void *, const char *name, uint64_t, uint64_t) -> int {
        last_error = name;
        return halide_error_code_buffer_allocation_too_large;
    };
    externs["halide_error_buffer_allocation_too_large"] = reinterpret_cast<void *>(+too_large);
    k.compile(Allocate::make(a, Float(64), {n, n, n, n}, MemoryType::Auto, const_true(), Store::make(out, int32(0), int32(1), {})), externs);
    for (int size : {1 << 16, 1 << 30, 400}) {
        int b = 0;
        EXPECT_EQ(k.run({&b, &size}), halide_error_code_buffer_allocation_too_large);
        EXPECT_EQ(last_error, "a");
        EXPECT_EQ(b, 0);
    }
    int b = 0, size = 3;
    EXPECT_EQ(k.run({&b, &size}), 0);
    EXPECT_EQ(b, 1);
    EXPECT_EQ(live, 0);
}

TEST(Statements, SmallAllocationsStayOnTheStack) {
    Kernel k;
    Symbol out = k.buffer("out", Int(32), true);
    Symbol a = Symbol::fresh("a"), i = Symbol::fresh("i");
    Stmt body = heddle::Internal::Block::make({Store::make(a, var(i), var(i), {}),
                             Store::make(out, var(i), Load::make(Int(32), a, var(i), {}), {})});
    Stmt loop = serial(i, int32(100), Allocate::make(a, Int(32), {int32(100)}, MemoryType::Auto, const_true(), body));
    k.compile(loop, counting());
    std::vector<int> b(100, -1);
    EXPECT_EQ(k.run({b.data()}), 0);
    EXPECT_EQ(allocated, 0);
    EXPECT_EQ(b[99], 99);
}

TEST(Statements, ConditionalAllocation) {
    Kernel k;
    Symbol out = k.buffer("out", Int(32), true);
    Expr yes = k.scalar("yes", Bool());
    Symbol a = Symbol::fresh("a");
    Stmt use = If::make(yes, heddle::Internal::Block::make({Store::make(a, int32(5000), int32(3), {}),
                                          Store::make(out, int32(0), Load::make(Int(32), a, int32(5000), {}), {})}));
    k.compile(Allocate::make(a, Int(32), {int32(10000)}, MemoryType::Auto, yes, use), counting());
    int b = 0;
    uint8_t flag = 0;
    EXPECT_EQ(k.run({&b, &flag}), 0);
    EXPECT_EQ(allocated, 0);
    flag = 1;
    EXPECT_EQ(k.run({&b, &flag}), 0);
    EXPECT_EQ(b, 3);
    EXPECT_EQ(allocated, 1);
    EXPECT_EQ(live, 0);
}

TEST(Statements, NestedParallelLoops) {
    Kernel k;
    Symbol in = k.buffer("in", Float(32)), out = k.buffer("out", Float(32), true);
    Expr w = k.scalar("w", Int(32)), h = k.scalar("h", Int(32)), scale = k.scalar("scale", Float(32));
    Symbol x = Symbol::fresh("x"), y = Symbol::fresh("y"), row = Symbol::fresh("row");
    Expr index = Add::make(var(row), var(x));
    Stmt body = Store::make(out, index, Mul::make(Load::make(Float(32), in, index, {}), scale), {});
    body = serial(x, w, body, ForType::Parallel);
    body = serial(y, h, LetStmt::make(row, Mul::make(var(y), w), body), ForType::Parallel);
    k.compile(body);
    int width = 37, height = 11;
    float s = 2.5f;
    std::vector<float> a(37 * 11), b(37 * 11);
    for (size_t j = 0; j < a.size(); j++) a[j] = static_cast<float>(j);
    EXPECT_EQ(k.run({a.data(), b.data(), &width, &height, &s}), 0);
    for (size_t j = 0; j < a.size(); j++) EXPECT_EQ(b[j], a[j] * 2.5f);
}

// The runtime counts in int32: the loop variable keeps its 64 bits, and what is too long is refused, not cut.
TEST(Statements, ParallelLoopOverInt64) {
    Kernel k;
    const Type t = Int(64);
    Symbol out = k.buffer("out", Int(32), true), i = Symbol::fresh("i");
    Expr n = k.scalar("n", t), first = make_const(t, int64_t{1} << 40);
    Expr place = Cast::make(Int(32), Sub::make(var(i, t), first));
    Expr high = Cast::make(Int(32), Div::make(var(i, t), make_const(t, int64_t{1} << 32)));
    Stmt body = Store::make(out, place, Add::make(high, place), {});
    ExternMap externs;
    auto refused = [](void *, const char *, const char *) -> int { return -27; };
    externs["halide_error_requirement_failed"] = reinterpret_cast<void *>(+refused);
    k.compile(For::make(i, first, n, ForType::Parallel, Partition::Auto, body), externs);
    std::vector<int> b(20, -1);
    int64_t count = 20;
    EXPECT_EQ(k.run({b.data(), &count}), 0);
    for (int j = 0; j < 20; j++) EXPECT_EQ(b[static_cast<size_t>(j)], 256 + j);
    for (int64_t none : {int64_t{0}, int64_t{-5}, -(int64_t{1} << 32) + 5}) {
        std::fill(b.begin(), b.end(), -1);
        EXPECT_EQ(k.run({b.data(), &none}), 0);
        EXPECT_EQ(b, std::vector<int>(20, -1));
    }
    for (int64_t many : {int64_t{1} << 31, (int64_t{1} << 32) + 5}) {
        EXPECT_EQ(k.run({b.data(), &many}), -27);
        EXPECT_EQ(b, std::vector<int>(20, -1));
    }
}

TEST(Statements, RequireReturnsTheMessagesCode) {
    Kernel k;
    Symbol out = k.buffer("out", Int(32), true);
    Expr n = k.scalar("n", Int(32));
    Expr value = Call::make(Int(32), CallOp::require, {GT::make(n, int32(0)), Mul::make(n, int32(2)), report_call(StringImm::make("n is not positive"))});
    k.compile(Store::make(out, int32(0), value, {}), counting());
    int b = 0, size = 4;
    EXPECT_EQ(k.run({&b, &size}), 0);
    EXPECT_EQ(b, 8);
    size = 0;
    EXPECT_EQ(k.run({&b, &size}), 42);
    EXPECT_EQ(last_error, "n is not positive");
    EXPECT_EQ(b, 8);
}

TEST(Statements, IfThenElseEvaluatesOneSide) {
    Kernel k;
    Symbol in = k.buffer("in", Int(32)), out = k.buffer("out", Int(32), true);
    Expr yes = k.scalar("yes", Bool());
    Expr value = Call::make(Int(32), CallOp::if_then_else, {yes, Load::make(Int(32), in, int32(0), {}), int32(5)});
    k.compile(Store::make(out, int32(0), value, {}));
    int a = 9, b = 0;
    uint8_t flag = 0;
    EXPECT_EQ(k.run({nullptr, &b, &flag}), 0);
    EXPECT_EQ(b, 5);
    flag = 1;
    EXPECT_EQ(k.run({&a, &b, &flag}), 0);
    EXPECT_EQ(b, 9);
}
