// Shared libraries and symbols at run time: how device runtimes find their drivers.
#include "HalideRuntime.h"
#include "runtime/common/weak.h"

#include <atomic>
#include <dlfcn.h>

namespace {

std::atomic<halide_get_symbol_t> custom_get_symbol{nullptr};
std::atomic<halide_load_library_t> custom_load_library{nullptr};
std::atomic<halide_get_library_symbol_t> custom_get_library_symbol{nullptr};

}  // namespace

HEDDLE_RUNTIME void *halide_default_get_symbol(const char *name) {
    return dlsym(RTLD_DEFAULT, name);
}

HEDDLE_RUNTIME void *halide_default_load_library(const char *name) {
    void *library = dlopen(name, RTLD_LAZY);
    dlerror();  // an absent library is an answer, not an error to be found by someone later
    return library;
}

HEDDLE_RUNTIME void *halide_default_get_library_symbol(void *library, const char *name) {
    return dlsym(library, name);
}

HEDDLE_RUNTIME void *halide_get_symbol(const char *name) {
    const halide_get_symbol_t custom = custom_get_symbol.load(std::memory_order_acquire);
    return (custom ? custom : halide_default_get_symbol)(name);
}

HEDDLE_RUNTIME void *halide_load_library(const char *name) {
    const halide_load_library_t custom = custom_load_library.load(std::memory_order_acquire);
    return (custom ? custom : halide_default_load_library)(name);
}

HEDDLE_RUNTIME void *halide_get_library_symbol(void *library, const char *name) {
    const halide_get_library_symbol_t custom = custom_get_library_symbol.load(std::memory_order_acquire);
    return (custom ? custom : halide_default_get_library_symbol)(library, name);
}

HEDDLE_RUNTIME halide_get_symbol_t halide_set_custom_get_symbol(halide_get_symbol_t f) {
    const halide_get_symbol_t old = custom_get_symbol.exchange(f, std::memory_order_acq_rel);
    return old ? old : halide_default_get_symbol;
}

HEDDLE_RUNTIME halide_load_library_t halide_set_custom_load_library(halide_load_library_t f) {
    const halide_load_library_t old = custom_load_library.exchange(f, std::memory_order_acq_rel);
    return old ? old : halide_default_load_library;
}

HEDDLE_RUNTIME halide_get_library_symbol_t halide_set_custom_get_library_symbol(halide_get_library_symbol_t f) {
    const halide_get_library_symbol_t old = custom_get_library_symbol.exchange(f, std::memory_order_acq_rel);
    return old ? old : halide_default_get_library_symbol;
}
