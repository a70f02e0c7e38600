#pragma once
// What the functions of one LLVM module share.

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>

#include "ir/module.h"

namespace heddle::Internal {

struct ModuleState {
    ModuleState(llvm::LLVMContext &c, llvm::Module &m, const Target &t);

    llvm::LLVMContext &context;
    llvm::Module &module;
    const Target &target;
    std::string cpu, features;  ///< attributes of every function
    bool float16_conversions, gathers;

    llvm::Type *i1, *i8, *i16, *i32, *i64, *f32, *f64, *void_type;
    llvm::PointerType *ptr;
    llvm::IntegerType *size_type;  ///< as wide as a pointer
    llvm::StructType *buffer_type, *dimension_type;

    /** One alias scope per internal allocation: memory of different ones, and of theirs and the user's
        buffers, never overlaps. The user's own buffers may overlap each other (in-place use). */
    llvm::MDNode *alias_domain;
    std::vector<llvm::MDNode *> live_scopes;  ///< of the allocations around the code being made

    /** Integer lets that are parts of addresses (see index_lets.h), of the function being made. */
    std::unordered_set<uint64_t> index_lets;

    /** The type of values of t, and of their form in memory: bool is i1 and i8. The 16-bit floats are i16:
        arithmetic on them goes through float32 and rounds after each operation. */
    llvm::Type *value_type(Type t) const;
    llvm::Type *memory_type(Type t) const;

    /** A function of this module, with the attributes that all have: no unwinding, the target's features. */
    llvm::Function *make_function(llvm::FunctionType *type, const std::string &name, bool external);
    /** A C function defined elsewhere. A different type than at an earlier use is an InternalError. */
    llvm::FunctionCallee declare(const std::string &name, llvm::Type *result, llvm::ArrayRef<llvm::Type *> args);
    /** Address of a constant C string. */
    llvm::Constant *string_constant(const std::string &text);

private:
    std::unordered_map<std::string, llvm::Constant *> strings_;
};

/** Makes the LLVM function of f, its argv form `<name>_argv`, and for AOT `<name>_metadata`. */
void add_function(ModuleState &m, const LoweredFunction &f, bool with_metadata);

/** LLVM's own optimizations: what the schedule decides (vectors, unrolling) is left alone. */
void optimize(llvm::Module &module, llvm::TargetMachine &machine, const Target &target);

/** The whole way from a Module to an optimized LLVM module. */
std::unique_ptr<llvm::Module> build_module(const Module &module, llvm::LLVMContext &context,
                                           llvm::TargetMachine &machine, bool with_metadata);

}  // namespace heddle::Internal
