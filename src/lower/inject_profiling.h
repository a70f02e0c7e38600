#pragma once
// nest → nest. For targets with the profile feature: tells the runtime's profiler when the kernel starts and ends, and
// which Func is being computed. After the nest is built and before anything else looks into it.
// A Func with no_profiling() counts as part of the one around it.

#include "lower/graph.h"

namespace heddle::Internal {

Stmt inject_profiling(const Stmt &nest, const Graph &graph, const std::string &pipeline);

}  // namespace heddle::Internal
