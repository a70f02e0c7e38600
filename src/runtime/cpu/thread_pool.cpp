// The default thread pool.
//
// A call of do_par_for or do_parallel_tasks is a Group of Jobs (loops), both on the stack of the caller, its owner. Jobs
// wait in one queue, newest first. Workers take any job; an owner that waits helps, but only with jobs that descend from
// its own group: then everything below on its stack is an ancestor of what it runs, so a job that blocks can never wait
// for something that sits frozen further down on the same stack.
//
// A plain loop is joined once, under the lock, and its iterations are then claimed from an atomic counter; the lock is
// taken again only to leave. An iteration of a job with semaphores is claimed under the lock, after its semaphores.
//
// Deadlock. A thread that sleeps while it waits for its group is of no use to others. With semaphores about, the job that
// would wake it may still be in the queue. So, while any job with semaphores is alive, each sleeping owner entitles the
// pool to one more worker, and an owner about to sleep while jobs are queued wakes or starts one. At most the number of
// threads asked for is awake; halide_parallel_task_t::min_threads, a static estimate for the same purpose, is not needed.
//
// Latency. An idle worker or owner first spins on a counter that every change of the queue increments, then sleeps.
// Waking is one signal per thread that can get work.
//
// All state is constant-initialized and has no destructor. At exit, idle workers are joined (the library may be about to
// be unmapped); a pool in use is left alone.
#include "runtime/cpu/thread_pool.h"

#include "runtime/common/weak.h"

#include <atomic>
#include <cstdlib>
#include <new>
#include <pthread.h>

namespace heddle::runtime {

namespace {

struct Group {
    Group *parent;                 // the group that the owner was working for, or null
    std::atomic<int> status{0};    // the first failure
    std::atomic<bool> done{false};  // set as the very last access: the owner may return at once
    int jobs_left = 0;             // everything below: under the lock
    bool owner_sleeps = false;
    Group *next_sleeping = nullptr;
    pthread_cond_t wake_owner = PTHREAD_COND_INITIALIZER;

