#pragma once
// What a loop nest does, counted without running it: how often each loop and each definition runs for buffers of given
// shapes, how much it computes, loads and stores, and what memory an iteration touches.
// From: a kernel at level nest, as lower_nest gives it. The counts are those of the interpreter at this level, unless
// they depend on values that only a run knows; then they are bounds, and `exact` is false.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ir/module.h"

namespace heddle::Internal {

/** Arguments of a kernel as far as its counts depend on them, by the names of the arguments. */
struct KnownArguments {
    struct Dim {
        int64_t min = 0, extent = 0, stride = 0;
    };
    std::map<std::string, std::vector<Dim>> buffers;
    std::map<std::string, int64_t> scalars;  ///< integers and bools
};

/** Of all of a run. Operations are arithmetic, comparisons, selections and calls of maths functions in the values of
    definitions; index arithmetic is none. */
struct Work {
    uint64_t operations = 0, loaded = 0, stored = 0;  ///< loaded, stored: bytes
    bool operator==(const Work &) const = default;
};

/** One line of the nest. */
struct ExplainedLine {
    int depth = 0;
    std::string text;         ///< "for y", "produce f", "f", ...
    uint64_t runs = 0;        ///< of a loop: iterations; of a definition: evaluations
    Work work;                ///< of all that is inside
    int64_t touched = -1;     ///< bytes that one run of what is inside touches, in the middle of the nest; -1: not known
    bool is_loop = false, is_definition = false;
};

struct ExplainedFunc {
    uint64_t evaluations = 0;  ///< of the pure definition
    int64_t points = -1;       ///< that it is evaluated at; -1: not known
    uint64_t updates = 0;      ///< evaluations of its other definitions
    Work work;
};

struct ExplainedNest {
    std::vector<ExplainedLine> lines;
    std::vector<std::pair<std::string, ExplainedFunc>> funcs;  ///< producers first
    Work work;
    bool exact = true;
};

ExplainedNest explain_nest(const LoweredFunction &kernel, const KnownArguments &known);

/** As people read it. */
std::string to_string(const ExplainedNest &nest, const std::string &title);

}  // namespace heddle::Internal
