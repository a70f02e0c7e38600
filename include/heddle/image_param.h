#pragma once
// ImageParam: an input buffer of a pipeline. OutputImageParam: the output of a Func, to say what shape
// it must have. Dimension: one dimension of either, whose bounds can be used in expressions and
// constrained; a run with a Buffer that breaks a constraint fails and names the Buffer.

#include <concepts>
#include <memory>
#include <source_location>
#include <string>
#include <vector>

#include "heddle/argument.h"
#include "heddle/buffer.h"
#include "heddle/expr.h"
#include "heddle/loop_types.h"
#include "heddle/parameter.h"
#include "heddle/rdom.h"
#include "heddle/type.h"
#include "heddle/var.h"

namespace heddle {

class Func;

namespace Internal {

class Function;
class ParameterContents;

class Dimension {
public:
    /** The bounds of the Buffer in this dimension, as int32 Exprs. */
    Expr min() const;
    Expr extent() const;
    Expr max() const;
    Expr stride() const;

    /** The Buffer must have this min (extent, stride). An undefined Expr takes a constraint back. */
    Dimension set_min(const Expr &e);
    Dimension set_extent(const Expr &e);
    Dimension set_stride(const Expr &e);
    Dimension set_bounds(const Expr &min, const Expr &extent);
    /** What to expect; a help to tuners, checked nowhere. */
    Dimension set_estimate(const Expr &min, const Expr &extent);
    Expr min_estimate() const;
    Expr extent_estimate() const;

    /** Another dimension of the same buffer. */
    Dimension dim(int i) const;

    Dimension(std::shared_ptr<ParameterContents> p, int d);
    HEDDLE_SPECIAL_MEMBERS(Dimension);

private:
    Expr constraint(const Expr &e, const char *what) const;
    std::shared_ptr<ParameterContents> parameter_;
    int d_;
};

}  // namespace Internal

class OutputImageParam {
public:
    OutputImageParam();
    OutputImageParam(std::shared_ptr<Internal::ParameterContents> p, Argument::Kind kind);
    HEDDLE_SPECIAL_MEMBERS(OutputImageParam);

    bool defined() const {
        return parameter_ != nullptr;
    }
    const std::string &name() const;
    Type type() const;
    int dimensions() const;
    Internal::Dimension dim(int i) const;

    /** Bytes that the host pointer is a multiple of. */
    int host_alignment() const;
    OutputImageParam &set_host_alignment(int bytes);

    Expr left() const;
    Expr right() const;
    Expr top() const;
    Expr bottom() const;
    Expr width() const;
    Expr height() const;
    Expr channels() const;

    OutputImageParam &set_estimates(const Region &estimates);
    OutputImageParam &store_in(MemoryType memory);
    OutputImageParam &trace_loads();
    OutputImageParam &add_trace_tag(const std::string &tag);

    operator Argument() const;
    /** What it is a handle on. */
    Parameter parameter() const {
        return parameter_;
    }

protected:
    Internal::ParameterContents &checked() const;
    std::shared_ptr<Internal::ParameterContents> parameter_;
    Argument::Kind kind_ = Argument::InputBuffer;
};

class ImageParam : public OutputImageParam {
public:
    /** No ImageParam. */
    ImageParam();
    HEDDLE_SPECIAL_MEMBERS(ImageParam);
    ImageParam(Type t, int dimensions);
    ImageParam(Type t, int dimensions, const std::string &name);
    /** An input that is a Parameter; f is not needed. */
    ImageParam(const Parameter &p, const Func &f);
    explicit ImageParam(std::shared_ptr<Internal::ParameterContents> p);

    /** Binds a Buffer for later runs in this process; a CompileError if type or dimensions differ. */
    void set(const Buffer<> &b);
    /** The Buffer that is bound now. */
    Buffer<> get() const;
    void reset();

    /** An element. `_` stands for the dimensions that are not written. */
    Expr operator()() const;
    Expr operator()(const Expr &a) const;
    Expr operator()(const Expr &a, const Expr &b) const;
    Expr operator()(const Expr &a, const Expr &b, const Expr &c) const;
    template<typename... Args>
        requires(std::convertible_to<Args, Expr> && ...)
    Expr operator()(const Expr &a, const Expr &b, const Expr &c, const Expr &d, Args &&...args) const {
        return at({a, b, c, d, static_cast<Expr>(std::forward<Args>(args))...});
    }
    Expr operator()(const std::vector<Expr> &args) const {
        return at(args);
    }
    Expr operator()(const std::vector<Var> &args) const;

    /** A Func with these values; the same one each time. Its Vars are _0, _1, ... */
    operator Func() const;
    // As Func::in, of that Func.
    Func in(const Func &f, std::source_location location = std::source_location::current()) const;
    Func in(const std::vector<Func> &fs, std::source_location location = std::source_location::current()) const;
    Func in(std::source_location location = std::source_location::current()) const;

private:
    Expr at(const std::vector<Expr> &args) const;
};

}  // namespace heddle
