#include "lower/check_devices.h"

#include <algorithm>

#include "schedule/check.h"
#include "schedule/directives.h"
#include "support/assert.h"

namespace heddle::Internal {

namespace {

// Whether loops of the stage run on a device: a later directive may have taken them back.
bool uses_device(const GraphStage &stage) {
    return stage.nest.device && std::any_of(stage.nest.dims.begin(), stage.nest.dims.end(), [](const Dim &d) { return is_gpu(d.for_type); });
}

[[noreturn]] void refuse(const GraphFunc &f, const GraphStage &stage, const Target &target) {
    const DeviceUse &use = *stage.nest.device;
    Diagnostic d;
    d.code = 365;
    d.location = use.location;
    d.directive = use.directive;
    d.func = stage_name(*f.function, stage.definition);
    const bool any = use.api == DeviceAPI::Default_GPU;
    d.message = concat("the target ", target.to_string(), " has no ", any ? "GPU" : cpp_name(use.api) + " device",
                       " to run loops of ", d.func);
    d.hint = concat("add ", any ? "cuda, metal or opencl" : file_name(use.api), " to the target, or schedule the stage for the CPU");
    throw CompileError(std::move(d));
}

}  // namespace

void check_devices(const Graph &graph, const Target &target) {
    for (const GraphFunc &f : graph.funcs) {
        if (f.removed) continue;
        for (const GraphStage &stage : f.stages) {
            if (uses_device(stage) && !target.supports_device_api(stage.nest.device->api)) refuse(f, stage, target);
        }
    }
}

}  // namespace heddle::Internal
