#pragma once
// Var: a free variable, the name of a dimension of a Func. Two Vars of one name are the same Var.

#include <string>

#include "heddle/expr.h"

namespace heddle {

class Var {
public:
    /** A new Var, whose name nobody else has. */
    Var();
    Var(const std::string &name);
    Var(const char *name);

    const std::string &name() const;
    bool same_as(const Var &o) const {
        return e_.same_as(o.e_);
    }
    /** An int32. */
    operator const Expr &() const {
        return e_;
    }

    /** `_0`, `_1`, ...: what `_` stands for. n is 0 to 9. */
    static Var implicit(int n);
    static bool is_implicit(const std::string &name) {
        return implicit_index(name) >= 0;
    }
    bool is_implicit() const {
        return is_implicit(name());
    }
    /** The n of an implicit Var, else -1. */
    static int implicit_index(const std::string &name);
    int implicit_index() const {
        return implicit_index(name());
    }
    static bool is_placeholder(const std::string &name) {
        return name == "_";
    }
    bool is_placeholder() const {
        return is_placeholder(name());
    }
    /** The loop around all loops of a Func, of one iteration. */
    static Var outermost();

private:
    Expr e_;
};

namespace Internal {
Var implicit_var(int n);
}

/** `_` for N < 0, else `_N`. */
template<int N = -1>
struct ImplicitVar {
    Var to_var() const {
        return Internal::implicit_var(N);
    }
    operator Var() const {
        return to_var();
    }
    operator Expr() const {
        return to_var();
    }
};

/** Stands for all arguments of a Func that are not written. */
inline constexpr ImplicitVar<> _;
inline constexpr ImplicitVar<0> _0;
inline constexpr ImplicitVar<1> _1;
inline constexpr ImplicitVar<2> _2;
inline constexpr ImplicitVar<3> _3;
inline constexpr ImplicitVar<4> _4;
inline constexpr ImplicitVar<5> _5;
inline constexpr ImplicitVar<6> _6;
inline constexpr ImplicitVar<7> _7;
inline constexpr ImplicitVar<8> _8;
inline constexpr ImplicitVar<9> _9;

}  // namespace heddle
