#pragma once
// What a shared Atomic is when it reaches code generation.

#include "ir/nodes.h"

namespace heddle::Internal {

/** Element `index` of buffer becomes `value`, in which the variable `old` stands for what it was. */
struct AtomicUpdate {
    Symbol buffer;
    Expr index;
    Symbol old;
    Expr value;
};

/** The body must be one scalar Store without predicate, perhaps within lets, whose value reads the buffer at its
    index only: what lower_atomics leaves. */
AtomicUpdate atomic_update(const Atomic &n);

}  // namespace heddle::Internal
