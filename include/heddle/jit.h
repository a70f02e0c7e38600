#pragma once
// What a program can replace when it runs pipelines in its own process: printing, errors, memory,
// threads, tracing. Handlers belong to a Pipeline, or to one call through a JITUserContext.

#include <cstddef>
#include <cstdint>

#include "HalideRuntime.h"

namespace heddle {

struct JITUserContext;

/** Null: what the runtime does by itself. */
struct JITHandlers {
    void (*custom_print)(JITUserContext *, const char *) = nullptr;
    /** Memory is to be aligned to 128 bytes. */
    void *(*custom_malloc)(JITUserContext *, size_t) = nullptr;
    void (*custom_free)(JITUserContext *, void *) = nullptr;
    /** Runs one iteration of a parallel loop: f(context, index, closure). */
    int (*custom_do_task)(JITUserContext *, int (*f)(JITUserContext *, int, uint8_t *), int, uint8_t *) = nullptr;
    /** Runs a whole parallel loop: f for min ... min + extent - 1. */
    int (*custom_do_par_for)(JITUserContext *, int (*f)(JITUserContext *, int, uint8_t *), int, int,
                             uint8_t *) = nullptr;
    /** Gets the message of a failing run; nothing is thrown then. */
    void (*custom_error)(JITUserContext *, const char *) = nullptr;
    int32_t (*custom_trace)(JITUserContext *, const halide_trace_event_t *) = nullptr;
    void *(*custom_get_symbol)(const char *name) = nullptr;
    void *(*custom_load_library)(const char *name) = nullptr;
    void *(*custom_get_library_symbol)(void *library, const char *name) = nullptr;
    int32_t (*custom_cuda_acquire_context)(JITUserContext *, void **context, bool create) = nullptr;
    int32_t (*custom_cuda_release_context)(JITUserContext *) = nullptr;
    int32_t (*custom_cuda_get_stream)(JITUserContext *, void *context, void **stream) = nullptr;
};

namespace Internal {
struct JITErrorBuffer;
}

/** Passed to realize and to Callables, and on to the handlers. Derive from it to carry state. */
struct JITUserContext {
    Internal::JITErrorBuffer *error_buffer = nullptr;  ///< in use while a call runs
    JITHandlers handlers;
};

}  // namespace heddle
