#include "ir/device_loops.h"

#include "ir/text.h"
#include "support/assert.h"

namespace heddle::Internal {

void no_device_code(const For &n) {
    Diagnostic d;
    d.code = 802;
    d.var = n.loop.name();
    d.message = concat("loop ", n.loop.name(), " is a ", to_string(n.for_type), " loop, and no code is made for GPUs yet");
    d.hint = "schedule for the CPU; with HEDDLE_EXECUTE=interpreter the pipeline runs as it is scheduled";
    throw CompileError(std::move(d));
}

}  // namespace heddle::Internal
