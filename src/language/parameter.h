#pragma once
// ParameterContents: what a Parameter is a handle on, a scalar or a buffer that a pipeline takes from outside (Param, ImageParam, and a Buffer
// used in a definition, which is an ImageParam that is bound from the start).

#include <memory>
#include <string>
#include <vector>

#include "heddle/buffer.h"
#include "heddle/expr.h"
#include "heddle/parameter.h"
#include "ir/nodes.h"

namespace heddle::Internal {

class Function;

class ParameterContents final : public Declaration, public std::enable_shared_from_this<ParameterContents> {
public:
    /** dimensions is 0 for a scalar that is_buffer is false for. */
    static std::shared_ptr<ParameterContents> create(Type type, bool is_buffer, int dimensions, const std::string &name);

    Symbol symbol;  ///< Variable::symbol of a scalar; Access::buffer of an image
    std::string name;
    Type type;
    bool is_buffer = false;
    int dimensions = 0;

    // A scalar.
    uint64_t scalar_bits = 0;  ///< the current value, in the low bytes
    bool scalar_set = false;
    Expr default_value, min_value, max_value, estimate;

    // A buffer. Constraints are Exprs over scalars and over other dimensions (undefined: free).
    std::vector<BufferConstraint> constraints;
    MemoryType memory = MemoryType::Auto;
    int changes = 0;         ///< of constraints and tracing: code compiled before one is stale
    int host_alignment = 0;  ///< bytes; 0: that of the element type
    heddle::Buffer<> buffer;  ///< what is bound now, or undefined
    bool bound_from_start = false;  ///< made from a Buffer in a definition: not an argument, its own object

    // What `p.dim(d).min()` means in an expression: a Variable whose symbol lowering binds to the
    // buffer's field.
    struct DimSymbols {
        Symbol min, extent, stride;
    };
    std::vector<DimSymbols> dim_symbols;
    /** What an ImageParam becomes where a Func is wanted. Owned here: its definition does not own the Parameter; the
        handles that func_of_image gives do. */
    std::shared_ptr<Function> as_func;  // guarded: use func_of_image
    bool trace_loads = false;
    std::vector<std::string> trace_tags;

private:
    ParameterContents() = default;
};

/** The Parameter that an Access (or a Variable of a scalar or of a dim symbol) refers to, or null. */
std::shared_ptr<const ParameterContents> parameter_of(const Access &access);
std::shared_ptr<const ParameterContents> parameter_of(const Variable &variable);

/** The Func with the values of a buffer parameter, the same one each time, over the Vars _0, _1, ... The handle keeps
    the parameter alive, which owns the Func. */
std::shared_ptr<Function> func_of_image(const std::shared_ptr<ParameterContents> &p);
/** The same if it was ever asked for, else null. */
std::shared_ptr<const Function> known_func_of_image(const ParameterContents &p);

}  // namespace heddle::Internal
