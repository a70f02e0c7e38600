// in() and clone_in(): which Func a caller uses, what a file says of it, and that handles stay good.

#include <gtest/gtest.h>

#include "heddle/func.h"
#include "heddle/image_param.h"
#include "heddle/operators.h"
#include "heddle/param.h"
#include "schedule/check_schedule.h"
#include "schedule/derived.h"

namespace heddle {
namespace {

using namespace Internal;
using testing::check_round_trip;
using testing::loop_nests;

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
    // The Funcs that are lowered, producers first.
    static std::string lowered(const Func &output) {
        std::string names;
        for (const auto &g : functions_lowered({output.function()})) {
            names += (names.empty() ? "" : " ") + g->display_name;
        }
        return names;
    }
    void expect_survives() {
        check_round_trip({both});
    }
};

TEST_F(Substitutes, OneCaller) {
    f.in(a).compute_root();
    EXPECT_EQ(lowered(both), "f f_in_a a b both");
    expect_survives();
}

TEST_F(Substitutes, AllCallersButThoseNamed) {
    f.in().compute_root();
    EXPECT_EQ(lowered(both), "f f_in a b both");
    f.in(a).compute_at(a, y);
    EXPECT_EQ(lowered(both), "f f_in_a a f_in b both");
    expect_survives();
}

TEST_F(Substitutes, WrapperOfAWrapper) {
    f.in(a).compute_root();
    f.in(a).in(a).compute_at(a, x).vectorize(x, 4);
    EXPECT_EQ(lowered(both), "f f_in_a f_in_a_in_a a b both");
    expect_survives();
}

TEST_F(Substitutes, ForWholeFamilies) {
    f.in({a, b}).compute_root();
    f.in({a, b}).in().compute_root();
    f.in({a, b}).in().in().compute_at(both, y);
    a.compute_at(both, y);
    b.compute_at(both, y);
    expect_survives();
}

TEST_F(Substitutes, AskedAgain) {
    EXPECT_EQ(f.in(a).name(), f.in(a).name());
    EXPECT_EQ(f.in().name(), f.in().name());
    EXPECT_NE(f.in().name(), f.in(a).name());
    EXPECT_EQ(f.clone_in(b).name(), f.clone_in(b).name());
    EXPECT_TRUE(f.in(a).same_as(f.in(std::vector<Func>{a})));
}

TEST_F(Substitutes, CloneHasTheDirectivesSaidBefore) {
    f.compute_root().reorder(y, x);
    Func c = f.clone_in(b);
    f.parallel(x);
    c.vectorize(y, 4);
    EXPECT_EQ(check_round_trip({both}), R"({
  "heddle_schedule": 1,
  "pipeline": "test",
  "algorithm": ")" + collect_schedule({both.function()}).algorithm + R"(",
  "stages": [
    { "func": "f", "update": null,
      "do": [ ["compute_root"], ["clone_in", "f_clone_in_b", ["b"]], ["reorder", "y", "x"],
              ["parallel", "x"] ] },
    { "func": "a", "update": null,
      "do": [ ["compute_root"] ] },
    { "func": "f_clone_in_b", "update": null,
      "do": [ ["compute_root"], ["reorder", "y", "x"], ["vectorize", "y", 4] ] },
    { "func": "b", "update": null,
      "do": [ ["compute_root"] ] }
  ]
}
)");
    expect_survives();
}

TEST_F(Substitutes, AllCallersHaveClones) {
    f.compute_root();
    f.clone_in({a, b}).compute_at(both, y);
    a.compute_at(both, y);
    b.compute_at(both, y);
    EXPECT_EQ(lowered(both), "f_clone_in_a_b a b both");
    expect_survives();
}

