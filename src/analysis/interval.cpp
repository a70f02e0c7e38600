// Bounds of expressions. Integer sums are bounded as a whole: terms that cancel are gone before any
// symbol is replaced by its ends.

#include "analysis/interval.h"

#include <unordered_map>

#include "analysis/conditions.h"
#include "analysis/constant_bounds.h"
#include "analysis/int_math.h"
#include "analysis/promises.h"
#include "analysis/simplify.h"
#include "ir/compare.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

bool Interval::is_single_point() const {
    return is_bounded() && (min.same_as(max) || equal(min, max));
}

namespace {

Expr smaller(const Expr &a, const Expr &b) {
    return a.same_as(b) ? a : simplify(Min::make(a, b));
}
Expr larger(const Expr &a, const Expr &b) {
    return a.same_as(b) ? a : simplify(Max::make(a, b));
}
// Of two bounds that both hold, where one may be missing.
Expr tighter_max(const Expr &a, const Expr &b) {
    return !a.defined() ? b : !b.defined() ? a : smaller(a, b);
}
Expr tighter_min(const Expr &a, const Expr &b) {
    return !a.defined() ? b : !b.defined() ? a : larger(a, b);
}

}  // namespace

Interval hull(const Interval &a, const Interval &b) {
    Interval r;
    if (a.min.defined() && b.min.defined()) r.min = smaller(a.min, b.min);
    if (a.max.defined() && b.max.defined()) r.max = larger(a.max, b.max);
    return r;
}

Interval intersection(const Interval &a, const Interval &b) {
    return {tighter_min(a.min, b.min), tighter_max(a.max, b.max)};
}

namespace {

class Bounds {
public:
    Bounds(const Scope<Interval> &scope, std::vector<LinearForm> constraints)
        : scope_(scope), constraints_(std::move(constraints)), known_(no_facts_) {
    }

    Interval operator()(const Expr &e) {
        auto &memo = memo_[narrowing_ ? 0 : 1];
        auto it = memo.find(e.get());
        if (it != memo.end()) return it->second.second;
        Interval r = varies(e) ? visit(e) : Interval::single_point(scalar(e));
        memo.emplace(e.get(), std::make_pair(e, r));
        return r;
    }

private:
    // --- which subexpressions range

    bool varies(const Expr &e) {
        auto it = varies_.find(e.get());
        if (it != varies_.end()) return it->second.second;
        bool found = e.type().is_vector() || e.as<Access>() || e.as<Load>();
        if (const auto *v = e.as<Variable>()) found |= scope_.contains(v->symbol);
        if (const auto *c = e.as<Call>()) found |= !is_pure(c->op);
        if (!found) AnyChildVaries(*this, found).children(*e.get());
        varies_.emplace(e.get(), std::make_pair(e, found));
        return found;
    }

    class AnyChildVaries final : public Walker {
    public:
        AnyChildVaries(Bounds &bounds, bool &found)
            : bounds_(bounds), found_(found) {
        }
        void operator()(const Expr &e) const override {
            if (!found_) found_ = bounds_.varies(e);
        }
        void operator()(const Stmt &) const override {
        }

    private:
        Bounds &bounds_;
        bool &found_;
    };

    // A scalar that stands for all lanes of an expression that does not vary.
    static Expr scalar(const Expr &e) {
        const auto *b = e.as<Broadcast>();
        return b ? scalar(b->value) : e;
    }

    // --- ends

    static Interval type_range(Type t) {
        if (t.is_int_or_uint() && t.bits() < 32) return {t.element_of().min(), t.element_of().max()};
        if (t.is_uint()) return {make_zero(t.element_of()), t.bits() <= 32 ? t.element_of().max() : Expr()};
        return Interval::everything();
    }
    ConstBounds const_bounds(const Interval &i, Type t) {
        ConstBounds r = no_overflow(t) ? ConstBounds{} : bounds_of_type(t);
        if (i.min.defined()) r.min = known_.bounds(i.min).min;
        if (i.max.defined()) r.max = known_.bounds(i.max).max;
        return r;
    }
    // Whether values between the constant bounds are values of t.
    static bool fits(const ConstBounds &b, Type t) {
        const ConstBounds range = bounds_of_type(t);
        if (t.is_uint() && !range.max && !b.max) return false;  // uint64, whose upper end is beyond int64
        return (!range.min || (b.min && *b.min >= *range.min)) && (!range.max || (b.max && *b.max <= *range.max));
    }
    static Interval simplified(Expr low, Expr high) {
        const bool point = low.defined() && low.same_as(high);
        if (low.defined()) low = simplify(low);
        high = point ? low : high.defined() ? simplify(high) : high;
        return {low, high};
    }

