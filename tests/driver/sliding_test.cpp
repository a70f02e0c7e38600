// Sliding windows as a user sees them: the values, how often each point is computed, and what is asked of the
// inputs, all compared with the same pipeline computed at the root.

#include <gtest/gtest.h>

#include <map>

#include "heddle/heddle.h"

namespace heddle {
namespace {

std::map<std::pair<int, int>, int> computed;  // (Func, point) → times

int note(int value, int tag, int at) {
    computed[{tag, at}]++;
    return value;
}

Expr noted(const Expr &value, int tag, const Expr &at) {
    return Internal::extern_call("heddle_test_note", Int(32), {Int(32), Int(32), Int(32)}, {value, tag, at}, true);
}

// What reads what: c reads q and p, q reads p, each at scale * x + tap.
struct Shape {
    const char *name;
    std::vector<int> c_of_q, c_of_p, q_of_p;
    int scale;
};

const Shape shapes[] = {
    {"chain", {0, 1}, {}, {0, 1}, 1},
    {"backwards", {0, -1}, {}, {-2, 0}, 1},
    {"also_directly", {0, 1, 2}, {0}, {0, 1}, 1},
    {"directly_further_ahead", {0, 1}, {9}, {0, 1}, 1},
    {"directly_behind", {0, 1}, {-6, -5}, {0, 1}, 1},
    {"two_at_a_time", {0, 1, 2}, {1}, {0, 3}, 2},
    {"three_at_a_time", {0, 4, -4}, {0}, {0, 1}, 3},
    {"downwards", {0, 1}, {0}, {0, 2}, -1},
    {"downwards_by_two", {0, 3}, {}, {1, -1}, -2},
    {"no_overlap", {0}, {}, {0}, 1},
    {"holes", {0, 7}, {}, {0, 5}, 1},
};

struct Program {
    Var x{"x"};
    ImageParam in{Int(32), 1, "in"};
    Func p{"p"}, q{"q"}, row{"row"}, c{"c"};
    explicit Program(const Shape &s) {
        p(x) = noted(in(x) * 3, 1, x);
        Expr sum = 0;
        for (int tap : s.q_of_p) sum += p(x + tap);
        q(x) = noted(sum, 2, x);
        row(x) = noted(in(x - 1) + q(x), 3, x);
        sum = row(x * s.scale);
        for (int tap : s.c_of_q) sum += q(s.scale * x + tap) * (tap + 100);
        for (int tap : s.c_of_p) sum += p(s.scale * x + tap) * (tap + 200);
        c(x) = sum;
    }
    Pipeline pipeline() {
        Pipeline result(c);
        result.set_jit_externs({{"heddle_test_note", JITExtern(&note)}});
        return result;
    }
};

struct Outcome {
    std::vector<int> values;
    std::pair<int, int> input;
    std::map<std::pair<int, int>, int> counts;
};

Outcome run(Program &program, int min, int extent) {
    Pipeline pipeline = program.pipeline();
    Buffer<int> out(extent);
    out.set_min(min);
    program.in.reset();
    pipeline.infer_input_bounds(out);
    Buffer<int> in = program.in.get();
    for (int i = in.dim(0).min(); i <= in.dim(0).max(); i++) in(i) = i * i % 37;
    computed.clear();
    pipeline.realize(out);
    Outcome result{{}, {in.dim(0).min(), in.dim(0).extent()}, computed};
    for (int i = 0; i < extent; i++) result.values.push_back(out(min + i));
    return result;
}

class Sliding : public ::testing::TestWithParam<Shape> {};

TEST_P(Sliding, ComputesAndReadsNoMoreThanAtTheRoot) {
    for (int schedule = 0; schedule < 6; schedule++) {
        for (int extent : {1, 9}) {
            if (extent == 1 && schedule > 1) continue;
            Program root(GetParam());
            root.p.compute_root();
            root.q.compute_root();
            root.row.compute_root();
            const Outcome expected = run(root, -3, extent);

            Program s(GetParam());
            Var xo("xo"), xi("xi");
            s.p.store_root().compute_at(s.c, s.x);
            s.q.store_root().compute_at(s.c, s.x);
            s.row.compute_at(s.c, s.x);
            switch (schedule) {
            case 0: break;
            case 1: s.row.store_root(); break;
            case 2: s.c.bound_extent(s.x, extent).unroll(s.x); break;
            case 3: s.p.compute_root(); break;
            case 4: s.row.compute_inline(); break;
            case 5: s.c.split(s.x, xo, xi, 4, TailStrategy::GuardWithIf);
                s.p.store_root().compute_at(s.c, xo);
                s.q.store_root().compute_at(s.c, xi);
                s.row.compute_at(s.c, xi);
                break;
            }
            const Outcome actual = run(s, -3, extent);
            SCOPED_TRACE("schedule " + std::to_string(schedule) + ", extent " + std::to_string(extent));
            EXPECT_EQ(actual.values, expected.values);
            EXPECT_EQ(actual.input, expected.input);
            if (schedule == 5) continue;  // its windows do not overlap by known steps
            for (const auto &[point, times] : actual.counts) {
                if (point.first == 3) continue;
                EXPECT_EQ(times, 1) << (point.first == 1 ? "p" : "q") << " at " << point.second;
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Shapes, Sliding, ::testing::ValuesIn(shapes),
                         [](const auto &test) { return std::string(test.param.name); });

// A window of an empty loop is not warmed up.
TEST(SlidingEdges, EmptyOutputsReadNothing) {
    for (const Shape &shape : shapes) {
        Program s(shape);
        s.p.store_root().compute_at(s.c, s.x);
        s.q.store_root().compute_at(s.c, s.x);
        s.row.compute_at(s.c, s.x);
        Buffer<int> in(40);
        in.set_min(-20);
        in.fill(1);
        s.in.set(in);
        Buffer<int> out(0);
        computed.clear();
        s.pipeline().realize(out);
        EXPECT_TRUE(computed.empty()) << shape.name;
    }
}

// Windows that stand still for a while, first or last.
TEST(SlidingEdges, WindowsThatStopAndGo) {
    for (int shape = 0; shape < 4; shape++) {
        for (int first : {0, 4, 8}) {
            Var x("x");
            Func p("p"), c("c");
            p(x) = noted(x * x, 1, x);
            Expr at = shape == 0 ? max(Expr(x), 3) : shape == 1 ? min(Expr(x), 6) : shape == 2 ? x / 3 * 2 : clamp(x, 2, 7);
            c(x) = p(at) + p(at + 2) * 100;
            p.store_root().compute_at(c, x);
            Pipeline pipeline(c);
            pipeline.set_jit_externs({{"heddle_test_note", JITExtern(&note)}});
            Buffer<int> out(9);
            out.set_min(first);
            computed.clear();
            pipeline.realize(out);
            for (int i = first; i < first + 9; i++) {
                const int a = shape == 0 ? std::max(i, 3) : shape == 1 ? std::min(i, 6) : shape == 2 ? i / 3 * 2 : std::clamp(i, 2, 7);
                EXPECT_EQ(out(i), a * a + (a + 2) * (a + 2) * 100) << "shape " << shape << " at " << i;
            }
            for (const auto &[point, times] : computed) EXPECT_EQ(times, 1) << "shape " << shape << " at " << point.second;
        }
    }
}

}  // namespace
}  // namespace heddle
