// What a kernel checks of its buffers before it touches any of them, by the codes that it returns.

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "heddle/heddle.h"

namespace heddle {
namespace {

std::string last_error;

void keep_error(JITUserContext *, const char *message) {
    last_error = message;
}

// A buffer of this shape whose memory is never to be touched.
class Shape {
public:
    Shape(Type t, std::vector<halide_dimension_t> dims)
        : dims_(std::move(dims)) {
        raw_.host = reinterpret_cast<uint8_t *>(uintptr_t{4096});
        raw_.type = t;
        raw_.dimensions = static_cast<int>(dims_.size());
    }
    halide_buffer_t *raw() {
        raw_.dim = dims_.data();  // of this copy
        return &raw_;
    }

private:
    std::vector<halide_dimension_t> dims_;
    halide_buffer_t raw_ = {};
};

constexpr int32_t int32_max = std::numeric_limits<int32_t>::max();

// g(x, y) = in(x, y) * 2, compiled, with buffers of any shape.
struct ArgumentChecks : ::testing::Test {
    Callable kernel;
    ArgumentChecks() {
        Var x("x"), y("y");
        ImageParam in(Int(32), 2, "in");
        Func g("g");
        g(x, y) = in(x, y) * 2;
        in.dim(0).set_stride(Expr());
        g.output_buffer().dim(0).set_stride(Expr());
        kernel = g.compile_to_callable({in});
    }
    int code(Shape in, Shape out) {
        last_error.clear();
        JITUserContext context;
        context.handlers.custom_error = keep_error;
        return kernel(&context, in.raw(), out.raw());
    }
    static Shape shape(halide_dimension_t d0, halide_dimension_t d1) {
        return {Int(32), {d0, d1}};
    }
    Shape small = shape({0, 10, 1, 0}, {0, 10, 10, 0});
};

TEST_F(ArgumentChecks, TooManyElements) {
    // The strides are 0, so that only the count is too large.
    EXPECT_EQ(code(small, shape({0, 65536, 0, 0}, {0, 32768, 0, 0})), halide_error_code_access_out_of_bounds);
    EXPECT_EQ(code(shape({0, 65536, 0, 0}, {0, 32768, 0, 0}), small), halide_error_code_buffer_extents_too_large);
    EXPECT_EQ(last_error, "Input buffer in has 2147483648 elements, more than the 2147483647 that this kernel can address");
    const Shape large = shape({0, 65536, 0, 0}, {0, 32767, 0, 0});
    EXPECT_EQ(code(large, shape({0, 0, 1, 0}, {0, 0, 1, 0})), 0);
    EXPECT_EQ(code(shape({0, 65536, 0, 0}, {0, 65536, 0, 0}), small), halide_error_code_buffer_extents_too_large);
}

TEST_F(ArgumentChecks, TooManyBytes) {
    EXPECT_EQ(code(shape({0, 10, 1, 0}, {0, 10, 1 << 28, 0}), small), halide_error_code_buffer_allocation_too_large);
    EXPECT_EQ(last_error, "Input buffer in spans 10737418240 bytes, more than the 2147483647 that this kernel can address");
    EXPECT_EQ(code(shape({0, 10, 1, 0}, {0, 10, -(1 << 28), 0}), small), halide_error_code_buffer_allocation_too_large);
    EXPECT_EQ(code(shape({0, 1 << 29, 1, 0}, {0, 10, 0, 0}), small), halide_error_code_buffer_allocation_too_large);
}

TEST_F(ArgumentChecks, CoordinatesAreInt32) {
    for (const halide_dimension_t past : {halide_dimension_t{0x7ffffff0, 40, 1, 0}, {int32_max, 1, 1, 0}, {1, int32_max, 0, 0}}) {
        EXPECT_EQ(code(shape(past, {0, 10, 40, 0}), shape(past, {0, 10, 40, 0})), halide_error_code_buffer_extents_too_large);
        EXPECT_EQ(code(shape({0, 10, 40, 0}, past), small), halide_error_code_buffer_extents_too_large);
        EXPECT_EQ(code(small, shape({0, 10, 40, 0}, past)), halide_error_code_buffer_extents_too_large);
    }
    EXPECT_NE(last_error.find(", counted from 0 along dimension 1, has 2147483648 elements, more than the 2147483647 that this"),
              std::string::npos)
        << last_error;
}

// Before what others are needed for by it.
TEST_F(ArgumentChecks, NegativeExtents) {
    EXPECT_EQ(code(small, shape({0, -4, 1, 0}, {0, 10, 10, 0})), halide_error_code_buffer_extents_negative);
    EXPECT_EQ(code(small, shape({20, -4, 1, 0}, {0, 10, 10, 0})), halide_error_code_buffer_extents_negative);
    EXPECT_EQ(code(shape({0, 10, 1, 0}, {0, -1, 10, 0}), small), halide_error_code_buffer_extents_negative);
    EXPECT_EQ(last_error.substr(0, 15), "Input buffer in");
}

// The last coordinates that there are.
TEST_F(ArgumentChecks, AtTheEndOfInt32) {
    std::vector<int32_t> in(40, 3), out(40, 0);
    Shape from = shape({int32_max - 40, 40, 1, 0}, {int32_max - 1, 1, 40, 0}), to = from;
    from.raw()->host = reinterpret_cast<uint8_t *>(in.data());
    to.raw()->host = reinterpret_cast<uint8_t *>(out.data());
    EXPECT_EQ(code(from, to), 0) << last_error;
    EXPECT_EQ(out, std::vector<int32_t>(40, 6));
}

}  // namespace
}  // namespace heddle
