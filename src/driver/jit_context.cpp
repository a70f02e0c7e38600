#include "driver/jit_context.h"

#include <atomic>
#include <shared_mutex>
#include <unordered_map>

#include "HalideRuntime.h"
#include "heddle/error.h"

namespace heddle::Internal {

void JITErrorBuffer::append(const char *message) {
    std::lock_guard lock(mutex);
    if (!text.empty() && text.back() != '\n') text += '\n';
    text += message;
}

namespace {

// The contexts of calls that run now. The runtime's own functions report errors through hooks that serve
// the whole process; a user context that is not in here belongs to code that we did not compile here.
class ActiveContexts {
public:
    void add(void *context) {
        std::unique_lock lock(mutex_);
        count_[context]++;
    }
    void remove(void *context) {
        std::unique_lock lock(mutex_);
        if (--count_[context] == 0) count_.erase(context);
    }
    JITUserContext *find(void *context) const {
        std::shared_lock lock(mutex_);
        return count_.count(context) ? static_cast<JITUserContext *>(context) : nullptr;
    }

private:
    mutable std::shared_mutex mutex_;
    std::unordered_map<void *, int> count_;
};

ActiveContexts &active() {
    static auto *contexts = new ActiveContexts;  // outlives every thread
    return *contexts;
}

std::atomic<halide_error_handler_t> previous_error{nullptr};
std::atomic<halide_trace_t> previous_trace{nullptr};
std::atomic<halide_print_t> previous_print{nullptr};

void report(JITUserContext *c, const char *message) {
    if (c->handlers.custom_error) {
        c->handlers.custom_error(c, message);
    } else if (c->error_buffer) {
        c->error_buffer->append(message);
    }
}

void on_error(void *context, const char *message) {
    if (JITUserContext *c = active().find(context)) {
        report(c, message);
    } else if (auto *otherwise = previous_error.load()) {
        otherwise(context, message);
    }
}

int32_t on_trace(void *context, const halide_trace_event_t *event) {
    JITUserContext *c = active().find(context);
    if (c && c->handlers.custom_trace) return c->handlers.custom_trace(c, event);
    auto *otherwise = previous_trace.load();  // null while another thread is between the two steps of install_hooks
    return otherwise ? otherwise(context, event) : 0;
}

void on_print(void *context, const char *text) {
    JITUserContext *c = active().find(context);
    if (c && c->handlers.custom_print) return c->handlers.custom_print(c, text);
    if (auto *otherwise = previous_print.load()) otherwise(context, text);
}

void install_hooks(bool with_trace, bool with_print) {
    if (auto *old = halide_set_error_handler(&on_error); old != &on_error) previous_error = old;
    if (with_print) {
        if (auto *old = halide_set_custom_print(&on_print); old != &on_print) previous_print = old;
    }
    if (!with_trace) return;
    if (auto *old = halide_set_custom_trace(&on_trace); old != &on_trace) previous_trace = old;
}

// --- What JIT code calls. Its user context is a JITUserContext always.

JITUserContext *as_context(void *context) {
    return static_cast<JITUserContext *>(context);
}

void jit_error(void *context, const char *message) {
    report(as_context(context), message);
}

void jit_print(void *context, const char *text) {
    JITUserContext *c = as_context(context);
    c->handlers.custom_print ? c->handlers.custom_print(c, text) : halide_print(context, text);
}

void *jit_malloc(void *context, size_t bytes) {
    JITUserContext *c = as_context(context);
    return c->handlers.custom_malloc ? c->handlers.custom_malloc(c, bytes) : halide_malloc(context, bytes);
}

void jit_free(void *context, void *p) {
    JITUserContext *c = as_context(context);
    c->handlers.custom_free ? c->handlers.custom_free(c, p) : halide_free(context, p);
}

using JITTask = int (*)(JITUserContext *, int, uint8_t *);

struct TaskClosure {
    JITTask task;
    uint8_t *closure;
};

int run_custom_task(void *context, int index, uint8_t *closure) {
    JITUserContext *c = as_context(context);
    const auto *t = reinterpret_cast<const TaskClosure *>(closure);
    return c->handlers.custom_do_task(c, t->task, index, t->closure);
}

int jit_do_par_for(void *context, halide_task_t task, int min, int extent, uint8_t *closure) {
    JITUserContext *c = as_context(context);
    const auto jit_task = reinterpret_cast<JITTask>(task);
    if (c->handlers.custom_do_par_for) return c->handlers.custom_do_par_for(c, jit_task, min, extent, closure);
    if (!c->handlers.custom_do_task) return halide_do_par_for(context, task, min, extent, closure);
    TaskClosure wrapped{jit_task, closure};
    return halide_do_par_for(context, &run_custom_task, min, extent, reinterpret_cast<uint8_t *>(&wrapped));
}

template<typename F>
void take(F &handler, F by_default) {
    if (!handler) handler = by_default;
}

}  // namespace

ExternMap jit_runtime_functions() {
    return {
        {"halide_error", reinterpret_cast<void *>(&jit_error)},
        {"halide_print", reinterpret_cast<void *>(&jit_print)},
        {"halide_malloc", reinterpret_cast<void *>(&jit_malloc)},
        {"halide_free", reinterpret_cast<void *>(&jit_free)},
        {"halide_do_par_for", reinterpret_cast<void *>(&jit_do_par_for)},
    };
}

JITCall::JITCall(JITUserContext *context, const JITHandlers &defaults)
    : context_(context ? context : &own_), saved_(context_->handlers), saved_buffer_(context_->error_buffer) {
    JITHandlers &h = context_->handlers;
    take(h.custom_print, defaults.custom_print);
    take(h.custom_malloc, defaults.custom_malloc);
    take(h.custom_free, defaults.custom_free);
    take(h.custom_do_task, defaults.custom_do_task);
    take(h.custom_do_par_for, defaults.custom_do_par_for);
    take(h.custom_error, defaults.custom_error);
    take(h.custom_trace, defaults.custom_trace);
    context_->error_buffer = &errors_;
    install_hooks(h.custom_trace != nullptr, h.custom_print != nullptr);
    active().add(context_);
}

JITCall::~JITCall() {
    active().remove(context_);
    context_->handlers = saved_;
    context_->error_buffer = saved_buffer_;
}

int JITCall::finish(int status) {
    if (status == 0 || context_->handlers.custom_error) return status;
    Diagnostic d;
    d.code = 270;
    d.message = errors_.text.empty() ? "the pipeline failed with error code " + std::to_string(status) : errors_.text;
    while (!d.message.empty() && d.message.back() == '\n') d.message.pop_back();
    throw RuntimeError(std::move(d));
}

}  // namespace heddle::Internal
