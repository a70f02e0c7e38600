#pragma once
// Calls of C functions whose signature is known only when the program runs.

#include <cstdint>
#include <string>
#include <vector>

#include "ir/nodes.h"

namespace heddle::Internal {

struct ExternArgument {
    Type type;
    uint64_t bits;
};

/** The address of a function of this process (as the dynamic linker finds it), or null. */
void *find_function(const std::string &name);

/** Calls result f(arguments...); all scalars, integers, pointers and floats of 32 or 64 bits. At most 12
    integers and pointers, and 8 floats. The result's bits. */
uint64_t call_function(void *function, Type result, const std::vector<ExternArgument> &arguments);

}  // namespace heddle::Internal
