#pragma once
// What counts as an operation where work is counted.

#include "ir/nodes.h"

namespace heddle::Internal {

/** Whether the node computes one value of others, per lane: arithmetic, comparisons, selects, maths functions.
    Conversions, names, constants, memory and marks do not count. */
inline bool is_operation(const Expr &e) {
    const NodeKind kind = e.get()->kind;
    if (kind >= NodeKind::Add && kind <= NodeKind::GE) return true;
    if (kind == NodeKind::Select) return true;
    if (kind != NodeKind::Call) return false;
    const CallOp op = e.as<Call>()->op;
    return op >= CallOp::bitwise_and && op <= CallOp::fma;
}

}  // namespace heddle::Internal
