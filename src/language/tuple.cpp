#include "heddle/tuple.h"

#include "heddle/func.h"
#include "language/operands.h"

namespace heddle {

using namespace Internal;

HEDDLE_DEFINE_SPECIAL_MEMBERS(Tuple);

Tuple::Tuple(const Expr &e)
    : exprs_{e} {
}

Tuple::Tuple(const Expr &a, const Expr &b)
    : exprs_{a, b} {
}

Tuple::Tuple(const Expr &a, const Expr &b, const Expr &c)
    : exprs_{a, b, c} {
}

Tuple::Tuple(const std::vector<Expr> &exprs)
    : exprs_(exprs) {
    if (exprs_.empty()) refuse_operands(119, "a Tuple of no Exprs");
}

Tuple::Tuple(const FuncRef &f)
    : Tuple(f.to_tuple()) {
}

size_t Tuple::checked(size_t i) const {
    if (i >= exprs_.size())
        refuse_operands(119, concat("a Tuple of ", exprs_.size(), " has no element ", i));
    return i;
}

namespace {

void check_sizes(size_t a, size_t b, const char *operation) {
    if (a != b)
        refuse_operands(119, concat(operation, " between Tuples of ", a, " and ", b, " elements"));
}

}  // namespace

Tuple select(const Expr &condition, const Tuple &a, const Tuple &b) {
    check_sizes(a.size(), b.size(), "select");
    std::vector<Expr> values;
    for (size_t i = 0; i < a.size(); i++)
        values.push_back(select(condition, a[i], b[i]));
    return Tuple(values);
}

Tuple select(const Tuple &condition, const Tuple &a, const Tuple &b) {
    check_sizes(a.size(), b.size(), "select");
    check_sizes(condition.size(), a.size(), "select");
    std::vector<Expr> values;
    for (size_t i = 0; i < a.size(); i++)
        values.push_back(select(condition[i], a[i], b[i]));
    return Tuple(values);
}

Expr select(const Expr &condition, const FuncRef &a, const FuncRef &b) {
    return select(condition, Expr(a), Expr(b));
}

Expr Internal::value_of(const FuncRef &f) {
    return f;
}

Expr mux(const Expr &id, const Tuple &values) {
    return mux(id, values.as_vector());
}

Expr mux(const Expr &id, const std::initializer_list<FuncRef> &values) {
    return mux(id, std::vector<Expr>(values.begin(), values.end()));
}

Tuple mux(const Expr &id, const std::vector<Tuple> &values) {
    if (values.empty()) refuse_operands(119, "mux among no Tuples");
    std::vector<Expr> result;
    for (size_t i = 0; i < values[0].size(); i++) {
        std::vector<Expr> elements;
        for (const Tuple &t : values) {
            check_sizes(t.size(), values[0].size(), "mux");
            elements.push_back(t[i]);
        }
        result.push_back(mux(id, elements));
    }
    return Tuple(result);
}

}  // namespace heddle
