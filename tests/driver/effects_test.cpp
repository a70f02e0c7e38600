// What a pipeline does besides computing: calls of C functions that compute stages, results that are kept, events of a
// trace, files, text, requests to the cache.

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "heddle/heddle.h"
#include "language/extern_definition.h"
#include "support_lib/error_code.h"

namespace heddle {
namespace {

using heddle::testing::code_of;

// --- extern stages

int questions = 0, runs = 0;

extern "C" int effects_shifted(halide_buffer_t *in, int32_t by, halide_buffer_t *out) {
    if (in->is_bounds_query()) {
        questions++;
        in->dim[0].min = out->dim[0].min + by;
        in->dim[0].extent = out->dim[0].extent;
        if (out->dimensions > 1) in->dim[1] = out->dim[1];
        return 0;
    }
    runs++;
    if (by == 13) return -44;
    Runtime::Buffer<int32_t> a(*in), b(*out);
    if (out->dimensions > 1) {
        b.for_each_element([&](int x, int y) { b(x, y) = a(x + by, y) * 2; });
    } else {
        b.for_each_element([&](int x) { b(x) = a(x + by) * 2; });
    }
    return 0;
}

extern "C" int effects_sum_and_difference(halide_buffer_t *a, halide_buffer_t *b, halide_buffer_t *sum, halide_buffer_t *difference) {
    for (halide_buffer_t *in : {a, b}) {
        if (in->is_bounds_query()) in->dim[0] = sum->dim[0];
    }
    if (a->is_bounds_query() || b->is_bounds_query()) return 0;
    Runtime::Buffer<int32_t> x(*a), y(*b), s(*sum);
    Runtime::Buffer<float> d(*difference);
    s.for_each_element([&](int i) {
        s(i) = x(i) + y(i);
        d(i) = static_cast<float>(x(i) - y(i));
    });
    return 0;
}

struct Extern : ::testing::Test {
    Var x{"x"}, y{"y"}, xi{"xi"}, yi{"yi"};
    Param<int> by{"by"};
    Extern() {
        by.set(3);
        questions = runs = 0;
    }
};

TEST_F(Extern, InputsAtEveryLevel) {
    // The input, and what that reads, at the root and in loops; alone and in parallel.
    for (int schedule = 0; schedule < 6; schedule++) {
        ImageParam image(Int(32), 2, "image");
        Func before("before"), source("source"), stage("stage"), out("out");
        before(x, y) = image(x, y) + y;
        source(x, y) = before(x, y) + before(x + 1, y);
        stage.define_extern("effects_shifted", {source, by}, Int(32), {x, y});
        out(x, y) = stage(x, y) + stage(x, y + 1);
        stage.compute_at(out, y);
        switch (schedule) {
        case 0: source.compute_root(); before.compute_root(); break;
        case 1: source.compute_at(out, y); before.compute_root(); break;
        case 2: source.compute_at(out, y); before.compute_at(source, y); break;
        case 3: source.compute_at(out, y); before.compute_at(out, y); break;
        case 4: out.parallel(y); source.compute_at(out, y); before.compute_root(); break;
        case 5: stage.compute_root(); source.store_root().compute_root(); break;
        }
        Pipeline p(out);
        p.set_jit_externs({{"effects_shifted", JITExtern(effects_shifted)}});
        Buffer<int> result(9, 6);
        result.set_min(-2, 5);
        image.reset();
        p.infer_input_bounds(result);
        Buffer<int> data = image.get();
        EXPECT_EQ(data.dim(0).min(), 1) << schedule;
        EXPECT_EQ(data.dim(0).extent(), 10) << schedule;
        EXPECT_EQ(data.dim(1).extent(), 7) << schedule;
        data.for_each_element([&](int i, int j) { data(i, j) = i * i + 10 * j; });
        p.realize(result);
        const auto want = [&](int i, int j) {
            const auto b = [&](int u, int v) { return u * u + 10 * v + v; };
            return 2 * (b(i + 3, j) + b(i + 4, j));
        };
        result.for_each_element([&](int i, int j) { EXPECT_EQ(result(i, j), want(i, j) + want(i, j + 1)) << schedule; });
    }
    EXPECT_GT(questions, 0);
}

TEST_F(Extern, SeveralInputsAndOutputs) {
    Func two("two"), stage("stage"), out("out");
    two(x) = Tuple(x * x, x + 1);
    stage.define_extern("effects_sum_and_difference", {two}, {Int(32), Float(32)}, 1);
    EXPECT_TRUE(stage.is_extern());
    EXPECT_EQ(stage.extern_function_name(), "effects_sum_and_difference");
    EXPECT_EQ(stage.outputs(), 2);
    out(x) = cast<float>(stage(x)[0]) + 1000.0f * stage(x)[1];
    two.compute_root();
    stage.compute_root();
    Pipeline p(out);
    p.set_jit_externs({{"effects_sum_and_difference", JITExtern(effects_sum_and_difference)}});
    Buffer<float> result = p.realize({8});
    for (int i = 0; i < 8; i++) EXPECT_EQ(result(i), float(i * i + i + 1) + 1000.0f * float(i * i - i - 1));
}

TEST_F(Extern, ImagesBuffersAndOtherStages) {
    Buffer<int> fixed(20, "fixed");
    fixed.for_each_element([&](int i) { fixed(i) = 7 * i; });
    ImageParam image(Int(32), 1, "image");
    Func first("first"), second("second");
    first.define_extern("effects_shifted", {image, 2}, Int(32), {x});
    second.define_extern("effects_sum_and_difference", {first, fixed}, {Int(32), Float(32)}, {x});
    first.compute_root();
    // The stage is the output.
    Pipeline p(second);
    p.set_jit_externs({{"effects_shifted", JITExtern(effects_shifted)},
                       {"effects_sum_and_difference", JITExtern(effects_sum_and_difference)}});
    Buffer<int> sum(10);
    Buffer<float> difference(10);
    p.infer_input_bounds({sum, difference});
    Buffer<int> data = image.get();
    EXPECT_EQ(data.dim(0).min(), 2);
    EXPECT_EQ(data.dim(0).extent(), 10);
    data.for_each_element([&](int i) { data(i) = i * i; });
    p.realize({sum, difference});
    for (int i = 0; i < 10; i++) {
        EXPECT_EQ(sum(i), 2 * (i + 2) * (i + 2) + 7 * i);
        EXPECT_EQ(difference(i), float(2 * (i + 2) * (i + 2) - 7 * i));
    }
}

TEST_F(Extern, UpdatesAndInlining) {
    Func source("source"), stage("stage"), out("out");
    RDom r(0, 3);
    source(x) = x;
    stage.define_extern("effects_shifted", {source, by}, Int(32), {x});
    stage(r) += 100 * r;
    out(x) = stage(x);
    source.compute_root();
    Pipeline p(out);
    p.set_jit_externs({{"effects_shifted", JITExtern(effects_shifted)}});
    // Not scheduled: it is computed for each element of its consumer.
    Buffer<int> result = p.realize({6});
    for (int i = 0; i < 6; i++) EXPECT_EQ(result(i), 2 * (i + 3) + (i < 3 ? 100 * i : 0));
    EXPECT_EQ(runs, 6);
}

TEST_F(Extern, FailuresEndTheRun) {
    Func source("source"), stage("stage"), out("out");
    source(x) = x;
    stage.define_extern("effects_shifted", {source, by}, Int(32), {x});
    out(x) = stage(x);
    source.compute_root();
    stage.compute_root();
    Pipeline p(out);
    p.set_jit_externs({{"effects_shifted", JITExtern(effects_shifted)}});
    by.set(13);
    try {
        p.realize({4});
        FAIL();
    } catch (const RuntimeError &e) {
        EXPECT_NE(std::string(e.what()).find("effects_shifted returned -44"), std::string::npos) << e.what();
    }
}

TEST_F(Extern, PipelinesAsFunctions) {
    ImageParam in(Int(32), 1, "in");
    Param<int> b("b"), a("a");
    Func inner("inner"), source("source"), stage("stage"), out("out");
    inner(x) = in(x) * a + in(x + 1) * b;
    source(x) = x * x;
    // Buffers, scalars by name, the context, the output.
    stage.define_extern("effects_inner", {source, Expr(2), Expr(5), user_context_value()}, Int(32), {x});
    out(x) = stage(x);
    source.compute_root();
    stage.compute_root();
    Pipeline p(out);
    p.set_jit_externs({{"effects_inner", JITExtern(Pipeline(inner))}});
    Buffer<int> result = p.realize({5});
    for (int i = 0; i < 5; i++) EXPECT_EQ(result(i), 2 * i * i + 5 * (i + 1) * (i + 1));
}

TEST_F(Extern, NamesOfCxxFunctions) {
    // As g++ writes them.
    using Internal::cxx_mangled;
    const Type b = Handle();
    EXPECT_EQ(cxx_mangled("f", {}, {}), "_Z1fv");
    EXPECT_EQ(cxx_mangled("g", {b, Int(32), Float(32), b}, {true, false, false, true}), "_Z1gP15halide_buffer_tifS0_");
    EXPECT_EQ(cxx_mangled("ns::k", {b, b, b, b}, {false, true, true, false}), "_ZN2ns1kEPvP15halide_buffer_tS2_S0_");
    EXPECT_EQ(cxx_mangled("ns::inner::h",
                          {UInt(8), b, Float(64), b, b, b, Bool(), UInt(64), Int(64), Int(8), UInt(16), Int(16), UInt(32)},
                          {false, true, false, false, false, true, false, false, false, false, false, false, false}),
              "_ZN2ns5inner1hEhP15halide_buffer_tdPvS3_S2_bmlatsj");
}

TEST_F(Extern, Refusals) {
    Func f("f"), g("g"), undefined("undefined");
    f(x) = x;
    EXPECT_EQ(code_of<Error>([&] { f.define_extern("c", {}, Int(32), 1); }), 233);
    EXPECT_EQ(code_of<Error>([&] { g.define_extern("c", {undefined}, Int(32), 1); }), 234);
    EXPECT_EQ(code_of<Error>([&] { g.define_extern("c", {Expr(x) + 1}, Int(32), {x}); }), 234);
    EXPECT_EQ(code_of<Error>([&] { g.define_extern("c", {f(0)}, Int(32), {x}); }), 234);
    EXPECT_EQ(code_of<Error>([&] { g.define_extern("c", {f}, Int(32), {x}, NameMangling::C, DeviceAPI::CUDA); }), 235);
    EXPECT_EQ(code_of<Error>([&] { f.extern_function_name(); }), 236);
    EXPECT_FALSE(g.defined());
    g.define_extern("c", {f}, Int(32), {x});
    EXPECT_EQ(code_of<Error>([&] { g.vectorize(x, 4); }), 455);
    g.split(x, x, xi, 4).parallel(x);
    EXPECT_EQ(code_of<Error>([&] { g.realize({4}); }), 456);
    f.compute_at(g, x);
    EXPECT_EQ(code_of<Error>([&] { g.realize({4}); }), 417);
}

// --- memoize

int evaluations = 0;

extern "C" int effects_count(int value) {
    evaluations++;
    return value;
}
HalideExtern_1(int, effects_count, int)

struct Memoize : ::testing::Test {
    Var x{"x"}, y{"y"};
    Func f{"f"}, g{"g"};
    int count(Pipeline &p, const std::vector<int> &sizes) {
        p.set_jit_externs({{"effects_count", JITExtern(static_cast<int (*)(int)>(::heddle::effects_count))}});
        evaluations = 0;
        p.realize(sizes);
        return evaluations;
    }
};

TEST_F(Memoize, KeysAreWhatValuesDependOn) {
    Param<int> used("used"), unused("unused");
    Param<float> weight("weight");
    used.set(1);
    unused.set(1);
    weight.set(0.5f);
    f(x) = effects_count(x * used + cast<int>(weight));
    g(x) = f(x) + f(x + 1) + unused;
    f.compute_root().memoize();
    Pipeline p(g);
    EXPECT_EQ(count(p, {4}), 5);
    EXPECT_EQ(count(p, {4}), 0);
    unused.set(7);
    EXPECT_EQ(count(p, {4}), 0);
    used.set(2);
    EXPECT_EQ(count(p, {4}), 5);
    weight.set(-0.0f);
    EXPECT_EQ(count(p, {4}), 5);
    weight.set(0.5f);
    EXPECT_EQ(count(p, {5}), 6);
    EXPECT_EQ(count(p, {4}), 0);
}

TEST_F(Memoize, TuplesUpdatesAndLayouts) {
    Param<int> a("a");
    a.set(3);
    Func out("out");
    RDom r(0, 4);
    f(x, y) = Tuple(effects_count(x * a), cast<uint8_t>(y));
    f(r, y) = Tuple(f(r, y)[0] + 10, cast<uint8_t>(f(r, y)[1] + 1));
    g(x, y) = f(x, y)[0] + cast<int>(f(x, y)[1]) * 1000;
    out(x, y) = g(x, y) + g(x + 1, y);
    f.compute_at(out, y).memoize().reorder_storage(y, x).align_storage(y, 4);
    for (int run = 0; run < 2; run++) {
        Pipeline p(out);
        EXPECT_EQ(count(p, {5, 3}), run == 0 ? 18 : 0);
        Buffer<int> result = p.realize({5, 3});
        result.for_each_element([&](int i, int j) {
            const auto v = [&](int u) { return u * 3 + (u < 4 ? 10 : 0) + 1000 * (j + (u < 4 ? 1 : 0)); };
            EXPECT_EQ(result(i, j), v(i) + v(i + 1));
        });
    }
}

TEST_F(Memoize, TagsAndEviction) {
    ImageParam in(Int(32), 1, "in");
    Param<int> version("version"), owner("owner");
    Buffer<int> data(6);
    data.fill(4);
    in.set(data);
    version.set(1);
    owner.set(77);
    f(x) = memoize_tag(effects_count(in(x)), version);
    g(x) = f(x);
    f.compute_root().memoize(EvictionKey(owner));
    Pipeline p(g);
    EXPECT_EQ(count(p, {6}), 6);
    data.fill(5);
    EXPECT_EQ(count(p, {6}), 0);
    halide_memoization_cache_evict(nullptr, 78);
    EXPECT_EQ(count(p, {6}), 0);
    halide_memoization_cache_evict(nullptr, 77);
    EXPECT_EQ(count(p, {6}), 6);
    version.set(2);
    EXPECT_EQ(count(p, {6}), 6);
}

TEST_F(Memoize, AFailingRunGivesTheMemoryBack) {
    // Entries that are in use cannot be dropped: after the failures a cache of no size must be empty.
    Param<int> limit("limit"), a("a");
    limit.set(0);
    f(x) = effects_count(x + a);
    g(x) = require(f(x) < limit, f(x), "too large");
    f.compute_root().memoize();
    Pipeline p(g);
    for (int i = 0; i < 3; i++) {
        a.set(i);
        EXPECT_EQ(code_of<Error>([&] { count(p, {4}); }), 270);
    }
    a.set(0);
    limit.set(100);
    EXPECT_EQ(count(p, {4}), 0);
    halide_memoization_cache_set_size(1);
    EXPECT_EQ(count(p, {4}), 4);
    halide_memoization_cache_set_size(0);
}

TEST_F(Memoize, Refusals) {
    const auto refused = [&](const std::function<void(Func &, Func &)> &say) {
        return code_of<Error>([&] {
            Func a("a"), b("b");
            a(x, y) = x + y;
            b(x, y) = a(x, y) + a(x, y + 1);
            say(a, b);
            b.realize({4, 4});
        });
    };
    ImageParam in(Int(32), 1, "in");
    Param<float> k("k");
    k.set(1);
    EXPECT_EQ(refused([&](Func &, Func &b) { b.compute_root().memoize(); }), 457);
    EXPECT_EQ(refused([&](Func &a, Func &) { a.memoize(); }), 458);
    EXPECT_EQ(refused([&](Func &a, Func &b) { a.store_root().compute_at(b, y).memoize(); }), 459);
    EXPECT_EQ(refused([&](Func &a, Func &) { a.compute_root().memoize(EvictionKey(k)); }), 461);
    EXPECT_EQ(refused([&](Func &a, Func &) { a.compute_root().memoize(EvictionKey(Expr(x))); }), 461);
    EXPECT_EQ(code_of<Error>([&] {
                  f(x) = in(x);
                  g(x) = f(x);
                  f.compute_root().memoize();
                  g.compile_jit();
              }),
              460);
    Func h("h"), o("o");
    h(x) = memoize_tag(x * 2);
    o(x) = h(x);
    h.compute_root().memoize();
    EXPECT_EQ(code_of<Error>([&] { o.compile_jit(); }), 460);
}

// --- tracing

struct Event {
    int code, parent, value_index;
    std::string func, tag;
    std::vector<int> coordinates, values;
};
std::vector<Event> events;

int32_t note(JITUserContext *, const halide_trace_event_t *e) {
    Event n{e->event, e->parent_id, e->value_index, e->func, e->trace_tag, {}, {}};
    if (e->coordinates) n.coordinates.assign(e->coordinates, e->coordinates + e->dimensions);
    if (e->value && e->type.bits == 32 && e->type.code == halide_type_int) {
        n.values.assign(static_cast<int *>(e->value), static_cast<int *>(e->value) + e->type.lanes);
    }
    events.push_back(n);
    return static_cast<int32_t>(events.size());
}

struct Trace : ::testing::Test {
    Var x{"x"}, y{"y"};
    Trace() {
        events.clear();
    }
    static std::vector<Event> of(int code, const std::string &func) {
        std::vector<Event> found;
        for (const Event &e : events) {
            if (e.code == code && e.func == func) found.push_back(e);
        }
        return found;
    }
};

TEST_F(Trace, TheOrderOfEvents) {
    Func f("f"), g("g");
    f(x) = x;
    g(x) = f(x) * 2;
    f.compute_root().trace_realizations().trace_loads().trace_stores();
    g.trace_realizations();
    Pipeline p(g);
    p.jit_handlers().custom_trace = note;
    p.realize({1});
    std::string order;
    for (const Event &e : events) {
        const bool of_pipeline = e.code == int{halide_trace_begin_pipeline} || e.code == int{halide_trace_end_pipeline};
        order += std::to_string(e.code) + (of_pipeline ? " " : e.func == f.name() ? "f " : e.func == g.name() ? "g " : " ");
    }
    // Pipeline, what is traced, both in storage, f made, used by g.
    EXPECT_EQ(order, "8 10f 10g 2g 2f 4f 1f 5f 6f 4g 0f 5g 7f 3f 3g 9 ");
    EXPECT_EQ(of(halide_trace_tag, f.name()).at(0).tag, "func_type_and_dim: 1 0 32 1 1 0 1");
    EXPECT_EQ(of(halide_trace_begin_realization, f.name()).at(0).coordinates, (std::vector<int>{0, 1}));
    const auto parent = [&](const Event &e) { return events[static_cast<size_t>(e.parent - 1)].code; };
    EXPECT_EQ(parent(of(halide_trace_store, f.name()).at(0)), int{halide_trace_produce});
    EXPECT_EQ(parent(of(halide_trace_load, f.name()).at(0)), int{halide_trace_consume});
    EXPECT_EQ(parent(of(halide_trace_produce, g.name()).at(0)), int{halide_trace_begin_realization});
    EXPECT_EQ(parent(of(halide_trace_begin_realization, g.name()).at(0)), int{halide_trace_begin_pipeline});
}

TEST_F(Trace, VectorsAreOneEventDimensionByDimension) {
    Func f("f"), g("g");
    f(x, y) = x + 100 * y;
    g(x, y) = f(x, y) + f(y, y);
    f.compute_root();
    g.vectorize(x, 4);
    f.trace_loads();
    g.trace_stores();
    g.jit_handlers().custom_trace = note;
    g.realize({8, 2});
    const std::vector<Event> stores = of(halide_trace_store, g.name());
    ASSERT_EQ(stores.size(), 4u);
    EXPECT_EQ(stores[3].coordinates, (std::vector<int>{4, 5, 6, 7, 1, 1, 1, 1}));
    EXPECT_EQ(stores[3].values, (std::vector<int>{205, 206, 207, 208}));
    const std::vector<Event> loads = of(halide_trace_load, f.name());
    ASSERT_EQ(loads.size(), 8u);
    EXPECT_EQ(loads[1].values.size(), 1u);  // the same in all lanes
}

TEST_F(Trace, LanesThatDoNotRunAreNotReported) {
    Func f("f"), g("g");
    Buffer<int> in(7);
    in.for_each_element([&](int i) { in(i) = i * i; });
    f(x) = in(x) + 1;
    f.vectorize(x, 4, TailStrategy::GuardWithIf).trace_stores();
    f.jit_handlers().custom_trace = note;
    Buffer<int> out(7);
    f.realize(out);
    std::map<int, int> seen;
    for (const Event &e : of(halide_trace_store, f.name())) {
        for (size_t i = 0; i < e.values.size(); i++) {
            EXPECT_EQ(e.values[i], e.coordinates[i] * e.coordinates[i] + 1);
            seen[e.coordinates[i]]++;
        }
    }
    EXPECT_EQ(seen.size(), 7u);
    for (const auto &[at, times] : seen) EXPECT_TRUE(at >= 0 && at < 7 && times == 1);
}

TEST_F(Trace, ScattersReportTheirIndicesFirst) {
    Func f("f"), g("g"), out("out");
    RDom r(0, 3);
    f(x) = 2 - x;
    g(x) = 0;
    g(clamp(f(r), 0, 3)) += r + 1;
    out(x) = g(x);
    f.compute_root().trace_loads();
    g.compute_root().trace_stores();
    out.jit_handlers().custom_trace = note;
    Buffer<int> result = out.realize({4});
    EXPECT_EQ(result(0), 3);
    const std::vector<Event> stores = of(halide_trace_store, g.name());
    ASSERT_EQ(stores.size(), 7u);
    EXPECT_EQ(stores[4].coordinates, (std::vector<int>{2}));
    EXPECT_EQ(stores[4].values, (std::vector<int>{1}));
}

TEST_F(Trace, TargetsAskForAll) {
    ImageParam in(Int(32), 1, "in");
    Buffer<int> data(4);
    data.fill(3);
    in.set(data);
    Func f("f"), g("g");
    f(x) = in(x) + 1;
    g(x) = f(x) * 2;
    f.compute_root();
    Pipeline p(g);
    p.jit_handlers().custom_trace = note;
    const Target t = get_jit_target_from_environment()
                         .with_feature(Target::TraceLoads)
                         .with_feature(Target::TraceStores)
                         .with_feature(Target::TraceRealizations);
    p.realize({4}, t);
    EXPECT_EQ(of(halide_trace_load, "in").size(), 4u);
    EXPECT_EQ(of(halide_trace_store, g.name()).size(), 4u);
    EXPECT_EQ(of(halide_trace_produce, f.name()).size(), 1u);
}

// --- prefetch, streaming, files, text

TEST(Prefetch, ChangesNoResult) {
    for (const auto strategy : {PrefetchBoundStrategy::Clamp, PrefetchBoundStrategy::GuardWithIf, PrefetchBoundStrategy::NonFaulting}) {
        for (int schedule = 0; schedule < 4; schedule++) {
            Var x("x"), y("y"), xo("xo"), xi("xi");
            ImageParam in(Int(32), 2, "in");
            Buffer<int> data(34, 9);
            data.for_each_element([&](int i, int j) { data(i, j) = i * 3 + j * j; });
            in.set(data);
            Func f("f"), g("g");
            f(x, y) = in(x, y) * 2;
            g(x, y) = f(x, y) + f(x + 1, y) + in(x + 2, y);
            g.split(x, xo, xi, 8).prefetch(in, y, y, 2, strategy);
            if (schedule == 0) f.compute_root();
            if (schedule == 1) f.compute_at(g, y);
            if (schedule == 2) f.store_root().compute_at(g, y);
            if (schedule == 3) g.vectorize(xi).parallel(y);
            // At a loop that f is computed in there is nothing of it to fetch.
            g.prefetch(f, schedule == 1 ? VarOrRVar(y) : VarOrRVar(xo), y, 1, strategy);
            Buffer<int> out = g.realize({32, 9});
            out.for_each_element([&](int i, int j) {
                EXPECT_EQ(out(i, j), 2 * data(i, j) + 2 * data(i + 1, j) + data(i + 2, j)) << schedule;
            });
        }
    }
}

TEST(Prefetch, Refusals) {
    Var x("x"), y("y"), z("z"), u("u");
    Func f("f"), g("g");
    f(x, y) = x;
    g(x, y) = f(x, y);
    f.compute_root();
    EXPECT_EQ(code_of<Error>([&] { g.prefetch(f, z, y); }), 302);
    EXPECT_EQ(code_of<Error>([&] { g.prefetch(f, y, x); }), 465);
    EXPECT_EQ(code_of<Error>([&] { g.prefetch(g, y, y); }), 464);
    EXPECT_EQ(code_of<Error>([&] { g.prefetch(f, y, y, x); }), 307);
    g.prefetch(f, x, y, 2).rename(y, u);
    EXPECT_EQ(code_of<Error>([&] { g.compile_jit(); }), 463);
}

TEST(Streaming, ChangesNoResult) {
    Var x("x"), y("y");
    Buffer<float> in(67, 5);
    in.for_each_element([&](int i, int j) { in(i, j) = float(i) * 0.5f + float(j); });
    Func f("f"), g("g");
    f(x, y) = in(x, y) + 1.0f;
    g(x, y) = f(x, y) * 2.0f;
    f.compute_root().vectorize(x, 8).stream_stores();
    g.vectorize(x, 8).stream_stores().stream_loads(f);
    Buffer<float> out = g.realize({67, 5});
    out.for_each_element([&](int i, int j) { EXPECT_EQ(out(i, j), (in(i, j) + 1.0f) * 2.0f); });
}

TEST(DebugToFile, WhatAFuncWasComputedTo) {
    const std::string file = ::testing::TempDir() + "heddle_effects.tmp";
    std::remove(file.c_str());
    Var x("x"), y("y");
    Func f("f"), g("g"), t("t");
    f(x, y) = cast<int32_t>(x * 10 + y);
    g(x, y) = f(x + 2, y) + 1;
    f.compute_root();
    f.debug_to_file(file);
    g.realize({4, 3});
    std::ifstream in(file, std::ios::binary);
    int32_t header[5] = {}, data[12] = {};
    in.read(reinterpret_cast<char *>(header), sizeof header);
    in.read(reinterpret_cast<char *>(data), sizeof data);
    ASSERT_TRUE(in.good());
    EXPECT_EQ(header[0], 4);
    EXPECT_EQ(header[1], 3);
    EXPECT_EQ(header[4], 7);
    EXPECT_EQ(data[0], 20);
    EXPECT_EQ(data[11], 52);
    std::remove(file.c_str());
    EXPECT_EQ(code_of<Error>([&] { f.debug_to_file(""); }), 237);
    t(x) = Tuple(x, x);
    t.debug_to_file(file);
    EXPECT_EQ(code_of<Error>([&] { t.compile_jit(); }), 462);
    Func bad("bad");
    bad(x) = x;
    bad.debug_to_file("/no such folder/bad.tmp");
    EXPECT_EQ(code_of<Error>([&] { bad.realize({3}); }), 270);
}

// --- profiles

std::string printed;

TEST(Profile, NamesTheFuncsAndTheirShares) {
    Var x("x"), y("y");
    Func slow("slow_one"), fast("fast_one"), hidden("hidden_one"), out("profiled");
    Param<int> n("n");
    n.set(3);
    slow(x, y) = cast<float>(x);
    RDom r(0, 200);
    slow(x, y) += sqrt(cast<float>(r + x * y));
    fast(x, y) = cast<float>(x + y);
    hidden(x, y) = fast(x, y) * 2.0f;
    out(x, y) = slow(x, y) + hidden(x, y) + cast<float>(n);
    slow.compute_root();
    fast.compute_at(out, y);
    hidden.compute_at(out, y).no_profiling();
    out.parallel(y);
    Pipeline p(out);
    printed.clear();
    p.jit_handlers().custom_print = [](JITUserContext *, const char *text) { printed += text; };
    Buffer<float> result(64, 64);
    p.realize(result, get_jit_target_from_environment().with_feature(Target::Profile));
    EXPECT_NE(printed.find("total time: "), std::string::npos) << printed;
    EXPECT_NE(printed.find("runs: 1 "), std::string::npos) << printed;
    EXPECT_NE(printed.find("fast_one"), std::string::npos) << printed;
    EXPECT_EQ(printed.find("hidden_one"), std::string::npos) << printed;
    const auto share = [&](const std::string &name) {
        const size_t at = printed.find("(", printed.find(name));
        return at == std::string::npos ? -1.0 : std::stod(printed.substr(at + 1));
    };
    EXPECT_GT(share("slow_one"), share("fast_one")) << printed;
    EXPECT_EQ(halide_profiler_get_state()->pipelines, nullptr);
}

}  // namespace
}  // namespace heddle
