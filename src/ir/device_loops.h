#pragma once
// Loops that run on a GPU, where code for the host is made.

#include "ir/nodes.h"

namespace heddle::Internal {

/** Throws CompileError HD0802: n runs on a GPU, for which no code is made. */
[[noreturn]] void no_device_code(const For &n);

}  // namespace heddle::Internal
