// A definition in the program wins over the runtime's, for callers inside and outside of the runtime.
#include "HalideRuntime.h"
#include "runtime/common/internal_abi.h"
#include "runtime/common/symbol_table.h"

#include <cstring>
#include <gtest/gtest.h>

namespace {
int asked = 0;
}

// halide_current_time_ns calls this one; halide_error_vscale_invalid is called by kernels only.
extern "C" int halide_start_clock(void *user_context) {
    asked += user_context == &asked;
    return 0;
}

extern "C" int halide_error_vscale_invalid(void *, const char *, int runtime_vscale, int compiletime_vscale) {
    return runtime_vscale * 100 + compiletime_vscale;
}

namespace {

TEST(Replace, TheProgramsDefinitionsWin) {
    asked = 0;
    EXPECT_GT(halide_current_time_ns(&asked), 0);
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(halide_error_vscale_invalid(nullptr, "f", 3, 4), 304);
    size_t count = 0;
    const heddle_runtime_symbol *symbols = heddle_runtime_symbols(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(symbols[i].name, "halide_error_vscale_invalid") == 0) {
            EXPECT_EQ(symbols[i].address, reinterpret_cast<void *>(&halide_error_vscale_invalid));
        }
    }
}

}  // namespace
