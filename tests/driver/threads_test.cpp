// Several threads at once. These tests check values; the tsan preset checks that nothing is shared that
// should not be.

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "heddle/heddle.h"

namespace heddle {
namespace {

// Runs body(0) ... body(n - 1) in n threads that start together; a failure is an exception's text.
std::vector<std::string> in_threads(int n, const std::function<void(int)> &body) {
    std::vector<std::string> failures(static_cast<size_t>(n));
    std::atomic<int> waiting{n};
    std::vector<std::thread> threads;
    for (int t = 0; t < n; t++) {
        threads.emplace_back([&, t] {
            waiting--;
            while (waiting > 0) std::this_thread::yield();
            try {
                body(t);
            } catch (const std::exception &e) {
                failures[static_cast<size_t>(t)] = e.what();
            }
        });
    }
    for (std::thread &t : threads) t.join();
    std::erase(failures, "");
    return failures;
}

// A blur of a ramp, an image, with the schedule number `variant`; checks every value.
void blur(int variant) {
    constexpr int width = 37, height = 11;
    Var x("x"), y("y"), xo("xo"), xi("xi");
    Buffer<int> ramp(width + 2, height, "ramp");
    ramp.for_each_element([&](int i, int j) { ramp(i, j) = i * i + 10 * j + variant; });
    Func rows("rows"), columns("columns");
    rows(x, y) = ramp(x, y) + ramp(x + 1, y) + ramp(x + 2, y);
    columns(x, y) = rows(x, y) * (variant + 2);
    switch (variant % 4) {
    case 0: rows.compute_root(); break;
    case 1:
        columns.split(x, xo, xi, 8, TailStrategy::GuardWithIf).parallel(y);
        rows.compute_at(columns, xo).vectorize(x, 4);
        break;
    case 2: columns.vectorize(x, 8).parallel(y); break;
    default:
        columns.reorder(y, x).unroll(y, 2, TailStrategy::GuardWithIf);
        rows.compute_root().parallel(y);
        break;
    }
    Buffer<int> out = columns.realize({width, height});
    int wrong = 0;
    out.for_each_element([&](int i, int j) {
        const int sum = ramp(i, j) + ramp(i + 1, j) + ramp(i + 2, j);
        wrong += out(i, j) != sum * (variant + 2);
    });
    if (wrong) throw std::runtime_error("variant " + std::to_string(variant) + ": " + std::to_string(wrong) + " wrong");
}

// A histogram: reduction variables, an update, and a parameter.
void histogram(int seed) {
    Var x("x");
    Param<int> step("step");
    RDom r(0, 100, "r");
    Func h("histogram");
    h(x) = 0;
    h(clamp(r * step % 7, 0, 6)) += 1;
    step.set(seed + 1);
    Buffer<int> out = h.realize({7});
    int expected[7] = {};
    for (int i = 0; i < 100; i++) expected[i * (seed + 1) % 7]++;
    for (int i = 0; i < 7; i++) {
        if (out(i) != expected[i]) throw std::runtime_error("bin " + std::to_string(i));
    }
}

TEST(Threads, EachBuildsItsOwnPipelines) {
    const auto failures = in_threads(4, [](int t) {
        for (int k = 0; k < 3; k++) {
            blur(t + k);
            histogram(t + k);
        }
    });
    EXPECT_EQ(failures, std::vector<std::string>());
}

TEST(Threads, OnePipelineRunsInTwo) {
    Var x("x"), y("y");
    Func f("shared"), g("consumer");
    f(x, y) = x * 3 + y;
    g(x, y) = f(x, y) + f(x + 1, y);
    f.compute_root();
    g.parallel(y);
    Pipeline p(g);
    const auto failures = in_threads(2, [&](int t) {
        for (int k = 0; k < 8; k++) {
            Buffer<int> out = p.realize({16 + t, 5 + k});  // the first of them compiles
            for (int j = 0; j < out.height(); j++) {
                for (int i = 0; i < out.width(); i++) {
                    if (out(i, j) != 6 * i + 3 + 2 * j) throw std::runtime_error("a wrong value");
                }
            }
        }
    });
    EXPECT_EQ(failures, std::vector<std::string>());
}

TEST(Threads, OneFuncIsRealizedByTwo) {
    Var x("x");
    Func f("f");
    f(x) = x * 7;
    const auto failures = in_threads(2, [&](int t) {
        Buffer<int> out = f.realize({9 + t});
        for (int i = 0; i < out.width(); i++) {
            if (out(i) != i * 7) throw std::runtime_error("a wrong value");
        }
    });
    EXPECT_EQ(failures, std::vector<std::string>());
}

TEST(Threads, OneFuncServesPipelinesOfSeveral) {
    Var x("x");
    Func base("base");
    base(x) = x * x;
    base.compute_root();
    const auto failures = in_threads(4, [&](int t) {
        Func own("own");
        own(x) = base(x) + t;
        Buffer<int> out = own.realize({20});
        for (int i = 0; i < 20; i++) {
            if (out(i) != i * i + t) throw std::runtime_error("a wrong value");
        }
    });
    EXPECT_EQ(failures, std::vector<std::string>());
    EXPECT_THROW(base(x) += 1, CompileError);  // used by others: frozen
}

TEST(Threads, VarsOfANameAreOneAndFuncsAreNot) {
    constexpr int n = 4, count = 200;
    std::vector<std::vector<std::string>> names(n);
    std::vector<Var> first(n);
    const auto failures = in_threads(n, [&](int t) {
        for (int k = 0; k < count; k++) {
            Var v("interned_" + std::to_string(k));
            if (k == 0) first[static_cast<size_t>(t)] = v;
            names[static_cast<size_t>(t)].push_back(Func("the_same").name());
        }
    });
    EXPECT_EQ(failures, std::vector<std::string>());
    for (int t = 1; t < n; t++) {
        EXPECT_TRUE(Expr(first[0]).same_as(Expr(first[static_cast<size_t>(t)])));
    }
    std::set<std::string> all;
    for (const auto &list : names) all.insert(list.begin(), list.end());
    EXPECT_EQ(all.size(), size_t{n * count});
}

}  // namespace
}  // namespace heddle
