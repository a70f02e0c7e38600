#pragma once
// Division of 8-, 16- and 32-bit integers by a uint8, which vectorizes where division does not have to. A
// denominator of 0 means 256. Errors are CompileErrors HD0100 and HD0126 (other types).

#include "heddle/expr.h"

namespace heddle {

/** Rounded down, as /; of the numerator's type. */
Expr fast_integer_divide(const Expr &numerator, const Expr &denominator);
/** Rounded towards 0. */
Expr fast_integer_divide_round_to_zero(const Expr &numerator, const Expr &denominator);
/** numerator - fast_integer_divide(numerator, denominator) * denominator. */
Expr fast_integer_modulo(const Expr &numerator, const Expr &denominator);

}  // namespace heddle
