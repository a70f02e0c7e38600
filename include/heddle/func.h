#pragma once
// Func: one stage of a pipeline. `f(x, y) = e` defines its values for all x and y; further assignments
// are update definitions, which change some of the values. A Func is a handle: copies mean the same
// stage. Definitions are refused with a CompileError that names the Func and, where the language lets
// us know it, the place in the program.

#include <concepts>
#include <map>
#include <memory>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "heddle/argument.h"
#include "heddle/buffer.h"
#include "heddle/error.h"
#include "heddle/expr.h"
#include "heddle/extern_stage.h"
#include "heddle/image_param.h"
#include "heddle/loop_types.h"
#include "heddle/operators.h"
#include "heddle/pipeline.h"
#include "heddle/rdom.h"
#include "heddle/schedule.h"
#include "heddle/stage.h"
#include "heddle/target.h"
#include "heddle/tuple.h"
#include "heddle/var.h"

namespace heddle {

class Func;
class FuncTupleElementRef;
class OutputImageParam;
class ImageParam;

namespace Internal {

class Function;

/** The first argument of `f(x, ...)`: an Expr that remembers where the call was written. */
struct ArgumentAt {
    Expr value;
    std::source_location location;
    template<typename T>
        requires std::convertible_to<T, Expr>
    ArgumentAt(T &&e, std::source_location l = std::source_location::current())
        : value(std::forward<T>(e)), location(l) {
    }
};

}  // namespace Internal

/** `f(x, y)`: the left side of a definition, or a use of f's value, depending on what is done with it. */
class FuncRef {
public:
    /** `args` may hold the placeholder `_`, which stands for the arguments not written. */
    FuncRef(std::shared_ptr<Internal::Function> f, std::vector<Expr> args, SourceLocation location = {});
    FuncRef(const FuncRef &);
    ~FuncRef();

    // A definition: the first one is the pure one, each further one an update.
    Stage operator=(const Expr &e);
    Stage operator=(const Tuple &e);
    Stage operator=(const FuncRef &e);
    // Updates. A Func without a pure definition gets 0 (1 for *= and /=) as one.
    Stage operator+=(const Expr &e);
    Stage operator+=(const Tuple &e);
    Stage operator+=(const FuncRef &e);
    Stage operator-=(const Expr &e);
    Stage operator-=(const Tuple &e);
    Stage operator-=(const FuncRef &e);
    Stage operator*=(const Expr &e);
    Stage operator*=(const Tuple &e);
    Stage operator*=(const FuncRef &e);
    Stage operator/=(const Expr &e);
    Stage operator/=(const Tuple &e);
    Stage operator/=(const FuncRef &e);

    /** A use of the value of a Func that has one. */
    operator Expr() const;
    /** One element of a Tuple-valued Func. */
    FuncTupleElementRef operator[](int index) const;
    /** How many values the Func has. */
    size_t size() const;
    /** All values, as a Tuple (of one element for a Func that is not Tuple-valued). */
    Tuple to_tuple() const;
    /** Whether both are the same Func with equal arguments. */
    bool equivalent_to(const FuncRef &other) const;

    const std::shared_ptr<Internal::Function> &function() const {
        return function_;
    }

private:
    friend class FuncTupleElementRef;
    enum class Update { Add, Sub, Mul, Div };
    Stage define(const std::vector<Expr> &values);
    Stage update(Update op, std::vector<Expr> operand, bool is_tuple);
    std::vector<Expr> left_side(const std::vector<Expr> &values) const;
    Expr use(int index) const;

    std::shared_ptr<Internal::Function> function_;
    std::vector<Expr> args_;
    SourceLocation location_;
};

Expr min(const FuncRef &a, const FuncRef &b);
Expr max(const FuncRef &a, const FuncRef &b);

/** `f(x, y)[i]`: element i of a Tuple-valued Func. Assigning to it is an update of that element only. */
class FuncTupleElementRef {
public:
    FuncTupleElementRef(const FuncRef &ref, int index);
    FuncTupleElementRef(const FuncTupleElementRef &);
    ~FuncTupleElementRef();