TEST_F(Substitutes, CloneOfAReduction) {
    Func sum("sum"), p("p"), q("q"), out("out");
    RDom r(0, 6, "r");
    sum(x) = Tuple(x, cast<float>(0));
    sum(x) = Tuple(sum(x)[0] + r, sum(x)[1] + cast<float>(sum(x)[0]));
    p(x) = sum(x)[0] + cast<int>(sum(x + 1)[1]);
    q(x) = sum(2 * x)[0];
    out(x) = p(x) - q(x);
    p.compute_root();
    q.compute_root();
    sum.compute_root();
    Func c = sum.clone_in(q);
    c.compute_at(q, x).update().unroll(r, 2);
    check_round_trip({out});
}

TEST_F(Substitutes, ToCpp) {
    f.in(a).compute_root();
    f.in(a).in(a).compute_at(a, y);
    f.clone_in(b).compute_at(b, y);
    EXPECT_EQ(collect_schedule({both.function()}).to_cpp(), R"(Func f_in_a = f.in(a);
Func f_clone_in_b = f.clone_in(b);
Func f_in_a_in_a = f_in_a.in(a);
f_in_a
    .compute_root();
f_in_a_in_a
    .compute_at(a, y);
a
    .compute_root();
f_clone_in_b
    .compute_at(b, y);
b
    .compute_root();
)");
}

// The Funcs of a file are made when it is applied, in whatever order its stages stand.
TEST_F(Substitutes, FromAFile) {
    apply_schedule(Schedule::from_json(R"({ "heddle_schedule": 1, "stages": [
        { "func": "again", "do": [ ["compute_at", "a", "y"], ["vectorize", "x", 4] ] },
        { "func": "packed", "do": [ ["in", "again", ["a"]], ["compute_root"], ["reorder_storage", "y", "x"] ] },
        { "func": "mine", "do": [ ["compute_at", "b", "y"] ] },
        { "func": "f", "do": [ ["compute_at", "packed", "y"], ["in", "packed", ["a"]], ["clone_in", "mine", ["b"]] ] },
        { "func": "a", "do": [ ["compute_root"] ] }, { "func": "b", "do": [ ["compute_root"] ] } ] })"),
                   {both.function()});
    EXPECT_EQ(lowered(both), "f packed again a mine b both");
    EXPECT_EQ(loop_nests({both}), R"(produce packed
  for y
    produce f
      for y
        for x
          f(...) = ...
    for x
      packed(...) = ...
produce a
  for y
    produce again
      for y
        for x
          vectorized x.v in [0, 3]
            again(...) = ...
    for x
      a(...) = ...
produce b
  for y
    produce mine
      for y
        for x
          mine(...) = ...
    for x
      b(...) = ...
produce both
  for y
    for x
      both(...) = ...
)");
    expect_survives();
}

TEST_F(Substitutes, RefusedInAFile) {
    const auto refused = [&](const std::string &stages, int code, const std::string &pointer) {
        const Diagnostic d = testing::refusal_of([&] {
            apply_schedule(Schedule::from_json(R"({ "heddle_schedule": 1, "stages": [ )" + stages + " ] }", "file.json"), {both.function()});
        });
        EXPECT_EQ(d.code, code) << d.render();
        EXPECT_EQ(d.location.pointer, pointer) << d.render();
        EXPECT_EQ(lowered(both), "f a b both");
    };
    refused(R"({ "func": "f", "do": [ ["in", "a"] ] })", 409, "/stages/0/do/0");
    refused(R"({ "func": "f", "do": [ ["in", "w", ["a"]], ["in", "w", ["b"]] ] })", 409, "/stages/0/do/1");
    refused(R"({ "func": "f", "do": [ ["in", "w", ["f"]] ] })", 410, "/stages/0/do/0");
    refused(R"({ "func": "f", "do": [ ["in", "w", ["both"]] ] })", 411, "/stages/0/do/0");
    refused(R"({ "func": "f", "do": [ ["in", "w", ["a"]], ["clone_in", "v", ["b", "a"]] ] })", 412, "/stages/0/do/1");
    refused(R"({ "func": "f", "do": [ ["in", "w"], ["in", "v"] ] })", 412, "/stages/0/do/1");
    refused(R"({ "func": "f", "do": [ ["in", "w", []] ] })", 506, "/stages/0/do/0/2");
    refused(R"({ "func": "f", "do": [ ["clone_in", "w"] ] })", 506, "/stages/0/do/0");
    refused(R"({ "func": "f", "do": [ ["in", "w", ["c"]] ] })", 507, "/stages/0/do/0");
    refused(R"({ "func": "w", "do": [ ["in", "v", ["a"]] ] })", 507, "/stages/0/func");
}

