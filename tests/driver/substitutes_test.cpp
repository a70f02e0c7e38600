// Wrappers and clones (in, clone_in) in running programs: handles, several pipelines, and what is found when compiling.

#include <gtest/gtest.h>

#include "heddle/heddle.h"

namespace heddle {
namespace {

struct Substitutes : ::testing::Test {
    Var x{"x"}, y{"y"};
    Func f{"f"}, a{"a"}, b{"b"}, both{"both"};
    Substitutes() {
        f(x, y) = x * 3 + y;
        a(x, y) = f(x, y) + f(x + 1, y);
        b(x, y) = f(x, y) - f(x, y + 1);
        both(x, y) = a(x, y) * b(x, y);
        a.compute_root();
        b.compute_root();
    }
    static std::string refusal(Func output) {
        try {
            output.compile_jit();
        } catch (const CompileError &e) {
            Diagnostic d = e.diagnostic();
            d.location = {};
            return d.render();
        }
        return "";
    }
};

TEST_F(Substitutes, AHandleKeepsTheOriginal) {
    Func w;
    {
        Func g("g");
        g(x) = x * 7;
        w = g.in();
        w = w.in();
    }
    const Buffer<int> r = w.realize({5});
    EXPECT_EQ(r(4), 28);
}

TEST_F(Substitutes, ScheduledAfterAFirstRun) {
    ImageParam image(Int(32), 1, "image");
    Func g("g");
    g(x) = image(x) + 1;
    Buffer<int> values(4);
    values.fill(6);
    image.set(values);
    g.realize({4});
    image.in(g).compute_root();
    const Buffer<int> r = g.realize({4});
    EXPECT_EQ(r(3), 7);
}

TEST_F(Substitutes, ForOnePipelineOfTwo) {
    f.in(a).compute_root();
    f.in(b).compute_root();
    const Buffer<int> r = a.realize({4, 3});
    EXPECT_EQ(r(2, 1), 6 + 1 + 9 + 1);
}

TEST_F(Substitutes, CallersAreFrozenNeitherBeforeNorAfter) {
    Func late("late");
    f.in(late).compute_root();
    late(x, y) = 0;
    late(x, y) += f(x, y);
    const Buffer<int> r = late.realize({4, 3});
    EXPECT_EQ(r(3, 2), 11);
    EXPECT_THROW(f(x, y) += 1, CompileError);  // it is copied by its wrapper
    EXPECT_THROW(f.in(late)(x, y) += 1, CompileError);
}

TEST_F(Substitutes, ACallerThatDoesNotUseIt) {
    f.in(both).compute_root();
    EXPECT_EQ(refusal(both), "error HD0411: in(" + both.name() + ") on f: " + both.name() + " does not use " +
                                 f.name() + "\n  hint: " + both.name() + " uses a, b");
}

TEST_F(Substitutes, AWrapperOutsideOfWhereItIsUsed) {
    f.in({a, b}).compute_at(b, y);
    EXPECT_NE(refusal(both).find("HD0431"), std::string::npos);
}

}  // namespace
}  // namespace heddle
