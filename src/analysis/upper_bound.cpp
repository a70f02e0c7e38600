#include "analysis/upper_bound.h"

#include "analysis/conditions.h"
#include "analysis/simplify.h"
#include "ir/rewrite.h"

namespace heddle::Internal {

namespace {

// The replacements of one Min, Max or Select of e that stands in a monotone position.
struct Choice {
    Expr first, second;
    bool either = false;  // one of them bounds e; else both together do
    explicit operator bool() const {
        return first.defined();
    }
};

// sign: whether e grows (+1) or falls (-1) with the value at this position. either: whether a choice is looked for
// of which one replacement bounds e, or one that needs both.
Choice choose(const Expr &e, int sign, bool either);

template<typename N>
Choice within(const N &n, int sign_a, int sign_b, bool either) {
    if (Choice c = choose(n.a, sign_a, either)) return {N::make(c.first, n.b), N::make(c.second, n.b), c.either};
    if (sign_b == 0) return {};
    if (Choice c = choose(n.b, sign_b, either)) return {N::make(n.a, c.first), N::make(n.a, c.second), c.either};
    return {};
}

Choice choose(const Expr &e, int sign, bool either) {
    int64_t c;
    if (const Min *n = e.as<Min>(); n && (sign > 0) == either) return {n->a, n->b, either};
    if (const Max *n = e.as<Max>(); n && (sign < 0) == either) return {n->a, n->b, either};
    if (const Min *n = e.as<Min>()) return within(*n, sign, sign, either);
    if (const Max *n = e.as<Max>()) return within(*n, sign, sign, either);
    if (const Select *n = e.as<Select>()) return either ? Choice() : Choice{n->true_value, n->false_value, false};
    if (const Add *n = e.as<Add>()) return within(*n, sign, sign, either);
    if (const Sub *n = e.as<Sub>()) return within(*n, sign, -sign, either);
    if (const Mul *n = e.as<Mul>(); n && as_const_int(n->b, &c)) return within(*n, c >= 0 ? sign : -sign, 0, either);
    if (const Div *n = e.as<Div>(); n && as_const_int(n->b, &c) && c > 0) return within(*n, sign, 0, either);
    return {};
}

std::optional<int64_t> bound(const Expr &e, const Scope<Interval> &scope, int depth) {
    int64_t c;
    const Expr simple = simplify(e);
    if (as_const_int(simple, &c)) return c;
    if (depth > 0) {
        // What needs both comes first: which of two bounds is the better one depends on it.
        Choice choice = choose(simple, 1, false);
        if (!choice) choice = choose(simple, 1, true);
        if (choice) {
            const std::optional<int64_t> a = bound(choice.first, scope, depth - 1);
            const std::optional<int64_t> b = bound(choice.second, scope, depth - 1);
            if (a && b) return choice.either ? std::min(*a, *b) : std::max(*a, *b);
            if (choice.either && (a || b)) return a ? a : b;
        }
    }
    const Interval i = bounds_of(simple, scope);
    if (i.max.defined() && as_const_int(simplify(i.max), &c)) return c;
    return std::nullopt;
}

}  // namespace

std::optional<int64_t> constant_upper_bound(const Expr &e, const Scope<Interval> &scope) {
    constexpr int most_choices = 6;  // 2^6 leaves at most
    const Expr plain = rewrite(e, [](const Call &c) -> Expr {
        const bool mark = c.op == CallOp::likely || c.op == CallOp::likely_if_innermost;
        return mark ? c.args[0] : Expr(&c);
    });
    return bound(plain, scope, most_choices);
}

}  // namespace heddle::Internal
