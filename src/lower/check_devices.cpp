#include "lower/check_devices.h"

#include "schedule/check.h"
#include "schedule/directives.h"
#include "support/assert.h"

namespace heddle::Internal {

namespace {

[[noreturn]] void refuse(const GraphFunc &f, const GraphStage &stage, const Target &target) {
    const DeviceUse &use = *stage.nest.device;
    Diagnostic d;
    d.code = 365;
    d.location = use.location;
    d.directive = use.directive;
    d.func = stage_name(*f.function, stage.definition);
    d.message = concat("the target ", target.to_string(), " has no ",
                       use.api == DeviceAPI::Default_GPU ? "GPU" : cpp_name(use.api) + " device", " to run loops of ", d.func);
    d.hint = concat("add ", use.api == DeviceAPI::Default_GPU ? "cuda, metal or opencl" : file_name(use.api), " to the target, or schedule the stage for the CPU");
    throw CompileError(std::move(d));
}

}  // namespace

void check_devices(const Graph &graph, const Target &target) {
    for (const GraphFunc &f : graph.funcs) {
        if (f.removed) continue;
        for (const GraphStage &stage : f.stages) {
            if (stage.nest.device && !target.supports_device_api(stage.nest.device->api)) refuse(f, stage, target);
        }
    }
}

}  // namespace heddle::Internal
