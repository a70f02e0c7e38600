#pragma once
// What may be said about the order of the iterations of an update definition.

#include "language/function.h"
#include "schedule/nest.h"

namespace heddle::Internal {

/** PureRVar when iterations over variable `i` of the stage's rdom provably touch different elements of f:
    some argument of the left side tells them apart, and each read of f stands in the same place there.
    Else ImpureRVar. */
DimKind kind_of_rvar(const Function &f, int stage, size_t i);

/** Whether any order of the iterations gives the same value: the update combines f's old value, by an
    operation that is associative and commutative, with something that does not read f; or it stores what
    no iteration changes. (Floating-point sums count: a schedule may reassociate them.) */
bool any_order_serves(const Function &f, int stage);

}  // namespace heddle::Internal
