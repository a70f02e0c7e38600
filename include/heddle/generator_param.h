#pragma once
// GeneratorParam: a value that is chosen when a kernel is made, `name=value` on the command line of a generator
// program. Errors are CompileErrors HD0281 that name the parameter.

#include <cstdint>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "heddle/operators.h"
#include "heddle/param.h"
#include "heddle/schedule.h"
#include "heddle/target.h"

namespace heddle {

namespace Internal {

class GeneratorParamBase {
public:
    /** Becomes a parameter of the generator that is being constructed. */
    explicit GeneratorParamBase(const std::string &name);
    virtual ~GeneratorParamBase();
    GeneratorParamBase(const GeneratorParamBase &) = delete;
    GeneratorParamBase &operator=(const GeneratorParamBase &) = delete;

    const std::string &name() const {
        return name_;
    }
    /** HD0281 for a text that means no value of it. */
    virtual void set_from_string(const std::string &text) = 0;
    /** The value, as set_from_string takes it. */
    virtual std::string text() const = 0;
    /** The type and the value in C++, for stubs; an enum's names are its values. */
    virtual std::string cpp_type() const = 0;
    virtual std::string cpp_value() const = 0;
    virtual std::vector<std::string> enum_names() const;
    virtual void set_level(const LoopLevel &level);

protected:
    [[noreturn]] void refuse_value(const std::string &value, const std::string &wanted) const;

private:
    std::string name_;
};

/** A parameter that is a number, a bool or an enum: what fits into a Scalar. */
class ScalarGeneratorParam : public GeneratorParamBase {
public:
    void set_from_string(const std::string &text) override;
    std::string text() const override;
    std::string cpp_type() const override;
    std::string cpp_value() const override;
    std::vector<std::string> enum_names() const override;

protected:
    using Names = std::vector<std::pair<std::string, Scalar>>;
    ScalarGeneratorParam(const std::string &name, const Scalar &value);
    ~ScalarGeneratorParam() override;
    void set_range(const Scalar &min, const Scalar &max);
    void add_name(const std::string &name, const Scalar &value);
    void set_scalar(const Scalar &value);
    /** A number of another type: HD0281 where T cannot hold it. */
    void set_number(int64_t value);
    void set_number(uint64_t value);
    void set_number(double value);
    Scalar value_;

private:
    void check(const Scalar &value) const;
    Scalar parsed(const std::string &text) const;
    Scalar min_{}, max_{};
    bool has_range_ = false;
    Names names_;
};

/** A parameter that is a Type, a Target, a std::string or a LoopLevel. */
template<typename T>
class ObjectGeneratorParam : public GeneratorParamBase {
public:
    void set_from_string(const std::string &text) override;
    std::string text() const override;
    std::string cpp_type() const override;
    std::string cpp_value() const override;
    void set_level(const LoopLevel &level) override;

protected:
    ObjectGeneratorParam(const std::string &name, const T &value);
    ~ObjectGeneratorParam() override;
    T value_;
};
extern template class ObjectGeneratorParam<Type>;
extern template class ObjectGeneratorParam<Target>;
extern template class ObjectGeneratorParam<std::string>;
extern template class ObjectGeneratorParam<LoopLevel>;

}  // namespace Internal

/** T: a number, bool, enum (with names), Type, Target, std::string or LoopLevel. */
template<typename T>
class GeneratorParam final : public Internal::ObjectGeneratorParam<T> {
    using Base = Internal::ObjectGeneratorParam<T>;

public:
    GeneratorParam(const std::string &name, const T &value)
        : Base(name, value) {
    }
    /** The value as set_from_string takes it. */
    GeneratorParam(const std::string &name, const std::string &value)
        requires(!std::is_convertible_v<const std::string &, T>)
        : Base(name, T()) {
        this->set_from_string(value);
    }
    const T &value() const {
        return this->value_;
    }
    operator T() const {
        return this->value_;
    }
    template<typename V>
    void set(const V &value) {
        if constexpr (std::is_convertible_v<V, T>) {
            this->value_ = value;
        } else {
            this->set_from_string(value);
        }
    }
};

template<typename T>
    requires(std::is_arithmetic_v<T> || std::is_enum_v<T>)
class GeneratorParam<T> final : public Internal::ScalarGeneratorParam {
    using Scalar = Internal::Scalar;

public:
    GeneratorParam(const std::string &name, const T &value)
        : ScalarGeneratorParam(name, Scalar::of(value)) {
    }
    GeneratorParam(const std::string &name, const T &value, const T &min, const T &max)
        requires std::is_arithmetic_v<T>
        : ScalarGeneratorParam(name, Scalar::of(value)) {
        set_range(Scalar::of(min), Scalar::of(max));
    }
    /** The value as set_from_string takes it. */
    GeneratorParam(const std::string &name, const std::string &value)
        : ScalarGeneratorParam(name, Scalar::of(T())) {
        set_from_string(value);
    }
    GeneratorParam(const std::string &name, const T &value, const std::map<std::string, T> &names)
        requires std::is_enum_v<T>
        : ScalarGeneratorParam(name, Scalar::of(value)) {
        for (const auto &entry : names) add_name(entry.first, Scalar::of(entry.second));
    }

