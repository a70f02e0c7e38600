// The directives that give loops to a GPU.

#include "schedule/nest_builder.h"

#include "heddle/var.h"
#include "support/assert.h"

namespace heddle::Internal {

namespace {

constexpr size_t most_axes = 3;

// Where the device stands among the arguments.
DeviceAPI device_of(const Directive &d) {
    return argument_or(d, info(d.kind).parameters.size() - 1, DeviceAPI::Default_GPU);
}

Verdict check_axes(const std::vector<LoopName> &loops, const char *what) {
    if (loops.size() <= most_axes) return {};
    return Refusal{362, concat(loops.size(), " loops are to be ", what, ": a grid, and a block, has ", most_axes, " axes at most"),
                   loops[most_axes].name, "fuse loops first"};
}

}  // namespace

Verdict NestBuilder::run_on_device(const Directive &d) {
    const DeviceAPI api = device_of(d);
    if (f_.external && stage_ == 0) {
        return Refusal{455, concat("a C function computes ", f_.display_name, ": its loops are not ours to give to a GPU"), "",
                       "schedule the Funcs that it reads, or that use it"};
    }
    if (!nest_.device) {
        nest_.device = {api, to_cpp(d), d.location};
    } else if (api != DeviceAPI::Default_GPU) {
        const DeviceAPI before = nest_.device->api;
        if (before != DeviceAPI::Default_GPU && before != api) {
            return Refusal{363, concat("loops of this stage run on ", cpp_name(before), " already, and cannot run on ", cpp_name(api), ", too"),
                           "", "name the same device everywhere in a stage, or none: then it is that of the target"};
        }
        nest_.device->api = api;
    }
    const auto list = [&](size_t i) -> const std::vector<LoopName> & { return argument<std::vector<LoopName>>(d, i); };
    switch (d.kind) {
    case DirectiveKind::gpu_blocks: return gpu_loops(list(0), ForType::GPUBlock);
    case DirectiveKind::gpu_threads: return gpu_loops(list(0), ForType::GPUThread);
    case DirectiveKind::gpu_lanes: return set_type(argument<LoopName>(d, 0), ForType::GPULane);
    case DirectiveKind::gpu_tile: return gpu_tile(d);
    default: return gpu_single_thread();
    }
}

Verdict NestBuilder::gpu_loops(const std::vector<LoopName> &loops, ForType type) {
    if (Verdict v = check_axes(loops, type == ForType::GPUBlock ? "blocks" : "threads")) return v;
    for (const LoopName &l : loops) {
        if (Verdict v = set_type(l, type)) return v;
    }
    return {};
}

Verdict NestBuilder::gpu_tile(const Directive &d) {
    const auto &loops = argument<std::vector<LoopName>>(d, 0), &blocks = argument<std::vector<LoopName>>(d, 1),
               &threads = argument<std::vector<LoopName>>(d, 2);
    if (Verdict v = check_axes(loops, "tiled")) return v;
    if (Verdict v = tile(loops, blocks, threads, argument<std::vector<Expr>>(d, 3), {argument_or(d, 4, TailStrategy::Auto)})) return v;
    if (Verdict v = gpu_loops(blocks, ForType::GPUBlock)) return v;
    return gpu_loops(threads, ForType::GPUThread);
}

// Two loops of one iteration around all others.
Verdict NestBuilder::gpu_single_thread() {
    for (const auto &[wish, type] : {std::pair("thread", ForType::GPUThread), std::pair("block", ForType::GPUBlock)}) {
        Split s;
        s.kind = Split::Kind::Single;
        s.outer = fresh_name(wish);
        Dim d;
        d.var = s.outer;
        d.for_type = type;
        nest_.splits.push_back(std::move(s));
        nest_.dims.push_back(std::move(d));
        loops_.push_back({});
    }
    return {};
}

}  // namespace heddle::Internal
