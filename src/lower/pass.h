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

/** A Func that a task of its own computes. */
struct AsyncFunc {
    std::string name;
    SourceLocation location;
    int order = 0;                 ///< producers before consumers
    std::vector<Symbol> elements;  ///< the first one is what its ProducerConsumer marks name
    /** So many times at most may it be computed before the first of them is used; undefined: no limit. */
    Expr ahead;
};

struct PassContext {
    Target target;
    /** Symbols that the statement may use without binding them: the arguments of the kernel. */
    std::vector<std::pair<Symbol, Type>> arguments;
    /** Loops that build_nest made; others are not in it. */
    std::unordered_map<Symbol, LoopOrigin> origins;
    /** By buffer, what storage_folding must do and not just may. */
    std::unordered_map<Symbol, std::vector<ExplicitFold>> folds;
    std::vector<AsyncFunc> async_funcs;
    std::unordered_map<Symbol, size_t> async;  ///< element of a Func that is async → index in async_funcs
};

}  // namespace heddle::Internal
