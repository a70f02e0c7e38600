// How many threads the machine, the container and the environment allow.
#include "runtime/cpu/thread_pool.h"

#include "runtime/common/weak.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

namespace heddle::runtime {

namespace {

constexpr int most_threads = 4096;  // above it a setting is taken for a mistake, and cut

// The share of processor time that a container (cgroup v2) is granted, rounded up to whole processors; 0: no limit.
int container_limit() {
    int limit = 0;
#ifdef __linux__
    if (FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re")) {
        long long quota = 0, period = 0;
        if (fscanf(file, "%lld %lld", &quota, &period) == 2 && quota > 0 && period > 0) {  // "max" fails to parse
            const long long whole = (quota + period - 1) / period;
            limit = whole > most_threads ? most_threads : static_cast<int>(whole);
        }
        fclose(file);
    }
#endif
    return limit;
}

}  // namespace

HEDDLE_RUNTIME_INTERNAL int usable_processors() {
    long count = 0;
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        count = CPU_COUNT(&set);
    }
#endif
    if (count <= 0) {
        count = sysconf(_SC_NPROCESSORS_ONLN);
    }
    const int limit = container_limit();
    if (limit > 0 && limit < count) {
        count = limit;
    }
    return count < 1 ? 1 : count > most_threads ? most_threads : static_cast<int>(count);
}

HEDDLE_RUNTIME_INTERNAL int default_thread_count() {
    for (const char *name : {"HL_NUM_THREADS", "HL_NUMTHREADS"}) {
        if (const char *text = getenv(name)) {
            char *end = nullptr;
            const long value = strtol(text, &end, 10);
            if (end != text && *end == 0 && value > 0) {
                return value > most_threads ? most_threads : static_cast<int>(value);
            }
        }
    }
    return usable_processors();
}

}  // namespace heddle::runtime
