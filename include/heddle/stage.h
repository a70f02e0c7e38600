#pragma once
// Stage: a handle on one definition of a Func (the pure one or an update), to schedule its loops. Every
// method records one directive and returns the same Stage; docs/schedule.md says what each does. A call
// that is not legal throws a CompileError that names the directive, the Func, the loop and the place of
// the call, and records nothing.

#include <concepts>
#include <memory>
#include <source_location>
#include <string>
#include <vector>

#include "heddle/expr.h"
#include "heddle/loop_types.h"
#include "heddle/schedule.h"

namespace heddle {

class Stage {
public:
    /** The stage `index` of f: 0 is the pure one, i + 1 is update i. */
    Stage(std::shared_ptr<Internal::Function> f, int index)
        : function_(std::move(f)),
          index_(index) {
    }

    /** "f", or "f.update(0)". */
    std::string name() const;
    const std::shared_ptr<Internal::Function> &function() const {
        return function_;
    }
    int index() const {
        return index_;
    }

    Stage &split(const VarOrRVar &old, const VarOrRVar &outer, const VarOrRVar &inner,
                 const Expr &factor, TailStrategy tail = TailStrategy::Auto);
    Stage &fuse(const VarOrRVar &inner, const VarOrRVar &outer, const VarOrRVar &fused);
    Stage &rename(const VarOrRVar &old_name, const VarOrRVar &new_name);

    /** Innermost loop first. Loops that are not named stay where they are. */
    Stage &reorder(const std::vector<VarOrRVar> &vars);
    template<typename... Args>
    requires(std::convertible_to<Args, VarOrRVar> &&...) Stage &reorder(const VarOrRVar &x,
                                                                        const VarOrRVar &y,
                                                                        Args &&...args) {
        return reorder(std::vector<VarOrRVar>{x, y, VarOrRVar(args)...});
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
    Stage &vectorize(const VarOrRVar &var);
    Stage &vectorize(const VarOrRVar &var, const Expr &factor,
                     TailStrategy tail = TailStrategy::Auto);
    Stage &unroll(const VarOrRVar &var);
    Stage &unroll(const VarOrRVar &var, const Expr &factor, TailStrategy tail = TailStrategy::Auto);

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
    /** Says that this stage is meant to keep its default loops: an error if it has directives. */
    void unscheduled(std::source_location location = std::source_location::current());

private:
    std::shared_ptr<Internal::Function> function_;
    int index_;
};

}  // namespace heddle
