#pragma once
// nest → flat. Realize becomes Allocate, Write becomes Store, Access becomes Load: coordinates turn into one
// index per buffer, counted in elements. A Realize stores its dimensions densely in the order it says; a View
// uses the strides it says. Index arithmetic is 32-bit: extents that would not fit are refused before.
// promise_clamped goes: all regions are known now.
// First of the flat passes: all others rely on one index.

#include "lower/pass.h"

namespace heddle::Internal {

Stmt flatten_storage(const Stmt &s, PassContext &context);

}  // namespace heddle::Internal
