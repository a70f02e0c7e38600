#pragma once
// What lowering hands to the code generators: functions with a flat body.

#include <memory>
#include <string>
#include <vector>

#include "heddle/argument.h"
#include "heddle/target.h"
#include "ir/nodes.h"

namespace heddle::Internal {

/** One parameter of a lowered function. `symbol` is how the body refers to it: a Variable of the
    scalar's type, or of type handle for a `halide_buffer_t *`. */
struct LoweredArgument {
    Argument argument;
    Symbol symbol;
};

/** A Buffer of the program that a kernel carries in itself: dense, in host memory. */
struct EmbeddedBuffer {
    std::string name;
    Symbol symbol;  ///< how the body refers to its `halide_buffer_t *`
    Type type;
    std::vector<halide_dimension_t> dims;
    std::vector<uint8_t> bytes;
};

/** A kernel. Its C signature is `int name(args in order)`: scalars by value, buffers as
    `halide_buffer_t *`. A nonzero result is one of halide_error_code_t. `__user_context` is an
    ordinary `void *` argument when the target has the UserContext feature. */
struct LoweredFunction {
    std::string name;
    std::vector<LoweredArgument> args;
    Stmt body;  ///< at level flat: Assert, Let, For, Load, Store, Allocate, ...
    std::vector<EmbeddedBuffer> embedded = {};
};

struct Module {
    std::string name;
    Target target;
    std::vector<LoweredFunction> functions;
    /** For the output schedule. */
    std::string schedule_json;
    /** The loop nest as people think of it, for conceptual_stmt; undefined when nobody asked for it. */
    Stmt conceptual;
};

}  // namespace heddle::Internal
