// Minima and maxima as lists of operands: duplicates and operands that another one beats are dropped,
// and what all operands have in common is taken out: min(x + 3, x + y) is min(y, 3) + x.

#include <algorithm>
#include <unordered_set>

#include "analysis/int_math.h"
#include "analysis/simplify/simplifier.h"
#include "ir/compare.h"

namespace heddle::Internal {

namespace {

const Expr &left(const Expr &e) {
    return e.as<Min>() ? e.as<Min>()->a : e.as<Max>()->a;
}
const Expr &right(const Expr &e) {
    return e.as<Min>() ? e.as<Min>()->b : e.as<Max>()->b;
}

// The operands of nested nodes of one kind, each node once (x twice is x).
void flatten(const Expr &e, NodeKind kind, ExprList &out) {
    std::vector<Expr> stack{e};
    std::unordered_set<const ExprNode *> seen;
    while (!stack.empty()) {
        Expr top = stack.back();
        stack.pop_back();
        if (!seen.insert(top.get()).second) continue;
        if (top.get()->kind == kind) {
            stack.push_back(right(top));
            stack.push_back(left(top));
        } else {
            out.push_back(std::move(top));
        }
    }
}

Expr chain(NodeKind kind, const ExprList &list) {
    Expr e = list[0];
    for (size_t i = 1; i < list.size(); i++) e = make_binary(kind, e, list[i]);
    return e;
}

// Takes out of all forms the terms that they share, and returns those.
LinearForm take_common_terms(std::vector<LinearForm> &forms) {
    LinearForm common;
    common.type = forms[0].type;
    for (const auto &t : forms[0].terms) {
        const bool shared = std::all_of(forms.begin() + 1, forms.end(), [&](const LinearForm &f) {
            return f.coefficient_of(t.atom) == t.coefficient;
        });
        if (shared) common.terms.push_back(t);
    }
    if (!common.terms.empty()) {
        for (LinearForm &f : forms) f = f - common;
    }
    return common;
}

// The constant that may be taken out of all operands without making any of them larger in magnitude.
int64_t common_constant(const std::vector<LinearForm> &forms) {
    bool positive = true, negative = true;
    int64_t least = INT64_MAX, largest = INT64_MIN;
    size_t sums = 0;
    for (const LinearForm &f : forms) {
        if (f.is_constant()) continue;
        sums++;
        positive &= f.constant > 0;
        negative &= f.constant < 0;
        least = std::min(least, f.constant);
        largest = std::max(largest, f.constant);
    }
    const int64_t c = sums == 0 ? 0 : positive ? least : negative ? largest : 0;
    for (const LinearForm &f : forms) {
        if (!f.is_constant()) continue;
        const auto rest = checked_sub(f.constant, c);
        if (!rest || wrap_signed(*rest, f.type.bits()) != *rest) return 0;
    }
    return c;
}

// The factor of all coefficients and constants; negative when all terms are.
int64_t common_factor(const std::vector<LinearForm> &forms) {
    int64_t g = 0;
    bool negative = true;
    for (const LinearForm &f : forms) {
        for (const auto &t : f.terms) {
            g = gcd(g, t.coefficient);
            negative &= t.coefficient < 0 && t.coefficient != INT64_MIN;
        }
        if (f.constant) g = gcd(g, f.constant);
        if (f.constant == INT64_MIN || wrap_signed(-f.constant, f.type.bits()) != -f.constant) negative = false;
    }
    g = std::max<int64_t>(g, 1);
    return negative ? -g : g;
}

void divide_exactly(LinearForm &f, int64_t factor) {
    for (auto &t : f.terms) t.coefficient /= factor;
    f.constant /= factor;
}

}  // namespace

ExprList min_max_operands(const Expr &e) {
    ExprList operands;
    flatten(e, e.get()->kind, operands);
    return operands;
}

Expr Simplifier::visit_min_max(const Expr &e) {
    const NodeKind kind = e.get()->kind;
    if (!e.type().is_int_or_uint()) return min_max_of_floats(kind, (*this)(left(e)), (*this)(right(e)));
    ExprList outer, operands;
    flatten(e, kind, outer);
    for (const Expr &o : outer) operands.push_back((*this)(o));
    return min_max_of(kind, std::move(operands));
}

// A minimum (maximum) of simplified operands.
Expr Simplifier::min_max_of(NodeKind kind, ExprList operands) {
    const bool is_min = kind == NodeKind::Min;
    const Type type = operands[0].type();
    ExprList nested;
    for (const Expr &o : operands) flatten(o, kind, nested);
    operands = std::move(nested);
    // Constants are folded into one, which stands last.
    Expr constant;
    std::erase_if(operands, [&](const Expr &o) {
        if (!is_const(o)) return false;
        Expr folded = constant.defined() ? fold_binary(kind, constant, o) : o;
        if (!folded.defined()) return false;
        constant = folded;
        return true;
    });
    std::sort(operands.begin(), operands.end(), [](const Expr &a, const Expr &b) { return compare_atoms(a, b) < 0; });
    operands.erase(std::unique(operands.begin(), operands.end(), [](const Expr &a, const Expr &b) { return equal(a, b); }),
                   operands.end());
    if (constant.defined()) operands.push_back(constant);
    drop_beaten(is_min, operands);
    if (operands.size() == 1) return operands[0];
    if (!no_overflow(type)) return with_rules(chain(kind, operands));

    std::vector<LinearForm> forms(operands.size());
    for (size_t i = 0; i < operands.size(); i++) as_linear(operands[i], &forms[i]);
    LinearForm outside = take_common_terms(forms);
    outside.constant = common_constant(forms);
    for (LinearForm &f : forms) f.constant -= outside.constant;
    const int64_t factor = common_factor(forms);
    if (factor != 1) {
        for (LinearForm &f : forms) divide_exactly(f, factor);
    }
    if (outside.terms.empty() && outside.constant == 0 && factor == 1) return with_rules(chain(kind, operands));
    ExprList inner;
    for (const LinearForm &f : forms) inner.push_back(to_expr(f));
    const NodeKind inner_kind = factor > 0 ? kind : is_min ? NodeKind::Max : NodeKind::Min;
    add_to(outside, min_max_of(inner_kind, inner), factor);
    return finish_sum(outside);
}

// Removes each operand that another one makes superfluous.
void Simplifier::drop_beaten(bool is_min, ExprList &operands) {
    constexpr size_t pairwise_limit = 12;
    if (operands.size() > pairwise_limit) return;
    std::vector<bool> dead(operands.size(), false);
    for (size_t i = 0; i < operands.size(); i++) {
        for (size_t j = 0; j < operands.size(); j++) {
            if (i == j || dead[i] || dead[j]) continue;
            // i is superfluous in a minimum if it is >= j.
            dead[i] = is_min ? proved_at_least(operands[i], operands[j], 0) : proved_at_least(operands[j], operands[i], 0);
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < operands.size(); i++) {
        if (!dead[i]) {
            Expr e = operands[i];
            operands[kept++] = std::move(e);
        }
    }
    operands.resize(kept);
}

// Only alike operands and constants: the order of operands decides about NaN and the sign of zero.
Expr Simplifier::min_max_of_floats(NodeKind kind, const Expr &a, const Expr &b) {
    if (equal(a, b)) return a;
    Expr folded = fold_binary(kind, a, b);
    return folded.defined() ? folded : with_rules(make_binary(kind, a, b));
}

}  // namespace heddle::Internal