    // --- sums

    Interval of_term(const LinearForm::Term &t, Type type) {
        Interval a = (*this)(t.atom);
        if (t.coefficient < 0) std::swap(a.min, a.max);
        const auto times = [&](const Expr &end) {
            return end.defined() ? Mul::make(end, make_const(type.element_of(), t.coefficient)) : end;
        };
        return {times(a.min), times(a.max)};
    }

    Interval of_terms_apart(const LinearForm &form) {
        LinearForm fixed;
        fixed.type = form.type.element_of();
        fixed.constant = form.constant;
        Expr low, high;
        bool has_low = true, has_high = true;
        for (const auto &t : form.terms) {
            if (!varies(t.atom)) {
                fixed.terms.push_back(t);
                continue;
            }
            const Interval i = of_term(t, form.type);
            has_low &= i.min.defined();
            has_high &= i.max.defined();
            if (has_low) low = low.defined() ? Add::make(low, i.min) : i.min;
            if (has_high) high = high.defined() ? Add::make(high, i.max) : i.max;
        }
        Expr base = to_expr(fixed);
        if (!low.defined() && has_low) return Interval::single_point(base);
        return simplified(has_low ? Add::make(low, base) : Expr(), has_high ? Add::make(high, base) : Expr());
    }

    int varying_terms(const LinearForm &form) {
        int n = 0;
        for (const auto &t : form.terms) n += varies(t.atom);
        return n;
    }

    // Whether a ranging symbol of `atom` occurs in another term of the form.
    bool correlated(const LinearForm &form, const LinearForm::Term &term) {
        std::vector<Symbol> inside;
        walk_graph(term.atom, [&](const Variable &v) {
            if (scope_.contains(v.symbol)) inside.push_back(v.symbol);
        });
        for (const auto &t : form.terms) {
            if (&t == &term) continue;
            bool found = false;
            walk_graph(t.atom, [&](const Variable &v) {
                for (const Symbol &s : inside) found |= s == v.symbol;
            });
            if (found) return true;
        }
        return false;
    }

    // k * op(a, b) + rest, brought to one op of two sums when the rest has symbols of a or b.
    Interval distribute(const LinearForm &form) {
        if (depth_ >= 4) return Interval::everything();
        for (const auto &t : form.terms) {
            const auto *min = t.atom.as<Min>();
            const auto *max = t.atom.as<Max>();
            const auto *select = t.atom.as<Select>();
            const auto *div = t.atom.as<Div>();
            int64_t c = 0;
            const bool division = div && as_const_int(div->b, &c) && c > 1 && c < (1 << 20) && t.coefficient < (1 << 20);
            if (!(min || max || select || division) || !varies(t.atom) || !correlated(form, t)) continue;
            LinearForm rest = form;
            std::erase_if(rest.terms, [&](const auto &r) { return r.atom.same_as(t.atom); });
            depth_++;
            Interval r;
            if (division) {
                // c * (k * (a / c) + rest) = k * a + c * rest - k * (a % c)
                LinearForm whole = scale(rest, c);
                add_to(whole, div->a, t.coefficient);
                if (varying_terms(whole) < varying_terms(form)) r = divide_back(whole, t.coefficient, c);
            } else {
                LinearForm fa = rest, fb = rest;
                add_to(fa, min ? min->a : max ? max->a : select->true_value, t.coefficient);
                add_to(fb, min ? min->b : max ? max->b : select->false_value, t.coefficient);
                const Interval a = of_form(fa), b = of_form(fb);
                if (select) {
                    r = hull(a, b);
                } else if ((min != nullptr) == (t.coefficient > 0)) {
                    r = {a.min.defined() && b.min.defined() ? smaller(a.min, b.min) : Expr(), tighter_max(a.max, b.max)};
                } else {
                    r = {tighter_min(a.min, b.min), a.max.defined() && b.max.defined() ? larger(a.max, b.max) : Expr()};
                }
            }
            depth_--;
            return r;
        }
        return Interval::everything();
    }

