#pragma once
// For each directive a program that shows what it does, and one that is refused. directives_test.cpp holds all of them
// against src/schedule/directives.def.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "heddle/heddle.h"

namespace heddle::testing {

struct Case {
    /** The output of a small pipeline with a schedule, of which the directive is a part when `said`. */
    std::function<Func(bool said)> program;
    /** Of the output, when the program runs. */
    std::vector<int> extents;
    /** Says the directive where it is not legal, and lowers the pipeline when only that can tell. */
    std::function<void()> refused;
    /** The statement is shown as it is before this pass: the first one after which the directive can be seen. */
    std::string before = "storage_folding";
    /** False for a directive that changes nothing. */
    bool has_effect = true;
    /** The directive that the refusal names, when that is not the one said: always_partition_all is one for each loop. */
    std::string refused_as = {};
    /** It is for a GPU: only the interpreter runs the program. */
    bool on_gpu = false;
};

/** By the names of directives.def. */
using Cases = std::map<std::string, Case>;
Cases loop_cases();  ///< of directives about the loops of a stage
Cases func_cases();  ///< of directives about a whole Func

/** Lowers the pipeline of these outputs. */
void lower_pipeline(const std::vector<Func> &outputs);

}  // namespace heddle::testing
