#pragma once
// The naive evaluator: what a pipeline means, without a schedule, without bounds inference, without loops.
//
// The value of a Func at a point is computed when it is asked for, and kept. A Func with updates is
// computed over the smallest box that the points asked for need; the box grows, and the computation starts
// again, when the updates themselves read a point outside of it. Dimensions that every update leaves alone
// are never part of the box: each of their coordinates is computed by itself.
//
// The C function of an extern stage is called for one point at a time.
//
// select, && and || evaluate what they need only. Reading an input outside its bounds is a RuntimeError.

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "HalideRuntime.h"
#include "heddle/target.h"
#include "interpret/interpreter.h"
#include "language/function.h"
#include "language/parameter.h"

namespace heddle::Internal {

/** What the evaluator takes in place of the values that Parameters hold. */
struct NaiveOptions {
    std::vector<std::pair<std::shared_ptr<const ParameterContents>, ArgValue>> values;
    Target target;  ///< what questions about the target are answered with
    /** C functions by name; others are found in this process. */
    std::map<std::string, void *> functions;
    void *user_context = nullptr;
};

/** Fills the buffers, one per Tuple element of each output in order, at every point that they cover.
    Elements whose value is undef() keep what the buffer holds. */
void evaluate_naively(const std::vector<std::shared_ptr<const Function>> &outputs,
                      const std::vector<halide_buffer_t *> &buffers, const NaiveOptions &options = {});

}  // namespace heddle::Internal
