// halide_malloc and halide_free. Emitted code may read, never write, up to one vector beyond the ends of an allocation
// and relies on a pointer aligned for the widest aligned vector access.
#include "HalideRuntime.h"
#include "runtime/common/weak.h"

#include <atomic>
#include <cstdlib>

namespace {

// 128 bytes cover a 64-byte vector and the pair of cache lines that the prefetcher of x86 fetches together, so that
// buffers of different threads never share either.
constexpr size_t alignment = 128;

// Layout of a block: [alignment bytes before | user bytes, rounded up | alignment bytes after]. The block starts at an
// aligned address, hence the user's bytes do too, and the pointer to free is found without a header.
constexpr size_t slack = alignment;

std::atomic<halide_malloc_t> custom_malloc{nullptr};
std::atomic<halide_free_t> custom_free{nullptr};

}  // namespace

HEDDLE_RUNTIME void *halide_default_malloc(void *, size_t size) {
    if (size > SIZE_MAX - 2 * slack - alignment) {
        return nullptr;
    }
    const size_t rounded = (size + alignment - 1) & ~(alignment - 1);
    char *block = static_cast<char *>(aligned_alloc(alignment, slack + rounded + slack));
    return block ? block + slack : nullptr;
}

HEDDLE_RUNTIME void halide_default_free(void *, void *pointer) {
    if (pointer) {
        free(static_cast<char *>(pointer) - slack);
    }
}

HEDDLE_RUNTIME void *halide_malloc(void *user_context, size_t size) {
    const halide_malloc_t custom = custom_malloc.load(std::memory_order_acquire);
    return custom ? custom(user_context, size) : halide_default_malloc(user_context, size);
}

HEDDLE_RUNTIME void halide_free(void *user_context, void *pointer) {
    const halide_free_t custom = custom_free.load(std::memory_order_acquire);
    if (custom) {
        custom(user_context, pointer);
    } else {
        halide_default_free(user_context, pointer);
    }
}

HEDDLE_RUNTIME halide_malloc_t halide_set_custom_malloc(halide_malloc_t user_malloc) {
    const halide_malloc_t old = custom_malloc.exchange(user_malloc, std::memory_order_acq_rel);
    return old ? old : halide_default_malloc;
}

HEDDLE_RUNTIME halide_free_t halide_set_custom_free(halide_free_t user_free) {
    const halide_free_t old = custom_free.exchange(user_free, std::memory_order_acq_rel);
    return old ? old : halide_default_free;
}
