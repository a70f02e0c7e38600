#pragma once
// How a call of JIT-compiled code finds its JITUserContext: the handlers of one call, and the message of
// an error. Code that was compiled ahead of time and runs in the same process is left alone.

#include <mutex>
#include <string>

#include "codegen/llvm/codegen.h"
#include "heddle/jit.h"

namespace heddle::Internal {

/** Collects the messages of the errors of one call; parallel iterations may report at once. */
struct JITErrorBuffer {
    std::mutex mutex;
    std::string text;
    void append(const char *message);
};

/** What JIT code is linked with in place of the runtime's functions, so that handlers of the context take
    effect: halide_malloc, halide_free, halide_print, halide_error, halide_do_par_for, ... */
ExternMap jit_runtime_functions();

/** For as long as it lives, a call of JIT code with this context may run. */
class JITCall {
public:
    /** `context` may be null: then one is made. Handlers that it leaves null come from `defaults`. */
    JITCall(JITUserContext *context, const JITHandlers &defaults);
    ~JITCall();
    JITCall(const JITCall &) = delete;
    JITCall &operator=(const JITCall &) = delete;

    JITUserContext *context() {
        return context_;
    }
    /** What the call returned: 0 is fine; an error is thrown as a RuntimeError, unless a custom handler got
        it. Returns status. */
    int finish(int status);

private:
    JITUserContext own_;
    JITUserContext *context_;
    JITHandlers saved_;
    JITErrorBuffer *saved_buffer_;
    JITErrorBuffer errors_;
};

}  // namespace heddle::Internal
