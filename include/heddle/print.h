#pragma once
// Expressions and types as text.

#include <iosfwd>

#include "heddle/expr.h"

namespace heddle {

/** The expression as the text IR writes it, without the types of its symbols. */
std::ostream &operator<<(std::ostream &out, const Expr &e);
std::ostream &operator<<(std::ostream &out, const Type &t);

}  // namespace heddle
