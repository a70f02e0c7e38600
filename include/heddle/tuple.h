#pragma once
// Tuple: several Exprs as the value of one Func.

#include <initializer_list>
#include <utility>
#include <vector>

#include "heddle/expr.h"
#include "heddle/operators.h"

namespace heddle {

class FuncRef;

class Tuple {
public:
    explicit Tuple(const Expr &e);
    Tuple(const Expr &a, const Expr &b);
    Tuple(const Expr &a, const Expr &b, const Expr &c);
    template<typename... Args>
        requires Internal::AllExprs<Args...>
    Tuple(const Expr &a, const Expr &b, const Expr &c, const Expr &d, const Args &...args)
        : Tuple(std::vector<Expr>{a, b, c, d, static_cast<Expr>(args)...}) {
    }
    HEDDLE_SPECIAL_MEMBERS(Tuple);
    /** At least one. */
    explicit Tuple(const std::vector<Expr> &exprs);
    /** All values of a Func at one place. */
    Tuple(const FuncRef &f);

    size_t size() const {
        return exprs_.size();
    }
    /** A CompileError for an index that is none. */
    Expr &operator[](size_t i) {
        return exprs_[checked(i)];
    }
    const Expr &operator[](size_t i) const {
        return exprs_[checked(i)];
    }
    const std::vector<Expr> &as_vector() const {
        return exprs_;
    }

private:
    size_t checked(size_t i) const;
    std::vector<Expr> exprs_;
};

/** Element by element. */
Tuple select(const Expr &condition, const Tuple &true_value, const Tuple &false_value);
Tuple select(const Tuple &condition, const Tuple &true_value, const Tuple &false_value);
template<typename... Args>
    requires(sizeof...(Args) >= 1)
Tuple select(const Expr &condition0, const Tuple &value0, const Expr &condition1, const Tuple &value1,
             const Args &...rest) {
    return select(condition0, value0, select(condition1, value1, rest...));
}
template<typename... Args>
    requires(sizeof...(Args) >= 1)
Tuple select(const Tuple &condition0, const Tuple &value0, const Tuple &condition1, const Tuple &value1,
             const Args &...rest) {
    return select(condition0, value0, select(condition1, value1, rest...));
}
/** Of Funcs with one value. */
Expr select(const Expr &condition, const FuncRef &true_value, const FuncRef &false_value);
namespace Internal {
Expr value_of(const FuncRef &f);
}
template<typename... Args>
    requires(sizeof...(Args) >= 1)
Expr select(const Expr &condition0, const FuncRef &value0, const Expr &condition1, const FuncRef &value1,
            const Args &...rest) {
    return select(condition0, Internal::value_of(value0), select(condition1, Internal::value_of(value1), rest...));
}

Expr mux(const Expr &id, const Tuple &values);
Expr mux(const Expr &id, const std::initializer_list<FuncRef> &values);
Tuple mux(const Expr &id, const std::vector<Tuple> &values);
inline Tuple mux(const Expr &id, const std::initializer_list<Tuple> &values) {
    return mux(id, std::vector<Tuple>(values));
}

}  // namespace heddle
