#pragma once
// The reference interpreter: what the IR means at nest and flat level, made executable and checked.
//
// It refuses, with an InternalError that names the buffer and the index or the place: an access outside
// its buffer, a value read before it was written where it would decide anything (a condition, an index, a
// loop bound, an argument of a C function, an element of an output), a promise_clamped or an alignment
// that does not hold, an operator that is not defined for its operands. A failed Assert or require() ends
// the run with the code of its message, as in the compiled kernel.
//
// Vectors are evaluated lane by lane. Floats are rounded to their own type after each operation, in the
// order in which the IR has them. Loops that may run in any order run in the order of the options: a
// kernel whose result depends on it is wrong.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "HalideRuntime.h"
#include "ir/module.h"
#include "ir/nodes.h"

namespace heddle::Internal {

/** An argument of a kernel: a scalar (or a pointer) as bits of its type, or a buffer. */
struct ArgValue {
    Type type;
    uint64_t bits = 0;
    halide_buffer_t *buffer = nullptr;
    bool is_output = false;  ///< of a buffer: nothing in it counts as written when the kernel starts

    ArgValue(halide_buffer_t *b)
        : type(heddle::Handle()), bits(reinterpret_cast<uint64_t>(b)), buffer(b) {
    }
    /** The low bytes of `b` hold the value. */
    ArgValue(Type t, uint64_t b)
        : type(t), bits(wrap_unsigned(b, t.bits())) {
    }
};

/** What a run at level nest did, by the names of buffers; as in lower/explain.h, index arithmetic does not count. */
struct RunCounts {
    struct OfBuffer {
        uint64_t writes = 0;       ///< definitions that were evaluated and stored
        std::set<std::vector<int64_t>> points;  ///< where
        uint64_t operations = 0, loaded = 0, stored = 0;  ///< of those definitions; bytes
    };
    std::map<std::string, OfBuffer> buffers;
};

struct InterpretOptions {
    /** How loops whose iterations may run in any order (parallel, GPU blocks) run. */
    enum class Order { Forward, Reverse, Shuffled };
    Order parallel_order = Order::Forward;
    uint64_t seed = 1;
    /** C functions by name; others are found in this process. */
    std::unordered_map<std::string, void *> functions;
    void *user_context = nullptr;
    /** Statements to execute before the run is given up as endless; 0: no limit. */
    uint64_t step_limit = 0;
    /** Counted into this, if it is given. */
    RunCounts *counts = nullptr;
};

/** Runs the kernel. 0, or the code that it returned. */
int interpret(const LoweredFunction &function, const std::vector<ArgValue> &args, const InterpretOptions &options = {});

/** Runs a statement whose free symbols have these values. */
int interpret(const Stmt &body, const std::vector<std::pair<Symbol, ArgValue>> &bindings, const InterpretOptions &options = {});

/** The bits, lane by lane, of an expression whose free symbols have these values. */
std::vector<uint64_t> interpret(const Expr &e, const std::vector<std::pair<Symbol, ArgValue>> &bindings = {});

}  // namespace heddle::Internal
