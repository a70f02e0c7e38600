// Annotations for the memory sanitizer: effective when the program is built with it, nothing otherwise.
#include "HalideRuntime.h"
#include "runtime/common/weak.h"

extern "C" __attribute__((weak)) void __msan_unpoison(const volatile void *memory, size_t size);
extern "C" __attribute__((weak)) void __msan_check_mem_is_initialized(const volatile void *memory, size_t size);

namespace {

// Calls f(address, bytes) for every dense row of the buffer along the dimension of stride 1 (or for every element).
template<typename F>
void for_each_row(const halide_buffer_t *buf, int d, uint8_t *address, int inner, const F &f) {
    const int64_t bytes = buf->type.bytes();
    if (d < 0) {
        f(address, inner < 0 ? bytes : bytes * buf->dim[inner].extent);
    } else if (d == inner) {
        for_each_row(buf, d - 1, address, inner, f);
    } else {
        for (int i = 0; i < buf->dim[d].extent; i++) {
            for_each_row(buf, d - 1, address + int64_t(i) * buf->dim[d].stride * bytes, inner, f);
        }
    }
}

template<typename F>
void for_each_row(const halide_buffer_t *buf, const F &f) {
    if (!buf || !buf->host) {
        return;
    }
    int inner = -1;
    for (int d = 0; d < buf->dimensions; d++) {
        if (buf->dim[d].extent <= 0) {
            return;
        }
        if (inner < 0 && buf->dim[d].stride == 1) {
            inner = d;
        }
    }
    for_each_row(buf, buf->dimensions - 1, buf->host, inner, f);
}

}  // namespace

HEDDLE_RUNTIME int halide_msan_annotate_memory_is_initialized(void *, const void *memory, uint64_t size) {
    if (__msan_unpoison) {
        __msan_unpoison(memory, size);
    }
    return 0;
}

HEDDLE_RUNTIME int halide_msan_check_memory_is_initialized(void *, const void *memory, uint64_t size, const char *) {
    if (__msan_check_mem_is_initialized) {
        __msan_check_mem_is_initialized(memory, size);
    }
    return 0;
}

HEDDLE_RUNTIME int halide_msan_annotate_buffer_is_initialized(void *user_context, halide_buffer_t *buf) {
    if (__msan_unpoison) {
        for_each_row(buf, [&](uint8_t *row, int64_t bytes) {
            halide_msan_annotate_memory_is_initialized(user_context, row, static_cast<uint64_t>(bytes));
        });
    }
    return 0;
}

HEDDLE_RUNTIME void halide_msan_annotate_buffer_is_initialized_as_destructor(void *user_context, void *buf) {
    halide_msan_annotate_buffer_is_initialized(user_context, static_cast<halide_buffer_t *>(buf));
}

HEDDLE_RUNTIME int halide_msan_check_buffer_is_initialized(void *user_context, halide_buffer_t *buf,
                                                           const char *name) {
    if (__msan_check_mem_is_initialized) {
        for_each_row(buf, [&](uint8_t *row, int64_t bytes) {
            halide_msan_check_memory_is_initialized(user_context, row, static_cast<uint64_t>(bytes), name);
        });
    }
    return 0;
}
