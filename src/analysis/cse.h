#pragma once
// Common subexpressions, each evaluated once.

#include "ir/nodes.h"

namespace heddle::Internal {

/** A graph of shared nodes in, a tree with Lets out: what occurs twice (as one node or as equal nodes) is
    bound once, at the outermost place where it is evaluated anyhow. Constants, names and what is as
    cheap are not bound. Nothing leaves a branch of if_then_else, the argument of likely() or of an
    address, or an impure call. Time is linear in the size of the graph. */
Expr common_subexpressions(const Expr &e);

/** The same for each Store, Write and Evaluate of s; what its index and value share is bound by LetStmts
    around it. */
Stmt common_subexpressions(const Stmt &s);

}  // namespace heddle::Internal
