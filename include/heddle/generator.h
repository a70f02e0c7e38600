#pragma once
// Generators: classes that make a pipeline, to be compiled ahead of time by a generator program.
//
//   class Brighten : public Generator<Brighten> {
//   public:
//       GeneratorParam<int> vector_size{"vector_size", 8};    // name=value on the command line
//       Input<Buffer<uint8_t, 2>> input{"input"};             // arguments of the kernel, in this order
//       Input<uint8_t> offset{"offset"};
//       Output<Buffer<uint8_t, 2>> output{"output"};
//
//       void configure() {...}                                // optional: types and dimensions left open above
//       void generate() { output(x, y) = ...; }               // the algorithm
//       void schedule() { output.vectorize(x, vector_size); }  // optional
//   };
//   HEDDLE_REGISTER_GENERATOR(Brighten, brighten)
//
// Errors are CompileErrors HD0280 to HD0289 that name the generator and the parameter, input or output.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "heddle/autoscheduler.h"
#include "heddle/func.h"
#include "heddle/image_param.h"
#include "heddle/operators.h"
#include "heddle/param.h"
#include "heddle/pipeline.h"
#include "heddle/target.h"

namespace heddle {

namespace Internal {

class GeneratorBase;

/** Throws CompileError `code`. */
[[noreturn]] void refuse_generator(int code, const std::string &message, const std::string &hint = "");

// --- parameters

class GeneratorParamBase {
public:
    /** Becomes a parameter of the generator that is being constructed. */
    explicit GeneratorParamBase(const std::string &name);
    virtual ~GeneratorParamBase() = default;
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
    virtual std::vector<std::string> enum_names() const {
        return {};
    }
    virtual void set_level(const LoopLevel &) {
        refuse_value("a LoopLevel", "of another type");
    }

protected:
    [[noreturn]] void refuse_value(const std::string &value, const std::string &wanted) const;

private:
    std::string name_;
};

// Whole texts as values; nothing when they are none.
std::optional<int64_t> parse_int(const std::string &text);
std::optional<uint64_t> parse_uint(const std::string &text);
std::optional<double> parse_float(const std::string &text);
std::optional<bool> parse_bool(const std::string &text);
std::optional<Type> parse_type(const std::string &text);
std::string number_text(double value);
/** As a string literal of C++. */
std::string quoted(const std::string &text);
/** HD0281 for a name that is none. */
Type type_named(const std::string &name);

}  // namespace Internal

/** A value that is chosen when the kernel is made. T: a number, bool, enum (with names), Type, Target,
    std::string or LoopLevel. */
template<typename T>
class GeneratorParam final : public Internal::GeneratorParamBase {
    static constexpr bool is_number = std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;

public:
    GeneratorParam(const std::string &name, const T &value)
        : GeneratorParamBase(name), value_(value) {
    }
    GeneratorParam(const std::string &name, const T &value, const T &min, const T &max)
        requires std::is_arithmetic_v<T>
        : GeneratorParamBase(name), value_(value), min_(min), max_(max) {
        check(value);
    }
    /** The value as set_from_string takes it. */
    GeneratorParam(const std::string &name, const std::string &value)
        requires(!std::is_same_v<T, std::string> && !std::is_convertible_v<const std::string &, T>)
        : GeneratorParamBase(name) {
        set_from_string(value);
    }
    GeneratorParam(const std::string &name, const T &value, const std::map<std::string, T> &names)
        : GeneratorParamBase(name), value_(value), names_(names) {
    }

    const T &value() const {
        return value_;
    }
    operator T() const {
        return value_;
    }
    operator Expr() const
        requires is_number
    {
        return Internal::Scalar::of(value_).as_expr();
    }

    template<typename V>
    void set(const V &value) {
        if constexpr (std::is_convertible_v<V, T>) {
            const T t = static_cast<T>(value);
            check(t);
            value_ = t;
        } else {
            set_from_string(value);
        }
    }
    void set_from_string(const std::string &text) override {
        set(parse(text));
    }
    std::string text() const override {
        for (const auto &[name, value] : names_) {
            if constexpr (requires { value == value_; }) {
                if (value == value_) return name;
            }
        }
        if constexpr (std::is_same_v<T, bool>) {
            return value_ ? "true" : "false";
        } else if constexpr (std::is_floating_point_v<T>) {
            return Internal::number_text(static_cast<double>(value_));
        } else if constexpr (std::is_arithmetic_v<T>) {
            return std::to_string(value_);
        } else if constexpr (std::is_same_v<T, std::string>) {
            return value_;
        } else if constexpr (std::is_same_v<T, Type>) {
            return to_string(value_);
        } else if constexpr (std::is_same_v<T, Target> || std::is_same_v<T, LoopLevel>) {
            return value_.to_string();
        } else {
            return "?";
        }
    }

