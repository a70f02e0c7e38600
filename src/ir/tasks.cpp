#include "ir/tasks.h"

#include <algorithm>

#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

namespace {

// Threads that may have to sleep at the same time while s runs.
int threads_held(const Stmt &s) {
    int most = 0;
    walk(
        s,
        [&](const Fork &n) {
            int sum = 0;
            for (const Stmt &task : n.tasks) sum += std::max(threads_held(task), 1);
            most = std::max(most, sum);
        },
        [&](const Acquire &n) { most = std::max(most, std::max(threads_held(n.body), 1)); });
    return most;
}

// Neither memory nor an effect: it may be computed before the task begins.
bool moves_freely(const Expr &e) {
    bool result = true;
    walk_graph(
        e, [&](const Load &) { result = false; }, [&](const Access &) { result = false; },
        [&](const Call &c) { result &= is_pure(c.op); });
    return result;
}

// The Acquires that s begins with, outermost first, and what is inside.
Stmt take_semaphores(Stmt s, std::vector<RuntimeTask::Need> &semaphores) {
    while (const Acquire *a = s.as<Acquire>()) {
        semaphores.push_back({a->semaphore, a->count});
        s = Stmt(a->body);
    }
    return s;
}

RuntimeTask task_of(const Stmt &s) {
    RuntimeTask t;
    Stmt inner = s;
    for (const LetStmt *l = inner.as<LetStmt>(); l && moves_freely(l->value); l = inner.as<LetStmt>()) {
        t.lets.emplace_back(l->symbol, l->value);
        inner = Stmt(l->body);
    }
    const For *loop = inner.as<For>();
    if (loop && loop->for_type == ForType::Serial && loop->min.type() == Int(32) && loop->body.as<Acquire>()) {
        t.body = take_semaphores(loop->body, t.semaphores);
        const bool same_for_all = std::none_of(t.semaphores.begin(), t.semaphores.end(), [&](const auto &need) {
            return uses(need.semaphore, loop->loop) || uses(need.count, loop->loop) || !moves_freely(need.count);
        });
        if (same_for_all) {
            t.loop = loop->loop;
            t.min = loop->min;
            t.extent = loop->extent;
            t.serial = true;
            t.min_threads = std::max(threads_held(t.body), 1);
            return t;
        }
        t.semaphores.clear();
    }
    t.min = make_zero(Int(32));
    t.extent = make_one(Int(32));
    t.body = take_semaphores(inner, t.semaphores);
    t.min_threads = std::max(threads_held(t.body), 1);
    return t;
}

}  // namespace

std::vector<RuntimeTask> runtime_tasks(const Stmt &s) {
    std::vector<RuntimeTask> tasks;
    if (const Fork *f = s.as<Fork>()) {
        for (const Stmt &task : f->tasks) tasks.push_back(task_of(task));
    } else {
        HEDDLE_ASSERT(s.as<Acquire>());
        tasks.push_back(task_of(s));
    }
    return tasks;
}

Stmt counted_in_int32(const For &parallel) {
    const Type t = parallel.min.type();
    const Symbol first = Symbol::fresh(parallel.loop.name() + ".first"), count = Symbol::fresh(parallel.loop.name() + ".count");
    const Symbol step = Symbol::fresh(parallel.loop.name() + ".step");
    const Expr extent = Variable::make(t, count);
    const Expr value = Add::make(Variable::make(t, first), Cast::make(t, Variable::make(Int(32), step)));
    const Expr too_long = Call::make(Int(32), CallOp::extern_c,
                                     {Call::make(Handle(), CallOp::user_context, {}),
                                      StringImm::make("at most 2147483647 iterations of the parallel loop " + parallel.loop.name()),
                                      StringImm::make("a parallel loop is too long")},
                                     "halide_error_requirement_failed");
    const Expr iterations = Cast::make(Int(32), Max::make(extent, make_zero(t)));
    const Stmt loop = For::make(step, make_zero(Int(32)), iterations, ForType::Parallel, parallel.partition,
                                LetStmt::make(parallel.loop, value, parallel.body));
    const Stmt checked = Block::make({Assert::make(LE::make(extent, make_const(t, int64_t{2147483647})), too_long), loop});
    return LetStmt::make(first, parallel.min, LetStmt::make(count, parallel.extent, checked));
}

}  // namespace heddle::Internal
