// The profiler. A kernel compiled for the profile feature says when it starts, stops, and goes from one Func to another:
// the time between is billed to the Func that it was in. Threads of a parallel loop share one clock: the Func that was
// entered last is billed. Results are added up by pipeline; programs may read, report or reset them.
// A program that runs an instrumented instance of its own may link it into the list, and have time billed to it by
// halide_profiler_sample.
#include "HalideRuntime.h"
#include "runtime/common/internal_abi.h"
#include "runtime/common/text.h"
#include "runtime/common/weak.h"

#include <cstdlib>
#include <cstring>

using heddle::runtime::Text;

namespace {

constinit halide_profiler_state state = {{{0}}, nullptr, nullptr, nullptr, nullptr, 1000, 0};

struct Locked {
    Locked() { halide_profiler_lock(&state); }
    ~Locked() { halide_profiler_unlock(&state); }
};

// One run in progress.
struct Run {
    void *user_context;
    const char *pipeline, *names;  // part of the code that runs
    int num_funcs;
    uint64_t *times;  // per Func
    int64_t began, last;
    int func;
    int switches;
};

uint64_t *memory_for(int n) {
    return static_cast<uint64_t *>(calloc(static_cast<size_t>(n), sizeof(uint64_t)));
}

// The results of a pipeline by its name; made when there are none. `names` has one Func per line. The lock is held.
halide_profiler_pipeline_stats *stats_of(const char *pipeline, int num_funcs, const char *names) {
    for (halide_profiler_pipeline_stats *p = state.pipelines; p;
         p = static_cast<halide_profiler_pipeline_stats *>(p->next)) {
        if (strcmp(p->name, pipeline) == 0 && p->num_funcs == num_funcs) {
            return p;
        }
    }
    // The names are copied behind the Funcs: the code that they are part of may be gone before the report.
    auto *p = static_cast<halide_profiler_pipeline_stats *>(calloc(1, sizeof(halide_profiler_pipeline_stats)));
    const size_t bytes = static_cast<size_t>(num_funcs) * sizeof(halide_profiler_func_stats);
    char *block = static_cast<char *>(calloc(1, bytes + strlen(names) + 1 + strlen(pipeline) + 1));
    if (!p || !block) {
        free(p);
        free(block);
        return nullptr;
    }
    char *text = block + bytes;
    strcpy(text, names);
    p->funcs = reinterpret_cast<halide_profiler_func_stats *>(block);
    p->num_funcs = num_funcs;
    for (int i = 0; i < num_funcs; i++) {
        p->funcs[i].name = text;
        char *end = strchr(text, '\n');
        if (end) {
            *end = 0;
            text = end + 1;
        } else {
            text += strlen(text);
        }
    }
    text = block + bytes + strlen(names) + 1;
    strcpy(text, pipeline);
    p->name = text;
    p->next = state.pipelines;
    state.pipelines = p;
    return p;
}

bool reports_at_exit = false;

void report_at_exit() {
    halide_profiler_report(nullptr);
}

// What passed since the last change goes to the Func that the run was in.
void bill(Run *run, int next) {
    const int64_t now = halide_current_time_ns(run->user_context);
    const int64_t before = __atomic_exchange_n(&run->last, now, __ATOMIC_ACQ_REL);
    const int func = __atomic_exchange_n(&run->func, next, __ATOMIC_ACQ_REL);
    if (now > before) {
        __atomic_fetch_add(&run->times[func], static_cast<uint64_t>(now - before), __ATOMIC_RELAXED);
    }
    __atomic_fetch_add(&run->switches, 1, __ATOMIC_RELAXED);
}

void report_pipeline(void *user_context, const halide_profiler_pipeline_stats *p) {
    if (p->runs == 0) {
        return;
    }
    const double runs = p->runs, total = double(p->time);
    Text text;
    text << p->name << "\n total time: " << total / 1e6 << " ms  samples: " << p->samples << "  runs: " << p->runs
         << "  time per run: " << total / 1e6 / runs << " ms\n";
    for (int i = 0; i < p->num_funcs; i++) {
        const halide_profiler_func_stats &f = p->funcs[i];
        const double share = total > 0 ? 100.0 * double(f.time) / total : 0;
        text << "  " << f.name << ": " << double(f.time) / 1e6 / runs << "ms (" << share << "%)\n";
    }
    halide_print(user_context, text.c_str());
}

}  // namespace

