#pragma once
// Loop nests as text, made from the schedule alone (nothing is lowered).

#include <memory>
#include <string>
#include <vector>

#include "schedule/nest.h"

namespace heddle::Internal {

/** The loops of one stage, outermost first, indented by four spaces, under the name of the stage:

        blur_y:
          parallel yo
            for yi in [0, 31]
              vectorized x.v in [0, 7]        <- here

    The loop named `marked` gets the arrow. No newline at the end. Never throws for a stage whose recorded
    directives are legal. */
std::string print_stage_nest(const Function &f, const StagePath &at, const std::string &marked = "");

/** All loops of a pipeline: each Func where it is stored and computed, with the same arrow at loop
    `marked` of Func `marked_func`. `funcs` are producers first, outputs among them; inlined Funcs do not
    show. Ends in a newline. */
std::string print_loop_nest(const std::vector<std::shared_ptr<const Function>> &funcs,
                            const std::vector<std::shared_ptr<const Function>> &outputs,
                            const std::string &marked_func = "", const std::string &marked = "");

}  // namespace heddle::Internal
