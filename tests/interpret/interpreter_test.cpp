// Programs in text form, executed.

#include "interpret/interpreter.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <numeric>

#include "ir/parse.h"
#include "ir/print.h"
#include "support_lib/task_programs.h"

namespace heddle::Internal {
namespace {

/** A buffer of the caller: dense, mins given. */
template<typename T>
struct TestBuffer {
    std::vector<T> data;
    std::vector<halide_dimension_t> dims;
    halide_buffer_t raw{};

    TestBuffer(std::vector<int> mins, std::vector<int> extents) {
        int stride = 1;
        for (size_t d = 0; d < extents.size(); d++) {
            dims.emplace_back(mins[d], extents[d], stride);
            stride *= extents[d];
        }
        data.assign(static_cast<size_t>(stride), T{});
        raw.host = reinterpret_cast<uint8_t *>(data.data());
        raw.type = type_of<T>();
        raw.dimensions = static_cast<int>(dims.size());
        raw.dim = dims.data();
    }
};

class Program {
public:
    explicit Program(const std::string &text)
        : body_(parse_stmt(text, symbols_)) {
    }
    Program &with(const std::string &name, halide_buffer_t &b, bool is_output) {
        ArgValue arg(&b);
        arg.is_output = is_output;
        bindings_.emplace_back(symbols_.symbol(name), arg);
        return *this;
    }
    Program &input(const std::string &name, halide_buffer_t &b) {
        return with(name, b, false);
    }
    Program &output(const std::string &name, halide_buffer_t &b) {
        return with(name, b, true);
    }
    Program &scalar(const std::string &name, Type t, uint64_t bits) {
        bindings_.emplace_back(symbols_.symbol(name), ArgValue(t, bits));
        return *this;
    }
    int run(const InterpretOptions &options = {}) {
        return interpret(body_, bindings_, options);
    }
    std::string refusal() {
        try {
            const int code = run();
            return "ran and returned " + std::to_string(code);
        } catch (const InternalError &e) {
            return e.what();
        }
    }

private:
    SymbolTable symbols_;
    Stmt body_;
    std::vector<std::pair<Symbol, ArgValue>> bindings_;
};

int64_t value_of(const std::string &text) {
    SymbolTable symbols;
    const Expr e = parse_expr(text, symbols);
    const std::vector<uint64_t> bits = interpret(e);
    EXPECT_EQ(bits.size(), 1u);
    return wrap_signed(static_cast<int64_t>(bits[0]), e.type().bits());
}
std::vector<uint64_t> lanes_of(const std::string &text) {
    SymbolTable symbols;
    return interpret(parse_expr(text, symbols));
}

const char *const blur_nest = R"(
    given in.b: handle, out.b: handle
    let in: uint8[] = buffer_host(in.b)
    let out: uint8[] = buffer_host(out.b)
    let w = buffer_extent(out.b, 0)
    let h = buffer_extent(out.b, 1)
    view in: uint8 over [buffer_min(in.b, 0), +buffer_extent(in.b, 0)) step buffer_stride(in.b, 0),
                        [buffer_min(in.b, 1), +buffer_extent(in.b, 1)) step buffer_stride(in.b, 1)
    view out: uint8 over [0, +w) step 1, [0, +h) step w
    realize blur: uint16 over [-1, +w + 2), [0, +h) order(1, 0) {
        produce blur {
            for y in [0, +h) { for x in [-1, +w + 2) { blur(x, y) = uint16(in(x, y)) + uint16(in(x, y + 1)) } }
        }
        consume blur {
            parallel y.1 in [0, +h) {
                vectorized x.1 in [0, +w) {
                    out(x.1, y.1) = uint8((blur(x.1 - 1, y.1) + blur(x.1 + 1, y.1))/4u16)
                }
            }
        }
    })";

TEST(Interpreter, RunsANest) {
    TestBuffer<uint8_t> in({-1, 0}, {10, 6}), out({0, 0}, {8, 5});
    std::iota(in.data.begin(), in.data.end(), 40);
    for (const auto order : {InterpretOptions::Order::Forward, InterpretOptions::Order::Reverse, InterpretOptions::Order::Shuffled}) {
        std::fill(out.data.begin(), out.data.end(), 0);
        InterpretOptions options;
        options.parallel_order = order;
        ASSERT_EQ(Program(blur_nest).input("in.b", in.raw).output("out.b", out.raw).run(options), 0);
        for (int y = 0; y < 5; y++) {
            for (int x = 0; x < 8; x++) {
                const auto at = [&](int i, int j) { return static_cast<int>(in.data[static_cast<size_t>((i + 1) + j * 10)]); };
                const int expected = (at(x - 1, y) + at(x - 1, y + 1) + at(x + 1, y) + at(x + 1, y + 1)) / 4;
                ASSERT_EQ(out.data[static_cast<size_t>(x + y * 8)], expected) << x << ", " << y;
            }
        }
    }
}

TEST(Interpreter, RunsFlatCodeWithVectors) {
    TestBuffer<float> out({0}, {11});
    Program p(R"(
        given out.b: handle
        let out: float32[] = buffer_host(out.b)
        allocate t: int32[16] @stack
        for x in [0, +2) { t[ramp(x*8, 1, 8) align(8, 0)] = ramp(x*8, 1, 8)*broadcast(3, 8) }
        for y in [0, +2) {
            out[ramp(y*8, 1, 8) if ramp(y*8, 1, 8) < broadcast(11, 8)] = float32x8(t[ramp(15 - y*8, -1, 8)])
        }
    )");
    ASSERT_EQ(p.output("out.b", out.raw).run(), 0);
    for (int i = 0; i < 11; i++) EXPECT_EQ(out.data[static_cast<size_t>(i)], static_cast<float>((15 - i) * 3));
}

TEST(Interpreter, Vectors) {
    using Lanes = std::vector<uint64_t>;
    EXPECT_EQ(lanes_of("ramp(ramp(0, 1, 2), broadcast(10, 2), 3)"), (Lanes{0, 1, 10, 11, 20, 21}));
    EXPECT_EQ(lanes_of("broadcast(ramp(3, 2, 2), 2)"), (Lanes{3, 5, 3, 5}));
    EXPECT_EQ(lanes_of("shuffle([ramp(0, 1, 4), ramp(9, 1, 4)], [0, 4, 1, 5])"), (Lanes{0, 9, 1, 10}));
    EXPECT_EQ(lanes_of("vector_reduce(add, ramp(1, 1, 6), 2)"), (Lanes{6, 15}));
    EXPECT_EQ(lanes_of("vector_reduce(saturating_add, broadcast(100u8, 4), 1)"), (Lanes{255}));
    EXPECT_EQ(lanes_of("vector_reduce(or, ramp(0, 1, 4) == broadcast(2, 4), 1)"), (Lanes{1}));
    EXPECT_EQ(lanes_of("reinterpret<uint8x4>(16909060)"), (Lanes{4, 3, 2, 1}));
    EXPECT_EQ(lanes_of("reinterpret<uint16x2>(uint8x4(ramp(1, 1, 4)))"), (Lanes{0x0201, 0x0403}));
    EXPECT_EQ(lanes_of("select(ramp(0, 1, 3) < broadcast(1, 3), broadcast(7, 3), ramp(0, 5, 3))"), (Lanes{7, 5, 10}));
}

TEST(Interpreter, Scalars) {
    EXPECT_EQ(value_of("-7/2"), -4);
    EXPECT_EQ(value_of("-7 % 2"), 1);
    EXPECT_EQ(value_of("5/0 + 5 % 0"), 0);
    EXPECT_EQ(value_of("2147483647 + 1"), -2147483648ll);
    EXPECT_EQ(value_of("(let t = 3 in t*t + (let u = t + 1 in u))"), 13);
    EXPECT_EQ(value_of("select(1.0f < 2.0f && !(1 == 2), 10, 20)"), 10);
    EXPECT_EQ(value_of("int32(floor(-1.5f)) + int32(round(2.5f))"), 0);
    EXPECT_EQ(value_of("if_then_else(false, 1/0, 5)"), 5);
    EXPECT_EQ(value_of("likely(3) + return_second(1, 4)"), 7);
    EXPECT_EQ(value_of("promise_clamped(3, 0, 5)"), 3);
    EXPECT_EQ(value_of("int32(-5.5f % 2.0f * 2.0f)"), 1);
}

TEST(Interpreter, AccessesOutsideAreRefused) {
    EXPECT_EQ(Program("allocate f: int32[4] for x in [0, +5) { f[x] = x }").refusal(),
              "error: the kernel writes element 4 of f, which has elements 0 to 3");
    EXPECT_EQ(Program("allocate f: int32[4] eval f[-1]").refusal(),
              "error: the kernel reads element -1 of f, which has elements 0 to 3");
    EXPECT_EQ(Program("realize f: int32 over [2, +4), [0, +2) { f(5, 1) = 0; f(6, 0) = 0 }").refusal(),
              "error: the kernel accesses f at 6 in dimension 0, where it covers 2 to 5");
    EXPECT_EQ(Program("allocate f: int32[4 if false] f[0] = 1").refusal(),
              "error: the buffer f points to no memory of this kernel");
    TestBuffer<uint8_t> in({0}, {4});
    EXPECT_EQ(Program("given b: handle let in: uint8[] = buffer_host(b) eval in[4]").input("b", in.raw).refusal(),
              "error: the kernel reads element 4 of b, which has elements 0 to 3");
    // A lane whose predicate is false touches nothing.
    EXPECT_EQ(Program("allocate f: int32[2] f[ramp(0, 1, 4) if ramp(0, 1, 4) < broadcast(2, 4)] = broadcast(1, 4)").refusal(),
              "ran and returned 0");
}

TEST(Interpreter, UninitialisedValuesMayNotDecide) {
    EXPECT_EQ(Program("allocate f: int32[4] if f[2] > 0 { eval 1 }").refusal(),
              "error: an uninitialised value is a condition: f[2] > 0");
    EXPECT_EQ(Program("allocate f: int32[4] f[f[1]] = 3").refusal(), "error: an uninitialised value is an index: f[1]");
    TestBuffer<int> out({0}, {4});
    EXPECT_EQ(Program("given b: handle let out: int32[] = buffer_host(b) allocate f: int32[4] f[0] = 1 out[3] = f[0] + f[1]")
                  .output("b", out.raw)
                  .refusal(),
              "error: the kernel stores an uninitialised value to element 3 of b");
    // Copying, and not choosing, are allowed.
    EXPECT_EQ(Program("given b: handle let out: int32[] = buffer_host(b) allocate f: int32[4] f[0] = 1 f[2] = f[1] "
                      "out[3] = select(f[0] == 1, 5, f[2])")
                  .output("b", out.raw)
                  .refusal(),
              "ran and returned 0");
    EXPECT_EQ(out.data[3], 5);
    // An undef element keeps its value.
    EXPECT_EQ(Program("given b: handle let out: int32[] = buffer_host(b) out[3] = select(out[3] == 5, undef<int32>(), 7)")
                  .input("b", out.raw)
                  .refusal(),
              "ran and returned 0");
    EXPECT_EQ(out.data[3], 5);
}

TEST(Interpreter, PromisesAreChecked) {
    EXPECT_EQ(Program("eval promise_clamped(6, 0, 5)").refusal(),
              "error: promise_clamped does not hold: 6 is not in 0 to 5: promise_clamped(6, 0, 5)");
    EXPECT_EQ(Program("allocate f: int32[8] f[3 align(4, 0)] = 1").refusal(), "error: index 3 of f is not 0 modulo 4");
    EXPECT_EQ(Program("eval x").refusal(), "error: the symbol x has no value here");
}

// A loop whose iterations depend on each other gives another result in another order.
TEST(Interpreter, OrderOfParallelLoopsShows) {
    const char *const text = "given b: handle let f: int32[] = buffer_host(b) parallel x in [1, +7) { f[x] = f[x - 1] + 1 }";
    std::array<int, 3> last{};
    int i = 0;
    for (const auto order : {InterpretOptions::Order::Forward, InterpretOptions::Order::Reverse, InterpretOptions::Order::Shuffled}) {
        TestBuffer<int> f({0}, {8});
        InterpretOptions options;
        options.parallel_order = order;
        ASSERT_EQ(Program(text).input("b", f.raw).run(options), 0);
        last[static_cast<size_t>(i++)] = f.data[7];
    }
    EXPECT_EQ(last[0], 7);
    EXPECT_EQ(last[1], 1);
    EXPECT_NE(last[2], 7);
}

int reported = 0;
extern "C" int heddle_test_report(void *context, const char *text, int a, int64_t b, double c, float d, uint8_t e, int f, int g, int h) {
    reported = (context == nullptr) + (std::string(text) == "extent") * 2 + (a == -3) * 4 + (b == -5) * 8 + (c == 1.5) * 16 +
               (d == 2.5f) * 32 + (e == 200) * 64 + (f == 6) * 128 + (g == 7) * 256 + (h == -8) * 512;
    return -27;
}

TEST(Interpreter, TasksWaitForOneAnother) {
    for (const char *text : {tasks_over_a_ring, tasks_within_tasks}) {
        for (const auto order : {InterpretOptions::Order::Forward, InterpretOptions::Order::Reverse, InterpretOptions::Order::Shuffled}) {
            TestBuffer<int32_t> out({0}, {30});
            InterpretOptions options;
            options.parallel_order = order;
            ASSERT_EQ(Program(text).output("o", out.raw).scalar("n", Int(32), 30).run(options), 0);
            for (int i = 0; i < 30; i++) EXPECT_EQ(out.data[static_cast<size_t>(i)], i * i + 1);
        }
    }
}

TEST(Interpreter, ATaskThatFailsEndsThoseThatWait) {
    TestBuffer<int32_t> out({0}, {30});
    for (const auto order : {InterpretOptions::Order::Forward, InterpretOptions::Order::Reverse, InterpretOptions::Order::Shuffled}) {
        InterpretOptions options;
        options.parallel_order = order;
        EXPECT_EQ(Program(task_that_fails).output("o", out.raw).scalar("n", Int(32), 30).run(options), 7);
    }
}

TEST(Interpreter, TasksThatWaitForeverAreFound) {
    EXPECT_EQ(Program(R"(
        let a = make_semaphore(0)
        let b = make_semaphore(1)
        fork { acquire a, 1 { eval release_semaphore(b, 1) } } and { acquire b, 2 { eval release_semaphore(a, 1) } }
    )").refusal(), "error: all tasks wait for one another");
    EXPECT_EQ(Program("let a = make_semaphore(0) acquire a, 1 { eval 1 }").refusal(), "error: all tasks wait for one another");
}

TEST(Interpreter, AssertsReturnTheCodeOfTheirMessage) {
    InterpretOptions options;
    options.functions["report"] = reinterpret_cast<void *>(&heddle_test_report);
    reported = 0;
    EXPECT_EQ(Program("assert 1 == 2 else extern_c<int32> \"report\"(null_handle(), \"extent\", -3, -5i64, 1.5f64, 2.5f, 200u8, 6, 7, -8)")
                  .run(options),
              -27);
    EXPECT_EQ(reported, 1023);
    EXPECT_EQ(Program("eval require(1 == 2, 0, 5)").run(), 5);
    EXPECT_EQ(Program("assert 1 == 1 else 5").run(), 0);
    EXPECT_EQ(Program("eval extern_c<int32> \"no such function\"()").refusal(),
              "error: the program calls no such function, which this process does not have");
}

TEST(Interpreter, CallsTheRuntime) {
    InterpretOptions options;
    std::string message;
    static std::string *sink = nullptr;
    sink = &message;
    halide_error_handler_t previous = halide_set_error_handler([](void *, const char *text) { *sink = text; });
    const int code = Program("assert false else extern_c<int32> \"halide_error_access_out_of_bounds\"(user_context(), "
                             "\"Input buffer in\", 0, -1, 8, 0, 7)")
                         .run(options);
    halide_set_error_handler(previous);
    EXPECT_EQ(code, halide_error_code_access_out_of_bounds);
    EXPECT_NE(message.find("Input buffer in"), std::string::npos) << message;
}

TEST(Interpreter, BuffersAnswerAndAreMade) {
    TestBuffer<int16_t> in({3, -2}, {4, 5});
    EXPECT_EQ(Program("given b: handle\n"
                      "assert buffer_min(b, 0) == 3 && buffer_extent(b, 1) == 5 && buffer_stride(b, 1) == 4 else 1\n"
                      "assert buffer_dimensions(b) == 2 && !buffer_is_null(b) && !buffer_is_bounds_query(b) else 2\n"
                      "assert buffer_type(b) == 69632u32 else 3\n"
                      "eval buffer_set_host_dirty(b, true)\n"
                      "assert buffer_host_dirty(b) && !buffer_device_dirty(b) else 4\n"
                      "let c = buffer_create(null_handle(), 73730u32, 1, 7, 9, 2)\n"
                      "assert buffer_is_bounds_query(c) && buffer_min(c, 0) == 7 && buffer_extent(c, 0) == 9 else 5\n"
                      "eval buffer_set_bounds(c, 73730u32, 1, 17, 19, 1)\n"
                      "assert buffer_min(c, 0) == 17 && buffer_extent(c, 0) == 19 else 6\n"
                      "assert buffer_is_null(null_handle()) else 7\n"
                      "assert buffer_extent(null_handle(), 0) == 3 else 8")
                  .input("b", in.raw)
                  .refusal(),
              "error: a null buffer is used: buffer_extent(null_handle(), 0)");
    EXPECT_TRUE(in.raw.host_dirty());
}

TEST(Interpreter, TextAndStructs) {
    InterpretOptions options;
    static std::string text;
    static int64_t sum = 0;
    options.functions["take"] = reinterpret_cast<void *>(+[](const char *t) -> int { text = t; return 0; });
    struct Members {
        uint8_t a;
        int32_t b;
        double c;
    };
    options.functions["take_struct"] = reinterpret_cast<void *>(+[](const Members *m) -> int {
        sum = m->a + m->b + static_cast<int64_t>(m->c);
        return 0;
    });
    ASSERT_EQ(Program("eval extern_c<int32> \"take\"(stringify(\"x is \", -3, \" of \", 1.5f, stringify(\"!\")))\n"
                      "eval extern_c<int32> \"take_struct\"(make_struct(200u8, -50, 1000.0f64))")
                  .run(options),
              0);
    EXPECT_EQ(text, "x is -3 of 1.500000!");
    EXPECT_EQ(sum, 1150);
}

TEST(Interpreter, LoweredFunctionsTakeTheirArguments) {
    SymbolTable symbols;
    LoweredFunction f;
    f.name = "scale";
    f.body = parse_stmt("given p: float32, o: handle let out: float32[] = buffer_host(o) "
                        "for x in [0, +buffer_extent(o, 0)) { out[x] = p*float32(x) }",
                        symbols);
    f.args.push_back({Argument("p", Argument::InputScalar, Float(32), 0), symbols.symbol("p")});
    f.args.push_back({Argument("o", Argument::OutputBuffer, Float(32), 1), symbols.symbol("o")});
    TestBuffer<float> out({0}, {3});
    EXPECT_EQ(interpret(f, {ArgValue(Float(32), std::bit_cast<uint32_t>(2.5f)), ArgValue(&out.raw)}), 0);
    EXPECT_EQ(out.data, (std::vector<float>{0, 2.5f, 5}));
    EXPECT_THROW(interpret(f, {ArgValue(&out.raw)}), InternalError);
    EXPECT_THROW(interpret(f, {ArgValue(Int(32), 1), ArgValue(&out.raw)}), InternalError);
}

TEST(Interpreter, EndlessRunsAreGivenUp) {
    InterpretOptions options;
    options.step_limit = 1000;
    EXPECT_THROW(Program("for x in [0, +2000000000) { eval x }").run(options), InternalError);
    EXPECT_EQ(Program("for x in [0, +100) { eval x }").run(options), 0);
}

}  // namespace
}  // namespace heddle::Internal
