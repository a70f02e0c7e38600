// Buffers' fields, the argv entry, metadata, and the files; errors of all of these.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "kernel.h"

using namespace heddle;
using namespace heddle::Internal;

namespace {

Expr handle_call(CallOp op, Type t, const Expr &b, int d = -1) {
    ExprList args{b};
    if (d >= 0) args.push_back(int32(d));
    return Call::make(t, op, args);
}

std::string contents(const std::string &path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

class Folder {
public:
    Folder() {
        path_ = (std::filesystem::temp_directory_path() / ("heddle_codegen_" + std::to_string(std::random_device{}()))).string();
        std::filesystem::create_directory(path_);
    }
    ~Folder() {
        std::filesystem::remove_all(path_);
    }
    std::string operator/(const std::string &name) const {
        return path_ + "/" + name;
    }
    size_t files() const {
        return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
    }

private:
    std::string path_;
};

// out[i] = in[i] * factor for i < n.
Module scale_module(const Target &target, const std::string &name = "scale") {
    Kernel k(target);
    Symbol in = k.buffer("in", Float(32)), out = k.buffer("out", Float(32), true);
    Expr factor = k.scalar("factor", Float(32)), n = k.scalar("n", Int(32));
    Symbol i = Symbol::fresh("i");
    Stmt body = serial(i, n, Store::make(out, var(i), Mul::make(Load::make(Float(32), in, var(i), {}), factor), {}));
    return k.module(body, name);
}

int run_command(const std::string &command) {
    return std::system(command.c_str());
}

}  // namespace

TEST(Buffers, FieldsAreReadAndWritten) {
    Kernel k;
    k.buffer("b", Int(16));
    Symbol out = k.buffer("out", Int(64), true);
    Expr b = k.buffer_argument(0);
    std::vector<Expr> fields = {
        handle_call(CallOp::buffer_dimensions, Int(32), b), handle_call(CallOp::buffer_type, UInt(32), b),
        handle_call(CallOp::buffer_min, Int(32), b, 1),     handle_call(CallOp::buffer_extent, Int(32), b, 1),
        handle_call(CallOp::buffer_stride, Int(32), b, 1),  handle_call(CallOp::buffer_device, UInt(64), b),
        handle_call(CallOp::buffer_host_dirty, Bool(), b),  handle_call(CallOp::buffer_device_dirty, Bool(), b),
        handle_call(CallOp::buffer_is_null, Bool(), b),     handle_call(CallOp::buffer_is_bounds_query, Bool(), b)};
    StmtList stmts;
    for (size_t i = 0; i < fields.size(); i++) {
        stmts.push_back(Store::make(out, int32(static_cast<int64_t>(i)), Cast::make(Int(64), fields[i]), {}));
    }
    stmts.push_back(Evaluate::make(Call::make(Int(32), CallOp::buffer_set_host_dirty, {b, const_false()})));
    k.compile(heddle::Internal::Block::make(stmts));

    halide_dimension_t dims[2] = {{1, 2, 3, 0}, {-4, 5, 6, 0}}, out_dim = {};
    halide_buffer_t buffer = {}, result = {};
    int16_t data[40];
    int64_t got[16] = {};
    buffer.host = reinterpret_cast<uint8_t *>(data);
    buffer.dim = dims;
    buffer.dimensions = 2;
    buffer.type = Int(16);
    buffer.device = 77;
    buffer.set_host_dirty(true);
    result.host = reinterpret_cast<uint8_t *>(got);
    result.dim = &out_dim;
    auto function = reinterpret_cast<int (*)(halide_buffer_t *, halide_buffer_t *)>(k.code().address("kernel"));
    ASSERT_EQ(function(&buffer, &result), 0);
    const int64_t want[] = {2, 0x11000, -4, 5, 6, 77, 1, 0, 0, 0};
    for (size_t i = 0; i < std::size(want); i++) EXPECT_EQ(got[i], want[i]) << i;
    EXPECT_FALSE(buffer.host_dirty());
}

TEST(Buffers, BoundsQueriesAreAnswered) {
    Kernel k;
    k.buffer("b", Int(16));
    Expr b = k.buffer_argument(0);
    Expr type = make_const(UInt(32), int64_t{0x12001});
    k.compile(Evaluate::make(Call::make(Int(32), CallOp::buffer_set_bounds, {b, type, int32(2), int32(3), int32(4), int32(1), int32(7), int32(8), int32(4)})));
    halide_dimension_t dims[2] = {};
    halide_buffer_t buffer = {};
    buffer.dim = dims;
    buffer.dimensions = 2;
    auto function = reinterpret_cast<int (*)(halide_buffer_t *)>(k.code().address("kernel"));
    ASSERT_EQ(function(&buffer), 0);
    EXPECT_EQ(buffer.dimensions, 2);
    EXPECT_EQ(buffer.type, halide_type_t(halide_type_uint, 32, 1));
    EXPECT_EQ(dims[0], halide_dimension_t(3, 4, 1));
    EXPECT_EQ(dims[1], halide_dimension_t(7, 8, 4));
}

TEST(Buffers, MadeOnTheStackForExternCalls) {
    static int seen_extent, seen_value;
    auto look = [](void *, halide_buffer_t *b) -> int {
        seen_extent = b->dim[0].extent;
        seen_value = reinterpret_cast<int *>(b->host)[1];
        return 0;
    };
    Kernel k;
    Symbol in = k.buffer("in", Int(32));
    Expr address = Call::make(Handle(), CallOp::address_of, {Load::make(Int(32), in, int32(2), {})});
    Expr made = Call::make(Handle(), CallOp::buffer_create, {address, make_const(UInt(32), int64_t{0x12000}), int32(1), int32(0), int32(5), int32(1)});
    Expr call = Call::make(Int(32), CallOp::extern_c, {Call::make(Handle(), CallOp::user_context, {}), made}, "look");
    k.compile(Evaluate::make(call), {{"look", reinterpret_cast<void *>(+look)}});
    int data[4] = {1, 2, 3, 4};
    ASSERT_EQ(k.run({data}), 0);
    EXPECT_EQ(seen_extent, 5);
    EXPECT_EQ(seen_value, 4);
}

TEST(Entry, ArgvTakesEveryScalarType) {
    Kernel k;
    std::vector<Type> types = {Int(8), Int(16), Int(32), Int(64), UInt(8), UInt(16), UInt(32), UInt(64), Bool(), Float(32), Float(64)};
    std::vector<Expr> params;
    for (Type t : types) params.push_back(k.scalar("p", t));
    Symbol out = k.buffer("out", Float(64), true);
    StmtList stmts;
    for (size_t i = 0; i < types.size(); i++) {
        stmts.push_back(Store::make(out, int32(static_cast<int64_t>(i)), Cast::make(Float(64), params[i]), {}));
    }
    k.compile(heddle::Internal::Block::make(stmts));
    int8_t a = -8;
    int16_t b = -16;
    int32_t c = -32;
    int64_t d = -64;
    uint8_t e = 200;
    uint16_t f = 60000;
    uint32_t g = 4000000000u;
    uint64_t h = 1ull << 63;
    uint8_t flag = 1;
    float x = 1.5f;
    double y = 2.5;
    double got[11] = {};
    ASSERT_EQ(k.run({&a, &b, &c, &d, &e, &f, &g, &h, &flag, &x, &y, got}), 0);
    const double want[] = {-8, -16, -32, -64, 200, 60000, 4e9, 0x1p63, 1, 1.5, 2.5};
    for (size_t i = 0; i < std::size(want); i++) EXPECT_EQ(got[i], want[i]) << i;
    // The typed entry sees the same through C's calling convention.
    auto typed = reinterpret_cast<int (*)(int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t, bool, float, double, halide_buffer_t *)>(
        k.code().address("kernel"));
    halide_buffer_t buffer = {};
    buffer.host = reinterpret_cast<uint8_t *>(got);
    std::fill(std::begin(got), std::end(got), 0.0);
    ASSERT_EQ(typed(a, b, c, d, e, f, g, h, true, x, y, &buffer), 0);
    for (size_t i = 0; i < std::size(want); i++) EXPECT_EQ(got[i], want[i]) << i;
}

TEST(Entry, UserContextReachesTheRuntime) {
    static void *seen;
    auto look = [](void *context) -> int {
        seen = context;
        return 0;
    };
    Kernel k;
    k.scalar("__user_context", Handle());
    Symbol i = Symbol::fresh("i");
    Stmt call = Evaluate::make(Call::make(Int(32), CallOp::extern_c, {Call::make(Handle(), CallOp::user_context, {})}, "look"));
    k.compile(serial(i, int32(2), call, ForType::Parallel), {{"look", reinterpret_cast<void *>(+look)}});
    int something = 0;
    void *context = &something;
    ASSERT_EQ(k.run({&context}), 0);
    EXPECT_EQ(seen, context);
}

TEST(Entry, MissingFunctionIsNamed) {
    Kernel k;
    Stmt body = Evaluate::make(Call::make(Int(32), CallOp::extern_c, {}, "a_function_that_is_nowhere"));
    try {
        k.compile(body);
        FAIL() << "compiled";
    } catch (const CompileError &e) {
        EXPECT_NE(std::string(e.what()).find("a_function_that_is_nowhere"), std::string::npos) << e.what();
    }
}

TEST(Files, AllKindsAreWrittenAndWork) {
    Folder folder;
    OutputFiles files{folder / "k.o", folder / "k.a", folder / "k.s", folder / "k.ll", folder / "k.bc"};
    emit(scale_module(get_host_target()), files);
    EXPECT_EQ(folder.files(), 5u);
    EXPECT_EQ(contents(files.object).substr(1, 3), "ELF");
    EXPECT_EQ(contents(files.static_library).substr(0, 7), "!<arch>");
    EXPECT_NE(contents(files.assembly).find("scale:"), std::string::npos);
    EXPECT_NE(contents(files.llvm_assembly).find("define"), std::string::npos);
    EXPECT_EQ(contents(files.bitcode).substr(0, 2), "BC");

    std::ofstream(folder / "main.cpp") << R"(
        #include "HalideRuntime.h"
        #include <cstring>
        extern "C" int scale(halide_buffer_t *, halide_buffer_t *, float, int);
        extern "C" int scale_argv(void **);
        extern "C" const halide_filter_metadata_t *scale_metadata();
        int main() {
            float a[3] = {1, 2, 3}, b[3] = {}, factor = 2;
            int n = 3;
            halide_buffer_t in = {}, out = {};
            in.host = (uint8_t *)a;
            out.host = (uint8_t *)b;
            if (scale(&in, &out, 3, 2) || b[1] != 6 || b[2] != 0) return 1;
            void *args[] = {&in, &out, &factor, &n};
            if (scale_argv(args) || b[2] != 6) return 2;
            const halide_filter_metadata_t *m = scale_metadata();
            if (m->version != 1 || m->num_arguments != 4 || strcmp(m->name, "scale")) return 3;
            const halide_filter_argument_t *f = m->arguments;
            if (strcmp(f[1].name, "out") || f[1].kind != halide_argument_kind_output_buffer || f[1].dimensions != 1) return 4;
            if (f[3].type != halide_type_t(halide_type_int, 32, 1) || f[3].kind != halide_argument_kind_input_scalar) return 5;
            if (strncmp(m->target, "x86-64", 6) && strncmp(m->target, "arm-64", 6)) return 6;
            return 0;
        })";
    std::string include = std::string(HEDDLE_SOURCE_DIR) + "/include/compat";
    std::string compile = "c++ -I" + include + " -I/usr/include/halide14 " + (folder / "main.cpp") + " ";
    ASSERT_EQ(run_command(compile + files.object + " -o " + (folder / "a")), 0);
    EXPECT_EQ(run_command(folder / "a"), 0);
    ASSERT_EQ(run_command(compile + files.static_library + " -o " + (folder / "b")), 0);
    EXPECT_EQ(run_command(folder / "b"), 0);
}

