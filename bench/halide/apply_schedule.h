#pragma once
#include <string>

#include <Halide.h>

// Applies a Heddle schedule file to a pipeline made with Halide: each directive becomes the call of the same name.
// Funcs are found by name, loops by the names that the file uses. Throws std::runtime_error for what Halide lacks.
void apply_schedule(const Halide::Pipeline &pipeline, const std::string &path);
