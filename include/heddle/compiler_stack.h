#pragma once
// The stack that lowering and code generation run on. Both are recursive in the depth of expressions and statements.

#include <cstddef>

namespace heddle {

/** 32 MiB: enough for expressions of some ten thousand nested operations. */
constexpr size_t default_compiler_stack_size = 32 * 1024 * 1024;

/** Bytes of stack for what is compiled from here on; 0: the caller's own stack. Takes the place of the environment
    variable HL_COMPILER_STACK_SIZE. */
void set_compiler_stack_size(size_t bytes);
/** What was set, else what HL_COMPILER_STACK_SIZE says, else the default. */
size_t get_compiler_stack_size();

}  // namespace heddle
