// The halide_device_* entry points: the bookkeeping that all devices share. A buffer without a device passes through the
// ones that have nothing to do for it, and gets a code and a message from the others.
#include "runtime/common/device_interface.h"
#include "runtime/common/internal_abi.h"
#include "runtime/common/text.h"
#include "runtime/common/weak.h"

#include <atomic>
#include <cstdlib>

using heddle::runtime::copy_host_region;
using heddle::runtime::Text;

namespace {

// Kernels in several threads may ask for the same buffer to be copied at once; the second finds it clean.
halide_mutex copy_lock;

struct Locked {
    Locked() { halide_mutex_lock(&copy_lock); }
    ~Locked() { halide_mutex_unlock(&copy_lock); }
};

// Brackets the use of a device's functions.
class Use {
public:
    explicit Use(const halide_device_interface_t *interface) : impl_(interface->impl) {
        if (impl_->acquire) {
            impl_->acquire();
        }
    }
    ~Use() {
        if (impl_->release) {
            impl_->release();
        }
    }
    const halide_device_interface_impl_t *operator->() const { return impl_; }

private:
    const halide_device_interface_impl_t *impl_;
};

int failed(void *user_context, const char *what, int device_code, int code) {
    Text text;
    text << what << " failed on the device (code " << device_code << ")";
    halide_error(user_context, text.c_str());
    return code;
}

// What must hold of any buffer before a device function looks at it.
int check(void *user_context, const halide_buffer_t *buf, const char *routine) {
    if (!buf) {
        return halide_error_buffer_is_null(user_context, routine);
    }
    if (buf->device != 0 && !buf->device_interface) {
        return halide_error_no_device_interface(user_context);
    }
    if (buf->device == 0 && buf->device_interface) {
        return halide_error_device_interface_no_device(user_context);
    }
    if (buf->host_dirty() && buf->device_dirty()) {
        return halide_error_host_and_device_dirty(user_context);
    }
    return 0;
}

int incompatible(void *user_context, const char *routine) {
    Text text;
    text << routine << ": the buffer has memory on another device; free it there first";
    halide_error(user_context, text.c_str());
    return halide_error_code_incompatible_device_interface;
}

int malloc_unlocked(void *user_context, halide_buffer_t *buf, const halide_device_interface_t *interface) {
    if (int code = check(user_context, buf, "halide_device_malloc")) {
        return code;
    }
    if (!interface) {
        return halide_error_no_device_interface(user_context);
    }
    if (buf->device_interface && buf->device_interface != interface) {
        return incompatible(user_context, "halide_device_malloc");
    }
    if (buf->device) {
        return 0;
    }
    Use device(interface);
    if (int code = device->device_malloc(user_context, buf)) {
        return failed(user_context, "Allocating memory", code, halide_error_code_device_malloc_failed);
    }
    return 0;
}

int to_host_unlocked(void *user_context, halide_buffer_t *buf) {
    if (int code = check(user_context, buf, "halide_copy_to_host")) {
        return code;
    }
    if (!buf->device_dirty()) {
        return 0;
    }
    if (!buf->device_interface) {
        return halide_error_no_device_interface(user_context);
    }
    if (!buf->host) {
        return halide_error_host_is_null(user_context, "The destination of halide_copy_to_host");
    }
    Use device(buf->device_interface);
    if (int code = device->copy_to_host(user_context, buf)) {
        return failed(user_context, "Copying to the host", code, halide_error_code_copy_to_host_failed);
    }
    buf->set_device_dirty(false);
    halide_msan_annotate_buffer_is_initialized(user_context, buf);
    return 0;
}

int to_device_unlocked(void *user_context, halide_buffer_t *buf, const halide_device_interface_t *interface) {
    if (int code = check(user_context, buf, "halide_copy_to_device")) {
        return code;
    }
    if (!interface) {
        interface = buf->device_interface;
        if (!interface) {
            return halide_error_no_device_interface(user_context);
        }
    }
    if (buf->device && buf->device_interface != interface) {
        return incompatible(user_context, "halide_copy_to_device");
    }
    if (!buf->device) {
        if (int code = malloc_unlocked(user_context, buf, interface)) {
            return code;
        }
    }
    if (!buf->host_dirty()) {
        return 0;
    }
    if (!buf->host) {
        return halide_error_host_is_null(user_context, "The source of halide_copy_to_device");
    }
    Use device(interface);
    if (int code = device->copy_to_device(user_context, buf)) {
        return failed(user_context, "Copying to the device", code, halide_error_code_copy_to_device_failed);
    }
    buf->set_host_dirty(false);
    return 0;
}

// A copy needs the same type and number of dimensions, and a destination inside of the source.
int check_copy(void *user_context, const halide_buffer_t *src, const halide_buffer_t *dst) {
    if (src->type != dst->type) {
        return halide_error_bad_type(user_context, "The destination of halide_buffer_copy", dst->type.as_u32(),
                                     src->type.as_u32());
    }
    if (src->dimensions != dst->dimensions) {
        return halide_error_bad_dimensions(user_context, "The destination of halide_buffer_copy", dst->dimensions,
                                           src->dimensions);
    }
    constexpr int most_dimensions = 16;
    if (src->dimensions > most_dimensions) {
        return halide_error_bad_dimensions(user_context, "The source of halide_buffer_copy", src->dimensions,
                                           most_dimensions);
    }
    for (int i = 0; i < src->dimensions; i++) {
        const int64_t src_end = int64_t(src->dim[i].min) + src->dim[i].extent;
        const int64_t dst_end = int64_t(dst->dim[i].min) + dst->dim[i].extent;
        if (dst->dim[i].min < src->dim[i].min || dst_end > src_end) {
            return halide_error_access_out_of_bounds(user_context, "The source of halide_buffer_copy", i,
                                                     dst->dim[i].min, static_cast<int>(dst_end - 1), src->dim[i].min,
                                                     static_cast<int>(src_end - 1));
        }
    }
    return 0;
}

int copy_unlocked(void *user_context, halide_buffer_t *src, const halide_device_interface_t *to,
                  halide_buffer_t *dst) {
    const bool src_on_device = src->device_interface && (src->device_dirty() || !src->host);
    if (!src_on_device && !src->host) {
        return halide_error_host_is_null(user_context, "The source of halide_buffer_copy");
    }
    if (to) {
        if (int code = malloc_unlocked(user_context, dst, to)) {
            return code;
        }
    } else if (!dst->host) {
        return halide_error_host_is_null(user_context, "The destination of halide_buffer_copy");
    }

    int code = halide_error_code_incompatible_device_interface;
    if (to) {
        Use device(to);
        if (device->buffer_copy) {
            code = device->buffer_copy(user_context, src, to, dst);
        }
    }
    if (code == halide_error_code_incompatible_device_interface && src_on_device) {
        Use device(src->device_interface);
        if (device->buffer_copy && (!to || to == src->device_interface || dst->host)) {
            code = device->buffer_copy(user_context, src, to == src->device_interface ? to : nullptr, dst);
            if (code == 0 && to && to != src->device_interface) {
                // Through dst's host memory.
                dst->set_device_dirty(false);
                dst->set_host_dirty();
                return to_device_unlocked(user_context, dst, to);
            }
        }
    }
    if (code == halide_error_code_incompatible_device_interface) {
        // Through host memory on both sides.
        if ((code = to_host_unlocked(user_context, src)) != 0) {
            return code;
        }
        if (!src->host || !dst->host) {
            return halide_error_host_is_null(user_context, "A side of halide_buffer_copy");
        }
        copy_host_region(src, dst);
        dst->set_device_dirty(false);
        dst->set_host_dirty();
        return to ? to_device_unlocked(user_context, dst, to) : 0;
    }
    if (code != 0) {
        return failed(user_context, "Copying between buffers", code, halide_error_code_device_buffer_copy_failed);
    }
    dst->set_host_dirty(!to && dst->device_interface);
    dst->set_device_dirty(to != nullptr);
    return 0;
}

// The device part of a crop or slice: null when there is nothing to do, else the device to ask.
int crop_source(void *user_context, const halide_buffer_t *src, const halide_buffer_t *dst, const char *routine,
                const halide_device_interface_t **interface) {
    *interface = nullptr;
    if (!src || !dst) {
        return halide_error_buffer_is_null(user_context, routine);
    }
    if (dst->device) {
        Text text;
        text << routine << ": the destination already has device memory";
        halide_error(user_context, text.c_str());
        return halide_error_code_device_crop_failed;
    }
    *interface = src->device ? src->device_interface : nullptr;
    return 0;
}

}  // namespace

