#pragma once
// Errors of functions in units of the last place (ulps).

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace heddle::Internal {

/** Distance of `got` from `exact`, in units of the last place that a T has there. Infinite where one of both is NaN, or
    infinite beyond the neighbour of the largest finite T. `Exact` is a floating-point type with more bits than T. */
template<typename T, typename Exact>
double error_in_ulps(T got, Exact exact) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const T nearest = static_cast<T>(exact);
    if (std::isnan(nearest) || std::isnan(got)) return std::isnan(nearest) && std::isnan(got) ? 0 : infinity;
    if (std::isinf(got) || std::isinf(nearest)) {
        if (got == nearest) return 0;
        const T finite = std::isinf(got) ? nearest : got;
        return std::fabs(finite) == std::numeric_limits<T>::max() && std::signbit(got) == std::signbit(nearest) ? 1 : infinity;
    }
    constexpr int least = std::numeric_limits<T>::min_exponent - 1;
    const int exponent = std::max(exact == 0 ? least : std::ilogb(exact), least);
    return static_cast<double>(std::fabs(static_cast<Exact>(got) - exact) / std::ldexp(Exact{1}, exponent - (std::numeric_limits<T>::digits - 1)));
}

/** Equal as bits, or both NaN. */
inline bool same_float(float a, float b) {
    return std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b) || (std::isnan(a) && std::isnan(b));
}

}  // namespace heddle::Internal
