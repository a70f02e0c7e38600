#pragma once
// The loop nest of one stage, and what each directive does to it. Used by nest_of (all directives of a
// stage in turn) and by check (one more, on a copy).

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "schedule/directives.h"
#include "schedule/nest.h"

namespace heddle::Internal {

/** Why a directive is not legal. */
struct Refusal {
    int code;
    std::string message;
    std::string var;  ///< the loop or dimension at fault
    std::string hint;
};
using Verdict = std::optional<Refusal>;  ///< nothing: legal

class NestBuilder {
public:
    /** The loops of the stage before any directive: pure stage: the arguments, the first innermost; update:
        the variables of the rdom, the first innermost, then the Vars that stand alone in their own place on
        the left side. */
    NestBuilder(const Function &f, int stage);

    /** Carries out d (of scope Loops). After a refusal the builder must not be used further. */
    Verdict apply(const Directive &d);

    /** What follows is said of the branch that the last specialize made. */
    void enter_branch() {
        in_branch_ = true;
        fails_ = false;
        conditions_.clear();
    }

    const StageNest &nest() const {
        return nest_;
    }
    /** The split that a task size says, or vectorize and unroll with a factor: the loop keeps its name. */
    Verdict split_off(const Directive &d, const char *suffix, LoopName *inner);

private:
    // What is known of a loop besides its Dim; loops_[i] belongs to nest_.dims[i].
    struct Loop {
        std::set<int> roots;        // the loops of the initial nest that it is made from
        bool within_split = false;  // made from the inner loop of an earlier split
        bool closed = false;        // inner loop of a split whose tail forbids to split it again
        Expr shifted;  // made from the outer loop of a shift_inwards split by this factor
    };

    Verdict split(const LoopName &old, const LoopName &outer, const LoopName &inner,
                  const Expr &factor, TailStrategy tail);
    Verdict split_in_place(const Directive &d, ForType type);
    Verdict run_in_parallel(const Directive &d);
    // Loops on a GPU (device_loops.cpp).
    Verdict run_on_device(const Directive &d);
    Verdict gpu_loops(const std::vector<LoopName> &loops, ForType type);
    Verdict gpu_tile(const Directive &d);
    Verdict gpu_single_thread();
    Verdict privatize(const Directive &d);
    Verdict fuse(const LoopName &inner, const LoopName &outer, const LoopName &fused);
    Verdict rename(const LoopName &old, const LoopName &name);
    Verdict reorder(const std::vector<LoopName> &order);
    Verdict move_next_to(size_t outer, size_t inner);
    Verdict tile(const std::vector<LoopName> &previous, const std::vector<LoopName> &outers,
                 const std::vector<LoopName> &inners, const std::vector<Expr> &factors,
                 const std::vector<TailStrategy> &tails);
    Verdict set_type(const LoopName &loop, ForType type);
    Verdict set_atomic(bool trusted);
    Verdict factor(const Directive &d);
    void start(const Definition &def);
    Verdict compute_with(const Directive &d);
    Verdict prefetch(const Directive &d);
    Verdict set_partition(const std::vector<LoopName> &loops, Partition policy);

    Verdict check_tail(size_t loop, TailStrategy tail) const;
    Verdict check_order(const std::vector<size_t> &order) const;
    Verdict check_new_name(const LoopName &name, const Dim &from,
                           const std::set<std::string> &free) const;
    Verdict find(const LoopName &loop, size_t *index) const;
    Verdict check_not_vectorized(size_t loop, const char *what) const;
    TailStrategy choose_tail(size_t loop, const Expr &factor) const;
    std::string fresh_name(const std::string &wish) const;
    std::string loop_names() const;
    bool is_update() const {
        return stage_ > 0;
    }

    const Function &f_;
    int stage_;
    const Definition *def_ = nullptr;  // what the loops are of: the stage, or what rfactor has left of it
    size_t factored_ = 0;              // how many rfactor directives there were
    StageNest nest_;
    std::vector<Loop> loops_;
    std::vector<std::string> root_names_;  // of the initial nest
    std::set<int> blended_;                // roots of splits whose tail writes neighbours back
    size_t directives_ = 0;
    bool fails_ = false;            // there was a specialize_fail
    bool in_branch_ = false;
    std::vector<Expr> conditions_;      // of the specializations so far
    std::vector<std::string> inlined_;  // by eager_inline
};

/** Checks an int32 that a directive takes: defined, an integer that fits int32, free of Vars and Funcs; above
    0 when it is a constant and `positive`. Gives it as an int32 expression in *result. */
Verdict check_size(const Expr &e, const char *what, bool positive, const std::string &var,
                   Expr *result);

/** Checks the condition of a specialization: a bool that is the same throughout a run. */
Verdict check_condition(const Expr &e);

}  // namespace heddle::Internal
