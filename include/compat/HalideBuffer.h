/** \file
 * Halide::Runtime::Buffer, the C++ view of a halide_buffer_t, as the system's Halide 14 package installs it, over
 * Heddle's HalideRuntime.h (which must be read first: the installed file would find its own neighbour).
 */
#ifndef HEDDLE_COMPAT_HALIDEBUFFER_H
#define HEDDLE_COMPAT_HALIDEBUFFER_H

#include "HalideRuntime.h"

#if defined(__has_include)
#if __has_include(<halide14/HalideBuffer.h>)
#define HEDDLE_HALIDEBUFFER_IN_FOLDER
#endif
#else
#define HEDDLE_HALIDEBUFFER_IN_FOLDER
#endif
#ifdef HEDDLE_HALIDEBUFFER_IN_FOLDER
#include <halide14/HalideBuffer.h>
#else
#include_next <HalideBuffer.h>
#endif
#undef HEDDLE_HALIDEBUFFER_IN_FOLDER

#endif
