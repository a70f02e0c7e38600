// The *_to_string functions: what they write, that they terminate, and that they cut instead of overrunning.
#include "runtime/common/internal_abi.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <string>

namespace {

template<typename F>
std::string written(const F &f) {
    char text[512];
    memset(text, 'x', sizeof text);
    char *end = f(text, text + sizeof text);
    EXPECT_EQ(*end, 0);
    EXPECT_EQ(static_cast<size_t>(end - text), strlen(text));
    return text;
}

std::string int64(int64_t v, int digits = 1) {
    return written([=](char *d, char *e) { return halide_int64_to_string(d, e, v, digits); });
}

std::string uint64(uint64_t v, int digits = 1) {
    return written([=](char *d, char *e) { return halide_uint64_to_string(d, e, v, digits); });
}

std::string real(double v, int scientific = 0) {
    return written([=](char *d, char *e) { return halide_double_to_string(d, e, v, scientific); });
}

TEST(ToString, Integers) {
    EXPECT_EQ(int64(0), "0");
    EXPECT_EQ(int64(-7), "-7");
    EXPECT_EQ(int64(INT64_MIN), "-9223372036854775808");
    EXPECT_EQ(int64(INT64_MAX), "9223372036854775807");
    EXPECT_EQ(int64(-5, 3), "-005");
    EXPECT_EQ(uint64(UINT64_MAX), "18446744073709551615");
    EXPECT_EQ(uint64(42, 5), "00042");
}

TEST(ToString, Reals) {
    EXPECT_EQ(real(1.5), "1.500000");
    EXPECT_EQ(real(-0.0), "-0.000000");
    EXPECT_EQ(real(1.5, 1), "1.500000e+00");
    EXPECT_EQ(real(1e100, 1), "1.000000e+100");
    EXPECT_EQ(real(1.7976931348623157e308).size(), 316u);
    EXPECT_EQ(real(NAN), "nan");
    EXPECT_EQ(real(-NAN), "nan");
    EXPECT_EQ(real(INFINITY), "inf");
    EXPECT_EQ(real(-INFINITY, 1), "-inf");
}

TEST(ToString, TypesPointersBuffers) {
    const halide_type_t types[] = {halide_type_of<int16_t>(), halide_type_of<bool>(), halide_type_of<float>().with_lanes(8),
                                   halide_type_t(halide_type_bfloat, 16), halide_type_of<void *>()};
    const char *names[] = {"int16", "uint1", "float32x8", "bfloat16", "handle64"};
    for (size_t i = 0; i < std::size(types); i++) {
        EXPECT_EQ(written([&](char *d, char *e) { return halide_type_to_string(d, e, &types[i]); }), names[i]);
    }
    EXPECT_EQ(written([](char *d, char *e) { return halide_pointer_to_string(d, e, reinterpret_cast<void *>(0xbeef12)); }), "0xbeef12");
    EXPECT_EQ(written([](char *d, char *e) { return halide_string_to_string(d, e, nullptr); }), "<null>");

    halide_dimension_t shape[2] = {{-1, 4, 1}, {2, 3, 4}};
    halide_buffer_t buf{};
    buf.type = halide_type_of<uint8_t>();
    buf.dimensions = 2;
    buf.dim = shape;
    const std::string text = written([&](char *d, char *e) { return halide_buffer_to_string(d, e, &buf); });
    EXPECT_NE(text.find("uint8, {-1, 4, 1}, {2, 3, 4})"), std::string::npos) << text;
}

TEST(ToString, CutsAtTheEnd) {
    for (int room = 0; room < 8; room++) {
        char text[10];
        memset(text, 'x', sizeof text);
        char *end = halide_string_to_string(text, text + room, "hello");
        const int kept = room == 0 ? 0 : std::min(room - 1, 5);
        EXPECT_EQ(end, text + kept);
        EXPECT_EQ(std::string(text, static_cast<size_t>(kept)), std::string("hello").substr(0, static_cast<size_t>(kept)));
        if (room > 0) {
            EXPECT_EQ(text[kept], 0);
        }
        for (int i = room; i < 10; i++) {
            EXPECT_EQ(text[i], 'x');
        }
    }
    // Several pieces into a full buffer stay inside of it.
    char text[6];
    char *at = text, *end = text + sizeof text;
    at = halide_string_to_string(at, end, "abc");
    at = halide_int64_to_string(at, end, 123456, 1);
    at = halide_string_to_string(at, end, "more");
    EXPECT_STREQ(text, "abc12");
    EXPECT_EQ(at, text + 5);
}

}  // namespace
