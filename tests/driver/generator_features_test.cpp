// What generators may declare, and how they call each other.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "heddle/callable.h"
#include "heddle/generator.h"
#include "heddle/lambda.h"

using namespace heddle;

namespace {

enum class Mode { Add, Sub };

class Feature : public Generator<Feature> {
public:
    GeneratorParam<int> taps{"taps", 3, 1, 10};
    GeneratorParam<bool> flip{"flip", false};
    GeneratorParam<Mode> mode{"mode", Mode::Add, {{"add", Mode::Add}, {"sub", Mode::Sub}}};
    GeneratorParam<LoopLevel> level{"level", LoopLevel::root()};
    Input<Buffer<>> open{"open"};
    Input<Func> func{"func", Int(32), 1};
    Input<Func[2]> funcs{"funcs", Int(32), 1};
    Input<int[3]> coefficients{"coefficients", 1};
    Input<int[]> more{"more"};
    Input<Expr> late{"late"};
    Output<Func> pair{"pair", {Int(32), Float(32)}, 1};
    Output<Buffer<int, 1>[2]> outs{"outs"};

    void configure() {
        late.set_type(Int(16));
    }
    void generate() {
        Var x("x");
        Expr e = cast<int>(open(x)) + func(x) + funcs[0](x) * funcs[1](x);
        for (size_t i = 0; i < coefficients.size(); i++) e = e + coefficients[i];
        for (auto &m : more) e = e + m;
        e = mode == Mode::Add ? e + taps : e - taps;
        e = e + min(taps, 2) + max(taps, x) * 0;
        if (flip && taps > 1) e = -e;
        pair(x) = Tuple(e + cast<int>(late), cast<float>(e));
        outs[0](x) = e;
        outs[1](x) = e + 1;
    }
};
HEDDLE_REGISTER_GENERATOR(Feature, feature, outer::inner::FeatureStub)

const GeneratorParamsMap open_params = {{"open.type", "uint8"}, {"open.dim", "1"}, {"more.size", "2"}};

TEST(GeneratorFeatures, TypesAndSizesFromParameters) {
    GeneratorParamsMap params = open_params;
    params["mode"] = "sub";
    params["taps"] = "4";
    const Callable c = create_callable_from_generator(get_jit_target_from_environment(), "feature", params);
    Buffer<uint8_t, 1> open(8);
    Buffer<int, 1> a(8), b(8), d(8), first(8), out0(8), out1(8);
    Buffer<float, 1> second(8);
    for (int i = 0; i < 8; i++) {
        open(i) = static_cast<uint8_t>(10 * i);
        a(i) = i, b(i) = i + 1, d(i) = 3;
    }
    ASSERT_EQ(c.arguments().size(), 14u);
    EXPECT_EQ(c(open, a, b, d, 1, 2, 3, 100, 200, int16_t{7}, first, second, out0, out1), 0);
    for (int i = 0; i < 8; i++) {
        const int e = 10 * i + i + (i + 1) * 3 + 6 + 300 - 4 + 2;
        EXPECT_EQ(out0(i), e);
        EXPECT_EQ(out1(i), e + 1);
        EXPECT_EQ(first(i), e + 7);
        EXPECT_EQ(second(i), static_cast<float>(e));
    }
}

int code_of(const GeneratorParamsMap &params) {
    try {
        Internal::create_generator("feature", get_host_target(), params)->build_pipeline();
    } catch (const CompileError &e) {
        return e.diagnostic().code;
    }
    return 0;
}

TEST(GeneratorFeatures, OnlyWhatIsOpenCanBeSet) {
    EXPECT_EQ(code_of(open_params), 0);
    EXPECT_EQ(code_of({}), 283);
    EXPECT_EQ(code_of({{"func.type", "float32"}}), 282);
    EXPECT_EQ(code_of({{"coefficients.size", "2"}}), 282);
    EXPECT_EQ(code_of({{"open.type", "uint7"}}), 281);
    EXPECT_EQ(code_of({{"open.colour", "1"}}), 282);
    EXPECT_EQ(code_of({{"nothing.type", "uint8"}}), 282);
}

TEST(GeneratorFeatures, AutoschedulersByName) {
    GeneratorParamsMap params = open_params;
    params["autoscheduler"] = "heddle_test_scheduler";
    EXPECT_EQ(code_of(params), 225);
    static std::string seen;
    Pipeline::add_autoscheduler("heddle_test_scheduler", [](const Pipeline &p, const Target &, const AutoschedulerParams &a,
                                                            AutoSchedulerResults *r) {
        seen = a.to_string();
        p.outputs()[0].parallel(p.outputs()[0].args()[0]);
        r->schedule_source = "parallel";
    });
    params["autoscheduler.tasks"] = "3";
    EXPECT_EQ(code_of(params), 0);
    EXPECT_EQ(seen, "autoscheduler=heddle_test_scheduler autoscheduler.tasks=3");
    EXPECT_THROW(load_plugin("heddle_no_such_library"), CompileError);
}

class Around : public Generator<Around> {
public:
    Input<Buffer<int, 1>> input{"input"};
    Output<Buffer<int, 1>> output{"output"};
    void generate() {
        Var x("x");
        auto first = context().apply<Inside>(input, 5);
        auto second = create<Inside>();
        second->set_inputs(lambda(x, first->output(x) * 2), 1);
        second->get_pipeline();
        output = second->output;
    }
    class Inside : public Generator<Inside> {
    public:
        Input<Func> input{"input", Int(32), 1};
        Input<int> by{"by"};
        Output<Func> output{"output", Int(32), 1};
        void generate() {
            Var x("x");
            output(x) = input(x) + by;
        }
    };
};
HEDDLE_REGISTER_GENERATOR(Around, around)

TEST(GeneratorFeatures, OneInsideOfAnother) {
    const Callable c = create_callable_from_generator(get_jit_target_from_environment(), "around");
    Buffer<int, 1> in(4), out(4);
    for (int i = 0; i < 4; i++) in(i) = i;
    EXPECT_EQ(c(in, out), 0);
    for (int i = 0; i < 4; i++) EXPECT_EQ(out(i), (i + 5) * 2 + 1);
}

TEST(GeneratorFeatures, StubHeaderDeclaresTheClass) {
    const auto g = Internal::create_generator("feature", get_host_target(), open_params);
    g->run_configure();
    const std::string header = Internal::stub_header("feature", *g);
    for (const char *line : {"namespace outer {", "namespace inner {", "class FeatureStub {", "Halide::Internal::StubInputBuffer<uint8_t> open;",
                             "Func func;", "std::vector<Func> funcs;", "std::vector<Expr> coefficients;", "Expr late;",
                             "int32_t taps = 3;", "bool flip = false;", "Enum_mode mode = Enum_mode::add;",
                             "LoopLevel level = LoopLevel::root();", "std::vector<Halide::Internal::StubOutputBuffer<int32_t>> outs;"}) {
        EXPECT_NE(header.find(line), std::string::npos) << line << " in\n" << header;
    }
}

}  // namespace
