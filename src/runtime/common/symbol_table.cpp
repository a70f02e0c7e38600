#include "runtime/common/symbol_table.h"

#include "runtime/common/internal_abi.h"
#include "runtime/common/weak.h"

namespace {

// Initialized by the linker and loader alone.
const heddle_runtime_symbol table[] = {
#define RUNTIME_FUNCTION(name) {#name, reinterpret_cast<void *>(&name)},
#include "runtime/runtime_functions.def"
#undef RUNTIME_FUNCTION
};

}  // namespace

HEDDLE_RUNTIME const heddle_runtime_symbol *heddle_runtime_symbols(size_t *count) {
    *count = sizeof table / sizeof table[0];
    return table;
}
