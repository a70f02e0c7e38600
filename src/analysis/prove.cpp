#include "analysis/prove.h"

#include <algorithm>

#include "analysis/conditions.h"
#include "analysis/int_math.h"
#include "analysis/samples.h"

namespace heddle::Internal {

namespace {

constexpr int max_cases = 48, max_depth = 8;

LinearForm without(const LinearForm &form, const LinearForm::Term &term) {
    LinearForm rest = form;
    std::erase_if(rest.terms, [&](const auto &t) { return t.atom.same_as(term.atom); });
    return rest;
}

// form with the term k * (one of several) replaced by k * e.
LinearForm replaced(const LinearForm &rest, const Expr &e, int64_t k) {
    LinearForm f = rest;
    add_to(f, e, k);
    return f;
}

}  // namespace

bool Prover::at_least(const LinearForm &form, int64_t bound) {
    const ConstBounds b = known_.bounds(form);
    if (b.min && *b.min >= bound) return true;
    if (refuted(form, bound)) return false;
    budget_ = max_cases;
    return prove(form, bound, 0);
}

// Most of what is asked does not hold, and taking it apart in vain is what takes long.
bool Prover::refuted(const LinearForm &form, int64_t bound) {
    Samples::Values values = samples_(form);
    for (const LinearForm &f : assumptions_) {
        if (std::none_of(values.begin(), values.end(), [&](const auto &v) { return v && *v < bound; })) return false;
        const Samples::Values holds = samples_(f);
        for (size_t i = 0; i < Samples::count; i++) {
            if (!holds[i] || *holds[i] < 0) values[i] = {};
        }
    }
    return std::any_of(values.begin(), values.end(), [&](const auto &v) { return v && *v < bound; });
}

bool Prover::prove(const LinearForm &form, int64_t bound, int depth) {
    const ConstBounds b = known_.bounds(form);
    if (b.min && *b.min >= bound) return true;
    if (depth >= max_depth || budget_ <= 0) return false;
    if (b.max && *b.max < bound) return false;
    budget_--;
    return by_cases(form, bound, depth) || by_value(form, bound, depth) || by_assumption(form, bound, depth);
}

// The two forms with the term k * (min, max or select) replaced by k * (one of its operands).
std::pair<LinearForm, LinearForm> Prover::cases(const LinearForm &form, const LinearForm::Term &t, const Expr &atom) {
    const auto *min = atom.as<Min>();
    const auto *max = atom.as<Max>();
    const auto *select = atom.as<Select>();
    const LinearForm rest = without(form, t);
    return {replaced(rest, min ? min->a : max ? max->a : select->true_value, t.coefficient),
            replaced(rest, min ? min->b : max ? max->b : select->false_value, t.coefficient)};
}

bool Prover::of_both(const LinearForm &form, const LinearForm::Term &t, const Expr &atom, int64_t bound, int depth) {
    const auto [a, b] = cases(form, t, atom);
    return prove(a, bound, depth + 1) && prove(b, bound, depth + 1);
}

bool Prover::of_either(const LinearForm &form, const LinearForm::Term &t, const Expr &atom, int64_t bound, int depth) {
    const auto [a, b] = cases(form, t, atom);
    return prove(a, bound, depth + 1) || prove(b, bound, depth + 1);
}

bool Prover::by_cases(const LinearForm &form, int64_t bound, int depth) {
    // What must hold in both cases is taken apart before what may be chosen: the choice depends on the case.
    const LinearForm::Term *choice = nullptr;
    Expr chosen_from;
    for (const auto &t : form.terms) {
        const int64_t k = t.coefficient;
        Expr atom = without_likely(t.atom);
        if (!atom.same_as(t.atom)) return prove(replaced(without(form, t), atom, k), bound, depth + 1);
        if (const auto *b = atom.as<Broadcast>()) {
            // Lanes of a broadcast minimum are a minimum of broadcasts.
            const auto *min = b->value.as<Min>();
            const auto *max = b->value.as<Max>();
            if (min) atom = Min::make(Broadcast::make(min->a, b->lanes), Broadcast::make(min->b, b->lanes));
            if (max) atom = Max::make(Broadcast::make(max->a, b->lanes), Broadcast::make(max->b, b->lanes));
        }
        if (!atom.as<Min>() && !atom.as<Max>() && !atom.as<Select>()) continue;
        // k * min(a, b) with k < 0, and k * max(a, b) with k > 0, are the larger of the two.
        if ((atom.as<Min>() && k < 0) || (atom.as<Max>() && k > 0)) {
            if (!choice) choice = &t, chosen_from = atom;
            continue;
        }
        return of_both(form, t, atom, bound, depth);
    }
    if (choice) return of_either(form, *choice, chosen_from, bound, depth);
    for (const auto &t : form.terms) {
        if (t.atom.as<Div>() && by_division(form, t, bound, depth)) return true;
    }
    return false;
}

// k * (e / c) + rest >= bound, from c * (e / c) == e - e % c.
bool Prover::by_division(const LinearForm &form, const LinearForm::Term &t, int64_t bound, int depth) {
    const auto *div = t.atom.as<Div>();
    int64_t c = 0;
    constexpr int64_t limit = int64_t{1} << 24;
    const int64_t k = t.coefficient;
    if (!as_const_int(div->b, &c) || c <= 0 || c > limit || std::abs(k) > limit || std::abs(bound) > limit) return false;
    for (const auto &other : form.terms) {
        if (std::abs(other.coefficient) > limit) return false;
    }
    if (std::abs(form.constant) > limit) return false;
    // The largest and smallest e % c, which alignment may make tighter.
    const Alignment a = known_.alignment(div->a);
    const int64_t g = gcd(a.modulus, c);
    const int64_t low = g > 0 ? euclidean_mod(a.remainder, g) : 0, high = c - (g > 0 ? g : 1) + low;
    LinearForm whole = scale(without(form, t), c);
    add_to(whole, div->a, k);
    if (whole.terms.size() > form.terms.size()) return false;
    // c * form == whole - k * (e % c), and form is an integer: form > bound - 1 will do.
    const int64_t least = k > 0 ? -k * high : -k * low;
    return prove(whole, c * (bound - 1) + 1 - least, depth + 1);
}

bool Prover::by_value(const LinearForm &form, int64_t bound, int depth) {
    for (const auto &t : form.terms) {
        const auto *v = t.atom.as<Variable>();
        if (!v) continue;
        auto it = values_.find(v->symbol);
        if (it == values_.end() || it->second.type != form.type) continue;
        if (prove(without(form, t) + scale(it->second, t.coefficient), bound, depth + 1)) return true;
    }
    return false;
}

bool Prover::by_assumption(const LinearForm &form, int64_t bound, int depth) {
    for (const LinearForm &f : assumptions_) {
        if (f.type != form.type) continue;
        for (const auto &t : f.terms) {
            const int64_t k = form.coefficient_of(t.atom);
            if (k == 0 || (k > 0) != (t.coefficient > 0) || k % t.coefficient) continue;
            const int64_t factor = k / t.coefficient;
            LinearForm rest = form - scale(f, factor);
            if (rest.terms.size() > form.terms.size()) continue;
            // form == factor * f + rest, and f >= 0.
            if (prove(rest, bound, depth + 2)) return true;
            break;
        }
    }
    return false;
}

}  // namespace heddle::Internal
