#include "heddle/fast_divide.h"

#include "heddle/operators.h"
#include "language/operands.h"
#include "support/assert.h"

namespace heddle {

using namespace Internal;

namespace {

// Both in a signed or unsigned type that holds 256 and the numerator.
struct Operands {
    Expr numerator, denominator;
};

Operands operands(const Expr &numerator, const Expr &denominator, const char *name) {
    check_defined(numerator, denominator, name);
    const Type n = numerator.type(), d = denominator.type();
    const bool fits = n.is_int_or_uint() && (n.bits() == 8 || n.bits() == 16 || n.bits() == 32);
    if (!fits || d.element_of() != UInt(8)) {
        refuse_operands(126, concat(name, " divides an integer of 8, 16 or 32 bits by a uint8, not ",
                                    describe(numerator), " by ", describe(denominator)));
    }
    const Type wide = n.bits() == 8 ? n.widen() : n;
    const Expr divisor = select(denominator == 0, cast(wide.with_lanes(d.lanes()), 256),
                                cast(wide.with_lanes(d.lanes()), denominator));
    return {cast(wide, numerator), divisor};
}

}  // namespace

Expr fast_integer_divide(const Expr &numerator, const Expr &denominator) {
    const Operands o = operands(numerator, denominator, "fast_integer_divide");
    return cast(numerator.type(), o.numerator / o.denominator);
}

Expr fast_integer_divide_round_to_zero(const Expr &numerator, const Expr &denominator) {
    const Operands o = operands(numerator, denominator, "fast_integer_divide_round_to_zero");
    return cast(numerator.type(), div_round_to_zero(o.numerator, o.denominator));
}

Expr fast_integer_modulo(const Expr &numerator, const Expr &denominator) {
    const Operands o = operands(numerator, denominator, "fast_integer_modulo");
    return cast(numerator.type(),
                o.numerator - (o.numerator / o.denominator) * cast(o.numerator.type(), denominator));
}

}  // namespace heddle
