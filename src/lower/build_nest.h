#pragma once
// tensor → nest. Builds the loop nest of the whole pipeline from the inside out: each stage's loops over
// the region that its consumers need, each Func produced at its compute level and realized at its store
// level. Because the consumers' statement exists before the producer's region is asked for, the region is
// what that statement reads (analysis/box.h): one analysis serves all levels.
//
// A Func that is stored outside of the loop it is computed in only computes what earlier iterations have
// not (sliding window): where one dimension of its region moves up with the loop and the others stay.

#include "lower/graph.h"
#include "lower/pass.h"

namespace heddle::Internal {

/** The region of an output as its caller gave it: one range per dimension, in symbols that lowering binds
    to the fields of the first element's buffer. */
struct OutputRegion {
    int func;
    Ranges ranges;
};


/** `graph` is placed. Throws CompileError when a region is unbounded. Notes where loops came from in
    context.origins. */
Stmt build_nest(const Graph &graph, const std::vector<OutputRegion> &outputs, PassContext &context);

}  // namespace heddle::Internal
