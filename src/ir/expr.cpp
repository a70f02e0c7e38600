// Constants as expressions, the type of an expression, and the ranges of types.

#include "heddle/expr.h"

#include <cmath>
#include <limits>

#include "ir/float16.h"
#include "ir/nodes.h"

namespace heddle {

using namespace Internal;

Expr &Expr::operator=(const Expr &o) {
    Expr copy(o);
    std::swap(node_, copy.node_);
    return *this;
}

Expr::Expr(const char *s)
    : Expr(std::string(s)) {
}
Expr::Expr(int8_t x)
    : Expr(IntImm::make(Int(8), x)) {
}
Expr::Expr(int16_t x)
    : Expr(IntImm::make(Int(16), x)) {
}
Expr::Expr(int32_t x)
    : Expr(IntImm::make(Int(32), x)) {
}
Expr::Expr(int64_t x)
    : Expr(IntImm::make(Int(64), x)) {
}
Expr::Expr(uint8_t x)
    : Expr(UIntImm::make(UInt(8), x)) {
}
Expr::Expr(uint16_t x)
    : Expr(UIntImm::make(UInt(16), x)) {
}
Expr::Expr(uint32_t x)
    : Expr(UIntImm::make(UInt(32), x)) {
}
Expr::Expr(uint64_t x)
    : Expr(UIntImm::make(UInt(64), x)) {
}
Expr::Expr(float x)
    : Expr(FloatImm::make(Float(32), static_cast<double>(x))) {
}
Expr::Expr(double x)
    : Expr(FloatImm::make(Float(64), x)) {
}
Expr::Expr(const std::string &s)
    : Expr(StringImm::make(s)) {
}

Type Expr::type() const {
    if (!node_) throw CompileError("an undefined Expr is used");
    return node_->type;
}

namespace {

// Bits of magnitude of an integer type: values are below 2^n (and at least -2^n when signed).
int magnitude_bits(Type t) {
    return t.is_int() ? t.bits() - 1 : t.bits();
}
// Bits of the significand of a float type, the hidden one included.
int significand_bits(Type t) {
    if (t.is_bfloat()) return 8;
    return t.bits() == 16 ? 11 : t.bits() == 32 ? 24 : 53;
}
int exponent_bits(Type t) {
    if (t.is_bfloat()) return 8;
    return t.bits() == 16 ? 5 : t.bits() == 32 ? 8 : 11;
}
uint64_t largest_unsigned(int bits) {
    return bits >= 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
}

}  // namespace

bool Type::can_represent(Type other) const {
    if (lanes() != other.lanes()) return false;
    if (code() == other.code() && is_handle()) return true;
    if (is_float() && other.is_float()) {
        return significand_bits(*this) >= significand_bits(other) && exponent_bits(*this) >= exponent_bits(other);
    }
    if (is_float() && other.is_int_or_uint()) {
        // The largest power of two of `other` must be in range, too (float16 ends below 2^16).
        return magnitude_bits(other) <= significand_bits(*this) && magnitude_bits(other) < (1 << (exponent_bits(*this) - 1));
    }
    if (is_int() && other.is_int_or_uint()) return magnitude_bits(*this) >= magnitude_bits(other);
    if (is_uint() && other.is_uint()) return bits() >= other.bits();
    return false;
}

bool Type::can_represent(int64_t x) const {
    if (is_int()) return wrap_signed(x, bits()) == x;
    if (is_uint()) return x >= 0 && static_cast<uint64_t>(x) <= largest_unsigned(bits());
    if (!is_float()) return false;
    const double d = round_to_type(static_cast<double>(x), *this);
    // 2^63 is a double and no int64: do not convert it back.
    return std::fabs(d) < 9223372036854775808.0 ? static_cast<int64_t>(d) == x : x == std::numeric_limits<int64_t>::min();
}

bool Type::can_represent(uint64_t x) const {
    if (is_int()) return x <= largest_unsigned(bits() - 1);
    if (is_uint()) return x <= largest_unsigned(bits());
    if (!is_float()) return false;
    const double d = round_to_type(static_cast<double>(x), *this);
    return d < 18446744073709551616.0 && static_cast<uint64_t>(d) == x;
}

bool Type::can_represent(double x) const {
    if (is_float()) return std::isnan(x) || round_to_type(x, *this) == x;
    if (std::trunc(x) != x) return false;  // NaN, too
    if (is_int()) return std::fabs(x) <= 9223372036854775807.0 && x < 9223372036854775808.0 && can_represent(static_cast<int64_t>(x));
    return is_uint() && x >= 0 && x < 18446744073709551616.0 && can_represent(static_cast<uint64_t>(x));
}

bool Type::is_max(uint64_t x) const {
    return is_int_or_uint() && x == largest_unsigned(magnitude_bits(*this));
}
bool Type::is_max(int64_t x) const {
    return x >= 0 && is_max(static_cast<uint64_t>(x));
}
bool Type::is_min(int64_t x) const {
    return is_int() ? x == wrap_signed(static_cast<int64_t>(uint64_t{1} << (bits() - 1)), bits()) : is_uint() && x == 0;
}
bool Type::is_min(uint64_t x) const {
    return is_uint() && x == 0;
}

Expr Type::max() const {
    if (lanes() > 1) return Broadcast::make(element_of().max(), lanes());
    if (is_float()) return FloatImm::make(*this, std::numeric_limits<double>::infinity());
    HEDDLE_ASSERT(is_int_or_uint(), "the largest ", to_string(*this));
    return make_const(*this, static_cast<int64_t>(largest_unsigned(magnitude_bits(*this))));
}

Expr Type::min() const {
    if (lanes() > 1) return Broadcast::make(element_of().min(), lanes());
    if (is_float()) return FloatImm::make(*this, -std::numeric_limits<double>::infinity());
    HEDDLE_ASSERT(is_int_or_uint(), "the smallest ", to_string(*this));
    return make_const(*this, is_int() ? static_cast<int64_t>(uint64_t{1} << (bits() - 1)) : int64_t{0});
}

}  // namespace heddle
