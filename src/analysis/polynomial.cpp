#include "analysis/polynomial.h"

#include <algorithm>
#include <cmath>

namespace heddle::Internal {

namespace {

constexpr size_t most_terms = 2000;

bool add_checked(int64_t &into, int64_t a, int64_t b) {
    int64_t product = 0;
    return !__builtin_mul_overflow(a, b, &product) && !__builtin_add_overflow(into, product, &into);
}

}  // namespace

Polynomial Polynomial::constant(int64_t value) {
    Polynomial p;
    if (value != 0) p.terms_[{}] = value;
    return p;
}

Polynomial Polynomial::symbol(const Symbol &s) {
    Polynomial p;
    p.terms_[{s}] = 1;
    return p;
}

bool Polynomial::add(const Polynomial &p, int64_t factor) {
    for (const auto &[monomial, coefficient] : p.terms_) {
        int64_t &sum = terms_[monomial];
        if (!add_checked(sum, coefficient, factor)) return false;
        if (sum == 0) terms_.erase(monomial);
    }
    return terms_.size() <= most_terms;
}

std::optional<Polynomial> Polynomial::product(const Polynomial &a, const Polynomial &b) {
    Polynomial result;
    for (const auto &[m, c] : a.terms_) {
        for (const auto &[n, d] : b.terms_) {
            Monomial joined;
            std::merge(m.begin(), m.end(), n.begin(), n.end(), std::back_inserter(joined));
            int64_t &sum = result.terms_[joined];
            if (!add_checked(sum, c, d)) return {};
            if (sum == 0) result.terms_.erase(joined);
        }
        if (result.terms_.size() > most_terms) return {};
    }
    return result;
}

std::optional<Polynomial> Polynomial::of(const Expr &e) {
    int64_t value = 0;
    double real = 0;
    if (as_const_int(e, &value)) return constant(value);
    if (as_const_float(e, &real)) {
        if (std::floor(real) != real || std::abs(real) > 1e6) return {};
        return constant(static_cast<int64_t>(real));
    }
    if (const Variable *v = e.as<Variable>()) return symbol(v->symbol);
    const auto both = [&](const auto &n, auto combine) -> std::optional<Polynomial> {
        std::optional<Polynomial> a = of(n.a), b = of(n.b);
        if (!a || !b) return {};
        return combine(*a, *b);
    };
    const auto sum = [](int64_t sign) {
        return [sign](Polynomial a, const Polynomial &b) -> std::optional<Polynomial> {
            if (!a.add(b, sign)) return {};
            return a;
        };
    };
    if (const Add *n = e.as<Add>()) return both(*n, sum(1));
    if (const Sub *n = e.as<Sub>()) return both(*n, sum(-1));
    if (const Mul *n = e.as<Mul>()) return both(*n, product);
    return {};
}

std::optional<Polynomial> Polynomial::substituted(const Map &map) const {
    Polynomial result;
    for (const auto &[monomial, coefficient] : terms_) {
        std::optional<Polynomial> term = constant(coefficient);
        for (const Symbol &s : monomial) {
            const auto it = map.find(s);
            term = product(*term, it == map.end() ? symbol(s) : it->second);
            if (!term) return {};
        }
        if (!result.add(*term, 1)) return {};
    }
    return result;
}

}  // namespace heddle::Internal
