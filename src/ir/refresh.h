#pragma once
// Copies of a statement must not bind the same symbols again.

#include "ir/nodes.h"

namespace heddle::Internal {

/** `s` with a fresh symbol, of the same display name, for each that it binds. */
Stmt with_fresh_symbols(const Stmt &s);

}  // namespace heddle::Internal
