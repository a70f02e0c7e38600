// The default thread pool: loops, nests, semaphores, failures, and the hooks around it.
#include "HalideRuntime.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <gtest/gtest.h>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace {

// Runs f(i) for each i of a parallel loop; what f returns is the task's status.
int par_for(int min, int size, const std::function<int(int)> &f) {
    const auto task = [](void *, int i, uint8_t *closure) {
        return (*reinterpret_cast<const std::function<int(int)> *>(closure))(i);
    };
    return halide_do_par_for(nullptr, task, min, size, reinterpret_cast<uint8_t *>(const_cast<std::function<int(int)> *>(&f)));
}

// One task of do_parallel_tasks whose body is a function object.
struct Task {
    std::function<int(int min, int extent, void *parent)> body;
    std::vector<halide_semaphore_acquire_t> semaphores;
    int min, extent, min_threads;
    bool serial;
};

int parallel_tasks(std::vector<Task> &tasks, void *parent = nullptr) {
    std::vector<halide_parallel_task_t> raw;
    for (Task &t : tasks) {
        halide_parallel_task_t task{};
        task.fn = [](void *, int min, int extent, uint8_t *closure, void *task_parent) {
            return reinterpret_cast<Task *>(closure)->body(min, extent, task_parent);
        };
        task.closure = reinterpret_cast<uint8_t *>(&t);
        task.name = "task";
        task.semaphores = t.semaphores.data();
        task.num_semaphores = static_cast<int>(t.semaphores.size());
        task.min = t.min;
        task.extent = t.extent;
        task.min_threads = t.min_threads;
        task.serial = t.serial;
        raw.push_back(task);
    }
    return halide_do_parallel_tasks(nullptr, static_cast<int>(raw.size()), raw.data(), parent);
}

class ThreadPool : public testing::TestWithParam<int> {
protected:
    void SetUp() override { old_ = halide_set_num_threads(GetParam()); }
    void TearDown() override { halide_set_num_threads(old_); }

private:
    int old_ = 0;
};

TEST_P(ThreadPool, RunsEachIterationOnce) {
    for (int size : {0, 1, 2, 3, 17, 1000, 20000}) {
        std::vector<std::atomic<int>> count(static_cast<size_t>(size));
        ASSERT_EQ(par_for(-5, size, [&](int i) { return count.at(static_cast<size_t>(i + 5))++, 0; }), 0);
        for (auto &c : count) {
            ASSERT_EQ(c, 1);
        }
    }
}

TEST_P(ThreadPool, ReachesTheEndsOfTheIntegers) {
    std::atomic<int64_t> sum{0};
    ASSERT_EQ(par_for(INT32_MAX - 9, 10, [&](int i) { return sum += i, 0; }), 0);
    EXPECT_EQ(sum, int64_t(INT32_MAX) * 10 - 45);
    sum = 0;
    ASSERT_EQ(par_for(INT32_MIN, 10, [&](int i) { return sum += i, 0; }), 0);
    EXPECT_EQ(sum, int64_t(INT32_MIN) * 10 + 45);
}

TEST_P(ThreadPool, NoMoreThreadsThanAskedFor) {
    std::mutex mutex;
    std::set<std::thread::id> ids;
    std::atomic<int> now{0}, most{0};
    ASSERT_EQ(par_for(0, 200, [&](int) {
                  const int n = ++now;
                  for (int m = most; m < n && !most.compare_exchange_weak(m, n);) {
                  }
                  {
                      std::lock_guard<std::mutex> lock(mutex);
                      ids.insert(std::this_thread::get_id());
                  }
                  std::this_thread::sleep_for(std::chrono::microseconds(50));
                  now--;
                  return 0;
              }),
              0);
    EXPECT_LE(most, GetParam());
    EXPECT_LE(static_cast<int>(ids.size()), GetParam());
    if (GetParam() > 1) {
        EXPECT_GT(ids.size(), 1u);
    }
}

