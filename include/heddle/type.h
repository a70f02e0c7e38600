#pragma once
// The scalar and vector types of expressions: a code (signed, unsigned, float, bfloat, handle), a
// width in bits and a number of lanes. Layout-compatible in meaning with halide_type_t.

#include <cstdint>
#include <string>
#include <type_traits>

#include "HalideRuntime.h"

namespace heddle {

class Expr;
class float16_t;
class bfloat16_t;

class Type {
public:
    static constexpr halide_type_code_t Int = halide_type_int;
    static constexpr halide_type_code_t UInt = halide_type_uint;
    static constexpr halide_type_code_t Float = halide_type_float;
    static constexpr halide_type_code_t BFloat = halide_type_bfloat;
    static constexpr halide_type_code_t Handle = halide_type_handle;

    /** The undefined type: signed, 0 bits, 0 lanes. */
    constexpr Type() = default;
    constexpr Type(halide_type_code_t code, int bits, int lanes)
        : code_(static_cast<uint8_t>(code)), bits_(static_cast<uint8_t>(bits)), lanes_(lanes) {
    }
    constexpr Type(const halide_type_t &t, int lanes = 0)
        : code_(static_cast<uint8_t>(t.code)), bits_(t.bits), lanes_(lanes ? lanes : t.lanes) {
    }
    /** The element type as the runtime spells it. */
    operator halide_type_t() const {
        return {code(), bits_, static_cast<uint16_t>(lanes_)};
    }

    constexpr halide_type_code_t code() const {
        return static_cast<halide_type_code_t>(code_);
    }
    constexpr int bits() const {
        return bits_;
    }
    /** Bytes of one lane in memory: bits rounded up to whole bytes. */
    constexpr int bytes() const {
        return (bits_ + 7) / 8;
    }
    constexpr int lanes() const {
        return lanes_;
    }

    constexpr Type with_code(halide_type_code_t c) const {
        return {c, bits_, lanes_};
    }
    constexpr Type with_bits(int b) const {
        return {code(), b, lanes_};
    }
    constexpr Type with_lanes(int l) const {
        return {code(), bits_, l};
    }
    constexpr Type element_of() const {
        return with_lanes(1);
    }
    constexpr Type widen() const {
        return with_bits(bits_ * 2);
    }
    constexpr Type narrow() const {
        return with_bits(bits_ / 2);
    }

    constexpr bool is_bool() const {
        return code_ == halide_type_uint && bits_ == 1;
    }
    constexpr bool is_scalar() const {
        return lanes_ == 1;
    }
    constexpr bool is_vector() const {
        return lanes_ > 1;
    }
    /** True of float16/32/64 and of bfloat16. */
    constexpr bool is_float() const {
        return code_ == halide_type_float || code_ == halide_type_bfloat;
    }
    constexpr bool is_bfloat() const {
        return code_ == halide_type_bfloat;
    }
    constexpr bool is_int() const {
        return code_ == halide_type_int;
    }
    constexpr bool is_uint() const {
        return code_ == halide_type_uint;
    }
    constexpr bool is_int_or_uint() const {
        return is_int() || is_uint();
    }
    constexpr bool is_handle() const {
        return code_ == halide_type_handle;
    }

    /** Whether arithmetic of the type wraps: unsigned integers, and signed ones of up to 16 bits. */
    constexpr bool can_overflow() const {
        return is_uint() || can_overflow_int();
    }
    constexpr bool can_overflow_int() const {
        return is_int() && bits_ <= 16;
    }
    constexpr bool operator==(const Type &o) const = default;
    constexpr bool operator==(const halide_type_t &o) const {
        return *this == Type(o);
    }
    constexpr bool operator<(const Type &o) const {
        if (code_ != o.code_) return code_ < o.code_;
        if (bits_ != o.bits_) return bits_ < o.bits_;
        return lanes_ < o.lanes_;
    }

    /** Whether every value of `other` is a value of this type (exactly). */
    bool can_represent(Type other) const;
    bool can_represent(int64_t x) const;
    bool can_represent(uint64_t x) const;
    bool can_represent(double x) const;
    /** Whether x is the largest (smallest) value of this type. */
    bool is_max(uint64_t x) const;
    bool is_max(int64_t x) const;
    bool is_min(uint64_t x) const;
    bool is_min(int64_t x) const;

    /** The largest value: infinity for floats. */
    Expr max() const;
    /** The smallest value: minus infinity for floats. */
    Expr min() const;

    bool same_handle_type(const Type &o) const {
        return code_ == o.code_;
    }

private:
    uint8_t code_ = halide_type_int;
    uint8_t bits_ = 0;
    int32_t lanes_ = 0;
};

constexpr Type Int(int bits, int lanes = 1) {
    return {halide_type_int, bits, lanes};
}
constexpr Type UInt(int bits, int lanes = 1) {
    return {halide_type_uint, bits, lanes};
}
constexpr Type Float(int bits, int lanes = 1) {
    return {halide_type_float, bits, lanes};
}
constexpr Type BFloat(int bits, int lanes = 1) {
    return {halide_type_bfloat, bits, lanes};
}
constexpr Type Bool(int lanes = 1) {
    return {halide_type_uint, 1, lanes};
}
constexpr Type Handle(int lanes = 1) {
    return {halide_type_handle, 64, lanes};
}

/** The Type of the C++ type T (arithmetic, float16_t, bfloat16_t or a pointer). */
template<typename T>
constexpr Type type_of() {
    using U = std::remove_cv_t<T>;
    if constexpr (std::is_same_v<U, bool>) {
        return Bool();
    } else if constexpr (std::is_pointer_v<U>) {
        return Handle();
    } else if constexpr (std::is_same_v<U, float16_t>) {
        return Float(16);
    } else if constexpr (std::is_same_v<U, bfloat16_t>) {
        return BFloat(16);
    } else if constexpr (std::is_floating_point_v<U>) {
        return Float(sizeof(U) * 8);
    } else if constexpr (std::is_enum_v<U>) {
        return type_of<std::underlying_type_t<U>>();
    } else if constexpr (std::is_signed_v<U>) {
        return Int(sizeof(U) * 8);
    } else {
        static_assert(std::is_unsigned_v<U>, "type_of: not a type that a buffer can hold");
        return UInt(sizeof(U) * 8);
    }
}

/** The type as the text IR writes it: int32, uint8x16, bool, float32, bfloat16, handle. */
std::string to_string(const Type &t);

/** The type of C, or of C++, with a space behind it if asked: "int32_t ", "void *". Vectors: "int32x4". */
std::string type_to_c_type(const Type &t, bool include_space, bool c_plus_plus = true);

}  // namespace heddle
