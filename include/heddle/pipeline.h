#pragma once
// Pipeline: one or more Funcs as outputs, to be run in this process or compiled to files. A handle:
// copies mean the same Pipeline. What is run is compiled at the first run, and again when a definition
// or a schedule that it depends on has changed.

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "heddle/argument.h"
#include "heddle/autoscheduler.h"
#include "heddle/buffer.h"
#include "heddle/callable.h"
#include "heddle/expr.h"
#include "heddle/extern.h"
#include "heddle/jit.h"
#include "heddle/module.h"
#include "heddle/schedule.h"
#include "heddle/target.h"

namespace heddle {

class Func;
class Pipeline;

namespace Internal {
struct PipelineContents;
/** HD0265 for an undefined Pipeline. */
PipelineContents &contents_of(const Pipeline &p);
}

/** A step of a program's own at the end of lowering: gets the statement of a kernel as text (docs/ir.md) and gives
    back the one that is compiled in its place, which may use what the first one uses. A text that cannot be read, or
    that is no statement as code generation takes it, is refused (HD0229) with the name of the pass. */
struct CustomLoweringPass {
    std::string name;
    std::function<std::string(const std::string &statement)> run;
};

class Pipeline {
public:
    /** Where realize is to write: a Realization, one Buffer, or a list of Buffers. */
    struct RealizationArg {
        Realization *r = nullptr;
        halide_buffer_t *buf = nullptr;
        std::vector<Buffer<>> buffer_list;

        RealizationArg(Realization &realization)
            : r(&realization) {
        }
        RealizationArg(Realization &&realization)
            : r(&realization) {
        }
        RealizationArg(halide_buffer_t *b)
            : buf(b) {
        }
        template<typename T, int D, int S>
        RealizationArg(Runtime::Buffer<T, D, S> &b)
            : buf(b.raw_buffer()) {
        }
        template<typename T, int D>
        RealizationArg(Buffer<T, D> &b)
            : buf(b.raw_buffer()) {
        }
        template<typename T, int D, typename... Others>
            requires(sizeof...(Others) > 0 && (std::convertible_to<Others, Buffer<>> && ...))
        RealizationArg(Buffer<T, D> &first, Others &&...others)
            : buffer_list{Buffer<>(first), Buffer<>(others)...} {
        }
        RealizationArg(RealizationArg &&) noexcept;
        ~RealizationArg();
        size_t size() const;
        /** The buffers in order. */
        std::vector<halide_buffer_t *> raw() const;
    };
    using Arguments = std::vector<Argument>;

    /** No Pipeline. */
    Pipeline();
    HEDDLE_SPECIAL_MEMBERS(Pipeline);
    Pipeline(const Func &output);
    Pipeline(const std::vector<Func> &outputs);
    Pipeline(std::initializer_list<Func> outputs);

    bool defined() const {
        return contents_ != nullptr;
    }
    std::vector<Func> outputs() const;
    /** Func `index` of those that the outputs depend on, producers first. */
    Func get_func(size_t index);

    /** Makes a scheduler known to this process. */
    static void add_autoscheduler(const std::string &name, const AutoSchedulerFn &scheduler);
    /** Lets the scheduler of that name schedule the pipeline; HD0225 when there is none. */
    AutoSchedulerResults apply_autoscheduler(const Target &target, const AutoschedulerParams &params) const;
    /** The conditions that add_requirement was given. */
    std::vector<Expr> requirements() const;
    /** The Params, ImageParams and bounds that the outputs depend on: buffers first, then scalars. */
    std::vector<Argument> infer_arguments();

    /** Allocates outputs of these sizes (from 0 on), runs, and returns them. */
    Realization realize(std::vector<int32_t> sizes = {}, const Target &target = Target());
    Realization realize(JITUserContext *context, std::vector<int32_t> sizes = {}, const Target &target = Target());
    /** Runs, writing into these. */
    void realize(RealizationArg outputs, const Target &target = Target());
    void realize(JITUserContext *context, RealizationArg outputs, const Target &target = Target());

    /** Allocates a Buffer of the size needed for each ImageParam that has none. */
    void infer_input_bounds(const std::vector<int32_t> &sizes, const Target &target = Target());
    void infer_input_bounds(RealizationArg outputs, const Target &target = Target());
    void infer_input_bounds(JITUserContext *context, const std::vector<int32_t> &sizes,
                            const Target &target = Target());
    void infer_input_bounds(JITUserContext *context, RealizationArg outputs, const Target &target = Target());

