#include "heddle/param.h"

#include <cmath>

#include "ir/float16.h"
#include "language/operands.h"
#include "language/parameter.h"
#include "language/reachable.h"

namespace heddle::Internal {

namespace {

bool is_number(Type t) {
    return t.is_int_or_uint() || t.is_float();
}

int64_t as_signed(const Scalar &s) {
    return wrap_signed(static_cast<int64_t>(s.bits), s.type.bits());
}

double as_double(const Scalar &s) {
    if (s.type.is_bfloat()) return bfloat16_bits_to_double(static_cast<uint16_t>(s.bits));
    if (s.type.bits() == 16) return float16_bits_to_double(static_cast<uint16_t>(s.bits));
    if (s.type.bits() == 32) return static_cast<double>(s.as<float>());
    return s.as<double>();
}

Scalar from_double(Type t, double x) {
    if (t.is_bfloat()) return {t, double_to_bfloat16_bits(x)};
    if (t.bits() == 16) return {t, double_to_float16_bits(x)};
    Scalar s = t.bits() == 32 ? Scalar::of(static_cast<float>(x)) : Scalar::of(x);
    s.type = t;
    return s;
}

Scalar from_integer(Type t, uint64_t x) {
    return {t, wrap_unsigned(x, t.bits())};
}

[[noreturn]] void refuse_value(const ParameterContents &p, const std::string &value) {
    refuse_operands(121, concat("Param ", p.name, " is of type ", to_string(p.type),
                                ", which has no value ", value));
}

// The same number as a value of p's type.
Scalar converted(const ParameterContents &p, const Scalar &s) {
    const Type t = p.type;
    if (s.type == t || (s.type.is_handle() && t.is_handle())) return {t, s.bits};
    if (!is_number(s.type) || !is_number(t)) {
        refuse_operands(122, concat("Param ", p.name, " of type ", to_string(t),
                                    " is given a value of type ", to_string(s.type)));
    }
    if (s.type.is_float()) {
        const double x = as_double(s);
        if (t.is_float()) return from_double(t, x);
        if (!t.can_represent(x)) refuse_value(p, concat(x));
        return from_integer(t, x < 0 ? static_cast<uint64_t>(static_cast<int64_t>(x))
                                     : static_cast<uint64_t>(x));
    }
    const bool fits = s.type.is_int() ? t.can_represent(as_signed(s)) : t.can_represent(s.bits);
    if (!fits) refuse_value(p, s.type.is_int() ? concat(as_signed(s)) : concat(s.bits));
    if (t.is_float())
        return from_double(t, s.type.is_int() ? static_cast<double>(as_signed(s))
                                              : static_cast<double>(s.bits));
    return from_integer(t, s.type.is_int() ? static_cast<uint64_t>(as_signed(s)) : s.bits);
}

// A limit as an Expr of p's type.
Expr limit(const ParameterContents &p, const Expr &e, const char *what) {
    if (!e.defined()) return e;
    const Expr value = lossless_cast(p.type, e);
    if (!value.defined()) {
        refuse_operands(123, concat("the ", what, " of Param ", p.name, " must be of type ",
                                    to_string(p.type), ", not ", describe(e)));
    }
    return value;
}

}  // namespace

Expr Scalar::as_expr() const {
    if (type.is_float()) return make_const(type, as_double(*this));
    if (type.is_handle()) return reinterpret(type, Expr(bits));
    return make_const(type, static_cast<int64_t>(bits));
}

std::shared_ptr<ParameterContents> make_scalar_parameter(Type type, const std::string &name) {
    if (type.bits() == 0 || !type.is_scalar()) {
        refuse_operands(124, concat("Param ", name, " cannot be of type ", to_string(type)));
    }
    return ParameterContents::create(type, false, 0, name.empty() ? unique_name("p") : name);
}

Type type_of_parameter(const ParameterContents &p) {
    return p.type;
}
const std::string &name_of_parameter(const ParameterContents &p) {
    return p.name;
}

void set_scalar(ParameterContents &p, const Scalar &value) {
    const Scalar s = converted(p, value);
    p.scalar_bits = s.bits;
    p.scalar_set = true;
    if (!p.default_value.defined() && is_number(p.type)) p.default_value = s.as_expr();
}

Scalar get_scalar(const ParameterContents &p, Type type) {
    check_scalar_type(p, type);
    return {p.type, p.scalar_bits};
}

void set_scalar_estimate(ParameterContents &p, const Scalar &value) {
    p.estimate = converted(p, value).as_expr();
}

void set_scalar_range(ParameterContents &p, const Expr &min, const Expr &max) {
    const Expr low = limit(p, min, "min"), high = limit(p, max, "max");
    p.min_value = low;
    p.max_value = high;
    p.changes++;
}
void set_scalar_min(ParameterContents &p, const Expr &min) {
    p.min_value = limit(p, min, "min");
    p.changes++;
}
void set_scalar_max(ParameterContents &p, const Expr &max) {
    p.max_value = limit(p, max, "max");
    p.changes++;
}
Expr scalar_min(const ParameterContents &p) {
    return p.min_value;
}
Expr scalar_max(const ParameterContents &p) {
    return p.max_value;
}

Expr scalar_expr(const std::shared_ptr<ParameterContents> &p) {
    return Variable::make(p->type, p->symbol, p);
}

Argument scalar_argument(const ParameterContents &p) {
    return argument_of(p);
}

void check_scalar_type(const ParameterContents &p, Type wanted) {
    if (p.type == wanted && !p.is_buffer) return;
    refuse_operands(122, concat("Param ", p.name, " is of type ", to_string(p.type), ", not ",
                                to_string(wanted)));
}

}  // namespace heddle::Internal
