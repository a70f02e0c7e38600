// Kernels in text form: what the emitted C++ does, against the interpreter and against what must come out.

#include "compiled.h"

namespace heddle::Internal {
namespace {

Argument scalar(const std::string &name, Type t) {
    return Argument(name, Argument::InputScalar, t, 0);
}

/** Runs the text as a kernel of one output buffer o, as emitted C++ and in the interpreter; both must agree. */
class Check {
public:
    Check(const std::string &text, Type t, int count)
        : function_(function_of("kernel", "given o: handle let out: " + to_string(t) + "[] = buffer_host(o)\n" + text,
                                {Argument("o", Argument::OutputBuffer, t, 1)})),
          code_(module_of({function_})), out(t, count), expected_(t, count) {
    }
    Check &run(int code = 0) {
        EXPECT_EQ(code_.run("kernel", {&out.raw}), code);
        EXPECT_EQ(interpret(function_, {ArgValue(&expected_.raw)}), code);
        EXPECT_EQ(out.bytes, expected_.bytes);
        return *this;
    }
    const std::string &source() const {
        return code_.source();
    }

private:
    LoweredFunction function_;
    CompiledSource code_;

public:
    Array out;

private:
    Array expected_;
};

TEST(Statements, LoopOverABuffer) {
    const LoweredFunction f = function_of("scale", R"(
        given o: handle, i: handle, n: int32
        let out: float32[] = buffer_host(o)
        let in: float32[] = buffer_host(i)
        for x in [0, +n) { out[x] = in[x]*2.0f + 1.0f }
    )", {Argument("o", Argument::OutputBuffer, Float(32), 1), Argument("i", Argument::InputBuffer, Float(32), 1),
         scalar("n", Int(32))});
    const CompiledSource code(module_of({f}));
    Array in(Float(32), 10), out(Float(32), 10);
    for (size_t x = 0; x < 10; x++) in.at<float>(x) = static_cast<float>(x) / 4;
    int n = 7;
    EXPECT_EQ(code.run("scale", {&out.raw, &in.raw, &n}), 0);
    for (size_t x = 0; x < 10; x++) EXPECT_EQ(out.at<float>(x), x < 7 ? in.at<float>(x) * 2 + 1 : 0);
    EXPECT_EQ(code.function<int(halide_buffer_t *, halide_buffer_t *, int)>("scale")(&out.raw, &in.raw, 10), 0);
    EXPECT_EQ(out.at<float>(9), 5.5f);
    EXPECT_EQ(code.function<int(halide_buffer_t *, halide_buffer_t *, int)>("scale")(&out.raw, &in.raw, -3), 0);
}

// A product and a sum are rounded each on its own, in the order in which they are written.
TEST(Statements, FloatsAreNotContracted) {
    Check k("for x in [0, +4) { out[x] = float32(x)*0.1f + 0.3f*0.7f - 1.0f }", Float(32), 4);
    k.run();
}

TEST(Statements, NamesAreMadeLegalAndUnique) {
    Check k(R"(
        let int = 3
        let `a.b$c` = int + 1
        let a_b_c = `a.b$c` * 2
        let t = a_b_c + 1
        let halide_malloc = t + 1
        let NULL = halide_malloc + 1
        let `1x` = NULL + 1
        let `` = `1x` + 1
        for `x y` in [0, +2) { for x_y in [0, +2) { out[`x y`*2 + x_y] = `` + `x y`*10 + x_y } }
    )", Int(32), 4);
    k.run();
    EXPECT_EQ(k.out.at<int>(3), 24);
}

// The copies that loop partitioning makes bind the same symbol side by side.
TEST(Statements, BindingsSideBySide) {
    Check k("{ let a = 1 out[0] = a + (let b = 2 in b*b) + (let b = 3 in b*b) } { let a = 5 out[1] = a }", Int(32), 2);
    k.run();
    EXPECT_EQ(k.out.at<int>(0), 14);
    EXPECT_EQ(k.out.at<int>(1), 5);
}

TEST(Statements, Branches) {
    Check k("for x in [0, +9) { if x % 3 == 0 { out[x] = x } else if x % 3 == 1 { out[x] = 0 - x } else { out[x] = 100 } }", Int(32), 9);
    k.run();
}

