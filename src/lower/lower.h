#pragma once
// From Functions with their schedules to a Module of flat loop nests.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "heddle/argument.h"
#include "heddle/target.h"
#include "ir/module.h"
#include "language/function.h"
#include "language/parameter.h"

namespace heddle::Internal {

struct PassContext;

struct LowerRequest {
    std::vector<std::shared_ptr<const Function>> outputs;
    std::string name;  ///< of the kernel's C function
    Target target;
    /** The inputs by name, in the order of the C signature. Absent: all that the outputs depend on, buffers
        before scalars, each in order of first use; Buffers used in definitions are arguments, too. Given: a
        parameter that is missing is an error; a Buffer used in a definition still becomes an argument
        behind the others, or part of the kernel. Outputs always come last. */
    std::optional<std::vector<Argument>> arguments;
    /** Buffers used in definitions become part of the kernel, as they are now, and no arguments. */
    bool embed_buffers = false;
    struct Requirement {
        Expr condition;
        std::vector<Expr> message;  ///< joined as text when condition is false
    };
    std::vector<Requirement> requirements;
};

/** The parameters that the outputs depend on, in order of first use; a Buffer in a definition counts. Those that only
    the schedule uses come last. */
std::vector<std::shared_ptr<const ParameterContents>> parameters_of(
    const std::vector<std::shared_ptr<const Function>> &outputs);

/** Throws CompileError when the pipeline or its schedule is not legal. For an argument that stands for a
    Parameter, LoweredArgument::symbol.declaration() is that Parameter. */
Module lower(const LowerRequest &request);

/** The kernel at level nest, in its simplest form: for counting and for people. */
LoweredFunction lower_nest(const LowerRequest &request);

/** The kernel before the first pass, and what the passes are given besides it: for tests that run them one by one. */
LoweredFunction built_nest(const LowerRequest &request, PassContext &context);

/** The statement after the last pass before (and without) `stop_after`: for tests and for printing. An empty
    name runs all passes. Names are those of pipeline.cpp. */
Stmt lower_until(const LowerRequest &request, const std::string &stop_after);

}  // namespace heddle::Internal
