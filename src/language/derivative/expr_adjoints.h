#pragma once
// Derivatives inside of one expression.

#include <vector>

#include "ir/nodes.h"

namespace heddle::Internal {

/** What a leaf (an Access, or a Variable of a Param) of an expression contributes: the leaf, and the
    derivative with respect to its value there. */
struct LeafAdjoint {
    Expr leaf;
    Expr adjoint;
};

/** Goes from the derivative with respect to e to those with respect to its float leaves. A leaf that occurs several times
    as a node occurs as often in the list. Throws CompileError HD0293, naming `func`, for an operation that has none. */
std::vector<LeafAdjoint> leaf_adjoints(const Expr &e, const Expr &adjoint, const std::string &func);

}  // namespace heddle::Internal
