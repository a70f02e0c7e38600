// async, ring_buffer and compute_with as a user sees them: values and how often each is computed, with few threads and
// with many.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>

#include "heddle/heddle.h"

namespace heddle {
namespace {

std::atomic<int> computed_a{0}, computed_b{0};
std::mutex order_mutex;
std::vector<std::array<int, 2>> order;  // tag and row

int count_a(int value) {
    computed_a++;
    return value;
}
int count_b(int value) {
    computed_b++;
    return value;
}
int visit(int value, int tag, int row) {
    const std::lock_guard<std::mutex> lock(order_mutex);
    if (order.empty() || order.back() != std::array{tag, row}) order.push_back({tag, row});
    return value;
}

Expr counted(const char *name, const Expr &value) {
    return Internal::extern_call(name, Int(32), {Int(32)}, {value}, true);
}
Expr visited(const Expr &value, int tag, const Expr &row) {
    return Internal::extern_call("heddle_test_visit", Int(32), {Int(32), Int(32), Int(32)}, {value, tag, row}, true);
}

Pipeline with_counters(std::vector<Func> outputs) {
    Pipeline p(std::move(outputs));
    p.set_jit_externs({{"heddle_test_a", JITExtern(count_a)}, {"heddle_test_b", JITExtern(count_b)},
                       {"heddle_test_visit", JITExtern(visit)}});
    return p;
}

/** The number of threads of the pool, for as long as it lives. */
class Threads {
public:
    explicit Threads(int n)
        : before_(halide_set_num_threads(n)) {
    }
    ~Threads() {
        halide_set_num_threads(before_);
    }

private:
    int before_;
};

constexpr int width = 12, height = 33;

struct Program {
    Var x{"x"}, y{"y"}, yo{"yo"}, yi{"yi"};
    Func a{"a"}, b{"b"}, c{"c"};
    int want_a = width * (height + 3), want_b = width * (height + 2);
    Program() {
        a(x, y) = counted("heddle_test_a", x * 3 + y);
        b(x, y) = counted("heddle_test_b", a(x, y) * 2 - a(x, y + 1));
        c(x, y) = b(x, y) + b(x, y + 2);
    }
    static int a_at(int x, int y) {
        return x * 3 + y;
    }
    static int b_at(int x, int y) {
        return a_at(x, y) * 2 - a_at(x, y + 1);
    }
    void schedule(int shape) {
        const TailStrategy guard = TailStrategy::GuardWithIf;
        switch (shape) {
        case 0:
            a.compute_root().async();
            b.compute_root().async();
            break;
        case 1:
            a.compute_root();
            b.store_root().compute_at(c, y).async();
            break;
        case 2:
            a.compute_root();
            b.store_root().compute_at(c, y).fold_storage(y, 5).async();
            break;
        case 3:
            a.store_root().compute_at(c, y).fold_storage(y, 8).async();
            b.store_root().compute_at(c, y).fold_storage(y, 8).async();
            break;
        case 4:  // tasks within the tasks of a parallel loop, and parallel loops within these
            c.split(y, yo, yi, 8, guard).parallel(yo);
            a.compute_at(c, yo).async().parallel(y);
            b.store_at(c, yo).compute_at(c, yi).async();
            want_a = width * (4 * 11 + 4);  // the last of five tiles has one row
            want_b = width * (4 * 10 + 3);
            break;
        case 5:  // two buffers in turn
            c.split(y, yo, yi, 3);
            a.compute_root();
            b.compute_at(c, yo).hoist_storage_root().ring_buffer(2).async();
            want_b = width * 11 * 5;
            break;
        case 6:
            c.split(y, yo, yi, 3);
            a.compute_at(c, yo).hoist_storage_root().ring_buffer(3).async();
            b.compute_at(c, yo).hoist_storage_root().ring_buffer(2).async();
            want_a = width * 11 * 6;
            want_b = width * 11 * 5;
            break;
        }
    }
};

TEST(Tasks, GiveTheSameValuesWithAnyNumberOfThreads) {
    for (int shape = 0; shape < 7; shape++) {
        Program p;
        p.schedule(shape);
        Pipeline pipeline = with_counters({p.c});
        for (int threads : {1, 2, 3, 8}) {
            const Threads set(threads);
            for (int repeat = 0; repeat < 5; repeat++) {
                Buffer<int> out(width, height);
                out.set_min(0, -4);
                computed_a = computed_b = 0;
                pipeline.realize(out);
                int wrong = 0;
                out.for_each_element([&](int x, int y) { wrong += out(x, y) != Program::b_at(x, y) + Program::b_at(x, y + 2); });
                ASSERT_EQ(wrong, 0) << "shape " << shape << ", " << threads << " threads";
                EXPECT_EQ(computed_a, p.want_a) << shape;
                EXPECT_EQ(computed_b, p.want_b) << shape;
            }
        }
    }
}

TEST(Tasks, AFailureOfOneEndsTheOthers) {
    Var x("x"), y("y");
    Param<int> limit("limit");
    Func a("a"), b("b"), c("c");
    a(x, y) = require(y < limit, x + y, "row", y);
    b(x, y) = a(x, y) + a(x, y + 1);
    c(x, y) = b(x, y) * 2;
    a.store_root().compute_at(c, y).fold_storage(y, 4).async();
    b.store_root().compute_at(c, y).fold_storage(y, 2).async();
    for (int threads : {1, 2, 8}) {
        const Threads set(threads);
        for (int rows : {0, 1, 7, 20}) {
            limit.set(rows);
            EXPECT_THROW(c.realize({4, 20}), RuntimeError) << rows;
        }
        limit.set(21);
        Buffer<int> out = c.realize({4, 20});
        EXPECT_EQ(out(3, 19), 2 * (3 + 19 + 3 + 20));
    }
}

// A producer of rows in a ring is never more rows ahead than the ring has place for.
TEST(Tasks, DoNotRunTooFarAhead) {
    Var x("x"), y("y");
    Func a("a"), c("c");
    a(x, y) = visited(x + y, 1, y);
    c(x, y) = visited(a(x, y), 2, y);
    a.compute_at(c, y).hoist_storage_root().ring_buffer(3).async();
    Pipeline pipeline = with_counters({c});
    const Threads set(4);
    for (int repeat = 0; repeat < 10; repeat++) {
        order.clear();
        Buffer<int> out(6, 40);
        pipeline.realize(out);
        EXPECT_EQ(out(5, 39), 44);
        int done[3] = {0, -1, -1};  // the last row of each
        for (const auto &[tag, row] : order) {
            done[tag] = std::max(done[tag], row);
            EXPECT_LE(done[1], done[2] + 3);
            EXPECT_GE(done[1], done[2]);
        }
    }
}

TEST(SharedLoops, RunRowByRowInTheOrderOfTheGraph) {
    Var x("x"), y("y");
    for (const LoopAlignStrategy align : {LoopAlignStrategy::NoAlign, LoopAlignStrategy::AlignStart, LoopAlignStrategy::AlignEnd}) {
        Func f("f"), g("g"), h("h");
        f(x, y) = visited(x + y, 1, y);
        g(x, y) = visited(x - y, 2, y);
        h(x, y) = visited(x * y, 3, y);
        g.compute_with(f, y, align);
        h.compute_with(g, y);
        Pipeline pipeline = with_counters({f, g, h});
        Buffer<int> of(4, 6), og(3, 4), oh(2, 3);
        of.set_min(0, -2);
        og.set_min(0, 3);
        oh.set_min(0, 4);
        order.clear();
        pipeline.realize({of, og, oh});
        int shift = 0;  // of g's and h's rows against f's
        if (align == LoopAlignStrategy::AlignStart) shift = -2 - 3;
        if (align == LoopAlignStrategy::AlignEnd) shift = -2 + 6 - 3 - 4;
        std::vector<std::array<int, 2>> want;
        for (int row = -20; row < 20; row++) {
            if (row >= -2 && row < 4) want.push_back({1, row});
            if (row - shift >= 3 && row - shift < 7) want.push_back({2, row - shift});
            if (row - shift >= 4 && row - shift < 7) want.push_back({3, row - shift});
        }
        EXPECT_EQ(order, want);
        og.for_each_element([&](int i, int j) { EXPECT_EQ(og(i, j), i - j); });
        oh.for_each_element([&](int i, int j) { EXPECT_EQ(oh(i, j), i * j); });
    }
}

}  // namespace
}  // namespace heddle
