#pragma once
// Whether the target has the devices that the schedule names.

#include "heddle/target.h"
#include "lower/graph.h"

namespace heddle::Internal {

/** Throws CompileError HD0365, about the directive, for the first stage some of whose loops run on a device that the
    target does not have. */
void check_devices(const Graph &graph, const Target &target);

}  // namespace heddle::Internal
