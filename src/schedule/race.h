#pragma once
// What may be said about the order of the iterations of an update definition.

#include <optional>

#include "analysis/associativity.h"
#include "language/function.h"
#include "schedule/nest.h"

namespace heddle::Internal {

/** PureRVar when iterations over variable `i` of the definition's rdom provably touch different elements of f:
    some argument of the left side tells them apart, and each read of f stands in the same place there.
    Else ImpureRVar. */
DimKind kind_of_rvar(const Function &f, const Definition &def, size_t i);

/** The update as a step that applies an associative operation to f's old values and to something that does not
    read f. Nothing: it is not known to be one. */
std::optional<AssociativeStep> associative_update(const Function &f, const Definition &def);

/** Whether any order of the iterations gives the same value: the operation of associative_update is commutative,
    or the update stores what no iteration changes. (Floating-point sums count: a schedule may reassociate them.) */
bool any_order_serves(const Function &f, const Definition &def);

}  // namespace heddle::Internal
