#pragma once
// Whether a directive is legal, and recording it when it is.

#include <optional>

#include "schedule/directives.h"
#include "schedule/nest_builder.h"

namespace heddle::Internal {

/** Whether d could be recorded next for the stage or branch (0 is the pure stage; a directive of scope Func belongs to
    it). Neither throws nor renders a loop nest. Nothing: it is legal. */
std::optional<Diagnostic> check(const Function &f, const StagePath &at, const Directive &d);

/** Records d, or throws CompileError with the loop nest as a note and leaves f as it was. */
void record(Function &f, const StagePath &at, Directive d);

/** The directives of scope Loops of a stage or branch. */
const std::vector<Directive> &loop_directives(const Function &f, const StagePath &at);
std::vector<Directive> &loop_directives(Function &f, const StagePath &at);

/** Checks all directives of f from the start, as if they were recorded again in order. On a refusal, *stage and
    *index say which one it was (its place among those of its scope and stage). */
std::optional<Diagnostic> check_all(const Function &f, int *stage, size_t *index);

/** The diagnostic for a refusal of d; without notes. */
Diagnostic diagnostic_of(const Refusal &r, const Function &f, int stage, const Directive &d);
/** "f" or "f.update(0)". */
std::string stage_name(const Function &f, int stage);

/** Verdict on a directive of scope Func, given those before it. */
Verdict check_placement(const Function &f, const std::vector<Directive> &before,
                        const Directive &d);

}  // namespace heddle::Internal
