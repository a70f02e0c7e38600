#pragma once
// From heddle's Target to LLVM's: triple, feature list, target machine.

#include <memory>
#include <string>

#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Triple.h>

#include "heddle/target.h"

namespace heddle::Internal {

llvm::Triple triple_of(const Target &target);

/** `+avx2,+fma,...`: every instruction set that the target's features name or imply, and nothing that a
    processor's name would add. */
std::string feature_string(const Target &target);

/** The machine model that instructions are selected for. It never adds instruction sets. */
std::string cpu_of(const Target &target);

/** Throws CompileError HD0801 when LLVM has no back end for the target. */
std::unique_ptr<llvm::TargetMachine> make_target_machine(const Target &target);

/** What the target can do in hardware, as far as code is written differently for it. */
bool has_float16_conversions(const Target &target);
bool has_gathers(const Target &target);

}  // namespace heddle::Internal
