#pragma once
// The simplifier's traversal: one function per kind of node, gathered by operator in the files beside
// this one. Each takes a node, simplifies its children, and gives a simplified expression.

#include <unordered_map>

#include "analysis/constant_bounds.h"
#include "analysis/linear.h"
#include "analysis/simplify.h"

namespace heddle::Internal {

class Simplifier {
public:
    explicit Simplifier(const Facts &facts);

    Expr operator()(const Expr &e);
    Stmt operator()(const Stmt &s);
    ExprList operator()(const ExprList &list);

private:
    // Dispatch, without the memo.
    Expr visit(const Expr &e);
    Stmt visit(const Stmt &s);

    // linear.cpp
    Expr sum(const Expr &e);
    Expr visit_mul(const Mul &n);
    // div_mod.cpp
    Expr visit_div(const Div &n);
    Expr visit_mod(const Mod &n);
    // min_max.cpp
    Expr visit_min_max(const Expr &e, bool is_min);
    // compare.cpp
    Expr visit_comparison(const Expr &e);
    // logic.cpp
    Expr visit_logic(const Expr &e);
    Expr visit_select(const Select &n);
    // cast.cpp
    Expr visit_cast(const Cast &n);
    Expr visit_call(const Call &n);
    // let.cpp
    Expr visit_let(const Let &n);
    // vector.cpp
    Expr visit_vector(const Expr &e);
    // stmt.cpp
    Stmt visit_let(const LetStmt &n);
    Stmt visit_for(const For &n);
    Stmt visit_if(const If &n);
    Stmt visit_block(const Block &n);

    Facts facts_;
    Knowledge known_;
    // Results under the present facts. The key's Expr is kept alive by the value.
    std::unordered_map<const ExprNode *, std::pair<Expr, Expr>> memo_;
    std::unordered_map<Symbol, Expr> replacements_;
};

/** The binary operator of the given kind. */
Expr make_binary(NodeKind kind, Expr a, Expr b);

/** The constant a op b, if both are constants and the value is defined; else undefined. */
Expr fold_binary(NodeKind kind, const Expr &a, const Expr &b);
/** The constant e converted to t, or undefined. */
Expr fold_cast(Type t, const Expr &e);

}  // namespace heddle::Internal