    Stage operator=(const Expr &e);
    Stage operator=(const FuncRef &e);
    Stage operator=(const FuncTupleElementRef &e);
    Stage operator+=(const Expr &e);
    Stage operator-=(const Expr &e);
    Stage operator*=(const Expr &e);
    Stage operator/=(const Expr &e);
    operator Expr() const;

    const std::shared_ptr<Internal::Function> &function() const {
        return ref_.function();
    }
    int index() const {
        return index_;
    }

private:
    Stage update(FuncRef::Update op, const Expr &e);
    FuncRef ref_;
    int index_;
};

class Func {
public:
    /** A new Func with a name of its own. */
    Func();
    /** A new Func. A name that is taken gets a suffix. */
    explicit Func(const std::string &name);
    explicit Func(const char *name);
    /** A Func whose definition must have these types (none given: any) and dimensions (AnyDims: any). */
    explicit Func(const Type &required_type, int required_dims, const std::string &name);
    explicit Func(const std::vector<Type> &required_types, int required_dims, const std::string &name);
    /** Defines a Func as e, with the implicit Vars of e as arguments. */
    explicit Func(const Expr &e);
    explicit Func(std::shared_ptr<Internal::Function> f);
    HEDDLE_SPECIAL_MEMBERS(Func);
    /** A Func with the values of a Buffer. */
    template<typename T, int Dims>
    explicit Func(const Buffer<T, Dims> &b)
        : Func() {
        define_as_buffer(Buffer<>(b));
    }

    // --- use and definition
    FuncRef operator()(std::source_location location = std::source_location::current()) const;
    FuncRef operator()(const Internal::ArgumentAt &a) const;
    FuncRef operator()(const Internal::ArgumentAt &a, const Expr &b) const;
    FuncRef operator()(const Internal::ArgumentAt &a, const Expr &b, const Expr &c) const;
    FuncRef operator()(const Internal::ArgumentAt &a, const Expr &b, const Expr &c, const Expr &d) const;
    template<typename... Args>
        requires(std::convertible_to<Args, Expr> && ...)
    FuncRef operator()(const Internal::ArgumentAt &a, const Expr &b, const Expr &c, const Expr &d, const Expr &e,
                       Args &&...rest) const {
        return at({a.value, b, c, d, e, static_cast<Expr>(std::forward<Args>(rest))...}, a.location);
    }
    FuncRef operator()(const std::vector<Expr> &args,
                       std::source_location location = std::source_location::current()) const;
    FuncRef operator()(const std::vector<Var> &args,
                       std::source_location location = std::source_location::current()) const;

    // --- what it says about itself
    const std::string &name() const;
    bool defined() const;
    /** The pure arguments. */
    std::vector<Var> args() const;
    /** The right side of the pure definition; an error unless there is one with one value. */
    Expr value() const;
    Tuple values() const;
    const Type &type() const;
    const std::vector<Type> &types() const;
    int outputs() const;
    int dimensions() const;
    bool has_update_definition() const;
    int num_update_definitions() const;
    const std::vector<Expr> &update_args(int index = 0) const;
    Expr update_value(int index = 0) const;
    Tuple update_values(int index = 0) const;
    std::vector<RVar> rvars(int index = 0) const;
    bool is_extern() const;
    /** A handle on update definition `index`, to schedule it. */
    Stage update(int index = 0);
    operator Stage() const;
    OutputImageParam output_buffer() const;
    std::vector<OutputImageParam> output_buffers() const;
    const std::shared_ptr<Internal::Function> &function() const {
        return function_;
    }
    bool same_as(const Func &o) const {
        return function_ == o.function_;
    }