    explicit Group(Group *p) : parent(p) {}
};

struct Job {
    Group *group = nullptr;
    void *user_context = nullptr;
    halide_task_t task = nullptr;            // either this one,
    halide_loop_task_t loop_task = nullptr;  // or this one
    uint8_t *closure = nullptr;
    halide_semaphore_acquire_t *semaphores = nullptr;
    int num_semaphores = 0;
    bool serial = false;
    std::atomic<int64_t> next{0};  // the first iteration that nobody has claimed
    int64_t end = 0;
    // Under the lock:
    int next_semaphore = 0;  // those before it have been acquired for the iteration `next`
    int active = 0;          // threads inside
    bool queued = false;
    Job *queue_next = nullptr, *queue_prev = nullptr;
};

struct Worker {
    pthread_t thread;
    uint64_t generation;
    Worker *next;
};

struct Pool {
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t wake_worker = PTHREAD_COND_INITIALIZER;
    std::atomic<uint32_t> changes{0};          // of the queue
    std::atomic<int> jobs_with_semaphores{0};  // queued or running
    // Under the lock:
    Job *queue = nullptr;
    Group *sleeping = nullptr;
    int sleeping_owners = 0;
    int desired = 0;  // threads asked for, an owner included; 0: not known yet
    int spin_limit = 0;
    int workers = 0, working = 0, idle = 0, spinning = 0;
    uint64_t generation = 0;  // workers of an older one leave
    Worker *all = nullptr;
    bool fork_handled = false;
};

constinit Pool pool;
constinit thread_local Group *current_group = nullptr;  // what this thread works for

// About 20 to 40 microseconds of pauses, several times what waking a sleeper takes.
constexpr int spins = 1000;

void know_desired() {
    if (pool.desired == 0) {
        pool.desired = default_thread_count();
    }
    // Spinning on more threads than processors steals the processor from the thread that is waited for.
    pool.spin_limit = pool.desired <= usable_processors() ? spins : 0;
}

bool semaphores_alive() {
    return pool.jobs_with_semaphores.load(std::memory_order_seq_cst) > 0;
}

int worker_limit() {
    return pool.desired - 1 + (semaphores_alive() ? pool.sleeping_owners : 0);
}

// ---- The queue. All of it under the lock. ----

void enqueue(Job *job) {
    job->queued = true;
    job->queue_prev = nullptr;
    job->queue_next = pool.queue;
    if (pool.queue) {
        pool.queue->queue_prev = job;
    }
    pool.queue = job;
}

void dequeue(Job *job) {
    if (job->queued) {
        (job->queue_prev ? job->queue_prev->queue_next : pool.queue) = job->queue_next;
        if (job->queue_next) {
            job->queue_next->queue_prev = job->queue_prev;
        }
        job->queued = false;
    }
}

// To be called when a job may have become complete; neither it nor its group may be touched afterwards.
void leave(Job *job) {
    if (job->queued || job->active > 0) {
        return;
    }
    if (job->num_semaphores > 0) {
        pool.jobs_with_semaphores.fetch_sub(1, std::memory_order_seq_cst);
    }
    Group *group = job->group;
    if (--group->jobs_left == 0) {
        if (group->owner_sleeps) {
            pthread_cond_signal(&group->wake_owner);
        }
        group->done.store(true, std::memory_order_release);
    }
}

bool descends(const Group *group, const Group *from) {
    while (group && group != from) {
        group = group->parent;
    }
    return group != nullptr;
}

int failure_of(const Group *group) {
    for (; group; group = group->parent) {
        if (const int status = group->status.load(std::memory_order_relaxed)) {
            return status;
        }
    }
    return 0;
}

void set_failure(Group *group, int status) {
    int none = 0;
    group->status.compare_exchange_strong(none, status, std::memory_order_relaxed);
}

bool acquire_semaphores(Job *job) {
    for (; job->next_semaphore < job->num_semaphores; job->next_semaphore++) {
        const halide_semaphore_acquire_t &wanted = job->semaphores[job->next_semaphore];
        if (!halide_semaphore_try_acquire(wanted.semaphore, wanted.count)) {
            return false;
        }
    }
    return true;
}

// True when an iteration may start now; its semaphores are acquired then.
bool startable(Job *job) {
    return job->queued && !(job->serial && job->active > 0) && acquire_semaphores(job);
}

// The first job that can run now, among the descendants of a group (null: of all). Drops jobs whose group has failed.
Job *find_job(const Group *within) {
    for (Job *job = pool.queue; job;) {
        Job *next = job->queue_next;
        if (!within || descends(job->group, within)) {
            if (const int status = failure_of(job->group)) {
                set_failure(job->group, status);
                dequeue(job);
                leave(job);
            } else if (startable(job)) {
                return job;
            }
        }
        job = next;
    }
    return nullptr;
}

// ---- Waking and starting threads. Under the lock. ----

void *worker_main(void *argument);

bool start_worker() {
    Worker *worker = static_cast<Worker *>(malloc(sizeof(Worker)));
    if (!worker) {
        return false;
    }
    if (!pool.fork_handled) {
        // The child of a fork has none of the threads; it starts its own.
        pool.fork_handled = true;
        pthread_atfork([] { pthread_mutex_lock(&pool.lock); }, [] { pthread_mutex_unlock(&pool.lock); },
                       [] {
                           pthread_mutex_unlock(&pool.lock);
                           pool.wake_worker = PTHREAD_COND_INITIALIZER;
                           pool.queue = nullptr;
                           pool.sleeping = nullptr;
                           pool.jobs_with_semaphores.store(0);
                           pool.sleeping_owners = 0;
                           pool.workers = pool.working = pool.idle = pool.spinning = 0;
                           pool.all = nullptr;
                       });
    }
    worker->generation = pool.generation;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    size_t stack = 0;
    constexpr size_t stack_wanted = size_t(8) << 20;  // kernels keep small allocations on the stack
    if (pthread_attr_getstacksize(&attributes, &stack) == 0 && stack < stack_wanted) {
        pthread_attr_setstacksize(&attributes, stack_wanted);
    }
    const int failed = pthread_create(&worker->thread, &attributes, worker_main, worker);
    pthread_attr_destroy(&attributes);
    if (failed) {
        free(worker);
        return false;
    }
    worker->next = pool.all;
    pool.all = worker;
    pool.workers++;
    return true;
}

// Let up to `wanted` more threads look at the queue: those that spin see the change, then sleepers, then new ones.
void call_workers(int64_t wanted) {
    pool.changes.fetch_add(1, std::memory_order_release);
    wanted -= pool.spinning;
    if (wanted >= pool.idle && pool.idle > 0) {
        pthread_cond_broadcast(&pool.wake_worker);
    } else {
        for (int64_t i = 0; i < wanted && i < pool.idle; i++) {
            pthread_cond_signal(&pool.wake_worker);
        }
    }
    for (wanted -= pool.idle; wanted > 0 && pool.workers < worker_limit(); wanted--) {
        if (!start_worker()) {
            break;
        }
    }
}

// Owners asleep look at the queue again: all, or those of whose group the given one is part.
void wake_owners(const Group *part) {
    for (Group *group = pool.sleeping; group; group = group->next_sleeping) {
        if (!part || descends(part, group)) {
            pthread_cond_signal(&group->wake_owner);
        }
    }
}

// ---- Running jobs. Entered and left with the lock held. ----

int run_one(Job *job, int64_t index) {
    if (job->task) {
        return halide_do_task(job->user_context, job->task, static_cast<int>(index), job->closure);
    }
    return halide_do_loop_task(job->user_context, job->loop_task, static_cast<int>(index), 1, job->closure, job->group);
}

// Claims iterations until none is left or one fails. Many short iterations are claimed several at a time, fewer towards
// the end, so that threads finish together.
int run_plain_iterations(Job *job, int threads) {
    Group *group = job->group;
    for (;;) {
        const int64_t left = job->end - job->next.load(std::memory_order_relaxed);
        if (left <= 0 || group->status.load(std::memory_order_relaxed) != 0) {
            return 0;
        }
        const int64_t several = left / (16 * int64_t(threads));
        const int64_t count = several > 1 ? several : 1;
        const int64_t begin = job->next.fetch_add(count, std::memory_order_relaxed);
        for (int64_t i = begin; i < begin + count && i < job->end; i++) {
            if (const int status = run_one(job, i)) {
                return status;
            }
            if (group->status.load(std::memory_order_relaxed) != 0) {
                return 0;
            }
        }
    }
}

void run_job(Job *job) {
    Group *group = job->group;
    Group *const outer = current_group;
    const int threads = pool.desired;
    job->active++;
    for (;;) {
        const bool all_at_once = job->serial && job->num_semaphores == 0;
        const bool plain = !job->serial && job->num_semaphores == 0;
        int64_t index = 0;
        if (!plain) {
            index = job->next.load(std::memory_order_relaxed);
            job->next.store(all_at_once ? job->end : index + 1, std::memory_order_relaxed);
            job->next_semaphore = 0;
            if (job->next.load(std::memory_order_relaxed) == job->end) {
                dequeue(job);
            }
        }
        current_group = group;
        pthread_mutex_unlock(&pool.lock);
        int status = 0;
        if (plain) {
            status = run_plain_iterations(job, threads);
        } else if (all_at_once && job->loop_task) {
            status = halide_do_loop_task(job->user_context, job->loop_task, static_cast<int>(index),
                                         static_cast<int>(job->end - index), job->closure, group);
        } else {
            status = run_one(job, index);
        }
        pthread_mutex_lock(&pool.lock);
        current_group = outer;
        if (status != 0) {
            set_failure(group, status);
            wake_owners(nullptr);  // they may wait for jobs that will not get their semaphores any more
        }
        if (plain || group->status.load(std::memory_order_relaxed) != 0) {
            dequeue(job);
        }
        // Go on with the same job: nobody else was told that its next iteration can start.
        job->active--;
        if (!startable(job)) {
            break;
        }
        job->active++;
    }
    leave(job);
}

// Spins until the queue changes or `done` is set, and says whether that happened. Entered and left with the lock held.
bool spin(const std::atomic<bool> *done) {
    const uint32_t seen = pool.changes.load(std::memory_order_relaxed);
    const int limit = pool.spin_limit;
    pthread_mutex_unlock(&pool.lock);
    bool happened = false;
    for (int i = 0; i < limit && !happened; i++) {
        cpu_relax();
        happened = pool.changes.load(std::memory_order_relaxed) != seen || (done && done->load(std::memory_order_acquire));
    }
    pthread_mutex_lock(&pool.lock);
    return happened;
}

void *worker_main(void *argument) {
    // The node may be freed only after this thread was joined.
    const uint64_t generation = static_cast<Worker *>(argument)->generation;
    pthread_mutex_lock(&pool.lock);
    bool rested = false;  // spun since the last job
    while (generation == pool.generation) {
        Job *job = pool.working < worker_limit() ? find_job(nullptr) : nullptr;
        if (job) {
            pool.working++;
            run_job(job);
            pool.working--;
            rested = false;
        } else if (!rested && pool.spin_limit > 0) {
            pool.spinning++;
            rested = !spin(nullptr);
            pool.spinning--;
        } else {
            pool.idle++;
            pthread_cond_wait(&pool.wake_worker, &pool.lock);
            pool.idle--;
            rested = false;
        }
    }
    pthread_mutex_unlock(&pool.lock);
    return nullptr;
}

void sleep_owner(Group *group) {
    group->owner_sleeps = true;
    group->next_sleeping = pool.sleeping;
    pool.sleeping = group;
    pool.sleeping_owners++;
    if (pool.queue && semaphores_alive()) {
        call_workers(pool.spinning + 1);
    }
    pthread_cond_wait(&group->wake_owner, &pool.lock);
    pool.sleeping_owners--;
    Group **link = &pool.sleeping;
    while (*link != group) {
        link = &(*link)->next_sleeping;
    }
    *link = group->next_sleeping;
    group->owner_sleeps = false;
}

// Entered with the lock held and the group's jobs queued; returns without the lock when all of them are done.
int help_until_done(Group *group) {
    bool rested = false;
    while (group->jobs_left > 0) {
        if (Job *job = find_job(group)) {
            run_job(job);
            rested = false;
        } else if (group->jobs_left > 0) {  // find_job drops cancelled jobs
            if (!rested && pool.spin_limit > 0) {
                rested = !spin(&group->done);
            } else {
                sleep_owner(group);
                rested = false;
            }
        }
    }
    pthread_mutex_unlock(&pool.lock);
    return group->status.load(std::memory_order_relaxed);
}

int par_for_on_this_thread(void *user_context, halide_task_t task, int min, int size, uint8_t *closure) {
    for (int i = 0; i < size; i++) {
        if (const int status = halide_do_task(user_context, task, min + i, closure)) {
            return status;
        }
    }
    return 0;
}

void start_group(Group *group, Job *jobs, int count, int64_t parallelism) {
    group->jobs_left = count;
    for (int i = count - 1; i >= 0; i--) {
        enqueue(&jobs[i]);  // newest first: the first job ends up in front
        if (jobs[i].num_semaphores > 0) {
            pool.jobs_with_semaphores.fetch_add(1, std::memory_order_seq_cst);
        }
    }
    const int64_t others = parallelism - 1 < pool.desired - 1 ? parallelism - 1 : pool.desired - 1;
    call_workers(others);
    wake_owners(group->parent);
}

// Joins workers that do nothing; the caller holds no lock. With `only_idle`, a pool in use is left alone.
void stop_workers(bool only_idle) {
    pthread_mutex_lock(&pool.lock);
    if (only_idle && (pool.queue || pool.working > 0)) {
        pthread_mutex_unlock(&pool.lock);
        return;
    }
    Worker *worker = pool.all;
    pool.all = nullptr;
    pool.workers = 0;
    pool.generation++;
    pool.changes.fetch_add(1, std::memory_order_release);
    pthread_cond_broadcast(&pool.wake_worker);
    pthread_mutex_unlock(&pool.lock);
    while (worker) {
        Worker *next = worker->next;
        if (pthread_equal(worker->thread, pthread_self())) {
            pthread_detach(worker->thread);  // a task that shuts the pool down outlives it
        } else {
            pthread_join(worker->thread, nullptr);
        }
        free(worker);
        worker = next;
    }
}

__attribute__((destructor)) void stop_idle_workers_at_exit() {
    stop_workers(true);
}

}  // namespace

HEDDLE_RUNTIME_INTERNAL int pool_par_for(void *user_context, halide_task_t task, int min, int size, uint8_t *closure) {
    if (size <= 1) {
        return size == 1 ? halide_do_task(user_context, task, min, closure) : 0;
    }
    pthread_mutex_lock(&pool.lock);
    if (pool.desired == 0) {
        know_desired();
    }
    if (pool.desired == 1) {
        pthread_mutex_unlock(&pool.lock);
        return par_for_on_this_thread(user_context, task, min, size, closure);
    }
    Group group(current_group);
    Job job;
    job.group = &group;
    job.user_context = user_context;
    job.task = task;
    job.closure = closure;
    job.next.store(min, std::memory_order_relaxed);
    job.end = int64_t(min) + size;
    start_group(&group, &job, 1, size);
    run_job(&job);
    return help_until_done(&group);
}

HEDDLE_RUNTIME_INTERNAL int pool_parallel_tasks(void *user_context, int num_tasks, halide_parallel_task_t *tasks,
                                                void *task_parent) {
    constexpr int most_on_stack = 16;
    Job on_stack[most_on_stack];
    Job *jobs = on_stack;
    if (num_tasks > most_on_stack) {
        jobs = static_cast<Job *>(malloc(static_cast<size_t>(num_tasks) * sizeof(Job)));
        if (!jobs) {
            return halide_error_out_of_memory(user_context);
        }
    }
    // The thread knows what it works for, unless a custom do_loop_task moved the call to a thread of its own.
    Group group(current_group ? current_group : static_cast<Group *>(task_parent));
    int count = 0;
    int64_t parallelism = 0;
    for (int i = 0; i < num_tasks; i++) {
        const halide_parallel_task_t &task = tasks[i];
        if (task.extent <= 0) {
            continue;
        }
        Job *job = new (static_cast<void *>(&jobs[count++])) Job;
        job->group = &group;
        job->user_context = user_context;
        job->loop_task = task.fn;
        job->closure = task.closure;
        job->semaphores = task.semaphores;
        job->num_semaphores = task.num_semaphores;
        job->serial = task.serial;
        job->next.store(task.min, std::memory_order_relaxed);
        job->end = int64_t(task.min) + task.extent;
        parallelism += task.serial ? 1 : task.extent;
    }
    int status = 0;
    if (count > 0) {
        pthread_mutex_lock(&pool.lock);
        if (pool.desired == 0) {
            know_desired();
        }
        start_group(&group, jobs, count, parallelism);
        status = help_until_done(&group);
    }
    if (jobs != on_stack) {
        free(jobs);
    }
    return status;
}

HEDDLE_RUNTIME_INTERNAL void pool_semaphore_released(int n) {
    if (!semaphores_alive()) {
        return;
    }
    pthread_mutex_lock(&pool.lock);
    if (pool.queue) {
        call_workers(int64_t(pool.spinning) + n);
        wake_owners(nullptr);
    }
    pthread_mutex_unlock(&pool.lock);
}

}  // namespace heddle::runtime

using namespace heddle::runtime;

HEDDLE_RUNTIME int halide_get_num_threads() {
    pthread_mutex_lock(&pool.lock);
    if (pool.desired == 0) {
        know_desired();
    }
    const int desired = pool.desired;
    pthread_mutex_unlock(&pool.lock);
    return desired;
}

HEDDLE_RUNTIME int halide_set_num_threads(int n) {
    if (n < 0) {
        halide_error(nullptr, "halide_set_num_threads: the number of threads must not be negative");
        return halide_get_num_threads();
    }
    pthread_mutex_lock(&pool.lock);
    if (pool.desired == 0) {
        know_desired();
    }
    const int old = pool.desired;
    pool.desired = n;
    know_desired();
    pthread_mutex_unlock(&pool.lock);
    return old;
}

HEDDLE_RUNTIME void halide_shutdown_thread_pool() {
    stop_workers(false);
}
