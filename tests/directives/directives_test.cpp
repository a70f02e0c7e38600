// Every directive of src/schedule/directives.def: what it makes of a pipeline (shown/<name>.txt), what it refuses
// (refused/<name>.txt), and that a pipeline with it computes what the algorithm says. A row of the table without a
// program in cases.h, or without its two texts, fails here, and so does a text or a program that no row asks for.

#include <algorithm>
#include <filesystem>
#include <regex>

#include <gtest/gtest.h>

#include "directives/cases.h"
#include "ir/print.h"
#include "lower/lower.h"
#include "schedule/check_schedule.h"
#include "schedule/directives.h"
#include "support_lib/differential.h"
#include "support_lib/error_code.h"
#include "support_lib/golden.h"

namespace heddle::testing {

namespace {

using namespace Internal;

const Cases &cases() {
    static const Cases all = [] {
        Cases c = loop_cases();
        c.merge(func_cases());
        return c;
    }();
    return all;
}

struct Row {
    const char *name, *cpp;
    DirectiveKind kind;
};

const std::vector<Row> rows = {
#define HEDDLE_DIRECTIVE(name, cpp, scope, args, doc, before, after) {#name, cpp, DirectiveKind::name},
#include "schedule/directives.def"
#undef HEDDLE_DIRECTIVE
};

LowerRequest request_for(const std::vector<Func> &outputs) {
    LowerRequest request;
    for (const Func &f : outputs) request.outputs.push_back(f.function());
    request.name = "kernel";
    request.target = Target("x86-64-linux-sse41-avx-avx2-fma-f16c-cuda");  // has what any directive needs
    return request;
}

// Names that were there before are told apart by numbers, which depend on the tests that ran before; so do hashes of names.
std::string without_numbers(const std::string &text) {
    return std::regex_replace(std::regex_replace(text, std::regex("[$][0-9]+"), ""), std::regex("[0-9]{12,}u64"), "HASHu64");
}

// What stands behind the checks of the one argument, which end when its memory is asked for.
std::string without_checks(const std::string &statement) {
    const size_t memory = statement.find(" = buffer_host(");
    if (memory == std::string::npos) return statement;
    return statement.substr(statement.find('\n', memory) + 1);
}

struct Directives : ::testing::TestWithParam<Row> {
    const Case *of_row() const {
        const auto it = cases().find(GetParam().name);
        if (it == cases().end()) ADD_FAILURE() << "tests/directives has no case for " << GetParam().name;
        return it == cases().end() ? nullptr : &it->second;
    }
};

TEST_P(Directives, Shown) {
    const Case *c = of_row();
    ASSERT_TRUE(c);
    const Func output = c->program(true);
    const std::string schedule = check_round_trip({output});
    EXPECT_NE(schedule.find("[\"" + std::string(GetParam().name) + "\""), std::string::npos) << "it is not said in\n" << schedule;
    const auto statement = [&](const Func &f) {
        return without_numbers(without_checks(to_string(lower_until(request_for({f}), c->before))));
    };
    const std::string with = statement(output);
    expect_golden("directives/shown/" + std::string(GetParam().name) + ".txt",
                  without_numbers(schedule + "\n" + loop_nests({output})) + "\nbefore " + c->before + ":\n" + with);
    const std::string without = statement(c->program(false));
    EXPECT_EQ(with != without, c->has_effect) << without;
}

TEST_P(Directives, Refused) {
    const Case *c = of_row();
    ASSERT_TRUE(c);
    Diagnostic d = refusal_of(c->refused);
    const std::string call = c->refused_as.empty() ? GetParam().cpp : c->refused_as;
    EXPECT_EQ(d.directive.substr(0, call.size() + 1), call + "(");
    EXPECT_NE(std::filesystem::path(d.location.file).filename().string().find("_cases.cpp"), std::string::npos) << d.location.file;
    EXPECT_GT(d.location.line, 0);
    d.location = {};
    expect_golden("directives/refused/" + std::string(GetParam().name) + ".txt", without_numbers(d.render() + "\n"));
}

TEST_P(Directives, Executed) {
    const Case *c = of_row();
    ASSERT_TRUE(c);
    const Func output = c->program(true);
    expect_same_after_every_pass(output, c->extents);
    const std::vector<Buffer<>> expected = naive_values({output}, c->extents, {});
    Realization actual(outputs_for({output}, c->extents, {}));
    if (c->on_gpu) {
        EXPECT_EQ(code_of([&] { Pipeline(output).realize(actual, get_host_target()); }), 365);
        return;
    }
    Pipeline(output).realize(actual);
    for (size_t i = 0; i < expected.size(); i++) EXPECT_EQ(first_difference(expected[i], actual[i]), "") << "output " << i;
}

INSTANTIATE_TEST_SUITE_P(Each, Directives, ::testing::ValuesIn(rows), [](const auto &test) { return std::string(test.param.name); });

bool is_row(const std::string &name) {
    return std::any_of(rows.begin(), rows.end(), [&](const Row &r) { return name == r.name; });
}

TEST(DirectiveCases, AreOfRows) {
    for (const auto &[name, c] : cases()) EXPECT_TRUE(is_row(name)) << name;
    for (const char *folder : {"directives/shown", "directives/refused"}) {
        const std::vector<std::string> files = golden_files(folder, ".txt");
        EXPECT_EQ(files.size(), rows.size()) << folder;
        for (const std::string &file : files) EXPECT_TRUE(is_row(test_name(file))) << file;
    }
}

}  // namespace

void lower_pipeline(const std::vector<Func> &outputs) {
    lower(request_for(outputs));
}

}  // namespace heddle::testing
