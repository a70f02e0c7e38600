#pragma once
// What every pass is given besides the statement. A pass is `Stmt name(const Stmt &, PassContext &)` in a
// pair of files of its own; it neither times, nor dumps, nor verifies: the driver of pipeline.cpp does.

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "heddle/error.h"
#include "heddle/target.h"
#include "ir/nodes.h"
#include "schedule/nest.h"

namespace heddle::Internal {

/** What a loop of the nest came from, for messages. */
struct LoopOrigin {
    std::string func, var;
    SourceLocation location;
    bool may_meet = true;  ///< several iterations may update one element
};

/** What a Func's directives say about one dimension of its storage; undefined: nothing. */
struct StorageWish {
    std::string var;
    Expr fold;       ///< the coordinate is kept modulo this
    Expr bound;      ///< the extent is this, and a need beyond it an error
    Expr alignment;  ///< the extent is rounded up to a multiple of this
};

/** What storage came from. */
struct StorageOrigin {
    std::string func;
    SourceLocation location;
    std::vector<StorageWish> dims;          ///< one per dimension of the Func, and one without a name for the copies of a ring_buffer
    std::vector<StorageSplit> splits = {};  ///< dimensions that are stored as two
    std::vector<std::string> order = {};    ///< where there are splits: the dimensions after them, innermost first
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
    /** By buffer of a Realize; others have no directives. */
    std::unordered_map<Symbol, StorageOrigin> storage;
    std::vector<AsyncFunc> async_funcs;
    /** Sliding windows: the loops from one iteration of which to the next values are kept, by the buffer of a Realize. */
    std::unordered_map<Symbol, std::unordered_set<Symbol>> kept_over;
    std::unordered_map<Symbol, size_t> async;  ///< element of a Func that is async → index in async_funcs
};

}  // namespace heddle::Internal
