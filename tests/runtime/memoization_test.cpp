// The memoization cache: hits, misses, least recently used out first, eviction by key, memory balanced.
#include "HalideRuntime.h"

#include <atomic>
#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <vector>

namespace {

std::atomic<int> live{0};

struct Buf {
    halide_buffer_t raw{};
    halide_dimension_t shape[1];
    explicit Buf(int min, int extent) {
        shape[0] = halide_dimension_t(min, extent, 1);
        raw.type = halide_type_of<int32_t>();
        raw.dimensions = 1;
        raw.dim = shape;
    }
    int32_t *data() { return reinterpret_cast<int32_t *>(raw.host); }
};

class Memoization : public testing::Test {
protected:
    void SetUp() override {
        live = 0;
        halide_set_custom_malloc([](void *c, size_t n) { return live++, halide_default_malloc(c, n); });
        halide_set_custom_free([](void *c, void *p) { live -= p != nullptr, halide_default_free(c, p); });
    }
    void TearDown() override {
        halide_memoization_cache_cleanup();
        EXPECT_EQ(live, 0);
        halide_set_custom_malloc(nullptr);
        halide_set_custom_free(nullptr);
    }

    // Computes `value` into every element unless it is cached; true: it was. What is there must be right either way.
    static bool get(const std::string &key, int value, int min = 0, int extent = 1000, const uint64_t *tag = nullptr) {
        Buf bounds(min, extent), result(min, extent);
        halide_buffer_t *buffers[1] = {&result.raw};
        const uint8_t *bytes = reinterpret_cast<const uint8_t *>(key.data());
        const int rc = halide_memoization_cache_lookup(nullptr, bytes, static_cast<int>(key.size()), &bounds.raw, 1, buffers);
        EXPECT_GE(rc, 0);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(result.raw.host) % 128, 0u);
        if (rc == 1) {
            for (int i = 0; i < extent; i++) {
                result.data()[i] = value;
            }
            EXPECT_EQ(halide_memoization_cache_store(nullptr, bytes, static_cast<int>(key.size()), &bounds.raw, 1, buffers,
                                                     tag != nullptr, tag ? *tag : 0),
                      0);
        }
        EXPECT_EQ(result.data()[0], value);
        EXPECT_EQ(result.data()[extent - 1], value);
        EXPECT_EQ(result.raw.dim, result.shape);
        halide_memoization_cache_release(nullptr, result.raw.host);
        return rc == 0;
    }
};

TEST_F(Memoization, HitsByKeyAndRegion) {
    EXPECT_FALSE(get("a", 1));
    EXPECT_TRUE(get("a", 1));
    EXPECT_FALSE(get("b", 2));
    EXPECT_FALSE(get("a", 3, 5));        // another min
    EXPECT_FALSE(get("a", 4, 0, 999));   // another extent
    EXPECT_TRUE(get("a", 1));
    EXPECT_TRUE(get("a", 3, 5));
    EXPECT_TRUE(get("b", 2));
}

TEST_F(Memoization, TheLeastRecentlyUsedGoFirst) {
    halide_memoization_cache_set_size(3 * 4000);  // three results
    EXPECT_FALSE(get("a", 1));
    EXPECT_FALSE(get("b", 2));
    EXPECT_FALSE(get("c", 3));
    EXPECT_TRUE(get("a", 1));
    EXPECT_FALSE(get("d", 4));  // b goes
    EXPECT_TRUE(get("a", 1));
    EXPECT_TRUE(get("c", 3));
    EXPECT_TRUE(get("d", 4));
    EXPECT_FALSE(get("b", 2));
    EXPECT_EQ(live, 3);
    halide_memoization_cache_set_size(4000);
    EXPECT_EQ(live, 1);
    EXPECT_TRUE(get("b", 2));
}

TEST_F(Memoization, EvictsByTag) {
    const uint64_t red = 7, blue = 8;
    EXPECT_FALSE(get("a", 1, 0, 100, &red));
    EXPECT_FALSE(get("b", 2, 0, 100, &blue));
    EXPECT_FALSE(get("c", 3, 0, 100, &red));
    EXPECT_FALSE(get("d", 4, 0, 100));
    halide_memoization_cache_evict(nullptr, red);
    EXPECT_EQ(live, 2);
    EXPECT_FALSE(get("a", 1, 0, 100, &red));
    EXPECT_TRUE(get("b", 2, 0, 100, &blue));
    EXPECT_FALSE(get("c", 3, 0, 100, &red));
    EXPECT_TRUE(get("d", 4, 0, 100));
}

TEST_F(Memoization, WhatIsInUseOutlivesItsEviction) {
    const uint64_t tag = 1;
    EXPECT_FALSE(get("a", 11, 0, 50, &tag));
    Buf bounds(0, 50), result(0, 50);
    halide_buffer_t *buffers[1] = {&result.raw};
    ASSERT_EQ(halide_memoization_cache_lookup(nullptr, reinterpret_cast<const uint8_t *>("a"), 1, &bounds.raw, 1, buffers), 0);
    halide_memoization_cache_evict(nullptr, tag);
    EXPECT_EQ(live, 1);
    EXPECT_EQ(result.data()[49], 11);
    EXPECT_FALSE(get("a", 12, 0, 50, &tag));
    EXPECT_EQ(result.data()[49], 11);
    halide_memoization_cache_release(nullptr, result.raw.host);
    EXPECT_EQ(live, 1);
}

TEST_F(Memoization, AMissThatIsNotStoredIsFreed) {
    Buf bounds(0, 10), first(0, 10), second(0, 20);
    halide_buffer_t *buffers[2] = {&first.raw, &second.raw};
    ASSERT_EQ(halide_memoization_cache_lookup(nullptr, reinterpret_cast<const uint8_t *>("t"), 1, &bounds.raw, 2, buffers), 1);
    EXPECT_EQ(live, 2);
    halide_memoization_cache_release(nullptr, first.raw.host);
    halide_memoization_cache_release(nullptr, second.raw.host);
    EXPECT_EQ(live, 0);
}

TEST_F(Memoization, NoMemoryIsAnErrorAndLeaksNothing) {
    static int allowed;
    allowed = 1;
    halide_set_custom_malloc([](void *c, size_t n) -> void * { return allowed-- > 0 ? live++, halide_default_malloc(c, n) : nullptr; });
    Buf bounds(0, 10), first(0, 10), second(0, 20);
    halide_buffer_t *buffers[2] = {&first.raw, &second.raw};
    EXPECT_EQ(halide_memoization_cache_lookup(nullptr, reinterpret_cast<const uint8_t *>("t"), 1, &bounds.raw, 2, buffers), -1);
    EXPECT_EQ(live, 0);
}

TEST_F(Memoization, ManyThreadsAtOnce) {
    halide_memoization_cache_set_size(5 * 4000);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; t++) {
        threads.emplace_back([t] {
            for (int i = 0; i < 500; i++) {
                const int which = (i * (t + 1)) % 9;
                get(std::string("key") + char('0' + which), which + 100);
            }
        });
    }
    for (auto &t : threads) {
        t.join();
    }
}

}  // namespace
