#include "interpret/tasks.h"

#include <algorithm>
#include <thread>

#include "heddle/error.h"

namespace heddle::Internal {

bool Tasks::cancelled(const Task &t) {
    for (const Fork *f = t.fork; f; f = f->parent->fork) {
        if (f->failure) return true;
    }
    return false;
}

// Under the lock, by the thread whose turn it is.
void Tasks::choose_next() {
    std::vector<Task *> able;
    for (Task *t : alive_) {
        // One that waits for the tasks that it forked does so even when it is cancelled: they end by themselves.
        const bool waits_for_fork = std::any_of(alive_.begin(), alive_.end(),
                                                [&](const Task *o) { return o->fork && o->fork->parent == t; });
        if (t->ready() || (cancelled(*t) && !waits_for_fork)) able.push_back(t);
    }
    stuck_ = able.empty();
    if (stuck_) {
        // Those without tasks of their own end with an error; the others follow when these have ended.
        able.push_back(alive_.front());
    }
    size_t i = 0;
    if (order_ == InterpretOptions::Order::Reverse) i = able.size() - 1;
    if (order_ == InterpretOptions::Order::Shuffled) {
        random_ = random_ * 6364136223846793005ull + 1442695040888963407ull;
        i = (random_ >> 33) % able.size();
    }
    current_ = able[i];
    turn_.notify_all();
}

void Tasks::wait_until(const std::function<bool()> &ready) {
    std::unique_lock<std::mutex> lock(mutex_);
    Task *const me = current_;
    if (cancelled(*me)) throw Cancelled();
    if (order_ != InterpretOptions::Order::Shuffled && ready()) return;
    me->ready = ready;
    choose_next();
    turn_.wait(lock, [&] { return current_ == me; });
    if (cancelled(*me)) throw Cancelled();
    if (std::exchange(stuck_, false)) throw InternalError("all tasks wait for one another");
}

void Tasks::run(Task &me, const std::function<void()> &task) {
    std::unique_lock<std::mutex> lock(mutex_);
    turn_.wait(lock, [&] { return current_ == &me; });
    std::exception_ptr failure;
    if (!cancelled(me)) {
        lock.unlock();
        try {
            task();
        } catch (const Cancelled &) {
        } catch (...) {
            failure = std::current_exception();
        }
        lock.lock();
    }
    if (!me.fork->failure) me.fork->failure = failure;
    me.fork->left--;
    alive_.remove(&me);
    choose_next();
}

void Tasks::fork(const std::vector<std::function<void()>> &tasks) {
    Fork fork;
    std::vector<Task> children(tasks.size());
    std::vector<std::thread> threads;
    {
        std::unique_lock<std::mutex> lock(mutex_);
        Task *const me = current_;
        fork.parent = me;
        fork.left = tasks.size();
        const auto here = std::find(alive_.begin(), alive_.end(), me);
        for (Task &t : children) {
            t.fork = &fork;
            t.ready = [] { return true; };
            alive_.insert(here, &t);
        }
        for (size_t i = 0; i < tasks.size(); i++) {
            threads.emplace_back([this, &children, &tasks, i] { run(children[i], tasks[i]); });
        }
        me->ready = [&fork] { return fork.left == 0; };
        choose_next();
        turn_.wait(lock, [&] { return current_ == me; });
    }
    for (std::thread &t : threads) t.join();
    if (fork.failure) std::rethrow_exception(fork.failure);
    if (cancelled(*fork.parent)) throw Cancelled();
}

}  // namespace heddle::Internal
