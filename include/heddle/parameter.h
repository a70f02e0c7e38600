#pragma once
// Parameter: a handle on a scalar or a buffer that a pipeline takes from outside: what Param, ImageParam and
// OutputImageParam are made of. Methods for scalars refuse buffers and the other way round. Errors are CompileErrors
// HD0120 to HD0124 and HD0240 to HD0244 that name the Parameter.

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "heddle/argument.h"
#include "heddle/buffer.h"
#include "heddle/expr.h"
#include "heddle/loop_types.h"

namespace heddle {

namespace Internal {
class ParameterContents;
}

/** What is asked of one dimension of a buffer, and expected of it. Undefined: nothing. */
struct BufferConstraint {
    Expr min, extent, stride;
    Expr min_estimate, extent_estimate;
    BufferConstraint();
    HEDDLE_SPECIAL_MEMBERS(BufferConstraint);
};

class Parameter {
public:
    /** No Parameter. */
    Parameter();
    /** A new one, with a name of its own. A scalar has no dimensions. */
    Parameter(const Type &t, bool is_buffer, int dimensions);
    Parameter(const Type &t, bool is_buffer, int dimensions, const std::string &name);
    Parameter(std::shared_ptr<Internal::ParameterContents> contents);
    HEDDLE_SPECIAL_MEMBERS(Parameter);

    bool defined() const {
        return contents_ != nullptr;
    }
    bool same_as(const Parameter &o) const {
        return contents_ == o.contents_;
    }
    bool operator==(const Parameter &o) const {
        return contents_ == o.contents_;
    }
    /** An order by identity, for maps. */
    bool operator<(const Parameter &o) const {
        return contents_.get() < o.contents_.get();
    }
    Type type() const;
    /** 0 for a scalar. */
    int dimensions() const;
    const std::string &name() const;
    bool is_buffer() const;
    /** Estimates, limits and the default, as an Argument tells them. */
    ArgumentEstimates get_argument_estimates() const;

    // --- scalars
    /** The value for runs in this process. T must be the type. */
    template<typename T>
    T scalar() const {
        const halide_scalar_value_t bits = scalar_data(type_of<T>());
        T value;
        std::memcpy(&value, &bits.u, sizeof(T));
        return value;
    }
    /** The value as a constant; HD0120 while there is none. */
    Expr scalar_expr() const;
    bool has_scalar_value() const;
    template<typename T>
    void set_scalar(T value) {
        halide_scalar_value_t bits{};
        std::memcpy(&bits.u, &value, sizeof(T));
        set_scalar(type_of<T>(), bits);
    }
    void set_scalar(const Type &type, halide_scalar_value_t value);
    // Limits that each run checks; an undefined Expr is none.
    void set_min_value(const Expr &e);
    void set_max_value(const Expr &e);
    Expr min_value() const;
    Expr max_value() const;
    void set_estimate(const Expr &e);
    Expr estimate() const;
    /** What the metadata of a kernel tells. */
    void set_default_value(const Expr &e);
    Expr default_value() const;

    // --- buffers
    /** The Buffer for runs in this process, if any. */
    Buffer<> buffer() const;
    void set_buffer(const Buffer<> &b);
    // As Dimension's.
    void set_min_constraint(int dim, const Expr &e);
    void set_extent_constraint(int dim, const Expr &e);
    void set_stride_constraint(int dim, const Expr &e);
    void set_min_constraint_estimate(int dim, const Expr &e);
    void set_extent_constraint_estimate(int dim, const Expr &e);
    Expr min_constraint(int dim) const;
    Expr extent_constraint(int dim) const;
    Expr stride_constraint(int dim) const;
    Expr min_constraint_estimate(int dim) const;
    Expr extent_constraint_estimate(int dim) const;
    const std::vector<BufferConstraint> &buffer_constraints() const;
    /** Bytes that the host pointer is a multiple of. */
    void set_host_alignment(int bytes);
    int host_alignment() const;
    void store_in(MemoryType memory);
    MemoryType memory_type() const;
    void trace_loads();
    bool is_tracing_loads() const;
    void add_trace_tag(const std::string &tag);
    std::vector<std::string> get_trace_tags() const;

    // For the library.
    operator const std::shared_ptr<Internal::ParameterContents> &() const {
        return contents_;
    }
    Internal::ParameterContents *operator->() const {
        return contents_.get();
    }
    Internal::ParameterContents &operator*() const {
        return *contents_;
    }

private:
    halide_scalar_value_t scalar_data(const Type &wanted) const;
    Internal::ParameterContents &scalar_contents(const char *what) const;
    Internal::ParameterContents &buffer_contents(const char *what) const;
    BufferConstraint &constraint(int dim, const char *what) const;
    std::shared_ptr<Internal::ParameterContents> contents_;
};

}  // namespace heddle
