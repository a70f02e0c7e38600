#pragma once
// promise_clamped(e, low, high) holds where a guard around it says so. What is moved out of the guard, a region
// above all, needs the clamp itself. A low that is e itself says that only the upper end can be passed.

#include "analysis/interval.h"

namespace heddle::Internal {

/** e with each promise_clamped replaced by the minimum and maximum that it promises, simplified. */
Expr with_clamps(const Expr &e);
/** e with each promise_clamped replaced by its value, simplified: what it is where all guards hold. */
Expr without_promises(const Expr &e);
Interval with_clamps(const Interval &i);

}  // namespace heddle::Internal
