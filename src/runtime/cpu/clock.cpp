// The monotonic clock of print-and-profile users, and sleeping.
#include "runtime/common/internal_abi.h"
#include "runtime/common/weak.h"

#include <atomic>
#include <cerrno>
#include <ctime>

namespace {

std::atomic<int64_t> origin{0};  // 0: not fixed yet

int64_t now_ns() {
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return int64_t(t.tv_sec) * 1000000000 + t.tv_nsec;
}

}  // namespace

HEDDLE_RUNTIME int halide_start_clock(void *) {
    int64_t unset = 0;
    origin.compare_exchange_strong(unset, now_ns(), std::memory_order_relaxed);
    return 0;
}

HEDDLE_RUNTIME int64_t halide_current_time_ns(void *user_context) {
    halide_start_clock(user_context);
    return now_ns() - origin.load(std::memory_order_relaxed);
}

HEDDLE_RUNTIME void halide_sleep_us(void *, int64_t microseconds) {
    if (microseconds <= 0) {
        return;
    }
    timespec left;
    left.tv_sec = static_cast<time_t>(microseconds / 1000000);
    left.tv_nsec = static_cast<long>(microseconds % 1000000 * 1000);
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}
