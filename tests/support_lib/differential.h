#pragma once
// One pipeline through the two judges: the naive evaluation of its algorithm, and the interpreter on the
// loop nest after each pass of lowering, with parallel loops in several orders. And through everything that runs
// it on the machine (tests/exec).

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

/** What this program holds against each pipeline of interpret/differential_test.cpp, which is part of two programs:
    test_interpret (after every pass, as above) and test_exec (JIT, object code and C++ source). */
void expect_same(const std::vector<Func> &outputs, const std::vector<int> &extents, const std::vector<int> &mins = {});
inline void expect_same(const Func &output, const std::vector<int> &extents, const std::vector<int> &mins = {}) {
    expect_same(std::vector<Func>{output}, extents, mins);
}

/** New buffers for the outputs, one per Tuple element, filled with a pattern that no kernel writes. */
std::vector<Buffer<>> outputs_for(const std::vector<Func> &outputs, const std::vector<int> &extents, const std::vector<int> &mins);
/** What the algorithm gives. */
std::vector<Buffer<>> naive_values(const std::vector<Func> &outputs, const std::vector<int> &extents, const std::vector<int> &mins);
/** What the interpreter gives for the kernel after all passes; an InternalError when it finds fault. Parallel
    loops run in an order that depends on the seed. */
std::vector<Buffer<>> interpreted_values(const std::vector<Func> &outputs, const std::vector<int> &extents,
                                         const std::vector<int> &mins, uint64_t seed);

/** The place (as text) and values of the first element that differs; empty when all are the same. Floats may be off
    by `tolerance`, relative to their magnitude above 1 and absolute below. */
std::string first_difference(const Buffer<> &expected, const Buffer<> &actual, double tolerance = 0);

/** A new buffer of fixed, irregular contents: floats in [0, 1), integers over their range. */
Buffer<> irregular(Type t, const std::vector<int> &extents, uint64_t seed = 1);

}  // namespace heddle::testing
