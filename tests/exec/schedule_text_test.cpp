// Schedules printed as C++, compiled, and said to the pipelines that they are for.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>

#include "heddle/generator.h"
#include "language/reachable.h"
#include "support_lib/differential.h"
#include "support_lib/shared_object.h"

namespace heddle::testing {
namespace {

namespace fs = std::filesystem;
using namespace heddle::Internal;
using Funcs = std::map<std::string, Func>;

Pipeline pipeline_of(const std::string &kernel) {
    return create_generator(kernel, get_host_target())->build_pipeline();
}

Funcs funcs_of(Pipeline &p) {
    Functions outputs;
    for (const Func &f : p.outputs()) outputs.push_back(f.function());
    Funcs funcs;
    for (const auto &f : functions_reached(outputs)) funcs.emplace(f->name.substr(0, f->name.find('$')), Func(std::const_pointer_cast<Function>(f)));
    return funcs;
}

// void name(funcs), which says the schedule.
std::string function(const std::string &name, const Schedule &s) {
    std::string text = "extern \"C\" void " + name + "(std::map<std::string, Func> &funcs) {\n";
    std::string before;
    for (const Schedule::Stage &stage : s.stages) {
        if (stage.func != before) text += "    Func " + stage.func + " = funcs.at(\"" + stage.func + "\");\n";
        before = stage.func;
        if (stage.update == 0) text += "    struct { RVar x; } r{" + stage.func + ".rvars(0)[0]};\n";
    }
    return text + s.to_cpp() + "}\n";
}

TEST(ScheduleText, CppSaysWhatTheFileSays) {
    std::string source = "#include <heddle/heddle.h>\n#include <map>\nusing namespace heddle;\n"
                         "namespace { Var x(\"x\"), y(\"y\"); }\n";
    std::map<std::string, Schedule> schedules;  // by name of the function
    for (const auto &entry : fs::directory_iterator(fs::path(HEDDLE_SOURCE_DIR) / "generators" / "schedules")) {
        std::string name = entry.path().stem();
        name.replace(name.find('.'), 1, "_");
        schedules[name] = Schedule::load(entry.path());
    }
    // What the demo does not say.
    schedules["matmul_splits"] = Schedule::from_json(R"({"heddle_schedule": 1, "stages": [
        {"func": "product", "update": null, "do": [["compute_root"], ["fuse", "x", "y", "xy"], ["parallel", "xy", 8, "guard_with_if"]]},
        {"func": "product", "update": 0, "do": [["split", "r.x", "ro", "ri", 4], ["split", "ri", "rio", "rii", 2], ["split", "x", "x", "xi", 8],
            ["reorder", "rii", "xi", "rio", "x", "ro", "y"], ["unroll", "rii"], ["vectorize", "xi"]]}]})");
    for (const auto &[name, s] : schedules) source += function(name, s);
    const TemporaryFolder folder;
    std::ofstream(folder / "schedules.cpp") << source;
    const SharedObject code(folder, "schedules", {folder / "schedules.cpp"}, std::string("-O0 -I") + HEDDLE_SOURCE_DIR + "/include");
    for (const auto &[name, s] : schedules) {
        const std::string kernel = name.substr(0, name.find('_'));
        Pipeline said = pipeline_of(kernel), loaded = pipeline_of(kernel);
        Funcs funcs = funcs_of(said);
        code.function<void(Funcs &)>(name)(funcs);
        Schedule given = s;
        given.pipeline = loaded.schedule().pipeline;  // the kernel has its name from the generator's program
        loaded.apply(given);
        EXPECT_EQ(said.schedule().to_json(), loaded.schedule().to_json()) << s.to_cpp();
        EXPECT_NE(said.schedule().to_json(), pipeline_of(kernel).schedule().to_json());
    }
}

}  // namespace
}  // namespace heddle::testing