TEST(Files, OtherTargets) {
    struct Machine {
        const char *target;
        uint16_t elf;  ///< e_machine
    };
    for (const Machine &m : {Machine{"x86-64-linux-sse41", 62}, Machine{"x86-64-linux-avx512_sapphirerapids", 62}, Machine{"x86-32-linux", 3},
                             Machine{"arm-64-linux-arm_dot_prod", 183}, Machine{"arm-32-linux", 40}, Machine{"riscv-64-linux-rvv-vector_bits_128", 243}}) {
        std::string bytes = object_code(scale_module(Target(m.target)));
        ASSERT_GT(bytes.size(), 20u) << m.target;
        uint16_t machine = 0;
        std::memcpy(&machine, bytes.data() + 18, 2);
        EXPECT_EQ(machine, m.elf) << m.target;
    }
    EXPECT_EQ(object_code(scale_module(Target("wasm-32-wasmrt-wasm_simd128"))).substr(1, 3), "asm");
    EXPECT_EQ(static_cast<uint8_t>(object_code(scale_module(Target("arm-64-osx")))[0]), 0xcf);
}

TEST(Files, UnwritablePlaceIsNamedAndNothingIsLeft) {
    Folder folder;
    std::string path = folder / "no_such_folder/k.o";
    try {
        emit(scale_module(get_host_target()), {path, "", "", "", ""});
        FAIL() << "written";
    } catch (const CompileError &e) {
        EXPECT_EQ(e.diagnostic().code, 272);
        EXPECT_NE(std::string(e.what()).find(path), std::string::npos) << e.what();
    }
    // A folder is in the place of the file: the old content stays, and no temporary file.
    std::filesystem::create_directory(folder / "taken");
    std::ofstream(folder / "taken/file") << "x";
    EXPECT_THROW(emit(scale_module(get_host_target()), {folder / "taken", "", "", "", ""}), CompileError);
    EXPECT_EQ(folder.files(), 1u);
}

