#pragma once
// Finds which Funcs share loops (share_loops.h), and finds for each Func of the graph the one loop in which it is computed and the one in which it is
// stored, and refuses what is illegal: a loop that does not exist, a use outside of the compute loop, a
// store level inside of the compute level.
//
// A Func whose level names no stage, or that has updates and is scheduled inline, may be needed in
// several stages: each of them then gets a copy of the Func, so that afterwards every symbol is computed
// in exactly one place. Funcs that nobody uses are marked as removed.

#include "lower/graph.h"

namespace heddle::Internal {

void place(Graph &graph);

/** The place that the whole stage of `place` (which is inside of a stage) runs in: where its Func is computed, or the
    loop of another stage that it runs with. */
LoopPlace around(const Graph &graph, const LoopPlace &place);

/** Whether `inner` is the same loop as `outer` or lies within it. */
bool is_within(const Graph &graph, const LoopPlace &inner, const LoopPlace &outer);

}  // namespace heddle::Internal
