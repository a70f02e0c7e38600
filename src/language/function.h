#pragma once
// Function: what a Func means. A pure definition, update definitions, and the directives that were
// recorded for each. The algorithm part is never changed by a schedule; lowering works on copies.

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "heddle/error.h"
#include "heddle/expr.h"
#include "ir/nodes.h"
#include "language/directive.h"

namespace heddle::Internal {

/** One dimension of an RDom: an integer variable over min ... min + extent - 1. */
struct ReductionVariable {
    std::string name;  ///< what Vars are called in schedules, e.g. "r$x"; unique among RDoms
    Symbol symbol;     ///< how expressions refer to it (a Variable of type int32)
    Expr min, extent;
};

/** An RDom. Variables are in order; the first is the innermost loop. It owns the Variables that refer
    to it (Variable::owner). */
struct ReductionDomain final : Declaration {
    std::vector<ReductionVariable> variables;
    Expr predicate;       ///< the conjunction of all where() calls; undefined when there are none
    std::atomic<bool> frozen = false;  ///< used by an update definition: no further where()
};

struct Factoring;
class Function;

/** One stage of a Func: `name(args) = values`, for all values of the reduction variables where
    predicate holds, in the order of their loops. */
struct Definition {
    ExprList args;    ///< pure stage: the Variables of Function::args; update: any int32 Exprs
    ExprList values;  ///< one per Tuple element; undef() means that the element keeps its value
    std::shared_ptr<ReductionDomain> rdom;  ///< null when the stage has none
    Expr predicate;                         ///< of the rdom when the stage was defined, or undefined
    SourceLocation location;
    std::vector<Directive> directives;  ///< loop directives, in order of their calls
    std::vector<std::shared_ptr<Factoring>> factorings;  ///< one per rfactor among them, in order
    /** What rfactor has made of this stage, by its number. A schedule that is loaded defines them anew, so that
        handles on them stay good. */
    std::vector<std::shared_ptr<Function>> intermediates;
    std::vector<Directive> inherited;  ///< of a definition that rfactor made: gives it the loops it starts with
};

class ParameterContents;
class Function;

/** A Func that a directive of another one made: a wrapper or a clone. */
struct DerivedFunction {
    std::shared_ptr<Function> function;
    DirectiveKind made_by;
};
struct ExternDefinition;

class Function final : public Declaration, public std::enable_shared_from_this<Function> {
public:
    /** A Func of this display name, made unique in this process ("f", "f$1", ...). */
    static std::shared_ptr<Function> create(const std::string &name);

    Symbol symbol;             ///< its identity in expressions (Access::buffer)
    std::string name;          ///< unique in this process
    std::string display_name;  ///< as the user gave it; what schedule files use
    std::vector<std::string> args;  ///< names of the pure Vars, outermost argument order as written
    std::vector<Symbol> arg_symbols;
    Types types;  ///< of the values; empty while undefined
    Definition pure;
    /** Of a Func that a C function computes: pure.values are then undef() of its types. */
    std::shared_ptr<const ExternDefinition> external;
    std::vector<Definition> updates;
    std::vector<Directive> directives;  ///< placement, storage and bound directives, in order
    /** What directives of this Func made, now or before; owned here, so that it lives as long as this Func
        does. The directives know them by their names. */
    std::vector<DerivedFunction> derived;
    std::string part_of;  ///< of what rfactor made: the name of the Func whose update it is a part of
    std::weak_ptr<const Function> placed_as;  ///< where this Func is computed when nothing is said of it

    Types required_types;    ///< given to Func's constructor, or empty
    int required_dims = -1;  ///< given to Func's constructor, or -1
    /** Called by another Func, or compiled: no further update definitions. Pipelines of several threads may
        share a Func. */
    std::atomic<bool> frozen = false;
    bool trace_loads = false, trace_stores = false, trace_realizations = false;
    std::vector<std::string> trace_tags;
    bool no_profiling = false;
    std::string debug_file;  ///< what is computed of it goes into this file, too; empty: none
    std::vector<std::pair<Expr, Expr>> estimates;  ///< min and extent per dimension, or undefined
    /** What is known of the output buffers, one per value; empty while undefined. */
    std::vector<std::shared_ptr<ParameterContents>> output_parameters;

    bool defined() const {
        return !pure.values.empty();
    }
    int dimensions() const {
        return static_cast<int>(args.size());
    }
    int stages() const {
        return 1 + static_cast<int>(updates.size());
    }
    const Definition &stage(int i) const {
        return i == 0 ? pure : updates[static_cast<size_t>(i - 1)];
    }
    Definition &stage(int i) {
        return i == 0 ? pure : updates[static_cast<size_t>(i - 1)];
    }
    /** The stage as it is computed: stage(i), or what the last rfactor has left in its place. What the algorithm
        means (its value, its hash) never depends on this one. */
    const Definition &scheduled(int i) const;

private:
    Function() = default;
};

/** What rfactor makes of an update. */
struct Factoring {
    std::shared_ptr<Function> intermediate;  ///< holds the partial results
    Definition merge;                        ///< combines them; takes the place of the update
};

inline const Definition &Function::scheduled(int i) const {
    const Definition &d = stage(i);
    return d.factorings.empty() ? d : d.factorings.back()->merge;
}

/** The Function that an Access refers to, or null when it refers to an image. */
std::shared_ptr<const Function> function_of(const Access &access);

/** The RDom that a Variable belongs to, or null when it is no reduction variable. */
std::shared_ptr<ReductionDomain> rdom_of(const Variable &variable);

/** e without the ownership of `d`: for an expression that stands in d, or in something that d owns. */
Expr without_owner(const Expr &e, const Declaration &d);

/** A name that no other call has given: `wish`, or `wish$1` and so on when it is taken. */
std::string unique_name(const std::string &wish);

}  // namespace heddle::Internal
