// Half to single and double. The result is exact for every input; NaN payloads are kept.
#include "HalideRuntime.h"
#include "runtime/common/weak.h"

#include <cstring>

HEDDLE_RUNTIME float halide_float16_bits_to_float(uint16_t bits) {
    const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
    uint32_t exponent = (bits >> 10) & 31;
    uint32_t fraction = bits & 0x3ff;
    uint32_t single = sign;
    if (exponent == 31) {
        single |= 0x7f800000u | fraction << 13;
    } else if (exponent != 0) {
        single |= (exponent + 112) << 23 | fraction << 13;  // 112: the difference of the biases, 127 - 15
    } else if (fraction != 0) {
        // A subnormal half is normal as a single: shift the leading one out.
        exponent = 113;
        while (!(fraction & 0x400)) {
            fraction <<= 1;
            exponent--;
        }
        single |= exponent << 23 | (fraction & 0x3ff) << 13;
    }
    float value;
    memcpy(&value, &single, sizeof value);
    return value;
}

HEDDLE_RUNTIME double halide_float16_bits_to_double(uint16_t bits) {
    return halide_float16_bits_to_float(bits);
}
