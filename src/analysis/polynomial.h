#pragma once
// Polynomials with integer coefficients in a normal form, so that two are the same exactly when they are equal
// in every commutative ring: in integers that wrap as well as in real numbers.

#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "ir/nodes.h"

namespace heddle::Internal {

class Polynomial {
public:
    using Map = std::unordered_map<Symbol, Polynomial>;

    static Polynomial constant(int64_t value);
    static Polynomial symbol(const Symbol &s);
    /** Nothing when e has other operations than + - *, other constants than integers, or too many terms. */
    static std::optional<Polynomial> of(const Expr &e);

    /** With the symbols of `map` replaced. Nothing when that has too many terms. */
    std::optional<Polynomial> substituted(const Map &map) const;
    bool operator==(const Polynomial &) const = default;

private:
    using Monomial = std::vector<Symbol>;  // sorted; a power is written out

    bool add(const Polynomial &p, int64_t factor);
    static std::optional<Polynomial> product(const Polynomial &a, const Polynomial &b);

    std::map<Monomial, int64_t> terms_;  // no coefficient is 0
};

}  // namespace heddle::Internal
