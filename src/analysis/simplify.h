#pragma once
// The simplifier. The result has the same value as the input wherever the input's value is defined:
// signed arithmetic of 32 and 64 bits does not overflow, all other integers wrap, floating point is
// rewritten only where the result is the same bit for bit. Values next to the ends of int32 and int64 are
// safe, too, as far as constants go: under a division, minimum or comparison no constant is added to an
// operand that had none, nor a larger one (min(x - 3, y) stays as it is). Terms do move where they cancel:
// max(a, b) - a is max(b - a, 0).
//
// Sums of integers come out in one canonical linear form, so that expressions with the same linear form
// come out equal. simplify(simplify(x)) is simplify(x). The work is near linear in the size of the graph
// (a node used twice is simplified once).

#include "analysis/facts.h"
#include "ir/nodes.h"

namespace heddle::Internal {

Expr simplify(const Expr &e, const Facts &facts = {});

/** Also drops what does nothing: unused lets and allocations, loops that never run, known branches. */
Stmt simplify(const Stmt &s, const Facts &facts = {});

/** True only if the condition (bool, scalar or vector) is proved to hold for all values of its symbols
    that agree with the facts. */
bool can_prove(const Expr &condition, const Facts &facts = {});

}  // namespace heddle::Internal
