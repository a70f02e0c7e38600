#pragma once
// One case in a process of its own, so that a crash or an endless loop is a verdict like any other.

#include <functional>
#include <string>

namespace heddle::testing {

/** What became of one random program. */
struct Verdict {
    std::string wrong;  ///< what is wrong, by whose judgement: "JIT: …"; empty when nothing is
    std::string text;   ///< the program
    bool is_refused = false;
};

/** `make()`, which gives the text of a program, and then `judge()` of it in a child process. A child that dies or takes
    longer than so many seconds gives a verdict that says so. The calling process must have no other threads: it has run
    no pipeline. */
Verdict apart(const std::function<std::string()> &make, const std::function<Verdict()> &judge, int seconds);

}  // namespace heddle::testing
