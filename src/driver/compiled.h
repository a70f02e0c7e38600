#pragma once
// A pipeline compiled for this process: what Pipeline::realize and Callables run.

#include <memory>
#include <string>
#include <vector>

#include "codegen/llvm/codegen.h"
#include "driver/jit_context.h"
#include "driver/loaded_source.h"
#include "heddle/pipeline.h"
#include "language/reachable.h"
#include "lower/lower.h"

namespace heddle::Internal {

struct PipelineContents {
    std::vector<std::shared_ptr<Function>> outputs;
    std::vector<LowerRequest::Requirement> requirements;
    std::map<std::string, JITExtern> externs;
    JITHandlers handlers;
    std::vector<CustomLoweringPass> passes;
    bool trace = false;
    std::mutex mutex;  ///< of compiled
    std::shared_ptr<const struct CompiledPipeline> compiled;  ///< for the last target; null: none
};

/** Where one argument of the kernel comes from at a call. */
struct ArgumentSource {
    enum class Kind { Context, Listed, Parameter, Output, Unused };
    Kind kind = Kind::Unused;
    Argument argument;
    std::shared_ptr<const class ParameterContents> parameter;  ///< of a parameter, listed or not
    size_t index = 0;                                  ///< among the listed ones or the outputs
};

/** What runs a kernel; HEDDLE_EXECUTE=interpreter, naive or c asks for one of the judges. */
enum class Execution {
    Machine,      ///< compiled code
    Source,       ///< compiled C++ source ("c")
    Interpreter,  ///< the lowered statement, by the reference interpreter
    Naive,        ///< the algorithm without its schedule; bounds queries by the interpreter
};
/** As the environment says. */
Execution execution_from_environment();

struct CompiledPipeline {
    Target target;
    Execution execution = Execution::Machine;
    std::shared_ptr<const Module> module;  ///< what is interpreted; null for code
    Functions outputs;
    ExternMap externs;
    CompiledModule code;
    LoadedSource source;  ///< instead of code
    CompiledModule::ArgvFunction function = nullptr;
    std::vector<ArgumentSource> arguments;  ///< of the kernel, in order; the first is the context
    Functions reached;                      ///< what the code was made from, to see whether it is stale
    Parameters parameters;
    std::vector<uint64_t> fingerprint;
    std::vector<std::shared_ptr<const CompiledPipeline>> inner;  ///< those that this one calls as C functions

    /** Whether no definition, schedule or constraint has changed since. */
    bool is_current() const;
    /** Calls the kernel. args[i] belongs to arguments[i]: a halide_buffer_t, or the address of a scalar;
        args[0] is filled in. */
    int run(JITUserContext *context, std::vector<void *> &args) const;

private:
    int run_interpreter(JITUserContext *context, const std::vector<void *> &args) const;
    int run_naively(JITUserContext *context, const std::vector<void *> &args) const;
};

/** Lowers and compiles. Without `listed`, parameters are read where they are declared at each call; with
    it, the kernel takes these, in this order. Freezes the Functions that it reaches. */
std::shared_ptr<const CompiledPipeline> compile_pipeline(const PipelineContents &p, const Target &target,
                                                         const std::vector<Argument> *listed);

/** The pipeline as a C function of its buffers, its scalars, the user context and its outputs; code.address(name of
    the first function of module) is its address. */
std::shared_ptr<const CompiledPipeline> compile_as_function(const PipelineContents &p, const Target &target);

/** The compiled form for realize: the last one if it is for the target and current, else a new one. */
std::shared_ptr<const CompiledPipeline> compiled_for(PipelineContents &p, const Target &target);

/** `target` as JIT code needs it; a CompileError if this machine cannot run it. */
Target jit_target(const Target &target);

/** A name that C accepts. */
std::string c_name(const std::string &name);

}  // namespace heddle::Internal