TEST_P(ThreadPool, NestsAndSeesWrites) {
    for (int repeat = 0; repeat < 50; repeat++) {
        std::vector<int> cells(8 * 9 * 10);  // plain ints: the pool orders the accesses
        ASSERT_EQ(par_for(0, 8, [&](int i) {
                      return par_for(0, 9, [&](int j) {
                          return par_for(0, 10, [&](int k) { return cells[static_cast<size_t>((i * 9 + j) * 10 + k)] += i + j + k, 0; });
                      });
                  }),
                  0);
        for (int i = 0; i < 8; i++) {
            for (int j = 0; j < 9; j++) {
                for (int k = 0; k < 10; k++) {
                    ASSERT_EQ(cells[static_cast<size_t>((i * 9 + j) * 10 + k)], i + j + k);
                }
            }
        }
    }
}

TEST_P(ThreadPool, ReturnsAFailureAndStopsEarly) {
    std::atomic<int> run{0};
    EXPECT_EQ(par_for(0, 100000, [&](int i) { return run++, i == 30 ? -77 : 0; }), -77);
    EXPECT_LT(run, 100000);
    EXPECT_EQ(par_for(0, 10, [&](int i) { return par_for(0, 10, [&](int j) { return i == 3 && j == 4 ? 5 : 0; }); }), 5);
    EXPECT_EQ(par_for(0, 1, [](int) { return 9; }), 9);
}

TEST_P(ThreadPool, ServesSeveralCallersAtOnce) {
    std::vector<std::thread> callers;
    std::atomic<int> good{0};
    for (int t = 0; t < 4; t++) {
        callers.emplace_back([&good, t] {
            for (int repeat = 0; repeat < 100; repeat++) {
                std::atomic<int64_t> sum{0};
                const int size = 10 + repeat + t;
                const int status = par_for(0, size, [&](int i) { return sum += i, 0; });
                good += status == 0 && sum == int64_t(size) * (size - 1) / 2;
            }
        });
    }
    for (auto &c : callers) {
        c.join();
    }
    EXPECT_EQ(good, 400);
}

// A producer may run at most `ahead` iterations ahead of its consumer; both are serial loops.
int pipe(int length, int ahead, const std::function<int(int)> &produce, const std::function<int(int)> &consume,
         void *parent = nullptr) {
    halide_semaphore_t full{}, empty{};
    halide_semaphore_init(&full, 0);
    halide_semaphore_init(&empty, ahead);
    std::vector<Task> tasks;
    tasks.push_back({[&](int min, int extent, void *) {
                         for (int i = min; i < min + extent; i++) {
                             if (int rc = produce(i)) return rc;
                             halide_semaphore_release(&full, 1);
                         }
                         return 0;
                     },
                     {{&empty, 1}}, 0, length, 0, true});
    tasks.push_back({[&](int min, int extent, void *) {
                         for (int i = min; i < min + extent; i++) {
                             if (int rc = consume(i)) return rc;
                             halide_semaphore_release(&empty, 1);
                         }
                         return 0;
                     },
                     {{&full, 1}}, 0, length, 0, true});
    return parallel_tasks(tasks, parent);
}

TEST_P(ThreadPool, ProducerAndConsumerKeepTheirDistance) {
    for (int ahead : {1, 3}) {
        std::vector<int> ring(static_cast<size_t>(ahead), -1);
        int produced = 0, consumed = 0;  // each written by one serial task
        std::atomic<int> in_flight{0}, wrong{0};
        ASSERT_EQ(pipe(
                      500, ahead,
                      [&](int i) {
                          wrong += i != produced++ || ++in_flight > ahead;
                          ring[static_cast<size_t>(i % ahead)] = i;
                          return 0;
                      },
                      [&](int i) {
                          wrong += i != consumed++ || ring[static_cast<size_t>(i % ahead)] != i;
                          in_flight--;
                          return 0;
                      }),
                  0);
        EXPECT_EQ(produced, 500);
        EXPECT_EQ(consumed, 500);
        EXPECT_EQ(wrong, 0);
    }
}

