#pragma once
// What is found to be impossible while the nest is built. All throw a CompileError.

#include "analysis/box.h"
#include "lower/graph.h"

namespace heddle::Internal {

/** split_storage of an output. */
[[noreturn]] void refuse_split_output(const GraphFunc &f);
/** hoist_storage where how much is kept has no bound outside. */
[[noreturn]] void refuse_hoist(const GraphFunc &p);
/** Returns when dimension d of the box of p has both ends. */
void require_bounded(const GraphFunc &p, const Box &box, size_t d, const char *how);

}  // namespace heddle::Internal
