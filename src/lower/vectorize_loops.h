#pragma once
// flat → flat. Turns each vectorized loop into vectors: its variable becomes a Ramp, what depends on it
// becomes as many lanes as the loop has iterations, and what does not stays scalar.
//
//   * A branch whose condition depends on the lane becomes predicates of the loads and stores inside. When the
//     condition is marked likely, there are two versions: one without predicates, for when all lanes hold.
//   * An allocation inside becomes one per lane, lanes innermost.
//   * An inner loop whose range depends on the lane runs to the longest one, predicated.
//   * What cannot be vectorized (checks, calls with side effects) runs as a serial loop over the lanes.
//   * In an Atomic, lanes that update one element are combined first, where their operation is associative and
//     known; where it is not, or where which lanes meet depends on data, they run one after the other.
//   * Nested vectorized loops multiply: the inner loop's lanes are the faster ones.
// After unrolling, before partitioning, which splits loops by the likely conditions left here.

#include "lower/pass.h"

namespace heddle::Internal {

Stmt vectorize_loops(const Stmt &s, PassContext &context);

}  // namespace heddle::Internal
