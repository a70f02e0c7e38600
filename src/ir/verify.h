#pragma once
// The invariants of the IR, checked. Run after every pass in debug builds and in all tests.

#include <string>
#include <utility>
#include <vector>

#include "ir/nodes.h"

namespace heddle::Internal {

/** Where a statement stands between algorithm and machine. */
enum class Level { Tensor, Nest, Flat, Device };

const char *to_string(Level level);

struct VerifyOptions {
    /** The only symbols that may be free, with their types (a buffer: handle). Null: any may. */
    const std::vector<std::pair<Symbol, Type>> *free = nullptr;
    /** Vectorized and unrolled loops have constant extents: holds before the passes that turn them into
        vectors and copies. */
    bool constant_extents = false;
    /** No vectorized (unrolled) loop is left: holds after those passes. */
    bool no_vectorized_loops = false, no_unrolled_loops = false;
};

/** Throws an InternalError that shows the offending place in the printed IR. The invariants are listed
    at the top of verify.cpp. */
void verify(const Stmt &s, Level level, const VerifyOptions &options = {});
void verify(const Expr &e, Level level, const VerifyOptions &options = {});

}  // namespace heddle::Internal
