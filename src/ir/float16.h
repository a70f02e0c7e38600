#pragma once
// Rounding of doubles to the narrower float types, to nearest with ties to even, and their bits.

#include <cstdint>

#include "heddle/type.h"

namespace heddle::Internal {

/** x rounded once to float16 (bits) or bfloat16, and back to its exact double value. */
uint16_t double_to_float16_bits(double x);
double float16_bits_to_double(uint16_t bits);
uint16_t double_to_bfloat16_bits(double x);
double bfloat16_bits_to_double(uint16_t bits);

/** x rounded to the element type of t, which is a float type. */
double round_to_type(double x, Type t);

}  // namespace heddle::Internal
