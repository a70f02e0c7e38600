#pragma once
// What building the nest needs for storage that is allocated further out than what it holds is kept (hoist_storage):
// each iteration at the store level counts coordinates from the start of its own region.

#include <unordered_map>

#include "ir/nodes.h"

namespace heddle::Internal {

/** s with the coordinates of the buffer counted from `base`, and `turn`, when it is defined, as one more of them. */
Stmt counted_from(const Stmt &s, const Symbol &buffer, const ExprList &base, const Expr &turn);

/** The largest value that the let of this symbol, somewhere within s, gives to it; undefined when nothing bounds it.
    It uses nothing that is bound within s. */
Expr largest_value(const Stmt &s, const Symbol &symbol);

/** Whether there are several loops within s around where the buffer is computed, and one of them does not begin where
    its stage says (`begins`): their iterations then cannot be counted from their ranges alone. */
bool starts_early(const Stmt &s, const Symbol &buffer, const std::unordered_map<Symbol, Expr> &begins);

}  // namespace heddle::Internal
