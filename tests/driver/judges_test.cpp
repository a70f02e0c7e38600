// The switches of the environment that put judges between a pipeline and its result.

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <string>

#include "heddle/heddle.h"
#include "support_lib/error_code.h"

namespace heddle {
namespace {

using heddle::testing::code_of;

/** Sets a variable of the environment for as long as it lives. */
class Environment {
public:
    Environment(const char *name, const std::string &value)
        : name_(name) {
        const char *before = std::getenv(name);
        had_ = before != nullptr;
        before_ = before ? before : "";
        setenv(name, value.c_str(), 1);
    }
    ~Environment() {
        if (had_) {
            setenv(name_, before_.c_str(), 1);
        } else {
            unsetenv(name_);
        }
    }
    Environment(const Environment &) = delete;
    Environment &operator=(const Environment &) = delete;

private:
    const char *name_;
    bool had_ = false;
    std::string before_;
};

/** out(x, y) = x + 10*y + 100*y, in two stages. */
struct TwoStages {
    Var x{"x"}, y{"y"}, yo{"yo"}, yi{"yi"};
    Func rows{"rows"}, out{"out"};

    TwoStages() {
        rows(x, y) = x + 10 * y;
        out(x, y) = rows(x, y) + 100 * y;
        out.split(y, yo, yi, 4, TailStrategy::GuardWithIf).vectorize(x, 4, TailStrategy::GuardWithIf).parallel(yo);
        rows.compute_at(out, yi).vectorize(x, 8);
    }
    std::string wrong() {
        const Buffer<int> b = out.realize({7, 6});
        for (int j = 0; j < 6; j++) {
            for (int i = 0; i < 7; i++) {
                if (b(i, j) != i + 110 * j) return "at " + std::to_string(i) + ", " + std::to_string(j);
            }
        }
        return "";
    }
};

TEST(Judges, EveryExecutionGivesTheSame) {
    const Environment compiler("HEDDLE_CXX", HEDDLE_TEST_CXX);
    for (const char *how : {"", "machine", "interpreter", "naive", "c"}) {
        const Environment execute("HEDDLE_EXECUTE", how);
        EXPECT_EQ(TwoStages().wrong(), "") << how;
    }
}

TEST(Judges, AnotherExecutionIsCompiledAnew) {
    TwoStages p;
    EXPECT_EQ(p.wrong(), "");
    const Environment compiler("HEDDLE_CXX", "false");
    const Environment execute("HEDDLE_EXECUTE", "c");
    EXPECT_EQ(code_of<Error>([&] { p.wrong(); }), 515);
}

TEST(Judges, SourceReachesFunctionsThatAreKnownByAddressOnly) {
    const Environment compiler("HEDDLE_CXX", HEDDLE_TEST_CXX);
    const Environment execute("HEDDLE_EXECUTE", "c");
    Var x("x");
    Func f("f");
    f(x) = print(x * 3, "is three times", x);
    std::string printed;
    static std::string *text;
    text = &printed;
    f.jit_handlers().custom_print = [](JITUserContext *, const char *message) { *text += message; };
    const Buffer<int> b = f.realize({2});
    EXPECT_EQ(b(1), 3);
    EXPECT_EQ(printed, "0 is three times 0\n3 is three times 1\n");

    Param<int> limit("limit", 1);
    Func g("g");
    g(x) = x;
    Pipeline p(g);
    p.add_requirement(limit > 2, "the limit is", limit);
    try {
        p.realize({4});
        FAIL() << "an error is expected";
    } catch (const RuntimeError &e) {
        EXPECT_NE(std::string(e.what()).find("the limit is 1"), std::string::npos) << e.what();
    }
}

TEST(Judges, UnknownExecution) {
    const Environment execute("HEDDLE_EXECUTE", "abacus");
    EXPECT_EQ(code_of<Error>([] { TwoStages().wrong(); }), 277);
}

TEST(Judges, Roundtrips) {
    for (const char *what : {"schedule", "ir", "schedule,ir", ""}) {
        const Environment roundtrip("HEDDLE_ROUNDTRIP", what);
        EXPECT_EQ(TwoStages().wrong(), "") << what;
    }
    const Environment roundtrip("HEDDLE_ROUNDTRIP", "schedule,moon");
    EXPECT_EQ(code_of<Error>([] { TwoStages().wrong(); }), 514);
}

// What is refused after a round trip is refused where it was written.
TEST(Judges, RoundtripKeepsPlaces) {
    const Environment roundtrip("HEDDLE_ROUNDTRIP", "schedule");
    Var x("x"), y("y");
    Func f("f"), g("g"), out("out");
    f(x, y) = x + y;
    g(x, y) = f(x, y);
    out(x, y) = f(x, y) + g(x, y);
    g.compute_root();
    const int line = __LINE__ + 1;
    f.compute_at(g, x);
    try {
        out.realize({4, 4});
        FAIL() << "an error is expected";
    } catch (const CompileError &e) {
        EXPECT_EQ(e.diagnostic().location.line, line) << e.what();
        EXPECT_NE(e.diagnostic().location.file.find("judges_test.cpp"), std::string::npos) << e.what();
    }
}

// A level that is not set, and a Func that is not part of the pipeline, are for lowering to refuse.
TEST(Judges, RoundtripOfWhatHasNoFile) {
    const Environment roundtrip("HEDDLE_ROUNDTRIP", "schedule");
    Var x("x");
    LoopLevel level;
    Func f("f"), out("out");
    f(x) = x;
    out(x) = f(x);
    f.compute_at(level);
    EXPECT_THROW(out.realize({4}), CompileError);
    level.set(LoopLevel(out, x));
    EXPECT_EQ(Buffer<int>(out.realize({4}))(3), 3);
}

}  // namespace
}  // namespace heddle
