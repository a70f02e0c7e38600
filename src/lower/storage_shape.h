#pragma once
// How the schedule wants a Func to lie in memory.

#include "lower/graph.h"
#include "lower/pass.h"

namespace heddle::Internal {

/** The dimensions of p from the innermost in memory outwards; any order where dimensions are split, since
    storage_folding makes the one that was asked for. */
IntList storage_order(const GraphFunc &p);
/** What storage_folding is to do with the storage of an element of p. */
StorageOrigin storage_origin(const GraphFunc &p);

}  // namespace heddle::Internal
