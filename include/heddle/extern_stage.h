#pragma once
// ExternFuncArgument: what Func::define_extern passes to the C function that computes a stage: another
// stage, an image, or a scalar.

#include <concepts>
#include <memory>

#include "heddle/buffer.h"
#include "heddle/expr.h"

namespace heddle {

class Func;
class OutputImageParam;

namespace Internal {
class Function;
class Parameter;
}  // namespace Internal

struct ExternFuncArgument {
    enum class Kind { Undefined, Func, Buffer, Expr, ImageParam };

    Kind kind = Kind::Undefined;
    std::shared_ptr<Internal::Function> func;
    Buffer<> buffer;
    Expr expr;
    std::shared_ptr<Internal::Parameter> image_param;

    ExternFuncArgument() = default;
    ExternFuncArgument(const Func &f);
    ExternFuncArgument(std::shared_ptr<Internal::Function> f);
    ExternFuncArgument(const OutputImageParam &p);
    template<typename T, int Dims>
    ExternFuncArgument(const Buffer<T, Dims> &b)
        : kind(Kind::Buffer), buffer(b) {
    }
    template<typename T>
        requires(std::convertible_to<T, Expr> && !std::convertible_to<T, const Func &>)
    ExternFuncArgument(const T &e)
        : kind(Kind::Expr), expr(e) {
    }

    bool defined() const {
        return kind != Kind::Undefined;
    }
};

}  // namespace heddle