    Interval divide_back(const LinearForm &whole, int64_t k, int64_t c) {
        Interval w = of_form(whole);
        const Type t = whole.type.element_of();
        // Less k * (0 ... c-1), then divided by c, rounding inwards.
        const int64_t low = k > 0 ? -k * (c - 1) : 0, high = k > 0 ? 0 : -k * (c - 1);
        if (w.min.defined()) w.min = simplify(Div::make(Add::make(w.min, make_const(t, low + c - 1)), make_const(t, c)));
        if (w.max.defined()) w.max = simplify(Div::make(Add::make(w.max, make_const(t, high)), make_const(t, c)));
        return w;
    }

    // Bounds that follow from adding a multiple of a constraint (a form >= 0) that removes a ranging term.
    void narrow(const LinearForm &form, Interval &r) {
        if (narrowing_) return;
        narrowing_ = true;
        for (const LinearForm &f : constraints_) {
            if (f.type != form.type) continue;
            for (const auto &t : form.terms) {
                const int64_t k = varies(t.atom) ? f.coefficient_of(t.atom) : 0;
                if (k == 0 || t.coefficient % k) continue;
                const int64_t factor = t.coefficient / k;
                // form == factor * f + (form - factor * f), and factor * f has the sign of factor.
                LinearForm rest = form - scale(f, factor);
                if (varying_terms(rest) >= varying_terms(form)) continue;
                Interval i = of_terms_apart(rest);
                if (factor > 0) {
                    r.min = tighter_min(r.min, i.min);
                } else {
                    r.max = tighter_max(r.max, i.max);
                }
                break;
            }
        }
        narrowing_ = false;
    }

    Interval of_form(const LinearForm &form) {
        Interval r = of_terms_apart(form);
        if (form.terms.size() > 1) {
            Interval d = distribute(form);
            if (!d.is_everything()) r = intersection(r, d);
        }
        narrow(form, r);
        if (!constraints_.empty()) {
            const LinearForm plain = without_promises_of(form);
            if (!same_terms(plain, form)) {
                narrow(plain, r);
                // x/c*c + x%c is x, once neither is promised anything.
                LinearForm joined;
                as_linear(simplify(to_expr(plain)), &joined);
                if (!same_terms(joined, plain)) narrow(joined, r);
            }
        }
        return r;
    }

    // Conditions are about the values that promises are made of.
    LinearForm without_promises_of(const LinearForm &form) {
        LinearForm plain;
        plain.type = form.type;
        plain.constant = form.constant;
        for (const auto &t : form.terms) {
            const Call *c = t.atom.as<Call>();
            if (!c || c->op != CallOp::promise_clamped) {
                add_to(plain, t.atom, t.coefficient);
                continue;
            }
            auto it = plain_.find(c);
            if (it == plain_.end()) it = plain_.emplace(c, std::make_pair(t.atom, without_promises(t.atom))).first;
            add_to(plain, it->second.second, t.coefficient);
        }
        return plain;
    }

    Interval sum(const Expr &e) {
        LinearForm form;
        as_linear(e, &form);
        if (no_overflow(e.type())) return of_form(form);
        // A type that wraps: only where no order of adding up can.
        ConstBounds total{form.constant, form.constant};
        for (const auto &t : form.terms) total = total + scale(const_bounds((*this)(t.atom), t.atom.type()), t.coefficient);
        return fits(total, e.type()) && total.min && total.max ? of_terms_apart(form) : type_range(e.type());
    }

    // --- other operators

