// Random pipelines with random schedules: the naive evaluation, the interpreter and the JIT agree on every
// element, bit for bit. A failure prints the seed and a program to paste into
// tests/interpret/differential_test.cpp.
//
// HEDDLE_FUZZ_FROM=n HEDDLE_FUZZ_COUNT=m runs other seeds; HEDDLE_FUZZ_REFUSALS=1 shows why schedules are refused.

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <memory>

#include "fuzz/random_pipeline.h"
#include "fuzz/wide_pipeline.h"
#include "support_lib/differential.h"

namespace heddle::testing {
namespace {

constexpr int shards = 10;

constexpr uint64_t usual_count = 500;

uint64_t number(const char *name, uint64_t otherwise) {
    const char *value = std::getenv(name);
    return value ? std::strtoull(value, nullptr, 10) : otherwise;
}

std::string differences(const std::vector<Buffer<>> &expected, const std::vector<Buffer<>> &actual) {
    for (size_t i = 0; i < expected.size(); i++) {
        const std::string difference = first_difference(expected[i], actual[i]);
        if (!difference.empty()) return "output " + std::to_string(i) + " " + difference;
    }
    return {};
}

// What is wrong, by whose judgement; empty when nothing is, or when the schedule is refused.
std::string judge(const RandomProgram &p, uint64_t seed, int &refused) {
    const std::vector<Func> outputs = p.outputs();
    const std::vector<Buffer<>> expected = naive_values(outputs, p.extents(), p.mins());
    try {
        const std::string interpreted = differences(expected, interpreted_values(outputs, p.extents(), p.mins(), seed));
        if (!interpreted.empty()) return "interpreter: " + interpreted;
    } catch (const CompileError &e) {
        if (std::getenv("HEDDLE_FUZZ_REFUSALS")) std::cerr << "seed " << seed << ": " << e.what() << "\n";
        refused++;
        return {};
    } catch (const InternalError &e) {
        return std::string("interpreter: ") + e.what();
    }
    std::vector<Buffer<>> compiled = outputs_for(outputs, p.extents(), p.mins());
    try {
        Realization into(compiled);
        Pipeline(outputs).realize(into);
    } catch (const Error &e) {
        return std::string("JIT: ") + e.what();
    }
    const std::string jit = differences(expected, compiled);
    return jit.empty() ? jit : "JIT: " + jit;
}

// Seeds of one shard; `make` gives a pipeline with its schedule, or writes down what it threw.
template<typename Make>
void run_shard(int shard, const Make &make) {
    const uint64_t count = number("HEDDLE_FUZZ_COUNT", usual_count), from = number("HEDDLE_FUZZ_FROM", 0);
    int refused = 0, ran = 0;
    for (uint64_t seed = from + static_cast<uint64_t>(shard); seed < from + count; seed += shards) {
        std::string wrong, text;
        try {
            const auto p = make(seed, wrong);
            if (wrong.empty()) wrong = judge(*p, seed, refused);
            text = p->program();
        } catch (const std::exception &e) {
            wrong = std::string("naive: ") + e.what();
        }
        EXPECT_EQ(wrong, "") << "seed " << seed << "\n" << text;
        ran++;
    }
    // Most of what is said must be legal, or nothing is tested.
    EXPECT_LE(refused * 2, ran) << refused << " of " << ran << " schedules were refused";
}

class Fuzz : public ::testing::TestWithParam<int> {};

TEST_P(Fuzz, NaiveInterpreterAndJitAgree) {
    run_shard(GetParam(), [](uint64_t seed, std::string &) { return std::make_unique<RandomPipeline>(seed); });
}
INSTANTIATE_TEST_SUITE_P(Seeds, Fuzz, ::testing::Range(0, shards));

class WideFuzz : public ::testing::TestWithParam<int> {};

TEST_P(WideFuzz, NaiveInterpreterAndJitAgree) {
    run_shard(GetParam(), [](uint64_t seed, std::string &wrong) {
        auto p = std::make_unique<WidePipeline>(seed);
        try {
            p->schedule();
        } catch (const std::exception &e) {
            wrong = std::string("scheduling: ") + e.what();
        }
        return p;
    });
}
INSTANTIATE_TEST_SUITE_P(Seeds, WideFuzz, ::testing::Range(0, shards));

}  // namespace
}  // namespace heddle::testing