// ---- Allocation ----

HEDDLE_RUNTIME int halide_device_malloc(void *user_context, halide_buffer_t *buf,
                                        const halide_device_interface_t *device_interface) {
    Locked locked;
    return malloc_unlocked(user_context, buf, device_interface);
}

HEDDLE_RUNTIME int halide_device_free(void *user_context, halide_buffer_t *buf) {
    if (int code = check(user_context, buf, "halide_device_free")) {
        return code;
    }
    buf->set_device_dirty(false);
    if (!buf->device_interface) {
        return 0;
    }
    Use device(buf->device_interface);
    if (int code = device->device_free(user_context, buf)) {
        return failed(user_context, "Freeing memory", code, halide_error_code_device_free_failed);
    }
    return 0;
}

HEDDLE_RUNTIME void halide_device_free_as_destructor(void *user_context, void *buf) {
    halide_device_free(user_context, static_cast<halide_buffer_t *>(buf));
}

HEDDLE_RUNTIME int halide_device_and_host_malloc(void *user_context, halide_buffer_t *buf,
                                                 const halide_device_interface_t *device_interface) {
    if (int code = check(user_context, buf, "halide_device_and_host_malloc")) {
        return code;
    }
    if (!device_interface) {
        return halide_error_no_device_interface(user_context);
    }
    if (buf->device_interface && buf->device_interface != device_interface) {
        return incompatible(user_context, "halide_device_and_host_malloc");
    }
    Use device(device_interface);
    if (device->device_and_host_malloc) {
        const int code = device->device_and_host_malloc(user_context, buf);
        return code ? failed(user_context, "Allocating memory", code, halide_error_code_device_malloc_failed) : 0;
    }
    buf->host = static_cast<uint8_t *>(halide_malloc(user_context, buf->size_in_bytes()));
    if (!buf->host) {
        return halide_error_out_of_memory(user_context);
    }
    const int code = halide_device_malloc(user_context, buf, device_interface);
    if (code) {
        halide_free(user_context, buf->host);
        buf->host = nullptr;
    }
    return code;
}

