#include "heddle/generator.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "heddle/boundary_conditions.h"
#include "heddle/callable.h"
#include "heddle/lambda.h"

using namespace heddle;

namespace {

enum class Flavour { Sweet, Sour };

class EveryParam : public Generator<EveryParam> {
public:
    GeneratorParam<int> factor{"factor", 3, 1, 8};
    GeneratorParam<float> gain{"gain", 0.5f};
    GeneratorParam<bool> twice{"twice", false};
    GeneratorParam<Type> type{"type", UInt(8)};
    GeneratorParam<std::string> text{"text", "abc"};
    GeneratorParam<Flavour> flavour{
        "flavour", Flavour::Sweet, {{"sweet", Flavour::Sweet}, {"sour", Flavour::Sour}}};
    GeneratorParam<LoopLevel> level{"level", LoopLevel::root()};
    Input<Buffer<>> input{"input", 1};
    Input<float> amount{"amount", 2.0f, 0.0f, 4.0f};
    Output<Buffer<>> output{"output"};

    void configure() {
        input.set_type(type);
        output.set_type(type);
        output.set_dimensions(1);
    }
    void generate() {
        Var x("x");
        Expr e = input(x) * factor;
        if (twice) e = e * 2;
        output(x) = cast(type, e + amount * gain);
    }
};
HEDDLE_REGISTER_GENERATOR(EveryParam, every_param)
HEDDLE_REGISTER_GENERATOR_ALIAS(every_param_twice, every_param,
                                {{"twice", "true"}, {"factor", "2"}})

class AddTo : public Generator<AddTo> {
public:
    Input<Func> input{"input", Int(32), 1};
    Input<int> addend{"addend"};
    Output<Func> output{"output", Int(32), 1};
    void generate() {
        output(x) = input(x) + addend;
    }
    void schedule() {
        output.compute_root();
    }
    Var x{"x"};
};
HEDDLE_REGISTER_GENERATOR(AddTo, add_to)

class Twice : public Generator<Twice> {
public:
    Input<Buffer<int, 1>> input{"input"};
    Input<int> addend{"addend"};
    Output<Buffer<int, 1>> output{"output"};
    void generate() {
        Var x("x");
        auto first = apply<AddTo>(input, addend);
        auto second = apply<AddTo>(first->output, 100);
        output(x) = second->output(x);
    }
};
HEDDLE_REGISTER_GENERATOR(Twice, twice)

class Arrays : public Generator<Arrays> {
public:
    Input<Buffer<int, 1>[2]> images { "images" };
    Input<int[]> weights{"weights"};
    Output<Buffer<int, 1>[]> outputs { "outputs" };
    void configure() {
        weights.resize(2);
        outputs.resize(3);
        extra = add_input<int>("extra");
    }
    void generate() {
        Var x("x");
        for (size_t i = 0; i < outputs.size(); i++) {
            Expr e = Expr(static_cast<int>(i)) + *extra;
            for (size_t k = 0; k < images.size(); k++)
                e += images[k](x) * weights[k];
            outputs[i](x) = e;
        }
    }
    Input<int> *extra = nullptr;
};
HEDDLE_REGISTER_GENERATOR(Arrays, arrays)

class Undefined : public Generator<Undefined> {
public:
    Output<Buffer<int, 1>> output{"forgotten"};
    void generate() {
    }
};
HEDDLE_REGISTER_GENERATOR(Undefined, undefined)

class NoType : public Generator<NoType> {
public:
    Input<Buffer<>> input{"open_input"};
    Output<Buffer<int, 1>> output{"output"};
    void generate() {
    }
};
HEDDLE_REGISTER_GENERATOR(NoType, no_type)

class WrongType : public Generator<WrongType> {
public:
    Output<Func> output{"output"};
    void configure() {
        output.set_type(UInt(8));
        output.set_dimensions(1);
    }
    void generate() {
        output = lambda(Var("x"), 1.5f);
    }
};
HEDDLE_REGISTER_GENERATOR(WrongType, wrong_type)

Diagnostic diagnostic_of(const std::string &generator, const GeneratorParamsMap &params = {}) {
    try {
        Internal::create_generator(generator, get_host_target(), params)->build_pipeline();
    } catch (const CompileError &e) {
        return e.diagnostic();
    }
    ADD_FAILURE() << generator << " was not refused";
    return {};
}

int code_of(const std::string &generator, const GeneratorParamsMap &params,
            const std::string &part) {
    const Diagnostic d = diagnostic_of(generator, params);
    EXPECT_NE((d.message + d.hint).find(part), std::string::npos) << d.render();
    return d.code;
}

// Runs the generator program with these options in an empty folder and gives what it wrote to stderr.
struct Program {
    std::filesystem::path dir;
    std::string errors;
    int result = -1;

