#pragma once
// Building expressions in the tests of this folder, below the language layer.

#include <gtest/gtest.h>

#include "ir/compare.h"
#include "ir/nodes.h"
#include "ir/print.h"

namespace heddle::Internal::test {

/** An expression with operators; ints become constants of the other operand's type. */
struct E {
    Expr e;
    E(Expr x)
        : e(std::move(x)) {
    }
    operator Expr() const {
        return e;
    }
};

inline Expr like(int64_t c, const E &x) {
    return make_const(x.e.type(), c);
}

#define HEDDLE_TEST_OPERATOR(op, Name)        \
    inline E operator op(const E &a, const E &b) { \
        return Name::make(a.e, b.e);          \
    }                                         \
    inline E operator op(const E &a, int64_t b) {  \
        return Name::make(a.e, like(b, a));   \
    }                                         \
    inline E operator op(int64_t a, const E &b) {  \
        return Name::make(like(a, b), b.e);   \
    }
HEDDLE_TEST_OPERATOR(+, Add)
HEDDLE_TEST_OPERATOR(-, Sub)
HEDDLE_TEST_OPERATOR(*, Mul)
HEDDLE_TEST_OPERATOR(/, Div)
HEDDLE_TEST_OPERATOR(%, Mod)
HEDDLE_TEST_OPERATOR(<, LT)
HEDDLE_TEST_OPERATOR(<=, LE)
HEDDLE_TEST_OPERATOR(>, GT)
HEDDLE_TEST_OPERATOR(>=, GE)
HEDDLE_TEST_OPERATOR(==, EQ)
HEDDLE_TEST_OPERATOR(!=, NE)
#undef HEDDLE_TEST_OPERATOR
inline E operator&&(const E &a, const E &b) {
    return And::make(a.e, b.e);
}
inline E operator||(const E &a, const E &b) {
    return Or::make(a.e, b.e);
}
inline E operator!(const E &a) {
    return Not::make(a.e);
}
inline E min(const E &a, const E &b) {
    return Min::make(a.e, b.e);
}
inline E min(const E &a, int64_t b) {
    return Min::make(a.e, like(b, a));
}
inline E max(const E &a, const E &b) {
    return Max::make(a.e, b.e);
}
inline E max(const E &a, int64_t b) {
    return Max::make(a.e, like(b, a));
}
inline E select(const E &c, const E &a, const E &b) {
    return Select::make(c.e, a.e, b.e);
}
inline E select(const E &c, int64_t a, const E &b) {
    return Select::make(c.e, like(a, b), b.e);
}
inline E select(const E &c, const E &a, int64_t b) {
    return Select::make(c.e, a.e, like(b, a));
}
inline E ramp(const E &base, const E &stride, int lanes) {
    return Ramp::make(base.e, stride.e, lanes);
}
inline E ramp(const E &base, int64_t stride, int lanes) {
    return Ramp::make(base.e, like(stride, base), lanes);
}
inline E broadcast(const E &value, int lanes) {
    return Broadcast::make(value.e, lanes);
}
inline E cast(Type t, const E &value) {
    return Cast::make(t, value.e);
}
inline E call(CallOp op, const E &value) {
    return Call::make(value.e.type(), op, {value.e});
}
inline E likely(const E &value) {
    return call(CallOp::likely, value);
}
inline E constant(int64_t c, Type t = Int(32)) {
    return make_const(t, c);
}
inline E variable(const char *name, Type t = Int(32)) {
    return Variable::make(t, Symbol::fresh(name));
}
inline Symbol symbol_of(const Expr &e) {
    return e.as<Variable>()->symbol;
}

inline testing::AssertionResult same(const Expr &got, const Expr &expected) {
    if (equal(got, expected)) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "got " << to_string(got) << ", expected " << to_string(expected);
}

}  // namespace heddle::Internal::test
