#pragma once
// The buffers that a kernel takes, and what it does with them before it computes anything: reads their
// fields, answers bounds queries, and refuses what does not fit, by Halide's error codes.
// nest → nest: the statement gains Views, lets and Asserts around it.

#include <string>
#include <vector>

#include "heddle/target.h"
#include "language/parameter.h"
#include "lower/graph.h"
#include "lower/pass.h"

namespace heddle::Internal {

/** One `halide_buffer_t *` parameter. */
struct BufferArgument {
    std::string name;
    Symbol handle;  ///< the parameter itself
    Symbol base;    ///< the buffer symbol in Accesses; bound to the host pointer
    Type type;
    bool is_output = false;
    std::shared_ptr<const ParameterContents> parameter;  ///< constraints; may be null
    std::vector<Symbol> min, extent, stride;     ///< one per dimension
    int shaped_like = -1;  ///< index of the buffer whose mins and extents it must have: that of a Tuple's first element
};

BufferArgument make_buffer_argument(const std::string &name, const Symbol &base, Type type, int dimensions,
                                    bool is_output, std::shared_ptr<const ParameterContents> parameter);

/** A condition on parameters, with the call that reports it. */
struct Requirement {
    Expr condition;
    Expr message;
    bool also_of_queries = false;  ///< nothing can be said of regions either while it does not hold
};

/** `body` with everything around it: the whole kernel at level nest. `scalars` are the scalar parameters. */
Stmt with_argument_checks(const Stmt &body, const std::vector<BufferArgument> &buffers,
                          const std::vector<std::shared_ptr<const ParameterContents>> &scalars,
                          const std::vector<Requirement> &requirements, const std::vector<PrologueStep> &prologue,
                          const Target &target);

}  // namespace heddle::Internal