TEST(Files, TheSameModuleGivesTheSameBytes) {
    EXPECT_EQ(object_code(scale_module(get_host_target())), object_code(scale_module(get_host_target())));
}

TEST(Threads, CompileAtTheSameTime) {
    std::vector<std::thread> threads;
    std::atomic<int> good{0};
    for (int t = 0; t < 4; t++) {
        threads.emplace_back([&, t] {
            for (int r = 0; r < 3; r++) {
                Kernel k;
                Symbol out = k.buffer("out", Int(32), true);
                Symbol i = Symbol::fresh("i");
                k.compile(serial(i, int32(10), Store::make(out, var(i), Add::make(var(i), int32(t)), {})));
                int b[10] = {};
                good += k.run({b}) == 0 && b[9] == 9 + t;
            }
        });
    }
    for (auto &t : threads) t.join();
    EXPECT_EQ(good, 12);
}

TEST(Targets, FeatureThatTheMachineLacksIsNeverUsed) {
    // sse41 alone: no instruction of a later set in the text.
    Folder folder;
    Target t("x86-64-linux-sse41");
    Kernel k(t);
    Symbol in = k.buffer("in", Float(32)), out = k.buffer("out", Float(32), true);
    Expr index = Ramp::make(int32(0), int32(1), 16);
    Expr a = Load::make(Float(32, 16), in, index, {});
    Expr sum = Add::make(Mul::make(a, a), Call::make(a.type(), CallOp::floor, {a}));
    emit(k.module(Store::make(out, index, sum, {})), {"", "", folder / "k.s", "", ""});
    std::string text = contents(folder / "k.s");
    EXPECT_EQ(text.find("ymm"), std::string::npos);
    EXPECT_EQ(text.find("vmul"), std::string::npos);
    EXPECT_NE(text.find("roundps"), std::string::npos);
}

TEST(Targets, FusedMultiplyAddOnlyWhereAllowed) {
    auto text_of = [](bool strict, const Target &t) {
        Folder folder;
        Kernel k(t);
        Symbol in = k.buffer("in", Float(32)), out = k.buffer("out", Float(32), true);
        Expr index = Ramp::make(int32(0), int32(1), 8);
        Expr a = Load::make(Float(32, 8), in, index, {});
        Expr sum = Add::make(Mul::make(a, a), a);
        if (strict) sum = Call::make(a.type(), CallOp::strict_float, {sum});
        emit(k.module(Store::make(out, index, sum, {})), {"", "", folder / "k.s", "", ""});
        return contents(folder / "k.s");
    };
    Target with("x86-64-linux-avx2-fma"), without("x86-64-linux-avx2");
    EXPECT_NE(text_of(false, with).find("vfmadd"), std::string::npos);
    EXPECT_EQ(text_of(true, with).find("vfmadd"), std::string::npos);
    EXPECT_EQ(text_of(false, with.with_feature(Target::StrictFloat)).find("vfmadd"), std::string::npos);
    EXPECT_EQ(text_of(false, without).find("vfmadd"), std::string::npos);
}
