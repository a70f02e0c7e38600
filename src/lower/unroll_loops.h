#pragma once
// flat → flat. Repeats the body of each unrolled loop, once per value of its variable. The extent is a
// constant (stage_loops refuses others). Before vectorization, so that it sees fewer loops.

#include "lower/pass.h"

namespace heddle::Internal {

Stmt unroll_loops(const Stmt &s, PassContext &context);

}  // namespace heddle::Internal