HEDDLE_RUNTIME int halide_device_and_host_free(void *user_context, halide_buffer_t *buf) {
    if (int code = check(user_context, buf, "halide_device_and_host_free")) {
        return code;
    }
    buf->set_host_dirty(false);
    if (buf->device_interface) {
        Use device(buf->device_interface);
        if (device->device_and_host_free) {
            buf->set_device_dirty(false);
            const int code = device->device_and_host_free(user_context, buf);
            return code ? failed(user_context, "Freeing memory", code, halide_error_code_device_free_failed) : 0;
        }
    }
    const int code = halide_device_free(user_context, buf);
    halide_free(user_context, buf->host);
    buf->host = nullptr;
    return code;
}

HEDDLE_RUNTIME void halide_device_and_host_free_as_destructor(void *user_context, void *buf) {
    halide_device_and_host_free(user_context, static_cast<halide_buffer_t *>(buf));
}

// ---- Synchronizing and releasing ----

HEDDLE_RUNTIME int halide_device_sync(void *user_context, halide_buffer_t *buf) {
    if (int code = check(user_context, buf, "halide_device_sync")) {
        return code;
    }
    if (!buf->device_interface) {
        return 0;
    }
    Use device(buf->device_interface);
    const int code = device->device_sync ? device->device_sync(user_context, buf) : 0;
    return code ? failed(user_context, "Waiting", code, halide_error_code_device_sync_failed) : 0;
}

HEDDLE_RUNTIME int halide_device_sync_global(void *user_context, const halide_device_interface_t *device_interface) {
    if (!device_interface) {
        return halide_error_no_device_interface(user_context);
    }
    Use device(device_interface);
    const int code = device->device_sync ? device->device_sync(user_context, nullptr) : 0;
    return code ? failed(user_context, "Waiting", code, halide_error_code_device_sync_failed) : 0;
}

HEDDLE_RUNTIME void halide_device_release(void *user_context, const halide_device_interface_t *device_interface) {
    if (device_interface) {
        Use device(device_interface);
        if (device->device_release) {
            device->device_release(user_context);
        }
    }
}

// ---- Copying ----

HEDDLE_RUNTIME int halide_copy_to_host(void *user_context, halide_buffer_t *buf) {
    Locked locked;
    return to_host_unlocked(user_context, buf);
}

HEDDLE_RUNTIME int halide_copy_to_device(void *user_context, halide_buffer_t *buf,
                                         const halide_device_interface_t *device_interface) {
    Locked locked;
    return to_device_unlocked(user_context, buf, device_interface);
}

HEDDLE_RUNTIME int halide_buffer_copy(void *user_context, halide_buffer_t *src,
                                      const halide_device_interface_t *dst_device_interface, halide_buffer_t *dst) {
    if (int code = check(user_context, src, "halide_buffer_copy")) {
        return code;
    }
    if (int code = check(user_context, dst, "halide_buffer_copy")) {
        return code;
    }
    if (int code = check_copy(user_context, src, dst)) {
        return code;
    }
    Locked locked;
    return copy_unlocked(user_context, src, dst_device_interface, dst);
}

// ---- Crops and slices ----

HEDDLE_RUNTIME int halide_device_crop(void *user_context, const halide_buffer_t *src, halide_buffer_t *dst) {
    const halide_device_interface_t *interface = nullptr;
    if (int code = crop_source(user_context, src, dst, "halide_device_crop", &interface)) {
        return code;
    }
    if (!interface) {
        return 0;
    }
    if (src->dimensions != dst->dimensions) {
        return halide_error_bad_dimensions(user_context, "The destination of halide_device_crop", dst->dimensions,
                                           src->dimensions);
    }
    Use device(interface);
    if (!device->device_crop) {
        return halide_error_device_crop_unsupported(user_context);
    }
    return device->device_crop(user_context, src, dst) ? halide_error_device_crop_failed(user_context) : 0;
}

