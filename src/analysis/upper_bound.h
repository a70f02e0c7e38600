#pragma once
// Constants that an integer expression never exceeds, also where its terms are correlated:
// min(16*j + 15, n - 1)/8 - 2*j + 1 is at most 2.

#include <optional>

#include "analysis/interval.h"

namespace heddle::Internal {

/** A constant c with e <= c for all values of its symbols, those of `scope` in their intervals; nothing when
    none is found. A minimum is replaced by either operand (a maximum, and a minimum that is subtracted, needs
    both), then the difference is simplified: terms cancel where interval arithmetic would widen them. */
std::optional<int64_t> constant_upper_bound(const Expr &e, const Scope<Interval> &scope = {});

}  // namespace heddle::Internal