TEST_P(ThreadPool, PipesInsideParallelLoops) {
    std::atomic<int64_t> sum{0};
    for (int repeat = 0; repeat < 20; repeat++) {
        sum = 0;
        ASSERT_EQ(par_for(0, 6, [&](int) {
                      return pipe(
                          20, 2, [&](int) { return par_for(0, 3, [](int) { return 0; }); },
                          [&](int i) { return sum += i, 0; });
                  }),
                  0);
        ASSERT_EQ(sum, 6 * 190);
    }
}

// The consumer's body itself waits, in a nested call, for semaphores that only the other task releases: a thread that
// waits there cannot help, and there may be no other one.
TEST_P(ThreadPool, WaitingInsideATaskDoesNotStarveTheOther) {
    for (int repeat = 0; repeat < 50; repeat++) {
        halide_semaphore_t ready{};
        halide_semaphore_init(&ready, 0);
        std::atomic<int> consumed{0};
        std::vector<Task> outer;
        outer.push_back({[&](int, int, void *parent) {
                             std::vector<Task> inner;
                             inner.push_back({[&](int, int extent, void *) { return consumed += extent, 0; },
                                              {{&ready, 1}}, 0, 5, 0, true});
                             return parallel_tasks(inner, parent);
                         },
                         {}, 0, 4, 2, false});
        outer.push_back({[&](int, int extent, void *) { return halide_semaphore_release(&ready, 5 * extent), 0; },
                         {}, 0, 4, 1, true});
        ASSERT_EQ(parallel_tasks(outer), 0);
        ASSERT_EQ(consumed, 20);
    }
}

// Chains of pipes inside tasks of pipes, on more levels than there are threads.
int deep(int level, std::atomic<int> &leaves) {
    if (level == 0) {
        return leaves++, 0;
    }
    return pipe(
        3, 1, [&](int) { return deep(level - 1, leaves); }, [&](int) { return deep(level - 1, leaves); });
}

TEST_P(ThreadPool, DeepNestsOfPipesEnd) {
    for (int repeat = 0; repeat < 3; repeat++) {
        std::atomic<int> leaves{0};
        ASSERT_EQ(deep(4, leaves), 0);
        ASSERT_EQ(leaves, 6 * 6 * 6 * 6);
    }
}

TEST_P(ThreadPool, AFailureReleasesThoseWhoWaitForTheFailed) {
    for (int repeat = 0; repeat < 20; repeat++) {
        EXPECT_EQ(pipe(50, 2, [](int i) { return i == 17 ? -3 : 0; }, [](int) { return 0; }), -3);
        EXPECT_EQ(pipe(50, 2, [](int) { return 0; }, [](int i) { return i == 17 ? -4 : 0; }), -4);
        // The one who waits does so two levels deeper.
        halide_semaphore_t never{};
        halide_semaphore_init(&never, 0);
        std::vector<Task> outer;
        outer.push_back({[&](int, int, void *parent) {
                             std::vector<Task> inner;
                             inner.push_back({[](int, int, void *) { return 0; }, {{&never, 1}}, 0, 1, 0, true});
                             return parallel_tasks(inner, parent);
                         },
                         {}, 0, 1, 2, false});
        outer.push_back({[](int, int, void *) { return -5; }, {}, 0, 1, 1, false});
        EXPECT_EQ(parallel_tasks(outer), -5);
    }
}

TEST_P(ThreadPool, SemaphoresLimitAParallelTask) {
    halide_semaphore_t slots{};
    halide_semaphore_init(&slots, 2);
    std::atomic<int> now{0}, most{0}, run{0};
    std::vector<Task> tasks;
    tasks.push_back({[&](int, int extent, void *) {
                         const int n = ++now;
                         for (int m = most; m < n && !most.compare_exchange_weak(m, n);) {
                         }
                         run += extent;
                         now--;
                         halide_semaphore_release(&slots, 1);
                         return 0;
                     },
                     {{&slots, 1}}, 0, 300, 0, false});
    ASSERT_EQ(parallel_tasks(tasks), 0);
    EXPECT_EQ(run, 300);
    EXPECT_LE(most, 2);
}