    // --- scheduling, written in src/schedule/func_schedule.cpp. Each records one directive (docs/schedule.md);
    // what is not legal throws a CompileError that says where and why, and records nothing.
    // Loops of the pure stage:
    Func &split(const VarOrRVar &old, const VarOrRVar &outer, const VarOrRVar &inner, const Expr &factor,
                TailStrategy tail = TailStrategy::Auto);
    Func &fuse(const VarOrRVar &inner, const VarOrRVar &outer, const VarOrRVar &fused);
    Func &rename(const VarOrRVar &old_name, const VarOrRVar &new_name);
    Func &reorder(const std::vector<VarOrRVar> &vars);
    Func &reorder(const VarOrRVar &x, const VarOrRVar &y);
    Func &reorder(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z);
    Func &reorder(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, const VarOrRVar &w);
    template<typename... Args>
        requires(std::convertible_to<Args, VarOrRVar> && ...)
    Func &reorder(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, const VarOrRVar &w, const VarOrRVar &v,
                  Args &&...args) {
        return reorder(std::vector<VarOrRVar>{x, y, z, w, v, VarOrRVar(args)...});
    }
    Func &tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &xo, const VarOrRVar &yo,
               const VarOrRVar &xi, const VarOrRVar &yi, const Expr &xfactor, const Expr &yfactor,
               TailStrategy tail = TailStrategy::Auto);
    Func &tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &xi, const VarOrRVar &yi,
               const Expr &xfactor, const Expr &yfactor, TailStrategy tail = TailStrategy::Auto);
    Func &tile(const std::vector<VarOrRVar> &previous, const std::vector<VarOrRVar> &outers,
               const std::vector<VarOrRVar> &inners, const std::vector<Expr> &factors,
               const std::vector<TailStrategy> &tails);
    Func &tile(const std::vector<VarOrRVar> &previous, const std::vector<VarOrRVar> &outers,
               const std::vector<VarOrRVar> &inners, const std::vector<Expr> &factors,
               TailStrategy tail = TailStrategy::Auto);
    Func &tile(const std::vector<VarOrRVar> &previous, const std::vector<VarOrRVar> &inners,
               const std::vector<Expr> &factors, TailStrategy tail = TailStrategy::Auto);
    Func &serial(const VarOrRVar &var);
    Func &parallel(const VarOrRVar &var);
    Func &parallel(const VarOrRVar &var, const Expr &task_size, TailStrategy tail = TailStrategy::Auto);
    Func &vectorize(const VarOrRVar &var);
    Func &vectorize(const VarOrRVar &var, const Expr &factor, TailStrategy tail = TailStrategy::Auto);
    Func &unroll(const VarOrRVar &var);
    Func &unroll(const VarOrRVar &var, const Expr &factor, TailStrategy tail = TailStrategy::Auto);
    // On a GPU: one to three loops for the blocks of the grid, and for the threads of a block, x axis first.
    Func &gpu_blocks(const VarOrRVar &x, DeviceAPI api = DeviceAPI::Default_GPU);
    Func &gpu_blocks(const VarOrRVar &x, const VarOrRVar &y, DeviceAPI api = DeviceAPI::Default_GPU);
    Func &gpu_blocks(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, DeviceAPI api = DeviceAPI::Default_GPU);
    Func &gpu_threads(const VarOrRVar &x, DeviceAPI api = DeviceAPI::Default_GPU);
    Func &gpu_threads(const VarOrRVar &x, const VarOrRVar &y, DeviceAPI api = DeviceAPI::Default_GPU);
    Func &gpu_threads(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, DeviceAPI api = DeviceAPI::Default_GPU);
    Func &gpu_lanes(const VarOrRVar &x, DeviceAPI api = DeviceAPI::Default_GPU);
    Func &gpu_single_thread(DeviceAPI api = DeviceAPI::Default_GPU, std::source_location location = std::source_location::current());
    /** gpu_blocks() of the first half of the loops, gpu_threads() of the other. */
    Func &gpu(const VarOrRVar &bx, const VarOrRVar &tx, DeviceAPI api = DeviceAPI::Default_GPU);
    Func &gpu(const VarOrRVar &bx, const VarOrRVar &by, const VarOrRVar &tx, const VarOrRVar &ty,
        DeviceAPI api = DeviceAPI::Default_GPU);
    Func &gpu(const VarOrRVar &bx, const VarOrRVar &by, const VarOrRVar &bz, const VarOrRVar &tx, const VarOrRVar &ty,
        const VarOrRVar &tz, DeviceAPI api = DeviceAPI::Default_GPU);
    /** Splits, and gives the outer loops to blocks and the inner ones to threads. Without names for the blocks, the outer
        loops keep those of the loops that are split. */
    Func &gpu_tile(const VarOrRVar &x, const VarOrRVar &bx, const VarOrRVar &tx, const Expr &x_size,
        TailStrategy tail = TailStrategy::Auto, DeviceAPI api = DeviceAPI::Default_GPU);
    Func &gpu_tile(const VarOrRVar &x, const VarOrRVar &tx, const Expr &x_size, TailStrategy tail = TailStrategy::Auto,
        DeviceAPI api = DeviceAPI::Default_GPU);
    Func &gpu_tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &bx, const VarOrRVar &by, const VarOrRVar &tx,
        const VarOrRVar &ty, const Expr &x_size, const Expr &y_size, TailStrategy tail = TailStrategy::Auto,
        DeviceAPI api = DeviceAPI::Default_GPU);
    Func &gpu_tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &tx, const VarOrRVar &ty, const Expr &x_size,
        const Expr &y_size, TailStrategy tail = TailStrategy::Auto, DeviceAPI api = DeviceAPI::Default_GPU);
    Func &gpu_tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, const VarOrRVar &bx, const VarOrRVar &by,
        const VarOrRVar &bz, const VarOrRVar &tx, const VarOrRVar &ty, const VarOrRVar &tz, const Expr &x_size,
        const Expr &y_size, const Expr &z_size, TailStrategy tail = TailStrategy::Auto,
        DeviceAPI api = DeviceAPI::Default_GPU);
    Func &gpu_tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, const VarOrRVar &tx, const VarOrRVar &ty,
        const VarOrRVar &tz, const Expr &x_size, const Expr &y_size, const Expr &z_size,
        TailStrategy tail = TailStrategy::Auto, DeviceAPI api = DeviceAPI::Default_GPU);
    Func &partition(const VarOrRVar &var, Partition policy);
    Func &never_partition(const std::vector<VarOrRVar> &vars);
    template<typename... Args>
        requires(std::convertible_to<Args, VarOrRVar> && ...)
    Func &never_partition(const VarOrRVar &x, Args &&...args) {
        return never_partition(std::vector<VarOrRVar>{x, VarOrRVar(args)...});
    }
    Func &never_partition_all(std::source_location location = std::source_location::current());
    Func &always_partition(const std::vector<VarOrRVar> &vars);
    template<typename... Args>
        requires(std::convertible_to<Args, VarOrRVar> && ...)
    Func &always_partition(const VarOrRVar &x, Args &&...args) {
        return always_partition(std::vector<VarOrRVar>{x, VarOrRVar(args)...});
    }
    Func &always_partition_all(std::source_location location = std::source_location::current());
    Func &allow_race_conditions(std::source_location location = std::source_location::current());
    Func &atomic(bool override_associativity_test = false, std::source_location location = std::source_location::current());
    Stage specialize(const Expr &condition, std::source_location location = std::source_location::current());
    void specialize_fail(const std::string &message, std::source_location location = std::source_location::current());
    Func &prefetch(const Func &f, const VarOrRVar &at, const VarOrRVar &from, const Expr &offset = 1,
                   PrefetchBoundStrategy strategy = PrefetchBoundStrategy::GuardWithIf);
    Func &prefetch(const Parameter &image, const VarOrRVar &at, const VarOrRVar &from,
                   const Expr &offset = 1, PrefetchBoundStrategy strategy = PrefetchBoundStrategy::GuardWithIf);
    template<typename T>
        requires requires(const T &t) { t.parameter(); }
    Func &prefetch(const T &image, const VarOrRVar &at, const VarOrRVar &from, const Expr &offset = 1,
                   PrefetchBoundStrategy strategy = PrefetchBoundStrategy::GuardWithIf) {
        return prefetch(image.parameter(), at, from, offset, strategy);
    }
    Func &stream_loads(const Func &f, std::source_location location = std::source_location::current());
    Func &stream_stores(std::source_location location = std::source_location::current());
    // Where it is computed:
    Func &compute_root(std::source_location location = std::source_location::current());
    Func &compute_inline(std::source_location location = std::source_location::current());
    Func &compute_at(const Func &f, const VarOrRVar &var);
    Func &compute_at(const LoopLevel &level, std::source_location location = std::source_location::current());
    Func &compute_with(const Stage &s, const VarOrRVar &var, LoopAlignStrategy align = LoopAlignStrategy::Auto);
    Func &compute_with(const Stage &s, const VarOrRVar &var,
                       const std::vector<std::pair<VarOrRVar, LoopAlignStrategy>> &align);
    Func &compute_with(const LoopLevel &level, LoopAlignStrategy align = LoopAlignStrategy::Auto, std::source_location location = std::source_location::current());
    Func &compute_with(const LoopLevel &level, const std::vector<std::pair<VarOrRVar, LoopAlignStrategy>> &align,
                       std::source_location location = std::source_location::current());
    /** As Stage::eager_inline, of the pure definition. */
    Func &eager_inline(const std::vector<Func> &funcs, std::source_location location = std::source_location::current());
    /** Computes the Func by a task of its own, ahead of its consumer. */
    Func &async(std::source_location location = std::source_location::current());
    /** Keeps results in a cache of the runtime; a run with equal inputs takes them from there. */
    Func &memoize(const EvictionKey &eviction_key = EvictionKey(), std::source_location location = std::source_location::current());
    // Wrappers: a Func with the values of this one that the callers named (all, when none is) use instead of it.
    Func in(const Func &f, std::source_location location = std::source_location::current());
    Func in(const std::vector<Func> &fs, std::source_location location = std::source_location::current());
    Func in(std::source_location location = std::source_location::current());
    /** A second Func with the same definition, for these callers. */
    Func clone_in(const Func &f, std::source_location location = std::source_location::current());
    Func clone_in(const std::vector<Func> &fs, std::source_location location = std::source_location::current());
    // Where and how it is stored:
    Func &hoist_storage(const Func &f, const VarOrRVar &var);
    Func &hoist_storage(const LoopLevel &level, std::source_location location = std::source_location::current());
    Func &hoist_storage_root(std::source_location location = std::source_location::current());
    /** As many copies of the storage as `extent`, used in turn by the iterations between hoist_storage and store_at. */
    Func &ring_buffer(const Expr &extent, std::source_location location = std::source_location::current());
    /** Stores dimension `old` as two, element i as i / factor of `outer` and i % factor of `inner`, which stands next
        to it, further in: split_storage(c, co, ci, 16).reorder_storage(ci, x, y, co) is the layout NCHW16c. The
        algorithm does not see it. Of a Func that is no output. */
    Func &split_storage(const Var &old, const Var &outer, const Var &inner, int factor, std::source_location location = std::source_location::current());
    Func &bound_storage(const Var &dim, const Expr &bound, std::source_location location = std::source_location::current());
    Func &store_root(std::source_location location = std::source_location::current());
    Func &store_at(const Func &f, const VarOrRVar &var);
    Func &store_at(const LoopLevel &level, std::source_location location = std::source_location::current());
    Func &store_in(MemoryType memory, std::source_location location = std::source_location::current());
    /** Innermost in memory first. */
    Func &reorder_storage(const std::vector<Var> &dims,
                          std::source_location location = std::source_location::current());
    template<typename... Args>
        requires(std::convertible_to<Args, Var> && ...)
    Func &reorder_storage(const VarOrRVar &x, const Var &y, Args &&...args) {
        return reorder_storage(std::vector<Var>{Var(x.name()), y, Var(args)...}, x.location);
    }
    Func &align_storage(const Var &dim, const Expr &alignment,
                        std::source_location location = std::source_location::current());
    Func &fold_storage(const Var &dim, const Expr &extent, bool fold_forward = true,
                       std::source_location location = std::source_location::current());
    // What region of it:
    Func &bound(const Var &var, const Expr &min, const Expr &extent,
                std::source_location location = std::source_location::current());
    Func &bound_extent(const Var &var, const Expr &extent,
                       std::source_location location = std::source_location::current());
    Func &align_bounds(const Var &var, const Expr &modulus, const Expr &remainder = 0,
                       std::source_location location = std::source_location::current());
    Func &align_extent(const Var &var, const Expr &modulus,
                       std::source_location location = std::source_location::current());

    // What to expect; a help to tuners, checked nowhere.
    Func &set_estimate(const Var &var, const Expr &min, const Expr &extent);
    Func &set_estimates(const Region &estimates);
    // What to tell while running:
    Func &trace_loads();
    Func &trace_stores();
    Func &trace_realizations();
    Func &add_trace_tag(const std::string &tag);
    Func &no_profiling();
    /** The C function of define_extern; an error for any other Func. */
    const std::string &extern_function_name() const;
    /** Writes what the Func was computed to, each time, to a file (.tiff, .mat, .npy, .tmp). */
    void debug_to_file(const std::string &filename);

    /** Defines the Func as computed by a C function: int name(params…, halide_buffer_t *outputs…), which must answer
        bounds queries (a null host pointer) by saying what it needs of its inputs. */
    void define_extern(const std::string &function_name, const std::vector<ExternFuncArgument> &params, Type t,
                       int dimensionality, NameMangling mangling = NameMangling::Default,
                       DeviceAPI device_api = DeviceAPI::Host);
    void define_extern(const std::string &function_name, const std::vector<ExternFuncArgument> &params,
                       const std::vector<Type> &types, int dimensionality,
                       NameMangling mangling = NameMangling::Default, DeviceAPI device_api = DeviceAPI::Host);
    void define_extern(const std::string &function_name, const std::vector<ExternFuncArgument> &params, Type t,
                       const std::vector<Var> &arguments, NameMangling mangling = NameMangling::Default,
                       DeviceAPI device_api = DeviceAPI::Host);
    void define_extern(const std::string &function_name, const std::vector<ExternFuncArgument> &params,
                       const std::vector<Type> &types, const std::vector<Var> &arguments,
                       NameMangling mangling = NameMangling::Default, DeviceAPI device_api = DeviceAPI::Host);

    // --- running and compiling: as the Pipeline of this one Func
    Realization realize(std::vector<int32_t> sizes = {}, const Target &target = Target());
    Realization realize(JITUserContext *context, std::vector<int32_t> sizes = {}, const Target &target = Target());
    void realize(Pipeline::RealizationArg outputs, const Target &target = Target());
    void realize(JITUserContext *context, Pipeline::RealizationArg outputs, const Target &target = Target());
    void infer_input_bounds(const std::vector<int32_t> &sizes, const Target &target = Target());
    void infer_input_bounds(Pipeline::RealizationArg outputs, const Target &target = Target());
    void infer_input_bounds(JITUserContext *context, const std::vector<int32_t> &sizes,
                            const Target &target = Target());
    void infer_input_bounds(JITUserContext *context, Pipeline::RealizationArg outputs,
                            const Target &target = Target());
    std::vector<Argument> infer_arguments() const;
    void compile_jit(const Target &target = get_jit_target_from_environment());
    Callable compile_to_callable(const std::vector<Argument> &args,
                                 const Target &target = get_jit_target_from_environment());
    void add_custom_lowering_pass(const CustomLoweringPass &pass);
    template<typename T>
    void add_custom_lowering_pass(T *pass) {
        Pipeline().add_custom_lowering_pass(pass);
    }
    void clear_custom_lowering_passes();
    const std::vector<CustomLoweringPass> &custom_lowering_passes();
    JITHandlers &jit_handlers();
    void print_loop_nest();
    /** As Pipeline::explain, of the pipeline with this Func as its output. */
    std::string explain(const std::vector<int32_t> &sizes = {}) const;

    using Arguments = std::vector<Argument>;
    void compile_to(const std::map<OutputFileType, std::string> &files, const Arguments &args,
                    const std::string &fn_name, const Target &target = get_target_from_environment());
    void compile_to_bitcode(const std::string &file, const Arguments &args, const std::string &fn_name,
                            const Target &target = get_target_from_environment());
    void compile_to_bitcode(const std::string &file, const Arguments &args,
                            const Target &target = get_target_from_environment());
    void compile_to_llvm_assembly(const std::string &file, const Arguments &args, const std::string &fn_name,
                                  const Target &target = get_target_from_environment());
    void compile_to_llvm_assembly(const std::string &file, const Arguments &args,
                                  const Target &target = get_target_from_environment());
    void compile_to_object(const std::string &file, const Arguments &args, const std::string &fn_name,
                           const Target &target = get_target_from_environment());
    void compile_to_object(const std::string &file, const Arguments &args,
                           const Target &target = get_target_from_environment());
    void compile_to_header(const std::string &file, const Arguments &args, const std::string &fn_name = "",
                           const Target &target = get_target_from_environment());
    void compile_to_assembly(const std::string &file, const Arguments &args, const std::string &fn_name,
                             const Target &target = get_target_from_environment());
    void compile_to_assembly(const std::string &file, const Arguments &args,
                             const Target &target = get_target_from_environment());
    void compile_to_c(const std::string &file, const Arguments &args, const std::string &fn_name = "",
                      const Target &target = get_target_from_environment());
    void compile_to_lowered_stmt(const std::string &file, const Arguments &args, StmtOutputFormat format = Text,
                                 const Target &target = get_target_from_environment());
    void compile_to_conceptual_stmt(const std::string &file, const Arguments &args, StmtOutputFormat format = Text,
                                    const Target &target = get_target_from_environment());
    void compile_to_file(const std::string &prefix, const Arguments &args, const std::string &fn_name = "",
                         const Target &target = get_target_from_environment());
    void compile_to_static_library(const std::string &prefix, const Arguments &args, const std::string &fn_name = "",
                                   const Target &target = get_target_from_environment());
    void compile_to_multitarget_static_library(const std::string &prefix, const Arguments &args,
                                               const std::vector<Target> &targets);
    void compile_to_multitarget_object_files(const std::string &prefix, const Arguments &args,
                                             const std::vector<Target> &targets,
                                             const std::vector<std::string> &suffixes);
    Module compile_to_module(const Arguments &args, const std::string &fn_name = "",
                             const Target &target = get_target_from_environment());