    Interval visit(const Expr &e) {
        if (has_linear_form(e.type()) && (e.as<Add>() || e.as<Sub>())) return sum(e);
        switch (e.get()->kind) {
        case NodeKind::Variable: {
            const Interval *i = scope_.find(e.as<Variable>()->symbol);
            // Of a vector that is not in the scope, no lane is known.
            if (!i && e.type().is_vector()) return type_range(e.type());
            Interval r = i ? *i : Interval::single_point(e);
            if (no_overflow(e.type())) {
                LinearForm form;
                as_linear(e, &form);
                narrow(form, r);
            }
            return r;
        }
        case NodeKind::Add:
        case NodeKind::Sub: return float_sum(e);
        case NodeKind::Mul: return product(*e.as<Mul>());
        case NodeKind::Div: return quotient(*e.as<Div>());
        case NodeKind::Mod: return remainder(*e.as<Mod>());
        case NodeKind::Min: {
            const Interval a = (*this)(e.as<Min>()->a), b = (*this)(e.as<Min>()->b);
            return {a.min.defined() && b.min.defined() ? smaller(a.min, b.min) : Expr(), tighter_max(a.max, b.max)};
        }
        case NodeKind::Max: {
            const Interval a = (*this)(e.as<Max>()->a), b = (*this)(e.as<Max>()->b);
            return {tighter_min(a.min, b.min), a.max.defined() && b.max.defined() ? larger(a.max, b.max) : Expr()};
        }
        case NodeKind::Select: {
            const auto *s = e.as<Select>();
            return choice(s->condition, s->true_value, s->false_value);
        }
        case NodeKind::Cast: return conversion(*e.as<Cast>());
        case NodeKind::EQ:
        case NodeKind::NE:
        case NodeKind::LT:
        case NodeKind::LE:
        case NodeKind::GT:
        case NodeKind::GE: return comparison(e);
        case NodeKind::And: {
            const Interval a = (*this)(e.as<And>()->a), b = (*this)(e.as<And>()->b);
            return simplified(both<And>(a.min, b.min), both<And>(a.max, b.max));
        }
        case NodeKind::Or: {
            const Interval a = (*this)(e.as<Or>()->a), b = (*this)(e.as<Or>()->b);
            return simplified(both<Or>(a.min, b.min), both<Or>(a.max, b.max));
        }
        case NodeKind::Not: {
            const Interval a = (*this)(e.as<Not>()->a);
            return simplified(a.max.defined() ? Not::make(a.max) : Expr(), a.min.defined() ? Not::make(a.min) : Expr());
        }
        case NodeKind::Let: {
            const auto *let = e.as<Let>();
            return (*this)(substitute(let->symbol, let->value, let->body));
        }
        case NodeKind::Broadcast: return (*this)(e.as<Broadcast>()->value);
        case NodeKind::Ramp: {
            const auto *r = e.as<Ramp>();
            const Interval base = (*this)(r->base), step = (*this)(r->stride);
            if (!step.is_bounded()) return type_range(e.type());
            const Type t = e.type().element_of();
            const Expr last = make_const(t, int64_t{r->lanes - 1}), zero = make_zero(t);
            if (!no_overflow(t)) {
                const ConstBounds reach = scale(const_bounds(step, t), r->lanes - 1);
                if (!fits(const_bounds(base, t) + hull({0, 0}, reach), t)) return type_range(t);
            }
            const Expr low = smaller(zero, simplify(Mul::make(step.min, last))), high = larger(zero, simplify(Mul::make(step.max, last)));
            return simplified(both<Add>(base.min, low), both<Add>(base.max, high));
        }
        case NodeKind::Shuffle: {
            const auto *s = e.as<Shuffle>();
            Interval r = (*this)(s->vectors[0]);
            for (size_t i = 1; i < s->vectors.size(); i++) r = hull(r, (*this)(s->vectors[i]));
            return r;
        }
        case NodeKind::VectorReduce: {
            const auto *r = e.as<VectorReduce>();
            if (r->op == ReduceOp::Min || r->op == ReduceOp::Max) return (*this)(r->value);
            return type_range(e.type());
        }
        case NodeKind::Call: return call(*e.as<Call>());
        default: return type_range(e.type());
        }
    }

