#pragma once
// Param<T>: a scalar that a pipeline takes from outside. Handles of one Param share its value. Param<>
// takes its type at run time. Errors are CompileErrors HD0120 to HD0124 that name the Param.

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>

#include "heddle/argument.h"
#include "heddle/expr.h"
#include "heddle/float16.h"
#include "heddle/parameter.h"

namespace heddle {

namespace Internal {


// A number of C++ with its type, its bits in the low bytes.
struct Scalar {
    Type type;
    uint64_t bits = 0;

    template<typename T>
    static Scalar of(const T &value) {
        static_assert(sizeof(T) <= 8);
        Scalar s{type_of<T>(), 0};
        std::memcpy(&s.bits, &value, sizeof(T));
        return s;
    }
    template<typename T>
    T as() const {
        T value;
        std::memcpy(&value, &bits, sizeof(T));
        return value;
    }
    Expr as_expr() const;
};

/** An empty name gives a new one. */
std::shared_ptr<ParameterContents> make_scalar_parameter(Type type, const std::string &name);
Type type_of_parameter(const ParameterContents &p);
const std::string &name_of_parameter(const ParameterContents &p);
/** A value that the Parameter's type does not have is an error (a double may be rounded to a float). */
void set_scalar(ParameterContents &p, const Scalar &value);
Scalar get_scalar(const ParameterContents &p, Type type);
void set_scalar_estimate(ParameterContents &p, const Scalar &value);
void set_scalar_range(ParameterContents &p, const Expr &min, const Expr &max);
void set_scalar_min(ParameterContents &p, const Expr &min);
void set_scalar_max(ParameterContents &p, const Expr &max);
Expr scalar_min(const ParameterContents &p);
Expr scalar_max(const ParameterContents &p);
Expr scalar_expr(const std::shared_ptr<ParameterContents> &p);
Argument scalar_argument(const ParameterContents &p);
void check_scalar_type(const ParameterContents &p, Type wanted);

}  // namespace Internal

template<typename T = void>
class Param {
    static constexpr bool typed = !std::is_void_v<T>;
    // What a value of it is in C++; for Param<> there is no such thing.
    struct Nothing {};
    using Value = std::conditional_t<typed, T, Nothing>;

public:
    static constexpr bool has_static_type = typed;
    static Type static_type()
        requires typed
    {
        return type_of<T>();
    }
    Param()
        requires typed
        : Param(std::string()) {
    }
    explicit Param(const std::string &name)
        requires typed
        : parameter_(Internal::make_scalar_parameter(type_of<T>(), name)) {
    }
    explicit Param(const char *name)
        requires typed
        : Param(std::string(name)) {
    }
    explicit Param(Value value)
        requires(typed && !std::is_same_v<T, const char *>)
        : Param(std::string(), value) {
    }
    Param(const std::string &name, Value value)
        requires typed
        : Param(name) {
        set(value);
    }
    Param(Value value, const Expr &min, const Expr &max)
        requires typed
        : Param(std::string(), value, min, max) {
    }
    Param(const std::string &name, Value value, const Expr &min, const Expr &max)
        requires typed
        : Param(name, value) {
        set_range(min, max);
    }
    explicit Param(Type type, const std::string &name = "")
        requires(!typed)
        : parameter_(Internal::make_scalar_parameter(type, name)) {
    }
    explicit Param(std::shared_ptr<Internal::ParameterContents> p)
        : parameter_(std::move(p)) {
        if constexpr (typed) Internal::check_scalar_type(*parameter_, type_of<T>());
    }
    Param(const Param &) = default;
    Param &operator=(const Param &) = default;
    /** The same Param under another static type; an error if that is not its type. */
    template<typename T2>
        requires(!std::is_same_v<T, T2>)
    Param(const Param<T2> &o)
        : parameter_(o.parameter()) {
        if constexpr (typed) Internal::check_scalar_type(*parameter_, type_of<T>());
    }

    const std::string &name() const {
        return Internal::name_of_parameter(*parameter_);
    }
    Type type() const {
        return Internal::type_of_parameter(*parameter_);
    }

    /** The value for later runs in this process. */
    template<typename V>
    void set(const V &value) {
        Internal::set_scalar(*parameter_, Internal::Scalar::of(value));
    }
    template<typename V = T>
    V get() const {
        return Internal::get_scalar(*parameter_, type_of<V>()).template as<V>();
    }
    /** What to expect; a help to tuners, checked nowhere. */
    template<typename V>
    void set_estimate(const V &value) {
        Internal::set_scalar_estimate(*parameter_, Internal::Scalar::of(value));
    }

    /** A run with a value outside fails and names the Param. An undefined end leaves that side free. */
    void set_range(const Expr &min, const Expr &max) {
        Internal::set_scalar_range(*parameter_, min, max);
    }
    void set_min_value(const Expr &min) {
        Internal::set_scalar_min(*parameter_, min);
    }
    void set_max_value(const Expr &max) {
        Internal::set_scalar_max(*parameter_, max);
    }
    Expr min_value() const {
        return Internal::scalar_min(*parameter_);
    }
    Expr max_value() const {
        return Internal::scalar_max(*parameter_);
    }

    operator Expr() const {
        return Internal::scalar_expr(parameter_);
    }
    operator Argument() const {
        return Internal::scalar_argument(*parameter_);
    }
    /** What it is a handle on. */
    Parameter parameter() const {
        return parameter_;
    }

private:
    std::shared_ptr<Internal::ParameterContents> parameter_;
};

/** The user context that a run was given. */
Expr user_context_value();

}  // namespace heddle
