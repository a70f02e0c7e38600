#pragma once
// The operators and functions that make Exprs out of Exprs.
//
// Operands of different types are promoted: a float beats integers, the wider float beats the narrower,
// two unsigned integers give the wider, any other two integers give a signed one of the wider width. A
// C++ integer takes the type of the Expr beside it and must be a value of that type. A double takes the
// type of a float Expr beside it, rounded. Division and remainder of integers are Euclidean, x / 0 is 0.
// An undefined Expr, or operands whose types do not fit the operation, are CompileErrors HD0100 to HD0109
// that name the operands.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "heddle/expr.h"
#include "heddle/float16.h"
#include "heddle/target.h"

namespace heddle {

namespace Internal {

/** A number of C++ that can stand beside an Expr. ints, which most are (an enum without `class` among them), have
    functions of their own. */
template<typename T>
concept Constant = std::is_arithmetic_v<T> && !std::is_same_v<T, int>;

/** Texts and whatever becomes an Expr, in calls such as print(). */
template<typename... Args>
concept AllExprs = (std::is_convertible_v<Args, Expr> && ...);

// The constant as an Expr of the type that it gets beside `other`; `operation` is for messages.
Expr constant_beside(const Expr &other, int64_t value, const char *operation);
Expr constant_beside(const Expr &other, uint64_t value, const char *operation);
Expr constant_beside(const Expr &other, double value, const char *operation);
Expr constant_beside(const Expr &other, float value, const char *operation);

template<Constant T>
Expr beside(const Expr &other, T value, const char *operation) {
    if constexpr (std::is_same_v<T, float>) {
        return constant_beside(other, value, operation);
    } else if constexpr (std::is_floating_point_v<T>) {
        return constant_beside(other, static_cast<double>(value), operation);
    } else if constexpr (std::is_unsigned_v<T>) {
        return constant_beside(other, static_cast<uint64_t>(value), operation);
    } else {
        return constant_beside(other, static_cast<int64_t>(value), operation);
    }
}

/** `amount` as the amount of a shift of `value`: signed, of the same width. */
Expr shift_amount(const Expr &value, int64_t amount, const char *operation);

}  // namespace Internal

// --- arithmetic, comparison, logic

#define HEDDLE_BINARY_OPERATOR(op)                            \
    Expr operator op(const Expr &a, const Expr &b);           \
    Expr operator op(const Expr &a, int b);                   \
    Expr operator op(int a, const Expr &b);                   \
    template<Internal::Constant T>                            \
    Expr operator op(const Expr &a, T b) {                    \
        return a op Internal::beside(a, b, #op);              \
    }                                                         \
    template<Internal::Constant T>                            \
    Expr operator op(T a, const Expr &b) {                    \
        return Internal::beside(b, a, #op) op b;              \
    }
HEDDLE_BINARY_OPERATOR(+)
HEDDLE_BINARY_OPERATOR(-)
HEDDLE_BINARY_OPERATOR(*)
HEDDLE_BINARY_OPERATOR(/)
HEDDLE_BINARY_OPERATOR(%)
HEDDLE_BINARY_OPERATOR(<)
HEDDLE_BINARY_OPERATOR(<=)
HEDDLE_BINARY_OPERATOR(>)
HEDDLE_BINARY_OPERATOR(>=)
HEDDLE_BINARY_OPERATOR(==)
HEDDLE_BINARY_OPERATOR(!=)
HEDDLE_BINARY_OPERATOR(&&)
HEDDLE_BINARY_OPERATOR(||)
HEDDLE_BINARY_OPERATOR(&)
HEDDLE_BINARY_OPERATOR(|)
HEDDLE_BINARY_OPERATOR(^)
#undef HEDDLE_BINARY_OPERATOR

Expr operator-(const Expr &a);
Expr operator~(const Expr &a);
Expr operator!(const Expr &a);

/** The type is that of a, widened to b's width where that is larger. A negative amount shifts the other
    way; >> of a signed a keeps its sign. */
Expr operator<<(const Expr &a, const Expr &b);
Expr operator>>(const Expr &a, const Expr &b);
Expr operator<<(const Expr &a, int b);
Expr operator>>(const Expr &a, int b);
template<Internal::Constant T>
Expr operator<<(const Expr &a, T b) {
    return a << Internal::shift_amount(a, static_cast<int64_t>(b), "<<");
}
template<Internal::Constant T>
Expr operator>>(const Expr &a, T b) {
    return a >> Internal::shift_amount(a, static_cast<int64_t>(b), ">>");
}

// The right side is converted to the type of the left side first.
Expr &operator+=(Expr &a, const Expr &b);
Expr &operator-=(Expr &a, const Expr &b);
Expr &operator*=(Expr &a, const Expr &b);
Expr &operator/=(Expr &a, const Expr &b);

// --- conversion

/** Narrow integers wrap, float to integer truncates, anything to bool is != 0. */
Expr cast(Type t, const Expr &e);
template<typename T>
Expr cast(const Expr &e) {
    return cast(type_of<T>(), e);
}
/** The nearest value of the type. */
Expr saturating_cast(Type t, const Expr &e);
template<typename T>
Expr saturating_cast(const Expr &e) {
    return saturating_cast(type_of<T>(), e);
}
/** The same bits as another type of the same width. */
Expr reinterpret(Type t, const Expr &e);
template<typename T>
Expr reinterpret(const Expr &e) {
    return reinterpret(type_of<T>(), e);
}

// --- minimum, maximum, choice

#define HEDDLE_MIN_MAX(name)                                                \
    Expr name(const Expr &a, const Expr &b);                                \
    Expr name(const Expr &a, int b);                                        \
    Expr name(int a, const Expr &b);                                        \
    template<Internal::Constant T>                                          \
    Expr name(const Expr &a, T b) {                                         \
        return name(a, Internal::beside(a, b, #name));                      \
    }                                                                       \
    template<Internal::Constant T>                                          \
    Expr name(T a, const Expr &b) {                                         \
        return name(Internal::beside(b, a, #name), b);                      \
    }                                                                       \
    template<typename A, typename B, typename C, typename... Rest>          \
        requires Internal::AllExprs<A, B, C, Rest...>                       \
    Expr name(const A &a, const B &b, const C &c, const Rest &...rest) {    \
        return name(name(a, b), c, rest...);                                \
    }
HEDDLE_MIN_MAX(min)
HEDDLE_MIN_MAX(max)
#undef HEDDLE_MIN_MAX

/** a within [min_value, max_value], of a's type; the bounds must fit it. */
Expr clamp(const Expr &a, const Expr &min_value, const Expr &max_value);

/** Integer constants take the type of the other value. */
Expr select(const Expr &condition, const Expr &true_value, const Expr &false_value);

namespace Internal {
Expr select_first(const std::vector<Expr> &conditions_and_values);
}

/** The value behind the first condition that holds, else the last value. */
template<typename... Args>
    requires(sizeof...(Args) % 2 == 1 && Internal::AllExprs<Args...>)
Expr select(const Expr &condition0, const Expr &value0, const Expr &condition1, const Expr &value1,
            const Args &...rest) {
    return Internal::select_first({condition0, value0, condition1, value1, static_cast<Expr>(rest)...});
}

/** values[id]; the last one for any id that is out of range. */
Expr mux(const Expr &id, const std::vector<Expr> &values);
Expr mux(const Expr &id, const std::initializer_list<Expr> &values);

// --- integers and bits

/** |a|; unsigned for a signed integer. */
Expr abs(const Expr &a);
/** |a - b| without overflow; unsigned for integers. */
Expr absd(const Expr &a, const Expr &b);
Expr absd(const Expr &a, int b);
Expr absd(int a, const Expr &b);
template<Internal::Constant T>
Expr absd(const Expr &a, T b) {
    return absd(a, Internal::beside(a, b, "absd"));
}
template<Internal::Constant T>
Expr absd(T a, const Expr &b) {
    return absd(Internal::beside(b, a, "absd"), b);
}
/** C's / and %. */
Expr div_round_to_zero(const Expr &a, const Expr &b);
Expr mod_round_to_zero(const Expr &a, const Expr &b);
Expr popcount(const Expr &a);
/** The number of bits for 0. */
Expr count_leading_zeros(const Expr &a);
Expr count_trailing_zeros(const Expr &a);
/** Bits of e from bit lsb upward as a value of type t; beyond the top are zeros. */
Expr extract_bits(Type t, const Expr &e, const Expr &lsb);
template<typename T>
Expr extract_bits(const Expr &e, const Expr &lsb) {
    return extract_bits(type_of<T>(), e, lsb);
}
/** The bits of all, the first lowest. A power of two of integers of one type. */
Expr concat_bits(const std::vector<Expr> &parts);

// --- fixed-point arithmetic. "widening" gives twice the bits, so that nothing is lost.

Expr widening_add(const Expr &a, const Expr &b);
Expr widening_sub(const Expr &a, const Expr &b);
Expr widening_mul(const Expr &a, const Expr &b);
Expr widening_shift_left(const Expr &a, const Expr &b);
Expr widening_shift_left(const Expr &a, int b);
Expr widening_shift_right(const Expr &a, const Expr &b);
Expr widening_shift_right(const Expr &a, int b);
/** a op (b in twice its bits). */
Expr widen_right_add(const Expr &a, const Expr &b);
Expr widen_right_sub(const Expr &a, const Expr &b);
Expr widen_right_mul(const Expr &a, const Expr &b);
Expr saturating_add(const Expr &a, const Expr &b);
Expr saturating_sub(const Expr &a, const Expr &b);
/** (a op b) / 2 without overflow, rounded down. */
Expr halving_add(const Expr &a, const Expr &b);
Expr halving_sub(const Expr &a, const Expr &b);
/** (a + b + 1) / 2 without overflow. */
Expr rounding_halving_add(const Expr &a, const Expr &b);
Expr rounding_shift_left(const Expr &a, const Expr &b);
Expr rounding_shift_left(const Expr &a, int b);
/** a >> b rounded to the nearest, halves up, without overflow. */
Expr rounding_shift_right(const Expr &a, const Expr &b);
Expr rounding_shift_right(const Expr &a, int b);
/** (a * b) >> q in twice the bits, clamped to the type. */
Expr mul_shift_right(const Expr &a, const Expr &b, const Expr &q);
Expr mul_shift_right(const Expr &a, const Expr &b, int q);
Expr rounding_mul_shift_right(const Expr &a, const Expr &b, const Expr &q);
Expr rounding_mul_shift_right(const Expr &a, const Expr &b, int q);

// --- floating point. Integers become float32; floats keep their type.

Expr sin(const Expr &x);
Expr cos(const Expr &x);
Expr tan(const Expr &x);
Expr asin(const Expr &x);
Expr acos(const Expr &x);
Expr atan(const Expr &x);
Expr atan2(const Expr &y, const Expr &x);
Expr sinh(const Expr &x);
Expr cosh(const Expr &x);
Expr tanh(const Expr &x);
Expr asinh(const Expr &x);
Expr acosh(const Expr &x);
Expr atanh(const Expr &x);
Expr sqrt(const Expr &x);
Expr hypot(const Expr &x, const Expr &y);
Expr exp(const Expr &x);
Expr log(const Expr &x);
/** An integer constant y gives products of x, of x's type; else the type is that of a float x. */
Expr pow(const Expr &x, const Expr &y);
/** float32 only. */
Expr erf(const Expr &x);
Expr floor(const Expr &x);
Expr ceil(const Expr &x);
/** To the nearest integer, ties to even. */
Expr round(const Expr &x);
Expr trunc(const Expr &x);
/** x - trunc(x). */
Expr fract(const Expr &x);
Expr is_nan(const Expr &x);
Expr is_inf(const Expr &x);
Expr is_finite(const Expr &x);
// Approximations in float32; intrinsics and their errors are in docs/ir.md.
Expr fast_sin(const Expr &x);
Expr fast_cos(const Expr &x);
Expr fast_exp(const Expr &x);
Expr fast_log(const Expr &x);
Expr fast_pow(const Expr &x, const Expr &y);
Expr fast_inverse(const Expr &x);
Expr fast_inverse_sqrt(const Expr &x);
/** zero_value where weight is 0, one_value where it is 1 (an unsigned weight: where it is its largest
    value), and the nearest of the type between. */
Expr lerp(const Expr &zero_value, const Expr &one_value, const Expr &weight);

// --- annotations and effects

/** e, with a promise to the compiler: this holds in most iterations. */
Expr likely(const Expr &e);
Expr likely_if_innermost(const Expr &e);
/** e without reassociation, contraction or assumptions on the values of floats. */
Expr strict_float(const Expr &e);
/** value, which the caller promises to lie in [min, max] (an undefined bound: no promise). */
Expr unsafe_promise_clamped(const Expr &value, const Expr &min, const Expr &max);
/** A value that need not be stored. */
Expr undef(Type t);
template<typename T>
Expr undef() {
    return undef(type_of<T>());
}

/** A number that depends on the coordinates of the definition it stands in, on the seed and on the place
    of the call, and on nothing else. In [0, 1). The seed is an int32. */
Expr random_float(const Expr &seed = Expr());
/** Any of the 2^32 values. */
Expr random_uint(const Expr &seed = Expr());
Expr random_int(const Expr &seed = Expr());

/** values[0], printed with the others when it is evaluated. */
Expr print(const std::vector<Expr> &values);
template<typename... Args>
    requires Internal::AllExprs<Args...>
Expr print(const Expr &a, const Args &...args) {
    return print(std::vector<Expr>{a, static_cast<Expr>(args)...});
}
/** The same, printed only where the condition holds. */
Expr print_when(const Expr &condition, const std::vector<Expr> &values);
template<typename... Args>
    requires Internal::AllExprs<Args...>
Expr print_when(const Expr &condition, const Expr &a, const Args &...args) {
    return print_when(condition, std::vector<Expr>{a, static_cast<Expr>(args)...});
}
/** values[0]; the run fails with the other values as its message where the condition does not hold. */
Expr require(const Expr &condition, const std::vector<Expr> &values);
template<typename... Args>
    requires Internal::AllExprs<Args...>
Expr require(const Expr &condition, const Expr &value, const Args &...message) {
    return require(condition, std::vector<Expr>{value, static_cast<Expr>(message)...});
}

namespace Internal {
Expr memoize_tag_of(const Expr &result, const std::vector<Expr> &key);
}

/** result, for whose memoization the other values are the key. */
template<typename... Args>
    requires Internal::AllExprs<Args...>
Expr memoize_tag(const Expr &result, const Args &...key) {
    return Internal::memoize_tag_of(result, std::vector<Expr>{static_cast<Expr>(key)...});
}

// --- questions to the target, answered when it is known

Expr target_arch_is(Target::Arch arch);
Expr target_os_is(Target::OS os);
Expr target_has_feature(Target::Feature feature);
Expr target_bits();
Expr target_natural_vector_size(Type t);
template<typename T>
Expr target_natural_vector_size() {
    return target_natural_vector_size(type_of<T>());
}

namespace Internal {
/** value, which is known to lie in [min, max]. */
Expr promise_clamped(const Expr &value, const Expr &min, const Expr &max);
/** (a + b) / 2 for a <= b. */
Expr sorted_avg(const Expr &a, const Expr &b);
/** A value that is never needed. */
Expr unreachable(Type t = Int(32));
template<typename T>
Expr unreachable() {
    return unreachable(type_of<T>());
}
/** e as a t, if all its values are known to be values of t; else undefined. */
Expr lossless_cast(Type t, const Expr &e);
}  // namespace Internal

/** Short names of casts. */
namespace ConciseCasts {
// i8_sat and so on are saturating_cast.
Expr f64(const Expr &e);
Expr f32(const Expr &e);
Expr f16(const Expr &e);
Expr bf16(const Expr &e);
#define HEDDLE_CONCISE_CASTS(name)  \
    Expr name(const Expr &e);       \
    Expr name##_sat(const Expr &e);
HEDDLE_CONCISE_CASTS(i64)
HEDDLE_CONCISE_CASTS(i32)
HEDDLE_CONCISE_CASTS(i16)
HEDDLE_CONCISE_CASTS(i8)
HEDDLE_CONCISE_CASTS(u64)
HEDDLE_CONCISE_CASTS(u32)
HEDDLE_CONCISE_CASTS(u16)
HEDDLE_CONCISE_CASTS(u8)
#undef HEDDLE_CONCISE_CASTS
}  // namespace ConciseCasts

}  // namespace heddle