    template<typename Op>
    static Expr both(const Expr &a, const Expr &b) {
        return a.defined() && b.defined() ? Op::make(a, b) : Expr();
    }

    Interval float_sum(const Expr &e) {
        if (!e.type().is_float()) return type_range(e.type());
        if (const auto *add = e.as<Add>()) {
            const Interval a = (*this)(add->a), b = (*this)(add->b);
            return simplified(both<Add>(a.min, b.min), both<Add>(a.max, b.max));
        }
        const Interval a = (*this)(e.as<Sub>()->a), b = (*this)(e.as<Sub>()->b);
        return simplified(both<Sub>(a.min, b.max), both<Sub>(a.max, b.min));
    }

    Interval product(const Mul &m) {
        const Interval a = (*this)(m.a), b = (*this)(m.b);
        const Type t = m.type;
        if (has_linear_form(t)) {
            int64_t c;
            if (constant_bits(m.a, &c) || constant_bits(m.b, &c)) return sum(Expr(&m));
            if (!no_overflow(t) && !fits(const_bounds(a, t) * const_bounds(b, t), t)) return type_range(t);
        } else if (!t.is_float()) {
            return type_range(t);
        }
        if (a.is_single_point() && b.is_single_point()) {
            return equal(m.a, a.min) && equal(m.b, b.min) ? Interval::single_point(Expr(&m)) :
                                                           Interval::single_point(simplify(Mul::make(a.min, b.min)));
        }
        if (a.is_single_point()) return scaled(b, a.min);
        if (b.is_single_point()) return scaled(a, b.min);
        const ConstBounds ca = const_bounds(a, t), cb = const_bounds(b, t);
        if (ca.min && *ca.min >= 0 && cb.min && *cb.min >= 0) {
            return simplified(both<Mul>(a.min, b.min), both<Mul>(a.max, b.max));
        }
        if (!a.is_bounded() || !b.is_bounded()) return type_range(t);
        return hull(scaled(a, b.min), scaled(a, b.max));
    }

    // a * factor, whose sign may be unknown.
    Interval scaled(const Interval &a, const Expr &factor) {
        const Expr low = both<Mul>(a.min, factor), high = both<Mul>(a.max, factor);
        const ConstBounds sign = known_.bounds(factor);
        double f = 0;
        const bool positive = (sign.min && *sign.min >= 0) || (as_const_float(factor, &f) && f > 0);
        const bool negative = (sign.max && *sign.max <= 0) || (as_const_float(factor, &f) && f < 0);
        if (positive) return simplified(low, high);
        if (negative) return simplified(high, low);
        if (!low.defined() || !high.defined()) return type_range(factor.type());
        Expr l = simplify(low), h = simplify(high);
        return {smaller(l, h), larger(l, h)};
    }

    Interval quotient(const Div &d) {
        const Interval a = (*this)(d.a), b = (*this)(d.b);
        const Type t = d.type;
        if (t.is_float()) {
            double c;
            if (!b.is_single_point() || !as_const_float(b.min, &c) || c == 0) return Interval::everything();
            Interval r{both<Div>(a.min, b.min), both<Div>(a.max, b.min)};
            return c > 0 ? simplified(r.min, r.max) : simplified(r.max, r.min);
        }
        if (!t.is_int_or_uint()) return Interval::everything();
        const ConstBounds cb = const_bounds(b, t);
        if (b.is_single_point() && ((cb.min && *cb.min >= 0) || t.is_uint())) {
            return simplified(both<Div>(a.min, b.min), both<Div>(a.max, b.min));
        }
        if (b.is_single_point() && cb.max && *cb.max < 0 && no_overflow(t)) {
            return simplified(both<Div>(a.max, b.min), both<Div>(a.min, b.min));
        }
        if (!no_overflow(t) || !a.is_bounded()) return type_range(t);
        // |a / b| <= |a|
        const Expr zero = make_zero(t.element_of());
        Expr top = larger(a.max, simplify(Sub::make(zero, a.min)));
        if (b.is_single_point() && !is_const(top)) {
            // Rising or falling with a, whatever the sign of b is, and 0 where b is.
            const Interval ends = simplified(Div::make(a.min, b.min), Div::make(a.max, b.min));
            return {smaller(ends.min, ends.max), larger(ends.min, ends.max)};
        }
        if (cb.min && *cb.min >= 0) return {smaller(a.min, zero), larger(a.max, zero)};
        return simplified(Sub::make(zero, top), top);
    }

