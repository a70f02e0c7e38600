// rfactor in schedules: the loops of both definitions, its way through files, and handles that stay good.

#include <gtest/gtest.h>

#include "heddle/func.h"
#include "heddle/operators.h"
#include "schedule/check_schedule.h"
#include "support_lib/golden.h"

namespace heddle {
namespace {

using Internal::apply_schedule;
using Internal::collect_schedule;
using testing::check_round_trip;
using testing::loop_nests;

struct Factoring : ::testing::Test {
    Var x{"x"}, y{"y"}, u{"u"}, v{"v"}, xo{"xo"}, xi{"xi"};
    RVar ro{"ro"}, ri{"ri"};
    static RDom domain() {
        static const RDom r(0, 20, 0, 10, "terms");
        return r;
    }
    RDom r = domain();
    Func f{"f"};
    Factoring() {
        f(x, y) = 0;
        f(x, y) += r.x * x + r.y * y;
    }
};

TEST_F(Factoring, LoopsOfBoth) {
    f.update().split(x, xo, xi, 4).vectorize(xi).reorder(r.x, y, r.y, xi, xo).parallel(xo).split(r.x, ro, ri, 8).unroll(ri);
    f.update().rfactor(ro, u).compute_root();
    EXPECT_TRUE(loop_nests({f}).size() > 0);
    testing::expect_golden("schedule/files/rfactor_nests.txt", loop_nests({f}));
    check_round_trip({f});
}

TEST_F(Factoring, PrivateCopies) {
    f.update().parallel(r.x, 4, Race::Private);
    testing::expect_golden("schedule/files/private_nests.txt", loop_nests({f}));
    const std::string text = check_round_trip({f});
    Schedule s = Schedule::from_json(text);
    s.algorithm = "0123456789abcdef";
    testing::expect_golden("schedule/files/private.json", s.to_json());
    testing::expect_golden("schedule/files/private.cpp.txt", s.to_cpp());
    // More can be said of what it makes, in a file.
    apply_schedule(Schedule::from_json(R"({ "heddle_schedule": 1, "stages": [
        { "func": "f_intm", "update": null, "do": [ ["compute_root"], ["vectorize", "x", 8] ] },
        { "func": "f", "update": 0, "do": [ ["parallel", "r.y", null, null, "private"] ] } ] })"),
                   {f.function()});
    EXPECT_NE(loop_nests({f}).find("vectorized x.v"), std::string::npos) << loop_nests({f});
    check_round_trip({f});
    apply_schedule(Schedule::from_json(R"({ "heddle_schedule": 1, "stages": [
        { "func": "f", "update": 0, "do": [ ["parallel", "r.x", 4, "guard_with_if", "atomic"] ] } ] })"),
                   {f.function()});
    check_round_trip({f});
    EXPECT_EQ(testing::refusal_of([&] {
                  apply_schedule(Schedule::from_json(R"({ "heddle_schedule": 1, "stages": [
                      { "func": "f", "update": 0, "do": [ ["parallel", "r.x", null, null, "copies"] ] } ] })"),
                                 {f.function()});
              }).render(),
              "schedule at /stages/0/do/0/4: error HD0506: race must be refuse, atomic or private, not \"copies\"");
}

TEST_F(Factoring, FactoredAgain) {
    f.update().split(r.x, ro, ri, 4);
    Func part = f.update().rfactor({{r.y, u}, {ro, v}});
    Func rest = part.update().rfactor(ri, xi);
    part.compute_root().update().parallel(u);
    rest.compute_at(part, u).vectorize(xi).update().vectorize(xi);
    f.update().reorder(ro, r.y);
    Func merged = f.update().rfactor(ro, xo);
    merged.compute_root();
    const std::string text = check_round_trip({f});
    Schedule s = Schedule::from_json(text);
    s.algorithm = "0123456789abcdef";
    testing::expect_golden("schedule/files/rfactor.json", s.to_json());
    testing::expect_golden("schedule/files/rfactor.cpp.txt", s.to_cpp());
    // The Funcs are the same ones after the way through a file.
    part.vectorize(x, 4);
    EXPECT_NE(collect_schedule({f.function()}).to_json().find("[\"vectorize\", \"x\", 4]"), std::string::npos);
}

TEST_F(Factoring, AFileMayFactor) {
    apply_schedule(Schedule::from_json(R"({ "heddle_schedule": 1, "stages": [
        { "func": "f_intm", "update": null, "do": [ ["compute_root"], ["parallel", "u"] ] },
        { "func": "f_intm", "update": 0, "do": [ ["parallel", "u"], ["unroll", "ri"] ] },
        { "func": "f", "update": 0, "do": [ ["split", "r.x", "ro", "ri", 8], ["rfactor", ["ro"], ["u"]], ["unroll", "ro"] ] } ] })"),
                   {f.function()});
    const std::string nests = loop_nests({f});
    EXPECT_NE(nests.find("f_intm"), std::string::npos) << nests;
    EXPECT_NE(nests.find("parallel u"), std::string::npos) << nests;
    check_round_trip({f});
    // Without it, all is as it was.
    apply_schedule(Schedule::from_json(R"({ "heddle_schedule": 1, "stages": [] })"), {f.function()});
    EXPECT_EQ(loop_nests({f}).find("f_intm"), std::string::npos);
}

TEST_F(Factoring, AllOrNothing) {
    Func part = f.update().rfactor(r.x, u);
    part.compute_root();
    const std::string before = collect_schedule({f.function()}).to_json(), nests = loop_nests({f});
    const Diagnostic d = testing::refusal_of([&] {
        apply_schedule(Schedule::from_json(R"({ "heddle_schedule": 1, "stages": [
            { "func": "f_intm", "update": 0, "do": [ ["parallel", "nothing"] ] },
            { "func": "f", "update": 0, "do": [ ["rfactor", ["r.y"], ["v"]] ] } ] })"),
                       {f.function()});
    });
    EXPECT_EQ(d.code, 302);
    EXPECT_EQ(collect_schedule({f.function()}).to_json(), before);
    EXPECT_EQ(loop_nests({f}), nests);
    part.update().parallel(u);
}

TEST_F(Factoring, WhatTheFuncSays) {
    const Expr original = f.update_value();
    Func part = f.update().rfactor(r.x, u);
    EXPECT_EQ(part.function()->display_name, "f_intm");
    EXPECT_EQ(part.args().size(), 3u);
    EXPECT_EQ(f.rvars().size(), 1u);
    EXPECT_FALSE(f.update_value().same_as(original));
}

}  // namespace
}  // namespace heddle