    Program() {
        std::string name =
            (std::filesystem::temp_directory_path() / "heddle_generator_XXXXXX").string();
        dir = mkdtemp(name.data());
    }
    ~Program() {
        std::filesystem::remove_all(dir);
    }
    int run(std::vector<std::string> args) {
        args.insert(args.begin(), {"program", "-o", dir.string()});
        std::vector<char *> argv;
        for (std::string &a : args)
            argv.push_back(a.data());
        testing::internal::CaptureStderr();
        result = Internal::generate_filter_main(static_cast<int>(argv.size()), argv.data());
        errors = testing::internal::GetCapturedStderr();
        return result;
    }
    bool has(const std::string &file) const {
        return std::filesystem::exists(dir / file);
    }
    size_t files() const {
        return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(dir), {}));
    }
    std::string text(const std::string &file) const {
        std::ifstream in(dir / file);
        std::ostringstream out;
        out << in.rdbuf();
        return out.str();
    }
};

TEST(GeneratorParams, AreReadFromText) {
    auto g = Internal::create_generator("every_param", get_host_target(),
                                        {{"factor", "8"},
                                         {"gain", "-1.25"},
                                         {"twice", "true"},
                                         {"type", "int16"},
                                         {"text", "x y"},
                                         {"flavour", "sour"},
                                         {"level", "inlined"}});
    const auto &e = dynamic_cast<EveryParam &>(*g);
    EXPECT_EQ(e.factor, 8);
    EXPECT_EQ(e.gain, -1.25f);
    EXPECT_TRUE(e.twice);
    EXPECT_EQ(e.type.value(), Int(16));
    EXPECT_EQ(e.text.value(), "x y");
    EXPECT_EQ(e.flavour.value(), Flavour::Sour);
    EXPECT_TRUE(e.level.value().is_inlined());
    EXPECT_EQ(e.flavour.text(), "sour");
    EXPECT_EQ(e.gain.text(), "-1.25");
    EXPECT_EQ(e.type.text(), "int16");
}

TEST(GeneratorParams, RefuseWhatTheyAreNot) {
    EXPECT_EQ(code_of("every_param", {{"factor", "9"}}, "factor"), 281);
    EXPECT_EQ(code_of("every_param", {{"factor", "0"}}, "at least 1"), 281);
    EXPECT_EQ(code_of("every_param", {{"factor", "3x"}}, "3x"), 281);
    EXPECT_EQ(code_of("every_param", {{"factor", "99999999999"}}, "factor"), 281);
    EXPECT_EQ(code_of("every_param", {{"twice", "maybe"}}, "maybe"), 281);
    EXPECT_EQ(code_of("every_param", {{"type", "uint9"}}, "uint9"), 281);
    EXPECT_EQ(code_of("every_param", {{"flavour", "bitter"}}, "sour sweet"), 281);
    EXPECT_EQ(code_of("every_param", {{"faktor", "3"}}, "factor"), 282);
    EXPECT_EQ(code_of("no_such_generator", {}, "every_param"), 280);
}

TEST(Generators, MakeArgumentsInTheOrderOfDeclaration) {
    auto g = Internal::create_generator("every_param", get_host_target());
    Pipeline p = g->build_pipeline();
    const auto args = g->arguments();
    ASSERT_EQ(args.size(), 2u);
    EXPECT_EQ(args[0].name, "input");
    EXPECT_EQ(args[0].type, UInt(8));
    EXPECT_EQ(args[1].name, "amount");
    EXPECT_TRUE(args[1].is_scalar());
    EXPECT_EQ(p.outputs()[0].name(), "output");
    auto again = Internal::create_generator("every_param", get_host_target());
    EXPECT_EQ(again->build_pipeline().outputs()[0].name(), "output")
        << "outputs are named as declared each time";
}

