#pragma once
// The simplifier's traversal: one function per kind of node, gathered by operator in the files beside
// this one. Each takes a node, simplifies its children, and gives a simplified expression.

#include <unordered_map>
#include <unordered_set>

#include "analysis/constant_bounds.h"
#include "analysis/linear.h"
#include "analysis/prove.h"
#include "analysis/simplify.h"
#include "ir/compare.h"
#include "ir/rewrite.h"

namespace heddle::Internal {

class Simplifier {
public:
    explicit Simplifier(const Facts &facts);

    Expr operator()(const Expr &e);
    Stmt operator()(const Stmt &s);
    /** Whether an expression contained a Let. */
    bool saw_let() const {
        return saw_let_;
    }

private:
    // simplifier.cpp
    Expr visit(const Expr &e);
    Expr visit_variable(const Expr &e);
    Expr children(const Expr &e);
    Stmt children(const Stmt &s);
    /** The rules' result, simplified; e itself if none applies. */
    Expr with_rules(const Expr &e);
    // sum.cpp
    Expr sum(const Expr &e);
    Expr finish_sum(LinearForm form);
    Expr finish_lanes(const Expr &e);
    bool absorb_term(LinearForm &form);
    bool absorb_constant(LinearForm &form);
    bool join_division(LinearForm &form);
    bool use_alignment(LinearForm &form);
    Expr visit_mul(const Mul &n);
    // div_mod.cpp
    Expr visit_div(const Div &n);
    Expr visit_mod(const Mod &n);
    Expr div_by_constant(const Expr &a, int64_t c);
    Expr mod_by_constant(const Expr &a, int64_t c);
    void split_aligned(const LinearForm &form, int64_t c, LinearForm &aligned, LinearForm &rest);
    // min_max.cpp
    Expr visit_min_max(const Expr &e);
    Expr min_max_of(NodeKind kind, ExprList operands);
    Expr min_max_of_floats(NodeKind kind, const Expr &a, const Expr &b);
    void drop_beaten(bool is_min, ExprList &operands);
    // compare.cpp
    Expr visit_comparison(const Expr &e);
    Expr compare_simplified(NodeKind kind, Expr a, Expr b);
    Expr decide(NodeKind kind, const Expr &a, const Expr &b, Type result);
    Expr divide_comparison(NodeKind kind, LinearForm &a, LinearForm &b, Type result);
    void tidy_bound(NodeKind &kind, LinearForm &a, LinearForm &b);
    bool proved_at_least(const Expr &a, const Expr &b, int64_t least);
    // logic.cpp
    Expr visit_not(const Not &n);
    Expr visit_and_or(const Expr &e);
    Expr visit_select(const Select &n);
    // cast.cpp
    Expr visit_cast(const Cast &n);
    Expr visit_call(const Call &n);
    // vector.cpp
    Expr visit_vector(const Expr &e);
    /** A binary operation on two Broadcasts, or on a Ramp and a Broadcast where it can be done per lane;
        undefined if neither. */
    Expr broadcast_operation(NodeKind kind, const Expr &a, const Expr &b);
    Expr multiply_lanes(const Expr &a, const Expr &b);
    // let.cpp
    Expr visit_let(const Let &n);
    Stmt visit_let(const LetStmt &n);
    void know_let(const Symbol &symbol, const Expr &value);
    void forget_let(const Symbol &symbol);
    /** Whether e is made of what was read from memory or computed by a call: not of indices alone. */
    bool is_data(const Expr &e) const;
    // stmt.cpp
    Stmt visit(const Stmt &s);
    Stmt visit_for(const For &n);
    Stmt visit_if(const If &n);
    Stmt visit_block(const Block &n);

    // Runs f while the condition (simplified), or its negation, is assumed.
    template<typename F>
    auto assuming(const Expr &condition, bool negated, F &&f);
    void assume(const Expr &condition, bool negated);

    // What is simplified under more facts must not be found once they are gone.
    struct Context {
        std::unordered_map<const ExprNode *, std::pair<Expr, Expr>> memo;
        Knowledge::Cache cache;
        Samples::Cache samples;
        size_t assumptions, narrowed;
        std::vector<std::pair<Expr, bool>> known_conditions;
    };
    Context enter();
    void leave(Context &outer);

    Facts facts_;
    Knowledge known_;
    std::vector<LinearForm> assumptions_;  ///< each is >= 0
    LetValues values_;
    Samples samples_{&facts_, &values_};
    std::vector<Symbol> narrowed_;         ///< symbols whose facts were narrowed by an assumption
    std::vector<std::pair<Expr, bool>> known_conditions_;
    // Results under the present facts. The key's Expr is kept alive by the value.
    std::unordered_map<const ExprNode *, std::pair<Expr, Expr>> memo_;
    std::unordered_map<Symbol, Expr> replacements_;
    std::unordered_map<Symbol, int> uses_;
    std::unordered_set<Symbol> data_;  ///< names of data
    int rule_depth_ = 0;
    bool counted_ = false;
    bool saw_let_ = false;
};

template<typename F>
auto Simplifier::assuming(const Expr &condition, bool negated, F &&f) {
    Context outer = enter();
    assume(condition, negated);
    auto result = f();
    leave(outer);
    return result;
}

/** The binary operator of the given kind. */
Expr make_binary(NodeKind kind, Expr a, Expr b);

/** The constant a op b, if both are constants and the value is defined; else undefined. */
Expr fold_binary(NodeKind kind, const Expr &a, const Expr &b);
/** The constant e converted to t, or undefined. */
Expr fold_cast(Type t, const Expr &e);

/** Lets and allocations that nothing refers to are gone. */
Expr drop_unused(const Expr &e);
Stmt drop_unused(const Stmt &s);

/** The operands of a Min (Max) and of the Mins (Maxes) nested in it, each node once. */
ExprList min_max_operands(const Expr &e);

bool is_no_op(const Stmt &s);
/** Whether evaluating e has no side effect and gives the same value each time. */
bool is_pure(const Expr &e);

}  // namespace heddle::Internal
