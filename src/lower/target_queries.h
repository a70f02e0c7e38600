#pragma once
// Any level. Replaces target_has_feature and its like by constants: the target is known now.
// First, so that simplification can drop the branches not taken.

#include "lower/pass.h"

namespace heddle::Internal {

Stmt resolve_target_queries(const Stmt &s, PassContext &context);

}  // namespace heddle::Internal