TEST_P(ThreadPool, SerialTasksGoInOrder) {
    std::vector<int> seen;
    std::vector<Task> tasks;
    tasks.push_back({[&](int min, int extent, void *) {
                         for (int i = min; i < min + extent; i++) {
                             seen.push_back(i);
                         }
                         return 0;
                     },
                     {}, 3, 40, 0, true});
    tasks.push_back({[&](int, int, void *) { return 1 / 1 - 1; }, {}, 0, 0, 0, true});  // nothing to do
    ASSERT_EQ(parallel_tasks(tasks), 0);
    ASSERT_EQ(seen.size(), 40u);
    for (size_t i = 0; i < seen.size(); i++) {
        EXPECT_EQ(seen[i], static_cast<int>(i) + 3);
    }
}

TEST_P(ThreadPool, StartsAgainAfterShutdown) {
    for (int repeat = 0; repeat < 10; repeat++) {
        std::atomic<int> run{0};
        ASSERT_EQ(par_for(0, 100, [&](int) { return run++, 0; }), 0);
        ASSERT_EQ(run, 100);
        halide_shutdown_thread_pool();
    }
    halide_shutdown_thread_pool();  // nothing left to stop
}

INSTANTIATE_TEST_SUITE_P(Threads, ThreadPool, testing::Values(1, 2, 3, 8));

TEST(ThreadCount, SetReturnsTheOldOne) {
    const int old = halide_get_num_threads();
    EXPECT_GE(old, 1);
    EXPECT_EQ(halide_set_num_threads(5), old);
    EXPECT_EQ(halide_get_num_threads(), 5);
    EXPECT_EQ(halide_set_num_threads(0), 5);  // back to the default
    EXPECT_GE(halide_get_num_threads(), 1);
    static int errors;
    errors = 0;
    halide_set_error_handler([](void *, const char *) { errors++; });
    halide_set_num_threads(-1);
    halide_set_error_handler(nullptr);
    EXPECT_EQ(errors, 1);
    halide_set_num_threads(old);
}

std::atomic<int> hooked_tasks{0}, hooked_loops{0};

TEST(ParallelHooks, TasksAndLoopsPassThroughTheirHooks) {
    hooked_tasks = hooked_loops = 0;
    const halide_do_task_t default_task = halide_set_custom_do_task([](void *context, halide_task_t f, int i, uint8_t *closure) {
        hooked_tasks++;
        return halide_default_do_task(context, f, i, closure);
    });
    EXPECT_TRUE(default_task == halide_default_do_task);
    EXPECT_EQ(par_for(0, 40, [](int) { return 0; }), 0);
    EXPECT_EQ(hooked_tasks, 40);
    const halide_do_par_for_t default_loop =
        halide_set_custom_do_par_for([](void *context, halide_task_t f, int min, int size, uint8_t *closure) {
            hooked_loops++;
            for (int i = min; i < min + size; i++) {
                if (int rc = halide_do_task(context, f, i, closure)) return rc;
            }
            return 0;
        });
    EXPECT_TRUE(default_loop == halide_default_do_par_for);
    EXPECT_EQ(par_for(0, 10, [](int i) { return i == 4 ? 6 : 0; }), 6);
    EXPECT_EQ(hooked_loops, 1);
    EXPECT_EQ(hooked_tasks, 45);
    halide_set_custom_do_par_for(default_loop);
    halide_set_custom_do_task(default_task);
    EXPECT_EQ(par_for(0, 10, [](int) { return 0; }), 0);
    EXPECT_EQ(hooked_tasks, 45);
    EXPECT_EQ(hooked_loops, 1);
}

TEST(Semaphores, CountAndRefuse) {
    halide_semaphore_t s{};
    EXPECT_EQ(halide_semaphore_init(&s, 2), 2);
    EXPECT_TRUE(halide_semaphore_try_acquire(&s, 1));
    EXPECT_FALSE(halide_semaphore_try_acquire(&s, 2));
    EXPECT_EQ(halide_semaphore_release(&s, 3), 4);
    EXPECT_TRUE(halide_semaphore_try_acquire(&s, 4));
    EXPECT_FALSE(halide_semaphore_try_acquire(&s, 1));
    EXPECT_TRUE(halide_semaphore_try_acquire(&s, 0));
}

}  // namespace
