#pragma once
// Which let-bound integers are used to compute addresses and loop bounds only.
//
// Arithmetic in them may not overflow (an address that wrapped would be outside its buffer anyway), and
// LLVM is told so; arithmetic on the user's data wraps.

#include <unordered_set>

#include "ir/nodes.h"

namespace heddle::Internal {

/** The symbols of lets in s whose every use is in an index of a Load or Store, in the bounds of a loop or
    an allocation, or in the value of another such let; with nothing but sums and products in between. */
std::unordered_set<uint64_t> index_lets(const Stmt &s);

}  // namespace heddle::Internal
