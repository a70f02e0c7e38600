// halide_mutex, halide_cond, arrays of mutexes, and threads.
//
// A halide_mutex is one word that needs no construction: 0 free, 1 held, 2 held and someone may be waiting. Waiters
// sleep in a parking lot: a table of condition variables, chosen by the address of what they wait for. The word itself
// is only touched through atomics, so that the thread sanitizer sees the order that the lock establishes.
#include "HalideRuntime.h"
#include "runtime/common/weak.h"
#include "runtime/cpu/thread_pool.h"

#include <atomic>
#include <cstdlib>
#include <pthread.h>

namespace {

struct ParkingPlace {
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
};

constexpr int places = 64;
ParkingPlace parking_lot[places];

ParkingPlace &place_of(const void *address) {
    const uintptr_t bits = reinterpret_cast<uintptr_t>(address) / sizeof(uintptr_t);
    return parking_lot[(bits ^ bits >> 6 ^ bits >> 12) % places];
}

using Word = std::atomic<uintptr_t>;
static_assert(sizeof(Word) == sizeof(uintptr_t) && Word::is_always_lock_free);

Word &word_of(halide_mutex *mutex) { return *reinterpret_cast<Word *>(&mutex->_private[0]); }

Word &word_of(halide_cond *cond) { return *reinterpret_cast<Word *>(&cond->_private[0]); }

void wake_all(const void *address) {
    ParkingPlace &place = place_of(address);
    pthread_mutex_lock(&place.lock);
    pthread_cond_broadcast(&place.changed);
    pthread_mutex_unlock(&place.lock);
}

__attribute__((noinline)) void lock_contended(halide_mutex *mutex) {
    Word &word = word_of(mutex);
    for (int i = 0; i < 100; i++) {
        uintptr_t free_word = 0;
        if (word.load(std::memory_order_relaxed) == 0 &&
            word.compare_exchange_weak(free_word, 1, std::memory_order_acquire, std::memory_order_relaxed)) {
            return;
        }
        heddle::runtime::cpu_relax();
    }
    ParkingPlace &place = place_of(mutex);
    pthread_mutex_lock(&place.lock);
    while (word.exchange(2, std::memory_order_acquire) != 0) {
        pthread_cond_wait(&place.changed, &place.lock);
    }
    pthread_mutex_unlock(&place.lock);
}

}  // namespace

HEDDLE_RUNTIME void halide_mutex_lock(halide_mutex *mutex) {
    uintptr_t free_word = 0;
    if (!word_of(mutex).compare_exchange_strong(free_word, 1, std::memory_order_acquire, std::memory_order_relaxed)) {
        lock_contended(mutex);
    }
}

HEDDLE_RUNTIME void halide_mutex_unlock(halide_mutex *mutex) {
    if (word_of(mutex).exchange(0, std::memory_order_release) == 2) {
        wake_all(mutex);
    }
}

// A condition's word counts the signals. A waiter sleeps until it has changed; since waiters of other objects may share
// the parking place, signalling one wakes all, and those find their word unchanged or return early, as they may.
HEDDLE_RUNTIME void halide_cond_broadcast(halide_cond *cond) {
    ParkingPlace &place = place_of(cond);
    pthread_mutex_lock(&place.lock);
    word_of(cond).fetch_add(1, std::memory_order_acq_rel);
    pthread_cond_broadcast(&place.changed);
    pthread_mutex_unlock(&place.lock);
}

HEDDLE_RUNTIME void halide_cond_signal(halide_cond *cond) {
    halide_cond_broadcast(cond);
}

HEDDLE_RUNTIME void halide_cond_wait(halide_cond *cond, halide_mutex *mutex) {
    Word &word = word_of(cond);
    const uintptr_t before = word.load(std::memory_order_acquire);
    halide_mutex_unlock(mutex);
    ParkingPlace &place = place_of(cond);
    pthread_mutex_lock(&place.lock);
    while (word.load(std::memory_order_acquire) == before) {
        pthread_cond_wait(&place.changed, &place.lock);
    }
    pthread_mutex_unlock(&place.lock);
    halide_mutex_lock(mutex);
}

// ---- Arrays of mutexes: one per element of a buffer that is updated atomically ----

struct halide_mutex_array {
    uint64_t size;
    halide_mutex *mutexes;  // in the same allocation
};

HEDDLE_RUNTIME halide_mutex_array *halide_mutex_array_create(uint64_t count) {
    constexpr uint64_t head = (sizeof(halide_mutex_array) + sizeof(halide_mutex) - 1) & ~(sizeof(halide_mutex) - 1);
    if (count > (SIZE_MAX - head) / sizeof(halide_mutex)) {
        return nullptr;
    }
    char *memory = static_cast<char *>(halide_malloc(nullptr, head + count * sizeof(halide_mutex)));
    if (!memory) {
        return nullptr;
    }
    halide_mutex_array *array = reinterpret_cast<halide_mutex_array *>(memory);
    array->size = count;
    array->mutexes = reinterpret_cast<halide_mutex *>(memory + head);
    for (uint64_t i = 0; i < count; i++) {
        array->mutexes[i]._private[0] = 0;
    }
    return array;
}

HEDDLE_RUNTIME void halide_mutex_array_destroy(void *user_context, void *array) {
    halide_free(user_context, array);
}

HEDDLE_RUNTIME int halide_mutex_array_lock(halide_mutex_array *array, int entry) {
    halide_mutex_lock(&array->mutexes[entry]);
    return 0;
}

HEDDLE_RUNTIME int halide_mutex_array_unlock(halide_mutex_array *array, int entry) {
    halide_mutex_unlock(&array->mutexes[entry]);
    return 0;
}

// ---- Threads ----

struct halide_thread {
    pthread_t handle;
    void (*function)(void *);
    void *closure;
};

HEDDLE_RUNTIME halide_thread *halide_spawn_thread(void (*function)(void *), void *closure) {
    halide_thread *thread = static_cast<halide_thread *>(malloc(sizeof(halide_thread)));
    if (!thread) {
        return nullptr;
    }
    thread->function = function;
    thread->closure = closure;
    const auto run = [](void *argument) -> void * {
        halide_thread *self = static_cast<halide_thread *>(argument);
        self->function(self->closure);
        return nullptr;
    };
    if (pthread_create(&thread->handle, nullptr, run, thread) != 0) {
        free(thread);
        return nullptr;
    }
    return thread;
}

HEDDLE_RUNTIME void halide_join_thread(halide_thread *thread) {
    if (thread) {
        pthread_join(thread->handle, nullptr);
        free(thread);
    }
}
