#pragma once
// From recorded directives to a Schedule value and back.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "heddle/schedule.h"
#include "language/function.h"

namespace heddle::Internal {

/** The names that schedule files use for these Funcs: their display names; the second of one name is "name#1".
    Give those of the algorithm (as functions_reached gives them) first, so that no directive changes their names. */
std::vector<std::string> names_in_files(const std::vector<std::shared_ptr<const Function>> &funcs);

/** What was recorded for all Funcs that the outputs reach. Stages without directives are left out. A
    LoopLevel that is not set is a CompileError. */
Schedule collect_schedule(const std::vector<std::shared_ptr<const Function>> &outputs,
                          const std::string &pipeline = "", const std::string &target = "");

/** Replaces what was recorded for all Funcs that the outputs reach: Funcs that the schedule does not name
    get the default. All or nothing: when something is refused (CompileError HD05xx, or the code of the
    directive) everything stays as it was. With check_algorithm, a schedule that was made for another algorithm
    is refused. Parameters are known by name: those that the definitions and the present schedule use, and those of
    `more`. */
void apply_schedule(const Schedule &schedule,
                    const std::vector<std::shared_ptr<const Function>> &outputs,
                    bool check_algorithm = true, const ExprList &more = {});

/** Refuses (HD0509) a schedule that has no hash to compare and names a pipeline that is none of `names`. */
void expect_made_for(const Schedule &schedule, const std::vector<std::string> &names);

}  // namespace heddle::Internal
