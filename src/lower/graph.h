#pragma once
// The pipeline as lowering sees it: a copy of every Function that the outputs reach, in which
//   * each stage has variables of its own (a symbol is bound in one place only),
//   * calls of stages are Accesses of element symbols (one per Tuple element), never of Functions,
//   * Funcs that are scheduled inline and have no update are gone, substituted into their callers,
//   * expressions are trees: what was shared is bound by Let.
// From: Functions with their recorded directives. To: level tensor of the IR plus derived nests.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ir/nodes.h"
#include "language/function.h"
#include "language/parameter.h"
#include "schedule/nest.h"

namespace heddle::Internal {

/** A place in the loop nest: the body of loop `dim` (an index into StageNest::dims, innermost is 0) of a
    stage. func -1 is the outside of all loops; dim -1 is just around the stage's Write; one more than the
    last dim is around all loops of the stage (Var::outermost()). */
struct LoopPlace {
    int func = -1;
    int stage = 0;
    int dim = 0;
    bool operator==(const LoopPlace &) const = default;
};

/** A branch of a definition that specialize made is a stage of its own: branches of one definition stand together,
    and the first whose condition holds runs. */
struct GraphStage {
    int definition = 0;  ///< of the Function; 0 is the pure one
    Expr condition;      ///< undefined: none, or the last of its definition
    Expr chosen;         ///< the condition, and none before it; undefined: always
    std::optional<std::string> failure;  ///< of specialize_fail: instead of all that follows
    ExprList args;                      ///< left side, in arg_symbols and rvars
    ExprList values;                    ///< one per element
    Expr predicate;                     ///< of the RDom; undefined when there is none
    std::vector<Symbol> arg_symbols;    ///< this stage's pure variables, one per dimension
    std::vector<ReductionVariable> rvars;  ///< with symbols of this stage
    StageNest nest;
    /** compute_with: the loop of another stage in whose body this one runs, after it; func -1: none. The loops of
        this stage from dim `shared` outwards are those of the other one, shifted as `align` says (one for each of
        them). Set by place(). */
    LoopPlace with;
    int shared = 0;
    std::vector<LoopAlignStrategy> align;

    /** How many loops, innermost first, are this stage's own. */
    int own_loops() const {
        return with.func < 0 ? static_cast<int>(nest.dims.size()) : shared;
    }
    /** Whether the left side is just the pure variable in dimension d. */
    bool is_pure_in(size_t d) const;
};

struct GraphFunc {
    std::shared_ptr<const Function> function;
    std::string name;
    std::vector<Symbol> elements;  ///< storage, one per Tuple element
    Types types;
    std::vector<GraphStage> stages;
    Placement placement;
    bool is_output = false;
    /** Set by place(). The memory is allocated at hoist, and holds what is computed between two iterations of the loop
        of store; they are the same unless hoist_storage was said. */
    LoopPlace compute, store, hoist;
    bool removed = false;      ///< inlined or used by nobody

    size_t dimensions() const {
        return function->args.size();
    }
    /** The index of the first stage of this definition. */
    int first_branch(int definition) const;
    /** Whether a C function computes the pure stage: its values are the call, as in language/extern_definition.h. */
    bool is_extern() const {
        return function->external != nullptr;
    }
};

struct Graph {
    std::vector<GraphFunc> funcs;  ///< producers before their consumers
    std::vector<int> outputs;      ///< indices into funcs, in the order that was asked for
    std::vector<std::shared_ptr<const ParameterContents>> parameters;  ///< in order of first use

    /** The Func with this element symbol, or -1. */
    int func_of_element(const Symbol &element) const;
    /** Funcs with stages that share loops: they are next to each other in funcs, and computed in one place. */
    std::vector<std::vector<int>> groups;
    std::map<uint64_t, int> element_owner;  ///< element symbol id → index
};

/** Collects, copies, and inlines. Throws CompileError for undefined Funcs. */
Graph build_graph(const std::vector<std::shared_ptr<const Function>> &outputs);

/** The storage, with its types, of the Funcs that have this name and are computed, and of the buffers among the parameters. */
std::vector<std::pair<Symbol, Type>> elements_named(const Graph &graph, const std::string &name);

}  // namespace heddle::Internal
