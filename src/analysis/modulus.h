#pragma once
// Alignment: what is known of an integer modulo another.

#include "ir/nodes.h"

namespace heddle::Internal {

/** The alignment of a number that is a constant. */
inline Alignment exactly(int64_t value) {
    return {0, value};
}
/** Remainder brought into 0 ... modulus - 1. */
Alignment normalized(Alignment a);

// Alignments of results, over the integers (no wrapping).
Alignment add(const Alignment &a, const Alignment &b);
Alignment multiply(const Alignment &a, const Alignment &b);
/** Of a number that is one of the two. */
Alignment unify(const Alignment &a, const Alignment &b);
/** Of a / c and a % c, c > 0. */
Alignment divide(const Alignment &a, int64_t c);
Alignment remainder(const Alignment &a, int64_t c);

}  // namespace heddle::Internal
