#pragma once
// Halide's spelling of Heddle: a program that includes "Halide.h" and uses namespace Halide compiles as it
// is. (An alias of namespaces cannot serve: HalideBuffer.h opens namespace Halide itself.)

#include "heddle/heddle.h"

namespace Halide {

using namespace heddle;

/** Errors are always thrown. */
inline bool exceptions_enabled() {
    return true;
}

}  // namespace Halide
