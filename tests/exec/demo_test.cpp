// The generators of the demo with the schedules that stand beside them, and with none, by every judge and on the
// machine, on sizes that no split divides.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "heddle/generator.h"
#include "language/parameter.h"
#include "language/reachable.h"
#include "support_lib/differential.h"

namespace heddle::testing {
namespace {

namespace fs = std::filesystem;
using namespace heddle::Internal;

/** An input of a generator gets its value. */
void give(const std::vector<Func> &outputs, const std::string &name, const Buffer<> &buffer, float scalar = 0) {
    Functions functions;
    for (const Func &f : outputs) functions.push_back(f.function());
    for (const auto &p : parameters_used(functions_reached(functions), functions)) {
        if (p->name != name) continue;
        ParameterContents &parameter = const_cast<ParameterContents &>(*p);
        if (p->is_buffer) {
            parameter.buffer = buffer;
        } else {
            ASSERT_EQ(p->type, Float(32));
            parameter.scalar_bits = std::bit_cast<uint32_t>(scalar);
            parameter.scalar_set = true;
        }
        return;
    }
    FAIL() << "no input " << name;
}

/** Pixels that the sums of the blur have room for. */
Buffer<> image(Type t, const std::vector<int> &extents) {
    Buffer<> b = irregular(t, extents);
    if (t == UInt(16)) Buffer<uint16_t>(b).for_each_value([](uint16_t &v) { v %= 21845; });
    return b;
}

/** Floats of which no product is exact, so that it shows whether it was rounded. */
Buffer<> floats(const std::vector<int> &extents, uint64_t seed) {
    Buffer<> b = irregular(Float(32), extents, seed);
    Buffer<float>(b).for_each_value([](float &v) { v = v * 0.7f + 0.1f; });
    return b;
}

class Demo : public ::testing::TestWithParam<std::string> {};

// The parameter is the name of the kernel, and of a file of generators/schedules where there is one.
TEST_P(Demo, EveryWayGivesTheSame) {
    const std::string kernel = GetParam().substr(0, GetParam().find('.'));
    Pipeline p = create_generator(kernel, get_host_target())->build_pipeline();
    const fs::path file = fs::path(HEDDLE_SOURCE_DIR) / "generators" / "schedules" / (GetParam() + ".json");
    if (GetParam() != kernel) {
        std::stringstream text;
        text << std::ifstream(file).rdbuf();
        Schedule schedule = Schedule::from_json(text.str(), file);
        EXPECT_EQ(schedule.pipeline, kernel);
        schedule.pipeline = p.schedule().pipeline;  // the kernel has its name from the generator's program
        p.apply(schedule);
    }
    const std::vector<Func> outputs = p.outputs();
    std::vector<int> extents;
    if (kernel == "matmul") {
#ifdef __SANITIZE_THREAD__
        // The last tile of each row of tiles is shifted over its neighbour, which another thread computes: both write the
        // same values, which is right, and a race to the sanitizer. Here the tiles divide the rows.
        extents = {96, 29};
#else
        extents = {37, 29};
#endif
        give(outputs, "a", floats({23, extents[1]}, 1));
        give(outputs, "b", floats({extents[0], 23}, 2));
    } else if (kernel == "blur3x3") {
        extents = {70, 37};
        give(outputs, "input", image(UInt(16), {72, 39}));
    } else {
        ASSERT_EQ(kernel, "unsharp");
        extents = {35, 37, 2};
        give(outputs, "input", image(UInt(8), extents));
        give(outputs, "amount", {}, 1.25f);
    }
    expect_same_after_every_pass(outputs, extents);
    expect_same(outputs, extents);
}

// What the folder holds, so that none is left out.
std::vector<std::string> cases() {
    std::vector<std::string> names = registered_generators();
    for (const auto &entry : fs::directory_iterator(fs::path(HEDDLE_SOURCE_DIR) / "generators" / "schedules")) {
        names.push_back(entry.path().stem());
    }
    std::sort(names.begin(), names.end());
    return names;
}
INSTANTIATE_TEST_SUITE_P(Schedules, Demo, ::testing::ValuesIn(cases()), [](const auto &test) {
    std::string name = test.param;
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
});

}  // namespace
}  // namespace heddle::testing
