#pragma once
// Common subexpressions: what occurs twice is computed once and named by a Let.

#include "ir/nodes.h"

namespace heddle::Internal {

/** A graph (nodes may be shared, Lets may occur) in, a tree out: each value that is used more than once is
    bound by a Let; constants, variables and sums of a variable and a constant are not. Nothing is moved out of a
    branch of if_then_else, and calls with side effects stay where they are. Linear in the size of the graph. */
Expr common_subexpressions(const Expr &e);

/** The same for each expression of a statement by itself. */
Stmt common_subexpressions(const Stmt &s);

}  // namespace heddle::Internal