TEST(Statements, Constants) {
    Check ints("out[0] = -9223372036854775807i64 - 1i64; out[1] = int64(-2147483648); out[2] = int64(200u8); out[3] = int64(-100i8); "
               "out[4] = int64(18446744073709551615u64); out[5] = int64(4294967295u32); out[6] = -5i64; out[7] = int64(true)",
               Int(64), 8);
    ints.run();
    EXPECT_EQ(ints.out.at<int64_t>(0), INT64_MIN);
    Check floats("out[0] = 0.1f64; out[1] = -0.0f64; out[2] = inf(float64); out[3] = nan(float64); out[4] = float64(0.1f); "
                 "out[5] = float64(0.1f16); out[6] = float64(0.1bf16); out[7] = float64(-inf(float16)); out[8] = 1e300f64; "
                 "out[9] = 4.9e-324f64; out[10] = float64(1.1754942e-38f); out[11] = float64(3.4028235e38f)",
                 Float(64), 12);
    floats.run();
    EXPECT_EQ(floats.out.at<double>(0), 0.1);
}

TEST(Statements, Vectors) {
    Check k(R"(
        out[ramp(0, 1, 6)] = ramp(ramp(0, 1, 2), broadcast(10, 2), 3)
        out[ramp(6, 1, 4)] = broadcast(ramp(3, 2, 2), 2)
        out[ramp(10, 1, 4)] = shuffle([ramp(0, 1, 4), ramp(9, 1, 4)], [0, 4, 1, 5])
        out[ramp(14, 1, 2)] = vector_reduce(add, ramp(1, 1, 6), 2)
        out[16] = int32(vector_reduce(saturating_add, broadcast(100u8, 4), 1))
        out[17] = int32(vector_reduce(or, ramp(0, 1, 4) == broadcast(2, 4), 1))
        out[18] = int32(vector_reduce(and, ramp(0, 1, 4) == broadcast(2, 4), 1))
        out[ramp(19, 1, 4)] = int32x4(reinterpret<uint8x4>(16909060))
        out[ramp(23, 1, 3)] = select(ramp(0, 1, 3) < broadcast(1, 3), broadcast(7, 3), ramp(0, 5, 3))
        out[26] = int32(reinterpret<uint8>(ramp(0, 1, 8) < broadcast(3, 8)))
        out[ramp(34, -1, 8)] = ramp(100, 1, 8)
        out[broadcast(35, 3)] = ramp(7, 1, 3)
        out[36] = vector_reduce(mul, ramp(1, 1, 5), 1)
        out[37] = vector_reduce(min, shuffle([ramp(5, -1, 5), broadcast(3, 1)], [0, 1, 5]), 1)
        out[38] = vector_reduce(max, ramp(5, -1, 5), 1)
        out[ramp(39, 1, 4)] = select(out[0] == 0, ramp(0, 1, 4), ramp(50, 1, 4))
        out[43] = shuffle([ramp(5, 1, 4)], [2])
        out[ramp(44, 1, 4)] = out[ramp(0, 2, 4)] + out[ramp(7, -1, 4)]
        out[ramp(48, 1, 8) if ramp(0, 1, 8) % broadcast(3, 8) == broadcast(0, 8)] = broadcast(9, 8)
        out[ramp(56, 1, 4)] = select(ramp(0, 1, 4) < broadcast(1, 4), out[ramp(0, 1000000, 4) if ramp(0, 1, 4) < broadcast(1, 4)], broadcast(1, 4))
        out[ramp(60, 1, 4) if broadcast(out[0] == 1, 4)] = broadcast(5, 4)
        out[ramp(60, 1, 4) if broadcast(out[0] == 0, 4)] = broadcast(-1, 4)
    )", Int(32), 64);
    k.run();
    const auto lanes = [&](size_t at, std::vector<int> want) {
        for (size_t i = 0; i < want.size(); i++) EXPECT_EQ(k.out.at<int>(at + i), want[i]) << at + i;
    };
    lanes(0, {0, 1, 10, 11, 20, 21, 3, 5, 3, 5, 0, 9, 1, 10, 6, 15, 255, 1, 0, 4, 3, 2, 1, 7, 5, 10, 7});
    lanes(27, {107, 106, 105, 104, 103, 102, 101, 100, 9, 120, 3, 5, 0, 1, 2, 3, 7});
    lanes(44, {0 + 5, 10 + 3, 20 + 21, 3 + 20});
    lanes(48, {9, 0, 0, 9, 0, 0, 9, 0});
    lanes(56, {0, 1, 1, 1, -1, -1, -1, -1});
}

}  // namespace
}  // namespace heddle::Internal