    std::string cpp_type() const override {
        if constexpr (std::is_same_v<T, bool>) {
            return "bool";
        } else if constexpr (std::is_same_v<T, float>) {
            return "float";
        } else if constexpr (std::is_same_v<T, double>) {
            return "double";
        } else if constexpr (std::is_integral_v<T>) {
            return std::string(std::is_signed_v<T> ? "int" : "uint") + std::to_string(8 * sizeof(T)) + "_t";
        } else if constexpr (std::is_same_v<T, Type>) {
            return "Type";
        } else if constexpr (std::is_same_v<T, LoopLevel>) {
            return "LoopLevel";
        } else if constexpr (std::is_enum_v<T>) {
            return "Enum_" + name();
        } else {
            return "std::string";
        }
    }
    std::string cpp_value() const override {
        if constexpr (std::is_same_v<T, Type>) {
            return "Halide::Internal::type_named(\"" + text() + "\")";
        } else if constexpr (std::is_same_v<T, LoopLevel>) {
            return value_ == LoopLevel::inlined() ? "LoopLevel::inlined()" : "LoopLevel::root()";
        } else if constexpr (std::is_enum_v<T>) {
            return cpp_type() + "::" + text();
        } else if constexpr (std::is_arithmetic_v<T>) {
            return text();
        } else {
            return Internal::quoted(text());
        }
    }
    std::vector<std::string> enum_names() const override {
        std::vector<std::string> list;
        for (const auto &[name, value] : names_) list.push_back(name);
        return list;
    }
    void set_level(const LoopLevel &level) override {
        if constexpr (std::is_same_v<T, LoopLevel>) {
            value_.set(level);
        } else {
            GeneratorParamBase::set_level(level);
        }
    }

private:
    void check(const T &value) const {
        if constexpr (is_number) {
            if ((min_ && value < *min_) || (max_ && value > *max_)) {
                refuse_value(std::to_string(value),
                             (min_ ? "at least " + std::to_string(*min_) : "") +
                                 (max_ ? std::string(min_ ? " and " : "") + "at most " + std::to_string(*max_) : ""));
            }
        }
    }
    T parse(const std::string &text) const {
        if (!names_.empty()) {
            if (auto it = names_.find(text); it != names_.end()) return it->second;
            std::string wanted = "one of";
            for (const auto &[name, value] : names_) wanted += " " + name;
            refuse_value(text, wanted);
        }
        if constexpr (std::is_same_v<T, std::string>) {
            return text;
        } else if constexpr (std::is_same_v<T, bool>) {
            if (auto v = Internal::parse_bool(text)) return *v;
            refuse_value(text, "true or false");
        } else if constexpr (std::is_floating_point_v<T>) {
            if (auto v = Internal::parse_float(text)) return static_cast<T>(*v);
            refuse_value(text, "a number");
        } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
            if (auto v = Internal::parse_int(text); v && static_cast<int64_t>(static_cast<T>(*v)) == *v) return static_cast<T>(*v);
            refuse_value(text, "an integer of " + std::to_string(8 * sizeof(T)) + " bits");
        } else if constexpr (std::is_integral_v<T>) {
            if (auto v = Internal::parse_uint(text); v && static_cast<uint64_t>(static_cast<T>(*v)) == *v) return static_cast<T>(*v);
            refuse_value(text, "an unsigned integer of " + std::to_string(8 * sizeof(T)) + " bits");
        } else if constexpr (std::is_same_v<T, Type>) {
            if (auto v = Internal::parse_type(text)) return *v;
            refuse_value(text, "a type, such as uint8 or float32");
        } else if constexpr (std::is_same_v<T, Target>) {
            return Target(text);
        } else if constexpr (std::is_same_v<T, LoopLevel>) {
            if (text == "root") return LoopLevel::root();
            if (text == "inlined") return LoopLevel::inlined();
            refuse_value(text, "root or inlined");
        } else {
            refuse_value(text, "set by the program");
        }
    }

    T value_{};
    std::optional<T> min_, max_;
    std::map<std::string, T> names_;
};

