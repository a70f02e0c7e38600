#include <unistd.h>

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/resource.h>

#include "heddle/heddle.h"

namespace heddle {
namespace {

namespace fs = std::filesystem;

// A folder of its own for each test and process, gone afterwards: the judges run the same tests at the same time.
class Files : public testing::Test {
protected:
    void SetUp() override {
        dir = fs::temp_directory_path() /
              (std::string("heddle_files_") + testing::UnitTest::GetInstance()->current_test_info()->name() + "_" + std::to_string(getpid()));
        fs::remove_all(dir);
        fs::create_directories(dir);
        f(x, y) = cast<uint8_t>(in(x, y) / 2 + gain);
    }
    void TearDown() override {
        fs::remove_all(dir);
    }
    std::string at(const std::string &name) const {
        return (dir / name).string();
    }
    std::string text(const std::string &name) const {
        std::ifstream file(at(name), std::ios::binary);
        std::ostringstream all;
        all << file.rdbuf();
        return all.str();
    }
    fs::path dir;
    Var x{"x"}, y{"y"};
    ImageParam in{UInt(8), 2, "in"};
    Param<uint8_t> gain{"gain"};
    Func f{"halve"};
};

// A file is written under another name and renamed: who has the old one open, or linked, keeps it whole.
TEST_F(Files, ReplacesInsteadOfOverwriting) {
    const std::vector<Argument> args = {in, gain};
    const Target target = get_host_target().with_feature(Target::NoRuntime);
    for (const auto &[type, name] : {std::pair{OutputFileType::object, "k.o"},
                                     {OutputFileType::assembly, "k.s"},
                                     {OutputFileType::llvm_assembly, "k.ll"},
                                     {OutputFileType::bitcode, "k.bc"},
                                     {OutputFileType::static_library, "k.a"},
                                     {OutputFileType::c_header, "k.h"},
                                     {OutputFileType::c_source, "k.cpp"},
                                     {OutputFileType::stmt, "k.stmt"},
                                     {OutputFileType::stmt_html, "k.html"},
                                     {OutputFileType::schedule, "k.json"}}) {
        std::ofstream(at(name)) << "what was there before";
        fs::create_hard_link(at(name), at(std::string(name) + ".old"));
        f.compile_to({{type, at(name)}}, args, "kernel_name", target);
        EXPECT_EQ(text(std::string(name) + ".old"), "what was there before") << name;
        EXPECT_NE(text(name), "what was there before") << name;
    }
    size_t files = 0;
    for ([[maybe_unused]] const auto &entry : fs::directory_iterator(dir)) files++;
    EXPECT_EQ(files, 20u) << "a temporary file is left";
}

TEST_F(Files, EachKind) {
    const std::vector<Argument> args = {in, gain};
    const Target target = get_host_target().with_feature(Target::NoRuntime);
    f.compile_to({{OutputFileType::object, at("k.o")},
                  {OutputFileType::c_header, at("k.h")},
                  {OutputFileType::assembly, at("k.s")},
                  {OutputFileType::llvm_assembly, at("k.ll")},
                  {OutputFileType::bitcode, at("k.bc")},
                  {OutputFileType::stmt, at("k.stmt")},
                  {OutputFileType::stmt_html, at("k.html")},
                  {OutputFileType::conceptual_stmt, at("k_conceptual.stmt")},
                  {OutputFileType::c_source, at("k.cpp")},
                  {OutputFileType::schedule, at("k.json")}},
                 args, "kernel_name", target);
    EXPECT_EQ(text("k.o").substr(0, 4), "\177ELF");
    EXPECT_NE(text("k.h").find("int kernel_name(struct halide_buffer_t *_in_buffer, uint8_t _gain, "
                               "struct halide_buffer_t *_halve"),
              std::string::npos)
        << text("k.h");
    EXPECT_NE(text("k.s").find("kernel_name"), std::string::npos);
    EXPECT_NE(text("k.ll").find("@kernel_name"), std::string::npos);
    EXPECT_EQ(text("k.bc").substr(0, 2), "BC");
    EXPECT_NE(text("k.stmt").find("func kernel_name"), std::string::npos);
    EXPECT_NE(text("k.html").find("<html"), std::string::npos);
    EXPECT_NE(text("k_conceptual.stmt").find("for"), std::string::npos);
    EXPECT_NE(text("k.cpp").find("kernel_name"), std::string::npos);
    EXPECT_NE(text("k.json").find("\"heddle_schedule\""), std::string::npos);
    EXPECT_EQ(std::distance(fs::directory_iterator(dir), fs::directory_iterator()), 10) << "nothing else is left";
}

TEST_F(Files, StaticLibraryWithAndWithoutTheRuntime) {
    const std::vector<Argument> args = {in, gain};
    f.compile_to_static_library(at("with"), args, "with", get_host_target());
    f.compile_to_static_library(at("without"), args, "without", get_host_target().with_feature(Target::NoRuntime));
    EXPECT_EQ(text("with.a").substr(0, 7), "!<arch>");
    EXPECT_NE(text("with.a").find("halide_default_malloc"), std::string::npos);
    EXPECT_LT(text("without.a").size() * 2, text("with.a").size());
    EXPECT_TRUE(fs::exists(at("with.h")));
}

TEST_F(Files, AnUnwritablePathLeavesNothing) {
    const auto refused = [&](OutputFileType type) {
        try {
            f.compile_to({{type, at("no_such_folder/k")}}, {in, gain}, "k", get_host_target());
        } catch (const CompileError &e) {
            return std::string(e.what()).find("no_such_folder/k") != std::string::npos;
        }
        return false;
    };
    EXPECT_TRUE(refused(OutputFileType::c_header));
    EXPECT_TRUE(refused(OutputFileType::object));
    EXPECT_TRUE(refused(OutputFileType::static_library));
    EXPECT_TRUE(fs::is_empty(dir));
}

// One of several cannot be written: none is, and what was there before stays.
TEST_F(Files, AllOrNone) {
    std::ofstream(at("k.h")) << "an older header";
    fs::create_directory(at("k.s"));
    const auto refused = [&](const std::map<OutputFileType, std::string> &files) {
        try {
            f.compile_to(files, {in, gain}, "k", get_host_target());
        } catch (const CompileError &e) {
            return e.diagnostic();
        }
        ADD_FAILURE() << "was written";
        return Diagnostic();
    };
    Diagnostic d = refused({{OutputFileType::c_header, at("k.h")}, {OutputFileType::static_library, at("no/k.a")}});
    EXPECT_EQ(d.code, 272);
    EXPECT_EQ(d.message, "cannot write " + at("no/k.a") + ": No such file or directory");
    d = refused({{OutputFileType::c_header, at("k.h")}, {OutputFileType::stmt, at("k.stmt")}, {OutputFileType::assembly, at("k.s")}});
    EXPECT_EQ(d.message, "cannot write " + at("k.s") + ": Is a directory");
    EXPECT_EQ(text("k.h"), "an older header");
    EXPECT_EQ(std::distance(fs::directory_iterator(dir), fs::directory_iterator()), 2);
}

// A disk that is full after the first files: this process may write files of 64 KiB only.
TEST_F(Files, AFullDiskLeavesNothing) {
    rlimit before;
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{65536, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    std::string message;
    try {
        f.compile_to_static_library(at("k"), {in, gain}, "k", get_host_target());
    } catch (const CompileError &e) {
        message = e.diagnostic().message;
    }
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    EXPECT_EQ(message, "cannot write " + at("k.a") + ": File too large");
    EXPECT_TRUE(fs::is_empty(dir));
}

TEST_F(Files, AScheduleOfAnotherPipeline) {
    const Schedule s = Schedule::from_json("{ \"heddle_schedule\": 1, \"pipeline\": \"sharpen\", \"stages\": [] }", "sharpen.json");
    try {
        Pipeline(f).apply(s);
        FAIL() << "was applied";
    } catch (const CompileError &e) {
        EXPECT_EQ(e.diagnostic().code, 509);
        EXPECT_EQ(e.diagnostic().location.pointer, "/pipeline");
    }
    Pipeline(f).apply(s, false);
    Pipeline(f).apply(Schedule::from_json("{ \"heddle_schedule\": 1, \"pipeline\": \"halve\", \"stages\": [] }"));
}

TEST_F(Files, AMissingArgumentIsNamed) {
    try {
        f.compile_to_object(at("k.o"), {in}, "k", get_host_target());
        FAIL() << "not refused";
    } catch (const CompileError &e) {
        EXPECT_NE(std::string(e.what()).find("gain"), std::string::npos);
    }
    EXPECT_TRUE(fs::is_empty(dir));
}

TEST_F(Files, Modules) {
    const Target target = get_host_target().with_feature(Target::NoRuntime);
    Module m = f.compile_to_module({in, gain}, "first", target);
    EXPECT_EQ(m.name(), "first");
    EXPECT_EQ(m.target(), target);
    ASSERT_EQ(m.functions().size(), 1u);
    EXPECT_EQ(m.functions()[0].args.size(), 3u);
    Func g("double_it");
    g(x, y) = in(x, y) * 2;
    Module both = link_modules("both", {m, g.compile_to_module({in}, "second", target)});
    EXPECT_EQ(both.functions().size(), 2u);
    both.compile({{OutputFileType::object, at("both.o")}});
    EXPECT_NE(text("both.o").find("second"), std::string::npos);
    EXPECT_THROW(link_modules("both", {m, g.compile_to_module({in}, "second", get_host_target())}), CompileError);
}

TEST_F(Files, AScheduleAppliedFromAValue) {
    Func g("producer_g"), h("consumer_h");
    g(x, y) = x + y;
    h(x, y) = g(x, y) * 2;
    Pipeline p(h);
    Buffer<int> before = p.realize({9, 4});
    const Schedule inlined = p.schedule();
    g.compute_root();
    const Schedule root = p.schedule();
    EXPECT_FALSE(inlined == root);
    p.apply(inlined);
    EXPECT_EQ(p.schedule(), inlined);
    p.apply(Schedule::from_json(root.to_json()));
    EXPECT_EQ(p.schedule(), root);
    Buffer<int> after = p.realize({9, 4});
    before.for_each_element([&](int i, int j) { EXPECT_EQ(before(i, j), after(i, j)); });
    Func other("other_h");
    other(x, y) = x - y;
    EXPECT_THROW(Pipeline(other).apply(root), CompileError);
}

}  // namespace
}  // namespace heddle
