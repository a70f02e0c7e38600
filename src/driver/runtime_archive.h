#pragma once
// The runtime library (libheddle_runtime.a), which is part of this one, for static libraries of kernels.

#include <string>
#include <vector>

#include "codegen/llvm/codegen.h"
#include "heddle/target.h"

namespace heddle::Internal {

/** The object files of the runtime for a target; HD0274 when there is none. */
std::vector<ArchiveMember> runtime_objects(const Target &target);

}  // namespace heddle::Internal
