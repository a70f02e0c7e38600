// Modules: their functions, submodules and metadata names.

#include <unistd.h>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "heddle/heddle.h"
#include "support_lib/error_code.h"

namespace heddle {
namespace {

using heddle::testing::code_of;

const Target target = get_host_target().with_feature(Target::NoRuntime);

Module brighter(const std::string &name, int by) {
    ImageParam in(UInt(8), 1, "in");
    Func f(name + "_f");
    Var x("x");
    f(x) = in(x) + cast<uint8_t>(by);
    return f.compile_to_module({in}, name, target);
}

std::string stmt_of(const Module &m) {
    const auto file = std::filesystem::temp_directory_path() / ("heddle_module_" + m.name() + "_" + std::to_string(getpid()) + ".stmt");
    m.compile({{OutputFileType::stmt, file.string()}});
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    std::filesystem::remove(file);
    return text.str();
}

TEST(Module, TellsItsFunctions) {
    const Module m = brighter("module_one", 1);
    ASSERT_EQ(m.functions().size(), 1u);
    const auto f = m.get_function_by_name("module_one");
    EXPECT_EQ(f.name, "module_one");
    ASSERT_EQ(f.args.size(), 2u);
    EXPECT_EQ(f.args[0].name, "in");
    EXPECT_TRUE(f.args[1].is_output());
    EXPECT_EQ(code_of([&] { m.get_function_by_name("nothing"); }), 279);
}

TEST(Module, HoldsSubmodules) {
    Module all("module_all", target);
    all.append(brighter("module_two", 2));
    all.append(brighter("module_three", 3));
    EXPECT_EQ(all.functions().size(), 0u);
    ASSERT_EQ(all.submodules().size(), 2u);
    EXPECT_EQ(all.submodules()[1].name(), "module_three");
    const Module flat = all.resolve_submodules();
    EXPECT_EQ(flat.functions().size(), 2u);
    EXPECT_EQ(flat.submodules().size(), 0u);
    EXPECT_EQ(stmt_of(all), stmt_of(flat));
    EXPECT_NE(stmt_of(all).find("func module_three"), std::string::npos);
    EXPECT_EQ(link_modules("module_linked", {brighter("a_module", 1), brighter("b_module", 2)}).functions().size(), 2u);
    EXPECT_EQ(code_of([&] { all.append(Module("module_other", Target("arm-64-linux"))); }), 275);
}

TEST(Module, RenamesArgumentsInItsMetadata) {
    const Module m = brighter("module_renamed", 1);
    m.remap_metadata_name("in", "picture");
    EXPECT_EQ(m.get_metadata_name_map(), (MetadataNameMap{{"in", "picture"}}));
    EXPECT_EQ(m.functions()[0].args[0].name, "in");
    Buffer<uint8_t> code = m.compile_to_buffer();
    const std::string bytes(reinterpret_cast<const char *>(code.data()), code.number_of_elements());
    EXPECT_NE(bytes.find("picture"), std::string::npos);
    Buffer<uint8_t> plain = brighter("module_renamed", 1).compile_to_buffer();
    EXPECT_EQ(std::string(reinterpret_cast<const char *>(plain.data()), plain.number_of_elements()).find("picture"),
              std::string::npos);
    EXPECT_EQ(bytes.compare(0, 4, "\177ELF"), 0);
}

TEST(Module, KeepsWhatASchedulerSaid) {
    Module m("module_scheduled", target);
    EXPECT_EQ(m.get_auto_scheduler_results(), nullptr);
    AutoSchedulerResults r;
    r.schedule_source = "f.compute_root();";
    m.set_auto_scheduler_results(r);
    EXPECT_EQ(m.get_auto_scheduler_results()->schedule_source, r.schedule_source);
    EXPECT_EQ(code_of([&] { m.set_auto_scheduler_results(r); }), 279);
}

TEST(Module, KnowsStrictFloats) {
    Func f("strict_f"), g("loose_g");
    Var x("x");
    f(x) = strict_float(cast<float>(x) * 0.1f + 1.f);
    g(x) = cast<float>(x) * 0.1f + 1.f;
    EXPECT_TRUE(f.compile_to_module({}, "strict_kernel", target).any_strict_float());
    Module m = g.compile_to_module({}, "loose_kernel", target);
    EXPECT_FALSE(m.any_strict_float());
    m.set_any_strict_float(true);
    EXPECT_TRUE(m.any_strict_float());
}

std::string with(std::string text, const std::string &from, const std::string &to) {
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
    return text;
}

TEST(CustomLoweringPass, RewritesWhatIsCompiled) {
    Func f("passes_f");
    Var x("x");
    Param<int> p("passes_p");
    f(x) = x * 1000 + p;
    p.set(1);
    Pipeline pipeline(f);
    std::string seen;
    pipeline.add_custom_lowering_pass({"thousands", [&](const std::string &s) {
                                           seen = s;
                                           return with(s, "*1000", "*7");
                                       }});
    pipeline.add_custom_lowering_pass({"sevens", [&](const std::string &s) { return with(s, "*7", "*5"); }});
    EXPECT_EQ(pipeline.custom_lowering_passes().size(), 2u);
    Buffer<int> out = pipeline.realize({4});
    EXPECT_NE(seen.find("1000"), std::string::npos);
    EXPECT_EQ(out(3), 3 * 5 + 1);
    EXPECT_NE(stmt_of(pipeline.compile_to_module({p}, "passes_kernel", target)).find("*5"), std::string::npos);
    pipeline.clear_custom_lowering_passes();
    out = pipeline.realize({4});
    EXPECT_EQ(out(3), 3001);
}

TEST(CustomLoweringPass, IsRefusedWithItsName) {
    Func f("refused_passes_f");
    Var x("x");
    f(x) = x;
    const auto refusal = [&](const std::string &name, const std::string &result) {
        f.clear_custom_lowering_passes();
        f.add_custom_lowering_pass({name, [=](const std::string &) { return result; }});
        try {
            f.realize({4});
        } catch (const CompileError &e) {
            EXPECT_EQ(e.diagnostic().code, 229);
            return e.diagnostic().message;
        }
        return std::string("not refused");
    };
    EXPECT_NE(refusal("gibberish_pass", "for for for").find("gibberish_pass"), std::string::npos);
    EXPECT_NE(refusal("unknown_pass", "evaluate nothing_known\n").find("unknown_pass"), std::string::npos);
    EXPECT_EQ(code_of([&] { f.add_custom_lowering_pass({"no_function", {}}); }), 229);
}

}  // namespace
}  // namespace heddle
