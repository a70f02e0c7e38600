#pragma once
// What a compiled pipeline takes: scalars, input buffers and output buffers, in order.

#include <string>
#include <vector>

#include "heddle/expr.h"

namespace heddle {

/** Sizes and values to expect, for tuners; undefined where nothing was said. */
struct ArgumentEstimates {
    Expr scalar_def, scalar_min, scalar_max, scalar_estimate;
    struct Dim {
        Expr min, extent;
    };
    std::vector<Dim> buffer_estimates;
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

    Argument() = default;
    Argument(std::string n, Kind k, const Type &t, int d, ArgumentEstimates e = {})
        : name(std::move(n)), kind(k), dimensions(static_cast<uint8_t>(d)), type(t), argument_estimates(std::move(e)) {
    }
    /** An input of the name, type and dimensions of a Buffer. */
    template<typename T, int Dims>
    explicit Argument(const Buffer<T, Dims> &b)
        : name(b.name()), kind(InputBuffer), dimensions(static_cast<uint8_t>(b.dimensions())), type(b.type()) {
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
    bool operator==(const Argument &o) const {
        return name == o.name && kind == o.kind && dimensions == o.dimensions && type == o.type;
    }
};

}  // namespace heddle