// A parameter that is a number stands for it in expressions of C++ and of Heddle.
#define HEDDLE_PARAM_OPERATOR(op)                                                                          \
    template<typename T, typename Other>                                                                   \
        requires std::is_arithmetic_v<T>                                                                   \
    auto operator op(const GeneratorParam<T> &a, const Other &b) -> decltype(std::declval<T>() op b) {     \
        return a.value() op b;                                                                             \
    }                                                                                                      \
    template<typename T, typename Other>                                                                   \
        requires std::is_arithmetic_v<T>                                                                   \
    auto operator op(const Other &a, const GeneratorParam<T> &b) -> decltype(a op std::declval<T>()) {     \
        return a op b.value();                                                                             \
    }                                                                                                      \
    template<typename T, typename U>                                                                       \
        requires(std::is_arithmetic_v<T> && std::is_arithmetic_v<U>)                                       \
    auto operator op(const GeneratorParam<T> &a, const GeneratorParam<U> &b) {                             \
        return a.value() op b.value();                                                                     \
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

namespace Internal {
// min and max of numbers are std's, those of Exprs ours.
template<typename A, typename B>
auto least(const A &a, const B &b) {
    if constexpr (std::is_arithmetic_v<A> && std::is_arithmetic_v<B>) {
        using C = std::common_type_t<A, B>;
        return std::min(static_cast<C>(a), static_cast<C>(b));
    } else {
        return min(Expr(a), Expr(b));
    }
}
template<typename A, typename B>
auto largest(const A &a, const B &b) {
    if constexpr (std::is_arithmetic_v<A> && std::is_arithmetic_v<B>) {
        using C = std::common_type_t<A, B>;
        return std::max(static_cast<C>(a), static_cast<C>(b));
    } else {
        return max(Expr(a), Expr(b));
    }
}
}  // namespace Internal

#define HEDDLE_PARAM_MIN_MAX(name, function)                                  \
    template<typename T, typename Other>                                      \
        requires std::is_arithmetic_v<T>                                      \
    auto name(const GeneratorParam<T> &a, const Other &b) {                   \
        return Internal::function(a.value(), b);                              \
    }                                                                         \
    template<typename T, typename Other>                                      \
        requires std::is_arithmetic_v<T>                                      \
    auto name(const Other &a, const GeneratorParam<T> &b) {                   \
        return Internal::function(a, b.value());                              \
    }                                                                         \
    template<typename T, typename U>                                          \
        requires(std::is_arithmetic_v<T> && std::is_arithmetic_v<U>)          \
    auto name(const GeneratorParam<T> &a, const GeneratorParam<U> &b) {       \
        return Internal::function(a.value(), b.value());                      \
    }
HEDDLE_PARAM_MIN_MAX(min, least)
HEDDLE_PARAM_MIN_MAX(max, largest)
#undef HEDDLE_PARAM_MIN_MAX
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

namespace Internal {

// --- inputs and outputs

template<typename T>
class StubOutputBuffer;

/** What one generator gives another as an input. */
struct GeneratorValue {
    Expr expr;
    Func func{std::shared_ptr<Function>()};
    ImageParam image;
    static GeneratorValue of(const Func &f) {
        GeneratorValue v;
        v.func = f;
        return v;
    }
};
using GeneratorValues = std::vector<GeneratorValue>;

/** A buffer input of a stub: an Input<Buffer<>> or ImageParam of the program around it, or a Buffer, whose
    contents become a part of the kernel. */
template<typename T = void>
class StubInputBuffer {
public:
    StubInputBuffer() = default;
    StubInputBuffer(const ImageParam &p) {
        value_.image = p;
        value_.func = static_cast<Func>(p);
    }
    template<typename I>
        requires(std::is_base_of_v<ImageParam, I>)
    StubInputBuffer(const I &input) {
        value_.image = input;
        value_.func = static_cast<Func>(input);
    }
    template<typename T2, int D2>
    StubInputBuffer(const Buffer<T2, D2> &b) {
        value_.func = Func(b);
    }
    const GeneratorValue &value() const {
        return value_;
    }

private:
    GeneratorValue value_;
};

/** A buffer output of a stub: can become an Output<Buffer<>>, or be realized. */
template<typename T = void>
class StubOutputBuffer {
public:
    StubOutputBuffer() = default;
    StubOutputBuffer(const Func &f, const Target &target)
        : func_(f), target_(target) {
    }
    const Func &func() const {
        return func_;
    }
    Realization realize(const std::vector<int32_t> &sizes) {
        return func_.realize(sizes, target_);
    }
    void realize(Pipeline::RealizationArg outputs) {
        func_.realize(std::move(outputs), target_);
    }
    static std::vector<StubOutputBuffer> list(const std::vector<Func> &fs, const Target &target) {
        std::vector<StubOutputBuffer> result;
        for (const Func &f : fs) result.emplace_back(f, target);
        return result;
    }

private:
    Func func_{std::shared_ptr<Function>()};
    Target target_;
};

template<typename T>
struct IsVector : std::false_type {};
template<typename E>
struct IsVector<std::vector<E>> : std::true_type {};

template<typename T>
struct IsStubBuffer : std::false_type {};
template<typename E>
struct IsStubBuffer<StubInputBuffer<E>> : std::true_type {};

template<typename T>
GeneratorValue generator_value(const T &value) {
    GeneratorValue v;
    if constexpr (IsStubBuffer<T>::value) {
        return value.value();
    } else if constexpr (std::is_base_of_v<Func, T>) {
        v.func = value;
    } else if constexpr (std::is_base_of_v<ImageParam, T>) {
        v.image = value;
        v.func = static_cast<Func>(value);
    } else if constexpr (std::is_convertible_v<const T &, Func>) {
        v.func = value;
    } else if constexpr (std::is_convertible_v<const T &, Expr>) {
        v.expr = value;
    } else {
        v.func = Func(value);
    }
    return v;
}
template<typename T>
GeneratorValues generator_values(const T &value) {
    GeneratorValues list;
    if constexpr (IsVector<T>::value) {
        for (const auto &v : value) list.push_back(generator_value(v));
    } else {
        list.push_back(generator_value(value));
    }
    return list;
}

/** An input or output, or an array of them, of the generator that is being constructed. */
class GeneratorIO {
public:
    enum class Registration { Input, Output, None };
    GeneratorIO(const std::string &name, Registration registration);
    virtual ~GeneratorIO() = default;
    GeneratorIO(const GeneratorIO &) = delete;
    GeneratorIO &operator=(const GeneratorIO &) = delete;

    const std::string &io_name() const {
        return io_name_;
    }
    /** Makes what generate() works with. Called once, after configure(). Only the outputs of a top-level
        generator have exactly their names. */
    virtual void prepare(bool top_level) = 0;
    /** Inputs: gives it a value in place of an argument. Called before prepare(). */
    virtual void set_values(const GeneratorValues &values);
    /** Inputs: what the kernel takes for it. */
    virtual void add_arguments(std::vector<Argument> &) const {
    }
    /** Outputs: HD0285 when it is not defined as declared. */
    virtual void add_outputs(std::vector<Func> &) const {
    }
    /** What the generator parameters NAME.type, NAME.dim and NAME.size set; false when the declaration says it
        already, or it has no such thing. */
    virtual bool set_property(const std::string &property, const std::string &text);
    /** The type of the member of a stub's Inputs or Outputs. */
    virtual std::string stub_type() const = 0;

private:
    std::string io_name_;
};

/** Types and dimensions of a Buffer or a Func, which may be left open until configure() has run. */
struct Shape {
    std::vector<Type> types;
    int dimensions = -1;
    /** As GeneratorIO::set_property, of .type (with commas between several) and .dim. */
    bool set_property(const std::string &property, const std::string &text);
    bool complete() const {
        return types.size() == 1 && dimensions >= 0;
    }
};

/** HD0283 if the shape is incomplete. */
void check_complete(const Shape &shape, const std::string &name);
/** HD0284 if a Func given as an input does not have the types and dimensions wanted. */
void check_shape_of_value(const Shape &shape, const GeneratorValue &value, const std::string &name);
Func make_output(const Shape &shape, const std::string &name, bool top_level);
void name_output(Func &f, const std::string &name);
void check_output(const Func &f, const Shape &shape, const std::string &name);

template<typename B>
struct BufferShape;
template<typename T, int D>
struct BufferShape<Buffer<T, D>> {
    static Shape get() {
        Shape s;
        if constexpr (!std::is_void_v<T>) s.types = {type_of<std::remove_const_t<T>>()};
        s.dimensions = D;
        return s;
    }
};
template<typename T>
struct IsBufferType : std::false_type {};
template<typename T, int D>
struct IsBufferType<Buffer<T, D>> : std::true_type {};

class BufferInput : public ImageParam, public GeneratorIO {
public:
    BufferInput(const std::string &name, Shape shape, Registration registration);
    const std::string &name() const {
        return io_name();
    }
    void set_type(const Type &t);
    void set_dimensions(int d);

    template<typename... Args>
        requires AllExprs<Args...>
    Expr operator()(const Args &...args) const {
        return at({static_cast<Expr>(args)...});
    }
    Expr operator()(const std::vector<Expr> &args) const {
        return at(args);
    }
    Expr operator()(const std::vector<Var> &args) const {
        return at(std::vector<Expr>(args.begin(), args.end()));
    }
    operator Func() const;
    Func in(const Func &f, std::source_location location = std::source_location::current()) const {
        return Func(*this).in(f, location);
    }
    Func in(const std::vector<Func> &fs, std::source_location location = std::source_location::current()) const {
        return Func(*this).in(fs, location);
    }
    Func in(std::source_location location = std::source_location::current()) const {
        return Func(*this).in(location);
    }

    void prepare(bool top_level) override;
    void set_values(const GeneratorValues &values) override;
    void add_arguments(std::vector<Argument> &list) const override;
    bool set_property(const std::string &property, const std::string &text) override;
    std::string stub_type() const override;
    BufferInput &set_estimate(const Var &v, const Expr &min, const Expr &extent);

private:
    Expr at(const std::vector<Expr> &args) const;
    void create_when_complete();
    Shape shape_;
    Func func_{std::shared_ptr<Function>()};
};

class FuncInput : public GeneratorIO {
public:
    FuncInput(const std::string &name, Shape shape, Registration registration)
        : GeneratorIO(name, registration), shape_(std::move(shape)) {
    }
    const std::string &name() const {
        return io_name();
    }
    void set_type(const Type &t) {
        shape_.types = {t};
    }
    void set_types(const std::vector<Type> &t) {
        shape_.types = t;
    }
    void set_dimensions(int d) {
        shape_.dimensions = d;
    }
    template<typename... Args>
        requires AllExprs<Args...>
    FuncRef operator()(const Args &...args) const {
        return func()(std::vector<Expr>{static_cast<Expr>(args)...});
    }
    FuncRef operator()(const std::vector<Expr> &args) const {
        return func()(args);
    }
    FuncRef operator()(const std::vector<Var> &args) const {
        return func()(args);
    }
    operator Func() const {
        return func();
    }
    Func in(const Func &f, std::source_location location = std::source_location::current()) const {
        return Func(*this).in(f, location);
    }
    Func in(const std::vector<Func> &fs, std::source_location location = std::source_location::current()) const {
        return Func(*this).in(fs, location);
    }
    Func in(std::source_location location = std::source_location::current()) const {
        return Func(*this).in(location);
    }
    int dimensions() const {
        return func().dimensions();
    }
    Type type() const {
        return func().type();
    }
    std::vector<Var> args() const {
        return func().args();
    }
    bool defined() const {
        return func_.function() != nullptr;
    }

    void prepare(bool top_level) override;
    void set_values(const GeneratorValues &values) override;
    void add_arguments(std::vector<Argument> &list) const override;
    bool set_property(const std::string &property, const std::string &text) override {
        return shape_.set_property(property, text);
    }
    std::string stub_type() const override {
        return "Func";
    }
    FuncInput &set_estimate(const Var &v, const Expr &min, const Expr &extent) {
        Func(func()).set_estimate(v, min, extent);
        return *this;
    }
    FuncInput &set_estimates(const Region &estimates) {
        Func(func()).set_estimates(estimates);
        return *this;
    }

private:
    const Func &func() const;
    Shape shape_;
    ImageParam image_;
    Func func_{std::shared_ptr<Function>()};
};

class ScalarInput : public GeneratorIO {
public:
    /** A type of 0 bits is one that is set later. */
    ScalarInput(const std::string &name, Type type, Registration registration);
    const std::string &name() const {
        return io_name();
    }
    Type type() const {
        return type_of_parameter(checked());
    }
    operator Expr() const;
    template<typename V>
    void set_estimate(const V &value) {
        set_scalar_estimate(checked(), Scalar::of(value));
    }
    void set_min_value(const Expr &min) {
        set_scalar_min(checked(), min);
    }
    void set_max_value(const Expr &max) {
        set_scalar_max(checked(), max);
    }
    void set_range(const Expr &min, const Expr &max) {
        set_scalar_range(checked(), min, max);
    }

    void prepare(bool) override {
        checked();
    }
    void set_values(const GeneratorValues &values) override;
    void add_arguments(std::vector<Argument> &list) const override;
    std::string stub_type() const override {
        return "Expr";
    }

protected:
    /** HD0283 while it has no type. */
    Parameter &checked() const;
    void create(Type type);
    std::shared_ptr<Parameter> parameter_;

private:
    Expr value_;
    bool is_argument_ = true;
};

/** An output is a Func, to be defined by generate(). */
class FuncOutput : public Func, public GeneratorIO {
public:
    FuncOutput(const std::string &name, Shape shape, Registration registration)
        : Func(std::shared_ptr<Function>()), GeneratorIO(name, registration), shape_(std::move(shape)) {
    }
    /** This Func is the output. */
    FuncOutput &operator=(const Func &f) {
        assign(f);
        return *this;
    }
    const std::string &name() const {
        return io_name();
    }
    void set_type(const Type &t) {
        shape_.types = {t};
    }
    void set_types(const std::vector<Type> &t) {
        shape_.types = t;
    }
    void set_dimensions(int d) {
        shape_.dimensions = d;
    }
    void prepare(bool top_level) override;
    void add_outputs(std::vector<Func> &list) const override;
    bool set_property(const std::string &property, const std::string &text) override {
        return shape_.set_property(property, text);
    }
    std::string stub_type() const override {
        return "Func";
    }

protected:
    void assign(const Func &f);
    const Shape &shape() const {
        return shape_;
    }

private:
    Shape shape_;
    bool top_level_ = false;
};

class BufferOutput : public FuncOutput {
public:
    using FuncOutput::FuncOutput;
    BufferOutput &operator=(const Func &f) {
        assign(f);
        return *this;
    }
    /** The output of a stub. */
    template<typename T>
    BufferOutput &operator=(const StubOutputBuffer<T> &stub) {
        assign(stub.func());
        return *this;
    }
    /** The contents of a Buffer, which become a part of the kernel. */
    template<typename T, int D>
    BufferOutput &operator=(const Buffer<T, D> &b) {
        assign(Func(b));
        return *this;
    }
    std::string stub_type() const override;
    operator OutputImageParam() const {
        return output_buffer();
    }
    Dimension dim(int i) const {
        return output_buffer().dim(i);
    }
    int host_alignment() const {
        return output_buffer().host_alignment();
    }
    BufferOutput &set_host_alignment(int bytes) {
        output_buffer().set_host_alignment(bytes);
        return *this;
    }
    BufferOutput &set_estimates(const Region &estimates) {
        output_buffer().set_estimates(estimates);
        return *this;
    }
    Expr left() const {
        return output_buffer().left();
    }
    Expr right() const {
        return output_buffer().right();
    }
    Expr top() const {
        return output_buffer().top();
    }
    Expr bottom() const {
        return output_buffer().bottom();
    }
    Expr width() const {
        return output_buffer().width();
    }
    Expr height() const {
        return output_buffer().height();
    }
    Expr channels() const {
        return output_buffer().channels();
    }
};

/** `name_0`, `name_1`, ...: N of them, or as many as resize() says in configure(). */
template<typename Element>
class ArrayIO : public GeneratorIO {
public:
    template<typename... Args>
    ArrayIO(const std::string &name, Registration registration, Shape shape, int size)
        : GeneratorIO(name, registration), shape_(std::move(shape)), fixed_size_(size > 0) {
        if (size > 0) resize(static_cast<size_t>(size));
    }
    void resize(size_t n) {
        while (elements_.size() > n) elements_.pop_back();
        while (elements_.size() < n) {
            elements_.push_back(std::make_unique<Element>(io_name() + "_" + std::to_string(elements_.size()), shape_,
                                                          Registration::None));
        }
    }
    size_t size() const {
        return elements_.size();
    }
    Element &operator[](size_t i) {
        return *elements_.at(i);
    }
    const Element &operator[](size_t i) const {
        return *elements_.at(i);
    }
    Element &at(size_t i) {
        return *elements_.at(i);
    }
    /** Runs over the elements themselves. */
    struct Iterator {
        const std::unique_ptr<Element> *place;
        Element &operator*() const {
            return **place;
        }
        Iterator &operator++() {
            ++place;
            return *this;
        }
        bool operator!=(const Iterator &o) const {
            return place != o.place;
        }
    };
    Iterator begin() const {
        return {elements_.data()};
    }
    Iterator end() const {
        return {elements_.data() + elements_.size()};
    }
    void set_type(const Type &t) {
        shape_.types = {t};
        for (auto &e : elements_) e->set_type(t);
    }
    void set_types(const std::vector<Type> &t) {
        shape_.types = t;
        for (auto &e : elements_) e->set_types(t);
    }
    bool set_property(const std::string &property, const std::string &text) override {
        if (property == "size") {
            const auto n = fixed_size_ ? std::nullopt : parse_int(text);
            if (!n || *n < 0) return false;
            resize(static_cast<size_t>(*n));
            return true;
        }
        if (!shape_.set_property(property, text)) return false;
        for (auto &e : elements_) e->set_property(property, text);
        return true;
    }
    std::string stub_type() const override {
        return "std::vector<" + Element(io_name(), shape_, Registration::None).stub_type() + ">";
    }
    void set_dimensions(int d) {
        shape_.dimensions = d;
        for (auto &e : elements_) e->set_dimensions(d);
    }

    void prepare(bool top_level) override {
        for (auto &e : elements_) e->prepare(top_level);
    }
    void set_values(const GeneratorValues &values) override {
        if (elements_.empty()) resize(values.size());
        if (values.size() != elements_.size()) {
            refuse_generator(284, io_name() + " is an array of " + std::to_string(elements_.size()) + " and is given " +
                                      std::to_string(values.size()));
        }
        for (size_t i = 0; i < values.size(); i++) elements_[i]->set_values({values[i]});
    }
    void add_arguments(std::vector<Argument> &list) const override {
        for (const auto &e : elements_) e->add_arguments(list);
    }
    void add_outputs(std::vector<Func> &list) const override {
        for (const auto &e : elements_) e->add_outputs(list);
    }

private:
    Shape shape_;
    bool fixed_size_;
    std::vector<std::unique_ptr<Element>> elements_;
};

/** A ScalarInput made from a Shape, as ArrayIO makes its elements. */
class ScalarElement : public ScalarInput {
public:
    ScalarElement(const std::string &name, const Shape &shape, Registration registration)
        : ScalarInput(name, shape.types.empty() ? Type() : shape.types[0], registration),
          open_(shape.types.empty()) {
    }
    void set_type(const Type &t) {
        if (open_) create(t);
    }
    void set_types(const std::vector<Type> &t) {
        set_type(t.at(0));
    }
    void set_dimensions(int) {
    }
    void set_default(const Scalar &value) {
        set_scalar(checked(), value);
    }
    bool set_property(const std::string &property, const std::string &text) override;

private:
    bool open_;
};

template<typename T>
Shape shape_of() {
    if constexpr (IsBufferType<T>::value) {
        return BufferShape<T>::get();
    } else if constexpr (std::is_same_v<T, Func>) {
        return {};
    } else if constexpr (std::is_same_v<T, Expr>) {
        return Shape{{}, 0};
    } else {
        return Shape{{type_of<T>()}, 0};
    }
}
template<typename T>
using InputElement = std::conditional_t<IsBufferType<T>::value, BufferInput,
                                        std::conditional_t<std::is_same_v<T, Func>, FuncInput, ScalarElement>>;
template<typename T>
using OutputElement = std::conditional_t<IsBufferType<T>::value, BufferOutput, FuncOutput>;

// The shape that the arguments behind the name add: a type or several, dimensions, or both.
inline Shape with(Shape s, const Type &t) {
    s.types = {t};
    return s;
}
inline Shape with(Shape s, int dimensions) {
    s.dimensions = dimensions;
    return s;
}
inline Shape with(Shape s, const std::vector<Type> &types) {
    s.types = types;
    return s;
}
template<typename First>
Shape with(Shape s, const First &first, int dimensions) {
    return with(with(std::move(s), first), dimensions);
}
inline Shape with(Shape s, const std::initializer_list<Type> &types) {
    return with(std::move(s), std::vector<Type>(types));
}
inline Shape with(Shape s) {
    return s;
}
inline Shape with_all(Shape s, const std::vector<Type> &types, int dimensions) {
    s.types = types;
    if (dimensions >= 0) s.dimensions = dimensions;
    return s;
}

}  // namespace Internal

/** An argument of the kernel. T: Buffer<...>, Func, a number or bool, or an array T[N], T[] of those. */
template<typename T>
class Input;

template<typename T>
    requires(Internal::IsBufferType<T>::value)
class Input<T> : public Internal::BufferInput {
public:
    template<typename... Args>
    explicit Input(const std::string &name, const Args &...type_and_dimensions)
        : BufferInput(name, Internal::with(Internal::BufferShape<T>::get(), type_and_dimensions...),
                      Registration::Input) {
    }
};

template<>
class Input<Func> : public Internal::FuncInput {
public:
    template<typename... Args>
    explicit Input(const std::string &name, const Args &...type_and_dimensions)
        : FuncInput(name, Internal::with(Internal::Shape{}, type_and_dimensions...), Registration::Input) {
    }
    Input(const std::string &name, const std::vector<Type> &types, int dimensions = -1)
        : FuncInput(name, Internal::with_all(Internal::Shape{}, types, dimensions), Registration::Input) {
    }
};

/** A scalar whose type is given by set_type() in configure(), or by the parameter NAME.type. */
template<>
class Input<Expr> : public Internal::ScalarElement {
public:
    explicit Input(const std::string &name)
        : ScalarElement(name, Internal::Shape{}, Registration::Input) {
    }
    Input(const std::string &name, const Type &type)
        : Input(name) {
        set_type(type);
    }
};

template<typename T>
    requires(std::is_arithmetic_v<T> || std::is_pointer_v<T> || std::is_same_v<T, float16_t> ||
             std::is_same_v<T, bfloat16_t>)
class Input<T> : public Internal::ScalarInput {
public:
    explicit Input(const std::string &name)
        : ScalarInput(name, type_of<T>(), Registration::Input) {
    }
    Input(const std::string &name, const T &value)
        : Input(name) {
        Internal::set_scalar(checked(), Internal::Scalar::of(value));
    }
    Input(const std::string &name, const T &value, const T &min, const T &max)
        : Input(name, value) {
        set_range(Internal::Scalar::of(min).as_expr(), Internal::Scalar::of(max).as_expr());
    }
};

template<typename T>
    requires(std::is_array_v<T>)
class Input<T> : public Internal::ArrayIO<Internal::InputElement<std::remove_extent_t<T>>> {
    using Element = std::remove_extent_t<T>;
    using Base = Internal::ArrayIO<Internal::InputElement<Element>>;

public:
    template<typename... Args>
    explicit Input(const std::string &name, const Args &...type_and_dimensions)
        : Base(name, Base::Registration::Input, Internal::with(Internal::shape_of<Element>(), type_and_dimensions...),
               static_cast<int>(std::extent_v<T>)) {
    }
    /** Of a T[]: as many. */
    template<typename... Args>
    Input(size_t size, const std::string &name, const Args &...type_and_dimensions)
        : Base(name, Base::Registration::Input, Internal::with(Internal::shape_of<Element>(), type_and_dimensions...),
               static_cast<int>(size)) {
        static_assert(std::extent_v<T> == 0, "the type says the size");
    }
    /** Of scalars: the value, and possibly the range, of each. */
    Input(const std::string &name, const Element &value)
        requires std::is_arithmetic_v<Element>
        : Base(name, Base::Registration::Input, Internal::shape_of<Element>(), static_cast<int>(std::extent_v<T>)) {
        for (auto &e : *this) e.set_default(Internal::Scalar::of(value));
    }
    Input(const std::string &name, const Element &value, const Element &min, const Element &max)
        requires std::is_arithmetic_v<Element>
        : Input(name, value) {
        for (auto &e : *this) e.set_range(Internal::Scalar::of(min).as_expr(), Internal::Scalar::of(max).as_expr());
    }
};

/** A result of the kernel. T: Buffer<...>, Func, a number (a Buffer of no dimensions), or an array. */
template<typename T>
class Output;

template<typename T>
    requires(Internal::IsBufferType<T>::value)
class Output<T> : public Internal::BufferOutput {
public:
    template<typename... Args>
    explicit Output(const std::string &name, const Args &...type_and_dimensions)
        : BufferOutput(name, Internal::with(Internal::BufferShape<T>::get(), type_and_dimensions...),
                       Registration::Output) {
    }
    Output(const std::string &name, const std::vector<Type> &types, int dimensions = -1)
        : BufferOutput(name, Internal::with_all(Internal::BufferShape<T>::get(), types, dimensions), Registration::Output) {
    }
    using BufferOutput::operator=;
};

template<>
class Output<Func> : public Internal::FuncOutput {
public:
    template<typename... Args>
    explicit Output(const std::string &name, const Args &...type_and_dimensions)
        : FuncOutput(name, Internal::with(Internal::Shape{}, type_and_dimensions...), Registration::Output) {
    }
    Output(const std::string &name, const std::vector<Type> &types, int dimensions = -1)
        : FuncOutput(name, Internal::with_all(Internal::Shape{}, types, dimensions), Registration::Output) {
    }
    using FuncOutput::operator=;
};

template<typename T>
    requires(std::is_arithmetic_v<T> || std::is_pointer_v<T>)
class Output<T> : public Internal::FuncOutput {
public:
    explicit Output(const std::string &name)
        : FuncOutput(name, Internal::shape_of<T>(), Registration::Output) {
    }
    using FuncOutput::operator=;
};

template<typename T>
    requires(std::is_array_v<T>)
class Output<T> : public Internal::ArrayIO<Internal::OutputElement<std::remove_extent_t<T>>> {
    using Element = std::remove_extent_t<T>;
    using Base = Internal::ArrayIO<Internal::OutputElement<Element>>;

public:
    template<typename... Args>
    explicit Output(const std::string &name, const Args &...type_and_dimensions)
        : Base(name, Base::Registration::Output, Internal::with(Internal::shape_of<Element>(), type_and_dimensions...),
               static_cast<int>(std::extent_v<T>)) {
    }
    Output(const std::string &name, const std::vector<Type> &types, int dimensions = -1)
        : Base(name, Base::Registration::Output,
               Internal::with_all(Internal::shape_of<Element>(), types, dimensions),
               static_cast<int>(std::extent_v<T>)) {
    }
    /** Of a T[]: as many. */
    template<typename... Args>
    Output(size_t size, const std::string &name, const Args &...type_and_dimensions)
        : Base(name, Base::Registration::Output, Internal::with(Internal::shape_of<Element>(), type_and_dimensions...),
               static_cast<int>(size)) {
        static_assert(std::extent_v<T> == 0, "the type says the size");
    }
};

template<typename T>
using GeneratorInput = Input<T>;
template<typename T>
using GeneratorOutput = Output<T>;

using GeneratorParamsMap = std::map<std::string, std::string>;

/** What generators are made for. */
class GeneratorContext {
public:
    explicit GeneratorContext(const Target &target)
        : target_(target) {
    }
    GeneratorContext(const Target &target, const AutoschedulerParams &autoscheduler)
        : target_(target), autoscheduler_(autoscheduler) {
    }
    const Target &target() const {
        return target_;
    }
    /** Without a name: generators schedule themselves. */
    const AutoschedulerParams &autoscheduler_params() const {
        return autoscheduler_;
    }
    GeneratorContext with_target(const Target &t) const {
        return GeneratorContext(t, autoscheduler_);
    }
    /** A new generator of class G for this context; apply() also gives it its inputs. */
    template<typename G>
    std::unique_ptr<G> create() const {
        return G::create(*this);
    }
    template<typename G, typename... Args>
    std::unique_ptr<G> apply(const Args &...args) const {
        auto g = create<G>();
        g->apply(args...);
        return g;
    }

private:
    Target target_;
    AutoschedulerParams autoscheduler_;
};

namespace Internal {

/** Everything of a generator that does not depend on its class. */
class GeneratorBase {
    friend class GeneratorParamBase;
    friend class GeneratorIO;
    // Parameters, inputs and outputs that are constructed while it lives belong to the generator given, or to
    // the one that is constructed first.
    class Construction {
    public:
        explicit Construction(GeneratorBase *g);
        ~Construction();

    private:
        GeneratorBase *before_;
    };
    static GeneratorBase *&under_construction();
    static GeneratorBase &checked_construction(const std::string &member);

    // In front of all members that enter themselves here.
    std::vector<GeneratorParamBase *> params_;
    std::vector<GeneratorIO *> inputs_, outputs_;
    std::vector<std::unique_ptr<GeneratorIO>> owned_;
    std::vector<std::pair<Expr, std::vector<Expr>>> requirements_;
    std::string registered_name_ = "a generator";
    bool configured_ = false, ran_ = false;
    bool entered_ = enter();
    bool enter();

public:
    GeneratorBase(const GeneratorBase &) = delete;
    GeneratorBase &operator=(const GeneratorBase &) = delete;
    virtual ~GeneratorBase();

    GeneratorParam<Target> target{"target", Target()};

    Target get_target() const {
        return target;
    }
    int natural_vector_size(Type t) const {
        return get_target().natural_vector_size(t);
    }
    template<typename T>
    int natural_vector_size() const {
        return get_target().natural_vector_size<T>();
    }
    bool using_autoscheduler() const {
        return !context_.autoscheduler_params().name.empty();
    }
    GeneratorContext context() const {
        return context_.with_target(get_target());
    }
    /** Before the generator runs. */
    void set_context(const GeneratorContext &context) {
        context_ = context;
        target.set(context.target());
    }
    /** Checked at each call of the kernel. */
    template<typename... Args>
    void add_requirement(const Expr &condition, const Args &...message) {
        requirements_.emplace_back(condition, message_parts(message...));
    }
    void add_requirement(const Expr &condition, const std::vector<Expr> &message) {
        requirements_.emplace_back(condition, message);
    }
    /** The Pipeline of the outputs: in schedule() and later, when they are defined (HD0285). */
    Pipeline get_pipeline();
    Realization realize(const std::vector<int32_t> &sizes) {
        return get_pipeline().realize(sizes, get_target());
    }
    void realize(Pipeline::RealizationArg outputs) {
        get_pipeline().realize(std::move(outputs), get_target());
    }
    void trace_pipeline() {
        get_pipeline().trace_pipeline();
    }

    // In configure(): further inputs and outputs, behind those declared.
    template<typename T, typename... Args>
    Input<T> *add_input(const std::string &name, const Args &...args) {
        const Construction scope(this);
        auto io = std::make_unique<Input<T>>(name, args...);
        Input<T> *result = io.get();
        owned_.push_back(std::move(io));
        return result;
    }
    template<typename T, typename... Args>
    Output<T> *add_output(const std::string &name, const Args &...args) {
        const Construction scope(this);
        auto io = std::make_unique<Output<T>>(name, args...);
        Output<T> *result = io.get();
        owned_.push_back(std::move(io));
        return result;
    }

    /** Another generator for the same target, as a part of this one. */
    template<typename G>
    std::unique_ptr<G> create() const {
        std::unique_ptr<G> g = make<G>();
        g->set_context(context());
        return g;
    }
    template<typename G, typename... Args>
    std::unique_ptr<G> apply(const Args &...args) const {
        auto g = create<G>();
        g->apply(args...);
        return g;
    }
    /** Takes these as the values of the inputs, in order, and makes the outputs. */
    template<typename... Args>
    void apply(const Args &...args) {
        apply_values({generator_values(args)...});
    }
    /** The same, running later. */
    template<typename... Args>
    void set_inputs(const Args &...args) {
        values_ = std::vector<GeneratorValues>{generator_values(args)...};
    }

    /** A new G. */
    template<typename G>
    static std::unique_ptr<G> make() {
        const Construction scope(nullptr);
        return std::make_unique<G>();
    }

    // For drivers.
    const std::vector<GeneratorParamBase *> &params() const {
        return params_;
    }
    /** HD0282 for a name that is none, with those that are. */
    void set_param(const std::string &name, const std::string &value);
    /** Runs configure(), generate() and schedule(), once. */
    Pipeline build_pipeline();
    /** Runs configure() now; build_pipeline() does not run it again. */
    void run_configure();
    /** The inputs, in order, as arguments of the kernel. */
    std::vector<Argument> arguments() const;
    void set_registered_name(const std::string &name) {
        registered_name_ = name;
    }
    /** HD0282 for a name that is none. */
    void set_level(const std::string &name, const LoopLevel &level);
    const std::vector<GeneratorIO *> &inputs() const {
        return inputs_;
    }
    const std::vector<GeneratorIO *> &outputs() const {
        return outputs_;
    }
    /** The Funcs of an output that has run: one, or those of an array. */
    std::vector<Func> output_funcs(const std::string &name) const;
    void apply_values(const std::vector<GeneratorValues> &values);

protected:
    GeneratorBase();
    virtual void call_configure() = 0;
    virtual void call_generate() = 0;
    virtual void call_schedule() = 0;

private:
    void run(bool top_level, const std::vector<GeneratorValues> *values);
    std::vector<Func> all_outputs() const;
    GeneratorContext context_{Target()};
    std::optional<std::vector<GeneratorValues>> values_;
};

using GeneratorFactory = std::unique_ptr<GeneratorBase> (*)();

struct RegisterGenerator {
    /** `stub` is the class that a stub header declares, with its namespaces; "" for `name`. */
    RegisterGenerator(const char *name, GeneratorFactory factory, const char *stub = "");
    RegisterGenerator(const char *alias, const char *original, const GeneratorParamsMap &params = {});
};
template<typename G>
std::unique_ptr<GeneratorBase> make_generator() {
    return GeneratorBase::make<G>();
}

/** Names in order of the alphabet. */
std::vector<std::string> registered_generators();
/** HD0280 for a name that is none, with those that are. */
std::unique_ptr<GeneratorBase> create_generator(const std::string &name, const Target &target,
                                                const GeneratorParamsMap &params = {});

/** The class that the generator's stub header declares, with namespaces. */
std::string stub_name_of(const std::string &name);
/** The C++ header that declares a class with which other generators can call this one. */
std::string stub_header(const std::string &name, GeneratorBase &g);

/** The main() of a generator program; `--help` says what it takes. */
int generate_filter_main(int argc, char **argv);

}  // namespace Internal

template<typename T>
class Generator : public Internal::GeneratorBase {
public:
    static std::unique_ptr<T> create(const GeneratorContext &context) {
        std::unique_ptr<T> g = make<T>();
        g->set_context(context);
        return g;
    }
    static std::unique_ptr<T> create(const GeneratorContext &context, const std::string &registered_name,
                                     const std::string & = "") {
        std::unique_ptr<T> g = create(context);
        g->set_registered_name(registered_name);
        return g;
    }
    using GeneratorBase::create;

protected:
    Generator() = default;

    void call_configure() override {
        if constexpr (requires(T &t) { t.configure(); }) static_cast<T *>(this)->configure();
    }
    void call_generate() override {
        static_cast<T *>(this)->generate();
    }
    void call_schedule() override {
        if constexpr (requires(T &t) { t.schedule(); }) static_cast<T *>(this)->schedule();
    }
};

/** A registered generator, compiled for this process. */
Callable create_callable_from_generator(const GeneratorContext &context, const std::string &name,
                                        const GeneratorParamsMap &params = {});
Callable create_callable_from_generator(const Target &target, const std::string &name,
                                        const GeneratorParamsMap &params = {});

}  // namespace heddle

