#pragma once
// flat → flat. Makes each Atomic what a processor can do:
//
//   * One that no other thread shares is just its body.
//   * A scalar store of a value that reads nothing but its own element stays: code generation has an instruction or
//     a compare-and-swap loop for it. What does not depend on the old value is computed before.
//   * A vector store becomes one such update per lane.
//   * Anything else (the elements of a Tuple, values of unknown form) runs between locking and unlocking one of an
//     array of mutexes, chosen by the index of the first store; and so does every other update of these buffers.
// After vectorizing, which combines the lanes of Atomics; before loop partitioning and the like copy them.

#include "lower/pass.h"

namespace heddle::Internal {

Stmt lower_atomics(const Stmt &s, PassContext &context);

}  // namespace heddle::Internal
