#pragma once
// scatter() and gather(): updates that store several values at once. Both are Calls of scatter_gather;
// everything around one distributes over its operands, so that an update with n operands is n stores.

#include "ir/nodes.h"

namespace heddle::Internal {

/** The number of stores of `args <- values`: the operands of its scatter_gather calls, which have as many
    each; 1 when there are none. */
int stores_at_once(const ExprList &args, const ExprList &values);

/** e with operand `index` in place of each scatter_gather call. */
Expr one_of_several(const Expr &e, int index);
ExprList one_of_several(const ExprList &list, int index);

/** Checks the scatter_gather calls of a definition of `func`: CompileError HD0221 unless all have the same
    number of operands, HD0222 when one stands inside of another. */
void check_scatter(const std::string &func, const ExprList &args, const ExprList &values,
                   const SourceLocation &location);

/** Whether e has a scatter_gather call. */
bool has_scatter(const Expr &e);

}  // namespace heddle::Internal