/** Makes class Class known to the generator program under `name`. A third argument, a class with its
    namespaces, names what `-e cpp_stub` declares. */
#define HEDDLE_REGISTER_GENERATOR(Class, name, ...)                                                     \
    namespace {                                                                                         \
    const ::heddle::Internal::RegisterGenerator heddle_registered_##name(                               \
        #name, ::heddle::Internal::make_generator<Class>, #__VA_ARGS__);                                \
    }
#define HALIDE_REGISTER_GENERATOR(Class, name, ...) \
    HEDDLE_REGISTER_GENERATOR(Class, name __VA_OPT__(, ) __VA_ARGS__)

/** `alias` is `original` with these parameters: HEDDLE_REGISTER_GENERATOR_ALIAS(a, b, {{"taps", "4"}}). */
#define HEDDLE_REGISTER_GENERATOR_ALIAS(alias, original, ...)                                           \
    namespace {                                                                                         \
    const ::heddle::Internal::RegisterGenerator heddle_registered_##alias(                              \
        #alias, #original __VA_OPT__(, ) __VA_ARGS__);                                                  \
    }
#define HALIDE_REGISTER_GENERATOR_ALIAS(alias, original, ...) \
    HEDDLE_REGISTER_GENERATOR_ALIAS(alias, original, __VA_ARGS__)