private:
    FuncRef at(std::vector<Expr> args, std::source_location location) const;
    void define_as_buffer(const Buffer<> &b);
    Pipeline &pipeline();

    std::shared_ptr<Internal::Function> function_;
    Pipeline pipeline_;
};

namespace Internal {
/** HD0227 unless e is of type t. */
void check_evaluated(const Expr &e, const Type &t);
}  // namespace Internal

/** Evaluates e, which is of type T, once and returns its value. */
template<typename T>
T evaluate(JITUserContext *context, const Expr &e) {
    Internal::check_evaluated(e, type_of<T>());
    Func f;
    f() = e;
    Buffer<T, 0> b = f.realize(context);
    return b();
}
template<typename T>
T evaluate(const Expr &e) {
    return evaluate<T>(nullptr, e);
}
/** Evaluates the elements of t and stores each where its pointer says. */
template<typename First, typename... Rest>
void evaluate(JITUserContext *context, const Tuple &t, First *first, Rest *...rest) {
    size_t i = 0;
    Internal::check_evaluated(t[i++], type_of<First>());
    (Internal::check_evaluated(t[i++], type_of<Rest>()), ...);
    Func f;
    f() = t;
    const Realization r = f.realize(context);
    i = 0;
    const auto store = [&]<typename T>(T *place) { *place = Buffer<T, 0>(r[i++])(); };
    store(first);
    (store(rest), ...);
}
template<typename First, typename... Rest>
void evaluate(const Tuple &t, First *first, Rest *...rest) {
    evaluate(static_cast<JITUserContext *>(nullptr), t, first, rest...);
}
/** evaluate, on a GPU when the target from the environment has one. */
template<typename T>
T evaluate_may_gpu(const Expr &e) {
    return evaluate<T>(e);
}
template<typename First, typename... Rest>
void evaluate_may_gpu(const Tuple &t, First *first, Rest *...rest) {
    evaluate(t, first, rest...);
}

}  // namespace heddle
