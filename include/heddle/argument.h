#pragma once
// What a compiled pipeline takes: scalars, input buffers and output buffers, in order.

#include <string>
#include <vector>

#include "heddle/expr.h"
#include "heddle/region.h"

namespace heddle {

/** Sizes and values to expect, for tuners; undefined where nothing was said. */
struct ArgumentEstimates {
    Expr scalar_def, scalar_min, scalar_max, scalar_estimate;
    Region buffer_estimates;  ///< one per dimension, or none
    ArgumentEstimates();
    HEDDLE_SPECIAL_MEMBERS(ArgumentEstimates);
    /** The same Exprs. */
    bool operator==(const ArgumentEstimates &o) const;
};

template<typename T, int Dims>
class Buffer;

struct Argument {
    enum Kind {
        InputScalar = halide_argument_kind_input_scalar,
        InputBuffer = halide_argument_kind_input_buffer,
        OutputBuffer = halide_argument_kind_output_buffer,
    };
    std::string name;
    Kind kind = InputScalar;
    uint8_t dimensions = 0;  ///< of a buffer
    Type type;               ///< of the scalar, or of a buffer's elements
    ArgumentEstimates argument_estimates;

    Argument();
    Argument(const std::string &name, Kind kind, const Type &type, int dimensions,
             const ArgumentEstimates &estimates = ArgumentEstimates());
    HEDDLE_SPECIAL_MEMBERS(Argument);
    /** An input of the name, type and dimensions of a Buffer: one that is used in the pipeline is then an argument of
        what is compiled, not a part of it. */
    template<typename T, int Dims>
    Argument(const Buffer<T, Dims> &b)
        : Argument(b.name(), InputBuffer, b.type(), b.dimensions()) {
    }
    bool is_buffer() const {
        return kind != InputScalar;
    }
    bool is_scalar() const {
        return kind == InputScalar;
    }
    bool is_input() const {
        return kind != OutputBuffer;
    }
    bool is_output() const {
        return kind == OutputBuffer;
    }
    bool operator==(const Argument &o) const;
};

}  // namespace heddle