TEST(Generators, Run) {
    Buffer<uint8_t> in(16), out(16);
    in.fill([](int x) { return static_cast<uint8_t>(x); });
    Callable c = create_callable_from_generator(get_host_target(), "every_param_twice");
    ASSERT_EQ(c(in, 6.0f / 2, out), 0);
    for (int x = 0; x < 16; x++)
        EXPECT_EQ(out(x), static_cast<uint8_t>(4.0f * static_cast<float>(x) + 1.5f));
}

TEST(Generators, AreBuiltFromOthers) {
    Buffer<int> in(8), out(8);
    in.fill([](int x) { return x * x; });
    Callable c = create_callable_from_generator(get_host_target(), "twice");
    ASSERT_EQ(c(in, 5, out), 0);
    for (int x = 0; x < 8; x++)
        EXPECT_EQ(out(x), x * x + 105);
}

TEST(Generators, TakeArrays) {
    auto g = Internal::create_generator("arrays", get_host_target());
    g->build_pipeline();
    std::string names;
    for (const Argument &a : g->arguments())
        names += a.name + " ";
    EXPECT_EQ(names, "images_0 images_1 weights_0 weights_1 extra ");
    Buffer<int> a(4), b(4), o0(4), o1(4), o2(4);
    a.fill(1);
    b.fill(10);
    Callable c = create_callable_from_generator(get_host_target(), "arrays");
    ASSERT_EQ(c(a, b, 3, 4, 1000, o0, o1, o2), 0);
    EXPECT_EQ(o0(3), 1043);
    EXPECT_EQ(o2(3), 1045);
}

TEST(Generators, AreRefusedByName) {
    EXPECT_EQ(code_of("undefined", {}, "forgotten"), 285);
    EXPECT_EQ(code_of("no_type", {}, "open_input"), 283);
    EXPECT_EQ(code_of("wrong_type", {}, "output"), 285);
    try {
        auto g = Internal::GeneratorBase::make<AddTo>();
        g->apply(7, 8);
        ADD_FAILURE();
    } catch (const CompileError &e) {
        EXPECT_EQ(e.diagnostic().code, 284) << e.what();
    }
}

TEST(GeneratorProgram, WritesALibraryAndAHeader) {
    Program p;
    ASSERT_EQ(p.run({"-g", "twice", "target=host-no_runtime"}), 0) << p.errors;
    EXPECT_TRUE(p.has("twice.a") && p.has("twice.h"));
    EXPECT_EQ(p.files(), 3u);
    EXPECT_NE(p.text("twice.h").find("int twice("), std::string::npos);
}

TEST(GeneratorProgram, WritesWhatIsAskedFor) {
    Program p;
    ASSERT_EQ(p.run({"-g", "twice", "-f", "kernel", "-n", "base", "-e",
                     "h,o,stmt,html,assembly,llvm_assembly,bitcode,schedule", "target=host"}),
              0)
        << p.errors;
    for (const char *file : {"base.h", "base.o", "base.stmt", "base.stmt.html", "base.s", "base.ll",
                             "base.bc", "base.schedule.json"}) {
        EXPECT_TRUE(p.has(file)) << file;
    }
    EXPECT_EQ(p.files(), 8u);
    EXPECT_NE(p.text("base.h").find("int kernel("), std::string::npos);
}

