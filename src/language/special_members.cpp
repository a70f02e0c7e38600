// Handles whose work is done in later folders: what headers of this one need to pass them on.

#include "heddle/pipeline.h"
#include "heddle/stage.h"
#include "language/function.h"

namespace heddle {

HEDDLE_DEFINE_SPECIAL_MEMBERS(LoopLevel);
HEDDLE_DEFINE_SPECIAL_MEMBERS(Pipeline);
HEDDLE_DEFINE_SPECIAL_MEMBERS(Stage);

Pipeline::Pipeline() = default;

Stage::Stage(std::shared_ptr<Internal::Function> f, int index)
    : function_(std::move(f)),
      index_(index) {
}

}  // namespace heddle
