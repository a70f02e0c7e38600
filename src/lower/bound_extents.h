#pragma once
// nest → nest. A vectorized or unrolled loop needs a constant number of iterations. Where its extent is not
// constant but never more than a constant, the loop runs that often and a guard, marked likely, skips the
// rest; otherwise it is refused, naming Func and loop. Storage of such extents that is small becomes
// constant in size, too, so that it can live on the stack.

#include "lower/pass.h"

namespace heddle::Internal {

Stmt bound_extents(const Stmt &s, PassContext &context);

}  // namespace heddle::Internal
