#include "support/large_stack.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstdlib>
#include <exception>
#include <unistd.h>

namespace heddle {

namespace {

constexpr size_t not_set = SIZE_MAX;
std::atomic<size_t> stack_size{not_set};

}  // namespace

void set_compiler_stack_size(size_t bytes) {
    stack_size = bytes;
}

size_t get_compiler_stack_size() {
    const size_t set = stack_size;
    if (set != not_set) return set;
    const char *text = std::getenv("HL_COMPILER_STACK_SIZE");
    if (!text || !*text) return default_compiler_stack_size;
    char *end = nullptr;
    const unsigned long long bytes = std::strtoull(text, &end, 10);
    return *end ? default_compiler_stack_size : static_cast<size_t>(bytes);
}

namespace Internal {

namespace {

// A thread, not a switched context: debuggers, profilers and sanitizers know its stack.
thread_local bool on_large_stack = false;

struct Work {
    const std::function<void()> &action;
    std::exception_ptr thrown;

    static void *run(void *work) {
        auto &w = *static_cast<Work *>(work);
        on_large_stack = true;
        try {
            w.action();
        } catch (...) {
            w.thrown = std::current_exception();
        }
        return nullptr;
    }
};

}  // namespace

void run_with_large_stack(const std::function<void()> &action) {
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t bytes = get_compiler_stack_size();
    pthread_attr_t attributes;
    if (on_large_stack || bytes == 0 || pthread_attr_init(&attributes)) return action();
    const size_t whole_pages = (std::max<size_t>(bytes, PTHREAD_STACK_MIN) + page - 1) / page * page;
    Work work{action, nullptr};
    pthread_t thread;
    const bool runs = !pthread_attr_setstacksize(&attributes, whole_pages) && !pthread_create(&thread, &attributes, Work::run, &work);
    pthread_attr_destroy(&attributes);
    if (!runs) return action();
    pthread_join(thread, nullptr);
    if (work.thrown) std::rethrow_exception(work.thrown);
}

}  // namespace Internal
}  // namespace heddle
