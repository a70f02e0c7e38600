#pragma once
// Passes that a program adds to the end of lowering.

#include <vector>

#include "heddle/pipeline.h"
#include "ir/module.h"

namespace heddle::Internal {

/** Gives the body of each function, as text, through all passes in order. HD0229 for a text that is no statement for code
    generation. */
void run_custom_passes(const std::vector<CustomLoweringPass> &passes, Module &m);

}  // namespace heddle::Internal