HEDDLE_RUNTIME int halide_device_slice(void *user_context, const halide_buffer_t *src, int slice_dim, int slice_pos,
                                       halide_buffer_t *dst) {
    const halide_device_interface_t *interface = nullptr;
    if (int code = crop_source(user_context, src, dst, "halide_device_slice", &interface)) {
        return code;
    }
    if (!interface) {
        return 0;
    }
    if (src->dimensions != dst->dimensions + 1) {
        return halide_error_bad_dimensions(user_context, "The destination of halide_device_slice", dst->dimensions,
                                           src->dimensions - 1);
    }
    Use device(interface);
    if (!device->device_slice) {
        return halide_error_device_crop_unsupported(user_context);
    }
    const int code = device->device_slice(user_context, src, slice_dim, slice_pos, dst);
    return code ? halide_error_device_crop_failed(user_context) : 0;
}

HEDDLE_RUNTIME int halide_device_release_crop(void *user_context, halide_buffer_t *buf) {
    if (!buf) {
        return halide_error_buffer_is_null(user_context, "halide_device_release_crop");
    }
    if (!buf->device || !buf->device_interface) {
        return 0;
    }
    Use device(buf->device_interface);
    const int code = device->device_release_crop ? device->device_release_crop(user_context, buf) : 0;
    buf->device = 0;
    buf->device_interface = nullptr;
    return code ? failed(user_context, "Releasing a crop", code, halide_error_code_device_free_failed) : 0;
}

// ---- Native handles ----

HEDDLE_RUNTIME int halide_device_wrap_native(void *user_context, halide_buffer_t *buf, uint64_t handle,
                                             const halide_device_interface_t *device_interface) {
    if (int code = check(user_context, buf, "halide_device_wrap_native")) {
        return code;
    }
    if (!device_interface) {
        return halide_error_no_device_interface(user_context);
    }
    if (buf->device_interface && buf->device_interface != device_interface) {
        return incompatible(user_context, "halide_device_wrap_native");
    }
    Use device(device_interface);
    const int code = device->wrap_native ? device->wrap_native(user_context, buf, handle)
                                         : static_cast<int>(halide_error_code_unimplemented);
    return code ? failed(user_context, "Wrapping a native handle", code, halide_error_code_device_wrap_native_failed) : 0;
}

HEDDLE_RUNTIME int halide_device_detach_native(void *user_context, halide_buffer_t *buf) {
    if (int code = check(user_context, buf, "halide_device_detach_native")) {
        return code;
    }
    if (!buf->device_interface) {
        return 0;
    }
    Use device(buf->device_interface);
    const int code = device->detach_native ? device->detach_native(user_context, buf)
                                           : static_cast<int>(halide_error_code_unimplemented);
    return code ? failed(user_context, "Detaching a native handle", code, halide_error_code_device_detach_native_failed)
                : 0;
}

// ---- Choosing a device; keeping device allocations for reuse ----

namespace {

constexpr int device_not_set = -2;
std::atomic<int> gpu_device{device_not_set};
std::atomic<bool> reuse_allocations{false};
halide_mutex pools_lock;
halide_device_allocation_pool *pools = nullptr;

}  // namespace

HEDDLE_RUNTIME void halide_set_gpu_device(int n) {
    gpu_device.store(n);
}

HEDDLE_RUNTIME int halide_get_gpu_device(void *) {
    const int n = gpu_device.load();
    if (n != device_not_set) {
        return n;
    }
    const char *text = getenv("HL_GPU_DEVICE");
    return text && *text ? atoi(text) : -1;
}

HEDDLE_RUNTIME bool halide_can_reuse_device_allocations(void *) {
    return reuse_allocations.load();
}

HEDDLE_RUNTIME void halide_register_device_allocation_pool(halide_device_allocation_pool *pool) {
    halide_mutex_lock(&pools_lock);
    const halide_device_allocation_pool *known = pools;
    while (known && known != pool) {
        known = known->next;
    }
    if (!known) {  // a second time would close the list to a ring
        pool->next = pools;
        pools = pool;
    }
    halide_mutex_unlock(&pools_lock);
}

HEDDLE_RUNTIME int halide_reuse_device_allocations(void *user_context, bool reuse) {
    reuse_allocations.store(reuse);
    int result = 0;
    if (!reuse) {
        halide_mutex_lock(&pools_lock);
        for (halide_device_allocation_pool *pool = pools; pool; pool = pool->next) {
            const int code = pool->release_unused(user_context);
            result = result ? result : code;
        }
        halide_mutex_unlock(&pools_lock);
    }
    return result;
}
