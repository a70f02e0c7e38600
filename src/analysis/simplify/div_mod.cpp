// Division and remainder by constants: what is a multiple of the divisor comes out exactly.

#include "analysis/int_math.h"
#include "analysis/modulus.h"
#include "analysis/simplify/simplifier.h"

namespace heddle::Internal {

namespace {

// The parts of a numerator: multiples of c (divided by c), and the rest.
struct Parts {
    LinearForm whole, rest;
};

Parts split_multiples(const LinearForm &form, int64_t c) {
    Parts p;
    p.whole.type = p.rest.type = form.type;
    for (const auto &t : form.terms) {
        if (t.coefficient % c) {
            p.rest.terms.push_back(t);
        } else {
            p.whole.terms.push_back({t.atom, t.coefficient / c});
        }
    }
    // Truncated: the constant that stays is nearer to zero, so no sum overflows that did not before.
    p.whole.constant = form.constant / c;
    p.rest.constant = form.constant % c;
    return p;
}

int64_t common_divisor(const LinearForm &form, int64_t c) {
    int64_t g = c;
    for (const auto &t : form.terms) g = gcd(g, t.coefficient);
    return g;
}

// (form with coefficients divided by g), the constant rounded down.
LinearForm divided(const LinearForm &form, int64_t g) {
    LinearForm f = form;
    for (auto &t : f.terms) t.coefficient /= g;
    f.constant = euclidean_div(f.constant, g);
    return f;
}

}  // namespace

// The terms that are multiples of c because their atoms are, and the rest.
void Simplifier::split_aligned(const LinearForm &form, int64_t c, LinearForm &aligned, LinearForm &rest) {
    aligned.type = rest.type = form.type;
    for (const auto &t : form.terms) {
        const Alignment a = multiply(known_.alignment(t.atom), exactly(t.coefficient));
        const bool multiple = (a.modulus != 0 || a.remainder != 0) && a.modulus % c == 0 && a.remainder % c == 0;
        (multiple ? aligned : rest).terms.push_back(t);
    }
    rest.constant = form.constant;
}

Expr Simplifier::visit_div(const Div &n) {
    Expr a = (*this)(n.a), b = (*this)(n.b);
    if (Expr folded = fold_binary(NodeKind::Div, a, b); folded.defined()) return folded;
    if (is_const(b, 1)) return a;
    if (!n.type.is_int_or_uint()) return with_rules(Div::make(a, b));
    if (is_const(b, 0) || is_const(a, 0)) return make_zero(n.type);
    int64_t c;
    if (no_overflow(n.type) && as_const_int(b, &c)) {
        if (c > 1) return div_by_constant(a, c);
        // a / -c is -(a / c), except that -INT64_MIN does not exist.
        if (c < 0 && wrap_signed(-c, n.type.bits()) == -c) {
            LinearForm f;
            f.type = n.type;
            add_to(f, (*this)(Div::make(a, make_const(n.type, -c))), -1);
            return finish_sum(f);
        }
    }
    if (as_const_int(b, &c) && c > 0) {
        const ConstBounds bounds = known_.bounds(a);
        if (bounds.min && bounds.max && euclidean_div(*bounds.min, c) == euclidean_div(*bounds.max, c)) {
            return make_const(n.type, euclidean_div(*bounds.min, c));
        }
    }
    return with_rules(a.same_as(n.a) && b.same_as(n.b) ? Expr(&n) : Div::make(a, b));
}

// a / c for c > 1 in a type without overflow, a simplified.
Expr Simplifier::div_by_constant(const Expr &a, int64_t c) {
    LinearForm form;
    as_linear(a, &form);
    const Type t = form.type;
    Parts p = split_multiples(form, c);
    if (!p.whole.terms.empty() || p.whole.constant) {
        add_to(p.whole, div_by_constant(to_expr(p.rest), c), 1);
        return finish_sum(p.whole);
    }
    if (form.is_constant()) return make_const(t, euclidean_div(form.constant, c));
    // (4 * x + k) / 8 is (x + k / 4) / 2
    if (const int64_t g = common_divisor(form, c); g > 1) {
        Expr numerator = finish_sum(divided(form, g));
        return c == g ? numerator : div_by_constant(numerator, c / g);
    }
    const ConstBounds bounds = known_.bounds(form);
    if (bounds.min && bounds.max && euclidean_div(*bounds.min, c) == euclidean_div(*bounds.max, c)) {
        return make_const(t, euclidean_div(*bounds.min, c));
    }
    LinearForm aligned, rest;
    split_aligned(form, c, aligned, rest);
    if (!aligned.terms.empty() && !(rest.is_constant() && rest.constant == 0)) {
        // (aligned + rest) / c with rest within one period
        const ConstBounds r = known_.bounds(rest);
        if (r.min && r.max && euclidean_div(*r.min, c) == euclidean_div(*r.max, c)) {
            LinearForm f;
            f.type = t;
            f.constant = euclidean_div(*r.min, c);
            add_to(f, div_by_constant(to_expr(aligned), c), 1);
            return finish_sum(f);
        }
    }
    // (x / 3) / 4 is x / 12
    if (const auto *inner = a.as<Div>()) {
        int64_t d;
        if (as_const_int(inner->b, &d) && d > 0) {
            const auto product = checked_mul(c, d);
            if (product && wrap_signed(*product, t.bits()) == *product) return div_by_constant(inner->a, *product);
        }
    }
    return with_rules(Div::make(a, make_const(t, c)));
}

Expr Simplifier::visit_mod(const Mod &n) {
    Expr a = (*this)(n.a), b = (*this)(n.b);
    if (Expr folded = fold_binary(NodeKind::Mod, a, b); folded.defined()) return folded;
    if (!n.type.is_int_or_uint()) return with_rules(Mod::make(a, b));
    if (is_const(b, 0) || is_const(b, 1) || is_const(a, 0)) return make_zero(n.type);
    int64_t c;
    if (as_const_int(b, &c) && no_overflow(n.type)) {
        if (c < 0 && wrap_signed(-c, n.type.bits()) == -c) c = -c;
        if (c > 0) return mod_by_constant(a, c);
    }
    if (as_const_int(b, &c) && c > 0) {
        const ConstBounds bounds = known_.bounds(a);
        if (bounds.min && bounds.max && *bounds.min >= 0 && *bounds.max < c) return a;
    }
    return with_rules(a.same_as(n.a) && b.same_as(n.b) ? Expr(&n) : Mod::make(a, b));
}

// a % c for c > 0 in a type without overflow, a simplified.
Expr Simplifier::mod_by_constant(const Expr &a, int64_t c) {
    if (c == 1) return make_zero(a.type());
    LinearForm form;
    as_linear(a, &form);
    const Type t = form.type;
    // Coefficients and the constant are reduced towards zero.
    bool reduced = false;
    std::erase_if(form.terms, [&](auto &term) {
        const int64_t k = term.coefficient % c;
        reduced |= k != term.coefficient;
        term.coefficient = k;
        return k == 0;
    });
    reduced |= form.constant % c != form.constant;
    form.constant %= c;
    if (form.is_constant()) return make_const(t, euclidean_mod(form.constant, c));
    if (reduced) return mod_by_constant(finish_sum(form), c);

    const Alignment alignment = known_.alignment(form);
    if (alignment.modulus && alignment.modulus % c == 0) return make_const(t, euclidean_mod(alignment.remainder, c));
    // (4 * x + k) % 8 is (x + k / 4) % 2 * 4 + k % 4
    if (const int64_t g = common_divisor(form, c); g > 1) {
        LinearForm result;
        result.type = t;
        result.constant = euclidean_mod(form.constant, g);
        add_to(result, mod_by_constant(finish_sum(divided(form, g)), c / g), g);
        return finish_sum(result);
    }
    const ConstBounds bounds = known_.bounds(form);
    if (bounds.min && bounds.max && euclidean_div(*bounds.min, c) == euclidean_div(*bounds.max, c)) {
        const auto period = checked_mul(euclidean_div(*bounds.min, c), c);
        if (period) {
            form.constant = wrapping_sub(form.constant, *period);
            return finish_sum(form);
        }
    }
    LinearForm aligned, rest;
    split_aligned(form, c, aligned, rest);
    if (!aligned.terms.empty()) return mod_by_constant(finish_sum(rest), c);
    // (x % 16) % 8 is x % 8
    if (const auto *inner = a.as<Mod>()) {
        int64_t d;
        if (as_const_int(inner->b, &d) && d > 0 && d % c == 0) return mod_by_constant(inner->a, c);
    }
    return with_rules(Mod::make(a, make_const(t, c)));
}

}  // namespace heddle::Internal
