// halide_malloc: alignment, slack at both ends, refusal of absurd sizes, hooks.
#include "HalideRuntime.h"

#include <cstring>
#include <gtest/gtest.h>
#include <vector>

namespace {

TEST(Malloc, AlignedForTheWidestVectors) {
    std::vector<void *> blocks;
    for (size_t size : {0, 1, 63, 64, 65, 1000, 4096, 1 << 20}) {
        void *p = halide_malloc(nullptr, size);
        ASSERT_NE(p, nullptr);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % 128, 0u) << size;
        memset(p, 0x5a, size);
        blocks.push_back(p);
    }
    for (void *p : blocks) {
        halide_free(nullptr, p);
    }
    halide_free(nullptr, nullptr);
}

// Under the address sanitizer this is where a missing margin shows.
TEST(Malloc, AVectorBeyondEitherEndMayBeRead) {
    for (size_t size : {1, 100, 128, 1000}) {
        volatile const char *p = static_cast<const char *>(halide_malloc(nullptr, size));
        memset(const_cast<char *>(p) - 64, 1, size + 128);
        int sum = 0;
        for (size_t i = 0; i < 64; i++) {
            sum += p[size + i] + p[-1 - static_cast<int>(i)];
        }
        EXPECT_EQ(sum, 128);
        halide_free(nullptr, const_cast<char *>(p));
    }
}

TEST(Malloc, NullWhenItCannotBe) {
    EXPECT_EQ(halide_malloc(nullptr, SIZE_MAX), nullptr);
    EXPECT_EQ(halide_malloc(nullptr, SIZE_MAX - 300), nullptr);
}

int mallocs, frees;

TEST(Malloc, HooksReplaceItAndTheDefaultsDoNotPassThroughThem) {
    mallocs = frees = 0;
    const halide_malloc_t old_malloc = halide_set_custom_malloc([](void *, size_t size) { return mallocs++, malloc(size); });
    const halide_free_t old_free = halide_set_custom_free([](void *, void *p) { frees++, free(p); });
    EXPECT_TRUE(old_malloc == halide_default_malloc);
    EXPECT_TRUE(old_free == halide_default_free);
    halide_free(nullptr, halide_malloc(nullptr, 10));
    halide_default_free(nullptr, halide_default_malloc(nullptr, 10));
    EXPECT_EQ(mallocs, 1);
    EXPECT_EQ(frees, 1);
    halide_set_custom_malloc(old_malloc);
    halide_set_custom_free(old_free);
    halide_free(nullptr, halide_malloc(nullptr, 10));
    EXPECT_EQ(mallocs, 1);
    EXPECT_EQ(frees, 1);
}

}  // namespace
