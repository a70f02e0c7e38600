#pragma once
// nest → nest. A Func that is scheduled async is computed by a task of its own: what is inside of its storage becomes
// a Fork of two copies of the nest, one that computes the Func and one that uses it. A semaphore counts what has been
// computed; where storage is used again, another one keeps the producer from running too far ahead
// (PassContext::async_funcs). What either copy does not need is left out of it. Inside of vectorized loops nothing
// is forked. After storage folding, which must see one nest; while accesses still have coordinates.

#include "lower/pass.h"

namespace heddle::Internal {

/** Throws CompileError HD0421 when both tasks would have to compute the same values in the same storage. */
Stmt fork_async(const Stmt &s, PassContext &context);

/** Whether, in the loops of `body` around where the Func of these elements is computed, an iteration never writes
    what an earlier one reads: then it may run before that one has. */
bool writes_only_new(const Stmt &body, const std::vector<Symbol> &elements);

}  // namespace heddle::Internal
