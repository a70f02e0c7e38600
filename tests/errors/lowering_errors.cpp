// HD03xx and HD04xx that are found when a pipeline is lowered, and HD05xx of schedules as data.

#include <gtest/gtest.h>

#include "errors/refused.h"

namespace heddle {
namespace {

using testing::Environment;

struct LoweringErrors : ::testing::Test {
    Var x{"x"}, y{"y"}, u{"u"};
    Func f{"f"}, g{"g"};
    Param<bool> on{"on"};
    RDom r{0, 8, "r"};
    LoweringErrors() {
        f(x, y) = x + y;
        g(x, y) = f(x, y) + f(x + 1, y);
    }
};

TEST_F(LoweringErrors, Branches) {
    Func outer("outer");
    outer(x, y) = g(x, y);
    g.compute_root().specialize(g.output_buffer().width() > 8);
    REFUSED(330, outer.compile_jit());
    f.specialize(on);
    REFUSED(415, g.compile_jit());
    Func total("total");
    total(x) = 0;
    total(x) += r;
    total.update().specialize(on);
    REFUSED(343, total.update().rfactor(r, u));
}

TEST_F(LoweringErrors, Loops) {
    f.vectorize(x, 4);
    REFUSED(416, g.compile_jit());
    f.compute_root();
    g.prefetch(f, x, y, 2).rename(y, u);
    REFUSED(463, g.compile_jit());
    REFUSED(464, g.prefetch(g, x, u));
}

TEST_F(LoweringErrors, Levels) {
    REFUSED(408, LoopLevel::root().func());
    LoopLevel gone;
    {
        Func temporary("temporary");
        temporary(x, y) = x;
        gone = LoopLevel(temporary, y);
    }
    f.compute_at(gone);
    REFUSED(406, g.compile_jit());
}

TEST_F(LoweringErrors, Places) {
    Func h("h");
    h(x, y) = f(x, y) + g(x, y);
    f.compute_at(g, y);
    g.compute_root();
    REFUSED(431, h.compile_jit());
}

TEST_F(LoweringErrors, Regions) {
    ImageParam table(Int(32), 1, "table");
    Func far("far"), reader("reader");
    far(x, y) = f(table(x), y);
    f.compute_root();
    REFUSED(452, far.compile_jit());
    reader(x, y) = table(f(x, y) * f(x, y));
    Buffer<int> own(8);
    reader(x, y) += table(table(x));
    REFUSED(453, reader.compile_jit());
}

TEST_F(LoweringErrors, HoistedStorage) {
    Param<int> mask("mask");
    Func some("some"), wide("wide");
    some(x) = x;
    wide(x, y) = some(x) + some(x + (y ^ mask));
    some.compute_at(wide, x).hoist_storage_root();
    REFUSED(425, wide.compile_jit());
}

TEST_F(LoweringErrors, ExternStages) {
    Func stage("stage"), out("out"), input("input");
    input(x) = x;
    stage.define_extern("c_function", {input}, Int(32), {x});
    out(x) = stage(x);
    REFUSED(455, stage.vectorize(x, 4));
    stage.compute_root();
    REFUSED(456, out.compile_jit());
}

TEST_F(LoweringErrors, LoopsOnAGpu) {
    REFUSED(362, Pipeline(g).apply(Schedule::from_json(
                     R"({ "heddle_schedule": 1, "pipeline": "g", "stages": [ { "func": "g", "update": null, "do": [
                         ["split", "x", "x", "u", 2], ["split", "y", "y", "v", 2], ["gpu_threads", ["u", "v", "x", "y"]] ] } ] })", "g.json")));
    g.compute_root().gpu_blocks(y, DeviceAPI::CUDA);
    REFUSED(363, g.gpu_threads(x, DeviceAPI::Metal));
    REFUSED(365, g.compile_jit(Target("x86-64-linux")));
    REFUSED(802, g.compile_to_llvm_assembly("never.ll", {}, "kernel", Target("x86-64-linux-cuda")));
}

TEST_F(LoweringErrors, Memoized) {
    f.memoize();
    REFUSED(458, g.compile_jit());
    ImageParam in(Int(32), 1, "in");
    Func kept("kept"), reader("reader");
    kept(x) = in(x);
    reader(x) = kept(x);
    kept.compute_root().memoize();
    REFUSED(460, reader.compile_jit());
    REFUSED(461, kept.memoize(EvictionKey(Expr(1.5f))));
}

TEST_F(LoweringErrors, DebugToFile) {
    Func pair("pair");
    pair(x) = Tuple(x, x);
    pair.debug_to_file("pair.tmp");
    REFUSED(462, pair.compile_jit());
}

TEST_F(LoweringErrors, Switches) {
    {
        const Environment dump("HEDDLE_DUMP", "nothing");
        REFUSED(470, f.compile_jit());
    }
    {
        const Environment dump("HEDDLE_DUMP", "all"), folder("HEDDLE_DUMP_DIR", "/dev/null/dumps");
        REFUSED(471, f.compile_jit());
    }
    const Environment roundtrip("HEDDLE_ROUNDTRIP", "everything");
    REFUSED(514, f.compile_jit());
}

TEST_F(LoweringErrors, SchedulesAsFiles) {
    Param<int> block("block");
    g(x, y) += select(on, block, 0);
    const auto apply = [&](const std::string &stages) {
        Pipeline(g).apply(Schedule::from_json(R"({ "heddle_schedule": 1, "pipeline": "g", "stages": [)" + stages + "] }", "g.json"));
    };
    REFUSED(409, apply(R"({ "func": "f", "update": null, "do": [ ["in", "g"] ] })"));
    REFUSED(438, apply(R"({ "func": "f", "update": null, "do": [ ["split_storage", "x", "xo", "xi", "block"] ] })"));
    REFUSED(329, apply(R"({ "func": "g", "update": null, "do": [ ["specialize", "on"], ["specialize", "on"] ] })"));
    REFUSED(510, apply(R"({ "func": "g", "update": 0, "do": [ ["compute_root"] ] })"));
}

}  // namespace
}  // namespace heddle
