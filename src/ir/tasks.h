#pragma once
// Fork and Acquire as code generators emit them: tasks for the runtime's halide_do_parallel_tasks.

#include <string>
#include <utility>
#include <vector>

#include "ir/nodes.h"

namespace heddle::Internal {

struct RuntimeTask {
    /** Values to be bound before the task is made, in order. */
    std::vector<std::pair<Symbol, Expr>> lets;
    struct Need {
        Expr semaphore, count;
    };
    std::vector<Need> semaphores;  ///< taken before each iteration begins
    Symbol loop;                   ///< undefined: the body runs once
    Expr min, extent;              ///< int32; 0 and 1 without a loop
    Stmt body;
    int min_threads = 1;  ///< that may be held up in it at the same time, at most
    bool serial = false;  ///< one iteration after the other
};

/** The tasks of a Fork; of an Acquire, its body as the only task, so that waiting is the scheduler's affair. A
    serial loop whose iterations begin with an Acquire becomes a task per iteration: no thread waits in it. */
std::vector<RuntimeTask> runtime_tasks(const Stmt &fork_or_acquire);

/** A parallel loop over int64 as one over int32, which is what the runtime counts in: it starts at 0, and what is too long
    is refused when it runs (halide_error_requirement_failed). */
Stmt counted_in_int32(const For &parallel);

}  // namespace heddle::Internal
