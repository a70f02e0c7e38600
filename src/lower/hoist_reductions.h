#pragma once
// flat → flat. Keeps what a serial loop reduces into one element in a local accumulator:
//
//     for r { atomic { f[x] = f[x] + vector_reduce(add, v(r), 1) } }
//
// becomes acc[lanes] = 0; for r { acc = acc + v(r) }; atomic { f[x] = f[x] + vector_reduce(add, acc, 1) }. So vectors
// are summed as vectors, and threads that share the element meet in it once and not in each iteration. Only of
// updates in Atomics, which may be reassociated, whose element stays the same, and where nothing else in the loop
// touches the buffer. A loop of no iterations, and one in which no guard held, still touches nothing.
// After vectorizing, which makes the reductions of vectors; before lower_atomics, which takes the Atomics away.

#include "lower/pass.h"

namespace heddle::Internal {

Stmt hoist_reductions(const Stmt &s, PassContext &context);

}  // namespace heddle::Internal
