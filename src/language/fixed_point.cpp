// Widening, saturating, halving and rounding arithmetic of integers.

#include "heddle/operators.h"
#include "language/operands.h"

namespace heddle {

using namespace Internal;

namespace {

void check_integers(const Expr &a, const Expr &b, const char *name) {
    check_defined(a, b, name);
    check_integer(a, name);
    check_integer(b, name);
}

Type widened(Type t, const Expr &operand, const char *name) {
    if (t.bits() >= 8 && t.bits() <= 32) return t.widen();
    refuse_operands(102,
                    concat(name, ": there is no integer of twice the bits of ", describe(operand)));
}

// Integers in the common type; the result is of that type.
Expr matched(CallOp op, const char *name, const Expr &x, const Expr &y) {
    Expr a = x, b = y;
    check_integers(a, b, name);
    match_types(a, b, name);
    return Call::make(a.type(), op, {a, b});
}

Expr widening(CallOp op, const char *name, const Expr &x, const Expr &y, bool is_signed = false) {
    Expr a = x, b = y;
    check_integers(a, b, name);
    match_types(a, b, name);
    const Type wide = widened(a.type(), a, name);
    return Call::make(is_signed ? wide.with_code(Type::Int) : wide, op, {a, b});
}

// a op widen(b): b has half of a's bits, or becomes that where all of its values fit.
Expr widen_right(CallOp op, const char *name, const Expr &x, const Expr &y) {
    Expr a = x, b = y;
    check_integers(a, b, name);
    match_lanes(a, b, name);
    if (b.type().widen().bits() != a.type().bits() || b.type().code() != a.type().code()) {
        const Expr narrow = lossless_cast(a.type().narrow(), b);
        if (!narrow.defined()) {
            refuse_operands(102, concat(name,
                                        " takes as second argument an integer of half the bits of ",
                                        describe(a), ", not ", describe(b)));
        }
        b = narrow;
    }
    return Call::make(a.type(), op, {a, b});
}

Expr shifted(CallOp op, const char *name, const Expr &x, const Expr &y) {
    Expr a = x, b = y;
    check_integers(a, b, name);
    match_bits(a, b, name);
    return Call::make(a.type(), op, {a, b});
}

Expr widening_shifted(CallOp op, const char *name, const Expr &x, const Expr &y) {
    Expr a = x, b = y;
    check_integers(a, b, name);
    match_bits(a, b, name);
    return Call::make(widened(a.type(), a, name), op, {a, b});
}

Expr scaled(CallOp op, const char *name, const Expr &x, const Expr &y, const Expr &q) {
    Expr a = x, b = y;
    check_integers(a, b, name);
    check_defined(q, name);
    check_integer(q, name);
    match_types(a, b, name);
    Expr by = cast(a.type().element_of().with_code(Type::UInt), q);
    match_lanes(a, by, name);
    match_lanes(b, by, name);
    return Call::make(a.type(), op, {a, b, by});
}

// A constant shift that goes to the right by q bits of the double width.
Expr product_shift(const Expr &a, int q, const char *name) {
    check_defined(a, name);
    check_integer(a, name);
    if (q < 0 || q >= 2 * a.type().bits()) {
        refuse_operands(101, concat(name, ": a shift of ", describe(a), " by ", q));
    }
    return make_const(a.type().element_of().with_code(Type::UInt), static_cast<int64_t>(q));
}

}  // namespace

#define HEDDLE_MATCHED(name)                                                                       \
    Expr name(const Expr &a, const Expr &b) {                                                      \
        return matched(CallOp::name, #name, a, b);                                                 \
    }
HEDDLE_MATCHED(saturating_add)
HEDDLE_MATCHED(saturating_sub)
HEDDLE_MATCHED(halving_add)
HEDDLE_MATCHED(halving_sub)
HEDDLE_MATCHED(rounding_halving_add)
#undef HEDDLE_MATCHED

#define HEDDLE_SHIFT(name, build)                                                                  \
    Expr name(const Expr &a, const Expr &b) {                                                      \
        return build(CallOp::name, #name, a, b);                                                   \
    }                                                                                              \
    Expr name(const Expr &a, int b) {                                                              \
        return build(CallOp::name, #name, a, shift_amount(a, b, #name));                           \
    }
HEDDLE_SHIFT(widening_shift_left, widening_shifted)
HEDDLE_SHIFT(widening_shift_right, widening_shifted)
HEDDLE_SHIFT(rounding_shift_left, shifted)
HEDDLE_SHIFT(rounding_shift_right, shifted)
#undef HEDDLE_SHIFT

Expr widening_add(const Expr &a, const Expr &b) {
    return widening(CallOp::widening_add, "widening_add", a, b);
}
Expr widening_sub(const Expr &a, const Expr &b) {
    return widening(CallOp::widening_sub, "widening_sub", a, b, true);
}

// Operands of one width keep their own signs.
Expr widening_mul(const Expr &x, const Expr &y) {
    Expr a = x, b = y;
    check_integers(a, b, "widening_mul");
    match_bits(a, b, "widening_mul");
    const Type wide = widened(a.type(), a, "widening_mul");
    const bool is_signed = a.type().is_int() || b.type().is_int();
    return Call::make(wide.with_code(is_signed ? Type::Int : Type::UInt), CallOp::widening_mul,
                      {a, b});
}

Expr widen_right_add(const Expr &a, const Expr &b) {
    return widen_right(CallOp::widen_right_add, "widen_right_add", a, b);
}
Expr widen_right_sub(const Expr &a, const Expr &b) {
    return widen_right(CallOp::widen_right_sub, "widen_right_sub", a, b);
}
Expr widen_right_mul(const Expr &a, const Expr &b) {
    return widen_right(CallOp::widen_right_mul, "widen_right_mul", a, b);
}

Expr mul_shift_right(const Expr &a, const Expr &b, const Expr &q) {
    return scaled(CallOp::mul_shift_right, "mul_shift_right", a, b, q);
}
Expr mul_shift_right(const Expr &a, const Expr &b, int q) {
    return mul_shift_right(a, b, product_shift(a, q, "mul_shift_right"));
}
Expr rounding_mul_shift_right(const Expr &a, const Expr &b, const Expr &q) {
    return scaled(CallOp::rounding_mul_shift_right, "rounding_mul_shift_right", a, b, q);
}
Expr rounding_mul_shift_right(const Expr &a, const Expr &b, int q) {
    return rounding_mul_shift_right(a, b, product_shift(a, q, "rounding_mul_shift_right"));
}

Expr Internal::sorted_avg(const Expr &a, const Expr &b) {
    return matched(CallOp::sorted_avg, "sorted_avg", a, b);
}

}  // namespace heddle
