#pragma once
// What schedule files call the loops of a stage. Vars, and the loops that directives make, keep their names.
// The variables of the stage's RDom, whatever the program calls them, are r.x, r.y, r.z, r.w, r.4, r.5, ... in
// order; `r` alone is short for r.x where the RDom has one variable. Where one of these names is that of a
// dimension of the Func, or of a loop that a directive makes, it means that one, and $0, $1, ... serve for the
// RDom's variables; those are always understood. Vars and RVars that the program gave no name, be they dimensions or
// loops, are $v0, $v1, ... in the order in which their Func meets them: its dimensions, the directives for all of it,
// those of its stages.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "heddle/schedule.h"
#include "language/function.h"

namespace heddle::Internal {

/** The name in files of a loop of the stage. */
std::string file_name_of_loop(const Function &f, int stage, const std::string &loop);
/** The name in files of a loop of f in a compute level. *stage is set when the name alone would be taken for
    that of another stage. */
std::string file_name_of_level(const Function &f, const std::string &loop, int *stage);

/** What the program calls $v0, $v1, ... of the Funcs of one file: the dimensions that have no name, and new Vars. */
class UnnamedLoops {
public:
    /** The loop of f, or the name itself when it is another kind of name. */
    const std::string &name(const Function &f, const std::string &in_file);

private:
    std::map<std::pair<const Function *, int>, std::string> names_;
};

/** The way back, for one stage in a file. */
class StageAliases {
public:
    /** `directives` are those that the file has for the stage: they tell which names are of loops that they
        make. */
    StageAliases(const Function &f, int stage, const std::vector<Directive> &directives, UnnamedLoops &unnamed);
    /** The loop of this name in the program. */
    std::string loop(const std::string &name) const;

private:
    const Function &func_;
    int stage_;
    std::set<std::string> own_;  // names that stand for themselves
    UnnamedLoops &unnamed_;
};

/** The loop of f that a compute level in a file names; the last stage that has it, or the stage given. */
std::string loop_of_level(const Function &f, const std::string &name, int stage);

}  // namespace heddle::Internal
