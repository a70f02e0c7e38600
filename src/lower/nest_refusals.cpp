#include "lower/nest_refusals.h"

namespace heddle::Internal {

void refuse_split_output(const GraphFunc &f) {
    const StorageSplit &s = f.placement.storage_splits[0];
    Diagnostic d;
    d.code = 436;
    d.location = f.function->pure.location;
    d.directive = "split_storage(" + s.old + ", " + s.outer + ", " + s.inner + ")";
    d.func = f.name;
    d.var = s.old;
    d.message = f.name + " is an output: its layout in memory is its caller's";
    d.hint = "compute it as an intermediate of the pipeline, or make the blocks dimensions of the algorithm";
    throw CompileError(d);
}

void refuse_hoist(const GraphFunc &p) {
    Diagnostic d;
    d.code = 425;
    d.location = p.placement.hoist.location;
    d.directive = "hoist_storage";
    d.func = p.name;
    d.message = "how much of " + p.name + " must be kept has no bound outside of the loops between";
    d.hint = "bound_extent() its dimensions, or leave hoist_storage out";
    throw CompileError(d);
}

void require_bounded(const GraphFunc &p, const Box &box, size_t d, const char *how) {
    if (box[d].min.defined() && box[d].max.defined()) return;
    Diagnostic diagnostic;
    diagnostic.code = 452;
    diagnostic.location = p.function->pure.location;
    diagnostic.func = p.name;
    diagnostic.var = p.function->args[d];
    diagnostic.message = "Func " + p.name + " " + how + " in an unbounded way in dimension " +
                         std::to_string(d) + " (" + diagnostic.var + ")";
    diagnostic.hint = "clamp() the index to the range that is meant";
    throw CompileError(diagnostic);
}

}  // namespace heddle::Internal
