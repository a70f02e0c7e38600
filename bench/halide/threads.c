// Restarts Halide's thread pool with n threads.
#include <HalideRuntime.h>

void peer_use_threads(int n) {
    halide_shutdown_thread_pool();
    halide_set_num_threads(n);
}
