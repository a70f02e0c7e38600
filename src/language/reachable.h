#pragma once
// What outputs depend on: the Functions that they call, directly or not, and the Parameters that occur
// in any of their definitions, directives and constraints.

#include <memory>
#include <vector>

#include "heddle/argument.h"
#include "language/function.h"
#include "language/parameter.h"

namespace heddle::Internal {

using Functions = std::vector<std::shared_ptr<const Function>>;
using Parameters = std::vector<std::shared_ptr<const ParameterContents>>;

/** All Functions that the outputs reach, themselves included, producers before consumers, each once. */
Functions functions_reached(const Functions &outputs);

/** All Parameters that occur in these Functions (as functions_reached gives them), in the constraints of
    Parameters found, in the constraints of the outputs' buffers and in `more`; each once: buffers first,
    both groups by name. Buffers that are bound from the start are among them; output buffers are not. */
Parameters parameters_used(const Functions &reached, const Functions &outputs, const ExprList &more = {});

/** The parameter as an argument of a kernel, with its estimates. */
Argument argument_of(const ParameterContents &p);

/** Two different parameters of one name among those that are arguments: a CompileError HD0263. */
void check_distinct_names(const Parameters &parameters);

}  // namespace heddle::Internal