    /** Compiles now instead of at the first run. */
    void compile_jit(const Target &target = get_jit_target_from_environment());
    Callable compile_to_callable(const Arguments &args, const Target &target = get_jit_target_from_environment());
    /** Runs behind those that were added before. */
    void add_custom_lowering_pass(const CustomLoweringPass &pass);
    /** Not with the classes over Halide's own IR. */
    template<typename T>
    void add_custom_lowering_pass(T *) {
        static_assert(!sizeof(T), "a pass over Halide's IR: write it as a CustomLoweringPass, which gets text");
    }
    void clear_custom_lowering_passes();
    const std::vector<CustomLoweringPass> &custom_lowering_passes() const;
    JITHandlers &jit_handlers();
    void invalidate_cache();
    /** C functions that win over those of the process. Those of one Pipeline replace those that it had. */
    void set_jit_externs(const std::map<std::string, JITExtern> &externs);
    const std::map<std::string, JITExtern> &get_jit_externs();

    /** What was recorded for all Funcs that the outputs depend on, as a value. */
    Schedule schedule() const;
    /** Replaces what was recorded: all of it, or nothing when the schedule is refused. With
        check_algorithm, one that was made for another algorithm is refused. */
    void apply(const Schedule &s, bool check_algorithm = true);

    /** A condition on Params and on shapes of inputs that each run checks before it computes anything. */
    void add_requirement(const Expr &condition, const std::vector<Expr> &message);
    template<typename... Args>
        requires(std::convertible_to<Args, Expr> && ...)
    void add_requirement(const Expr &condition, const Args &...message) {
        add_requirement(condition, std::vector<Expr>{static_cast<Expr>(message)...});
    }
    void trace_pipeline();
    void print_loop_nest();
    /** What each loop computes, loads and stores for outputs of these sizes (all of one size, from 0 on; without sizes, of
        their estimates), as text: how often loops run, operations and bytes in all, the memory that an iteration
        touches, and how often Funcs are computed again. Params and images count as they are now, else by their
        estimates. docs/explain.md tells how to read it. CompileError HD0298 when sizes are missing. */
    std::string explain(const std::vector<int32_t> &sizes = {}) const;

    // Files. They are complete or not there. Headers and libraries declare `int fn_name(...)`.
    void compile_to(const std::map<OutputFileType, std::string> &files, const Arguments &args,
                    const std::string &fn_name, const Target &target = get_target_from_environment());
    void compile_to_bitcode(const std::string &file, const Arguments &args, const std::string &fn_name,
                            const Target &target = get_target_from_environment());
    void compile_to_llvm_assembly(const std::string &file, const Arguments &args, const std::string &fn_name,
                                  const Target &target = get_target_from_environment());
    void compile_to_object(const std::string &file, const Arguments &args, const std::string &fn_name,
                           const Target &target = get_target_from_environment());
    void compile_to_header(const std::string &file, const Arguments &args, const std::string &fn_name,
                           const Target &target = get_target_from_environment());
    void compile_to_assembly(const std::string &file, const Arguments &args, const std::string &fn_name,
                             const Target &target = get_target_from_environment());
    void compile_to_c(const std::string &file, const Arguments &args, const std::string &fn_name,
                      const Target &target = get_target_from_environment());
    void compile_to_lowered_stmt(const std::string &file, const Arguments &args, StmtOutputFormat format = Text,
                                 const Target &target = get_target_from_environment());
    void compile_to_conceptual_stmt(const std::string &file, const Arguments &args, StmtOutputFormat format = Text,
                                    const Target &target = get_target_from_environment());
    /** prefix.o (.obj) and prefix.h. */
    void compile_to_file(const std::string &prefix, const Arguments &args, const std::string &fn_name,
                         const Target &target = get_target_from_environment());
    /** prefix.a (.lib), with the runtime unless the target has NoRuntime, and prefix.h. */
    void compile_to_static_library(const std::string &prefix, const Arguments &args, const std::string &fn_name,
                                   const Target &target = get_target_from_environment());
    void compile_to_multitarget_static_library(const std::string &prefix, const Arguments &args,
                                               const std::vector<Target> &targets);
    void compile_to_multitarget_object_files(const std::string &prefix, const Arguments &args,
                                             const std::vector<Target> &targets,
                                             const std::vector<std::string> &suffixes);
    Module compile_to_module(const Arguments &args, const std::string &fn_name,
                             const Target &target = get_target_from_environment(),
                             LinkageType linkage = LinkageType::ExternalPlusMetadata);

private:
    friend struct JITExtern;
    friend Internal::PipelineContents &Internal::contents_of(const Pipeline &p);
    std::string default_name() const;
    Internal::PipelineContents &checked(const char *what) const;
    std::shared_ptr<Internal::PipelineContents> contents_;
};

}  // namespace heddle
