// The replaceable functions of the task system: each calls the user's function, or else the default one beside it.
#include "HalideRuntime.h"
#include "runtime/common/weak.h"
#include "runtime/cpu/thread_pool.h"

#include <atomic>

namespace {

// A semaphore's first word is its value; the second is not used.
static_assert(sizeof(std::atomic<int64_t>) == sizeof(uint64_t) && std::atomic<int64_t>::is_always_lock_free);

std::atomic<int64_t> &value_of(halide_semaphore_t *semaphore) {
    return *reinterpret_cast<std::atomic<int64_t> *>(&semaphore->_private[0]);
}

std::atomic<halide_do_task_t> custom_do_task{nullptr};
std::atomic<halide_do_loop_task_t> custom_do_loop_task{nullptr};
std::atomic<halide_do_par_for_t> custom_do_par_for{nullptr};
std::atomic<halide_do_parallel_tasks_t> custom_do_parallel_tasks{nullptr};
std::atomic<halide_semaphore_init_t> custom_semaphore_init{nullptr};
std::atomic<halide_semaphore_try_acquire_t> custom_semaphore_try_acquire{nullptr};
std::atomic<halide_semaphore_release_t> custom_semaphore_release{nullptr};

template<typename F>
F chosen(const std::atomic<F> &custom, F otherwise) {
    const F f = custom.load(std::memory_order_acquire);
    return f ? f : otherwise;
}

template<typename F>
F replace(std::atomic<F> &custom, F f, F otherwise) {
    const F old = custom.exchange(f, std::memory_order_acq_rel);
    return old ? old : otherwise;
}

}  // namespace

// ---- The defaults ----

HEDDLE_RUNTIME int halide_default_do_task(void *user_context, halide_task_t task, int index, uint8_t *closure) {
    return task(user_context, index, closure);
}

HEDDLE_RUNTIME int halide_default_do_loop_task(void *user_context, halide_loop_task_t task, int min, int extent,
                                               uint8_t *closure, void *task_parent) {
    return task(user_context, min, extent, closure, task_parent);
}

HEDDLE_RUNTIME int halide_default_do_par_for(void *user_context, halide_task_t task, int min, int size,
                                             uint8_t *closure) {
    return heddle::runtime::pool_par_for(user_context, task, min, size, closure);
}

HEDDLE_RUNTIME int halide_default_do_parallel_tasks(void *user_context, int num_tasks, halide_parallel_task_t *tasks,
                                                    void *task_parent) {
    return heddle::runtime::pool_parallel_tasks(user_context, num_tasks, tasks, task_parent);
}

HEDDLE_RUNTIME int halide_default_semaphore_init(halide_semaphore_t *semaphore, int n) {
    value_of(semaphore).store(n, std::memory_order_release);
    return n;
}

// Sequentially consistent, because pool_semaphore_released then looks whether anyone waits, and a waiter first says that
// it waits and then looks at the value: one of the two sees the other.
HEDDLE_RUNTIME int halide_default_semaphore_release(halide_semaphore_t *semaphore, int n) {
    const int64_t old = value_of(semaphore).fetch_add(n, std::memory_order_seq_cst);
    if (n > 0) {
        heddle::runtime::pool_semaphore_released(n);
    }
    return static_cast<int>(old + n);
}

HEDDLE_RUNTIME bool halide_default_semaphore_try_acquire(halide_semaphore_t *semaphore, int n) {
    if (n <= 0) {
        return true;
    }
    std::atomic<int64_t> &value = value_of(semaphore);
    int64_t now = value.load(std::memory_order_seq_cst);
    while (now >= n) {
        if (value.compare_exchange_weak(now, now - n, std::memory_order_seq_cst)) {
            return true;
        }
    }
    return false;
}

// ---- What kernels call ----

HEDDLE_RUNTIME int halide_do_task(void *user_context, halide_task_t task, int index, uint8_t *closure) {
    return chosen(custom_do_task, halide_default_do_task)(user_context, task, index, closure);
}

HEDDLE_RUNTIME int halide_do_loop_task(void *user_context, halide_loop_task_t task, int min, int extent,
                                       uint8_t *closure, void *task_parent) {
    return chosen(custom_do_loop_task, halide_default_do_loop_task)(user_context, task, min, extent, closure,
                                                                    task_parent);
}

HEDDLE_RUNTIME int halide_do_par_for(void *user_context, halide_task_t task, int min, int size, uint8_t *closure) {
    return chosen(custom_do_par_for, halide_default_do_par_for)(user_context, task, min, size, closure);
}

HEDDLE_RUNTIME int halide_do_parallel_tasks(void *user_context, int num_tasks, halide_parallel_task_t *tasks,
                                            void *task_parent) {
    return chosen(custom_do_parallel_tasks, halide_default_do_parallel_tasks)(user_context, num_tasks, tasks,
                                                                              task_parent);
}

HEDDLE_RUNTIME int halide_semaphore_init(halide_semaphore_t *semaphore, int n) {
    return chosen(custom_semaphore_init, halide_default_semaphore_init)(semaphore, n);
}

HEDDLE_RUNTIME int halide_semaphore_release(halide_semaphore_t *semaphore, int n) {
    return chosen(custom_semaphore_release, halide_default_semaphore_release)(semaphore, n);
}

HEDDLE_RUNTIME bool halide_semaphore_try_acquire(halide_semaphore_t *semaphore, int n) {
    return chosen(custom_semaphore_try_acquire, halide_default_semaphore_try_acquire)(semaphore, n);
}

// ---- Replacing them; null brings the default back ----

HEDDLE_RUNTIME halide_do_task_t halide_set_custom_do_task(halide_do_task_t f) {
    return replace(custom_do_task, f, halide_default_do_task);
}

HEDDLE_RUNTIME halide_do_loop_task_t halide_set_custom_do_loop_task(halide_do_loop_task_t f) {
    return replace(custom_do_loop_task, f, halide_default_do_loop_task);
}

HEDDLE_RUNTIME halide_do_par_for_t halide_set_custom_do_par_for(halide_do_par_for_t f) {
    return replace(custom_do_par_for, f, halide_default_do_par_for);
}

HEDDLE_RUNTIME void halide_set_custom_parallel_runtime(halide_do_par_for_t do_par_for, halide_do_task_t do_task,
                                                       halide_do_loop_task_t do_loop_task,
                                                       halide_do_parallel_tasks_t do_parallel_tasks,
                                                       halide_semaphore_init_t semaphore_init,
                                                       halide_semaphore_try_acquire_t semaphore_try_acquire,
                                                       halide_semaphore_release_t semaphore_release) {
    custom_do_par_for.store(do_par_for, std::memory_order_release);
    custom_do_task.store(do_task, std::memory_order_release);
    custom_do_loop_task.store(do_loop_task, std::memory_order_release);
    custom_do_parallel_tasks.store(do_parallel_tasks, std::memory_order_release);
    custom_semaphore_init.store(semaphore_init, std::memory_order_release);
    custom_semaphore_try_acquire.store(semaphore_try_acquire, std::memory_order_release);
    custom_semaphore_release.store(semaphore_release, std::memory_order_release);
}
