#pragma once
// What the expansions of math_expand*.cpp are written in: expressions with operators, and lets.

#include <initializer_list>
#include <iterator>

#include "ir/nodes.h"

namespace heddle::Internal::MathTerms {

// Expressions with operators, all of as many lanes; a number takes the type of the other operand.
struct V {
    Expr e;
    Type type() const {
        return e.type();
    }
    V like(double x) const {
        return {make_const(e.type(), x)};
    }
};
inline V operator+(const V &a, const V &b) { return {Add::make(a.e, b.e)}; }
inline V operator-(const V &a, const V &b) { return {Sub::make(a.e, b.e)}; }
inline V operator*(const V &a, const V &b) { return {Mul::make(a.e, b.e)}; }
inline V operator/(const V &a, const V &b) { return {Div::make(a.e, b.e)}; }
inline V operator+(const V &a, double b) { return a + a.like(b); }
inline V operator-(const V &a, double b) { return a - a.like(b); }
inline V operator*(const V &a, double b) { return a * a.like(b); }
inline V operator-(double a, const V &b) { return b.like(a) - b; }
inline V operator==(const V &a, double b) { return {EQ::make(a.e, a.like(b).e)}; }
inline V operator<(const V &a, double b) { return {LT::make(a.e, a.like(b).e)}; }
inline V operator>(const V &a, double b) { return {GT::make(a.e, a.like(b).e)}; }
inline V operator&&(const V &a, const V &b) { return {And::make(a.e, b.e)}; }
inline V operator||(const V &a, const V &b) { return {Or::make(a.e, b.e)}; }

inline V select(const V &c, const V &a, const V &b) {
    return {Select::make(c.e, a.e, b.e)};
}
inline V cast(Type t, const V &a) {
    return {Cast::make(t.with_lanes(a.type().lanes()), a.e)};
}
inline V bits(Type t, const V &a) {
    return {Reinterpret::make(t.with_lanes(a.type().lanes()), a.e)};
}
inline V call(CallOp op, const V &a) {
    return {Call::make(a.type(), op, {a.e})};
}
inline V is_nan(const V &a) {
    return {Call::make(Bool(a.type().lanes()), CallOp::is_nan, {a.e})};
}
inline V shift_right(const V &a, int by) {
    return {Call::make(a.type(), CallOp::shift_right, {a.e, make_const(a.type(), int64_t{by})})};
}
inline V shift_left(const V &a, int by) {
    return {Call::make(a.type(), CallOp::shift_left, {a.e, make_const(a.type(), int64_t{by})})};
}
inline V bit_op(CallOp op, const V &a, const V &b) {
    return {Call::make(a.type(), op, {a.e, b.e})};
}
inline V int_like(const V &a, int64_t x) {
    return {make_const(a.type(), x)};
}
// x limited to [low, high]; NaN stays.
inline V limit(const V &x, double low, double high) {
    V above = {Max::make(x.like(low).e, x.e)};
    return {Min::make(x.like(high).e, above.e)};
}
// c0 + c1 x + c2 x^2 + ...
inline V polynomial(const V &x, std::initializer_list<double> c) {
    auto it = std::rbegin(c);
    V v = x.like(*it);
    for (++it; it != std::rend(c); ++it) v = v * x + *it;
    return v;
}

// Values that are used more than once, and the result around which they are bound.
class Lets {
public:
    V operator()(const char *name, const V &v) {
        if (is_const(v.e) || v.e.as<Variable>()) return v;
        Symbol s = Symbol::fresh(name);
        lets_.emplace_back(s, v.e);
        return {Variable::make(v.type(), s)};
    }
    Expr around(const V &result) const {
        Expr e = result.e;
        for (size_t i = lets_.size(); i-- > 0;) e = Let::make(lets_[i].first, lets_[i].second, e);
        return e;
    }

private:
    std::vector<std::pair<Symbol, Expr>> lets_;
};

}  // namespace heddle::Internal::MathTerms