    T value() const {
        return value_.as<T>();
    }
    operator T() const {
        return value_.as<T>();
    }
    operator Expr() const
        requires std::is_arithmetic_v<T>
    {
        return value_.as_expr();
    }
    template<typename V>
    void set(const V &value) {
        if constexpr (std::is_enum_v<T> && std::is_convertible_v<V, T>) {
            set_scalar(Scalar::of(static_cast<T>(value)));
        } else if constexpr (!std::is_convertible_v<V, T>) {
            set_from_string(value);
        } else if constexpr (std::is_same_v<V, T>) {
            set_scalar(Scalar::of(value));
        } else if constexpr (std::is_floating_point_v<V>) {
            set_number(static_cast<double>(value));
        } else if constexpr (std::is_unsigned_v<V>) {
            set_number(static_cast<uint64_t>(value));
        } else {
            set_number(static_cast<int64_t>(value));
        }
    }
};

namespace Internal {

/** Two operands of which at least one is a parameter that is a number, and what they stand for in C++. */
template<typename T>
struct ParamValue {
    static constexpr bool is_param = false;
    using Type = const T &;
    static const T &of(const T &x) {
        return x;
    }
};
template<typename T>
    requires std::is_arithmetic_v<T>
struct ParamValue<GeneratorParam<T>> {
    static constexpr bool is_param = true;
    using Type = T;
    static T of(const GeneratorParam<T> &x) {
        return x.value();
    }
};
template<typename A, typename B>
concept WithParam = ParamValue<A>::is_param || ParamValue<B>::is_param;

template<typename A>
using ParamValueOf = typename ParamValue<A>::Type;
template<typename A>
ParamValueOf<A> param_value(const A &a) {
    return ParamValue<A>::of(a);
}

// min and max of numbers are numbers, those of Exprs are Exprs.
template<typename A, typename B>
auto least(const A &a, const B &b) {
    if constexpr (std::is_arithmetic_v<A> && std::is_arithmetic_v<B>) {
        using C = std::common_type_t<A, B>;
        return static_cast<C>(b) < static_cast<C>(a) ? static_cast<C>(b) : static_cast<C>(a);
    } else {
        return min(Expr(a), Expr(b));
    }
}
template<typename A, typename B>
auto largest(const A &a, const B &b) {
    if constexpr (std::is_arithmetic_v<A> && std::is_arithmetic_v<B>) {
        using C = std::common_type_t<A, B>;
        return static_cast<C>(a) < static_cast<C>(b) ? static_cast<C>(b) : static_cast<C>(a);
    } else {
        return max(Expr(a), Expr(b));
    }
}

}  // namespace Internal

// A parameter that is a number stands for it in expressions of C++ and of Heddle.
#define HEDDLE_PARAM_OPERATOR(op)                                                                              \
    template<typename A, typename B>                                                                           \
        requires Internal::WithParam<A, B>                                                                     \
    auto operator op(const A &a, const B &b)                                                                   \
        ->decltype(std::declval<Internal::ParamValueOf<A>>() op std::declval<Internal::ParamValueOf<B>>()) {   \
        return Internal::param_value(a) op Internal::param_value(b);                                           \
    }
HEDDLE_PARAM_OPERATOR(+)
HEDDLE_PARAM_OPERATOR(-)
HEDDLE_PARAM_OPERATOR(*)
HEDDLE_PARAM_OPERATOR(/)
HEDDLE_PARAM_OPERATOR(%)
HEDDLE_PARAM_OPERATOR(<)
HEDDLE_PARAM_OPERATOR(<=)
HEDDLE_PARAM_OPERATOR(>)
HEDDLE_PARAM_OPERATOR(>=)
HEDDLE_PARAM_OPERATOR(==)
HEDDLE_PARAM_OPERATOR(!=)
HEDDLE_PARAM_OPERATOR(&)
HEDDLE_PARAM_OPERATOR(|)
HEDDLE_PARAM_OPERATOR(^)
HEDDLE_PARAM_OPERATOR(<<)
HEDDLE_PARAM_OPERATOR(>>)
HEDDLE_PARAM_OPERATOR(&&)
HEDDLE_PARAM_OPERATOR(||)
#undef HEDDLE_PARAM_OPERATOR

template<typename A, typename B>
    requires Internal::WithParam<A, B>
auto min(const A &a, const B &b) {
    return Internal::least(Internal::param_value(a), Internal::param_value(b));
}
template<typename A, typename B>
    requires Internal::WithParam<A, B>
auto max(const A &a, const B &b) {
    return Internal::largest(Internal::param_value(a), Internal::param_value(b));
}
template<typename T>
    requires std::is_arithmetic_v<T>
auto operator-(const GeneratorParam<T> &a) {
    return -a.value();
}
template<typename T>
    requires std::is_arithmetic_v<T>
bool operator!(const GeneratorParam<T> &a) {
    return !a.value();
}

}  // namespace heddle
