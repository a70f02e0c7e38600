#pragma once
// Calls written out as ordinary expressions, for every backend alike: the transcendental functions,
// lerp, and random numbers. The bounds of the errors are in math_expand.cpp and math_expand_double.cpp.

#include "ir/nodes.h"

namespace heddle::Internal {

/** The expression that computes c, over the arguments of c (each of which is evaluated once, through a
    Let); undefined when c is not one of the calls that are written out. */
Expr expand_call(const Call &c);

/** The part of expand_call for functions of float64. */
Expr expand_float64(const Call &c);

}  // namespace heddle::Internal
