#pragma once
// Integer arithmetic as the IR defines it, and arithmetic that notices overflow.

#include <cstdint>
#include <numeric>
#include <optional>

namespace heddle::Internal {

/** Euclidean: a == (a / b) * b + a % b, 0 <= a % b < |b|; x / 0 == x % 0 == 0. INT64_MIN / -1 wraps. */
inline int64_t euclidean_div(int64_t a, int64_t b) {
    if (b == 0) return 0;
    if (b == -1) return static_cast<int64_t>(0 - static_cast<uint64_t>(a));
    const int64_t q = a / b, r = a % b;
    return r >= 0 ? q : b > 0 ? q - 1 : q + 1;
}
inline int64_t euclidean_mod(int64_t a, int64_t b) {
    if (b == 0 || b == -1) return 0;
    const int64_t r = a % b;
    return r >= 0 ? r : b > 0 ? r + b : static_cast<int64_t>(static_cast<uint64_t>(r) - static_cast<uint64_t>(b));
}

inline int64_t wrapping_add(int64_t a, int64_t b) {
    return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
inline int64_t wrapping_sub(int64_t a, int64_t b) {
    return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
inline int64_t wrapping_mul(int64_t a, int64_t b) {
    return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

inline std::optional<int64_t> checked_add(int64_t a, int64_t b) {
    int64_t r;
    if (__builtin_add_overflow(a, b, &r)) return {};
    return r;
}
inline std::optional<int64_t> checked_sub(int64_t a, int64_t b) {
    int64_t r;
    if (__builtin_sub_overflow(a, b, &r)) return {};
    return r;
}
inline std::optional<int64_t> checked_mul(int64_t a, int64_t b) {
    int64_t r;
    if (__builtin_mul_overflow(a, b, &r)) return {};
    return r;
}

/** Non-negative; 0 only of (0, 0). INT64_MIN counts as 1: no divisor above 1 is claimed for it. */
inline int64_t gcd(int64_t a, int64_t b) {
    if (a == INT64_MIN || b == INT64_MIN) return 1;
    return std::gcd(a, b);
}

}  // namespace heddle::Internal
