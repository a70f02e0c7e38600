#include "analysis/modulus.h"

#include "analysis/int_math.h"

namespace heddle::Internal {

Alignment normalized(Alignment a) {
    if (a.modulus < 0) return {};
    if (a.modulus > 0) a.remainder = euclidean_mod(a.remainder, a.modulus);
    return a;
}

Alignment add(const Alignment &a, const Alignment &b) {
    const auto r = checked_add(a.remainder, b.remainder);
    if (!r) return {};
    return normalized({gcd(a.modulus, b.modulus), *r});
}

Alignment multiply(const Alignment &a, const Alignment &b) {
    // (m1 x + r1)(m2 y + r2) = m1 m2 xy + m1 r2 x + m2 r1 y + r1 r2
    const auto mm = checked_mul(a.modulus, b.modulus), mr = checked_mul(a.modulus, b.remainder),
               rm = checked_mul(a.remainder, b.modulus), rr = checked_mul(a.remainder, b.remainder);
    if (!mm || !mr || !rm || !rr) return {};
    return normalized({gcd(gcd(*mm, *mr), *rm), *rr});
}

Alignment unify(const Alignment &a, const Alignment &b) {
    const auto difference = checked_sub(a.remainder, b.remainder);
    if (!difference) return {};
    return normalized({gcd(gcd(a.modulus, b.modulus), *difference), a.remainder});
}

Alignment divide(const Alignment &a, int64_t c) {
    if (c <= 0) return {};
    if (a.modulus == 0) return exactly(euclidean_div(a.remainder, c));
    // (m x + r) / c = (m / c) x + r / c where c divides m.
    if (a.modulus % c) return {};
    return normalized({a.modulus / c, euclidean_div(a.remainder, c)});
}

Alignment remainder(const Alignment &a, int64_t c) {
    if (c <= 0) return {};
    if (a.modulus == 0) return exactly(euclidean_mod(a.remainder, c));
    const int64_t m = gcd(a.modulus, c);
    if (m == c) return exactly(euclidean_mod(a.remainder, c));
    return normalized({m, a.remainder});
}

}  // namespace heddle::Internal
