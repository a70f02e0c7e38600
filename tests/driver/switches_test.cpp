// The environment switches of lowering: what is asked for happens, and what names no pass is refused.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "heddle/heddle.h"

namespace heddle {
namespace {

namespace fs = std::filesystem;

class Switches : public testing::Test {
protected:
    void TearDown() override {
        for (const char *name : {"HEDDLE_DUMP", "HEDDLE_DUMP_DIR", "HEDDLE_SKIP", "HEDDLE_STOP_AFTER", "HEDDLE_TIME_PASSES"}) unsetenv(name);
    }
    static int code_of_run() {
        Var x("x");
        Func f("f");
        f(x) = x * 2 + 1;
        f.vectorize(x, 4);
        try {
            Buffer<int> b = f.realize({10});
            for (int i = 0; i < 10; i++) EXPECT_EQ(b(i), 2 * i + 1);
        } catch (const CompileError &e) {
            return e.diagnostic().code;
        }
        return 0;
    }
};

TEST_F(Switches, NamesOfNoPass) {
    for (const char *name : {"HEDDLE_DUMP", "HEDDLE_SKIP", "HEDDLE_STOP_AFTER"}) {
        setenv(name, "nosuchpass", 1);
        EXPECT_EQ(code_of_run(), 470) << name;
        unsetenv(name);
    }
    setenv("HEDDLE_SKIP", "flatten_storage", 1);  // nothing could follow
    EXPECT_EQ(code_of_run(), 470);
}

TEST_F(Switches, SkippingChangesNoResult) {
    setenv("HEDDLE_SKIP", "common_subexpressions", 1);
    EXPECT_EQ(code_of_run(), 0);
}

TEST_F(Switches, DumpsIntoAFolderThatItMakes) {
    const fs::path dir = fs::temp_directory_path() / "heddle_switches" / "deep";
    fs::remove_all(dir.parent_path());
    setenv("HEDDLE_DUMP", "all", 1);
    setenv("HEDDLE_DUMP_DIR", dir.c_str(), 1);
    EXPECT_EQ(code_of_run(), 0);
    for (const char *file : {"00_build_nest.hir", "00_resolve_target_queries.hir"}) EXPECT_GT(fs::file_size(dir / file), 20u) << file;
    fs::remove_all(dir.parent_path());
    setenv("HEDDLE_DUMP_DIR", "/dev/null/x", 1);
    EXPECT_EQ(code_of_run(), 471);
}

TEST_F(Switches, TimesEachPass) {
    setenv("HEDDLE_TIME_PASSES", "1", 1);
    testing::internal::CaptureStderr();
    EXPECT_EQ(code_of_run(), 0);
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_NE(text.find("vectorize_loops"), std::string::npos) << text;
    EXPECT_NE(text.find(" ms\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace heddle
