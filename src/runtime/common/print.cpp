// halide_print and halide_error: the two ways in which a kernel talks to its program.
#include "HalideRuntime.h"
#include "runtime/common/text.h"
#include "runtime/common/weak.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace {

std::atomic<halide_print_t> custom_print{nullptr};
std::atomic<halide_error_handler_t> custom_error{nullptr};

}  // namespace

// One write per message, so that messages of several threads do not mix.
HEDDLE_RUNTIME void halide_default_print(void *, const char *text) {
    size_t left = strlen(text);
    while (left > 0) {
        const ssize_t written = write(STDERR_FILENO, text, left);
        if (written < 0) {
            if (errno == EINTR || errno == EAGAIN) {
                continue;
            }
            return;
        }
        text += written;
        left -= static_cast<size_t>(written);
    }
}

HEDDLE_RUNTIME void halide_print(void *user_context, const char *text) {
    const halide_print_t custom = custom_print.load(std::memory_order_acquire);
    (custom ? custom : halide_default_print)(user_context, text);
}

HEDDLE_RUNTIME halide_print_t halide_set_custom_print(halide_print_t print) {
    const halide_print_t old = custom_print.exchange(print, std::memory_order_acq_rel);
    return old ? old : halide_default_print;
}

// As in Halide, the default handler ends the program: a caller that wants to go on sets a handler, and then gets the
// error code as the kernel's return value.
HEDDLE_RUNTIME_COLD void halide_default_error(void *user_context, const char *message) {
    {
        heddle::runtime::Text text;
        text << "Error: " << message;
        const uint64_t size = text.size();
        if (text.c_str()[size - 1] != '\n') {
            text << "\n";
        }
        halide_print(user_context, text.c_str());
    }
    abort();
}

HEDDLE_RUNTIME_COLD void halide_error(void *user_context, const char *message) {
    const halide_error_handler_t custom = custom_error.load(std::memory_order_acquire);
    (custom ? custom : halide_default_error)(user_context, message);
}

HEDDLE_RUNTIME halide_error_handler_t halide_set_error_handler(halide_error_handler_t handler) {
    const halide_error_handler_t old = custom_error.exchange(handler, std::memory_order_acq_rel);
    return old ? old : halide_default_error;
}
