#pragma once
// What vectorizing makes of an Atomic whose lanes all update the same element (or the same elements, where an inner
// loop has been vectorized before): the lanes' operands are combined, and the element is updated once.

#include <optional>
#include <utility>
#include <vector>

#include "analysis/associativity.h"
#include "ir/substitute.h"

namespace heddle::Internal {

/** What LetStmts around a statement name, the outermost first. */
using NamedValues = std::vector<std::pair<Symbol, Expr>>;

/** One element of one or several buffers, with the new values as they depend on the old ones. */
struct ElementUpdate {
    std::vector<Symbol> buffers;
    Expr index, predicate;
    std::vector<Symbol> old;  ///< what stands for the old values in `values`
    ExprList values;
};

/** The body of an Atomic as such. Nothing when it is something else. */
std::optional<ElementUpdate> element_update(const Stmt &body);

/** Buffers that are stored to in s. */
std::vector<Symbol> stored_buffers(const Stmt &s);
bool reads_any(const Expr &e, const std::vector<Symbol> &buffers);

/** Whether all lanes of an index are certainly different. */
bool lanes_are_distinct(const Expr &index);

/** Groups of lanes reduced to `own` lanes: lane i of the result is made of lanes i, i + own, i + 2 own ... */
Expr combine_lanes(ReduceOp op, const Expr &lanes, int own);
/** The same with the operation of `step`, in the order of the lanes, for all its elements at once. The result uses what is
    added to `lets`. */
ExprList combine_lanes(const AssociativeStep &step, const ExprList &operands, int own, NamedValues &lets);

/** The op of an AssociativeStep, of scalars or of vectors, as one of `lanes` lanes with these operands. */
Expr with_lanes(const Expr &op, const Substitution &operands, int lanes);

/** The update with these operands, which use `lets`. */
Stmt update_with(const ElementUpdate &u, const AssociativeStep &step, const ExprList &operands, const Expr &index,
                 const Expr &predicate, NamedValues lets = {});

}  // namespace heddle::Internal
