// Sums, differences and products by constants, as linear forms. After collecting, terms are combined that
// belong together:
//     max(a, b) - a            max(b - a, 0)        of indices
//     (a / c) * c + a % c      a
//     a - (a / c) * c          a % c
// Each of these leaves fewer terms in all, so they come to an end.

#include "analysis/int_math.h"
#include "analysis/simplify/simplifier.h"

namespace heddle::Internal {

namespace {

size_t count_cancelled(const LinearForm &inside, const Expr &atom, int64_t coefficient) {
    return inside.coefficient_of(atom) == -coefficient ? 1 : 0;
}

// A name or a constant.
bool cannot_overflow(const Expr &e) {
    LinearForm form;
    if (is_const(e) || !as_linear(e, &form)) return true;
    return form.constant == 0 && form.terms.size() == 1 && form.terms[0].coefficient == 1;
}

}  // namespace

Expr Simplifier::sum(const Expr &e) {
    return finish_sum(collect_linear(e, [&](const Expr &leaf) { return (*this)(leaf); }));
}

// The simplified expression of a form whose atoms are simplified.
Expr Simplifier::finish_sum(LinearForm form) {
    // Each step that applies leaves fewer terms; the count is only against a mistake in that.
    for (int steps = 0; steps < 64; steps++) {
        if (!(absorb_term(form) || absorb_constant(form) || join_division(form) || use_alignment(form))) break;
    }
    Expr e = to_expr(form);
    return form.type.is_vector() ? finish_lanes(e) : e;
}

// The scalar sums that the gathering of lanes has made.
Expr Simplifier::finish_lanes(const Expr &e) {
    const auto finish = [&](const Expr &scalar) {
        LinearForm form;
        return as_linear(scalar, &form) ? finish_sum(form) : scalar;
    };
    if (const auto *b = e.as<Broadcast>()) return Broadcast::make(finish(b->value), b->lanes);
    if (const auto *r = e.as<Ramp>()) {
        Expr base = finish(r->base), stride = finish(r->stride);
        return is_const(stride, 0) ? Broadcast::make(base, r->lanes) : Ramp::make(base, stride, r->lanes);
    }
    const auto *add = e.as<Add>();
    return add && (add->b.as<Broadcast>() || add->b.as<Ramp>()) ? Add::make(add->a, finish_lanes(add->b)) : e;
}

// Moves terms of the rest into a min, max or select with an operand in which they cancel.
bool Simplifier::absorb_term(LinearForm &form) {
    if (form.terms.size() < 2) return false;
    for (const auto &t : form.terms) {
        const auto *min = t.atom.as<Min>();
        const auto *max = t.atom.as<Max>();
        const auto *select = t.atom.as<Select>();
        if (!min && !max && !select) continue;
        if (!select && !no_overflow(form.type)) continue;
        const Expr &p = min ? min->a : max ? max->a : select->true_value;
        const Expr &q = min ? min->b : max ? max->b : select->false_value;
        LinearForm fp, fq, moved;
        as_linear(p, &fp);
        as_linear(q, &fq);
        moved.type = form.type;
        const int64_t k = t.coefficient;
        for (const auto &other : form.terms) {
            if (&other == &t || other.coefficient == INT64_MIN || other.coefficient % k) continue;
            const int64_t inside = other.coefficient / k;
            if (count_cancelled(fp, other.atom, inside) + count_cancelled(fq, other.atom, inside)) {
                moved.terms.push_back({other.atom, inside});
            }
        }
        if (moved.terms.empty()) continue;
        LinearForm rest = form - scale(moved, k);
        std::erase_if(rest.terms, [&](const auto &r) { return r.atom.same_as(t.atom); });
        Expr a = finish_sum(fp + moved), b = finish_sum(fq + moved);
        // Indices lie within what an extent can count; data may lie at both ends of its type, and a difference that
        // the program did not write overflow.
        if (!select && !(cannot_overflow(a) && cannot_overflow(b)) && (is_data(p) || is_data(q))) continue;
        Expr whole = select ? (*this)(Select::make(select->condition, a, b)) :
                              min_max_of(t.atom.get()->kind, {a, b});
        add_to(rest, whole, k);
        form = std::move(rest);
        return true;
    }
    return false;
}

// min(x, y + 8) - 1 is min(x - 1, y + 7): what stands outside is what min_max_of would take out. Only where
// no sum inside can overflow unless the whole does.
bool Simplifier::absorb_constant(LinearForm &form) {
    if (form.constant == 0 || !no_overflow(form.type)) return false;
    for (const auto &t : form.terms) {
        const NodeKind kind = t.atom.get()->kind;
        if ((kind != NodeKind::Min && kind != NodeKind::Max) || (t.coefficient != 1 && t.coefficient != -1)) continue;
        const int64_t k = t.coefficient == 1 ? form.constant : wrapping_sub(0, form.constant);
        if ((kind == NodeKind::Min) != (k < 0)) continue;
        ExprList operands = min_max_operands(t.atom);
        bool all_of_sign = true;
        std::vector<LinearForm> forms(operands.size());
        for (size_t i = 0; i < operands.size(); i++) {
            as_linear(operands[i], &forms[i]);
            const auto sum = checked_add(forms[i].constant, k);
            if (!sum || wrap_signed(*sum, form.type.bits()) != *sum) return false;
            const bool is_constant = forms[i].is_constant();
            forms[i].constant = *sum;
            all_of_sign &= is_constant || (*sum != 0 && (*sum < 0) == (k < 0));
        }
        if (all_of_sign) continue;
        for (size_t i = 0; i < operands.size(); i++) operands[i] = to_expr(forms[i]);
        LinearForm rest = form;
        std::erase_if(rest.terms, [&](const auto &r) { return r.atom.same_as(t.atom); });
        rest.constant = 0;
        add_to(rest, min_max_of(kind, operands), t.coefficient);
        form = std::move(rest);
        return true;
    }
    return false;
}

bool Simplifier::join_division(LinearForm &form) {
    if (!no_overflow(form.type) || form.terms.size() < 2) return false;
    for (const auto &t : form.terms) {
        int64_t c = 0;
        const auto *mod = t.atom.as<Mod>();
        const auto *div = t.atom.as<Div>();
        if (mod && as_const_int(mod->b, &c) && c > 0) {
            // k * (a % c) + k * c * (a / c) is k * a
            Expr quotient = (*this)(Div::make(mod->a, mod->b));
            const auto kc = checked_mul(t.coefficient, c);
            if (is_const(quotient) || quotient.as<Add>() || !kc || form.coefficient_of(quotient) != *kc) continue;
            LinearForm rest = form;
            std::erase_if(rest.terms, [&](const auto &r) { return r.atom.same_as(t.atom); });
            add_to(rest, quotient, -*kc);
            add_to(rest, mod->a, t.coefficient);
            if (rest.terms.size() > form.terms.size()) continue;
            form = std::move(rest);
            return true;
        }
        if (div && as_const_int(div->b, &c) && c > 1 && t.coefficient % c == 0) {
            // k * a - k * c * (a / c) is k * (a % c)
            const int64_t k = -(t.coefficient / c);
            LinearForm a;
            as_linear(div->a, &a);
            bool all = !a.terms.empty();
            for (const auto &term : a.terms) all = all && form.coefficient_of(term.atom) == wrapping_mul(term.coefficient, k);
            if (!all) continue;
            LinearForm rest = form;
            std::erase_if(rest.terms, [&](const auto &r) { return r.atom.same_as(t.atom); });
            rest = rest - scale(a, k);
            add_to(rest, (*this)(Mod::make(div->a, div->b)), k);
            form = std::move(rest);
            return true;
        }
    }
    return false;
}

// k * (a / c) where c divides k and a % c is known: no division is left.
bool Simplifier::use_alignment(LinearForm &form) {
    if (!no_overflow(form.type)) return false;
    for (const auto &t : form.terms) {
        int64_t c = 0;
        const auto *div = t.atom.as<Div>();
        if (!div || !as_const_int(div->b, &c) || c <= 1 || t.coefficient % c) continue;
        const Alignment a = known_.alignment(div->a);
        if (a.modulus % c || (a.modulus == 0)) continue;
        const int64_t k = t.coefficient / c, remainder = euclidean_mod(a.remainder, c);
        LinearForm rest = form;
        std::erase_if(rest.terms, [&](const auto &r) { return r.atom.same_as(t.atom); });
        add_to(rest, div->a, k);
        add_to(rest, make_const(form.type, remainder), -k);
        form = std::move(rest);
        return true;
    }
    return false;
}

Expr Simplifier::visit_mul(const Mul &n) {
    int64_t c;
    if (has_linear_form(n.type) && (constant_bits(n.a, &c) || constant_bits(n.b, &c))) return sum(Expr(&n));
    Expr a = (*this)(n.a), b = (*this)(n.b);
    if (Expr folded = fold_binary(NodeKind::Mul, a, b); folded.defined()) return folded;
    if (!has_linear_form(n.type)) {
        if (is_const(a, 1)) return b;
        if (is_const(b, 1)) return a;
        return with_rules(a.same_as(n.a) && b.same_as(n.b) ? Expr(&n) : Mul::make(a, b));
    }
    LinearForm fa, fb;
    as_linear(a, &fa);
    as_linear(b, &fb);
    if (fa.is_constant()) return finish_sum(scale(fb, fa.constant));
    if (fb.is_constant()) return finish_sum(scale(fa, fb.constant));
    if (Expr e = multiply_lanes(a, b); e.defined()) return e;
    // A constant factor of a single term stands outside: (x * 2) * y is (x * y) * 2.
    int64_t factor = 1;
    for (LinearForm *f : {&fa, &fb}) {
        if (f->terms.size() != 1 || f->constant != 0 || f->terms[0].coefficient == 1) continue;
        factor = wrapping_mul(factor, f->terms[0].coefficient);
        (f == &fa ? a : b) = f->terms[0].atom;
    }
    if (compare_atoms(b, a) < 0) std::swap(a, b);
    Expr product = a.same_as(n.a) && b.same_as(n.b) ? Expr(&n) : with_rules(Mul::make(a, b));
    if (factor == 1) return product;
    LinearForm form;
    form.type = n.type;
    add_to(form, product, factor);
    return finish_sum(form);
}

}  // namespace heddle::Internal
