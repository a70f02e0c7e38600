#pragma once
// One pipeline through the two judges: the naive evaluation of its algorithm, and the interpreter on the
// loop nest after each pass of lowering, with parallel loops in several orders.

#include <string>
#include <vector>

#include "heddle/heddle.h"

namespace heddle::testing {

/** Expects the same elements, bit for bit, in outputs of this shape. Inputs are what the ImageParams,
    Params and Buffers of the pipeline hold. */
void expect_same_after_every_pass(const std::vector<Func> &outputs, const std::vector<int> &extents,
                                  const std::vector<int> &mins = {});
inline void expect_same_after_every_pass(const Func &output, const std::vector<int> &extents,
                                         const std::vector<int> &mins = {}) {
    expect_same_after_every_pass(std::vector<Func>{output}, extents, mins);
}

/** The place (as text) and values of the first element that differs; empty when all are the same. */
std::string first_difference(const Buffer<> &expected, const Buffer<> &actual);

/** A new buffer of fixed, irregular contents: floats in [0, 1), integers over their range. */
Buffer<> irregular(Type t, const std::vector<int> &extents, uint64_t seed = 1);

}  // namespace heddle::testing
