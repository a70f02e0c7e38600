// The profiler's state in this process, for programs that read, report or reset it. A kernel that is instrumented links its
// halide_profiler_instance_state into the list while it runs; a sampling thread bills time by halide_profiler_sample.
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

void report_pipeline(void *user_context, const halide_profiler_pipeline_stats *p) {
    if (p->runs == 0) {
        return;
    }
    Text text;
    text << p->name << ": " << p->runs << " runs, " << double(p->time) / 1e6 << " ms in all, "
         << double(p->time) / 1e6 / p->runs << " ms each, " << p->samples << " samples, " << p->num_allocs
         << " heap allocations, peak " << p->memory_peak << " bytes\n";
    for (int i = 0; i < p->num_funcs; i++) {
        const halide_profiler_func_stats &f = p->funcs[i];
        const double share = p->time ? 100.0 * double(f.time) / double(p->time) : 0;
        text << "  " << f.name << ": " << double(f.time) / 1e6 / p->runs << " ms each, " << share << " %, peak "
             << f.memory_peak << " bytes, stack " << f.stack_peak << " bytes\n";
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
