#pragma once
// promise_clamped(e, low, high) holds where a guard around it says so. What is moved out of the guard, a region
// above all, needs the clamp itself: loops start at their first value, so only the upper end can be passed.

#include "analysis/interval.h"

namespace heddle::Internal {

/** e with each promise_clamped replaced by min(e, high), simplified. */
Expr with_clamps(const Expr &e);
Interval with_clamps(const Interval &i);

}  // namespace heddle::Internal
