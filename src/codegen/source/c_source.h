#pragma once
// A module as C++ source: one self-contained C++20 translation unit that needs HalideRuntime.h (Heddle's
// or Halide's) to compile and a runtime library to link. It defines for each function
//
//   extern "C" int name(arguments), int name_argv(void **), const halide_filter_metadata_t *name_metadata()
//
// Results equal those of the IR as it is written, each floating-point operation rounded on its own: compile
// with -ffp-contract=off (g++ ignores the pragma) and without -ffast-math. Transcendental functions that no
// expansion of the IR defines go through the C library in double. GNU C++ (g++, clang) is needed.

#include <string>

#include "ir/module.h"

namespace heddle::Internal {

/** In: functions at level flat, in which no vectorized or unrolled loop is left. */
std::string to_c_source(const Module &module);

}  // namespace heddle::Internal
