// Schedule files: what is written, what is kept, what is refused, and that applying is all or nothing.

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "heddle/func.h"
#include "heddle/operators.h"
#include "heddle/param.h"
#include "language/reachable.h"
#include "schedule/algorithm_hash.h"
#include "schedule/check_schedule.h"
#include "schedule/directives.h"
#include "support_lib/golden.h"

namespace heddle {
namespace {

using namespace Internal;
using testing::check_round_trip;
using testing::refusal_of;

struct Files : ::testing::Test {
    Var x{"x"}, y{"y"}, xo{"xo"}, yo{"yo"}, xi{"xi"}, yi{"yi"};
    Func blur_x{"blur_x"}, blur_y{"blur_y"};
    Param<int> radius{"radius"};
    Files() {
        blur_x(x, y) = x + y + radius;
        RDom r(0, 3, "r");
        blur_y(x, y) = 0;
        blur_y(x, y) += blur_x(x + r, y);
    }
    Functions outputs() const {
        return {blur_y.function()};
    }
    static std::string with_stage(const std::string &stage) {
        return "{ \"heddle_schedule\": 1, \"stages\": [ " + stage + " ] }";
    }
    static std::string with_directive(const std::string &directive) {
        return with_stage(
            "{ \"func\": \"blur_y\", \"update\": null, \"do\": [ [\"parallel\", \"y\"], " +
            directive + " ] }");
    }
    void apply_text(const std::string &text) const {
        apply_schedule(Schedule::from_json(text, "blur.json"), outputs());
    }
    // The text is refused with this code at this place of blur.json, whether it is read or applied.
    void expect_refused(const std::string &text, int code, const std::string &pointer) const {
        const std::string before = collect_schedule(outputs()).to_json();
        const Diagnostic d = refusal_of([&] { apply_text(text); });
        EXPECT_EQ(d.code, code) << text << "\n" << d.render();
        EXPECT_EQ(d.location.file, "blur.json") << text;
        EXPECT_EQ(d.location.pointer, pointer) << text;
        EXPECT_EQ(collect_schedule(outputs()).to_json(), before) << text;
    }
};

TEST_F(Files, Text) {
    blur_x.store_root()
        .compute_at(blur_y, yo)
        .split(x, xo, xi, 16, TailStrategy::RoundUp)
        .vectorize(xi);
    blur_x.bound(y, 0, radius * 2 + 1)
        .reorder_storage(y, x)
        .store_in(MemoryType::Stack)
        .fold_storage(x, 8, false);
    blur_y.tile({x, y}, {xo, yo}, {xi, yi}, {8, 4}, TailStrategy::GuardWithIf)
        .parallel(yo)
        .never_partition_all();
    blur_y.update().reorder(x, RVar("r$x"), y).unroll(RVar("r$x"));
    const std::string text = check_round_trip({blur_y});
    Schedule s = Schedule::from_json(text);
    s.algorithm = "0123456789abcdef";
    testing::expect_golden("schedule/files/text.json", s.to_json());
    testing::expect_golden("schedule/files/text.cpp.txt", s.to_cpp());
}

TEST_F(Files, UnknownMembersAreKept) {
    const std::string text = R"({
  "heddle_schedule": 1,
  "pipeline": "blur",
  "stages": [
    { "func": "blur_y", "update": null,
      "do": [ ["parallel", "y"] ],
      "why": {"rows":"many"} }
  ],
  "made_by": {"heddle":"0.1.0","time_ns":812345},
  "zebra": [1,2,{"a":null}]
}
)";
    EXPECT_EQ(Schedule::from_json(text).to_json(), text);
}

TEST_F(Files, ReplacesWhatWasSaid) {
    blur_x.compute_root().vectorize(x, 4);
    blur_y.parallel(y);
    apply_text(with_stage(
        "{ \"func\": \"blur_y\", \"update\": 0, \"do\": [ [\"reorder\", \"x\", \"r\"] ] }"));
    EXPECT_EQ(collect_schedule(outputs()).to_cpp(), "blur_y.update(0)\n    .reorder(x, r.x);\n");
}

