// Kernels in text form: what the emitted C++ does, against the interpreter.

#include <algorithm>

#include "compiled.h"

namespace heddle::Internal {
namespace {

TEST(Statements, LoopOverABuffer) {
    const LoweredFunction f = function_of("scale", R"(
        given o: handle, i: handle, n: int32
        let out: float32[] = buffer_host(o)
        let in: float32[] = buffer_host(i)
        for x in [0, +n) { out[x] = in[x]*2.0f + 1.0f }
    )", {Argument("o", Argument::OutputBuffer, Float(32), 1), Argument("i", Argument::InputBuffer, Float(32), 1),
         Argument("n", Argument::InputScalar, Int(32), 0)});
    const CompiledSource code(module_of({f}));
    Array in(Float(32), 10), out(Float(32), 10);
    for (size_t x = 0; x < 10; x++) in.at<float>(x) = static_cast<float>(x) / 4;
    int n = 7;
    EXPECT_EQ(code.run("scale", {&out.raw, &in.raw, &n}), 0);
    for (size_t x = 0; x < 10; x++) EXPECT_EQ(out.at<float>(x), x < 7 ? in.at<float>(x) * 2 + 1 : 0);
    EXPECT_EQ(code.function<int(halide_buffer_t *, halide_buffer_t *, int)>("scale")(&out.raw, &in.raw, 10), 0);
    EXPECT_EQ(out.at<float>(9), 5.5f);
}

}  // namespace
}  // namespace heddle::Internal
