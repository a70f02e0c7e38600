#pragma once
// What a Callable holds.

#include <memory>
#include <string>
#include <vector>

#include "driver/compiled.h"

namespace heddle::Internal {

struct CallableContents {
    std::string name;
    std::shared_ptr<const CompiledPipeline> code;
    std::vector<Argument> arguments;  ///< what a call gives: those listed, then the outputs
    size_t listed = 0;
    JITHandlers handlers;
};

}  // namespace heddle::Internal
