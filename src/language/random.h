#pragma once
// Random numbers. random_uint() and its kin give a Call of `random` with a seed and a number of the call;
// the definition that it stands in adds its coordinates.

#include "ir/nodes.h"

namespace heddle::Internal {

/** e with the coordinates given to each random call that has none yet. The result shares what e shares. */
Expr bind_random(const Expr &e, const ExprList &coordinates);

}  // namespace heddle::Internal
