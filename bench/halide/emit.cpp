// emit NAME SCHEDULE.json DIR: compiles the registered generator NAME with Halide, with the schedule of the file
// ("-" for none), into DIR/peer_NAME.a.

#include <cstdio>
#include <exception>

#include "apply_schedule.h"

using namespace Halide;
using namespace Halide::Internal;

int main(int argc, char **argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: %s NAME SCHEDULE.json DIR\n", argv[0]);
        return 2;
    }
    const std::string name = argv[1], schedule = argv[2], dir = argv[3];
    try {
        const Target target = get_target_from_environment();
        auto generator = GeneratorRegistry::create(name, GeneratorContext(target));
        Pipeline pipeline = generator->build_pipeline();
        if (schedule != "-") apply_schedule(pipeline, schedule);

        std::vector<Argument> arguments;
        for (const auto &info : generator->arginfos()) {
            if (info.dir != ArgInfoDirection::Input) continue;
            const bool buffer = info.kind != ArgInfoKind::Scalar;
            const Parameter p = generator->input_parameter(info.name).at(0);
            arguments.emplace_back(p.name(), buffer ? Argument::InputBuffer : Argument::InputScalar, p.type(),
                                   p.dimensions(), ArgumentEstimates{});
        }
        pipeline.compile_to_static_library(dir + "/peer_" + name, arguments, "peer_" + name, target);
        pipeline.compile_to_lowered_stmt(dir + "/peer_" + name + ".stmt", arguments, StmtOutputFormat::Text, target);
    } catch (const std::exception &e) {
        std::fprintf(stderr, "emit %s: %s\n", name.c_str(), e.what());
        return 1;
    }
    return 0;
}
