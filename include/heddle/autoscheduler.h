#pragma once
// Schedulers that a program brings along: functions that schedule a whole Pipeline, by name.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "heddle/special_members.h"
#include "heddle/std_function.h"
#include "heddle/target.h"

namespace heddle {

class Pipeline;

/** The scheduler's name, and settings of its own. */
struct AutoschedulerParams {
    std::string name;
    std::map<std::string, std::string> extra;

    AutoschedulerParams();
    AutoschedulerParams(const std::string &name);
    AutoschedulerParams(const std::string &name, const std::map<std::string, std::string> &extra);
    HEDDLE_SPECIAL_MEMBERS(AutoschedulerParams);
    /** `autoscheduler=name autoscheduler.key=value ...`, as a generator program takes it. */
    std::string to_string() const;
};

/** What a scheduler says that it did. */
struct AutoSchedulerResults {
    Target target;
    AutoschedulerParams autoscheduler_params;
    std::string schedule_source;         ///< C++, for people
    std::vector<uint8_t> featurization;  ///< of the scheduler's own making
};

using AutoSchedulerFn =
    std::function<void(const Pipeline &, const Target &, const AutoschedulerParams &, AutoSchedulerResults *)>;

/** Loads a shared library, whose initialization may call Pipeline::add_autoscheduler. A name without a slash
    or dot is the middle of lib<name>.so. HD0224 when it cannot be loaded. */
void load_plugin(const std::string &library);

}  // namespace heddle
