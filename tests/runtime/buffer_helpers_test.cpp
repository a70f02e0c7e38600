// The helpers through which kernels read and make buffers.
#include "HalideBuffer.h"
#include "runtime/common/internal_abi.h"

#include <gtest/gtest.h>

namespace {

using Halide::Runtime::Buffer;

TEST(BufferHelpers, ReadTheFields) {
    Buffer<uint16_t> buf(7, 5);
    buf.set_min(-2, 3);
    halide_buffer_t *raw = buf;
    EXPECT_EQ(_halide_buffer_get_host(raw), buf.data());
    EXPECT_EQ(_halide_buffer_get_dimensions(raw), 2);
    EXPECT_EQ(_halide_buffer_get_min(raw, 0), -2);
    EXPECT_EQ(_halide_buffer_get_max(raw, 0), 4);
    EXPECT_EQ(_halide_buffer_get_extent(raw, 1), 5);
    EXPECT_EQ(_halide_buffer_get_stride(raw, 1), 7);
    EXPECT_EQ(_halide_buffer_get_type(raw), halide_type_of<uint16_t>().as_u32());
    EXPECT_EQ(_halide_buffer_get_shape(raw), raw->dim);
    EXPECT_EQ(_halide_buffer_get_device(raw), 0u);
    EXPECT_EQ(_halide_buffer_get_device_interface(raw), nullptr);
    _halide_buffer_set_host_dirty(raw, true);
    EXPECT_TRUE(_halide_buffer_get_host_dirty(raw));
    EXPECT_FALSE(_halide_buffer_get_device_dirty(raw));
    _halide_buffer_set_device_dirty(raw, true);
    _halide_buffer_set_host_dirty(raw, false);
    EXPECT_EQ(raw->flags, halide_buffer_flag_device_dirty);
    _halide_buffer_set_device_dirty(raw, false);
    EXPECT_FALSE(_halide_buffer_is_bounds_query(raw));
    EXPECT_TRUE(_halide_buffer_is_bounds_query(Buffer<uint16_t>(nullptr, 0, 0)));
    _halide_buffer_set_bounds(raw, 1, 11, 2);
    EXPECT_EQ(raw->dim[1].min, 11);
    EXPECT_EQ(raw->dim[1].extent, 2);
}

TEST(BufferHelpers, MakeBuffers) {
    int memory[12];
    halide_dimension_t given[2] = {{1, 4, 1}, {2, 3, 4}}, shape[2];
    halide_buffer_t buf;
    EXPECT_EQ(_halide_buffer_init(&buf, shape, memory, 0, nullptr, halide_type_int, 32, 2, given, 1), &buf);
    EXPECT_EQ(buf.type, halide_type_of<int>());
    EXPECT_EQ(buf.dim, shape);
    EXPECT_EQ(shape[1].stride, 4);
    EXPECT_TRUE(buf.host_dirty());
    halide_dimension_t copied[2];
    halide_buffer_t copy;
    _halide_buffer_init_from_buffer(&copy, copied, &buf);
    EXPECT_EQ(copy.host, buf.host);
    EXPECT_EQ(copy.dim, copied);
    EXPECT_EQ(copied[0].min, 1);
}

TEST(BufferHelpers, CropAndGiveTheFlagsBack) {
    Buffer<int> buf(8, 6);
    const int min[2] = {2, 3}, extent[2] = {4, 2};
    halide_buffer_t crop;
    halide_dimension_t shape[2];
    _halide_buffer_crop(nullptr, &crop, shape, buf, min, extent);
    EXPECT_EQ(reinterpret_cast<int *>(crop.host), &buf(2, 3));
    EXPECT_EQ(shape[0].min, 2);
    EXPECT_EQ(shape[0].extent, 4);
    EXPECT_EQ(shape[1].stride, 8);
    crop.set_host_dirty();
    halide_buffer_t *pairs[3] = {&crop, buf, nullptr};
    EXPECT_EQ(_halide_buffer_retire_crops_after_extern_stage(nullptr, pairs), 0);
    EXPECT_TRUE(buf.host_dirty());
}

}  // namespace
