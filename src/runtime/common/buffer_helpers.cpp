// Accessors and constructors of halide_buffer_t that kernels call. See internal_abi.h.
#include "runtime/common/internal_abi.h"
#include "runtime/common/weak.h"

#include <cstring>

HEDDLE_RUNTIME void *_halide_buffer_get_host(const halide_buffer_t *buf) { return buf->host; }

HEDDLE_RUNTIME uint64_t _halide_buffer_get_device(const halide_buffer_t *buf) { return buf->device; }

HEDDLE_RUNTIME const halide_device_interface_t *_halide_buffer_get_device_interface(const halide_buffer_t *buf) {
    return buf->device_interface;
}

HEDDLE_RUNTIME int _halide_buffer_get_dimensions(const halide_buffer_t *buf) { return buf->dimensions; }

HEDDLE_RUNTIME int _halide_buffer_get_min(const halide_buffer_t *buf, int d) { return buf->dim[d].min; }

// The last coordinate: min - 1 where the extent is 0.
HEDDLE_RUNTIME int _halide_buffer_get_max(const halide_buffer_t *buf, int d) {
    return static_cast<int>(static_cast<uint32_t>(buf->dim[d].min) + static_cast<uint32_t>(buf->dim[d].extent) - 1u);
}

HEDDLE_RUNTIME int _halide_buffer_get_extent(const halide_buffer_t *buf, int d) { return buf->dim[d].extent; }

HEDDLE_RUNTIME int _halide_buffer_get_stride(const halide_buffer_t *buf, int d) { return buf->dim[d].stride; }

HEDDLE_RUNTIME uint32_t _halide_buffer_get_type(const halide_buffer_t *buf) { return buf->type.as_u32(); }

HEDDLE_RUNTIME halide_dimension_t *_halide_buffer_get_shape(halide_buffer_t *buf) { return buf->dim; }

HEDDLE_RUNTIME bool _halide_buffer_get_host_dirty(const halide_buffer_t *buf) { return buf->host_dirty(); }

HEDDLE_RUNTIME bool _halide_buffer_get_device_dirty(const halide_buffer_t *buf) { return buf->device_dirty(); }

HEDDLE_RUNTIME int _halide_buffer_set_host_dirty(halide_buffer_t *buf, bool value) {
    buf->set_host_dirty(value);
    return 0;
}

HEDDLE_RUNTIME int _halide_buffer_set_device_dirty(halide_buffer_t *buf, bool value) {
    buf->set_device_dirty(value);
    return 0;
}

HEDDLE_RUNTIME bool _halide_buffer_is_bounds_query(const halide_buffer_t *buf) { return buf->is_bounds_query(); }

HEDDLE_RUNTIME int _halide_buffer_set_bounds(halide_buffer_t *buf, int d, int min, int extent) {
    buf->dim[d].min = min;
    buf->dim[d].extent = extent;
    return 0;
}

HEDDLE_RUNTIME halide_buffer_t *_halide_buffer_init(halide_buffer_t *dst, halide_dimension_t *dst_shape, void *host,
                                                    uint64_t device, const halide_device_interface_t *device_interface,
                                                    int type_code, int type_bits, int dimensions,
                                                    halide_dimension_t *shape, uint64_t flags) {
    dst->device = device;
    dst->device_interface = device_interface;
    dst->host = static_cast<uint8_t *>(host);
    dst->flags = flags;
    dst->type = halide_type_t(static_cast<halide_type_code_t>(type_code), static_cast<uint8_t>(type_bits), 1);
    dst->dimensions = dimensions;
    dst->dim = dst_shape;
    dst->padding = nullptr;
    if (shape && shape != dst_shape) {
        for (int i = 0; i < dimensions; i++) {
            dst_shape[i] = shape[i];
        }
    }
    return dst;
}

HEDDLE_RUNTIME halide_buffer_t *_halide_buffer_init_from_buffer(halide_buffer_t *dst, halide_dimension_t *dst_shape,
                                                                const halide_buffer_t *src) {
    *dst = *src;
    dst->dim = dst_shape;
    for (int i = 0; i < src->dimensions; i++) {
        dst_shape[i] = src->dim[i];
    }
    return dst;
}

HEDDLE_RUNTIME halide_buffer_t *_halide_buffer_crop(void *user_context, halide_buffer_t *dst,
                                                    halide_dimension_t *dst_shape, const halide_buffer_t *src,
                                                    const int *min, const int *extent) {
    *dst = *src;
    dst->dim = dst_shape;
    int64_t offset = 0;
    for (int i = 0; i < src->dimensions; i++) {
        dst_shape[i] = src->dim[i];
        dst_shape[i].min = min[i];
        dst_shape[i].extent = extent[i];
        offset += (int64_t(min[i]) - src->dim[i].min) * src->dim[i].stride;
    }
    if (dst->host) {
        dst->host += offset * src->type.bytes();
    }
    // A device that cannot crop leaves the crop without device memory; an error has been raised by then.
    dst->device = 0;
    dst->device_interface = nullptr;
    if (src->device_interface && halide_device_crop(user_context, src, dst) != 0) {
        dst->device = 0;
        dst->device_interface = nullptr;
    }
    return dst;
}

HEDDLE_RUNTIME int _halide_buffer_retire_crop_after_extern_stage(void *user_context, void *pair) {
    halide_buffer_t **buffers = static_cast<halide_buffer_t **>(pair);
    halide_buffer_t *crop = buffers[0], *parent = buffers[1];
    int result = 0;
    if (crop->device) {
        if (!parent->device) {
            // The stage allocated device memory for the crop alone: bring the values home and let it go.
            result = halide_copy_to_host(user_context, crop);
            const int freed = halide_device_free(user_context, crop);
            result = result ? result : freed;
        } else {
            if (crop->device_dirty()) {
                parent->set_device_dirty();
            }
            result = halide_device_release_crop(user_context, crop);
        }
    }
    if (crop->host_dirty()) {
        parent->set_host_dirty();
    }
    return result;
}

HEDDLE_RUNTIME int _halide_buffer_retire_crops_after_extern_stage(void *user_context, void *pairs) {
    int result = 0;
    for (halide_buffer_t **pair = static_cast<halide_buffer_t **>(pairs); *pair; pair += 2) {
        const int one = _halide_buffer_retire_crop_after_extern_stage(user_context, pair);
        result = result ? result : one;
    }
    return result;
}
