#pragma once
// HEDDLE_ROUNDTRIP: what can be written as text goes through its text form, everywhere, for tests. "schedule" does so
// with the schedule of each pipeline before it is lowered, "ir" with the statement after each pass of lowering; both
// are separated by a comma.

#include <memory>
#include <vector>

#include "language/function.h"

namespace heddle::Internal {

struct Roundtrip {
    bool schedule = false, ir = false;
};
/** As the environment says; CompileError HD0514 when it says something else. */
Roundtrip roundtrip_from_environment();

/** Writes what was recorded for all Funcs that the outputs reach as JSON, reads it, and records what was read in its
    place; only where it was written stays as it was. An InternalError when anything was lost. A schedule that cannot
    be written, because it names a Func that is not part of the pipeline or a LoopLevel that is not set, is left to be
    refused by lowering. */
void roundtrip_schedule(const std::vector<std::shared_ptr<const Function>> &outputs);

}  // namespace heddle::Internal
