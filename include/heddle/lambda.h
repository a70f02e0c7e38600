#pragma once
// lambda(x, y, e): a Func without a name, defined as e over these Vars.

#include "heddle/func.h"

namespace heddle {

/** Over the implicit Vars of e. */
inline Func lambda(const Expr &e) {
    Func f("lambda");
    f(_) = e;
    return f;
}
inline Func lambda(const Var &x, const Expr &e) {
    Func f("lambda");
    f(x) = e;
    return f;
}
inline Func lambda(const Var &x, const Var &y, const Expr &e) {
    Func f("lambda");
    f(x, y) = e;
    return f;
}
inline Func lambda(const Var &x, const Var &y, const Var &z, const Expr &e) {
    Func f("lambda");
    f(x, y, z) = e;
    return f;
}
inline Func lambda(const Var &x, const Var &y, const Var &z, const Var &w, const Expr &e) {
    Func f("lambda");
    f(x, y, z, w) = e;
    return f;
}
inline Func lambda(const Var &x, const Var &y, const Var &z, const Var &w, const Var &v, const Expr &e) {
    Func f("lambda");
    f(x, y, z, w, v) = e;
    return f;
}

}  // namespace heddle
