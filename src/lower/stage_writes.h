#pragma once
// What a stage does in one iteration of all its loops: the writes of its values, with the tails of its splits, and Atomic
// around them where several iterations that run at once update one element.

#include "lower/graph.h"
#include "lower/stage_loops.h"

namespace heddle::Internal {

/** The writes of a stage of Func f, in terms of its pure and reduction variables. Nothing is written of undef. */
Stmt stage_writes(const Graph &graph, int f, const GraphStage &def, const StageLoops::Tails &tails);

}  // namespace heddle::Internal
