// The *_to_string functions: what kernels build their print and error messages with. They allocate nothing.
#include "runtime/common/internal_abi.h"
#include "runtime/common/weak.h"

#include <cstdio>
#include <cstring>

namespace {

// Copies `length` bytes, cutting what does not fit before the terminator.
char *append(char *dst, char *end, const char *text, size_t length) {
    if (dst >= end) {
        return dst;
    }
    const size_t room = static_cast<size_t>(end - dst) - 1;
    if (length > room) {
        length = room;
    }
    memcpy(dst, text, length);
    dst[length] = 0;
    return dst + length;
}

char *append_digits(char *dst, char *end, uint64_t value, int min_digits, bool minus) {
    char digits[64];
    char *first = digits + sizeof digits;
    if (min_digits < 1) {
        min_digits = 1;
    }
    for (int n = 0; (value != 0 || n < min_digits) && first > digits + 1; n++, value /= 10) {
        *--first = static_cast<char>('0' + value % 10);
    }
    if (minus) {
        *--first = '-';
    }
    return append(dst, end, first, static_cast<size_t>(digits + sizeof digits - first));
}

}  // namespace

HEDDLE_RUNTIME char *halide_string_to_string(char *dst, char *end, const char *text) {
    if (!text) {
        text = "<null>";
    }
    return append(dst, end, text, strlen(text));
}

HEDDLE_RUNTIME char *halide_int64_to_string(char *dst, char *end, int64_t value, int min_digits) {
    const uint64_t magnitude = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
    return append_digits(dst, end, magnitude, min_digits, value < 0);
}

HEDDLE_RUNTIME char *halide_uint64_to_string(char *dst, char *end, uint64_t value, int min_digits) {
    return append_digits(dst, end, value, min_digits, false);
}

HEDDLE_RUNTIME char *halide_double_to_string(char *dst, char *end, double value, int scientific) {
    if (value != value) {
        return append(dst, end, "nan", 3);
    }
    char text[352];
    int length = snprintf(text, sizeof text, scientific ? "%e" : "%f", value);
    // The C library writes the decimal point of the current locale, of one byte or more; ours is always a dot.
    int out = 0;
    bool in_point = false;
    for (int i = 0; i < length; i++) {
        const char c = text[i];
        const bool ordinary = (c >= '0' && c <= '9') || c == '+' || c == '-' || (c >= 'a' && c <= 'z');
        if (ordinary || !in_point) {
            text[out++] = ordinary ? c : '.';
        }
        in_point = !ordinary;
    }
    return append(dst, end, text, static_cast<size_t>(out));
}

HEDDLE_RUNTIME char *halide_pointer_to_string(char *dst, char *end, const void *pointer) {
    char text[20];
    const int length =
        snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(reinterpret_cast<uintptr_t>(pointer)));
    return append(dst, end, text, static_cast<size_t>(length));
}

HEDDLE_RUNTIME char *halide_type_to_string(char *dst, char *end, const halide_type_t *type) {
    const char *name = "bad_type_code";
    switch (type->code) {
    case halide_type_int: name = "int"; break;
    case halide_type_uint: name = "uint"; break;
    case halide_type_float: name = "float"; break;
    case halide_type_handle: name = "handle"; break;
    case halide_type_bfloat: name = "bfloat"; break;
    }
    dst = halide_string_to_string(dst, end, name);
    dst = halide_uint64_to_string(dst, end, type->bits, 1);
    if (type->lanes != 1) {
        dst = halide_string_to_string(dst, end, "x");
        dst = halide_uint64_to_string(dst, end, type->lanes, 1);
    }
    return dst;
}

HEDDLE_RUNTIME char *halide_buffer_to_string(char *dst, char *end, const halide_buffer_t *buf) {
    if (!buf) {
        return halide_string_to_string(dst, end, "null buffer");
    }
    dst = halide_string_to_string(dst, end, "buffer(");
    dst = halide_uint64_to_string(dst, end, buf->device, 1);
    dst = halide_string_to_string(dst, end, ", ");
    dst = halide_pointer_to_string(dst, end, buf->device_interface);
    dst = halide_string_to_string(dst, end, ", ");
    dst = halide_pointer_to_string(dst, end, buf->host);
    dst = halide_string_to_string(dst, end, ", ");
    dst = halide_uint64_to_string(dst, end, buf->flags, 1);
    dst = halide_string_to_string(dst, end, ", ");
    dst = halide_type_to_string(dst, end, &buf->type);
    for (int i = 0; i < buf->dimensions; i++) {
        const int32_t numbers[3] = {buf->dim[i].min, buf->dim[i].extent, buf->dim[i].stride};
        for (int j = 0; j < 3; j++) {
            dst = halide_string_to_string(dst, end, j == 0 ? ", {" : ", ");
            dst = halide_int64_to_string(dst, end, numbers[j], 1);
        }
        dst = halide_string_to_string(dst, end, "}");
    }
    return halide_string_to_string(dst, end, ")");
}
