// What a device's runtime (CUDA, Metal, OpenCL, …) provides behind a halide_device_interface_t.
//
// Its public function pointers are the halide_device_* functions of device.cpp, the same for every device: they check
// arguments, keep the dirty flags, allocate on demand and raise the errors. They call the functions below, which do
// the device's part only, and which may assume: the buffer is not null, belongs to this device (or to none, where they
// allocate), and has host memory where host memory is copied. They return 0 or a halide_error_code_t. Between them,
// acquire and release bracket each use; the library that holds the device's code may be unloaded after release.
#pragma once

#include "HalideRuntime.h"

struct halide_device_interface_impl_t {
    void (*acquire)();
    void (*release)();
    int (*device_malloc)(void *user_context, halide_buffer_t *buf);
    int (*device_free)(void *user_context, halide_buffer_t *buf);
    int (*device_sync)(void *user_context, halide_buffer_t *buf);  // buf may be null: all work
    int (*device_release)(void *user_context);
    int (*copy_to_host)(void *user_context, halide_buffer_t *buf);
    int (*copy_to_device)(void *user_context, halide_buffer_t *buf);
    int (*device_and_host_malloc)(void *user_context, halide_buffer_t *buf);
    int (*device_and_host_free)(void *user_context, halide_buffer_t *buf);
    // Copies the region of dst from src. dst_device_interface null: to dst's host memory. May return
    // halide_error_code_incompatible_device_interface for a pair of devices it cannot copy between: the copy then goes
    // through host memory.
    int (*buffer_copy)(void *user_context, halide_buffer_t *src, const halide_device_interface_t *dst_device_interface,
                       halide_buffer_t *dst);
    int (*device_crop)(void *user_context, const halide_buffer_t *src, halide_buffer_t *dst);
    int (*device_slice)(void *user_context, const halide_buffer_t *src, int slice_dim, int slice_pos,
                        halide_buffer_t *dst);
    int (*device_release_crop)(void *user_context, halide_buffer_t *buf);
    int (*wrap_native)(void *user_context, halide_buffer_t *buf, uint64_t handle);
    int (*detach_native)(void *user_context, halide_buffer_t *buf);
    int (*compute_capability)(void *user_context, int *major, int *minor);
};

namespace heddle::runtime {

// Copies dst's region from src, both in host memory. The regions nest and the types agree (checked by the caller).
void copy_host_region(const halide_buffer_t *src, halide_buffer_t *dst);

}  // namespace heddle::runtime
