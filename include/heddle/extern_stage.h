#pragma once
// ExternFuncArgument: what Func::define_extern passes to the C function that computes a stage: another
// stage, an image, or a scalar.

#include <concepts>
#include <memory>

#include "heddle/buffer.h"
#include "heddle/expr.h"
#include "heddle/parameter.h"

namespace heddle {

class Func;
class OutputImageParam;

namespace Internal {
class Function;
}  // namespace Internal

struct ExternFuncArgument {
    enum ArgType { UndefinedArg = 0, FuncArg, BufferArg, ExprArg, ImageParamArg };

    ArgType arg_type = UndefinedArg;
    std::shared_ptr<Internal::Function> func;
    Buffer<> buffer;
    Expr expr;
    Parameter image_param;

    ExternFuncArgument();
    HEDDLE_SPECIAL_MEMBERS(ExternFuncArgument);
    /** A buffer; scalars are Exprs. */
    ExternFuncArgument(const Parameter &p);
    ExternFuncArgument(const Func &f);
    ExternFuncArgument(std::shared_ptr<Internal::Function> f);
    ExternFuncArgument(const OutputImageParam &p);
    template<typename T, int Dims>
    ExternFuncArgument(const Buffer<T, Dims> &b)
        : ExternFuncArgument() {
        arg_type = BufferArg;
        buffer = b;
    }
    template<typename T>
        requires(std::convertible_to<T, Expr> && !std::convertible_to<T, const Func &>)
    ExternFuncArgument(const T &e)
        : ExternFuncArgument() {
        arg_type = ExprArg;
        expr = e;
    }

    bool is_func() const {
        return arg_type == FuncArg;
    }
    bool is_expr() const {
        return arg_type == ExprArg;
    }
    bool is_buffer() const {
        return arg_type == BufferArg;
    }
    bool is_image_param() const {
        return arg_type == ImageParamArg;
    }
    bool defined() const {
        return arg_type != UndefinedArg;
    }
};

}  // namespace heddle
