// Comparisons. GT and GE become LT and LE; what both sides of an integer comparison share is taken away
// from both; what the bounds, alignments and assumptions decide is decided.

#include <algorithm>

#include "analysis/int_math.h"
#include "analysis/simplify/simplifier.h"
#include "ir/compare.h"

namespace heddle::Internal {

namespace {

// The operands of a comparison, with > and >= turned round.
NodeKind take_apart(const Expr &e, Expr &a, Expr &b) {
    switch (e.get()->kind) {
    case NodeKind::EQ: a = e.as<EQ>()->a, b = e.as<EQ>()->b; return NodeKind::EQ;
    case NodeKind::NE: a = e.as<NE>()->a, b = e.as<NE>()->b; return NodeKind::NE;
    case NodeKind::LT: a = e.as<LT>()->a, b = e.as<LT>()->b; return NodeKind::LT;
    case NodeKind::LE: a = e.as<LE>()->a, b = e.as<LE>()->b; return NodeKind::LE;
    case NodeKind::GT: a = e.as<GT>()->b, b = e.as<GT>()->a; return NodeKind::LT;
    default: a = e.as<GE>()->b, b = e.as<GE>()->a; return NodeKind::LE;
    }
}

// x + 3 against y + 5: the constants lose what they have in common.
void cancel_constants(LinearForm &a, LinearForm &b) {
    int64_t c = 0;
    if (a.is_constant() || b.is_constant()) {
        c = a.is_constant() ? b.constant : a.constant;  // the sum keeps no constant
    } else if ((a.constant > 0) == (b.constant > 0) && a.constant && b.constant) {
        c = std::abs(a.constant) < std::abs(b.constant) ? a.constant : b.constant;
    }
    const auto ca = checked_sub(a.constant, c), cb = checked_sub(b.constant, c);
    if (!ca || !cb || wrap_signed(*ca, a.type.bits()) != *ca || wrap_signed(*cb, b.type.bits()) != *cb) return;
    a.constant = *ca;
    b.constant = *cb;
}

// Terms that stand on both sides are taken away from both.
void cancel_terms(LinearForm &a, LinearForm &b) {
    LinearForm shared;
    shared.type = a.type;
    for (const auto &t : a.terms) {
        const int64_t other = b.coefficient_of(t.atom);
        if (other == 0 || (other > 0) != (t.coefficient > 0)) continue;
        shared.terms.push_back({t.atom, t.coefficient > 0 ? std::min(t.coefficient, other) : std::max(t.coefficient, other)});
    }
    if (shared.terms.empty()) return;
    a = a - shared;
    b = b - shared;
}

// x - y against 0 is x against y.
void move_negative_terms(LinearForm &from, LinearForm &to) {
    if (!to.is_constant() || to.constant != 0 || from.constant != 0) return;
    LinearForm negative;
    negative.type = from.type;
    for (const auto &t : from.terms) {
        if (t.coefficient < 0 && t.coefficient != INT64_MIN) negative.terms.push_back(t);
    }
    if (negative.terms.empty()) return;
    from = from - negative;
    to = to - negative;
}

int64_t ceil_div(int64_t a, int64_t b) {
    return euclidean_div(a, b) + (euclidean_mod(a, b) ? 1 : 0);
}

}  // namespace

Expr Simplifier::visit_comparison(const Expr &e) {
    Expr a, b;
    const NodeKind kind = take_apart(e, a, b);
    a = (*this)(a);
    b = (*this)(b);
    return compare_simplified(kind, a, b);
}

Expr Simplifier::compare_simplified(NodeKind kind, Expr a, Expr b) {
    if (Expr folded = fold_binary(kind, a, b); folded.defined()) return folded;
    const Type type = a.type(), result = Bool(type.lanes());
    const auto *ba = a.as<Broadcast>(), *bb = b.as<Broadcast>();
    if (ba && bb && ba->lanes == bb->lanes) {
        return Broadcast::make(compare_simplified(kind, ba->value, bb->value), ba->lanes);
    }
    if (!type.is_int_or_uint()) return with_rules(make_binary(kind, a, b));
    if (Expr known = decide(kind, a, b, result); known.defined()) return known;
    const bool equality = kind == NodeKind::EQ || kind == NodeKind::NE;
    if (!has_linear_form(type) || !(equality || no_overflow(type))) return with_rules(make_binary(kind, a, b));

    LinearForm fa, fb;
    as_linear(a, &fa);
    as_linear(b, &fb);
    if (!no_overflow(type)) {  // == and != of numbers that wrap
        LinearForm common = fb;
        std::erase_if(common.terms, [&](const auto &t) { return fa.coefficient_of(t.atom) != t.coefficient; });
        common.constant = fb.is_constant() ? fa.constant : fa.is_constant() || fa.constant == fb.constant ? fb.constant : 0;
        fa = fa - common;
        fb = fb - common;
    } else {
        cancel_terms(fa, fb);
        cancel_constants(fa, fb);
        move_negative_terms(fa, fb);
        move_negative_terms(fb, fa);
        if (Expr settled = divide_comparison(kind, fa, fb, result); settled.defined()) return settled;
        tidy_bound(kind, fa, fb);
        move_negative_terms(fa, fb);
        move_negative_terms(fb, fa);
    }
    a = finish_sum(fa);
    b = finish_sum(fb);
    if (Expr folded = fold_binary(kind, a, b); folded.defined()) return folded;
    if (equality && (is_const(a) || (!is_const(b) && compare_atoms(b, a) < 0))) std::swap(a, b);
    return with_rules(make_binary(kind, a, b));
}

// The verdict, if there is one.
Expr Simplifier::decide(NodeKind kind, const Expr &a, const Expr &b, Type result) {
    const auto truth = [&](bool holds) { return make_const(result, int64_t{holds}); };
    switch (kind) {
    case NodeKind::LT:
        if (proved_at_least(b, a, 1)) return truth(true);
        if (proved_at_least(a, b, 0)) return truth(false);
        break;
    case NodeKind::LE:
        if (proved_at_least(b, a, 0)) return truth(true);
        if (proved_at_least(a, b, 1)) return truth(false);
        break;
    default: {
        const bool is_eq = kind == NodeKind::EQ;
        if (equal(a, b)) return truth(is_eq);
        if (proved_at_least(a, b, 1) || proved_at_least(b, a, 1)) return truth(!is_eq);
        if (!no_overflow(a.type())) break;
        LinearForm fa, fb;
        as_linear(a, &fa);
        as_linear(b, &fb);
        const LinearForm d = fa - fb;
        const Alignment alignment = known_.alignment(d);
        if (alignment.modulus > 1 && alignment.remainder != 0) return truth(!is_eq);
        if (proved_at_least(a, b, 0) && proved_at_least(b, a, 0)) return truth(is_eq);
        break;
    }
    }
    return Expr();
}

// 4 * x < 9 is x < 3: divides both sides by what the coefficients have in common, if at most one side has
// a constant. A verdict where an equality cannot hold.
Expr Simplifier::divide_comparison(NodeKind kind, LinearForm &a, LinearForm &b, Type result) {
    int64_t g = 0;
    for (const LinearForm *f : {&a, &b}) {
        for (const auto &t : f->terms) g = gcd(g, t.coefficient);
    }
    if (g <= 1 || (a.constant && b.constant)) return Expr();
    const bool equality = kind == NodeKind::EQ || kind == NodeKind::NE;
    // a + ca < b + cb as a < b + c, c = cb - ca
    const bool on_left = a.constant != 0;
    const int64_t c = on_left ? -a.constant : b.constant;
    if (a.constant == INT64_MIN) return Expr();
    if (equality && c % g) return make_const(result, int64_t{kind == NodeKind::NE});
    const int64_t quotient = kind == NodeKind::LT ? ceil_div(c, g) : euclidean_div(c, g);
    for (LinearForm *f : {&a, &b}) {
        for (auto &t : f->terms) t.coefficient /= g;
        f->constant = 0;
    }
    (on_left ? a.constant : b.constant) = on_left ? -quotient : quotient;
    return Expr();
}

// One spelling each: x + 1 <= y is x < y, x - 1 < y is x <= y, x <= 5 is x < 6, 5 < x is 6 <= x. A single
// term with a negative coefficient against a constant is turned round.
void Simplifier::tidy_bound(NodeKind &kind, LinearForm &a, LinearForm &b) {
    const bool constant_a = a.is_constant(), constant_b = b.is_constant();
    const auto flip = [&](LinearForm &sum, LinearForm &constant) {
        if (sum.terms.size() != 1 || sum.terms[0].coefficient >= 0 || sum.constant != 0) return false;
        if (constant.constant == INT64_MIN || wrap_signed(-constant.constant, a.type.bits()) != -constant.constant) return false;
        sum = scale(sum, -1);
        constant.constant = -constant.constant;
        return true;
    };
    if ((constant_b && flip(a, b)) || (constant_a && flip(b, a))) std::swap(a, b);
    if (kind == NodeKind::EQ || kind == NodeKind::NE) return;
    const int64_t top = a.type.bits() >= 64 ? INT64_MAX : (int64_t{1} << (a.type.bits() - 1)) - 1;
    if (b.is_constant() && kind == NodeKind::LE && b.constant != top) {
        kind = NodeKind::LT;
        b.constant++;
    } else if (a.is_constant() && kind == NodeKind::LT && a.constant != top) {
        kind = NodeKind::LE;
        a.constant++;
    } else if (!a.is_constant() && !b.is_constant()) {
        LinearForm &plus = kind == NodeKind::LE ? a : b, &minus = kind == NodeKind::LE ? b : a;
        if (plus.constant == 1 && minus.constant == 0) {
            plus.constant = 0;
        } else if (minus.constant == -1 && plus.constant == 0) {
            minus.constant = 0;
        } else {
            return;
        }
        kind = kind == NodeKind::LE ? NodeKind::LT : NodeKind::LE;
    }
}

// a - b >= least, for sure.
bool Simplifier::proved_at_least(const Expr &a, const Expr &b, int64_t least) {
    const Type t = a.type();
    if (!t.is_int_or_uint()) return false;
    if (!no_overflow(t)) {
        if (least <= 0 && equal(a, b)) return true;
        const ConstBounds ca = known_.bounds(a), cb = known_.bounds(b);
        if (!ca.min || !cb.max) return false;
        const auto d = checked_sub(*ca.min, *cb.max);
        return d && *d >= least;
    }
    LinearForm fa, fb;
    as_linear(a, &fa);
    as_linear(b, &fb);
    // Constants far apart: their difference would wrap.
    const auto d = checked_sub(fa.constant, fb.constant);
    if (!d || wrap_signed(*d, t.bits()) != *d) {
        return fa.is_constant() && fb.is_constant() && fa.constant > fb.constant;
    }
    return Prover(known_, samples_, assumptions_, values_).at_least(fa - fb, least);
}

}  // namespace heddle::Internal
