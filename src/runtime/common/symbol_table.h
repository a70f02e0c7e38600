// The runtime's functions by name, for a JIT that resolves what emitted code calls. Naming them here also keeps them in a
// statically linked program, where nothing else may refer to them. A definition of the program's own that replaced one of
// ours is what the table then holds.
#pragma once

#include <cstddef>

extern "C" {

struct heddle_runtime_symbol {
    const char *name;
    void *address;
};

// The table, in the order of runtime_functions.def; its length goes to *count.
const heddle_runtime_symbol *heddle_runtime_symbols(size_t *count);
}
