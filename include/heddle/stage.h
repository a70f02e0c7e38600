#pragma once
// Stage: a handle on one definition of a Func (the pure one or an update), to schedule its loops. Every
// method records one directive and returns the same Stage; docs/schedule.md says what each does. A call
// that is not legal throws a CompileError that names the directive, the Func, the loop and the place of
// the call, and records nothing.

#include <concepts>
#include <memory>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "heddle/expr.h"
#include "heddle/loop_types.h"
#include "heddle/schedule.h"

namespace heddle {

class Parameter;

class Stage {
public:
    /** The stage `index` of f: 0 is the pure one, i + 1 is update i. */
    Stage(std::shared_ptr<Internal::Function> f, int index);

    /** A branch of a stage: the place of each specialize among those of the stage, then of that branch, and so on. */
    Stage(std::shared_ptr<Internal::Function> f, int index, std::vector<int> branch);
    HEDDLE_SPECIAL_MEMBERS(Stage);

    /** "f", or "f.update(0)". */
    std::string name() const;
    const std::shared_ptr<Internal::Function> &function() const {
        return function_;
    }
    int index() const {
        return index_;
    }
    const std::vector<int> &branch() const {
        return branch_;
    }

    Stage &split(const VarOrRVar &old, const VarOrRVar &outer, const VarOrRVar &inner,
                 const Expr &factor, TailStrategy tail = TailStrategy::Auto);
    Stage &fuse(const VarOrRVar &inner, const VarOrRVar &outer, const VarOrRVar &fused);
    Stage &rename(const VarOrRVar &old_name, const VarOrRVar &new_name);

    /** Innermost loop first. Loops that are not named stay where they are. */
    Stage &reorder(const std::vector<VarOrRVar> &vars);
    Stage &reorder(const VarOrRVar &x, const VarOrRVar &y);
    Stage &reorder(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z);
    Stage &reorder(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, const VarOrRVar &w);
    template<typename... Args>
        requires(std::convertible_to<Args, VarOrRVar> && ...)
    Stage &reorder(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, const VarOrRVar &w, const VarOrRVar &v,
                  Args &&...args) {
        return reorder(std::vector<VarOrRVar>{x, y, z, w, v, VarOrRVar(args)...});
    }

