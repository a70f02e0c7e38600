// Fork and Acquire as machine code, with few threads and with many.

#include <gtest/gtest.h>

#include "ir/parse.h"
#include "kernel.h"
#include "support_lib/task_programs.h"

using namespace heddle;
using namespace heddle::Internal;

namespace {

CompiledModule compile(const char *text) {
    SymbolTable symbols;
    LoweredFunction f;
    f.name = "kernel";
    f.body = parse_stmt(text, symbols);
    f.args.push_back({Argument("o", Argument::OutputBuffer, Int(32), 1), symbols.entry("o").symbol});
    f.args.push_back({Argument("n", Argument::InputScalar, Int(32), 0), symbols.entry("n").symbol});
    Module m;
    m.name = "kernels";
    m.target = get_host_target();
    m.functions.push_back(f);
    return compile_jit(m, {});
}

int run(const CompiledModule &code, std::vector<int> &out) {
    halide_dimension_t dim(0, static_cast<int>(out.size()), 1);
    halide_buffer_t raw{};
    raw.host = reinterpret_cast<uint8_t *>(out.data());
    raw.type = halide_type_of<int>();
    raw.dimensions = 1;
    raw.dim = &dim;
    int n = static_cast<int>(out.size());
    void *argv[] = {&raw, &n};
    return code.argv_address("kernel")(argv);
}

}  // namespace

TEST(Tasks, WaitForOneAnother) {
    for (const char *text : {tasks_over_a_ring, tasks_within_tasks}) {
        const CompiledModule code = compile(text);
        for (int threads : {1, 2, 3, 8}) {
            const int before = halide_set_num_threads(threads);
            for (int repeat = 0; repeat < 50; repeat++) {
                std::vector<int> out(100, 0);
                ASSERT_EQ(run(code, out), 0);
                for (int i = 0; i < 100; i++) ASSERT_EQ(out[static_cast<size_t>(i)], i * i + 1);
            }
            halide_set_num_threads(before);
        }
    }
}

TEST(Tasks, AFailureEndsThoseThatWait) {
    const CompiledModule code = compile(task_that_fails);
    for (int threads : {1, 2, 8}) {
        const int before = halide_set_num_threads(threads);
        for (int repeat = 0; repeat < 50; repeat++) {
            std::vector<int> out(20, 0);
            ASSERT_EQ(run(code, out), 7);
            EXPECT_EQ(out[2], 5);
        }
        halide_set_num_threads(before);
    }
}
