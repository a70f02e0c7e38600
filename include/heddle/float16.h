#pragma once
// float16_t (IEEE binary16) and bfloat16_t (the upper half of a float) as C++ values. Conversions and
// arithmetic round once to the nearest, ties to even.

#include <cstdint>
#include <cstring>

#include "HalideRuntime.h"
#include "heddle/expr.h"
#include "heddle/type.h"

namespace heddle {

namespace Internal {
uint16_t to_float16_bits(double x);
double from_float16_bits(uint16_t bits);
uint16_t to_bfloat16_bits(double x);
double from_bfloat16_bits(uint16_t bits);
}  // namespace Internal

#define HEDDLE_SMALL_FLOAT(Name, name, MantissaBits, MORE)                                   \
    class Name {                                                                             \
    public:                                                                                  \
        MORE                                                                                 \
        static constexpr int mantissa_bits = MantissaBits;                                   \
        static constexpr uint16_t sign_mask = 0x8000;                                        \
        static constexpr uint16_t exponent_mask = 0x7fff & ~((1 << MantissaBits) - 1);       \
        static constexpr uint16_t mantissa_mask = (1 << MantissaBits) - 1;                   \
        Name() = default;                                                                    \
        explicit Name(float x)                                                               \
            : bits_(Internal::to_##name##_bits(static_cast<double>(x))) {                    \
        }                                                                                    \
        explicit Name(double x)                                                              \
            : bits_(Internal::to_##name##_bits(x)) {                                         \
        }                                                                                    \
        explicit Name(int x)                                                                 \
            : Name(static_cast<double>(x)) {                                                 \
        }                                                                                    \
        explicit operator double() const {                                                   \
            return Internal::from_##name##_bits(bits_);                                      \
        }                                                                                    \
        explicit operator float() const {                                                    \
            return static_cast<float>(static_cast<double>(*this));                           \
        }                                                                                    \
        explicit operator int() const {                                                      \
            return static_cast<int>(static_cast<double>(*this));                             \
        }                                                                                    \
        static constexpr Name make_from_bits(uint16_t bits) {                                \
            Name r;                                                                          \
            r.bits_ = bits;                                                                  \
            return r;                                                                        \
        }                                                                                    \
        static constexpr Name make_zero() {                                                  \
            return make_from_bits(0);                                                        \
        }                                                                                    \
        static constexpr Name make_negative_zero() {                                         \
            return make_from_bits(0x8000);                                                   \
        }                                                                                    \
        static constexpr Name make_infinity() {                                              \
            return make_from_bits(infinity_);                                                \
        }                                                                                    \
        static constexpr Name make_negative_infinity() {                                     \
            return make_from_bits(infinity_ | 0x8000);                                       \
        }                                                                                    \
        static constexpr Name make_nan() {                                                   \
            return make_from_bits(infinity_ | (1 << (mantissa_bits - 1)));                   \
        }                                                                                    \
        constexpr uint16_t to_bits() const {                                                 \
            return bits_;                                                                    \
        }                                                                                    \
        constexpr bool is_nan() const {                                                      \
            return (bits_ & 0x7fff) > infinity_;                                             \
        }                                                                                    \
        constexpr bool is_infinity() const {                                                 \
            return (bits_ & 0x7fff) == infinity_;                                            \
        }                                                                                    \
        constexpr bool is_negative() const {                                                 \
            return (bits_ & 0x8000) != 0;                                                    \
        }                                                                                    \
        constexpr bool is_zero() const {                                                     \
            return (bits_ & 0x7fff) == 0;                                                    \
        }                                                                                    \
        Name operator-() const {                                                             \
            return make_from_bits(bits_ ^ 0x8000);                                           \
        }                                                                                    \
        HEDDLE_SMALL_FLOAT_OPERATOR(Name, +)                                                 \
        HEDDLE_SMALL_FLOAT_OPERATOR(Name, -)                                                 \
        HEDDLE_SMALL_FLOAT_OPERATOR(Name, *)                                                 \
        HEDDLE_SMALL_FLOAT_OPERATOR(Name, /)                                                 \
        bool operator==(Name o) const {                                                      \
            return static_cast<float>(*this) == static_cast<float>(o);                       \
        }                                                                                    \
        bool operator<(Name o) const {                                                       \
            return static_cast<float>(*this) < static_cast<float>(o);                        \
        }                                                                                    \
        bool operator>(Name o) const {                                                       \
            return o < *this;                                                                \
        }                                                                                    \
        bool operator<=(Name o) const {                                                      \
            return static_cast<float>(*this) <= static_cast<float>(o);                       \
        }                                                                                    \
        bool operator>=(Name o) const {                                                      \
            return o <= *this;                                                               \
        }                                                                                    \
        /** The usual values by name. */                                                     \
        static const Name zero, negative_zero, infinity, negative_infinity, nan;             \
                                                                                             \
    private:                                                                                 \
        static constexpr uint16_t infinity_ = exponent_mask;                              \
        uint16_t bits_ = 0;                                                                  \
    };                                                                                       \
    inline constexpr Name Name::zero = Name::make_zero();                                    \
    inline constexpr Name Name::negative_zero = Name::make_negative_zero();                  \
    inline constexpr Name Name::infinity = Name::make_infinity();                            \
    inline constexpr Name Name::negative_infinity = Name::make_negative_infinity();          \
    inline constexpr Name Name::nan = Name::make_nan();

// Sums, products and quotients of such values round to the same 16 bits through double.
#define HEDDLE_SMALL_FLOAT_OPERATOR(Name, op)                              \
    Name operator op(Name o) const {                                       \
        return Name(static_cast<double>(*this) op static_cast<double>(o)); \
    }                                                                      \
    Name &operator op##=(Name o) {                                         \
        return *this = *this op o;                                         \
    }

// The compiler's own type has the same bits.
#ifdef HALIDE_CPP_COMPILER_HAS_FLOAT16
#define HEDDLE_NATIVE_FLOAT16                             \
    explicit float16_t(_Float16 x) {                      \
        static_assert(sizeof(x) == sizeof(bits_));        \
        std::memcpy(&bits_, &x, sizeof(x));               \
    }                                                     \
    explicit operator _Float16() const {                  \
        _Float16 x;                                       \
        std::memcpy(&x, &bits_, sizeof(x));               \
        return x;                                         \
    }
#else
#define HEDDLE_NATIVE_FLOAT16
#endif
HEDDLE_SMALL_FLOAT(float16_t, float16, 10, HEDDLE_NATIVE_FLOAT16)
HEDDLE_SMALL_FLOAT(bfloat16_t, bfloat16, 7, )

#undef HEDDLE_NATIVE_FLOAT16

#undef HEDDLE_SMALL_FLOAT
#undef HEDDLE_SMALL_FLOAT_OPERATOR

static_assert(sizeof(float16_t) == 2 && sizeof(bfloat16_t) == 2);

#ifdef HALIDE_CPP_COMPILER_HAS_FLOAT16
inline Expr::Expr(_Float16 x)
    : Expr(float16_t(x)) {
}
#endif

}  // namespace heddle

template<>
inline constexpr halide_type_t halide_type_of<heddle::float16_t>() {
    return halide_type_t(halide_type_float, 16);
}
template<>
inline constexpr halide_type_t halide_type_of<heddle::bfloat16_t>() {
    return halide_type_t(halide_type_bfloat, 16);
}
