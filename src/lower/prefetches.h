#pragma once
// What prefetch() asks of the caches: requests for memory, at the beginning of a loop's body, that a later iteration
// will read.

#include "lower/graph.h"
#include "lower/stage_loops.h"

namespace heddle::Internal {

/** Throws a CompileError for a prefetch at a loop that the stage does not have. */
void check_prefetches(const Graph &graph, int f, const GraphStage &def);

/** `body`, that of loop d of a stage of Func f, after requests for what it will read when the loop that each prefetch
    names has advanced. Nothing is asked of what is stored inside, nor of a region without bounds. */
Stmt with_prefetches(const Graph &graph, int f, const GraphStage &def, const StageLoops &loops, size_t d, Stmt body);

}  // namespace heddle::Internal
