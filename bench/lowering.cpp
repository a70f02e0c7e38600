// How the time of lowering grows with the size of a pipeline: a chain of stencils, an unrolled tile, a long sum: each
// should be near-linear. A pyramid and a chain of samplings in each row, whose regions are made of more and more minima and
// maxima: a low power. Google Benchmark fits the curve and prints it after the times.
//
//   bench_lowering --benchmark_filter=Chain

#include <vector>

#include <benchmark/benchmark.h>

#include "heddle/heddle.h"

namespace {

using namespace heddle;

// All passes, no code generation: the statement is lowered into a Module and dropped.
void lower(benchmark::State &state, Func f, const std::vector<Argument> &args) {
    const Target target("x86-64-linux-sse41-avx-avx2-fma-f16c-no_runtime");
    for (auto _ : state) {
        benchmark::DoNotOptimize(Pipeline(f).compile_to_module(args, "kernel", target));
    }
    state.SetComplexityN(state.range(0));
}

// state.range(0) stencils of four points, each stored whole.
void Chain(benchmark::State &state) {
    Var x("x"), y("y");
    ImageParam in(UInt(16), 2, "in");
    Func last("stencil");
    last(x, y) = in(x, y);
    for (int64_t i = 0; i < state.range(0); i++) {
        last.compute_root();
        Func next("stencil");
        next(x, y) = last(x - 1, y) + last(x + 1, y) + last(x, y - 1) + last(x, y + 1);
        last = next;
    }
    lower(state, last, {in});
}
BENCHMARK(Chain)->RangeMultiplier(2)->Range(32, 512)->Complexity()->Unit(benchmark::kMillisecond);

// A tile of state.range(0) points, unrolled.
void UnrolledTile(benchmark::State &state) {
    Var x("x"), y("y"), xi("xi"), yi("yi");
    ImageParam in(Float(32), 2, "in");
    const auto height = static_cast<int>(state.range(0) / 32);
    Func f("f");
    f(x, y) = in(x, y) * 2.0f + in(x + 1, y);
    f.tile(x, y, xi, yi, 32, height, TailStrategy::RoundUp).unroll(xi).unroll(yi);
    lower(state, f, {in});
}
BENCHMARK(UnrolledTile)->RangeMultiplier(2)->Range(64, 1024)->Complexity()->Unit(benchmark::kMillisecond);

// A sum of state.range(0) terms.
void LongSum(benchmark::State &state) {
    Var x("x"), y("y");
    ImageParam in(Float(32), 2, "in");
    Expr sum = 0.0f;
    for (int64_t i = 0; i < state.range(0); i++) sum += in(x + static_cast<int>(i), y) * static_cast<float>(i);
    Func f("f");
    f(x, y) = sum;
    lower(state, f, {in});
}
BENCHMARK(LongSum)->RangeMultiplier(2)->Range(64, 1024)->Complexity()->Unit(benchmark::kMillisecond);

// Down state.range(0) levels and up again, each stored whole: regions are minima and maxima of those of several consumers.
void Pyramid(benchmark::State &state) {
    Var x("x"), y("y");
    ImageParam in(Int(32), 2, "in");
    const auto levels = static_cast<size_t>(state.range(0));
    std::vector<Func> down(levels + 1, Func("down"));
    const auto whole = [&](Func &f) { f.compute_root().vectorize(x, 8).parallel(y); };
    down[0](x, y) = in(x, y);
    for (size_t i = 1; i <= levels; i++) {
        down[i] = Func("down");
        const Func &d = down[i - 1];
        down[i](x, y) = d(2 * x - 1, 2 * y) + d(2 * x + 1, 2 * y) + d(2 * x, 2 * y - 1) + d(2 * x, 2 * y + 1);
    }
    Func up = down[levels];
    for (Func &d : down) whole(d);
    for (size_t i = levels; i-- > 0;) {
        Func next("up");
        next(x, y) = up(x / 2, y / 2) + up((x + 1) / 2, (y + 1) / 2) - down[i](x, y);
        if (i > 0) whole(next);
        up = next;
    }
    up.parallel(y).vectorize(x, 8);
    lower(state, up, {in});
}
BENCHMARK(Pyramid)->DenseRange(2, 6, 2)->Complexity()->Unit(benchmark::kMillisecond);

// state.range(0) stages that are computed in each row of the output, each of which reads the one before at other scales.
void Resampling(benchmark::State &state) {
    Var x("x"), y("y");
    ImageParam in(Int(32), 2, "in");
    std::vector<Func> stages;
    Func last("stage");
    last(x, y) = in(x, y);
    for (int64_t i = 0; i < state.range(0); i++) {
        stages.push_back(last);
        Func next("stage");
        next(x, y) = last(x / 2, y) + last(x + 1, y * 2 - 1);
        last = next;
    }
    for (Func &f : stages) f.compute_at(last, y);
    last.parallel(y);
    lower(state, last, {in});
}
BENCHMARK(Resampling)->RangeMultiplier(2)->Range(2, 8)->Complexity()->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
