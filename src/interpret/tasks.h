#pragma once
// The tasks of Fork as the interpreter runs them: each on a thread of its own, but one at a time. A task goes on
// until it ends or has to wait; who is next is decided by the order asked for and nothing else, so that a run can
// be repeated. Nobody being able to go on is an InternalError, not a hang.

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <mutex>
#include <vector>

#include "interpret/interpreter.h"

namespace heddle::Internal {

class Tasks {
public:
    Tasks(InterpretOptions::Order order, uint64_t seed)
        : order_(order), random_(seed * 2 + 1) {
    }

    /** Runs the tasks; returns when all have ended. Rethrows what the first one that failed threw. */
    void fork(const std::vector<std::function<void()>> &tasks);

    /** Lets other tasks run until `ready` holds; with Order::Shuffled now and then even if it does. Ends the
        task (by an exception that is not for catching) when a task beside it or around it has failed. */
    void wait_until(const std::function<bool()> &ready);

private:
    struct Fork;
    struct Task {
        Fork *fork = nullptr;  ///< null: the kernel itself
        std::function<bool()> ready;
    };
    struct Fork {
        Task *parent = nullptr;
        size_t left = 0;
        std::exception_ptr failure;
    };
    struct Cancelled {};

    static bool cancelled(const Task &t);
    void choose_next();
    void run(Task &me, const std::function<void()> &task);

    InterpretOptions::Order order_;
    uint64_t random_;
    std::mutex mutex_;
    std::condition_variable turn_;
    Task kernel_;
    std::list<Task *> alive_{&kernel_};  ///< the tasks of a fork before the task that waits for them
    Task *current_ = &kernel_;
    bool stuck_ = false;
};

}  // namespace heddle::Internal
