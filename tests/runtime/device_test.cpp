// The device entry points: buffers without a device pass or get an error; with one, the bookkeeping around a fake device
// whose memory is a host allocation.
#include "HalideBuffer.h"
#include "runtime/common/device_interface.h"
#include "runtime/common/internal_abi.h"

#include <cstring>
#include <gtest/gtest.h>
#include <string>

namespace {

using Halide::Runtime::Buffer;

struct Calls {
    int acquire, release, malloc, free, to_host, to_device, crop, sync;
};
Calls calls;
int fail_with;
std::string last_error;

uint8_t *memory_of(const halide_buffer_t *buf) { return reinterpret_cast<uint8_t *>(buf->device); }

extern const halide_device_interface_t fake, other;

// Device memory has the layout of the host's; a crop points into its parent's.
const halide_device_interface_impl_t impl = {
    [] { calls.acquire++; },
    [] { calls.release++; },
    [](void *, halide_buffer_t *buf) {
        calls.malloc++;
        if (fail_with) return fail_with;
        buf->device = reinterpret_cast<uint64_t>(malloc(buf->size_in_bytes()));
        buf->device_interface = &fake;
        return 0;
    },
    [](void *, halide_buffer_t *buf) {
        calls.free++;
        free(memory_of(buf));
        buf->device = 0;
        buf->device_interface = nullptr;
        return 0;
    },
    [](void *, halide_buffer_t *) { return calls.sync++, 0; },
    nullptr,
    [](void *, halide_buffer_t *buf) {
        calls.to_host++;
        if (fail_with) return fail_with;
        memcpy(buf->host, memory_of(buf), buf->size_in_bytes());
        return 0;
    },
    [](void *, halide_buffer_t *buf) {
        calls.to_device++;
        memcpy(memory_of(buf), buf->host, buf->size_in_bytes());
        return 0;
    },
    nullptr, nullptr, nullptr,
    [](void *, const halide_buffer_t *src, halide_buffer_t *dst) {
        calls.crop++;
        int64_t offset = 0;
        for (int i = 0; i < src->dimensions; i++) {
            offset += int64_t(dst->dim[i].min - src->dim[i].min) * src->dim[i].stride;
        }
        dst->device = src->device + static_cast<uint64_t>(offset * src->type.bytes());
        dst->device_interface = src->device_interface;
        return 0;
    },
    nullptr, nullptr, nullptr, nullptr, nullptr,
};

#define FUNCTIONS                                                                                                      \
    halide_device_malloc, halide_device_free, halide_device_sync, halide_device_release, halide_copy_to_host,         \
        halide_copy_to_device, halide_device_and_host_malloc, halide_device_and_host_free, halide_buffer_copy,        \
        halide_device_crop, halide_device_slice, halide_device_release_crop, halide_device_wrap_native,               \
        halide_device_detach_native, nullptr
const halide_device_interface_t fake = {FUNCTIONS, &impl};
const halide_device_interface_t other = {FUNCTIONS, &impl};

class Device : public testing::Test {
protected:
    void SetUp() override {
        calls = Calls{};
        fail_with = 0;
        last_error.clear();
        halide_set_error_handler([](void *, const char *m) { last_error = m; });
    }
    void TearDown() override {
        EXPECT_EQ(calls.acquire, calls.release);
        halide_set_error_handler(nullptr);
    }
};

TEST_F(Device, HostBuffersPassWhereThereIsNothingToDo) {
    Buffer<int> buf(4, 3);
    buf.set_host_dirty();
    EXPECT_EQ(halide_copy_to_host(nullptr, buf), 0);
    EXPECT_EQ(halide_device_sync(nullptr, buf), 0);
    EXPECT_EQ(halide_device_free(nullptr, buf), 0);
    EXPECT_EQ(halide_device_release_crop(nullptr, buf), 0);
    EXPECT_EQ(halide_device_detach_native(nullptr, buf), 0);
    Buffer<int> crop = buf.cropped(0, 1, 2);
    EXPECT_EQ(halide_device_crop(nullptr, buf, crop), 0);
    EXPECT_EQ(last_error, "");
}

TEST_F(Device, HostBuffersGetAnErrorWhereADeviceIsNeeded) {
    Buffer<int> buf(4, 3);
    EXPECT_EQ(halide_copy_to_device(nullptr, buf, nullptr), halide_error_code_no_device_interface);
    EXPECT_NE(last_error, "");
    EXPECT_EQ(halide_device_malloc(nullptr, buf, nullptr), halide_error_code_no_device_interface);
    EXPECT_EQ(halide_device_wrap_native(nullptr, buf, 1, nullptr), halide_error_code_no_device_interface);
    EXPECT_EQ(halide_device_sync_global(nullptr, nullptr), halide_error_code_no_device_interface);
    EXPECT_EQ(halide_copy_to_host(nullptr, nullptr), halide_error_code_buffer_is_null);
    buf.set_device_dirty();
    EXPECT_EQ(halide_copy_to_host(nullptr, buf), halide_error_code_no_device_interface);
    buf.raw_buffer()->flags = halide_buffer_flag_host_dirty | halide_buffer_flag_device_dirty;
    EXPECT_EQ(halide_copy_to_host(nullptr, buf), halide_error_code_host_and_device_dirty);
    buf.raw_buffer()->flags = 0;
    buf.raw_buffer()->device_interface = &fake;
    EXPECT_EQ(halide_device_free(nullptr, buf), halide_error_code_device_interface_no_device);
    buf.raw_buffer()->device_interface = nullptr;
}

TEST_F(Device, DataGoesThereAndBackOnlyWhenItIsNewer) {
    Buffer<int> buf(4, 3);
    buf.for_each_element([&](int x, int y) { buf(x, y) = x + 10 * y; });
    buf.set_host_dirty();
    ASSERT_EQ(buf.copy_to_device(&fake), 0);
    ASSERT_EQ(buf.copy_to_device(&fake), 0);
    EXPECT_EQ(calls.to_device, 1);
    EXPECT_EQ(calls.malloc, 1);
    EXPECT_FALSE(buf.host_dirty());
    int *there = reinterpret_cast<int *>(memory_of(buf));
    EXPECT_EQ(there[11], 23);
    there[0] = 99;
    buf.set_device_dirty();
    ASSERT_EQ(buf.copy_to_host(), 0);
    ASSERT_EQ(buf.copy_to_host(), 0);
    EXPECT_EQ(calls.to_host, 1);
    EXPECT_EQ(buf(0, 0), 99);
    EXPECT_EQ(halide_copy_to_device(nullptr, buf, &other), halide_error_code_incompatible_device_interface);
    EXPECT_EQ(halide_device_malloc(nullptr, buf, &other), halide_error_code_incompatible_device_interface);
    EXPECT_EQ(buf.device_sync(), 0);
    EXPECT_EQ(calls.sync, 1);
    EXPECT_EQ(buf.device_free(), 0);
    EXPECT_EQ(calls.free, 1);
    EXPECT_FALSE(buf.has_device_allocation());
}

TEST_F(Device, FailuresOfTheDeviceBecomeCodesAndMessages) {
    Buffer<int> buf(4);
    fail_with = 1234;
    EXPECT_EQ(halide_device_malloc(nullptr, buf, &fake), halide_error_code_device_malloc_failed);
    EXPECT_NE(last_error.find("1234"), std::string::npos);
    fail_with = 0;
    ASSERT_EQ(halide_device_malloc(nullptr, buf, &fake), 0);
    buf.set_device_dirty();
    fail_with = 77;
    EXPECT_EQ(halide_copy_to_host(nullptr, buf), halide_error_code_copy_to_host_failed);
    EXPECT_TRUE(buf.device_dirty());
    fail_with = 0;
    EXPECT_EQ(buf.device_free(), 0);
}

TEST_F(Device, CropsAliasTheParentsMemory) {
    Buffer<int> buf(6, 5);
    buf.fill(0);
    buf.set_host_dirty();
    ASSERT_EQ(buf.copy_to_device(&fake), 0);
    {
        Buffer<int> crop = buf.cropped(0, 2, 3).cropped(1, 1, 2);
        EXPECT_GE(calls.crop, 1);
        EXPECT_EQ(memory_of(crop), memory_of(buf) + sizeof(int) * (2 + 6));
    }
    EXPECT_EQ(calls.free, 0);
    EXPECT_EQ(buf.device_free(), 0);
}

TEST_F(Device, CopiesBetweenBuffers) {
    Buffer<int> src(7, 5), dst = Buffer<int>::make_interleaved(3, 2, 1).sliced(2);
    Buffer<int> part(3, 2);
    part.set_min(2, 1);
    src.for_each_element([&](int x, int y) { src(x, y) = x + 100 * y; });
    ASSERT_EQ(halide_buffer_copy(nullptr, src, nullptr, part), 0);
    part.for_each_element([&](int x, int y) { EXPECT_EQ(part(x, y), x + 100 * y); });
    // To the device, and from there to the host.
    src.set_host_dirty();
    ASSERT_EQ(src.copy_to_device(&fake), 0);
    reinterpret_cast<int *>(memory_of(src))[2 + 7 * 1] = -5;
    src.set_device_dirty();
    part.fill(0);
    ASSERT_EQ(halide_buffer_copy(nullptr, src, nullptr, part), 0);
    EXPECT_EQ(part(2, 1), -5);
    ASSERT_EQ(halide_buffer_copy(nullptr, src, &fake, part), 0);
    EXPECT_TRUE(part.has_device_allocation());
    EXPECT_EQ(reinterpret_cast<int *>(memory_of(part))[0], -5);
    // A destination that is not inside, has another type or other dimensions.
    Buffer<int> outside(8, 5);
    EXPECT_EQ(halide_buffer_copy(nullptr, src, nullptr, outside), halide_error_code_access_out_of_bounds);
    Buffer<float> mistyped(2, 2);
    EXPECT_EQ(halide_buffer_copy(nullptr, src, nullptr, mistyped), halide_error_code_bad_type);
    Buffer<int> flat(2);
    EXPECT_EQ(halide_buffer_copy(nullptr, src, nullptr, flat), halide_error_code_bad_dimensions);
    EXPECT_EQ(src.device_free(), 0);
    EXPECT_EQ(part.device_free(), 0);
}

TEST_F(Device, HostCopiesOfEveryLayout) {
    // All pairs of six storage orders of a 4 x 3 x 5 block, the source larger than the destination.
    const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (const auto &a : orders) {
        for (const auto &b : orders) {
            Buffer<int16_t> src({6, 5, 7}, {a[0], a[1], a[2]}), dst({4, 3, 5}, {b[0], b[1], b[2]});
            src.set_min(-1, 0, 2);
            dst.set_min(0, 1, 3);
            src.for_each_element([&](int x, int y, int z) { src(x, y, z) = static_cast<int16_t>(x + 10 * y + 100 * z); });
            dst.fill(-1);
            ASSERT_EQ(halide_buffer_copy(nullptr, src, nullptr, dst), 0);
            dst.for_each_element([&](int x, int y, int z) { ASSERT_EQ(dst(x, y, z), x + 10 * y + 100 * z); });
        }
    }
}

TEST_F(Device, AllocationOnBothSides) {
    Buffer<int> buf(nullptr, 5, 4);
    ASSERT_EQ(halide_device_and_host_malloc(nullptr, buf, &fake), 0);
    EXPECT_NE(buf.data(), nullptr);
    EXPECT_TRUE(buf.has_device_allocation());
    ASSERT_EQ(halide_device_and_host_free(nullptr, buf), 0);
    EXPECT_EQ(buf.data(), nullptr);
    EXPECT_FALSE(buf.has_device_allocation());
}

TEST_F(Device, UnusedAllocationsAreReleasedOnRequest) {
    static int released;
    released = 0;
    static halide_device_allocation_pool pool = {[](void *) { return released++, 0; }, nullptr};
    halide_register_device_allocation_pool(&pool);
    halide_register_device_allocation_pool(&pool);  // twice is once
    EXPECT_FALSE(halide_can_reuse_device_allocations(nullptr));
    EXPECT_EQ(halide_reuse_device_allocations(nullptr, true), 0);
    EXPECT_TRUE(halide_can_reuse_device_allocations(nullptr));
    EXPECT_EQ(released, 0);
    EXPECT_EQ(halide_reuse_device_allocations(nullptr, false), 0);
    EXPECT_EQ(released, 1);
    halide_set_gpu_device(3);
    EXPECT_EQ(halide_get_gpu_device(nullptr), 3);
    halide_set_gpu_device(-1);
}

}  // namespace
