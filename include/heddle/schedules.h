#pragma once
// Schedules as ordinary functions: handles of stages and loops that stay good while directives are said, and schedules
// for common kinds of pipelines that are made of them. None of this is in Halide.
//
//   for_each_stage(output, [](StageHandle s) {
//       s.try_([&] { s.vectorize(s.pure_loops().at(0), 8); });   // where it is legal
//   });
//   schedules::stencil(output);

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "heddle/func.h"
#include "heddle/stage.h"
#include "heddle/target.h"

namespace heddle {

class Pipeline;

/** A loop that a stage had when the handle was made: a dimension of its Func, or a variable of its RDom. It stays good
    whatever is said of the stage: it knows the loops that it has become. */
class LoopHandle {
public:
    LoopHandle(const Stage &stage, const VarOrRVar &loop);

    const std::string &name() const {
        return loop_.name();
    }
    bool is_reduction() const {
        return loop_.is_rvar;
    }
    /** The loops that are made from it now, innermost first; it alone while nothing was said. Loops that are made from
        several are among those of each. None: rfactor has taken it out of the stage. */
    std::vector<VarOrRVar> loops() const;
    /** The innermost and the outermost one of loops(). An Error HD0302 when there is none. */
    VarOrRVar inner() const;
    VarOrRVar outer() const;

private:
    Stage stage_;
    VarOrRVar loop_;
};

/** A stage of a Func, with what schedule functions ask of it. */
class StageHandle {
public:
    StageHandle(const Stage &stage)
        : stage_(stage) {
    }
    /** The pure definition. */
    StageHandle(const Func &f)
        : stage_(f) {
    }

    Stage &stage() {
        return stage_;
    }
    Func func() const {
        return Func(stage_.function());
    }
    std::string name() const {
        return stage_.name();
    }
    bool is_update() const {
        return stage_.index() > 0;
    }
    /** The dimensions of the Func that are loops of this stage, in the order of its arguments. */
    std::vector<LoopHandle> pure_loops() const;
    /** The variables of its RDom, in order. */
    std::vector<LoopHandle> reduction_loops() const;
    /** The first N of pure_loops(), for `auto [x, y] = s.pure_loops<2>();`. HD0302 when there are fewer. */
    template<size_t N>
    std::array<LoopHandle, N> pure_loops() const {
        const std::vector<LoopHandle> all = at_least(N);
        return take<N>(all, std::make_index_sequence<N>());
    }
    /** All loops as they are now, innermost first. */
    std::vector<VarOrRVar> loops() const;

    /** Splits what a handle means now at its innermost loop, and gives the names of the two new loops, the outer one
        first: they are made of the handle's name. */
    std::pair<VarOrRVar, VarOrRVar> split(const LoopHandle &loop, const Expr &factor, TailStrategy tail = TailStrategy::Auto);
    StageHandle &vectorize(const LoopHandle &loop, const Expr &factor, TailStrategy tail = TailStrategy::Auto);
    StageHandle &unroll(const LoopHandle &loop, const Expr &factor, TailStrategy tail = TailStrategy::Auto);
    StageHandle &parallel(const LoopHandle &loop);

    /** Says what `say` says of this stage and its Func; when any of it is refused, nothing. Whether it was said. Other
        exceptions pass through, and leave nothing said either. */
    bool try_(const std::function<void()> &say);

private:
    std::vector<LoopHandle> at_least(size_t n) const;
    template<size_t N, size_t... I>
    static std::array<LoopHandle, N> take(const std::vector<LoopHandle> &all, std::index_sequence<I...>) {
        return {all[I]...};
    }
    Stage stage_;
};

/** Calls f for each stage of each Func that is computed for the outputs, as they are scheduled now: producers first, the
    pure definition of a Func before its updates. Stages that f makes (rfactor, in) are not visited. */
void for_each_stage(const Pipeline &pipeline, const std::function<void(StageHandle)> &f);
void for_each_stage(const Func &output, const std::function<void(StageHandle)> &f);
/** The same for each of these, as far as `say` is legal for it; the names of those for which it was not. */
std::vector<std::string> try_each(const std::vector<StageHandle> &stages, const std::function<void(StageHandle)> &say);

/** Schedules for common kinds of pipelines. Each replaces nothing that was said before: call it for a pipeline without a
    schedule. Where nothing else is said they serve for outputs of any size; they use vectors as wide as the target's, and all threads. */
namespace schedules {

/** An output each element of which is computed by itself: vectors along the first dimension, tasks along the others.
    Producers stay inlined. */
void pointwise(Func output, const Target &target = get_jit_target_from_environment());

/** An output that reads neighbourhoods of its producers, which may do so themselves: strips of rows (of the second
    dimension) as tasks, in which each producer that costs more than a few operations is computed row by row as a window
    slides down. Outputs of one dimension are scheduled as by pointwise, with the producers at the root. */
void stencil(Func output, const Target &target = get_jit_target_from_environment());

/** A matrix product: `output` is a Func with the update f(x, y, ...) += a(k, y, ...) * b(x, k, ...), or one that reads
    such a Func at its own place. The latter is faster by far, and must be at least a tile large (two vectors by 6 rows, 12
    with AVX-512): tiles are accumulated in registers, and b is packed in panels. HD0345 when there is no such update. */
void gemm(Func output, const Target &target = get_jit_target_from_environment());

/** An update of `output` that reduces over an RDom by a sum, minimum or the like (HD0345 when there is none): partial
    results in vectors, and in tasks with copies of their own, merged afterwards. Sums of floats are reassociated. */
void reduction(Func output, const Target &target = get_jit_target_from_environment());

}  // namespace schedules

}  // namespace heddle
