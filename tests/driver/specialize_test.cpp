// Specialized stages in running programs.

#include <gtest/gtest.h>

#include "heddle/heddle.h"

namespace heddle {
namespace {

struct Branches : ::testing::Test {
    Var x{"x"}, y{"y"}, xo{"xo"}, xi{"xi"};
    Param<int> mode{"mode"};
    Param<bool> flag{"flag"};
    Func f{"f"}, g{"g"};
    Branches() {
        f(x) = x * mode;
        g(x) = f(x) + f(x + 1);
    }
    static int refusal(Func output) {
        try {
            output.compile_jit();
        } catch (const CompileError &e) {
            return e.diagnostic().code;
        }
        return 0;
    }
};

TEST_F(Branches, AreNotAskedForWhatOnlyAnotherNeeds) {
    ImageParam in(UInt(8), 1, "in");
    Func h("h");
    h(x) = in(x) + in(x + mode);
    h.specialize(mode == 5).vectorize(x, 8, TailStrategy::RoundUp);
    h.specialize(mode == 100).vectorize(x, 16, TailStrategy::RoundUp);
    Buffer<uint8_t> values(9), out(7);
    values.for_each_element([&](int i) { values(i) = static_cast<uint8_t>(i * i); });
    in.set(values);
    mode.set(2);
    h.realize(out);  // no branch that rounds up
    for (int i = 0; i < 7; i++) EXPECT_EQ(out(i), i * i + (i + 2) * (i + 2));
    mode.set(5);
    EXPECT_THROW(h.realize(out), RuntimeError);  // 7 is no multiple of 8
    in.reset();
    h.infer_input_bounds({16});
    EXPECT_EQ(in.get().width(), 21);
    in.reset();
    mode.set(3);
    h.infer_input_bounds({15});
    EXPECT_EQ(in.get().width(), 18);
}

TEST_F(Branches, Failing) {
    g.specialize(mode == 1).vectorize(x, 4, TailStrategy::GuardWithIf);
    g.specialize_fail("mode must be 1");
    mode.set(1);
    const Buffer<int> right = g.realize({6});
    EXPECT_EQ(right(5), 11);
    mode.set(2);
    try {
        g.realize({6});
        FAIL() << "it ran";
    } catch (const RuntimeError &e) {
        EXPECT_NE(std::string(e.what()).find("mode must be 1"), std::string::npos) << e.what();
    }
}

TEST_F(Branches, OfWhatIsInlined) {
    f.specialize(flag);
    EXPECT_EQ(refusal(g), 415);
    f.compute_root();
    EXPECT_EQ(refusal(g), 0);
    Func h("h"), k("k");
    h(x) = x;
    k(x) = h(x);
    h.split(x, xo, xi, 4).bound(x, 0, 100);
    EXPECT_EQ(refusal(k), 0);
    h.vectorize(xi);
    EXPECT_EQ(refusal(k), 416);
    h.serial(xi);
    EXPECT_EQ(refusal(k), 0);
    h.unroll(xi).compute_at(k, x);
    EXPECT_EQ(refusal(k), 0);
}

TEST_F(Branches, OnTheShapeOfNoOutput) {
    f.compute_root().specialize(f.output_buffer().width() > 3).vectorize(x, 4);
    EXPECT_EQ(refusal(g), 330);
}

TEST_F(Branches, WithoutTheLoopThatAProducerIsPlacedIn) {
    g.specialize(flag).split(x, xo, xi, 4);
    f.compute_at(g, xo);
    EXPECT_EQ(refusal(g), 417);
    g.split(x, xo, xi, 2);
    EXPECT_EQ(refusal(g), 0);
}

// A split by a Param is checked in the branch that has it.
TEST_F(Branches, WithFactorsOfTheirOwn) {
    Param<int> factor("factor");
    g.specialize(flag).split(x, xo, xi, factor, TailStrategy::GuardWithIf);
    mode.set(3);
    factor.set(0);
    flag.set(false);
    const Buffer<int> r = g.realize({5});
    EXPECT_EQ(r(4), 27);
    flag.set(true);
    EXPECT_THROW(g.realize({5}), RuntimeError);
}

}  // namespace
}  // namespace heddle
