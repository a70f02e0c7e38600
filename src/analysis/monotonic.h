#pragma once
// How an expression changes as a symbol grows.

#include "ir/nodes.h"

namespace heddle::Internal {

enum class Direction { Constant, Increasing, Decreasing, Unknown };

/** The direction of e (integer, float or bool with false < true) in `symbol`: Increasing means that it
    never falls. Constant if the symbol does not occur or its terms cancel. */
Direction direction_of(const Expr &e, const Symbol &symbol);

/** Increasing, Decreasing or Constant. */
inline bool is_monotonic(const Expr &e, const Symbol &symbol) {
    return direction_of(e, symbol) != Direction::Unknown;
}

const char *to_string(Direction d);

}  // namespace heddle::Internal
