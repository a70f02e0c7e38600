#pragma once
// HEDDLE_EXECUTE=c: kernels of this process by way of their C++ source.

#include <memory>

#include "codegen/llvm/codegen.h"

namespace heddle::Internal {

/** A module as C++ source, compiled to a shared object by the command HEDDLE_CXX (default: c++; it must find
    HalideRuntime.h) and loaded until the last copy is gone. */
class LoadedSource {
public:
    LoadedSource() = default;
    /** Functions in `externs` win over those of the process. CompileError HD0515 when the source cannot be compiled,
        with the compiler's messages. */
    LoadedSource(const Module &module, const ExternMap &externs);

    CompiledModule::ArgvFunction argv_address(const std::string &name) const;

private:
    std::shared_ptr<void> library_;
};

}  // namespace heddle::Internal
