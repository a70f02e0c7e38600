#pragma once
// Structural equality, a total order, and a hash of expressions and statements.

#include <memory>

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

/** hash() that remembers what it has seen: hashing an expression whose parts were hashed before costs only
    its own node. The expressions must outlive the hasher. */
class ExprHasher {
public:
    ExprHasher();
    ~ExprHasher();
    ExprHasher(const ExprHasher &) = delete;
    ExprHasher &operator=(const ExprHasher &) = delete;
    uint64_t operator()(const Expr &e);

private:
    struct State;
    std::unique_ptr<State> state_;
};

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
