#pragma once
// CPU code through LLVM. In: a Module whose functions are at level flat. Out: functions that can be called
// at once (JIT), or files. Both ways make the same code. Every function here may be called from several
// threads at a time. No LLVM header is needed to use this one.
//
// Errors: a target that this build has no code generator for, and a file that cannot be written (HD0272), are
// CompileErrors (HD0801 and HD0804); IR that breaks its invariants is an InternalError.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ir/module.h"
#include "support/output_files.h"

namespace heddle::Internal {

/** The files to write; an empty path means: not wanted. */
struct OutputFiles {
    std::string object, static_library, assembly, llvm_assembly, bitcode;
};

/** Adds the files to the batch. */
void emit(const Module &module, const OutputFiles &files, FileBatch &batch);
/** Writes the files: all of them or none. */
void emit(const Module &module, const OutputFiles &files);

/** The object file of the module, as bytes. */
std::string object_code(const Module &module);

struct ArchiveMember {
    std::string name, bytes;
};
/** The bytes of a static library (in the format of the target's system) of object files. */
std::string archive(const std::vector<ArchiveMember> &members, const Target &target);

/** Functions by name that win over those of the process. */
using ExternMap = std::map<std::string, void *>;

/** The code of a module in this process; it lives as long as some copy of this handle does. */
class CompiledModule {
public:
    CompiledModule() = default;
    bool defined() const {
        return impl_ != nullptr;
    }
    /** The function `name` of the module: int (*)(its arguments). */
    void *address(const std::string &name) const;
    /** int (*)(void **args): args[i] points to a scalar, or is the halide_buffer_t pointer. */
    using ArgvFunction = int (*)(void **args);
    ArgvFunction argv_address(const std::string &name) const;

    struct Impl;

private:
    friend CompiledModule compile_jit(const Module &, const ExternMap &);
    std::shared_ptr<Impl> impl_;
};

/** Compiles for this process. Other functions that the code calls come from `externs`, then from the
    process (where the runtime is); one that is in neither is a CompileError that names it. */
CompiledModule compile_jit(const Module &module, const ExternMap &externs = {});

}  // namespace heddle::Internal
