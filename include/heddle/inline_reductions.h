#pragma once
// Reductions as expressions. `sum(e)` reduces e over the reduction variables in it; `sum(r, e)` over r
// alone. Each makes a Func of its own with the free Vars of e as arguments; given a Func (not yet
// defined), that one is used, so that it can be scheduled. argmax and argmin give the coordinates of the
// first greatest (smallest) value, then the value.

#include <string>

#include "heddle/expr.h"
#include "heddle/func.h"
#include "heddle/rdom.h"
#include "heddle/tuple.h"

namespace heddle {

#define HEDDLE_INLINE_REDUCTION(Result, name)                               \
    Result name(const Expr &e, const std::string &func_name = #name);       \
    Result name(const RDom &r, const Expr &e, const std::string &func_name = #name); \
    Result name(const Expr &e, const Func &f);                              \
    Result name(const RDom &r, const Expr &e, const Func &f);

HEDDLE_INLINE_REDUCTION(Expr, sum)
/** Each step is clamped to the type. */
HEDDLE_INLINE_REDUCTION(Expr, saturating_sum)
HEDDLE_INLINE_REDUCTION(Expr, product)
HEDDLE_INLINE_REDUCTION(Expr, maximum)
HEDDLE_INLINE_REDUCTION(Expr, minimum)
HEDDLE_INLINE_REDUCTION(Tuple, argmax)
HEDDLE_INLINE_REDUCTION(Tuple, argmin)

#undef HEDDLE_INLINE_REDUCTION

}  // namespace heddle
