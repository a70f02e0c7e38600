// Pipelines that were written as data and read back compute the same, with the same schedule.

#include <unistd.h>

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "heddle/heddle.h"
#include "support_lib/error_code.h"

namespace heddle {
namespace {

using heddle::testing::code_of;

Pipeline through_data(const Pipeline &p, const std::map<std::string, Parameter> &params = {}) {
    std::vector<uint8_t> data, again;
    serialize_pipeline(p, data);
    const Pipeline result = deserialize_pipeline(data, params);
    serialize_pipeline(result, again);
    EXPECT_EQ(std::string(data.begin(), data.end()), std::string(again.begin(), again.end()));
    return result;
}

template<typename T>
void expect_same(Pipeline a, Pipeline b, const std::vector<int> &sizes) {
    Realization x = a.realize(sizes), y = b.realize(sizes);
    ASSERT_EQ(x.size(), y.size());
    for (size_t i = 0; i < x.size(); i++) {
        Buffer<T> p = x[i], q = y[i];
        p.for_each_value([](T u, T v) { EXPECT_EQ(u, v); }, q);
    }
}

TEST(Serialize, StagesUpdatesAndTuples) {
    Var x("x"), y("y");
    Func f("ser_f"), hist("ser_hist"), pair("ser_pair");
    f(x, y) = (x * 7 + y * 13) % 16;
    RDom r(0, 8, 0, 8, "ser_r");
    r.where(r.x + r.y < 12);
    hist(x) = 0;
    hist(f(r.x, r.y) % 16) += 1;
    pair(x) = Tuple(hist(x), x);
    pair(x) = Tuple(pair(x)[1], pair(x)[0] + hist(x));
    f.compute_root();
    hist.compute_root();
    Var xo("xo"), xi("xi");
    pair.split(x, xo, xi, 4).vectorize(xi);
    const Pipeline p(pair), q = through_data(p);
    EXPECT_EQ(q.schedule().to_json(), p.schedule().to_json());
    expect_same<int>(p, q, {16});
}

TEST(Serialize, RandomNumbersStayTheSame) {
    Var x("x");
    Func noise("ser_noise");
    RDom r(0, 4);
    noise(x) = random_int(3);
    noise(x) += random_int() % 7 + r.x;
    const Pipeline p(noise);
    expect_same<int>(p, through_data(p), {32});
}

TEST(Serialize, ParametersAreThoseGivenOrNew) {
    Var x("x");
    ImageParam in(UInt(16), 1, "ser_in");
    Param<uint16_t> gain("ser_gain", 3, 0, 100);
    Func f("ser_params");
    f(x) = in(clamp(x, in.dim(0).min(), in.dim(0).max())) * gain;
    f.output_buffer().dim(0).set_min(0);
    in.dim(0).set_estimate(0, 100);
    Buffer<uint16_t> values(4);
    values.for_each_element([&](int i) { values(i) = static_cast<uint16_t>(i + 1); });
    in.set(values);
    std::vector<uint8_t> data;
    std::map<std::string, Parameter> params;
    serialize_pipeline(f, data, params);
    ASSERT_EQ(params.size(), 2u);
    EXPECT_TRUE(params.at("ser_in").same_as(in.parameter()));
    // The same parameters: values set in this process count.
    Pipeline same = deserialize_pipeline(data, params);
    expect_same<uint16_t>(f, same, {6});
    gain.set(4);
    Buffer<uint16_t> out = same.realize({6});
    EXPECT_EQ(out(5), 16);
    // New ones, which are read apart, too.
    std::map<std::string, Parameter> fresh = deserialize_parameters(data);
    EXPECT_EQ(fresh.at("ser_gain").scalar<uint16_t>(), 3);
    EXPECT_EQ(evaluate<uint16_t>(fresh.at("ser_gain").max_value()), 100);
    EXPECT_EQ(evaluate<int>(fresh.at("ser_in").extent_constraint_estimate(0)), 100);
    fresh.at("ser_gain").set_scalar<uint16_t>(10);
    fresh.at("ser_in").set_buffer(values);
    Buffer<uint16_t> other = deserialize_pipeline(data, fresh).realize({6});
    EXPECT_EQ(other(1), 20);
    Buffer<uint16_t> shifted(6);
    shifted.set_min(1);
    EXPECT_THROW(deserialize_pipeline(data, params).realize(shifted), RuntimeError);
    std::map<std::string, Parameter> wrong = {{"ser_gain", Parameter(Int(32), false, 0, "ser_gain")}};
    EXPECT_EQ(code_of([&] { deserialize_pipeline(data, wrong); }), 297);
}

TEST(Serialize, BuffersTravelAlong) {
    Var x("x"), y("y");
    Buffer<float> table(3, 2, "ser_table");
    table.set_min(1, 0);
    table.for_each_element([&](int i, int j) { table(i, j) = static_cast<float>(i) + 0.5f * static_cast<float>(j); });
    Func f("ser_buffers");
    f(x, y) = table(clamp(x, 1, 3), clamp(y, 0, 1));
    const Pipeline p(f);
    const Pipeline q = through_data(p);
    expect_same<float>(p, q, {5, 3});
}

TEST(Serialize, SchedulesThatMakeFuncs) {
    Var x("x"), y("y"), u("u");
    Func f("ser_made"), g("ser_user");
    f(x, y) = x * y;
    RDom r(0, 16, "ser_q");
    g(x) = 0;
    g(x) += f(x, r) * 2;
    RVar ro("ro"), ri("ri");
    g.update().split(r, ro, ri, 4);
    Func part = g.update().rfactor(ro, u);
    part.compute_root().update().parallel(u);
    f.in(part).compute_root();
    f.compute_root();
    const Pipeline p(g), q = through_data(p);
    EXPECT_EQ(q.schedule().to_json(), p.schedule().to_json());
    expect_same<int>(p, q, {8});
}

TEST(Serialize, RequirementsFilesAndRefusals) {
    Var x("x");
    Param<int> n("ser_n");
    Func f("ser_file");
    f(x) = x + n;
    Pipeline p(f);
    p.add_requirement(n > 2, "n is", n);
    n.set(3);
    const auto file = std::filesystem::temp_directory_path() / ("heddle_serialize_test_" + std::to_string(getpid()) + ".hlpipe");
    std::map<std::string, Parameter> params;
    serialize_pipeline(p, file.string(), params);
    Pipeline q = deserialize_pipeline(file.string(), params);
    std::filesystem::remove(file);
    expect_same<int>(p, q, {4});
    n.set(1);
    EXPECT_THROW(q.realize({4}), RuntimeError);
    EXPECT_EQ(code_of([&] { deserialize_pipeline(file.string(), {}); }), 272);
    std::vector<uint8_t> data;
    serialize_pipeline(p, data);
    std::string text(data.begin(), data.end());
    std::istringstream cut(text.substr(0, text.size() / 2)), empty("{}"), whole(text);
    EXPECT_EQ(code_of([&] { deserialize_pipeline(cut, {}); }), 297);
    EXPECT_EQ(code_of([&] { deserialize_pipeline(empty, {}); }), 297);
    std::istringstream deep("{ \"schedule\": " + std::string(100000, '[') + std::string(100000, ']') + "}"), large("[1e999]");
    EXPECT_EQ(code_of([&] { deserialize_pipeline(deep, {}); }), 297);
    EXPECT_EQ(code_of([&] { deserialize_pipeline(large, {}); }), 297);
    EXPECT_EQ(deserialize_parameters(whole).count("ser_n"), 1u);
    EXPECT_EQ(code_of([&] { serialize_pipeline(Func("ser_undefined"), data); }), 296);
    EXPECT_EQ(code_of([&] { serialize_pipeline(Pipeline(), data); }), 265);
}

}  // namespace
}  // namespace heddle
