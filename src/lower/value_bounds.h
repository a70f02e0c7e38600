#pragma once
// Where the value of a Func is used as an index, what is known of that value is written down: a call of a pure
// Func whose definition lies in [low, high] becomes promise_clamped(call, low, high). Regions, which cannot look
// into storage, are then bounded by it. For a placed graph: Funcs that are inlined need no help.

#include "lower/graph.h"

namespace heddle::Internal {

void promise_value_bounds(Graph &graph);

}  // namespace heddle::Internal
