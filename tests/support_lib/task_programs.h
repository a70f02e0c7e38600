#pragma once
// Kernels with tasks in text form, for the interpreter and both code generators: n numbers into out, which are
// i*i + 1 at i.

namespace heddle::Internal {

/** A producer at most four elements ahead of its consumer: each iteration of both begins with an Acquire. */
inline constexpr const char *tasks_over_a_ring = R"(
    given o: handle, n: int32
    let out: int32[] = buffer_host(o)
    allocate ring: int32[4] @heap
    let full = make_semaphore(0)
    let empty = make_semaphore(4)
    fork {
        for i in [0, +n) {
            acquire empty, 1 {
                ring[i % 4] = i*i
                eval release_semaphore(full, 1)
            }
        }
    } and {
        let last = n - 1
        for j in [0, +last + 1) {
            acquire full, 1 {
                out[j] = ring[j % 4] + 1
                eval release_semaphore(empty, 1)
            }
        }
    })";

/** Three tasks in two forks; Acquires in the middle of a task, of several at once, inside of a parallel loop. */
inline constexpr const char *tasks_within_tasks = R"(
    given o: handle, n: int32
    let out: int32[] = buffer_host(o)
    parallel half in [0, +2) {
        let base = half*(n/2)
        allocate square: int32[n]
        allocate sum: int32[n]
        let squares = make_semaphore(0)
        let sums = make_semaphore(0)
        fork {
            fork {
                for i in [0, +n/2) {
                    square[i] = (base + i)*(base + i)
                    eval release_semaphore(squares, 1)
                }
            } and {
                for j in [0, +n/2) {
                    if j % 2 == 0 {
                        acquire squares, select(j + 1 < n/2, 2, 1) {
                            sum[j] = square[j] + 1
                            if j + 1 < n/2 { sum[j + 1] = square[j + 1] + 1 }
                            eval release_semaphore(sums, 1)
                        }
                    }
                }
            }
        } and {
            for k in [0, +(n/2 + 1)/2) {
                let first = k*2
                acquire sums, 1 {
                    out[base + first] = sum[first]
                    if first + 1 < n/2 { out[base + first + 1] = sum[first + 1] }
                }
            }
        }
    })";

/** A task that fails while the other waits for it: the kernel returns 7. */
inline constexpr const char *task_that_fails = R"(
    given o: handle, n: int32
    let out: int32[] = buffer_host(o)
    let full = make_semaphore(0)
    fork {
        for i in [0, +n) {
            assert i != 3 else 7
            out[i] = i*i + 1
            eval release_semaphore(full, 1)
        }
    } and {
        allocate kept: int32[n] @heap
        for j in [0, +n) {
            kept[j] = j
            acquire full, 1 { eval kept[j] }
        }
    })";

}  // namespace heddle::Internal
