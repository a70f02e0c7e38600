// HD02xx, HD06xx and HD08xx: pipelines, generators and their files, runs and machine code.

#include <filesystem>

#include <gtest/gtest.h>

#include "errors/refused.h"
#include "heddle/schedules.h"
#include "support_lib/golden.h"

namespace heddle {
namespace {

using testing::Environment;

HalideExtern_1(int, function_that_is_nowhere, int)

struct DriverErrors : ::testing::Test {
    Var x{"x"}, y{"y"};
    Func f{"f"}, g{"g"};
    ImageParam in{Int(32), 1, "in"};
    Param<int> n{"n"};
    DriverErrors() {
        f(x) = x * 2;
    }
};

TEST_F(DriverErrors, Targets) {
    REFUSED(51, Target("pdp-11"));
    REFUSED(52, Target("arm-64-linux-avx2"));
    REFUSED(53, Target("x86-64-linux").has_feature(static_cast<Target::Feature>(int{Target::FeatureEnd} + 1)));
    const Environment jit("HL_JIT_TARGET", get_host_target().arch == Target::X86 ? "arm-64-linux" : "x86-64-linux");
    REFUSED(54, get_jit_target_from_environment());
}

TEST_F(DriverErrors, Realizing) {
    REFUSED(260, f.realize({4, 4}));
    Buffer<int> a(4), b(4);
    REFUSED(261, f.realize({a, b}));
    g(x) = f(x) + n;
    REFUSED(262, g.realize({4}));
    Func twice("twice");
    twice(x) = n + Param<int>("n");
    REFUSED(263, twice.compile_jit());
    REFUSED(265, Pipeline(std::vector<Func>()));
    const Target elsewhere(get_host_target().os == Target::Linux ? "arm-64-osx" : "x86-64-linux");
    REFUSED(266, f.realize({4}, elsewhere));
    // Each is to begin before the other.
    ImageParam other(Int(32), 1, "other");
    Func grows("grows");
    grows(x) = in(x) + other(x);
    in.dim(0).set_min(other.dim(0).min() - 1);
    other.dim(0).set_min(in.dim(0).min() - 1);
    REFUSED(267, grows.infer_input_bounds({4}));
}

TEST_F(DriverErrors, Explaining) {
    REFUSED(298, f.explain());
    REFUSED(345, schedules::gemm(f));
}

TEST_F(DriverErrors, Running) {
    ImageParam values(Int(32), 1, "values");
    Func reads("reads");
    reads(x) = values(x + 1);
    values.set(Buffer<int>(4));
    REFUSED(270, reads.realize({4}));
    Pipeline p(f);
    REFUSED(271, p.add_requirement(f(0) > 2));
    const Environment execute("HEDDLE_EXECUTE", "slowly");
    REFUSED(277, f.realize({4}));
}

TEST_F(DriverErrors, SourceThatDoesNotCompile) {
    const Environment execute("HEDDLE_EXECUTE", "c"), compiler("HEDDLE_CXX", "false");
    Func uncompiled("uncompiled");
    uncompiled(x) = x;
    REFUSED(515, uncompiled.realize({4}));
}

TEST_F(DriverErrors, Callables) {
    REFUSED(268, Callable()(1));
    Func called("called");
    called(x) = f(x) + n;
    const Callable c = called.compile_to_callable({n});
    Buffer<int> out(4);
    REFUSED(269, c(out, 3));
}

TEST_F(DriverErrors, Files) {
    REFUSED(272, f.compile_to_lowered_stmt("no/such/folder/f.stmt", {}, Text));
    REFUSED(273, f.compile_to({{OutputFileType::featurization, "f.featurization"}}, {}, "f", get_host_target()));
    REFUSED(274, f.compile_to_static_library("f", {}, "f", Target("arm-32-noos")));
    f.compute_at(g, x);
    REFUSED(507, Pipeline(f).apply(Schedule::from_json(R"({"heddle_schedule": 1, "stages": [{"func": "none", "do": [["compute_root"]]}]})")));
    REFUSED(278, f.compile_to({{OutputFileType::schedule, "f.schedule.h"}}, {}, "f", get_host_target()));
    f.compute_root();
    const Module here = f.compile_to_module({}, "here", Target("x86-64-linux")), there = f.compile_to_module({}, "there", Target("arm-64-linux"));
    REFUSED(275, link_modules("both", {here, there}));
    REFUSED(276, f.compile_to_multitarget_static_library("f", {}, {Target("x86-64-linux"), Target("arm-64-linux")}));
    g(x) = f(x) + n;
    REFUSED(610, g.compile_to_object("g.o", {}, "g"));
}

TEST_F(DriverErrors, MachineCode) {
    REFUSED(801, f.compile_to_object("f.o", {}, "f", Target(Target::Linux, Target::ArchUnknown, 64)));
    Func calls("calls");
    calls(x) = function_that_is_nowhere(x);
    REFUSED(804, calls.compile_jit());
}

TEST_F(DriverErrors, Autoschedulers) {
    REFUSED(224, load_plugin("heddle_plugin_that_is_nowhere"));
    REFUSED(226, Pipeline(f).get_func(3));
    REFUSED(225, Pipeline(f).apply_autoscheduler(get_host_target(), {"Nobody", {}}));
}

TEST_F(DriverErrors, PipelinesAsCFunctions) {
    Buffer<int> own(8);
    own.fill(1);
    Func inner("inner");
    inner(x) = own(x);
    g.define_extern("inner_pipeline", {}, Int(32), 1);
    Pipeline p(g);
    p.set_jit_externs({{"inner_pipeline", JITExtern(Pipeline(inner))}});
    REFUSED(238, p.compile_jit());
}

// --- generators

class Doubling : public Generator<Doubling> {
public:
    GeneratorParam<int> factor{"factor", 2, 1, 8};
    Input<Buffer<int, 1>> input{"input"};
    Output<Buffer<int, 1>> output{"output"};
    void generate() {
        output(Var("x")) = input(Var("x")) * factor;
    }
};
HEDDLE_REGISTER_GENERATOR(Doubling, errors_doubling)

class Open : public Generator<Open> {
public:
    Input<Buffer<>> input{"input"};
    Output<Buffer<int, 1>> output{"output"};
    void generate() {
        output(Var("x")) = cast<int>(input(Var("x")));
    }
};
HEDDLE_REGISTER_GENERATOR(Open, errors_open)

class Forgetful : public Generator<Forgetful> {
public:
    Output<Buffer<int, 1>> output{"output"};
    void generate() {
    }
};
HEDDLE_REGISTER_GENERATOR(Forgetful, errors_forgetful)

class Misnamed : public Generator<Misnamed> {
public:
    Output<Buffer<int, 1>> output{"the output"};
    void generate() {
        output(Var("x")) = 1;
    }
};
HEDDLE_REGISTER_GENERATOR(Misnamed, errors_misnamed)

TEST(GeneratorErrors, EachCode) {
    const auto make = [](const char *name, const GeneratorParamsMap &params = {}) {
        return Internal::create_generator(name, get_host_target(), params);
    };
    REFUSED(281, make("errors_doubling", {{"factor", "nine"}}));
    REFUSED(282, make("errors_doubling", {{"faktor", "2"}})->build_pipeline());
    REFUSED(283, make("errors_open")->build_pipeline());
    REFUSED(284, Internal::GeneratorBase::make<Doubling>()->apply(7));
    REFUSED(285, make("errors_forgetful")->build_pipeline());
    REFUSED(286, make("errors_misnamed")->build_pipeline());
    REFUSED(287, auto g = make("errors_doubling"); g->build_pipeline(); g->build_pipeline());
}

// What the program that holds the generators prints.
std::string printed(std::vector<std::string> args) {
    args.insert(args.begin(), "program");
    std::vector<char *> argv;
    for (std::string &a : args) argv.push_back(a.data());
    ::testing::internal::CaptureStderr();
    EXPECT_NE(Internal::generate_filter_main(static_cast<int>(argv.size()), argv.data()), 0);
    return ::testing::internal::GetCapturedStderr();
}

TEST(GeneratorErrors, CommandLine) {
    testing::expect_golden("errors/HD0280.txt", printed({"-o", ".", "-g", "errors_nobody", "target=host"}));
    testing::expect_golden("errors/HD0288.txt", printed({"-o"}));
    testing::expect_golden("errors/HD0289.txt", printed({"-g", "errors_doubling", "-o", "/dev/null/out", "target=host"}));
}

}  // namespace
}  // namespace heddle
