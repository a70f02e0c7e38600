// Bool operators and select.

#include "analysis/conditions.h"
#include "analysis/simplify/simplifier.h"

namespace heddle::Internal {

Expr Simplifier::visit_not(const Not &n) {
    Expr a = (*this)(n.a);
    if (is_const(a)) return make_const(n.type, int64_t{is_const(a, 0)});
    if (const auto *b = a.as<Broadcast>()) return Broadcast::make((*this)(Not::make(b->value)), b->lanes);
    return with_rules(a.same_as(n.a) ? Expr(&n) : Not::make(a));
}

Expr Simplifier::visit_and_or(const Expr &e) {
    const bool is_and = e.as<And>() != nullptr;
    const Expr &a0 = is_and ? e.as<And>()->a : e.as<Or>()->a, &b0 = is_and ? e.as<And>()->b : e.as<Or>()->b;
    Expr a = (*this)(a0), b = (*this)(b0);
    const int64_t absorbing = is_and ? 0 : 1;
    if (is_const(a, absorbing) || is_const(b, 1 - absorbing) || equal(a, b)) return a;
    if (is_const(b, absorbing) || is_const(a, 1 - absorbing)) return b;
    if (Expr lanes = broadcast_operation(e.get()->kind, a, b); lanes.defined()) return lanes;
    return with_rules(a.same_as(a0) && b.same_as(b0) ? e : make_binary(e.get()->kind, a, b));
}

Expr Simplifier::visit_select(const Select &n) {
    Expr c = (*this)(n.condition);
    if (is_const(c, 1)) return (*this)(n.true_value);
    if (is_const(c, 0)) return (*this)(n.false_value);
    Expr a = (*this)(n.true_value), b = (*this)(n.false_value);
    if (equal(a, b)) return a;
    for (const auto &[condition, holds] : known_conditions_) {
        if (equal(condition, without_likely(c))) return holds ? a : b;
    }
    const auto *bc = c.as<Broadcast>();
    if (bc && bc->value.type().is_scalar()) c = bc->value;
    const auto *ba = a.as<Broadcast>(), *bb = b.as<Broadcast>();
    if (ba && bb && ba->lanes == bb->lanes && c.type().is_scalar()) {
        return Broadcast::make((*this)(Select::make(c, ba->value, bb->value)), ba->lanes);
    }
    // What both branches share stands outside.
    if (has_linear_form(n.type)) {
        LinearForm fa, fb, common;
        as_linear(a, &fa);
        as_linear(b, &fb);
        common.type = n.type;
        for (const auto &t : fa.terms) {
            if (fb.coefficient_of(t.atom) == t.coefficient) common.terms.push_back(t);
        }
        if (fa.constant == fb.constant && !fa.is_constant() && !fb.is_constant()) common.constant = fa.constant;
        if (!common.terms.empty() || common.constant) {
            add_to(common, (*this)(Select::make(c, finish_sum(fa - common), finish_sum(fb - common))), 1);
            return finish_sum(common);
        }
    }
    const bool same = c.same_as(n.condition) && a.same_as(n.true_value) && b.same_as(n.false_value);
    return with_rules(same ? Expr(&n) : Select::make(c, a, b));
}

}  // namespace heddle::Internal
