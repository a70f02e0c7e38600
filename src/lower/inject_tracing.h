#pragma once
// nest → nest. Adds the calls that report what a traced pipeline does: begin and end of the pipeline, tags, the
// storage of a Func, its computation and its use, and each load and store.
// After the nest is built, whose regions it must not disturb, and before anything folds or flattens coordinates:
// events carry those that the user wrote.
//
// Each event names its parent by the id that the parent's event returned: loads and stores that of the innermost
// production or use of their Func (0 where its realizations are not traced), those that of its storage, and all
// else that of the pipeline.

#include "lower/build_nest.h"

namespace heddle::Internal {

/** `nest` unchanged when nothing is traced. `trace_pipeline` asks for the events of the pipeline alone. */
Stmt inject_tracing(const Stmt &nest, const Graph &graph, const std::vector<OutputRegion> &outputs,
                    const std::string &pipeline, const Target &target);

}  // namespace heddle::Internal
