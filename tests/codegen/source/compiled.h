#pragma once
// Emitted C++ compiled by the compiler that builds the tests, and loaded into the process.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "codegen/source/c_source.h"
#include "interpret/interpreter.h"
#include "interpret/value.h"
#include "ir/parse.h"
#include "support_lib/shared_object.h"

namespace heddle::Internal {

/** A module's emitted source as a shared object. */
class CompiledSource {
public:
    explicit CompiledSource(const Module &module, const std::string &flags = "-O1")
        : source_(to_c_source(module)), object_(folder_, "kernel", {written()}, flags) {
    }

    template<typename F>
    F *function(const std::string &name) const {
        return object_.function<F>(name);
    }
    int run(const std::string &name, std::vector<void *> argv) const {
        return object_.run(name, std::move(argv));
    }
    const std::string &source() const {
        return source_;
    }

private:
    std::filesystem::path written() const {
        const std::filesystem::path cpp = folder_ / "kernel.cpp";
        std::ofstream(cpp) << source_;
        return cpp;
    }

    std::string source_;
    testing::TemporaryFolder folder_;
    testing::SharedObject object_;
};

/** A dense buffer of one dimension over memory of its own. */
struct Array {
    std::vector<uint8_t> bytes;
    halide_dimension_t dim;
    halide_buffer_t raw{};

    Array(Type t, int count)
        : bytes(static_cast<size_t>(count * t.bytes())), dim(0, count, 1) {
        raw.type = t;
        raw.dimensions = 1;
        raw.dim = &dim;
        raw.host = bytes.data();
    }
    Array(const Array &o)
        : bytes(o.bytes), dim(o.dim), raw(o.raw) {
        raw.dim = &dim;
        raw.host = bytes.data();
    }
    template<typename T>
    T &at(size_t i) {
        return reinterpret_cast<T *>(bytes.data())[i];
    }
    uint64_t bits(size_t i) const {
        uint64_t v = 0;
        const auto size = static_cast<size_t>(raw.type.bytes());
        std::memcpy(&v, bytes.data() + i * size, size);
        return v;
    }
    void set_bits(size_t i, uint64_t v) {
        const auto size = static_cast<size_t>(raw.type.bytes());
        std::memcpy(bytes.data() + i * size, &v, size);
    }
};

/** A function in text form; its parameters are the symbols of `args` (name, kind, type). */
inline LoweredFunction function_of(const std::string &name, const std::string &text, const std::vector<Argument> &args) {
    SymbolTable symbols;
    LoweredFunction f;
    f.name = name;
    f.body = parse_stmt(text, symbols);
    for (const Argument &a : args) f.args.push_back({a, symbols.entry(a.name).symbol});
    return f;
}

inline Module module_of(std::vector<LoweredFunction> functions) {
    Module m;
    m.name = "kernels";
    m.target = get_host_target();
    m.functions = std::move(functions);
    return m;
}

}  // namespace heddle::Internal
