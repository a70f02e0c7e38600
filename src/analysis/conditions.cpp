#include "analysis/conditions.h"

#include "analysis/int_math.h"
#include "analysis/simplify.h"
#include "ir/substitute.h"

namespace heddle::Internal {

Expr without_likely(const Expr &e) {
    const auto *c = e.as<Call>();
    const bool likely = c && (c->op == CallOp::likely || c->op == CallOp::likely_if_innermost);
    return likely ? without_likely(c->args[0]) : e;
}

namespace {

enum class Relation { LT, LE, EQ, NE };

// a `relation` b, for any comparison.
bool as_comparison(const Expr &e, bool negated, Relation &relation, Expr &a, Expr &b) {
    if (const auto *n = e.as<LT>()) {
        relation = Relation::LT, a = n->a, b = n->b;
    } else if (const auto *le = e.as<LE>()) {
        relation = Relation::LE, a = le->a, b = le->b;
    } else if (const auto *gt = e.as<GT>()) {
        relation = Relation::LT, a = gt->b, b = gt->a;
    } else if (const auto *ge = e.as<GE>()) {
        relation = Relation::LE, a = ge->b, b = ge->a;
    } else if (const auto *eq = e.as<EQ>()) {
        relation = Relation::EQ, a = eq->a, b = eq->b;
    } else if (const auto *ne = e.as<NE>()) {
        relation = Relation::NE, a = ne->a, b = ne->b;
    } else {
        return false;
    }
    if (!negated) return true;
    switch (relation) {
    case Relation::LT: relation = Relation::LE; std::swap(a, b); break;
    case Relation::LE: relation = Relation::LT; std::swap(a, b); break;
    case Relation::EQ: relation = Relation::NE; break;
    case Relation::NE: relation = Relation::EQ; break;
    }
    return true;
}

// The forms that are >= 0; `complete` tells whether they say all that the condition says.
void collect(const Expr &condition, bool negated, std::vector<LinearForm> &forms, bool &complete) {
    Expr e = without_likely(condition);
    if (const auto *n = e.as<Not>()) return collect(n->a, !negated, forms, complete);
    const auto *conjunction = e.as<And>();
    const auto *disjunction = e.as<Or>();
    if (conjunction && !negated) {
        collect(conjunction->a, false, forms, complete);
        return collect(conjunction->b, false, forms, complete);
    }
    if (disjunction && negated) {
        collect(disjunction->a, true, forms, complete);
        return collect(disjunction->b, true, forms, complete);
    }
    Relation relation;
    Expr a, b;
    if (!as_comparison(e, negated, relation, a, b) || !no_overflow(a.type()) || relation == Relation::NE) {
        complete = false;
        return;
    }
    LinearForm fa, fb;
    as_linear(without_likely(a), &fa);
    as_linear(without_likely(b), &fb);
    LinearForm d = fb - fa;
    if (relation == Relation::EQ) forms.push_back(scale(d, -1));
    if (relation == Relation::LT) d.constant = wrapping_sub(d.constant, 1);
    forms.push_back(std::move(d));
}

}  // namespace

std::vector<LinearForm> inequalities(const Expr &condition, bool negated) {
    std::vector<LinearForm> forms;
    bool complete = true;
    collect(condition, negated, forms, complete);
    return forms;
}

bool solve_for(const Expr &condition, const Symbol &symbol, Interval &out) {
    Expr simple = simplify(condition);
    if (is_const_true(simple)) {
        out = Interval::everything();
        return true;
    }
    std::vector<LinearForm> forms;
    bool complete = true;
    collect(simple, false, forms, complete);
    if (!complete) return false;
    Interval result;
    for (LinearForm &form : forms) {
        int64_t k = 0;
        for (auto t = form.terms.begin(); t != form.terms.end();) {
            const auto *v = t->atom.as<Variable>();
            if (v && v->symbol == symbol) {
                k = t->coefficient;
                t = form.terms.erase(t);
            } else if (uses(t->atom, symbol)) {
                return false;
            } else {
                ++t;
            }
        }
        if (k == 0 || k == INT64_MIN) return false;
        // k * s + rest >= 0: s >= ceil(-rest / k), or s <= floor(rest / -k).
        Expr end;
        if (k > 0) {
            LinearForm numerator = scale(form, -1);
            numerator.constant = wrapping_add(numerator.constant, k - 1);
            end = simplify(Div::make(to_expr(numerator), make_const(form.type, k)));
            result = intersection(result, {end, Expr()});
        } else {
            end = simplify(Div::make(to_expr(form), make_const(form.type, -k)));
            result = intersection(result, {Expr(), end});
        }
    }
    out = result;
    return true;
}

}  // namespace heddle::Internal
