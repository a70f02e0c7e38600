#pragma once
// The passes that a statement goes through, in order, as a table. The driver times, verifies, dumps and
// stops; passes do not.
//
//   HEDDLE_DUMP=all|changed|<pass>   print the statement after every pass, after those that changed it, or
//                                    after one; to stderr, or into files NN_pass.hir of HEDDLE_DUMP_DIR
//   HEDDLE_TIME_PASSES=1             milliseconds per pass, to stderr
//   HEDDLE_STOP_AFTER=<pass>         leave out all later passes (the result can be interpreted, not compiled)
//   HEDDLE_SKIP=<pass>               leave out one pass, if it may be
//   HEDDLE_VERIFY=1                  check the invariants of the level after each pass (always on in debug builds)

#include <string>
#include <vector>

#include "ir/verify.h"
#include "lower/pass.h"

namespace heddle::Internal {

struct Pass {
    const char *name;
    Stmt (*run)(const Stmt &, PassContext &);
    Level in, out;
    bool may_skip;    ///< the result is right without it
    const char *doc;  ///< what it does
    const char *why_here;
};

/** All passes after build_nest, in order. */
const std::vector<Pass> &passes();

/** Runs them. `stop_after` as HEDDLE_STOP_AFTER; empty: all. */
Stmt run_passes(Stmt s, PassContext &context, const std::string &stop_after = "");

/** docs/passes.md, printed from the table. */
std::string passes_markdown();

}  // namespace heddle::Internal
