// What makes a failure small: choices that are given instead of drawn, and cases in processes of their own.

#include <algorithm>
#include <csignal>
#include <memory>

#include <gtest/gtest.h>

#include "fuzz/apart.h"
#include "fuzz/random_pipeline.h"
#include "fuzz/wide_pipeline.h"

namespace heddle::testing {
namespace {

TEST(Choices, MakeTheSameProgramAgain) {
    for (uint64_t seed = 0; seed < 40; seed++) {
        const RandomPipeline drawn{Choices(seed)};
        const RandomPipeline given{Choices(drawn.choices().made())};
        EXPECT_EQ(drawn.program(), given.program());
        EXPECT_EQ(drawn.choices().made(), given.choices().made());
    }
}

TEST(Choices, AreSimplestAfterTheLast) {
    Choices c(std::vector<uint32_t>{5, 1});
    EXPECT_EQ(c.below(4), 1);  // the remainder
    EXPECT_TRUE(c.chance(1));
    EXPECT_FALSE(c.chance(99));
    EXPECT_EQ(c.below(7), 0);
    EXPECT_EQ(c.made(), (std::vector<uint32_t>{1, 1, 0, 0}));
}

// As many numbers as the first choice says, each as many times as the one before it says.
std::vector<int> numbers(Choices &c) {
    std::vector<int> list;
    for (int n = c.below(100), i = 0; i < n; i++) {
        const Choices::Within part(c, c.new_part(0));
        for (int times = c.below(4); times >= 0; times--) list.push_back(c.below(1000));
    }
    return list;
}

bool has_a_large_one(Choices &c) {
    const std::vector<int> list = numbers(c);
    return std::any_of(list.begin(), list.end(), [](int n) { return n >= 37; });
}

TEST(Shrink, FindsTheLeastNumberInTheShortestList) {
    int calls = 0;
    const auto fails = [&](Choices &c) { return ++calls, has_a_large_one(c); };
    for (uint64_t seed = 0; seed < 20; seed++) {
        calls = 0;
        Choices large(seed);
        if (!has_a_large_one(large)) continue;
        EXPECT_EQ(shrink(large, fails, 1000), (std::vector<uint32_t>{1, 0, 37})) << seed;
        EXPECT_LE(calls, 300) << seed;
    }
}

TEST(Shrink, StopsWhenItsBudgetIsSpent) {
    int calls = 0;
    const auto fails = [&](Choices &c) { return ++calls, has_a_large_one(c); };
    Choices large(std::vector<uint32_t>{3, 0, 500, 0, 600, 0, 700});
    has_a_large_one(large);
    shrink(large, fails, 3);
    EXPECT_EQ(calls, 3);
}

// "Fails" here: the schedule vectorizes something.
template<typename Make>
void expect_small(const Make &make) {
    const auto is_vectorized = [](const std::string &program) { return program.find(".vectorize(") != program.npos; };
    const auto fails = [&](Choices &c) {
        const auto p = make(c);
        c = p->choices();
        return is_vectorized(p->program());
    };
    int reduced = 0;
    for (uint64_t seed = 0; seed < 200 && reduced < 5; seed++) {
        Choices start(seed);
        if (!fails(start)) continue;
        reduced++;
        const std::string small = make(Choices(shrink(start, fails, 2000)))->program();
        EXPECT_TRUE(is_vectorized(small)) << small;
        EXPECT_LE(std::count(small.begin(), small.end(), '\n'), 20) << "seed " << seed << ":\n" << make(Choices(seed))->program() << "became\n" << small;
    }
    EXPECT_EQ(reduced, 5);
}

TEST(Shrink, PlainProgramsBecomeFewLines) {
    expect_small([](const Choices &c) { return std::make_unique<RandomPipeline>(c); });
}

TEST(Shrink, WideProgramsBecomeFewLines) {
    expect_small([](const Choices &c) {
        auto p = std::make_unique<WidePipeline>(c);
        p->schedule();
        return p;
    });
}

Verdict apart_with(const std::function<void()> &what) {
    return apart([] { return std::string("the text"); },
                 [&] {
                     what();
                     Verdict v;
                     v.wrong = "JIT: one element";
                     v.is_refused = true;
                     return v;
                 },
                 1);
}

TEST(Apart, AVerdictComesBack) {
    const Verdict v = apart_with([] {});
    EXPECT_EQ(v.wrong, "JIT: one element");
    EXPECT_EQ(v.text, "the text");
    EXPECT_TRUE(v.is_refused);
}

TEST(Apart, CrashesAndEndlessLoopsAreVerdicts) {
    const Verdict crash = apart_with([] { std::raise(SIGKILL); });
    EXPECT_EQ(crash.wrong, "crash: signal 9");
    EXPECT_EQ(crash.text, "the text");
    const Verdict hang = apart_with([] {
        volatile bool is_endless = true;
        while (is_endless) {
        }
    });
    EXPECT_EQ(hang.wrong, "hang: not done after 1 s");
    EXPECT_EQ(hang.text, "the text");
}

}  // namespace
}  // namespace heddle::testing
