#pragma once
// Input: an argument of the kernel that a generator makes.

#include <memory>
#include <source_location>
#include <string>
#include <type_traits>
#include <vector>

#include "heddle/generator_io.h"
#include "heddle/param.h"

namespace heddle {

/** A base of classes of Internal that stand in expressions, where the operators of this namespace are to be found. */
struct InExpressions {};

namespace Internal {

class BufferInput : public ImageParam, public GeneratorIO {
public:
    BufferInput(const std::string &name, const Shape &shape, Registration registration);
    ~BufferInput() override;
    const std::string &name() const {
        return io_name();
    }
    Expr operator()() const;
    Expr operator()(const Expr &a) const;
    Expr operator()(const Expr &a, const Expr &b) const;
    Expr operator()(const Expr &a, const Expr &b, const Expr &c) const;
    template<typename... Args>
        requires AllExprs<Args...>
    Expr operator()(const Expr &a, const Expr &b, const Expr &c, const Expr &d, const Args &...args) const {
        return (*this)(std::vector<Expr>{a, b, c, d, static_cast<Expr>(args)...});
    }
    Expr operator()(const std::vector<Expr> &args) const;
    Expr operator()(const std::vector<Var> &args) const;
    operator Func() const;
    Func in(const Func &f, std::source_location location = std::source_location::current()) const;
    Func in(const std::vector<Func> &fs, std::source_location location = std::source_location::current()) const;
    Func in(std::source_location location = std::source_location::current()) const;
    BufferInput &set_estimate(const Var &v, const Expr &min, const Expr &extent);

    void prepare(bool top_level) override;
    void set_values(const GeneratorValues &values) override;
    void add_arguments(std::vector<Argument> &list) const override;
    std::string stub_type() const override;

private:
    void shape_changed() override;
    Func func_;
};

class FuncInput : public GeneratorIO {
public:
    FuncInput(const std::string &name, const Shape &shape, Registration registration);
    ~FuncInput() override;
    const std::string &name() const {
        return io_name();
    }
    FuncRef operator()() const;
    FuncRef operator()(const Expr &a) const;
    FuncRef operator()(const Expr &a, const Expr &b) const;
    FuncRef operator()(const Expr &a, const Expr &b, const Expr &c) const;
    template<typename... Args>
        requires AllExprs<Args...>
    FuncRef operator()(const Expr &a, const Expr &b, const Expr &c, const Expr &d, const Args &...args) const {
        return (*this)(std::vector<Expr>{a, b, c, d, static_cast<Expr>(args)...});
    }
    FuncRef operator()(const std::vector<Expr> &args) const;
    FuncRef operator()(const std::vector<Var> &args) const;
    operator Func() const {
        return func();
    }
    Func in(const Func &f, std::source_location location = std::source_location::current()) const;
    Func in(const std::vector<Func> &fs, std::source_location location = std::source_location::current()) const;
    Func in(std::source_location location = std::source_location::current()) const;
    int dimensions() const;
    Type type() const;
    const std::vector<Type> &types() const;
    int outputs() const;
    std::vector<Var> args() const;
    bool defined() const;
    FuncInput &set_estimate(const Var &v, const Expr &min, const Expr &extent);
    FuncInput &set_estimates(const Region &estimates);

    void prepare(bool top_level) override;
    void set_values(const GeneratorValues &values) override;
    void add_arguments(std::vector<Argument> &list) const override;
    std::string stub_type() const override;

private:
    const Func &func() const;
    std::vector<ImageParam> images_;  ///< one per value of the Func, unless it was given
    Func func_;
};

class ScalarInput : public GeneratorIO, public InExpressions {
public:
    /** Its type may be set later. */
    ScalarInput(const std::string &name, const Shape &shape, Registration registration);
    ~ScalarInput() override;
    const std::string &name() const {
        return io_name();
    }
    Type type() const;
    operator Expr() const;
    template<typename V>
    void set_estimate(const V &value) {
        set_scalar_estimate(checked(), Scalar::of(value));
    }
    void set_min_value(const Expr &min);
    void set_max_value(const Expr &max);
    void set_range(const Expr &min, const Expr &max);
    void set_default(const Scalar &value);

    void prepare(bool top_level) override;
    void set_values(const GeneratorValues &values) override;
    void add_arguments(std::vector<Argument> &list) const override;
    std::string stub_type() const override;

private:
    /** HD0283 while it has no type. */
    ParameterContents &checked() const;
    void shape_changed() override;
    std::shared_ptr<ParameterContents> parameter_;
    Expr value_;
    bool is_argument_ = true;
};

template<typename T>
using InputElement = std::conditional_t<IsBufferType<T>::value, BufferInput,
                                        std::conditional_t<std::is_same_v<T, Func>, FuncInput, ScalarInput>>;
template<typename T>
using DeclaredInput = DeclaredIO<T, InputElement<std::remove_extent_t<T>>, GeneratorIO::Registration::Input>;
template<typename T>
concept InputNumber = std::is_arithmetic_v<T> || std::is_pointer_v<T> || std::is_same_v<T, float16_t> ||
                      std::is_same_v<T, bfloat16_t>;

}  // namespace Internal

/** T: Buffer<...>, Func, a number or bool, Expr (a scalar of a type that is given later), or an array T[N], T[] of
    those. Behind the name stands what T leaves open: a type or several, dimensions. */
template<typename T>
class Input : public Internal::DeclaredInput<T> {
    using Base = Internal::DeclaredInput<T>;

public:
    using Base::Base;
};

template<Internal::InputNumber T>
class Input<T> : public Internal::ScalarInput {
public:
    explicit Input(const std::string &name)
        : ScalarInput(name, Internal::shape_of<T>(), Registration::Input) {
    }
    Input(const std::string &name, const T &value)
        : Input(name) {
        set_default(Internal::Scalar::of(value));
    }
    Input(const std::string &name, const T &value, const T &min, const T &max)
        : Input(name, value) {
        set_range(Internal::Scalar::of(min).as_expr(), Internal::Scalar::of(max).as_expr());
    }
};

/** Of numbers: possibly the value, and the range, of each. */
template<Internal::InputNumber E, size_t N>
class Input<E[N]> : public Internal::ArrayIO<Internal::ScalarInput> {
public:
    explicit Input(const std::string &name)
        : ArrayIO(name, Internal::shape_of<E>(), Registration::Input, N) {
    }
    Input(const std::string &name, const E &value)
        : Input(name) {
        for (auto &e : *this) e.set_default(Internal::Scalar::of(value));
    }
    Input(const std::string &name, const E &value, const E &min, const E &max)
        : Input(name, value) {
        for (auto &e : *this) e.set_range(Internal::Scalar::of(min).as_expr(), Internal::Scalar::of(max).as_expr());
    }
};

template<typename T>
using GeneratorInput = Input<T>;

}  // namespace heddle
