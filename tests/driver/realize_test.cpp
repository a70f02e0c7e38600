#include <gtest/gtest.h>

#include <thread>

#include "heddle/heddle.h"

namespace heddle {
namespace {

TEST(Realize, SizesAndRegions) {
    Var x("x"), y("y");
    Func f("f");
    f(x, y) = x * 100 + y;
    Buffer<int> a = f.realize({7, 3});
    EXPECT_EQ(a(6, 2), 602);
    Buffer<int> b(5, 2);
    b.set_min(-4, 9);
    f.realize(b);
    b.for_each_element([&](int i, int j) { EXPECT_EQ(b(i, j), i * 100 + j); });
    EXPECT_THROW(f.realize({7}), CompileError);
}

TEST(Realize, TheOutputGrowsToWhatUpdatesWrite) {
    Var x("x");
    RDom r(0, 10);
    Func f("f");
    f(x) = x;
    f(r) += 100;
    Buffer<int> part = f.realize({8});
    EXPECT_EQ(part.dim(0).extent(), 8);
    for (int i = 0; i < 8; i++) EXPECT_EQ(part(i), i + 100);
}

TEST(Realize, ErrorsNameTheInput) {
    Var x("x");
    ImageParam in(Int(32), 1, "short_input");
    Func f("f");
    f(x) = in(x) + in(x + 1);
    Buffer<int> out(5), data(5);
    const auto message = [&] {
        try {
            f.realize(out);
        } catch (const RuntimeError &e) {
            return std::string(e.what());
        }
        return std::string();
    };
    EXPECT_NE(message().find("short_input"), std::string::npos);  // nothing is bound
    data.fill(1);
    in.set(data);
    EXPECT_NE(message().find("short_input"), std::string::npos);  // one element is missing
    in.set(Buffer<int>(nullptr, 6));
    EXPECT_NE(message().find("short_input"), std::string::npos);  // no memory: not taken for a bounds query
    Buffer<int> enough(6);
    enough.fill(2);
    in.set(enough);
    EXPECT_EQ(message(), "");
    EXPECT_EQ(out(4), 4);
}

TEST(Realize, AHandlerTakesTheError) {
    static std::string seen;
    Var x("x");
    Buffer<int> small(4, "small_buffer"), out(5);
    small.fill(1);
    Func f("f");
    f(x) = small(x);
    f.jit_handlers().custom_error = [](JITUserContext *, const char *m) { seen += m; };
    EXPECT_NO_THROW(f.realize(out));
    EXPECT_NE(seen.find("small_buffer"), std::string::npos);
    f.jit_handlers().custom_error = nullptr;
    EXPECT_THROW(f.realize(out), RuntimeError);
}

TEST(Realize, ANewScheduleIsCompiled) {
    Var x("x"), xo("xo"), xi("xi");
    Func f("f");
    f(x) = x * x;
    Buffer<int> before = f.realize({13});
    f.split(x, xo, xi, 5, TailStrategy::GuardWithIf);
    Buffer<int> after = f.realize({13});
    for (int i = 0; i < 13; i++) {
        EXPECT_EQ(before(i), i * i);
        EXPECT_EQ(after(i), i * i);
    }
    EXPECT_THROW(f(x) += 1, CompileError);  // it was realized
}

TEST(Realize, InferInputBounds) {
    Var x("x"), y("y");
    ImageParam in(UInt(8), 2, "in");
    Func f("f");
    f(x, y) = in(x - 2, y) + in(x + 1, y + 3);
    f.infer_input_bounds({20, 11});
    ASSERT_TRUE(in.get().defined());
    EXPECT_EQ(in.get().dim(0).min(), -2);
    EXPECT_EQ(in.get().dim(0).max(), 20);
    EXPECT_EQ(in.get().dim(1).min(), 0);
    EXPECT_EQ(in.get().dim(1).max(), 13);
    in.reset();
    Buffer<uint8_t> elsewhere(7, 5);
    elsewhere.set_min(-30, 100);
    f.infer_input_bounds(elsewhere);
    EXPECT_EQ(in.get().dim(0).min(), -32);
    EXPECT_EQ(in.get().dim(1).max(), 107);
}

TEST(Realize, LoopsTakenBackFromAGpu) {
    Var x("x"), y("y");
    Func f("f");
    f(x, y) = x + 10 * y;
    f.gpu_blocks(y).gpu_threads(x);
    EXPECT_THROW(f.realize({4, 4}, get_host_target()), CompileError);
    f.parallel(y).serial(x);
    const Buffer<int> out = f.realize({4, 4}, get_host_target());
    EXPECT_EQ(out(3, 2), 23);
}

TEST(Callable, ArgumentsInOrderAndChecked) {
    Var x("x");
    Param<int> offset("offset");
    Param<float> gain("gain");
    ImageParam in(Int(16), 1, "in");
    Func f("f");
    f(x) = in(x) * gain + offset;
    Callable c = f.compile_to_callable({in, offset, gain});
    Buffer<int16_t> src(6);
    src.fill([](int i) { return static_cast<int16_t>(i); });
    Buffer<float> out(6);
    EXPECT_EQ(c(src, 10, 0.5f, out), 0);
    EXPECT_EQ(out(4), 12.0f);
    EXPECT_THROW(c(src, 10, 0.5f), RuntimeError);
    EXPECT_THROW(c(src, 10.0, 0.5f, out), RuntimeError);
    EXPECT_THROW(c(src, src, 0.5f, out), RuntimeError);
    EXPECT_THROW(f.compile_to_callable({in, offset}), CompileError);
    const auto fn = c.make_std_function<Buffer<int16_t>, int, float, Buffer<float>>();
    EXPECT_EQ(fn(src, 1, 1.0f, out), 0);
    EXPECT_EQ(out(5), 6.0f);
    EXPECT_THROW((c.make_std_function<Buffer<float>, int, float, Buffer<float>>()), CompileError);
}

TEST(Callable, FromSeveralThreads) {
    Var x("x");
    Param<int> scale("scale");
    Func f("f");
    f(x) = x * scale;
    Callable c = f.compile_to_callable({scale});
    std::vector<std::thread> threads;
    std::vector<Buffer<int>> out;
    for (int k = 0; k < 4; k++) out.emplace_back(Buffer<int>(100));
    for (int k = 0; k < 4; k++) {
        threads.emplace_back([&, k] {
            for (int i = 0; i < 50; i++) c(k + i, out[static_cast<size_t>(k)]);
        });
    }
    for (auto &t : threads) t.join();
    for (int k = 0; k < 4; k++) EXPECT_EQ(out[static_cast<size_t>(k)](10), 10 * (k + 49));
}

TEST(Callable, TakesWhatAKernelTakes) {
    Var x("x");
    ImageParam in(Int(32), 1, "in");
    Param<int> offset("offset");
    Func f("f");
    f(x) = in(x) + offset;
    const Callable c = f.compile_to_callable({in, offset});
    Buffer<int> input(8), output(8);
    input.fill(5);
    JITUserContext *context = nullptr;
    const int seven = 7;
    const void *argv[] = {&context, input.raw_buffer(), &seven, output.raw_buffer()};
    EXPECT_EQ(c.call_argv_fast(4, argv), 0);
    for (int i = 0; i < 8; i++) EXPECT_EQ(output(i), 12);
    EXPECT_THROW(c.call_argv_fast(3, argv), CompileError);
    EXPECT_THROW(Callable().call_argv_fast(4, argv), CompileError);
}

TEST(Pipeline, Requirements) {
    Var x("x");
    Param<int> k("k", 4);
    Func f("f");
    f(x) = x * k;
    Pipeline p(f);
    p.add_requirement(k != 3, "k must not be", k);
    Buffer<int> out(4);
    p.realize(out);
    EXPECT_EQ(out(3), 12);
    k.set(3);
    try {
        p.realize(out);
        FAIL() << "not refused";
    } catch (const RuntimeError &e) {
        EXPECT_NE(std::string(e.what()).find("k must not be"), std::string::npos);
    }
}

}  // namespace
}  // namespace heddle
