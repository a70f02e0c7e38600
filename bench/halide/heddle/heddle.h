#pragma once
// Lets a generator written for Heddle be compiled against Halide itself, for comparison.
#include <Halide.h>

namespace heddle = Halide;
#define HEDDLE_REGISTER_GENERATOR(...) HALIDE_REGISTER_GENERATOR(__VA_ARGS__)
