// Operators with an int beside an Expr, and the short names of casts.

#include "heddle/operators.h"

namespace heddle {

using namespace Internal;

namespace {

Expr beside(const Expr &other, int value, const char *operation) {
    return constant_beside(other, static_cast<int64_t>(value), operation);
}

}  // namespace

#define HEDDLE_WITH_INT(op)                                 \
    Expr operator op(const Expr &a, int b) {                \
        return a op beside(a, b, #op);                      \
    }                                                       \
    Expr operator op(int a, const Expr &b) {                \
        return beside(b, a, #op) op b;                      \
    }
HEDDLE_WITH_INT(+)
HEDDLE_WITH_INT(-)
HEDDLE_WITH_INT(*)
HEDDLE_WITH_INT(/)
HEDDLE_WITH_INT(%)
HEDDLE_WITH_INT(<)
HEDDLE_WITH_INT(<=)
HEDDLE_WITH_INT(>)
HEDDLE_WITH_INT(>=)
HEDDLE_WITH_INT(==)
HEDDLE_WITH_INT(!=)
HEDDLE_WITH_INT(&&)
HEDDLE_WITH_INT(||)
HEDDLE_WITH_INT(&)
HEDDLE_WITH_INT(|)
HEDDLE_WITH_INT(^)
#undef HEDDLE_WITH_INT

Expr operator<<(const Expr &a, int b) {
    return a << shift_amount(a, b, "<<");
}
Expr operator>>(const Expr &a, int b) {
    return a >> shift_amount(a, b, ">>");
}

#define HEDDLE_FUNCTION_WITH_INT(name)              \
    Expr name(const Expr &a, int b) {               \
        return name(a, beside(a, b, #name));        \
    }                                               \
    Expr name(int a, const Expr &b) {               \
        return name(beside(b, a, #name), b);        \
    }
HEDDLE_FUNCTION_WITH_INT(min)
HEDDLE_FUNCTION_WITH_INT(max)
HEDDLE_FUNCTION_WITH_INT(absd)
#undef HEDDLE_FUNCTION_WITH_INT

Expr mux(const Expr &id, const std::initializer_list<Expr> &values) {
    return mux(id, std::vector<Expr>(values));
}

namespace ConciseCasts {

#define HEDDLE_CAST(name, type)         \
    Expr name(const Expr &e) {          \
        return cast(type, e);           \
    }
#define HEDDLE_CASTS(name, type)        \
    HEDDLE_CAST(name, type)             \
    Expr name##_sat(const Expr &e) {    \
        return saturating_cast(type, e); \
    }
HEDDLE_CAST(f64, Float(64))
HEDDLE_CAST(f32, Float(32))
HEDDLE_CAST(f16, Float(16))
HEDDLE_CAST(bf16, BFloat(16))
HEDDLE_CASTS(i64, Int(64))
HEDDLE_CASTS(i32, Int(32))
HEDDLE_CASTS(i16, Int(16))
HEDDLE_CASTS(i8, Int(8))
HEDDLE_CASTS(u64, UInt(64))
HEDDLE_CASTS(u32, UInt(32))
HEDDLE_CASTS(u16, UInt(16))
HEDDLE_CASTS(u8, UInt(8))
#undef HEDDLE_CASTS
#undef HEDDLE_CAST

}  // namespace ConciseCasts

}  // namespace heddle