    Interval remainder(const Mod &m) {
        const Type t = m.type;
        if (!t.is_int_or_uint()) return Interval::everything();
        const Interval a = (*this)(m.a), b = (*this)(m.b);
        const Expr zero = make_zero(t.element_of()), one = make_one(t.element_of());
        const ConstBounds ca = const_bounds(a, t), cb = const_bounds(b, t);
        const bool not_negative = ca.min && *ca.min >= 0;
        if (cb.is_point() && *cb.min > 0 && a.is_bounded()) {
            const int64_t c = *cb.min;
            const bool one_period = ca.min && ca.max && euclidean_div(*ca.min, c) == euclidean_div(*ca.max, c);
            if (one_period) return simplified(Mod::make(a.min, b.min), Mod::make(a.max, b.min));
        }
        Expr top;
        if (b.max.defined() && cb.min && *cb.min > 0) {
            top = simplify(Sub::make(b.max, one));
        } else if (b.is_bounded() && no_overflow(t)) {
            top = larger(zero, simplify(Sub::make(larger(b.max, Sub::make(zero, b.min)), one)));
        } else if (b.max.defined() && t.is_uint()) {
            top = larger(b.max, one).same_as(b.max) ? simplify(Sub::make(b.max, one)) : b.max;
        } else if (!no_overflow(t)) {
            top = t.element_of().max();
        }
        // A constant end is worth more (to allocations) than one that is sometimes tighter.
        if (not_negative && (!top.defined() || !is_const(top) || ca.max)) top = tighter_max(top, a.max);
        return {zero, top};
    }

    Interval choice(const Expr &condition, const Expr &a, const Expr &b) {
        const Interval c = (*this)(condition);
        if (c.min.defined() && is_const(c.min, 1)) return (*this)(a);
        if (c.max.defined() && is_const(c.max, 0)) return (*this)(b);
        const Interval ia = assuming(condition, false, a), ib = assuming(condition, true, b);
        if (c.is_single_point() && condition.type().is_scalar() && !varies(condition)) {
            const auto pick = [&](const Expr &x, const Expr &y) {
                return x.defined() && y.defined() ? simplify(Select::make(c.min, x, y)) : Expr();
            };
            return {pick(ia.min, ib.min), pick(ia.max, ib.max)};
        }
        return hull(ia, ib);
    }

    // Bounds of e where the condition holds (or, negated, does not).
    Interval assuming(const Expr &condition, bool negated, const Expr &e) {
        if (!varies(e)) return (*this)(e);
        std::vector<LinearForm> more = inequalities(condition, negated);
        if (more.empty() || constraints_.size() > 8) return (*this)(e);
        more.insert(more.end(), constraints_.begin(), constraints_.end());
        Bounds inner(scope_, std::move(more));
        return inner(e);
    }

    Interval comparison(const Expr &e) {
        // a op b as a statement about d = a - b, so that common terms cancel.
        const auto bound = [&](const Expr &a, const Expr &b, auto &&verdict) -> Interval {
            if (a.type().is_int_or_uint() && no_overflow(a.type())) {
                const Interval d = (*this)(simplify(Sub::make(a, b)));
                return verdict(d, Interval::single_point(make_zero(a.type().element_of())));
            }
            return verdict((*this)(a), (*this)(b));
        };
        const auto less = [&](const Interval &a, const Interval &b) {
            return simplified(both<LT>(a.max, b.min), both<LT>(a.min, b.max));
        };
        const auto at_most = [&](const Interval &a, const Interval &b) {
            return simplified(both<LE>(a.max, b.min), both<LE>(a.min, b.max));
        };
        const auto alike = [&](const Interval &a, const Interval &b) -> Interval {
            if (a.is_single_point() && b.is_single_point()) return Interval::single_point(simplify(EQ::make(a.min, b.min)));
            if (!a.is_bounded() || !b.is_bounded()) return Interval::everything();
            return {const_false(), simplify(And::make(LE::make(a.min, b.max), LE::make(b.min, a.max)))};
        };
        if (const auto *n = e.as<LT>()) return bound(n->a, n->b, less);
        if (const auto *n = e.as<GT>()) return bound(n->b, n->a, less);
        if (const auto *n = e.as<LE>()) return bound(n->a, n->b, at_most);
        if (const auto *n = e.as<GE>()) return bound(n->b, n->a, at_most);
        if (const auto *n = e.as<EQ>()) return bound(n->a, n->b, alike);
        const Interval i = bound(e.as<NE>()->a, e.as<NE>()->b, alike);
        if (!i.is_bounded()) return i;
        return simplified(Not::make(i.max), Not::make(i.min));
    }

