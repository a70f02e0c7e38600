#pragma once
// Building one-function modules by hand and calling them.

#include <cstring>
#include <random>
#include <vector>

#include "codegen/llvm/codegen.h"
#include "ir/nodes.h"

namespace heddle::Internal {

inline Expr var(const Symbol &s, Type t = Int(32)) {
    return Variable::make(t, s);
}
inline Expr int32(int64_t v) {
    return make_const(Int(32), v);
}
inline Stmt serial(const Symbol &i, Expr extent, Stmt body, ForType type = ForType::Serial) {
    return For::make(i, int32(0), std::move(extent), type, Partition::Auto, std::move(body));
}

/** A kernel over raw arrays: argument k is a halide_buffer_t whose host pointer is bound to pointer(k). */
class Kernel {
public:
    explicit Kernel(Target target = get_host_target())
        : target_(std::move(target)) {
    }

    /** Declares a buffer argument and gives the symbol that Loads and Stores use. */
    Symbol buffer(const std::string &name, Type t, bool output = false) {
        Symbol arg = Symbol::fresh(name + "_buffer");
        args_.push_back({Argument(name, output ? Argument::OutputBuffer : Argument::InputBuffer, t, 1), arg});
        pointers_.push_back(Symbol::fresh(name));
        return pointers_.back();
    }
    Expr scalar(const std::string &name, Type t) {
        Symbol s = Symbol::fresh(name);
        args_.push_back({Argument(name, Argument::InputScalar, t, 0), s});
        pointers_.push_back({});
        return Variable::make(t, s);
    }
    /** The halide_buffer_t of argument k. */
    Expr buffer_argument(size_t k) const {
        return Variable::make(Handle(), args_[k].symbol);
    }

    Module module(Stmt body, const std::string &name = "kernel") const {
        for (size_t i = 0; i < args_.size(); i++) {
            if (!args_[i].argument.is_buffer()) continue;
            body = LetStmt::make(pointers_[i], Call::make(Handle(), CallOp::buffer_host, {buffer_argument(i)}), body);
        }
        Module m;
        m.name = name;
        m.target = target_;
        m.functions.push_back({name, args_, body});
        return m;
    }
    void compile(const Stmt &body, const ExternMap &externs = {}) {
        code_ = compile_jit(module(body), externs);
    }

    /** Runs with raw host pointers for the buffers and pointers to the values of scalars. */
    int run(const std::vector<void *> &values) const {
        std::vector<halide_buffer_t> buffers(values.size());
        std::vector<halide_dimension_t> dims(values.size());
        std::vector<void *> argv;
        for (size_t i = 0; i < values.size(); i++) {
            buffers[i] = halide_buffer_t();
            buffers[i].host = static_cast<uint8_t *>(values[i]);
            buffers[i].dim = &dims[i];
            buffers[i].dimensions = 1;
            argv.push_back(args_[i].argument.is_buffer() ? &buffers[i] : values[i]);
        }
        return code_.argv_address("kernel")(argv.data());
    }
    const CompiledModule &code() const {
        return code_;
    }

private:
    Target target_;
    std::vector<LoweredArgument> args_;
    std::vector<Symbol> pointers_;
    CompiledModule code_;
};

}  // namespace heddle::Internal
