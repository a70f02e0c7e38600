// The clock, processor features, halves, files, libraries, the profiler's state, the table of symbols.
#include "HalideBuffer.h"
#include "runtime/common/internal_abi.h"
#include "runtime/common/symbol_table.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <string>
#include <unistd.h>

namespace {

using Halide::Runtime::Buffer;

TEST(Clock, RunsForwardAndSleeps) {
    EXPECT_EQ(halide_start_clock(nullptr), 0);
    const int64_t before = halide_current_time_ns(nullptr);
    EXPECT_GE(before, 0);
    halide_sleep_us(nullptr, 2000);
    EXPECT_GE(halide_current_time_ns(nullptr) - before, 2000000);
}

bool usable(int feature) {
    uint64_t words[2] = {0, 0};
    words[feature / 64] |= uint64_t(1) << (feature % 64);
    return halide_can_use_target_features(2, words) != 0;
}

TEST(Features, UnknownOnesAreNotRefused) {
    const uint64_t none[2] = {0, 0};
    EXPECT_TRUE(halide_can_use_target_features(2, none));
    EXPECT_TRUE(usable(halide_target_feature_jit));
    EXPECT_TRUE(usable(halide_target_feature_no_asserts));
    EXPECT_TRUE(usable(halide_target_feature_strict_float));
}

#ifdef __x86_64__
TEST(Features, AgreeWithTheOperatingSystem) {
    std::ifstream cpuinfo("/proc/cpuinfo");
    std::string line;
    while (std::getline(cpuinfo, line) && line.rfind("flags", 0) != 0) {
    }
    if (line.empty()) {
        GTEST_SKIP() << "no /proc/cpuinfo";
    }
    line += " ";
    const auto flag = [&](const char *name) { return line.find(" " + std::string(name) + " ") != std::string::npos; };
    EXPECT_EQ(usable(halide_target_feature_sse41), flag("sse4_1"));
    EXPECT_EQ(usable(halide_target_feature_avx), flag("avx"));
    EXPECT_EQ(usable(halide_target_feature_f16c), flag("f16c"));
    EXPECT_EQ(usable(halide_target_feature_fma), flag("fma"));
    EXPECT_EQ(usable(halide_target_feature_avx2), flag("avx2"));
    EXPECT_EQ(usable(halide_target_feature_avxvnni), flag("avx_vnni"));
    EXPECT_EQ(usable(halide_target_feature_avx512), flag("avx512f") && flag("avx512cd"));
    const bool skylake = flag("avx512f") && flag("avx512cd") && flag("avx512vl") && flag("avx512bw") && flag("avx512dq");
    EXPECT_EQ(usable(halide_target_feature_avx512_skylake), skylake);
    EXPECT_EQ(usable(halide_target_feature_avx512_cannonlake), skylake && flag("avx512ifma") && flag("avx512vbmi"));
    EXPECT_FALSE(usable(halide_target_feature_avx512_knl) && usable(halide_target_feature_avx512_skylake));
}
#endif

TEST(Features, TheHookDecides) {
    halide_set_custom_can_use_target_features([](int, const uint64_t *) { return 0; });
    EXPECT_FALSE(usable(halide_target_feature_jit));
    halide_set_custom_can_use_target_features(nullptr);
    EXPECT_TRUE(usable(halide_target_feature_jit));
}

// By the definition of the format, for every half.
TEST(Halves, AllAreExact) {
    for (int bits = 0; bits < 65536; bits++) {
        const int exponent = bits >> 10 & 31, fraction = bits & 1023;
        const float got = halide_float16_bits_to_float(static_cast<uint16_t>(bits));
        if (exponent == 31 && fraction != 0) {
            ASSERT_TRUE(std::isnan(got)) << bits;
            continue;
        }
        double want = exponent == 31  ? INFINITY
                      : exponent == 0 ? std::ldexp(fraction, -24)
                                      : std::ldexp(1024 + fraction, exponent - 25);
        want = bits & 0x8000 ? -want : want;
        ASSERT_EQ(got, want) << bits;
        ASSERT_EQ(std::signbit(got), (bits & 0x8000) != 0);
        ASSERT_EQ(halide_float16_bits_to_double(static_cast<uint16_t>(bits)), want);
    }
}

std::string temporary(const char *extension) {
    return testing::TempDir() + "heddle_debug_" + std::to_string(getpid()) + extension;
}

std::string contents(const std::string &name) {
    std::ifstream file(name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST(DebugToFile, Npy) {
    Buffer<int16_t> buf = Buffer<int16_t>::make_interleaved(4, 3, 2);
    buf.for_each_element([&](int x, int y, int c) { buf(x, y, c) = static_cast<int16_t>(x + 10 * y + 100 * c); });
    const std::string name = temporary(".npy");
    ASSERT_EQ(halide_debug_to_file(nullptr, name.c_str(), buf), 0);
    const std::string bytes = contents(name);
    remove(name.c_str());
    ASSERT_EQ(bytes.compare(0, 6, "\x93NUMPY"), 0);
    const size_t head = 10 + static_cast<uint8_t>(bytes[8]) + 256u * static_cast<uint8_t>(bytes[9]);
    EXPECT_EQ(head % 64, 0u);
    EXPECT_NE(bytes.find("'descr': '<i2', 'fortran_order': True, 'shape': (4, 3, 2)"), std::string::npos);
    ASSERT_EQ(bytes.size(), head + 48);
    for (int i = 0; i < 24; i++) {
        int16_t value;
        memcpy(&value, bytes.data() + head + 2 * i, 2);
        EXPECT_EQ(value, i % 4 + 10 * (i / 4 % 3) + 100 * (i / 12));
    }
}

TEST(DebugToFile, Tiff) {
    Buffer<uint8_t> buf(5, 4, 3);
    buf.for_each_element([&](int x, int y, int c) { buf(x, y, c) = static_cast<uint8_t>(x + 5 * y + 20 * c); });
    const std::string name = temporary(".tif");
    ASSERT_EQ(halide_debug_to_file(nullptr, name.c_str(), buf), 0);
    const std::string bytes = contents(name);
    remove(name.c_str());
    const auto read16 = [&](size_t at) { return uint16_t(uint8_t(bytes.at(at)) | uint8_t(bytes.at(at + 1)) << 8); };
    const auto read32 = [&](size_t at) { return read16(at) | uint32_t(read16(at + 2)) << 16; };
    ASSERT_EQ(bytes.compare(0, 4, std::string("II*\0", 4)), 0);
    const size_t directory = read32(4);
    std::map<int, std::pair<uint32_t, uint32_t>> tags;
    for (int i = 0; i < read16(directory); i++) {
        const size_t at = directory + 2 + 12 * static_cast<size_t>(i);
        EXPECT_TRUE(tags.empty() || tags.rbegin()->first < read16(at)) << "tags must ascend";
        tags[read16(at)] = {read32(at + 4), read32(at + 8)};
    }
    EXPECT_EQ(tags[256].second, 5u);
    EXPECT_EQ(tags[257].second, 4u);
    ASSERT_EQ(tags[273].first, 3u);
    for (int c = 0; c < 3; c++) {
        EXPECT_EQ(read16(tags[258].second + 2 * static_cast<size_t>(c)), 8);
        const size_t strip = read32(tags[273].second + 4 * static_cast<size_t>(c));
        EXPECT_EQ(read32(tags[279].second + 4 * static_cast<size_t>(c)), 20u);
        for (size_t i = 0; i < 20; i++) {
            EXPECT_EQ(static_cast<uint8_t>(bytes.at(strip + i)), i + 20 * static_cast<size_t>(c));
        }
    }
}

TEST(DebugToFile, TmpAndFailures) {
    Buffer<float> buf(3, 2);
    buf.fill(2.5f);
    const std::string name = temporary(".tmp");
    ASSERT_EQ(halide_debug_to_file(nullptr, name.c_str(), buf), 0);
    const std::string bytes = contents(name);
    remove(name.c_str());
    ASSERT_EQ(bytes.size(), 20u + 24u);
    int32_t head[5];
    memcpy(head, bytes.data(), 20);
    EXPECT_EQ(head[0], 3);
    EXPECT_EQ(head[1], 2);
    EXPECT_EQ(head[2], 1);
    EXPECT_EQ(head[3], 1);
    EXPECT_EQ(head[4], 0);
    EXPECT_NE(halide_debug_to_file(nullptr, "/nowhere/at/all.npy", buf), 0);
    Buffer<float> deep(1, 1, 1, 1, 2);
    EXPECT_NE(halide_debug_to_file(nullptr, name.c_str(), deep), 0);
    EXPECT_NE(access(name.c_str(), F_OK), 0);
}

TEST(Libraries, SymbolsAreFoundOrNull) {
    EXPECT_NE(halide_get_symbol("malloc"), nullptr);
    EXPECT_EQ(halide_get_symbol("no_such_symbol_anywhere"), nullptr);
    EXPECT_EQ(halide_load_library("libno_such_library.so"), nullptr);
    if (void *library = halide_load_library("libm.so.6")) {
        EXPECT_NE(halide_get_library_symbol(library, "cos"), nullptr);
        EXPECT_EQ(halide_get_library_symbol(library, "no_such_symbol"), nullptr);
    }
    const halide_get_symbol_t old = halide_set_custom_get_symbol([](const char *) { return reinterpret_cast<void *>(&usable); });
    EXPECT_EQ(halide_get_symbol("anything"), reinterpret_cast<void *>(&usable));
    halide_set_custom_get_symbol(old);
    EXPECT_EQ(halide_get_symbol("no_such_symbol_anywhere"), nullptr);
}

TEST(Profiler, BillsTimeToTheFuncsOfRunningKernels) {
    halide_profiler_state *state = halide_profiler_get_state();
    halide_profiler_func_stats funcs[2] = {};
    halide_profiler_pipeline_stats pipeline{};
    pipeline.num_funcs = 2;
    halide_profiler_instance_state instance{};
    instance.pipeline_stats = &pipeline;
    instance.funcs = funcs;
    instance.current_func = 1;
    instance.active_threads = 3;
    halide_profiler_lock(state);
    state->instances = &instance;
    uint64_t time = static_cast<uint64_t>(halide_current_time_ns(nullptr));
    halide_sleep_us(nullptr, 1000);
    EXPECT_EQ(halide_profiler_sample(state, &time), state->sleep_time);
    state->instances = nullptr;
    halide_profiler_unlock(state);
    EXPECT_GE(funcs[1].time, 1000000u);
    EXPECT_EQ(funcs[0].time, 0u);
    EXPECT_EQ(instance.samples, 1);
    EXPECT_EQ(funcs[1].active_threads_numerator, 3u);
    EXPECT_EQ(halide_profiler_get_pipeline_state("none"), nullptr);
}

TEST(SymbolTable, HoldsWhatKernelsCall) {
    size_t count = 0;
    const heddle_runtime_symbol *symbols = heddle_runtime_symbols(&count);
    std::map<std::string, void *> by_name;
    for (size_t i = 0; i < count; i++) {
        EXPECT_NE(symbols[i].address, nullptr) << symbols[i].name;
        EXPECT_TRUE(by_name.emplace(symbols[i].name, symbols[i].address).second) << symbols[i].name << " twice";
    }
    EXPECT_EQ(by_name["halide_malloc"], reinterpret_cast<void *>(&halide_malloc));
    EXPECT_EQ(by_name["halide_do_par_for"], reinterpret_cast<void *>(&halide_do_par_for));
    EXPECT_EQ(by_name["_halide_buffer_get_min"], reinterpret_cast<void *>(&_halide_buffer_get_min));
}

}  // namespace
