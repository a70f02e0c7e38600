#pragma once
// Structural equality, a total order, and a hash of expressions and statements.

#include "ir/nodes.h"

namespace heddle::Internal {

/** Same structure, constants, types and symbols. Owners are ignored. Shared nodes compare fast. */
bool equal(const Expr &a, const Expr &b);
bool equal(const Stmt &a, const Stmt &b);

/** Same up to a one-to-one renaming of symbols (what parse(print(x)) keeps). */
bool equal_up_to_names(const Stmt &a, const Stmt &b);
bool equal_up_to_names(const Expr &a, const Expr &b);

/** -1, 0 or 1: a total order that agrees with equal(). Undefined comes first. */
int compare(const Expr &a, const Expr &b);

/** Agrees with equal(). Stable within one process only (it hashes symbol ids). */
uint64_t hash(const Expr &e);

struct ExprHash {
    size_t operator()(const Expr &e) const {
        return hash(e);
    }
};
struct ExprEqual {
    bool operator()(const Expr &a, const Expr &b) const {
        return equal(a, b);
    }
};
struct ExprLess {
    bool operator()(const Expr &a, const Expr &b) const {
        return compare(a, b) < 0;
    }
};

}  // namespace heddle::Internal