    Stage &tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &xo, const VarOrRVar &yo,
                const VarOrRVar &xi, const VarOrRVar &yi, const Expr &xfactor, const Expr &yfactor,
                TailStrategy tail = TailStrategy::Auto);
    Stage &tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &xi, const VarOrRVar &yi,
                const Expr &xfactor, const Expr &yfactor, TailStrategy tail = TailStrategy::Auto);
    Stage &tile(const std::vector<VarOrRVar> &previous, const std::vector<VarOrRVar> &outers,
                const std::vector<VarOrRVar> &inners, const std::vector<Expr> &factors,
                const std::vector<TailStrategy> &tails);
    Stage &tile(const std::vector<VarOrRVar> &previous, const std::vector<VarOrRVar> &outers,
                const std::vector<VarOrRVar> &inners, const std::vector<Expr> &factors,
                TailStrategy tail = TailStrategy::Auto);
    Stage &tile(const std::vector<VarOrRVar> &previous, const std::vector<VarOrRVar> &inners,
                const std::vector<Expr> &factors, TailStrategy tail = TailStrategy::Auto);

    Stage &serial(const VarOrRVar &var);
    Stage &parallel(const VarOrRVar &var);
    Stage &parallel(const VarOrRVar &var, const Expr &task_size,
                    TailStrategy tail = TailStrategy::Auto);
    /** Says how iterations that update the same elements come by the right result: the update must be a sum, product,
        minimum or the like. Race::Private needs memory for one partial result per iteration; a task size, or a split
        before, makes them fewer. */
    Stage &parallel(const VarOrRVar &var, Race race);
    Stage &parallel(const VarOrRVar &var, const Expr &task_size, Race race);
    Stage &parallel(const VarOrRVar &var, const Expr &task_size, TailStrategy tail, Race race);
    Stage &vectorize(const VarOrRVar &var);
    Stage &vectorize(const VarOrRVar &var, const Expr &factor,
                     TailStrategy tail = TailStrategy::Auto);
    Stage &unroll(const VarOrRVar &var);
    Stage &unroll(const VarOrRVar &var, const Expr &factor, TailStrategy tail = TailStrategy::Auto);

    // On a GPU: one to three loops for the blocks of the grid, and for the threads of a block, x axis first.
    Stage &gpu_blocks(const VarOrRVar &x, DeviceAPI api = DeviceAPI::Default_GPU);
    Stage &gpu_blocks(const VarOrRVar &x, const VarOrRVar &y, DeviceAPI api = DeviceAPI::Default_GPU);
    Stage &gpu_blocks(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, DeviceAPI api = DeviceAPI::Default_GPU);
    Stage &gpu_threads(const VarOrRVar &x, DeviceAPI api = DeviceAPI::Default_GPU);
    Stage &gpu_threads(const VarOrRVar &x, const VarOrRVar &y, DeviceAPI api = DeviceAPI::Default_GPU);
    Stage &gpu_threads(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, DeviceAPI api = DeviceAPI::Default_GPU);
    Stage &gpu_lanes(const VarOrRVar &x, DeviceAPI api = DeviceAPI::Default_GPU);
    Stage &gpu_single_thread(DeviceAPI api = DeviceAPI::Default_GPU, std::source_location location = std::source_location::current());
    /** gpu_blocks() of the first half of the loops, gpu_threads() of the other. */
    Stage &gpu(const VarOrRVar &bx, const VarOrRVar &tx, DeviceAPI api = DeviceAPI::Default_GPU);
    Stage &gpu(const VarOrRVar &bx, const VarOrRVar &by, const VarOrRVar &tx, const VarOrRVar &ty,
        DeviceAPI api = DeviceAPI::Default_GPU);
    Stage &gpu(const VarOrRVar &bx, const VarOrRVar &by, const VarOrRVar &bz, const VarOrRVar &tx, const VarOrRVar &ty,
        const VarOrRVar &tz, DeviceAPI api = DeviceAPI::Default_GPU);
    /** Splits, and gives the outer loops to blocks and the inner ones to threads. Without names for the blocks, the outer
        loops keep those of the loops that are split. */
    Stage &gpu_tile(const VarOrRVar &x, const VarOrRVar &bx, const VarOrRVar &tx, const Expr &x_size,
        TailStrategy tail = TailStrategy::Auto, DeviceAPI api = DeviceAPI::Default_GPU);
    Stage &gpu_tile(const VarOrRVar &x, const VarOrRVar &tx, const Expr &x_size, TailStrategy tail = TailStrategy::Auto,
        DeviceAPI api = DeviceAPI::Default_GPU);
    Stage &gpu_tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &bx, const VarOrRVar &by, const VarOrRVar &tx,
        const VarOrRVar &ty, const Expr &x_size, const Expr &y_size, TailStrategy tail = TailStrategy::Auto,
        DeviceAPI api = DeviceAPI::Default_GPU);
    Stage &gpu_tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &tx, const VarOrRVar &ty, const Expr &x_size,
        const Expr &y_size, TailStrategy tail = TailStrategy::Auto, DeviceAPI api = DeviceAPI::Default_GPU);
    Stage &gpu_tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, const VarOrRVar &bx, const VarOrRVar &by,
        const VarOrRVar &bz, const VarOrRVar &tx, const VarOrRVar &ty, const VarOrRVar &tz, const Expr &x_size,
        const Expr &y_size, const Expr &z_size, TailStrategy tail = TailStrategy::Auto,
        DeviceAPI api = DeviceAPI::Default_GPU);
    Stage &gpu_tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, const VarOrRVar &tx, const VarOrRVar &ty,
        const VarOrRVar &tz, const Expr &x_size, const Expr &y_size, const Expr &z_size,
        TailStrategy tail = TailStrategy::Auto, DeviceAPI api = DeviceAPI::Default_GPU);

    Stage &partition(const VarOrRVar &var, Partition policy);
    Stage &never_partition(const std::vector<VarOrRVar> &vars);
    template<typename... Args>
    requires(std::convertible_to<Args, VarOrRVar> &&...) Stage &never_partition(const VarOrRVar &x,
                                                                                Args &&...args) {
        return never_partition(std::vector<VarOrRVar>{x, VarOrRVar(args)...});
    }
    Stage &never_partition_all(std::source_location location = std::source_location::current());
    Stage &always_partition(const std::vector<VarOrRVar> &vars);
    template<typename... Args>
    requires(std::convertible_to<Args, VarOrRVar> &&...) Stage &always_partition(const VarOrRVar &x,
                                                                                 Args &&...args) {
        return always_partition(std::vector<VarOrRVar>{x, VarOrRVar(args)...});
    }
    Stage &always_partition_all(std::source_location location = std::source_location::current());

    /** Lifts the refusal to run a loop in parallel or as vectors whose iterations may meet. */
    Stage &allow_race_conditions(std::source_location location = std::source_location::current());
    /** Lets a loop over an impure RVar run in parallel or as vectors: each store is one atomic update. The
        update must be associative and commutative unless override_associativity_test says to trust it. */
    Stage &atomic(bool override_associativity_test = false, std::source_location location = std::source_location::current());
    /** Factors the update: the new Func holds one partial result for each value of v in place of r, and this
        stage merges them. Only of updates that are provably associative. */
    Func rfactor(const RVar &r, const Var &v, std::source_location location = std::source_location::current());
    Func rfactor(const std::vector<std::pair<RVar, Var>> &preserved, std::source_location location = std::source_location::current());

    /** Shares the loops of s from the outermost down to var; this stage runs after s inside. */
    Stage &compute_with(const Stage &s, const VarOrRVar &var, LoopAlignStrategy align = LoopAlignStrategy::Auto);
    Stage &compute_with(const Stage &s, const VarOrRVar &var,
                        const std::vector<std::pair<VarOrRVar, LoopAlignStrategy>> &align);
    Stage &compute_with(const LoopLevel &level, LoopAlignStrategy align = LoopAlignStrategy::Auto, std::source_location location = std::source_location::current());
    Stage &compute_with(const LoopLevel &level, const std::vector<std::pair<VarOrRVar, LoopAlignStrategy>> &align,
                        std::source_location location = std::source_location::current());

    /** Makes a copy of the stage, to be scheduled by the handle that is returned, that runs where the condition
        holds; conditions are tried in the order of the calls. The condition may use Params and shapes, no Vars. */
    Stage specialize(const Expr &condition, std::source_location location = std::source_location::current());
    /** Where no condition of specialize holds, a run fails with this message. */
    void specialize_fail(const std::string &message, std::source_location location = std::source_location::current());

    /** Fetches what f will need when loop `from` has advanced by `offset`, inside each iteration of loop `at`. */
    Stage &prefetch(const Func &f, const VarOrRVar &at, const VarOrRVar &from, const Expr &offset = 1,
                    PrefetchBoundStrategy strategy = PrefetchBoundStrategy::GuardWithIf);
    Stage &prefetch(const Parameter &image, const VarOrRVar &at, const VarOrRVar &from,
                    const Expr &offset = 1,
                    PrefetchBoundStrategy strategy = PrefetchBoundStrategy::GuardWithIf);
    template<typename T>
        requires requires(const T &t) { t.parameter(); }
    Stage &prefetch(const T &image, const VarOrRVar &at, const VarOrRVar &from, const Expr &offset = 1,
                    PrefetchBoundStrategy strategy = PrefetchBoundStrategy::GuardWithIf) {
        return prefetch(image.parameter(), at, from, offset, strategy);
    }
    /** Reads what this stage reads of f (stores what it stores) past the caches. */
    Stage &stream_loads(const Func &f, std::source_location location = std::source_location::current());
    Stage &stream_stores(std::source_location location = std::source_location::current());

    /** Puts the definitions of these Funcs, which have no updates, in place of the calls of them in this stage. In order:
        a call of a later one by an earlier one is inlined, too. Other callers go on using them as they are scheduled. */
    Stage &eager_inline(const std::vector<Func> &funcs, std::source_location location = std::source_location::current());

    /** The loops of the stage, innermost first, and Var::outermost(): wherever something may be computed in it. */
    std::vector<VarOrRVar> split_vars() const;
    /** The names of split_vars(), as text. */
    std::string dump_argument_list() const;
    /** The directives that were recorded for this stage. */
    Schedule::Stage get_schedule() const;
    /** Says that this stage is meant to keep its default loops: an error if it has directives. */
    void unscheduled(std::source_location location = std::source_location::current());

private:
    std::shared_ptr<Internal::Function> function_;
    int index_;
    std::vector<int> branch_;  ///< empty: the stage itself, where no condition of specialize holds
};

}  // namespace heddle
