// Operators, conversions, minimum and maximum, and choice.

#include "heddle/operators.h"

#include <cmath>

#include "analysis/simplify/simplifier.h"
#include "ir/float16.h"
#include "language/operands.h"

namespace heddle {

using namespace Internal;

namespace {

// The node, or its value when both operands are constants.
Expr folded_binary(NodeKind kind, const Expr &a, const Expr &b) {
    if (Expr constant = fold_binary(kind, a, b); constant.defined()) return constant;
    return make_binary(kind, a, b);
}

Expr promoted_binary(NodeKind kind, const char *operation, Expr a, Expr b) {
    check_defined(a, b, operation);
    match_types(a, b, operation);
    return folded_binary(kind, a, b);
}

// Handles can be compared for equality.
Expr equality(NodeKind kind, const char *operation, const Expr &a, const Expr &b) {
    check_defined(a, b, operation);
    if (a.type().is_handle() && a.type() == b.type()) return make_binary(kind, a, b);
    return promoted_binary(kind, operation, a, b);
}

Expr logic(NodeKind kind, const char *operation, Expr a, Expr b) {
    check_defined(a, b, operation);
    check_condition(a, operation);
    check_condition(b, operation);
    match_lanes(a, b, operation);
    return folded_binary(kind, a, b);
}

// The value of an integer constant, as 64 bits.
bool integer_constant(const Expr &e, int64_t *value) {
    if (const IntImm *i = e.as<IntImm>()) {
        *value = i->value;
    } else if (const UIntImm *u = e.as<UIntImm>()) {
        *value = static_cast<int64_t>(u->value);
    } else {
        return false;
    }
    return true;
}

Expr bitwise(CallOp op, const char *operation, Expr a, Expr b) {
    check_defined(a, b, operation);
    match_bits(a, b, operation);
    if (a.type().code() != b.type().code()) {
        refuse_operands(102,
                        concat(operation, " of a signed and an unsigned operand: ", describe(a),
                               " and ", describe(b)),
                        "cast one of them");
    }
    int64_t x, y;
    if (integer_constant(a, &x) && integer_constant(b, &y)) {
        return make_const(a.type(), op == CallOp::bitwise_and  ? x & y
                                    : op == CallOp::bitwise_or ? x | y
                                                               : x ^ y);
    }
    return Call::make(a.type(), op, {a, b});
}

Expr shift(CallOp op, const char *operation, Expr a, Expr b) {
    check_defined(a, b, operation);
    match_bits(a, b, operation);
    const Type t = a.type();
    int64_t x, by;
    if (integer_constant(a, &x) && integer_constant(b, &by) && by > -t.bits() && by < t.bits()) {
        const int64_t left = op == CallOp::shift_left ? by : -by;
        if (left >= 0) return make_const(t, static_cast<int64_t>(static_cast<uint64_t>(x) << left));
        return make_const(t, t.is_int() ? x >> -left
                                        : static_cast<int64_t>(static_cast<uint64_t>(x) >> -left));
    }
    return Call::make(t, op, {a, b});
}

}  // namespace

#define HEDDLE_ARITHMETIC(op, Kind)                                                                \
    Expr operator op(const Expr &a, const Expr &b) {                                               \
        return promoted_binary(NodeKind::Kind, #op, a, b);                                         \
    }
HEDDLE_ARITHMETIC(+, Add)
HEDDLE_ARITHMETIC(-, Sub)
HEDDLE_ARITHMETIC(*, Mul)
HEDDLE_ARITHMETIC(/, Div)
HEDDLE_ARITHMETIC(%, Mod)
HEDDLE_ARITHMETIC(<, LT)
HEDDLE_ARITHMETIC(<=, LE)
HEDDLE_ARITHMETIC(>, GT)
HEDDLE_ARITHMETIC(>=, GE)
#undef HEDDLE_ARITHMETIC

Expr operator==(const Expr &a, const Expr &b) {
    return equality(NodeKind::EQ, "==", a, b);
}
Expr operator!=(const Expr &a, const Expr &b) {
    return equality(NodeKind::NE, "!=", a, b);
}
Expr operator&&(const Expr &a, const Expr &b) {
    return logic(NodeKind::And, "&&", a, b);
}
Expr operator||(const Expr &a, const Expr &b) {
    return logic(NodeKind::Or, "||", a, b);
}
Expr operator&(const Expr &a, const Expr &b) {
    return bitwise(CallOp::bitwise_and, "&", a, b);
}
Expr operator|(const Expr &a, const Expr &b) {
    return bitwise(CallOp::bitwise_or, "|", a, b);
}
Expr operator^(const Expr &a, const Expr &b) {
    return bitwise(CallOp::bitwise_xor, "^", a, b);
}
Expr operator<<(const Expr &a, const Expr &b) {
    return shift(CallOp::shift_left, "<<", a, b);
}
Expr operator>>(const Expr &a, const Expr &b) {
    return shift(CallOp::shift_right, ">>", a, b);
}

Expr operator-(const Expr &a) {
    check_defined(a, "-");
    if (a.type().is_handle())
        refuse_operands(102, concat("- of ", describe(a), ": a handle is no number"));
    // -0.0 - x is -x for zeros, too.
    const Expr zero = a.type().is_float() ? make_const(a.type(), -0.0) : make_zero(a.type());
    return folded_binary(NodeKind::Sub, zero, a);
}

Expr operator~(const Expr &a) {
    check_defined(a, "~");
    check_integer(a, "~");
    int64_t x;
    if (integer_constant(a, &x)) return make_const(a.type(), ~x);
    return Call::make(a.type(), CallOp::bitwise_not, {a});
}

Expr operator!(const Expr &a) {
    check_defined(a, "!");
    check_condition(a, "!");
    if (is_const_true(a) || is_const_false(a))
        return make_const(a.type(), int64_t{is_const_false(a)});
    return Not::make(a);
}

#define HEDDLE_ASSIGN(op)                                                                          \
    Expr &operator op##=(Expr &a, const Expr &b) {                                                 \
        check_defined(a, b, #op "=");                                                              \
        return a = a op cast(a.type(), b);                                                         \
    }
HEDDLE_ASSIGN(+)
HEDDLE_ASSIGN(-)
HEDDLE_ASSIGN(*)
HEDDLE_ASSIGN(/)
#undef HEDDLE_ASSIGN

// --- conversion

Expr cast(Type t, const Expr &e) {
    check_defined(e, "cast");
    const Type from = e.type();
    if (t.lanes() == 1) t = t.with_lanes(from.lanes());
    if (t == from) return e;
    const bool address =
        (t.is_handle() && (from.is_int() || from.is_uint()) && from.bits() == 64) ||
        (from.is_handle() && t.is_int_or_uint() && t.bits() == 64);
    if (address) return reinterpret(t, e);
    if (t.is_handle() || from.is_handle() || t.bits() == 0) {
        refuse_operands(104, concat("a cast of ", describe(e), " to ", to_string(t)));
    }
    if (from.lanes() != t.lanes()) {
        refuse_operands(
            104, concat("a cast of ", describe(e), " to ", to_string(t), ": the lanes differ"));
    }
    if (Expr constant = fold_cast(t, e); constant.defined()) return constant;
    return Cast::make(t, e);
}

Expr saturating_cast(Type t, const Expr &e) {
    check_defined(e, "saturating_cast");
    const Type from = e.type();
    if (t.lanes() == 1) t = t.with_lanes(from.lanes());
    if (t == from) return e;
    if (t.is_handle() || from.is_handle()) {
        refuse_operands(104, concat("a saturating_cast of ", describe(e), " to ", to_string(t)));
    }
    // Where nothing can be out of range, or infinity takes the place of the largest value.
    if (t.is_float() || t.can_represent(from)) return cast(t, e);
    int64_t value;
    if (integer_constant(e, &value)) {
        const bool huge = from.is_uint() && value < 0;  // above every int64
        if (huge ? t.can_represent(static_cast<uint64_t>(value)) : t.can_represent(value))
            return make_const(t, value);
        return huge || value > 0 ? t.max() : t.min();
    }
    return Call::make(t, CallOp::saturating_cast, {e});
}

Expr reinterpret(Type t, const Expr &e) {
    check_defined(e, "reinterpret");
    const Type from = e.type();
    if (t.bits() * t.lanes() != from.bits() * from.lanes()) {
        refuse_operands(104, concat("a reinterpret of ", describe(e), " as ", to_string(t),
                                    ": the widths differ"));
    }
    int64_t value;
    if (t.is_int_or_uint() && t.is_scalar() && integer_constant(e, &value))
        return make_const(t, value);
    return Reinterpret::make(t, e);
}

// --- minimum, maximum, choice

Expr min(const Expr &a, const Expr &b) {
    return promoted_binary(NodeKind::Min, "min", a, b);
}

Expr max(const Expr &a, const Expr &b) {
    return promoted_binary(NodeKind::Max, "max", a, b);
}

Expr clamp(const Expr &a, const Expr &min_value, const Expr &max_value) {
    check_defined(a, "clamp");
    check_defined(min_value, max_value, "clamp");
    const auto bound = [&](const Expr &e, const char *which) {
        Expr converted = lossless_cast(a.type().with_lanes(e.type().lanes()), e);
        if (!converted.defined()) {
            refuse_operands(105,
                            concat("clamp: the ", which, " bound ", describe(e),
                                   " may be no value of the type of ", describe(a)),
                            concat("cast<", to_string(a.type()), ">(", which, ")"));
        }
        return converted;
    };
    return max(min(a, bound(max_value, "upper")), bound(min_value, "lower"));
}

namespace {

Expr select_matched(Expr condition, Expr a, Expr b) {
    match_lanes(a, b, "select");
    if (condition.type().is_vector()) match_lanes(condition, a, "select");
    if (condition.type().is_vector()) match_lanes(condition, b, "select");
    if (is_const_true(condition)) return a;
    if (is_const_false(condition)) return b;
    return Select::make(condition, a, b);
}

// A condition; an integer constant counts as one.
Expr as_condition(const Expr &e) {
    check_defined(e, "select");
    if (is_int_literal(e)) return cast(Bool(), e);
    check_condition(e, "select");
    return e;
}

// Integer constants among the values take the type of the others.
void match_choices(std::vector<Expr *> values) {
    const Expr *typed = nullptr;
    for (Expr *v : values) {
        check_defined(*v, "select");
        if (!is_int_literal(*v) && !typed) typed = v;
    }
    if (!typed) {
        // Constants only: the widest of their types.
        for (Expr *v : values) {
            if (!typed || v->type().bits() > typed->type().bits()) typed = v;
        }
    }
    const Expr other = *typed;
    for (Expr *v : values) {
        *v = constant_as(other.type().element_of(), *v, other, "select");
        if (v->type().element_of() != other.type().element_of()) {
            refuse_operands(102,
                            concat("select between values of different types: ", describe(other),
                                   " and ", describe(*v)),
                            "cast one of them");
        }
    }
}

}  // namespace

Expr select(const Expr &condition, const Expr &true_value, const Expr &false_value) {
    const Expr c = as_condition(condition);
    Expr a = true_value, b = false_value;
    match_choices({&a, &b});
    return select_matched(c, a, b);
}

Expr Internal::select_first(const std::vector<Expr> &list) {
    std::vector<Expr> l = list;
    std::vector<Expr *> values;
    for (size_t i = 0; i + 1 < l.size(); i += 2) {
        l[i] = as_condition(l[i]);
        values.push_back(&l[i + 1]);
    }
    values.push_back(&l.back());
    match_choices(values);
    Expr result = l.back();
    for (size_t i = l.size() - 1; i >= 2; i -= 2)
        result = select_matched(l[i - 2], l[i - 1], result);
    return result;
}

Expr mux(const Expr &id, const std::vector<Expr> &values) {
    check_defined(id, "mux");
    check_integer(id, "mux");
    if (values.empty()) refuse_operands(109, concat("mux by ", describe(id), " among no values"));
    std::vector<Expr> matched = values;
    std::vector<Expr *> pointers;
    for (Expr &v : matched)
        pointers.push_back(&v);
    match_choices(pointers);
    Expr result = matched.back();
    for (size_t i = matched.size() - 1; i-- > 0;) {
        result = select_matched(id == static_cast<uint64_t>(i), matched[i], result);
    }
    return result;
}

}  // namespace heddle
