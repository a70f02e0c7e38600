// Lets. A value that is as cheap as its name is put in the name's place; a value that is used once, too,
// within expressions (moving it out of a statement might bring it into a loop). Of other values the bounds
// are known.

#include "analysis/simplify/simplifier.h"

namespace heddle::Internal {

bool is_pure(const Expr &e) {
    bool pure = true;
    walk_graph(e, [&](const Call &c) { pure &= is_pure(c.op); });
    return pure;
}

namespace {

// A constant, a name, or a name with a constant added or converted.
bool is_trivial(const Expr &e) {
    if (is_const(e) || e.as<Variable>() || e.as<StringImm>()) return true;
    if (const auto *b = e.as<Broadcast>()) return is_trivial(b->value);
    if (const auto *c = e.as<Cast>()) return is_trivial(c->value);
    LinearForm form;
    if (!no_overflow(e.type()) || !(e.as<Add>() || e.as<Sub>() || e.as<Mul>()) || !as_linear(e, &form)) return false;
    int operations = form.constant != 0;
    for (const auto &t : form.terms) {
        if (!t.atom.as<Variable>()) return false;
        operations += 1 + (t.coefficient != 1 && t.coefficient != -1);
    }
    return operations <= 3;
}

}  // namespace

void Simplifier::know_let(const Symbol &symbol, const Expr &value) {
    if (!value.type().is_int_or_uint()) return;
    if (is_data(value)) data_.insert(symbol);
    facts_.symbols.push(symbol, {known_.bounds(value), known_.alignment(value)});
    LinearForm form;
    if (!no_overflow(value.type()) || !value.type().is_scalar() || !as_linear(value, &form) || form.terms.size() > 4) return;
    values_.insert_or_assign(symbol, form);
}

void Simplifier::forget_let(const Symbol &symbol) {
    if (facts_.symbols.contains(symbol)) facts_.symbols.pop(symbol);
    values_.erase(symbol);
    data_.erase(symbol);
}

bool Simplifier::is_data(const Expr &e) const {
    bool found = false;
    walk_graph(
        e, [&](const Access &) { found = true; }, [&](const Load &) { found = true; },
        [&](const Call &c) { found |= !is_pure(c.op); }, [&](const Variable &v) { found |= data_.contains(v.symbol); });
    return found;
}

Expr Simplifier::visit_let(const Let &n) {
    Expr value = (*this)(n.value);
    if (is_trivial(value) || (uses_[n.symbol] <= 1 && is_pure(value))) {
        replacements_[n.symbol] = value;
        return (*this)(n.body);
    }
    know_let(n.symbol, value);
    Expr body = (*this)(n.body);
    forget_let(n.symbol);
    return value.same_as(n.value) && body.same_as(n.body) ? Expr(&n) : Let::make(n.symbol, value, body);
}

Stmt Simplifier::visit_let(const LetStmt &n) {
    Expr value = (*this)(n.value);
    if (is_trivial(value)) {
        replacements_[n.symbol] = value;
        return (*this)(n.body);
    }
    know_let(n.symbol, value);
    Stmt body = (*this)(n.body);
    forget_let(n.symbol);
    return value.same_as(n.value) && body.same_as(n.body) ? Stmt(&n) : LetStmt::make(n.symbol, value, body);
}

}  // namespace heddle::Internal
