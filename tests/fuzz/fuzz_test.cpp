// Random pipelines with random schedules: the naive evaluation, the interpreter and the JIT agree on every
// element, bit for bit. A failure prints the seed and the program, and then the simplest program found that fails alike:
// to paste into tests/interpret/differential_test.cpp.
//
// HEDDLE_FUZZ_FROM=n HEDDLE_FUZZ_COUNT=m runs other seeds; HEDDLE_FUZZ_REFUSALS=1 shows why schedules are refused;
// HEDDLE_FUZZ_APART=s runs each program in a process of its own, for s seconds at most, so that crashes and endless loops
// are reported and reduced as well; HEDDLE_FUZZ_REDUCE=n tries n simpler programs (400; 0: none).

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>

#include "fuzz/apart.h"
#include "fuzz/random_pipeline.h"
#include "fuzz/wide_pipeline.h"
#include "support_lib/differential.h"

namespace heddle::testing {
namespace {

constexpr int shards = 10;

constexpr uint64_t usual_count = 1000;

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

// Holds the program, once made, against the three judges.
Verdict judge(const RandomProgram &p) {
    Verdict v;
    const std::vector<Func> outputs = p.outputs();
    const std::vector<Buffer<>> expected = naive_values(outputs, p.extents(), p.mins());
    try {
        const std::string interpreted = differences(expected, interpreted_values(outputs, p.extents(), p.mins(), p.choices().made().size()));
        if (!interpreted.empty()) v.wrong = "interpreter: " + interpreted;
    } catch (const CompileError &e) {
        if (std::getenv("HEDDLE_FUZZ_REFUSALS")) std::cerr << e.what() << "\n";
        v.is_refused = true;
    } catch (const InternalError &e) {
        v.wrong = std::string("interpreter: ") + e.what();
    }
    if (v.is_refused || !v.wrong.empty()) return v;
    std::vector<Buffer<>> compiled = outputs_for(outputs, p.extents(), p.mins());
    try {
        Realization into(compiled);
        Pipeline(outputs).realize(into);
        const std::string jit = differences(expected, compiled);
        if (!jit.empty()) v.wrong = "JIT: " + jit;
    } catch (const Error &e) {
        v.wrong = std::string("JIT: ") + e.what();
    }
    return v;
}

// Makes a program from choices; what it throws while its schedule is made is what is wrong.
using Make = std::function<std::unique_ptr<RandomProgram>(Choices choices, std::string &wrong)>;

// Makes and judges, in a process of its own when HEDDLE_FUZZ_APART says after how many seconds it is to be ended.
Verdict verdict_of(const Make &make, const Choices &choices) {
    std::unique_ptr<RandomProgram> p;
    std::string wrong;
    const auto text = [&] {
        p = make(choices, wrong);
        return p->program();
    };
    const auto judged = [&] {
        Verdict v;
        v.wrong = wrong;
        try {
            if (wrong.empty()) v = judge(*p);
        } catch (const std::exception &e) {
            v.wrong = std::string("naive: ") + e.what();
        }
        return v;
    };
    if (const uint64_t seconds = number("HEDDLE_FUZZ_APART", 0)) return apart(text, judged, static_cast<int>(seconds));
    const std::string program = text();
    Verdict v = judged();
    v.text = program;
    return v;
}

// The simplest program found that fails in the same way.
std::string reduced(const Make &make, const Choices &choices, const Verdict &found) {
    const auto budget = static_cast<int>(number("HEDDLE_FUZZ_REDUCE", 400));
    const std::string judge = found.wrong.substr(0, found.wrong.find(':') + 1);
    Verdict simplest = found;
    const auto fails = [&](Choices &candidate) {
        const Verdict v = verdict_of(make, candidate);
        if (!v.wrong.starts_with(judge)) return false;
        std::string wrong;
        candidate = make(candidate, wrong)->choices();
        simplest = v;
        return true;
    };
    std::string wrong;
    const size_t before = make(choices, wrong)->choices().made().size();
    const size_t after = shrink(make(choices, wrong)->choices(), fails, budget).size();
    return "reduced from " + std::to_string(before) + " choices to " + std::to_string(after) + ": " + simplest.wrong + "\n" + simplest.text;
}

// Seeds of one shard. The first that fails is reduced.
void run_shard(int shard, uint64_t multiplier, uint64_t addend, const Make &make) {
    const uint64_t count = number("HEDDLE_FUZZ_COUNT", usual_count), from = number("HEDDLE_FUZZ_FROM", 0);
    int refused = 0, ran = 0;
    bool is_reduced = false;
    for (uint64_t seed = from + static_cast<uint64_t>(shard); seed < from + count; seed += shards) {
        const Choices choices(seed * multiplier + addend);
        const Verdict v = verdict_of(make, choices);
        refused += v.is_refused ? 1 : 0;
        ran++;
        if (v.wrong.empty()) continue;
        ADD_FAILURE() << "seed " << seed << ": " << v.wrong << "\n" << v.text;
        if (!is_reduced) ADD_FAILURE() << "seed " << seed << ", " << reduced(make, choices, v);
        is_reduced = true;
    }
    // Most of what is said must be legal, or nothing is tested: a third may be refused; few seeds may all be unlucky.
    const bool is_legal = ran >= 30 ? refused * 3 <= ran : refused * 2 <= ran + 2;
    EXPECT_TRUE(is_legal) << refused << " of " << ran << " schedules were refused";
}

class Fuzz : public ::testing::TestWithParam<int> {};

TEST_P(Fuzz, NaiveInterpreterAndJitAgree) {
    run_shard(GetParam(), 0x2545f4914f6cdd1dull, 99,
              [](Choices choices, std::string &) { return std::make_unique<RandomPipeline>(std::move(choices)); });
}
INSTANTIATE_TEST_SUITE_P(Seeds, Fuzz, ::testing::Range(0, shards));

class WideFuzz : public ::testing::TestWithParam<int> {};

TEST_P(WideFuzz, NaiveInterpreterAndJitAgree) {
    run_shard(GetParam(), 0x9fb21c651e98df25ull, 7, [](Choices choices, std::string &wrong) {
        auto p = std::make_unique<WidePipeline>(std::move(choices));
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
