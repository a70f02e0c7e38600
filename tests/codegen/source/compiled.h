#pragma once
// Emitted C++ compiled by the compiler that builds the tests, and loaded into the process.

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "codegen/source/c_source.h"
#include "interpret/interpreter.h"
#include "interpret/value.h"
#include "ir/parse.h"

namespace heddle::Internal {

/** A module's emitted source as a shared object; unloaded and deleted at the end. For people who look into a
    failure: HEDDLE_KEEP_SOURCE=1 keeps the files, HEDDLE_SOURCE_FLAGS are more flags for the compiler. */
class CompiledSource {
public:
    explicit CompiledSource(const Module &module, const std::string &flags = "-O1")
        : source_(to_c_source(module)) {
        std::string pattern = (std::filesystem::temp_directory_path() / "heddle_source_XXXXXX").string();
        directory_ = mkdtemp(pattern.data());
        const std::filesystem::path cpp = directory_ / "kernel.cpp", so = directory_ / "kernel.so", log = directory_ / "log";
        std::ofstream(cpp) << source_;
        const std::string command = std::string(HEDDLE_CXX_COMPILER) + " -std=c++20 -ffp-contract=off -fPIC -shared -Wall -Wextra -Werror " +
                                    flags + " " + more_flags() + " -I" + HEDDLE_SOURCE_DIR + "/include/compat -isystem " + HEDDLE_HALIDE_RUNTIME_INCLUDE + " -o '" +
                                    so.string() + "' '" + cpp.string() + "' 2> '" + log.string() + "'";
        const int status = std::system(command.c_str());
        std::stringstream messages;
        messages << std::ifstream(log).rdbuf();
        if (status != 0) throw std::runtime_error("the emitted source does not compile:\n" + messages.str().substr(0, 4000));
        library_ = dlopen(so.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!library_) throw std::runtime_error(dlerror());
    }
    ~CompiledSource() {
        if (library_) dlclose(library_);
        if (std::getenv("HEDDLE_KEEP_SOURCE")) return;
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    CompiledSource(const CompiledSource &) = delete;
    CompiledSource &operator=(const CompiledSource &) = delete;

    template<typename F>
    F *function(const std::string &name) const {
        void *f = dlsym(library_, name.c_str());
        if (!f) throw std::runtime_error("the emitted source has no function " + name);
        return reinterpret_cast<F *>(f);
    }
    int run(const std::string &name, std::vector<void *> argv) const {
        return function<int(void **)>(name + "_argv")(argv.data());
    }
    const std::string &source() const {
        return source_;
    }

private:
    static std::string more_flags() {
        const char *flags = std::getenv("HEDDLE_SOURCE_FLAGS");
        return flags ? flags : "";
    }

    std::string source_;
    std::filesystem::path directory_;
    void *library_ = nullptr;
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
