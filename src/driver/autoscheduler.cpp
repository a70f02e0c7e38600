// Schedulers that programs bring along, by name.

#include "heddle/autoscheduler.h"

#include <dlfcn.h>

#include <mutex>

#include "driver/compiled.h"
#include "heddle/func.h"
#include "heddle/pipeline.h"
#include "language/define.h"
#include "language/reachable.h"

namespace heddle {

using namespace Internal;

namespace {

struct Schedulers {
    std::mutex mutex;
    std::map<std::string, AutoSchedulerFn> by_name;
};

Schedulers &schedulers() {
    static Schedulers s;
    return s;
}

}  // namespace

HEDDLE_DEFINE_SPECIAL_MEMBERS(AutoschedulerParams);

AutoschedulerParams::AutoschedulerParams() = default;

AutoschedulerParams::AutoschedulerParams(const std::string &name)
    : name(name) {
}

AutoschedulerParams::AutoschedulerParams(const std::string &name, const std::map<std::string, std::string> &extra)
    : name(name), extra(extra) {
}

std::string AutoschedulerParams::to_string() const {
    if (name.empty()) return "";
    std::string text = "autoscheduler=" + name;
    for (const auto &[key, value] : extra) text += concat(" autoscheduler.", key, "=", value);
    return text;
}

void load_plugin(const std::string &library) {
    std::string file = library;
    if (file.find('.') == std::string::npos && file.find('/') == std::string::npos) file = "lib" + file + ".so";
    if (dlopen(file.c_str(), RTLD_LAZY)) return;
    const char *why = dlerror();
    refuse(224, "", {}, concat("cannot load the library ", file, ": ", why ? why : "unknown"));
}

void Pipeline::add_autoscheduler(const std::string &name, const AutoSchedulerFn &scheduler) {
    Schedulers &s = schedulers();
    const std::lock_guard lock(s.mutex);
    if (!s.by_name.emplace(name, scheduler).second) {
        refuse(225, "", {}, concat("there is a scheduler called ", name, " already"));
    }
}

AutoSchedulerResults Pipeline::apply_autoscheduler(const Target &target, const AutoschedulerParams &params) const {
    checked("apply_autoscheduler");
    AutoSchedulerFn scheduler;
    {
        Schedulers &s = schedulers();
        const std::lock_guard lock(s.mutex);
        if (const auto it = s.by_name.find(params.name); it != s.by_name.end()) scheduler = it->second;
        if (!scheduler) {
            std::string known;
            for (const auto &[name, f] : s.by_name) known += (known.empty() ? "" : ", ") + name;
            refuse(225, "", {}, concat("there is no scheduler called \"", params.name, "\""),
                   known.empty() ? "load the library that has it with load_plugin() first"
                                 : concat("there are ", known));
        }
    }
    AutoSchedulerResults results;
    results.target = target;
    results.autoscheduler_params = params;
    scheduler(*this, target, params, &results);
    return results;
}

Func Pipeline::get_func(size_t index) {
    const PipelineContents &p = checked("get_func");
    const Functions reached = functions_reached({p.outputs.begin(), p.outputs.end()});
    if (index >= reached.size()) {
        refuse(226, "", {}, concat("the pipeline has ", reached.size(), " Func(s), none of number ", index));
    }
    return Func(std::const_pointer_cast<Function>(reached[index]));
}

}  // namespace heddle
