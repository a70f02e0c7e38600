// HEDDLE_RUNTIME: the linkage of every function of the runtime.
//
// Weak, so that a definition in the user's program wins over ours (that is how Halide's users replace halide_malloc,
// halide_print, …), and so that two copies of the runtime in one program merge into one. C linkage, default
// visibility: kernels compiled to objects, to shared libraries or by the JIT all find the same functions. A compiler
// may not inline a weak function into its callers, so that calls between hooks reach the user's replacement too.
#pragma once

#define HEDDLE_RUNTIME extern "C" __attribute__((weak, visibility("default")))

// For what only a cold path needs: keeps the hot path short.
#define HEDDLE_RUNTIME_COLD extern "C" __attribute__((weak, cold, noinline, visibility("default")))

// Definitions of functions that the runtime's own files share. Weak as well: a program that links two copies of the
// runtime whole merges them too. For definitions only: a weak declaration would not pull the file out of the archive.
#define HEDDLE_RUNTIME_INTERNAL __attribute__((weak, visibility("hidden")))
