#pragma once
// The vocabulary that printer and parser of the text form share.
//
//   given p: float32, in: uint8[], n                 symbols bound outside; an int32 need not be listed
//   let t = x + 1                                    open to the end of the enclosing block
//   allocate f: float32[w, h if cond] @stack         open, too
//   view in: uint8 over [0, +w) step 1, [0, +h) step w        open, too
//   for y in [0, +h) { }                             also parallel, vectorized, unrolled, gpu_block, ...;
//                                                    never_partition or always_partition after the range
//   realize f: float32 over [0, +w), [0, +h) order(1, 0) @heap if cond { }
//   produce f { }   consume f { }   atomic { }   atomic shared { }
//   f(x, y if p) = v                                 Write; several values: { v, w }
//   f[i if p align(8, 0)] = v                        Store
//   if c { } else if d { } else { }
//   assert c else extern_c<int32> "halide_error_x"(y)
//   eval e
//   { }                                              a block that ends the scope of an open statement
//
// Expressions: C's operators; constants 1, 1i64, 1u8, true, 1.5f, 1.5f64, 1.5f16, 1.5bf16, inf(float32),
// nan(float32), "text"; casts uint8(x); reinterpret<uint32>(x); select, min, max; (let t = v in e);
// accesses f(x, y), and f#1(x, y) for value 1 of a Tuple; loads f[i]; ramp(b, s, n), broadcast(v, n),
// shuffle([v, w], [0, 1]), vector_reduce(add, v, n); calls op<type> "name"(args), where <type> is left
// out when it follows from the arguments. x:float32 gives the type of a symbol where it is not known yet (int32 when it is left out).
// Names with other characters than letters, digits, _ $ . and names that are words of the language stand
// in `backquotes`. // starts a comment. White space separates, and means nothing else; ; is white space.

#include <optional>
#include <string>
#include <string_view>

#include "ir/nodes.h"

namespace heddle::Internal {

/** Whether a name must be quoted because the text form uses the word itself. */
bool is_reserved_word(std::string_view name);
/** Whether c may occur in (begin) a name that is not quoted. */
bool is_name_character(char c);
bool is_name_start(char c);

/** The type of this name ("float32x4"), if it is one. */
std::optional<Type> type_named(std::string_view name);
std::optional<CallOp> call_named(std::string_view name);
std::optional<ReduceOp> reduction_named(std::string_view name);
std::optional<ForType> loop_type_named(std::string_view name);
std::optional<MemoryType> memory_type_named(std::string_view name);

/** The type of a call as it follows from its arguments by intrinsics.def; nothing when it does not. */
std::optional<Type> usual_type(CallOp op, const ExprList &args);

}  // namespace heddle::Internal
