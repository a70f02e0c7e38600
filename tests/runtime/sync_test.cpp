// Mutexes, condition variables, arrays of mutexes and threads of the C ABI.
#include "HalideRuntime.h"

#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace {

TEST(Mutex, ExcludesAndNeedsNoConstruction) {
    static halide_mutex mutex;  // zero
    int64_t counter = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; t++) {
        threads.emplace_back([&] {
            for (int i = 0; i < 20000; i++) {
                halide_mutex_lock(&mutex);
                counter++;
                halide_mutex_unlock(&mutex);
            }
        });
    }
    for (auto &t : threads) {
        t.join();
    }
    EXPECT_EQ(counter, 80000);
    EXPECT_EQ(mutex._private[0], 0u);
}

TEST(Mutex, ArraysLockTheirEntriesApart) {
    constexpr int entries = 7;
    halide_mutex_array *array = halide_mutex_array_create(entries);
    ASSERT_NE(array, nullptr);
    int64_t counters[entries] = {};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; t++) {
        threads.emplace_back([&] {
            for (int i = 0; i < 7000; i++) {
                halide_mutex_array_lock(array, i % entries);
                counters[i % entries]++;
                halide_mutex_array_unlock(array, i % entries);
            }
        });
    }
    for (auto &t : threads) {
        t.join();
    }
    for (int64_t c : counters) {
        EXPECT_EQ(c, 4000);
    }
    halide_mutex_array_lock(array, 0);
    halide_mutex_array_lock(array, 1);  // another entry: no wait
    halide_mutex_array_unlock(array, 1);
    halide_mutex_array_unlock(array, 0);
    halide_mutex_array_destroy(nullptr, array);
    EXPECT_EQ(halide_mutex_array_create(UINT64_MAX), nullptr);
}

// A queue of one place between two threads: each waits for the other thousands of times.
TEST(Cond, HandsOverInTurn) {
    halide_mutex mutex{};
    halide_cond cond{};
    int turn = 0, value = 0, wrong = 0;
    auto play = [&](int me) {
        for (int i = 0; i < 5000; i++) {
            halide_mutex_lock(&mutex);
            while (turn != me) {
                halide_cond_wait(&cond, &mutex);
            }
            wrong += value != 2 * i + me;
            value++;
            turn = 1 - me;
            i % 2 ? halide_cond_signal(&cond) : halide_cond_broadcast(&cond);
            halide_mutex_unlock(&mutex);
        }
    };
    std::thread other(play, 1);
    play(0);
    other.join();
    EXPECT_EQ(value, 10000);
    EXPECT_EQ(wrong, 0);
}

TEST(Threads, SpawnAndJoin) {
    int value = 0;
    halide_thread *thread = halide_spawn_thread([](void *p) { *static_cast<int *>(p) = 42; }, &value);
    ASSERT_NE(thread, nullptr);
    halide_join_thread(thread);
    EXPECT_EQ(value, 42);
}

}  // namespace