// Applying another schedule leaves handles usable; what was made before serves again.
TEST_F(Substitutes, HandlesStayGood) {
    Func w = f.in(a);
    w.compute_root();
    const Schedule said = collect_schedule({both.function()});
    apply_schedule(Schedule::from_json(R"({ "heddle_schedule": 1, "stages": [] })"), {both.function()});
    EXPECT_EQ(lowered(both), "f a b both");
    EXPECT_TRUE(w.function()->directives.empty());
    apply_schedule(said, {both.function()});
    EXPECT_TRUE(f.in(a).same_as(w));
    EXPECT_EQ(w.function()->directives.size(), 1u);
}

TEST_F(Substitutes, Images) {
    ImageParam image(Int(32), 2, "image");
    Func g("g"), h("h"), out("out");
    g(x, y) = image(x, y) + image(x + 1, y);
    h(x, y) = image(x, y + 1);
    out(x, y) = g(x, y) - h(x, y);
    g.compute_root();
    h.compute_root();
    image.in(g).compute_at(g, y).vectorize(_0, 4, TailStrategy::GuardWithIf);
    EXPECT_EQ(lowered(out), "image_im image_im_in_g g h out");
    const std::string file = check_round_trip({out});
    EXPECT_NE(file.find(R"({ "func": "image_im", "update": null)"), std::string::npos) << file;

    // A file for an image that no one asked for as a Func.
    ImageParam other(Int(32), 1, "other");
    Func k("k");
    k(x) = other(x) * 2;
    apply_schedule(Schedule::from_json(R"({ "heddle_schedule": 1, "stages": [
        { "func": "other_im", "do": [ ["in", "staged", ["k"]] ] }, { "func": "staged", "do": [ ["compute_root"] ] } ] })"),
                   {k.function()});
    EXPECT_EQ(lowered(k), "other_im staged k");
}

// Its Func is spoken of by directives for its loops, too.
TEST_F(Substitutes, AnImageWithLoopsAlone) {
    ImageParam image(Int(32), 1, "image");
    Func g("g"), h("h");
    g(x) = image(x);
    h(x) = image(x);
    Func(image).serial(_0);
    image.in(h).compute_root();
    EXPECT_EQ(lowered(g), "image_im g");
    check_round_trip({g});
}

// What is said of it for the callers of another pipeline does not make it a part of this one.
TEST_F(Substitutes, AnImageWrappedForOthers) {
    ImageParam image(Int(32), 1, "image");
    Func e("e"), g("g"), h("h");
    e(x) = x;
    g(x) = image(x) + e(x);
    h(x) = image(x);
    image.in(h).compute_root();
    e.in({g, Func(image)}).compute_root();
    EXPECT_EQ(lowered(g), "e e_in_g_image_im g");
    check_round_trip({g});
}

TEST_F(Substitutes, AnImageComputedAsAFunc) {
    ImageParam image(Int(32), 1, "image");
    Func g("g");
    g(x) = image(x) + image(x + 1);
    Func(image).compute_root();
    EXPECT_EQ(lowered(g), "image_im g");
}

TEST_F(Substitutes, WrappersOfAnotherPipelineAreLeftOut) {
    f.in(a).compute_root();
    f.in(b).compute_root();
    EXPECT_EQ(collect_schedule({a.function()}).to_cpp(), "Func f_in_a = f.in(a);\nf_in_a\n    .compute_root();\na\n    .compute_root();\n");
}

}  // namespace
}  // namespace heddle