TEST(GeneratorProgram, AppliesAScheduleFile) {
    Program p;
    ASSERT_EQ(p.run({"-g", "every_param", "-e", "schedule"}), 0) << p.errors;
    std::string schedule = p.text("every_param.schedule.json");
    const size_t stages = schedule.find("\"stages\": [");
    ASSERT_NE(stages, std::string::npos) << schedule;
    const size_t end = schedule.find(']', stages);
    schedule =
        schedule.substr(0, stages) +
        R"("stages": [ { "func": "output", "update": null, "do": [ ["vectorize", "x", 4] ] } )" +
        schedule.substr(end);
    const auto file = p.dir / "given.json";
    std::ofstream(file) << schedule;
    ASSERT_EQ(p.run({"-g", "every_param", "-e", "schedule,stmt", "--schedule", file.string()}), 0)
        << p.errors;
    EXPECT_NE(p.text("every_param.schedule.json").find("vectorize"), std::string::npos);
    ASSERT_EQ(p.run({"-g", "every_param", "-f", "no_file", "--schedule",
                     (p.dir / "missing.json").string()}),
              1);
    EXPECT_NE(p.errors.find("missing.json"), std::string::npos) << p.errors;
    EXPECT_FALSE(p.has("no_file.h"));
}

class TileWidth : public Generator<TileWidth> {
public:
    Input<int> width{"width"};
    Output<Buffer<int, 1>> output{"output"};
    void generate() {
        Var x("x");
        output(x) = x * 3;
    }
};
HEDDLE_REGISTER_GENERATOR(TileWidth, tile_width)

// An input that only a schedule file uses; and a file of another generator.
TEST(GeneratorProgram, SchedulesUseInputsAndNameTheirPipeline) {
    Program p;
    const std::filesystem::path file = p.dir / "s.json";
    std::ofstream(file) << R"({ "heddle_schedule": 1, "pipeline": "tile_width", "stages": [
        { "func": "output", "do": [ ["split", "x", "xo", "xi", "width", "guard_with_if"] ] } ] })";
    ASSERT_EQ(p.run({"-g", "tile_width", "-e", "schedule", "--schedule", file.string()}), 0) << p.errors;
    ASSERT_EQ(p.run({"-g", "every_param", "-e", "schedule", "--schedule", file.string()}), 1);
    EXPECT_NE(p.errors.find("at /pipeline: error HD0509: the schedule was made for the pipeline tile_width, and this one is every_param"),
              std::string::npos)
        << p.errors;
}

TEST(GeneratorProgram, SaysWhatItDoesNotUnderstand) {
    Program p;
    EXPECT_EQ(p.run({"-g", "nothing"}), 1);
    EXPECT_NE(p.errors.find("HD0280"), std::string::npos);
    EXPECT_NE(p.errors.find("every_param"), std::string::npos) << "the generators that there are";
    EXPECT_EQ(p.run({"-g", "every_param", "facto=3"}), 1);
    EXPECT_NE(p.errors.find("factor"), std::string::npos) << "the parameters that there are";
    EXPECT_EQ(p.run({"-g", "every_param", "-e", "objekt"}), 1);
    EXPECT_NE(p.errors.find("object"), std::string::npos);
    EXPECT_EQ(p.run({"--bogus"}), 1);
    EXPECT_EQ(p.run({}), 1);
    EXPECT_NE(p.errors.find("-g"), std::string::npos);
    EXPECT_EQ(p.run({"-g", "every_param", "target=x86-64-linux-nosuch"}), 1);
    EXPECT_NE(p.errors.find("nosuch"), std::string::npos);
    EXPECT_EQ(p.run({"-g", "every_param", "factor=2", "factor=3"}), 1);
    EXPECT_EQ(p.files(), 0u);
}

TEST(GeneratorProgram, ReportsWhatCannotBeWritten) {
    Program p;
    std::ofstream(p.dir / "file") << "not a folder";
    EXPECT_EQ(p.run({"-g", "twice", "-o", (p.dir / "file" / "below").string()}), 1);
    EXPECT_NE(p.errors.find("below"), std::string::npos) << p.errors;
}

TEST(GeneratorProgram, CompilesForSeveralTargets) {
    Program p;
    ASSERT_EQ(
        p.run({"-g", "twice", "target=x86-64-linux-sse41-no_runtime,x86-64-linux-no_runtime"}), 0)
        << p.errors;
    EXPECT_TRUE(p.has("twice.a") && p.has("twice.h"));
    EXPECT_EQ(p.files(), 3u);
    EXPECT_EQ(p.run({"-g", "twice", "target=x86-64-linux,arm-64-linux"}), 1);
    EXPECT_NE(p.errors.find("arm-64-linux"), std::string::npos);
}

}  // namespace