TEST_F(Files, FuncsOfOneNameAreNumbered) {
    Func a("twin"), b("twin"), c("twin");
    a(x) = x;
    b(x) = a(x) + a(x + 1);
    c(x) = b(x) + b(x + 1);
    a.compute_at(b, x);
    b.compute_root();
    c.vectorize(x, 4);
    const std::string text = check_round_trip({c});
    EXPECT_NE(text.find("[\"compute_at\", \"twin#1\", \"x\"]"), std::string::npos) << text;
    EXPECT_NE(text.find("{ \"func\": \"twin#2\""), std::string::npos) << text;
}

TEST_F(Files, FuncsWithoutANameDoNotDependOnOthers) {
    auto text = [&] {
        Func a, b;
        a(x) = x;
        b(x) = a(x) + 1;
        a.compute_root();
        b.parallel(x);
        return check_round_trip({b});
    };
    const std::string once = text();
    EXPECT_EQ(text(), once);
    EXPECT_NE(once.find("\"f#1\""), std::string::npos) << once;
}

// Vars and RVars without a name: what files call them does not depend on what else the process has made.
TEST_F(Files, LoopsWithoutANameDoNotDependOnOthers) {
    auto text = [&] {
        Var u, v, w, uo, ui;
        RVar ro, ri;
        Func a("a"), b("b");
        RDom r(0, 16);
        a(u, v) = u + v;
        b(u, v) = 0;
        b(u, v) += a(u, v + r);
        b.split(u, uo, ui, 8).reorder_storage(v, u).vectorize(ui);
        b.update().split(r, ro, ri, 4).parallel(v);
        a.compute_at(b, ro).align_storage(v, 4);
        Func part = b.update().rfactor(ro, w);
        part.compute_root().vectorize(u, 4).update().reorder(ri, u);
        const std::string said = collect_schedule({b.function()}).to_json();
        apply_schedule(Schedule::from_json(said), {b.function()});
        EXPECT_EQ(collect_schedule({b.function()}).to_json(), said);
        return said;
    };
    const std::string once = text();
    EXPECT_EQ(text(), once);
    Schedule s = Schedule::from_json(once);
    s.algorithm.clear();
    testing::expect_golden("schedule/files/unnamed.json", s.to_json());
}

TEST_F(Files, ConditionsOnImages) {
    ImageParam mode(UInt(8), 1, "mode");
    Func f("f");
    f(x) = x + cast<int>(mode(0));
    f.specialize(mode(radius) > 3 && mode.dim(0).extent() > 2).vectorize(x, 8);
    f(x) += radius;
    const std::string text = check_round_trip({f});
    EXPECT_NE(text.find("[\"specialize\", \"mode:uint8(radius) > 3u8 && mode.extent.0 > 2\", [[\"vectorize\", \"x\", 8]]]"), std::string::npos) << text;
    const auto refused = [&](const std::string &condition) {
        const std::string file = with_stage("{ \"func\": \"f\", \"do\": [ [\"specialize\", \"" + condition + "\"] ] }");
        return refusal_of([&] { apply_schedule(Schedule::from_json(file, "f.json"), {f.function()}); });
    };
    testing::expect_golden("schedule/files/image_unknown.txt", refused("other:uint8(0) > 3u8").render() + "\n");
    testing::expect_golden("schedule/files/image_of_another_type.txt", refused("mode:int32(0) > 3").render() + "\n");
    testing::expect_golden("schedule/files/image_of_more_dimensions.txt", refused("mode:uint8(0, 1) > 3u8").render() + "\n");
    testing::expect_golden("schedule/files/param_unknown.txt", refused("diameter > 3").render() + "\n");
}