    Interval conversion(const Cast &n) {
        const Type t = n.type.element_of(), from = n.value.type().element_of();
        if (const auto *c = n.value.as<Call>(); c && c->op == CallOp::abs && t.is_int()) {
            // |x| of a signed x, taken back to signed: its unsigned type would hide the ends.
            const Type signed_type = c->args[0].type().element_of();
            if (no_overflow(signed_type) && t.bits() >= signed_type.bits()) {
                const Interval a = (*this)(c->args[0]);
                if (!a.is_bounded()) return {make_zero(t), Expr()};
                const auto negated = [&](const Expr &e) { return simplify(Sub::make(make_zero(signed_type), e)); };
                const Expr nearest = larger(larger(a.min, negated(a.max)), make_zero(signed_type));
                return {simplify(Cast::make(t, nearest)), simplify(Cast::make(t, larger(negated(a.min), a.max)))};
            }
        }
        Interval v = (*this)(n.value);
        const auto cast = [&](const Expr &e) { return e.defined() ? simplify(Cast::make(t, e)) : e; };
        if (from.is_int_or_uint() && t.is_int_or_uint()) {
            if (t.can_represent(from)) return {cast(v.min), cast(v.max)};
            return fits(const_bounds(v, from), t) ? Interval(cast(v.min), cast(v.max)) : type_range(t);
        }
        if (from.is_float() && t.is_int_or_uint()) {
            double low, high;
            if (!v.is_bounded()) return type_range(t);
            // A conversion that overflows is not defined, so signed 32 and 64 bits need no check.
            const bool known = as_const_float(v.min, &low) && as_const_float(v.max, &high);
            if (no_overflow(t) || (known && t.can_represent(low) && t.can_represent(high))) return {cast(v.min), cast(v.max)};
            return type_range(t);
        }
        if (t.is_float() && (from.is_int_or_uint() || from.is_float())) return {cast(v.min), cast(v.max)};
        return type_range(t);
    }