HEDDLE_RUNTIME halide_profiler_state *halide_profiler_get_state() {
    return &state;
}

HEDDLE_RUNTIME void halide_profiler_lock(halide_profiler_state *s) {
    halide_mutex_lock(&s->lock);
}

HEDDLE_RUNTIME void halide_profiler_unlock(halide_profiler_state *s) {
    halide_mutex_unlock(&s->lock);
}

HEDDLE_RUNTIME halide_profiler_pipeline_stats *halide_profiler_get_pipeline_state(const char *pipeline_name) {
    Locked locked;
    for (halide_profiler_pipeline_stats *p = state.pipelines; p;
         p = static_cast<halide_profiler_pipeline_stats *>(p->next)) {
        if (p->name == pipeline_name || strcmp(p->name, pipeline_name) == 0) {
            return p;
        }
    }
    return nullptr;
}

// Bills the time since *previous_time to every running kernel, and to the Func it is in. Returns how long to sleep until
// the next sample in microseconds, or -1 when the sampling is to stop. The state's lock must be held.
HEDDLE_RUNTIME int halide_profiler_sample(halide_profiler_state *s, uint64_t *previous_time) {
    const uint64_t now = static_cast<uint64_t>(halide_current_time_ns(nullptr));
    const uint64_t passed = now - *previous_time;
    *previous_time = now;
    for (halide_profiler_instance_state *i = s->instances; i; i = i->next) {
        int func = i->current_func, threads = i->active_threads;
        if (s->get_remote_profiler_state) {
            s->get_remote_profiler_state(&func, &threads);
        }
        i->billed_time += passed;
        i->samples++;
        i->active_threads_numerator += static_cast<uint64_t>(threads);
        i->active_threads_denominator++;
        if (i->funcs && i->pipeline_stats && func >= 0 && func < i->pipeline_stats->num_funcs) {
            halide_profiler_func_stats &f = i->funcs[func];
            f.time += passed;
            f.active_threads_numerator += static_cast<uint64_t>(threads);
            f.active_threads_denominator++;
        }
    }
    return s->shutdown ? -1 : s->sleep_time;
}

// The functions that kernels call. The pointer is to be given to the others; it may be null.
HEDDLE_RUNTIME void *heddle_profiler_start(void *user_context, const char *pipeline, int num_funcs, const char *names) {
    auto *run = static_cast<Run *>(calloc(1, sizeof(Run)));
    uint64_t *times = memory_for(num_funcs);
    if (!run || !times) {
        free(run);
        free(times);
        return nullptr;
    }
    {
        Locked locked;
        if (!reports_at_exit) {
            reports_at_exit = true;
            atexit(report_at_exit);
        }
    }
    run->user_context = user_context;
    run->pipeline = pipeline;
    run->names = names;
    run->num_funcs = num_funcs;
    run->times = times;
    run->began = run->last = halide_current_time_ns(user_context);
    return run;
}

HEDDLE_RUNTIME int heddle_profiler_enter(void *run, int func) {
    if (run) {
        bill(static_cast<Run *>(run), func);
    }
    return 0;
}

HEDDLE_RUNTIME void heddle_profiler_stop(void *, void *pointer) {
    auto *run = static_cast<Run *>(pointer);
    if (!run) {
        return;
    }
    bill(run, 0);
    {
        Locked locked;
        if (halide_profiler_pipeline_stats *p = stats_of(run->pipeline, run->num_funcs, run->names)) {
            p->runs++;
            p->samples += run->switches;
            p->time += static_cast<uint64_t>(run->last - run->began);
            for (int i = 0; i < p->num_funcs; i++) {
                p->funcs[i].time += run->times[i];
            }
        }
    }
    free(run->times);
    free(run);
}

HEDDLE_RUNTIME void halide_profiler_report(void *user_context) {
    Locked locked;
    for (const halide_profiler_pipeline_stats *p = state.pipelines; p;
         p = static_cast<const halide_profiler_pipeline_stats *>(p->next)) {
        report_pipeline(user_context, p);
    }
}

HEDDLE_RUNTIME void halide_profiler_reset() {
    Locked locked;
    while (halide_profiler_pipeline_stats *p = state.pipelines) {
        state.pipelines = static_cast<halide_profiler_pipeline_stats *>(p->next);
        free(p->funcs);
        free(p);
    }
}

HEDDLE_RUNTIME void halide_profiler_shutdown() {
    halide_profiler_report(nullptr);
    halide_profiler_reset();
}
