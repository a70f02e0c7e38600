#include "heddle/float16.h"

#include "heddle/expr.h"
#include "ir/float16.h"
#include "ir/nodes.h"

namespace heddle {

namespace Internal {

uint16_t to_float16_bits(double x) {
    return double_to_float16_bits(x);
}
double from_float16_bits(uint16_t bits) {
    return float16_bits_to_double(bits);
}
uint16_t to_bfloat16_bits(double x) {
    return double_to_bfloat16_bits(x);
}
double from_bfloat16_bits(uint16_t bits) {
    return bfloat16_bits_to_double(bits);
}

}  // namespace Internal

Expr::Expr(float16_t x)
    : Expr(Internal::FloatImm::make(Float(16), static_cast<double>(x))) {
}
Expr::Expr(bfloat16_t x)
    : Expr(Internal::FloatImm::make(BFloat(16), static_cast<double>(x))) {
}

}  // namespace heddle
