#include "language/operands.h"

#include <cmath>

#include "analysis/constant_bounds.h"
#include "heddle/error.h"
#include "ir/print.h"

namespace heddle::Internal {

void refuse_operands(int code, const std::string &message, const std::string &hint) {
    Diagnostic d;
    d.code = code;
    d.message = message;
    d.hint = hint;
    throw CompileError(std::move(d));
}

std::string describe(const Expr &e) {
    constexpr size_t longest = 80;
    std::string text = to_string(e, {.types = false});
    if (text.size() > longest) text = text.substr(0, longest - 3) + "...";
    return text + " (" + to_string(e.type()) + ")";
}

void check_defined(const Expr &a, const char *operation) {
    if (!a.defined())
        refuse_operands(100, concat("the argument of ", operation, " is an undefined Expr"));
}

void check_defined(const Expr &a, const Expr &b, const char *operation) {
    if (a.defined() && b.defined()) return;
    const Expr &other = a.defined() ? a : b;
    refuse_operands(100, concat("an argument of ", operation, " is an undefined Expr",
                                other.defined() ? concat("; the other is ", describe(other)) : ""));
}

void match_lanes(Expr &a, Expr &b, const char *operation) {
    const int la = a.type().lanes(), lb = b.type().lanes();
    if (la == lb) return;
    if (la == 1) {
        a = Broadcast::make(a, lb);
    } else if (lb == 1) {
        b = Broadcast::make(b, la);
    } else {
        refuse_operands(102, concat(operation, " of vectors of different lengths: ", describe(a),
                                    " and ", describe(b)));
    }
}

void match_types(Expr &a, Expr &b, const char *operation) {
    if (a.type() == b.type() && !a.type().is_handle()) return;
    if (a.type().is_handle() || b.type().is_handle()) {
        refuse_operands(102, concat(operation, " of ", describe(a), " and ", describe(b),
                                    ": a handle is no number"));
    }
    match_lanes(a, b, operation);
    const Type ta = a.type(), tb = b.type();
    if (ta == tb) return;
    Type common;
    if (ta.is_float() && tb.is_float()) {
        common = ta.bits() > tb.bits() ? ta : tb;
    } else if (ta.is_float() || tb.is_float()) {
        common = ta.is_float() ? ta : tb;
    } else {
        const int bits = std::max(ta.bits(), tb.bits());
        common = ta.is_uint() && tb.is_uint() ? UInt(bits, ta.lanes()) : Int(bits, ta.lanes());
    }
    a = cast(common, a);
    b = cast(common, b);
}

void match_bits(Expr &a, Expr &b, const char *operation) {
    check_integer(a, operation);
    check_integer(b, operation);
    match_lanes(a, b, operation);
    if (a.type().bits() < b.type().bits()) a = cast(a.type().with_bits(b.type().bits()), a);
    if (b.type().bits() < a.type().bits()) b = cast(b.type().with_bits(a.type().bits()), b);
}

void check_integer(const Expr &e, const char *operation) {
    if (e.type().is_int_or_uint()) return;
    refuse_operands(102, concat(operation, " takes integers, not ", describe(e)));
}

void check_float(const Expr &e, const char *operation) {
    if (e.type().is_float()) return;
    refuse_operands(102, concat(operation, " takes a float, not ", describe(e)));
}

void check_condition(const Expr &e, const char *operation) {
    if (e.type().is_bool()) return;
    refuse_operands(103, concat(operation, " takes a bool, not ", describe(e)),
                    e.type().is_handle() ? "" : "compare it with something, as in e != 0");
}

bool is_int_literal(const Expr &e) {
    return e.as<IntImm>() != nullptr;
}

namespace {

[[noreturn]] void refuse_constant(const std::string &value, Type t, const Expr &other,
                                  const char *operation) {
    std::string message =
        concat("the constant ", value, " is no value of type ", to_string(t.element_of()));
    if (other.defined()) message += concat(", which it gets beside ", describe(other));
    refuse_operands(101, concat(operation, ": ", message),
                    "cast the other operand to a wider type");
}

// Whether the constants of a type are those that the user may write beside it.
bool is_number(Type t) {
    return t.is_int_or_uint() || t.is_float();
}

}  // namespace

Expr constant_as(Type t, const Expr &e, const Expr &other, const char *operation) {
    const IntImm *i = e.as<IntImm>();
    if (e.type() == t || !i || !is_number(t)) return e;
    if (!t.can_represent(i->value)) refuse_constant(std::to_string(i->value), t, other, operation);
    return make_const(t, i->value);
}

Expr constant_beside(const Expr &other, int64_t value, const char *operation) {
    check_defined(other, operation);
    const Type t = other.type();
    if (!is_number(t)) return Expr(value);
    if (!t.can_represent(value)) refuse_constant(std::to_string(value), t, other, operation);
    return make_const(t, value);
}

Expr constant_beside(const Expr &other, uint64_t value, const char *operation) {
    check_defined(other, operation);
    const Type t = other.type();
    if (!is_number(t)) return Expr(value);
    if (!t.can_represent(value)) refuse_constant(std::to_string(value), t, other, operation);
    return t.is_float() ? make_const(t, static_cast<double>(value))
                        : make_const(t, static_cast<int64_t>(value));
}

Expr constant_beside(const Expr &other, float value, const char *operation) {
    check_defined(other, operation);
    return Expr(value);
}

Expr constant_beside(const Expr &other, double value, const char *operation) {
    check_defined(other, operation);
    const Type t = other.type();
    return t.is_float() ? make_const(t, value) : Expr(value);
}

Expr shift_amount(const Expr &value, int64_t amount, const char *operation) {
    check_defined(value, operation);
    check_integer(value, operation);
    const Type t = value.type().with_code(Type::Int);
    if (!t.can_represent(amount)) refuse_constant(std::to_string(amount), t, value, operation);
    return make_const(t, amount);
}

Expr lossless_cast(Type t, const Expr &e) {
    if (!e.defined() || e.type() == t) return e;
    if (e.type().lanes() != t.lanes()) return Expr();
    if (t.can_represent(e.type())) return cast(t, e);
    if (const FloatImm *f = e.as<FloatImm>())
        return t.can_represent(f->value) ? make_const(t, f->value) : Expr();
    int64_t value;
    if (t.is_float()) {
        return as_const_int(e, &value) && t.can_represent(value) ? make_const(t, value) : Expr();
    }
    if (!t.is_int_or_uint() || !e.type().is_int_or_uint()) return Expr();
    const ConstBounds known = constant_bounds(e), wanted = bounds_of_type(t);
    const bool fits_below = !wanted.min || (known.min && *known.min >= *wanted.min);
    // A signed type always has an upper end, though bounds do not show that of int64.
    const bool fits_above =
        wanted.max ? known.max && *known.max <= *wanted.max : t.is_uint() || known.max.has_value();
    return fits_below && fits_above ? cast(t, e) : Expr();
}

}  // namespace heddle::Internal