TEST_F(Files, NamesOfReductionLoops) {
    Func f("f");
    RDom two(0, 4, 0, 5, "anything"), one(0, 3, "other");
    f(x) = 0;
    f(x) += two.x * two.y;
    f(x) += one;
    f.update(0).reorder(two.y, two.x).unroll(two.y);
    f.update(1).split(one, RVar("r"), RVar("r.x"), 2).unroll(RVar("r.x"));
    Func g("g");
    g(x) = x;
    const std::string text = check_round_trip({f});
    EXPECT_NE(text.find("[\"reorder\", \"r.y\", \"r.x\"], [\"unroll\", \"r.y\"]"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("[\"split\", \"$0\", \"r\", \"r.x\", 2], [\"unroll\", \"r.x\"]"),
              std::string::npos)
        << text;
}

TEST_F(Files, LevelsAtReductionLoops) {
    Func p("p"), f("f");
    RDom one(0, 4, "one"), two(0, 3, "two");
    p(x) = x;
    f(x) = 0;
    f(x) += p(x + one);
    f(x) += two;
    p.compute_at(f, one);
    const std::string text = collect_schedule({f.function()}).to_json();
    EXPECT_NE(text.find("[\"compute_at\", \"f\", \"r.x\", 1]"), std::string::npos) << text;
    apply_schedule(Schedule::from_json(text), {f.function()});
    EXPECT_EQ(placement_of(*p.function()).compute.var, one.x.name());
}

TEST_F(Files, SavedAndLoaded) {
    blur_y.parallel(y);
    const std::filesystem::path path =
        std::filesystem::temp_directory_path() / "heddle_file_test.json";
    const Schedule s = collect_schedule(outputs(), "blur", "host");
    s.save(path.string());
    const Schedule read = Schedule::load(path.string());
    EXPECT_TRUE(read == s);
    EXPECT_EQ(read.target, "host");
    EXPECT_EQ(read.source, path.string());
    std::filesystem::remove(path);
    EXPECT_EQ(refusal_of([&] { Schedule::load(path.string()); }).code, 501);
    EXPECT_EQ(refusal_of([&] { s.save((path / "no" / "folder.json").string()); }).code, 272);
}

TEST_F(Files, NotASchedule) {
    const Diagnostic d = refusal_of(
        [] { Schedule::from_json("{ \"heddle_schedule\": 1,\n  stages }", "blur.json"); });
    EXPECT_EQ(d.code, 502);
    EXPECT_EQ(d.message, "this is not JSON: the error is in line 2, column 3");
    expect_refused("[]", 504, "");
    expect_refused("{ \"stages\": [] }", 503, "");
    expect_refused("{ \"heddle_schedule\": 2, \"stages\": [] }", 503, "/heddle_schedule");
    expect_refused("{ \"heddle_schedule\": 1 }", 504, "");
    expect_refused("{ \"heddle_schedule\": 1, \"stages\": {} }", 504, "/stages");
    expect_refused("{ \"heddle_schedule\": 1, \"stages\": [], \"pipeline\": 3 }", 504, "/pipeline");
}

// What a stack or a double cannot hold is refused like all else that is not right.
TEST_F(Files, TooDeepOrTooLarge) {
    const std::string open(100000, '[');
    expect_refused(open, 502, "");
    expect_refused("{ \"heddle_schedule\": 1, \"stages\": [], \"made_by\": " + open + std::string(open.size(), ']') + " }", 502, "");
    expect_refused("{ \"heddle_schedule\": 1, \"stages\": [], \"made_by\": { \"times\": [1, 1e999] } }", 502, "/made_by/times/1");
    expect_refused(with_directive("[\"split\", \"x\", \"xo\", \"xi\", -1e400]"), 502, "/stages/0/do/1/4");
    for (const char *level : {"(", "!", "min(x, ", "select(x < 1, 2, ", "1 + "}) {
        std::string factor;
        for (int i = 0; i < 20000; i++) factor += level;
        expect_refused(with_directive("[\"split\", \"x\", \"xo\", \"xi\", \"" + factor + "1\"]"), 506, "/stages/0/do/1/4");
    }
}

TEST_F(Files, BadStages) {
    expect_refused(with_stage("3"), 504, "/stages/0");
    expect_refused(with_stage("{ \"do\": [] }"), 504, "/stages/0");
    expect_refused(with_stage("{ \"func\": \"blur_y\" }"), 504, "/stages/0");
    expect_refused(with_stage("{ \"func\": 1, \"do\": [] }"), 504, "/stages/0/func");
    expect_refused(with_stage("{ \"func\": \"blur_y\", \"update\": \"0\", \"do\": [] }"), 504,
                   "/stages/0/update");
    expect_refused(with_stage("{ \"func\": \"blur_y\", \"update\": -1, \"do\": [] }"), 504,
                   "/stages/0/update");
    expect_refused(with_stage("{ \"func\": \"blur_y\", \"do\": 1 }"), 504, "/stages/0/do");
    expect_refused(with_stage("{ \"func\": \"blur_z\", \"do\": [] }"), 507, "/stages/0/func");
    expect_refused(with_stage("{ \"func\": \"blur_y\", \"update\": 1, \"do\": [] }"), 507,
                   "/stages/0/update");
}

TEST_F(Files, BadDirectives) {
    expect_refused(with_directive("[]"), 504, "/stages/0/do/1");
    expect_refused(with_directive("\"parallel\""), 504, "/stages/0/do/1");
    expect_refused(with_directive("[\"paralel\", \"y\"]"), 505, "/stages/0/do/1/0");
    expect_refused(with_directive("[\"split\", \"x\", \"xo\"]"), 506, "/stages/0/do/1");
    expect_refused(with_directive("[\"split\", \"x\", \"xo\", \"xi\", 8, \"round_up\", 3]"), 506,
                   "/stages/0/do/1/6");
    expect_refused(with_directive("[\"split\", 1, \"xo\", \"xi\", 8]"), 506, "/stages/0/do/1/1");
    expect_refused(with_directive("[\"split\", \"x\", \"xo\", \"xi\", 8.5]"), 506,
                   "/stages/0/do/1/4");
    expect_refused(with_directive("[\"split\", \"x\", \"xo\", \"xi\", 5000000000]"), 506,
                   "/stages/0/do/1/4");
    expect_refused(with_directive("[\"split\", \"x\", \"xo\", \"xi\", \"8 +\"]"), 506,
                   "/stages/0/do/1/4");
    expect_refused(with_directive("[\"split\", \"x\", \"xo\", \"xi\", 8, \"up\"]"), 506,
                   "/stages/0/do/1/5");
    expect_refused(with_directive("[\"reorder\"]"), 506, "/stages/0/do/1");
    expect_refused(with_directive("[\"reorder\", \"x\", 2]"), 506, "/stages/0/do/1");
    expect_refused(with_directive("[\"compute_at\", \"blur_y\"]"), 506, "/stages/0/do/1");
    expect_refused(with_directive("[\"compute_at\", \"blur_y\", \"x\", \"0\"]"), 506,
                   "/stages/0/do/1");
    expect_refused(with_directive("[\"store_in\", \"cupboard\"]"), 506, "/stages/0/do/1/1");
    expect_refused(with_directive("[\"fold_storage\", \"x\", 4, 1]"), 506, "/stages/0/do/1/3");
    expect_refused(with_directive("[\"partition\", \"x\", \"maybe\"]"), 506, "/stages/0/do/1/2");
    expect_refused(with_directive("[\"tile_nd\", \"x\", [], [], []]"), 506, "/stages/0/do/1/1");
}

TEST_F(Files, IllegalDirectivesNameThePlace) {
    expect_refused(with_directive("[\"split\", \"x\", \"xo\", \"xi\", 0]"), 306, "/stages/0/do/1");
    expect_refused(with_directive("[\"vectorize\", \"z\"]"), 302, "/stages/0/do/1");
    expect_refused(with_directive("[\"compute_at\", \"blur_z\", \"x\"]"), 507, "/stages/0/do/1");
    expect_refused(with_directive("[\"split\", \"x\", \"xo\", \"xi\", \"diameter\"]"), 508,
                   "/stages/0/do/1");
    expect_refused(
        with_stage("{ \"func\": \"blur_y\", \"update\": 0, \"do\": [ [\"compute_root\"] ] }"), 510,
        "/stages/0/do/0");
    const Diagnostic d = refusal_of([&] { apply_text(with_directive("[\"vectorize\", \"z\"]")); });
    EXPECT_EQ(
        d.render(),
        "blur.json at /stages/0/do/1: error HD0302: vectorize(z) on blur_y: there is no loop z\n"
        "    blur_y:\n      parallel y\n        for x\n  hint: the loops are x, y");
    EXPECT_EQ(refusal_of([&] { apply_text(with_directive("[\"paralel\", \"y\"]")); }).hint,
              "did you mean \"parallel\"?");
}

TEST_F(Files, AllOrNothing) {
    blur_x.compute_root().vectorize(x, 4);
    blur_y.update().unroll(RVar(blur_y.rvars(0)[0].name()));
    const std::string before = collect_schedule(outputs()).to_json();
    expect_refused(
        with_stage(
            "{ \"func\": \"blur_x\", \"do\": [ [\"store_root\"], [\"parallel\", \"x\"] ] },"
            "{ \"func\": \"blur_y\", \"do\": [ [\"parallel\", \"x\"], [\"parallel\", \"q\"] ] }"),
        302, "/stages/1/do/1");
    EXPECT_EQ(collect_schedule(outputs()).to_json(), before);
}

TEST_F(Files, OtherAlgorithm) {
    blur_y.parallel(y);
    Schedule s = collect_schedule(outputs());
    s.source = "blur.json";
    Func other("other");
    other(x, y) = blur_x(x, y) * 2;
    Diagnostic d = refusal_of([&] { apply_schedule(s, {other.function()}); });
    EXPECT_EQ(d.code, 509);
    EXPECT_EQ(d.location.pointer, "/algorithm");
    EXPECT_NE(d.message.find("it schedules a Func blur_y, which this pipeline does not have"),
              std::string::npos)
        << d.message;
    Func same_name("blur_y");
    same_name(x, y) = x * 3;
    d = refusal_of([&] { apply_schedule(s, {same_name.function()}); });
    EXPECT_EQ(d.code, 509);
    EXPECT_NE(d.message.find("some definition differs"), std::string::npos) << d.message;
    apply_schedule(s, {same_name.function()}, false);
    EXPECT_EQ(collect_schedule({same_name.function()}).to_cpp(), s.to_cpp());
}

// The whole text of what is refused of a file.
TEST_F(Files, Messages) {
    const auto golden = [&](const std::string &name, const std::function<void()> &call) {
        testing::expect_golden("schedule/files/" + name + ".txt", refusal_of(call).render() + "\n");
    };
    const auto golden_text = [&](const std::string &name, const std::string &text) {
        golden(name, [&] { apply_text(text); });
    };
    golden_text("empty", " \n");
    golden_text("key_twice", "{ \"heddle_schedule\": 1, \"stages\": [], \"stages\": [] }");
    golden_text("key_of_stage_twice", with_stage("{ \"func\": \"blur_y\", \"do\": [], \"do\": [ [\"parallel\", \"y\"] ] }"));
    golden_text("key_of_another_member_twice",
                "{ \"heddle_schedule\": 1, \"stages\": [], \"made_by\": [ 1, { \"a/b\": 1, \"c\": {}, \"a/b\": 2 } ] }");
    golden_text("stage_twice", with_stage("{ \"func\": \"blur_y\", \"do\": [] }, { \"func\": \"blur_x\", \"do\": [] },"
                                          "{ \"func\": \"blur_y\", \"update\": null, \"do\": [] }"));
    golden_text("update_twice", with_stage("{ \"func\": \"blur_y\", \"do\": [] }, { \"func\": \"blur_y\", \"update\": 0, \"do\": [] },"
                                           "{ \"func\": \"blur_y\", \"update\": 0, \"do\": [] }"));
    const Schedule s = Schedule::from_json("{ \"heddle_schedule\": 1, \"pipeline\": \"sharpen\", \"stages\": [] }", "sharpen.json");
    golden("another_pipeline", [&] { expect_made_for(s, {"blur", "blur_y"}); });
    expect_made_for(s, {"blur", "sharpen"});
    apply_text("{ \"heddle_schedule\": 1, \"stages\": [ ] }");
}

// An output is computed at the root, whatever a call or a file says; the directive stays what it was.
TEST_F(Files, PlacesOfOutputs) {
    const Functions both{blur_x.function(), blur_y.function()};
    const std::string plain = print_loop_nest(both, both);
    blur_x.compute_at(blur_y, y);
    EXPECT_EQ(print_loop_nest(both, both), plain);
    EXPECT_NE(print_loop_nest(both, outputs()), plain);
    const Schedule said = collect_schedule(both);
    blur_x.compute_root();
    apply_schedule(Schedule::from_json(said.to_json()), both);
    EXPECT_EQ(collect_schedule(both), said);
    EXPECT_EQ(print_loop_nest(both, both), plain);
}

// The schedules that come with the kernel library.
TEST_F(Files, OfTheLibrary) {
    int files = 0;
    for (const auto &entry :
         std::filesystem::directory_iterator(HEDDLE_SOURCE_DIR "/generators/schedules")) {
        const Schedule s = Schedule::load(entry.path().string());
        EXPECT_FALSE(s.stages.empty()) << entry.path();
        EXPECT_TRUE(Schedule::from_json(s.to_json()) == s) << entry.path();
        files++;
    }
    EXPECT_GT(files, 0);

    Func a_tile("a_tile"), b_tile("b_tile"), product("product"), output("output");
    Var k("k");
    RDom r(0, 64, "depth");
    a_tile(k, y) = cast<float>(k + y);
    b_tile(x, k) = cast<float>(x - k);
    product(x, y) = 0.0f;
    product(x, y) += a_tile(r, y) * b_tile(x, r);
    output(x, y) = product(x, y);
    apply_schedule(Schedule::load(HEDDLE_SOURCE_DIR "/generators/schedules/matmul.avx2.json"),
                   {output.function()});
    EXPECT_EQ(print_stage_nest(*product.function(), 1), R"(    product.update(0):
      for depth$x
        unrolled y
          unrolled x
            vectorized x.v in [0, 7])");
    check_round_trip({output});
}

TEST_F(Files, EveryDirectiveIsInTheReference) {
    testing::expect_golden("../docs/schedule.md", reference_page());
}

// --- the hash

struct Hashes : ::testing::Test {
    static std::string hash(const Func &f) {
        return algorithm_hash({f.function()});
    }
    // A producer and a reduction, with all names and sizes given.
    static Func reduction(const std::string &prefix, int extent, int weight, bool min = false) {
        Var a(prefix + "a"), b(prefix + "b");
        Param<int> p(prefix + "p");
        RDom r(0, extent, prefix + "r");
        Func f(prefix + "f"), g(prefix + "g");
        f(a, b) = a * weight + b + p;
        g(b) = 0;
        if (min) {
            g(b) = heddle::min(g(b), f(r, b));
        } else {
            g(b) += f(r, b);
        }
        return g;
    }
};

TEST_F(Hashes, NamesAndSizesDoNotCount) {
    const std::string h = hash(reduction("", 3, 2));
    EXPECT_EQ(h.size(), 16u);
    EXPECT_EQ(hash(reduction("", 3, 2)), h);
    EXPECT_EQ(hash(reduction("other_", 3, 2)), h);
    EXPECT_EQ(hash(reduction("", 8, 2)), h);
}

TEST_F(Hashes, DefinitionsCount) {
    const std::string h = hash(reduction("", 3, 2));
    EXPECT_NE(hash(reduction("", 3, 4)), h);
    EXPECT_NE(hash(reduction("", 3, 2, true)), h);
    Var x("x"), y("y");
    Func a("a"), b("b"), c("c");
    a(x, y) = x - y;
    b(x, y) = y - x;
    c(y, x) = y - x;
    EXPECT_NE(hash(a), hash(b));
    EXPECT_EQ(hash(a), hash(c));
}

TEST_F(Hashes, DirectivesDoNotCount) {
    Func g = reduction("", 3, 2);
    const std::string h = hash(g);
    g.parallel(g.args()[0]);
    EXPECT_EQ(hash(g), h);
}

// The same on every machine and in every version: schedule files depend on it.
TEST_F(Hashes, Fixed) {
    EXPECT_EQ(hash(reduction("", 3, 2)), "338b8666a2ab40ee");
}

}  // namespace
}  // namespace heddle
