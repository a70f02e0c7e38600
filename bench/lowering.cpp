// How the time of lowering grows with the size of a pipeline: a chain of stencils, an unrolled tile, a long sum. Each
// should be near-linear; Google Benchmark fits the curve and prints it after the times.
//
//   bench_lowering --benchmark_filter=Chain

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

}  // namespace

BENCHMARK_MAIN();
