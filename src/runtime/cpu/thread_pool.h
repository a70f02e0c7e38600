// The default thread pool: what halide_default_do_par_for and halide_default_do_parallel_tasks run on.
#pragma once

#include "HalideRuntime.h"

namespace heddle::runtime {

// Run task(min) … task(min + size - 1) through halide_do_task on the caller and the pool; returns when all are done.
// The result is 0, or what the first failing task returned; tasks not begun by then are left out.
int pool_par_for(void *user_context, halide_task_t task, int min, int size, uint8_t *closure);

// Run tasks that may wait for one another through semaphores; returns when all are done. The result is as above, and a
// failure also releases the tasks that wait for semaphores which will not be signalled any more.
int pool_parallel_tasks(void *user_context, int num_tasks, halide_parallel_task_t *tasks,
                                                void *task_parent);

// To be called after a semaphore's value has grown by n.
void pool_semaphore_released(int n);

// How many threads to use when nobody has said: HL_NUM_THREADS, else the processors that this process may use, of
// which a container may have been granted fewer than the machine has.
int default_thread_count();

// The processors that this process may use.
int usable_processors();

inline void cpu_relax() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield" ::: "memory");
#endif
}

}  // namespace heddle::runtime