    Interval call(const Call &c) {
        const Type t = c.type.element_of();
        switch (c.op) {
        case CallOp::likely:
        case CallOp::likely_if_innermost:
        case CallOp::strict_float:
        case CallOp::nontemporal:
        case CallOp::memoize_tag:
        case CallOp::require: return (*this)(c.args[c.op == CallOp::require ? 1 : 0]);
        case CallOp::return_second: return (*this)(c.args[1]);
        case CallOp::promise_clamped:
        case CallOp::unsafe_promise_clamped: {
            const Interval v = (*this)(c.args[0]), low = (*this)(c.args[1]), high = (*this)(c.args[2]);
            return intersection(v, {low.min, high.max});
        }
        case CallOp::if_then_else:
            return c.args.size() == 3 ? choice(c.args[0], c.args[1], c.args[2]) : assuming(c.args[0], false, c.args[1]);
        case CallOp::abs: {
            const Interval a = (*this)(c.args[0]);
            const Type from = c.args[0].type().element_of();
            if (!a.is_bounded()) return t.is_float() ? Interval(make_zero(t), Expr()) : type_range(t);
            const Expr zero = make_zero(from);
            const auto magnitude = [&](const Expr &e) { return simplify(Call::make(t, CallOp::abs, {e})); };
            const Expr top = larger(magnitude(a.min), magnitude(a.max));
            const Expr nearest = larger(larger(a.min, simplify(Sub::make(zero, a.max))), zero);
            return {fits({0, {}}, t) && from.bits() >= 32 ? simplify(Cast::make(t, nearest)) : make_zero(t), top};
        }
        case CallOp::absd: {
            const Interval a = (*this)(c.args[0]), b = (*this)(c.args[1]);
            if (!a.is_bounded() || !b.is_bounded()) return t.is_float() ? Interval(make_zero(t), Expr()) : type_range(t);
            const auto distance = [&](const Expr &x, const Expr &y) { return simplify(Call::make(t, CallOp::absd, {x, y})); };
            return {make_zero(t), larger(distance(a.max, b.min), distance(a.min, b.max))};
        }
        case CallOp::shift_right:
        case CallOp::shift_left: {
            const Interval a = (*this)(c.args[0]);
            int64_t k;
            if (!as_const_int(c.args[1], &k) || k < 0 || k >= t.bits()) return type_range(t);
            const bool left = c.op == CallOp::shift_left;
            if (left && !no_overflow(t) && (k > 31 || !fits(scale(const_bounds(a, t), int64_t{1} << k), t))) return type_range(t);
            const auto shift = [&](const Expr &e) {
                return e.defined() ? simplify(Call::make(t, c.op, {e, make_const(c.args[1].type().element_of(), k)})) : e;
            };
            return {shift(a.min), shift(a.max)};
        }
        case CallOp::floor:
        case CallOp::ceil:
        case CallOp::trunc:
        case CallOp::round:
        case CallOp::sqrt: {
            if (c.args.size() != 1) return Interval::everything();
            const Interval a = (*this)(c.args[0]);
            const auto apply = [&](const Expr &e) { return e.defined() ? simplify(Call::make(t, c.op, {e})) : e; };
            return {apply(a.min), apply(a.max)};
        }
        case CallOp::saturating_cast: {
            const Interval a = (*this)(c.args[0]);
            const auto apply = [&](const Expr &e) { return e.defined() ? simplify(Call::make(t, c.op, {e})) : e; };
            return intersection({apply(a.min), apply(a.max)}, type_range(t));
        }
        case CallOp::bitwise_and: {
            const ConstBounds a = const_bounds((*this)(c.args[0]), t), b = const_bounds((*this)(c.args[1]), t);
            ConstBounds r;
            if (a.min && *a.min >= 0) r = {0, a.max};
            if (b.min && *b.min >= 0) r = intersection(r, {0, b.max});
            const Interval whole = type_range(t);
            return {r.min ? make_const(t, *r.min) : whole.min, r.max ? make_const(t, *r.max) : whole.max};
        }
        case CallOp::count_leading_zeros:
        case CallOp::count_trailing_zeros:
        case CallOp::popcount: return {make_zero(t), make_const(t, int64_t{c.args[0].type().bits()})};
        default: return type_range(t);
        }
    }

    const Scope<Interval> &scope_;
    std::vector<LinearForm> constraints_;
    Facts no_facts_;
    Knowledge known_;
    int depth_ = 0;
    bool narrowing_ = false;
    // Without and with the use of constraints; the Expr keeps the key alive.
    std::unordered_map<const ExprNode *, std::pair<Expr, Interval>> memo_[2];
    std::unordered_map<const ExprNode *, std::pair<Expr, bool>> varies_;
    std::unordered_map<const ExprNode *, std::pair<Expr, Expr>> plain_;
};

}  // namespace

Interval bounds_of(const Expr &e, const Scope<Interval> &scope, const std::vector<Expr> &conditions) {
    std::vector<LinearForm> constraints;
    for (const Expr &c : conditions) {
        for (LinearForm &f : inequalities(c)) constraints.push_back(std::move(f));
        const Expr plain = without_promises(c);
        if (plain.same_as(c)) continue;
        for (LinearForm &f : inequalities(plain)) constraints.push_back(std::move(f));
    }
    return Bounds(scope, std::move(constraints))(simplify(substitute_in_all_lets(e)));
}

}  // namespace heddle::Internal
