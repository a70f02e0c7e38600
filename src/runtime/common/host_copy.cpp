// Copying a region between two buffers in host memory: collapses dense dimensions, then copies rows with memcpy.
#include "runtime/common/device_interface.h"
#include "runtime/common/weak.h"

#include <cstring>

namespace heddle::runtime {

namespace {

constexpr int most_dimensions = 16;

struct CopyPlan {
    int64_t chunk = 0;  // bytes that lie together in both
    int dimensions = 0;
    int64_t extent[most_dimensions] = {}, src_stride[most_dimensions] = {}, dst_stride[most_dimensions] = {};  // bytes
};

void run(const CopyPlan &plan, int d, const uint8_t *src, uint8_t *dst) {
    if (d < 0) {
        memcpy(dst, src, static_cast<size_t>(plan.chunk));
        return;
    }
    for (int64_t i = 0; i < plan.extent[d]; i++) {
        run(plan, d - 1, src + i * plan.src_stride[d], dst + i * plan.dst_stride[d]);
    }
}

}  // namespace

HEDDLE_RUNTIME_INTERNAL void copy_host_region(const halide_buffer_t *src, halide_buffer_t *dst) {
    CopyPlan plan;
    plan.chunk = dst->type.bytes();
    const int64_t bytes = dst->type.bytes();
    int64_t offset = 0;
    for (int i = 0; i < dst->dimensions && i < most_dimensions; i++) {
        if (dst->dim[i].extent <= 0) {
            return;
        }
        offset += (int64_t(dst->dim[i].min) - src->dim[i].min) * src->dim[i].stride * bytes;
        // Insert by the destination's stride, innermost first.
        int at = plan.dimensions++;
        const int64_t stride = int64_t(dst->dim[i].stride) * bytes;
        for (; at > 0 && plan.dst_stride[at - 1] > stride; at--) {
            plan.extent[at] = plan.extent[at - 1];
            plan.src_stride[at] = plan.src_stride[at - 1];
            plan.dst_stride[at] = plan.dst_stride[at - 1];
        }
        plan.extent[at] = dst->dim[i].extent;
        plan.src_stride[at] = int64_t(src->dim[i].stride) * bytes;
        plan.dst_stride[at] = stride;
    }
    while (plan.dimensions > 0 && plan.src_stride[0] == plan.chunk && plan.dst_stride[0] == plan.chunk) {
        plan.chunk *= plan.extent[0];
        plan.dimensions--;
        for (int i = 0; i < plan.dimensions; i++) {
            plan.extent[i] = plan.extent[i + 1];
            plan.src_stride[i] = plan.src_stride[i + 1];
            plan.dst_stride[i] = plan.dst_stride[i + 1];
        }
    }
    const uint8_t *from = src->host + offset;
    if (from != dst->host || plan.dimensions > 0) {
        run(plan, plan.dimensions - 1, from, dst->host);
    }
}

}  // namespace heddle::runtime
