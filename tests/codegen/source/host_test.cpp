// What emitted host code does beyond arithmetic: errors, memory, parallel loops, buffers, text, C functions.

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstring>

#include "compiled.h"
#include "support_lib/task_programs.h"

namespace heddle::Internal {

// What the functions at the end were called with.
std::string given_text;
int64_t given_sum = 0;

namespace {

const Argument output("o", Argument::OutputBuffer, Int(32), 1);

Argument scalar(const std::string &name, Type t) {
    return Argument(name, Argument::InputScalar, t, 0);
}

/** Compiles `int kernel(o, n)`, where out are the elements of o. */
CompiledSource compile(const std::string &text, const Target &target = get_host_target()) {
    Module m = module_of({function_of("kernel", "given o: handle, n: int32 let out: int32[] = buffer_host(o)\n" + text, {output, scalar("n", Int(32))})});
    m.target = target;
    return CompiledSource(m);
}
int run(const CompiledSource &code, Array &out, int n) {
    return code.run("kernel", {&out.raw, &n});
}

/** The message of the last error. */
class Errors {
public:
    Errors()
        : previous_(halide_set_error_handler([](void *, const char *text) { last() = text; })) {
        last().clear();
    }
    ~Errors() {
        halide_set_error_handler(previous_);
    }
    static std::string &last() {
        static std::string text;
        return text;
    }

private:
    halide_error_handler_t previous_;
};

/** Counts what halide_malloc gave and halide_free took. */
class Heap {
public:
    Heap()
        : malloc_(halide_set_custom_malloc(give)), free_(halide_set_custom_free(take)) {
        given = taken = bytes = 0;
        fails = false;
    }
    ~Heap() {
        halide_set_custom_malloc(malloc_);
        halide_set_custom_free(free_);
    }
    static inline std::atomic<int> given, taken;
    static inline std::atomic<size_t> bytes;
    static inline std::atomic<bool> fails;

private:
    static void *give(void *, size_t n) {
        if (fails) return nullptr;
        given++;
        bytes = n;
        return std::malloc(n);
    }
    static void take(void *, void *p) {
        taken++;
        std::free(p);
    }
    halide_malloc_t malloc_;
    halide_free_t free_;
};

TEST(Host, AssertsReturnTheCodeOfTheirMessage) {
    const Errors errors;
    const CompiledSource code = compile(R"(
        assert n < 10 else extern_c<int32> "halide_error_access_out_of_bounds"(user_context(), "Input buffer in", 0, -1, n, 0, 7)
        out[0] = require(n > 2, n*2, 5)
        out[1] = vector_reduce(add, require(ramp(n, 1, 4) > broadcast(3, 4), ramp(n, 1, 4), -6), 1)
    )");
    Array out(Int(32), 2);
    EXPECT_EQ(run(code, out, 8), 0);
    EXPECT_EQ(out.at<int>(0), 16);
    EXPECT_EQ(out.at<int>(1), 38);
    EXPECT_EQ(run(code, out, 12), halide_error_code_access_out_of_bounds);
    EXPECT_NE(errors.last().find("Input buffer in"), std::string::npos);
    EXPECT_EQ(run(code, out, 2), 5);
    EXPECT_EQ(run(code, out, 3), -6);
}

TEST(Host, OnlyTheChosenBranchIsEvaluated) {
    const CompiledSource code = compile(R"(
        out[0] = if_then_else(n > 0, extern_c<int32> "heddle_source_test_count"(1), extern_c<int32> "heddle_source_test_count"(100))
        out[1] = if_then_else(n > 5, require(n < 8, 1, 77), 2)
        out[2] = return_second(extern_c<int32> "heddle_source_test_count"(1000), n)
        out[ramp(3, 1, 4)] = if_then_else(ramp(0, 1, 4) < broadcast(n, 4), broadcast(1, 4), broadcast(2, 4))
    )");
    Array out(Int(32), 8);
    EXPECT_EQ(run(code, out, 3), 0);
    EXPECT_EQ(out.at<int>(0), 1);
    EXPECT_EQ(out.at<int>(1), 2);
    EXPECT_EQ(out.at<int>(2), 3);
    EXPECT_EQ(out.at<int>(5), 1);
    EXPECT_EQ(out.at<int>(6), 2);
    EXPECT_EQ(run(code, out, 9), 77);
    EXPECT_EQ(out.at<int>(0), 1002);
    EXPECT_EQ(run(code, out, 0), 0);
    EXPECT_EQ(out.at<int>(0), 1102);
}

TEST(Host, MemoryIsFreedOnEveryWayOut) {
    const CompiledSource code = compile(R"(
        allocate f: int32[n, 3] @heap
        for x in [0, +n) {
            allocate g: int16[x + 1 if x > 1] @heap
            if x > 1 { g[x] = int16(x) }
            assert x < 6 else 42
            f[x] = select(x > 1, int32(g[x if x > 1]), -1)
        }
        for x in [0, +n) { out[x] = f[x] }
    )");
    Array out(Int(32), 8);
    const Heap heap;
    EXPECT_EQ(run(code, out, 4), 0);
    EXPECT_EQ(out.at<int>(1), -1);
    EXPECT_EQ(out.at<int>(3), 3);
    EXPECT_EQ(heap.given, 1 + 2);
    EXPECT_EQ(heap.taken, heap.given);
    EXPECT_EQ(run(code, out, 8), 42);
    EXPECT_EQ(heap.taken, heap.given);
    // Nothing is asked for less than a byte.
    EXPECT_EQ(run(code, out, -5), 0);
    EXPECT_EQ(heap.bytes, 1u);
    EXPECT_EQ(heap.taken, heap.given);
    const Errors errors;
    heap.fails = true;
    EXPECT_EQ(run(code, out, 4), halide_error_code_out_of_memory);
}

TEST(Host, AllocationsThatAreTooLargeAreRefused) {
    const Errors errors;
    const CompiledSource code = compile(R"(
        allocate f: int32[n, n, n, n if n < 1000000] @heap
        out[0] = 1
    )");
    Array out(Int(32), 1);
    EXPECT_EQ(run(code, out, 3), 0);
    EXPECT_EQ(run(code, out, 900000), halide_error_code_buffer_allocation_too_large);
    EXPECT_EQ(run(code, out, 2000000), 0);
}

TEST(Host, SmallConstantAllocationsAreOnTheStack) {
    const CompiledSource code = compile(R"(
        allocate f: float64[16, 2]
        allocate g: bool[8] @stack
        allocate h: bfloat16x4[3] @register
        for x in [0, +32) { f[x] = float64(x)/2.0f64 }
        for x in [0, +8) { g[x] = x % 2 == 0 }
        h[ramp(0, 1, 12)] = bfloat16x12(ramp(0, 1, 12))
        out[0] = int32(f[31]) + select(g[3], 100, 0) + select(g[4], 1000, 0) + int32(h[11])
    )");
    Array out(Int(32), 1);
    const Heap heap;
    EXPECT_EQ(run(code, out, 0), 0);
    EXPECT_EQ(out.at<int>(0), 15 + 1000 + 11);
    EXPECT_EQ(heap.given, 0);
}

TEST(Host, ParallelLoopsOverInt64) {
    const CompiledSource code = compile(R"(
        parallel y in [1099511627776i64, +int64(n)*1073741824i64*4i64 + 8i64) {
            out[int32(y - 1099511627776i64)] = int32(y/4294967296i64) + int32(y - 1099511627776i64)
        }
    )");
    Array out(Int(32), 8);
    EXPECT_EQ(run(code, out, 0), 0);
    for (int i = 0; i < 8; i++) EXPECT_EQ(out.at<int>(static_cast<size_t>(i)), 256 + i);
    Array untouched(Int(32), 8);
    const int before = untouched.at<int>(3);
    EXPECT_EQ(run(code, untouched, -1), 0);
    EXPECT_EQ(untouched.at<int>(3), before);
}

TEST(Host, ParallelLoops) {
    const CompiledSource code = compile(R"(
        let base = n*10
        let v = ramp(base, 1, 4)
        allocate f: int32[64] @heap
        parallel y in [2, +8) {
            parallel x in [0, +8) {
                assert x + y != n else extern_c<int32> "heddle_source_test_code"(y)
                f[(y - 2)*8 + x] = base + x*y + vector_reduce(add, v, 1)
            }
        }
        parallel y in [0, +n) { eval 1/0 }
        for i in [0, +64) { out[i] = f[i] }
    )");
    Array out(Int(32), 64);
    const Heap heap;
    EXPECT_EQ(run(code, out, -1), 0);
    for (int y = 2; y < 10; y++) {
        for (int x = 0; x < 8; x++) EXPECT_EQ(out.at<int>(static_cast<size_t>((y - 2) * 8 + x)), -10 + x * y - 34);
    }
    EXPECT_EQ(heap.taken, heap.given);
    // One of the tasks with x + y == 9 gives its code.
    const int code_given = run(code, out, 9);
    EXPECT_LE(code_given, -1002);
    EXPECT_GE(code_given, -1009);
    EXPECT_EQ(heap.taken, heap.given);
}

TEST(Host, Tasks) {
    for (const char *text : {tasks_over_a_ring, tasks_within_tasks, task_that_fails}) {
        const CompiledSource code(module_of({function_of("kernel", text, {output, scalar("n", Int(32))})}));
        Array out(Int(32), 30);
        for (int threads : {1, 2, 4}) {
            const int before = halide_set_num_threads(threads);
            for (int repeat = 0; repeat < 20; repeat++) {
                std::fill(out.bytes.begin(), out.bytes.end(), uint8_t{0});
                const bool fails = text == task_that_fails;
                ASSERT_EQ(run(code, out, 30), fails ? 7 : 0);
                for (size_t i = 0; i < (fails ? 3 : 30); i++) ASSERT_EQ(out.at<int>(i), static_cast<int>(i * i) + 1);
            }
            halide_set_num_threads(before);
        }
    }
}

TEST(Host, TheUserContextReachesEveryCall) {
    LoweredFunction f = function_of("kernel", R"(
        given ctx: handle, o: handle
        let out: int32[] = buffer_host(o)
        parallel x in [0, +4) { out[x] = select(reinterpret<uint64>(user_context()) == 4660u64, x + 1, 0) }
        assert reinterpret<uint64>(user_context()) == 4660u64 else 3
    )", {Argument("ctx", Argument::InputScalar, heddle::Handle(), 0), output});
    f.args[0].argument.name = "__user_context";
    const CompiledSource code(module_of({f}));
    Array out(Int(32), 4);
    EXPECT_EQ(code.function<int(void *, halide_buffer_t *)>("kernel")(reinterpret_cast<void *>(0x1234), &out.raw), 0);
    EXPECT_EQ(out.at<int>(3), 4);
    void *context = nullptr;
    EXPECT_EQ(code.run("kernel", {&context, &out.raw}), 3);
}

TEST(Host, Buffers) {
    const std::string text = R"(
        given o: handle, n: int32
        assert buffer_min(o, 0) == 3 && buffer_extent(o, 0) == 4 && buffer_stride(o, 0) == 1 else 1
        assert buffer_dimensions(o) == 1 && !buffer_is_null(o) && !buffer_is_bounds_query(o) else 2
        assert buffer_type(o) == 73728u32 else 3
        eval buffer_set_host_dirty(o, n > 0)
        assert buffer_host_dirty(o) == (n > 0) && !buffer_device_dirty(o) else 4
        let c = buffer_create(null_handle(), 73730u32, 2, 7, 9, 2, 1, 5, 18)
        assert buffer_is_bounds_query(c) && buffer_min(c, 0) == 7 && buffer_extent(c, 0) == 9 && buffer_stride(c, 1) == 18 else 5
        assert buffer_device(c) == 0u64 && reinterpret<uint64>(buffer_device_interface(c)) == 0u64 else 9
        eval buffer_set_bounds(c, 65793u32, 1, 17, 19, 1)
        assert buffer_min(c, 0) == 17 && buffer_extent(c, 0) == 19 && buffer_type(c) == 65793u32 && buffer_dimensions(c) == 1 else 6
        assert buffer_is_null(null_handle()) else 7
        let d = buffer_create(buffer_host(o), 73728u32, 1, 0, 4, 1)
        let elements: int32[] = buffer_host(d)
        elements[2] = n
        let third = address_of(elements[2])
        let same: int32[] = third
        assert same[0] == n else 8
    )";
    const LoweredFunction f = function_of("kernel", text, {output, scalar("n", Int(32))});
    const CompiledSource code(module_of({f}));
    for (const int n : {0, 1}) {
        Array out(Int(32), 4);
        out.dim.min = 3;
        EXPECT_EQ(run(code, out, n), 0);
        EXPECT_EQ(out.raw.host_dirty(), n > 0);
        EXPECT_EQ(out.at<int>(2), n);
    }
}

TEST(Host, TextAndStructs) {
    const LoweredFunction f = function_of("kernel", R"(
        given n: int32
        let s = stringify("x is ", n, " of ", 1.5f, stringify("\"?\\", 200u8, "\n"), -5i64, " ", 2.5f64, " ", true, " ", 0.5f16, ramp(1, 1, 3))
        eval extern_c<int32> "heddle_source_test_text"(stringify("[", s, "]"))
        eval extern_c<int32> "heddle_source_test_struct"(make_struct(200u8, -50, 1000.0f64, true, 1.5f16, null_handle()))
    )", {scalar("n", Int(32))});
    const CompiledSource code(module_of({f}));
    int n = -3;
    EXPECT_EQ(code.run("kernel", {&n}), 0);
    EXPECT_EQ(given_text, "[x is -3 of 1.500000\"?\\200\n-5 2.500000e+00 1 0.500000<1, 2, 3>]");
    EXPECT_EQ(given_sum, 1152);
}

TEST(Host, ScalarsOfEveryType) {
    std::vector<Type> types = {Bool(), Int(8), UInt(8), Int(16), UInt(16), Int(32), UInt(32), Int(64), UInt(64), Float(16), BFloat(16), Float(32), Float(64)};
    std::string text = "given o: handle", stores;
    std::vector<Argument> args = {Argument("o", Argument::OutputBuffer, Float(64), 1)};
    for (size_t i = 0; i < types.size(); i++) {
        const std::string name = "p" + std::to_string(i);
        text += ", " + name + ": " + to_string(types[i]);
        stores += "out[" + std::to_string(i) + "] = " + (types[i] == Float(64) ? name : "float64(" + name + ")") + "\n";
        args.push_back(scalar(name, types[i]));
    }
    const CompiledSource code(module_of({function_of("kernel", text + " let out: float64[] = buffer_host(o)\n" + stores, args)}));
    Array out(Float(64), 13);
    std::vector<uint64_t> values = {1, 0x80, 0x80, 0x8000, 0x8000, 0x80000000, 0x80000000, uint64_t{1} << 63, uint64_t{1} << 63,
                                    0x3e00, 0x3fc0, std::bit_cast<uint32_t>(-2.5f), std::bit_cast<uint64_t>(-3.25)};
    std::vector<void *> argv = {&out.raw};
    for (uint64_t &v : values) argv.push_back(&v);
    EXPECT_EQ(code.run("kernel", argv), 0);
    const double wanted[] = {1, -128, 128, -32768, 32768, -2147483648.0, 2147483648.0, -9223372036854775808.0, 9223372036854775808.0, 1.5, 1.5, -2.5, -3.25};
    for (size_t i = 0; i < 13; i++) EXPECT_EQ(out.at<double>(i), wanted[i]) << i;
    const auto direct = code.function<int(halide_buffer_t *, bool, int8_t, uint8_t, int16_t, uint16_t, int32_t, uint32_t, int64_t, uint64_t, uint16_t,
                                          uint16_t, float, double)>("kernel");
    EXPECT_EQ(direct(&out.raw, false, -1, 255, -1, 65535, -1, 1u, -1, 1, 0xbc00, 0xbf80, 1.0f, 2.0), 0);
    EXPECT_EQ(out.at<double>(0), 0);
    EXPECT_EQ(out.at<double>(9), -1);
    EXPECT_EQ(out.at<double>(10), -1);
}

TEST(Host, CFunctions) {
    const CompiledSource code = compile(R"(
        out[0] = int32(pure_extern_c<float32> "floorf"(2.75f))
        out[1] = int32(pure_extern_c<float64> "pow"(2.0f64, 5.0f64))
        out[ramp(2, 1, 4)] = extern_c<int32x4> "heddle_source_test_code"(ramp(0, 1, 4))
        eval extern_c<int32> "halide_error"(user_context(), "from the kernel")
    )");
    const Errors errors;
    Array out(Int(32), 6);
    EXPECT_EQ(run(code, out, 0), 0);
    EXPECT_EQ(out.at<int>(0), 2);
    EXPECT_EQ(out.at<int>(1), 32);
    EXPECT_EQ(out.at<int>(5), -1003);
    EXPECT_EQ(errors.last(), "from the kernel");
}

TEST(Host, TargetQueriesAndAnnotations) {
    const Target avx2("x86-64-linux-avx2"), plain("arm-32-linux");
    const std::string text = "out[0] = select(target_has_feature(" + std::to_string(Target::AVX2) + "), 1, 0) + select(target_arch_is(" +
                             std::to_string(Target::ARM) + "), 10, 0) + target_bits()*1000 + target_natural_vector_bytes()*1000000\n"
                             "eval prefetch(out[0], 8, 1, n, 100)\n"
                             "out[1] = promise_clamped(n, 0, 5) + unsafe_promise_clamped(n, 0, 5)";
    Array out(Int(32), 2);
    EXPECT_EQ(run(compile(text, avx2), out, 4), 0);
    EXPECT_EQ(out.at<int>(0), 32064001);
    EXPECT_EQ(out.at<int>(1), 8);
    EXPECT_EQ(run(compile(text, plain), out, 4), 0);
    EXPECT_EQ(out.at<int>(0), 16032010);
}

TEST(Host, Metadata) {
    LoweredFunction f = function_of("kernel", "given o: handle, n: int32, p: float32 eval n", {output, scalar("n", Int(32)), scalar("p", Float(32))});
    f.args[0].argument.argument_estimates.buffer_estimates = {{make_const(Int(32), int64_t{5}), Expr()}};
    f.args[1].argument.argument_estimates.scalar_def = make_const(Int(32), int64_t{-7});
    f.args[2].argument.argument_estimates.scalar_max = make_const(Float(32), 2.5);
    const CompiledSource code(module_of({f}));
    const halide_filter_metadata_t *m = code.function<const halide_filter_metadata_t *()>("kernel_metadata")();
    ASSERT_EQ(m->num_arguments, 3);
    EXPECT_EQ(m->version, 1);
    EXPECT_STREQ(m->name, "kernel");
    EXPECT_EQ(std::string(m->target), get_host_target().to_string());
    EXPECT_STREQ(m->arguments[0].name, "o");
    EXPECT_EQ(m->arguments[0].kind, halide_argument_kind_output_buffer);
    EXPECT_EQ(m->arguments[0].dimensions, 1);
    EXPECT_EQ(*m->arguments[0].buffer_estimates[0], 5);
    EXPECT_EQ(m->arguments[0].buffer_estimates[1], nullptr);
    EXPECT_EQ(m->arguments[0].scalar_def, nullptr);
    EXPECT_EQ(m->arguments[1].scalar_def->u.i32, -7);
    EXPECT_EQ(m->arguments[1].type.code, halide_type_int);
    EXPECT_EQ(m->arguments[2].scalar_max->u.f32, 2.5f);
    EXPECT_EQ(m->arguments[2].scalar_min, nullptr);
    EXPECT_EQ(m->arguments[2].buffer_estimates, nullptr);
}

TEST(Host, LoopsThatWereNotLoweredAreRefused) {
    const LoweredFunction f = function_of("kernel", "given o: handle let out: int32[] = buffer_host(o) vectorized x in [0, +4) { out[x] = x }", {output});
    EXPECT_THROW(to_c_source(module_of({f})), InternalError);
}

}  // namespace
}  // namespace heddle::Internal

// Called by the kernels above, by name.
extern "C" {

__attribute__((visibility("default"))) int heddle_source_test_count(int by) {
    static int total = 0;
    return total += by;
}

__attribute__((visibility("default"))) int heddle_source_test_code(int i) {
    return -1000 - i;
}

__attribute__((visibility("default"))) int heddle_source_test_text(const char *text) {
    heddle::Internal::given_text = text;
    return 0;
}

struct HeddleSourceTestMembers {
    uint8_t a;
    int32_t b;
    double c;
    bool d;
    uint16_t e;
    void *f;
};
__attribute__((visibility("default"))) int heddle_source_test_struct(const HeddleSourceTestMembers *m) {
    heddle::Internal::given_sum = m->a + m->b + static_cast<int64_t>(m->c) + m->d + (m->e == 0x3e00) + (m->f != nullptr);
    return 0;
}
}
