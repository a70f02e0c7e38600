#pragma once
// What every pass is given besides the statement. A pass is `Stmt name(const Stmt &, PassContext &)` in a
// pair of files of its own; it neither times, nor dumps, nor verifies: the driver of pipeline.cpp does.

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "heddle/error.h"
#include "heddle/target.h"
#include "ir/nodes.h"

namespace heddle::Internal {

/** What a loop of the nest came from, for messages. */
struct LoopOrigin {
    std::string func, var;
    SourceLocation location;
};

/** A fold_storage directive: coordinate `dim` of a buffer is to be kept modulo `factor`. */
struct ExplicitFold {
    size_t dim;
    Expr factor;
    std::string func, var;
    SourceLocation location;
};

/** What is bound, or (without a symbol) must hold, before all else in a kernel, its arguments' fields aside. */
struct PrologueStep {
    Symbol symbol;
    Expr value;
    Expr message;  ///< of a condition: the call that reports it
};

struct PassContext {
    Target target;
    std::string pipeline;  ///< name of the kernel
    /** Symbols that the statement may use without binding them: the arguments of the kernel. */
    std::vector<std::pair<Symbol, Type>> arguments;
    /** The halide_buffer_t of each image that is an argument, by the symbol of its accesses. */
    std::unordered_map<Symbol, Symbol> handles;
    /** In order; made by build_nest, used by with_argument_checks. */
    std::vector<PrologueStep> prologue;
    /** Loops that build_nest made; others are not in it. */
    std::unordered_map<Symbol, LoopOrigin> origins;
    /** By buffer, what storage_folding must do and not just may. */
    std::unordered_map<Symbol, std::vector<ExplicitFold>> folds;
};

}  // namespace heddle::Internal
