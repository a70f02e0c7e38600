#pragma once
// flat → flat. A loop whose body asks likely(condition) is split into a prologue, a steady state in which the
// conditions hold and are gone, and an epilogue. A parallel loop stays one loop and chooses inside. In the
// steady state inner loops are partitioned in turn; elsewhere only loops that contain no other, so that the code
// grows with the depth of the nest and not exponentially.
// After vectorizing, which makes conditions of its own. Leaves no likely() behind.

#include "lower/pass.h"

namespace heddle::Internal {

Stmt partition_loops(const Stmt &s, PassContext &context);

}  // namespace heddle::Internal
