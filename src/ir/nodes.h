#pragma once
// The IR: immutable, reference-counted nodes made from nodes.def. No virtual functions; code switches
// over NodeKind, or uses rewrite() and walk() of rewrite.h. The meaning of each node is its line in
// nodes.def; the invariants of each level are in verify.cpp.
//
// Within lowering an expression is a tree: what is used twice is bound by a Let. Expressions that come
// from the user may share nodes; passes over those use walk_graph() or a memo.

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "heddle/expr.h"
#include "heddle/loop_types.h"
#include "ir/symbol.h"
#include "support/assert.h"

namespace heddle::Internal {

enum class NodeKind : uint8_t {
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc) Name,
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc) Name,
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
};

enum class CallOp : uint8_t {
#define HEDDLE_CALL(name, pure, doc) name,
#include "ir/intrinsics.def"
#undef HEDDLE_CALL
};

enum class ReduceOp : uint8_t { Add, Mul, Min, Max, And, Or, SaturatingAdd };

/** Common head of all nodes. */
struct Node {
    mutable std::atomic<uint32_t> count{0};
    const NodeKind kind;
    explicit Node(NodeKind k)
        : kind(k) {
    }
};

struct ExprNode : Node {
    const Type type;
    ExprNode(NodeKind k, Type t)
        : Node(k), type(t) {
    }
};

struct StmtNode : Node {
    using Node::Node;
};

void retain(const Node *n);
void release(const Node *n);

/** A statement: a handle like Expr. */
class Stmt {
public:
    Stmt() = default;
    explicit Stmt(const StmtNode *n)
        : node_(n) {
        if (n) retain(n);
    }
    Stmt(const Stmt &o)
        : Stmt(o.node_) {
    }
    Stmt(Stmt &&o) noexcept
        : node_(std::exchange(o.node_, nullptr)) {
    }
    Stmt &operator=(const Stmt &o) {
        Stmt copy(o);
        std::swap(node_, copy.node_);
        return *this;
    }
    Stmt &operator=(Stmt &&o) noexcept {
        std::swap(node_, o.node_);
        return *this;
    }
    ~Stmt() {
        if (node_) release(node_);
    }
    bool defined() const {
        return node_ != nullptr;
    }
    bool same_as(const Stmt &o) const {
        return node_ == o.node_;
    }
    const StmtNode *get() const {
        return node_;
    }
    template<typename N>
    const N *as() const {
        return node_ && node_->kind == N::static_kind ? static_cast<const N *>(node_) : nullptr;
    }

private:
    const StmtNode *node_ = nullptr;
};

using ExprList = std::vector<Expr>;
using StmtList = std::vector<Stmt>;
using IntList = std::vector<int>;
using Types = std::vector<Type>;

/** The integers min ... min + extent - 1. */
struct Range {
    Expr min, extent;
};
using Ranges = std::vector<Range>;

/** What is known of an integer: it is `remainder` modulo `modulus` (0: it is `remainder`). */
struct Alignment {
    int64_t modulus = 1;
    int64_t remainder = 0;
    bool operator==(const Alignment &) const = default;
};

#define F(type, name) type name;
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc)      \
    struct Name final : ExprNode {                        \
        static constexpr NodeKind static_kind = NodeKind::Name; \
        FIELDS                                            \
        static Expr make MAKE;                            \
        explicit Name(Type t)                             \
            : ExprNode(static_kind, t) {                  \
        }                                                 \
    };
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc)      \
    struct Name final : StmtNode {                        \
        static constexpr NodeKind static_kind = NodeKind::Name; \
        FIELDS                                            \
        static Stmt make MAKE;                            \
        Name()                                            \
            : StmtNode(static_kind) {                     \
        }                                                 \
    };
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
#undef F

/** Name of a node kind, a call or a reduction, as the text form writes it. */
const char *to_string(NodeKind kind);
const char *to_string(CallOp op);
const char *to_string(ReduceOp op);
const char *to_string(ForType type);
const char *to_string(MemoryType memory);

/** Whether a call of this kind may be dropped, duplicated and moved. */
bool is_pure(CallOp op);

// Constants and tests for them. T may be any scalar or vector type (a vector gives a Broadcast).
Expr make_const(Type t, int64_t value);
Expr make_const(Type t, double value);
inline Expr make_zero(Type t) {
    return make_const(t, int64_t{0});
}
inline Expr make_one(Type t) {
    return make_const(t, int64_t{1});
}
inline Expr const_true(int lanes = 1) {
    return make_const(Bool(lanes), int64_t{1});
}
inline Expr const_false(int lanes = 1) {
    return make_const(Bool(lanes), int64_t{0});
}
/** The value of an integer constant (of a Broadcast of one, too), if e is one that fits int64. */
bool as_const_int(const Expr &e, int64_t *value);
bool as_const_float(const Expr &e, double *value);
bool is_const(const Expr &e);
bool is_const(const Expr &e, int64_t value);
inline bool is_const_true(const Expr &e) {
    return e.defined() && e.type().is_bool() && is_const(e, 1);
}
inline bool is_const_false(const Expr &e) {
    return e.defined() && e.type().is_bool() && is_const(e, 0);
}
/** x wrapped to an integer of t's bits and signedness. */
int64_t wrap_signed(int64_t x, int bits);
uint64_t wrap_unsigned(uint64_t x, int bits);

}  // namespace heddle::Internal

namespace heddle {

template<typename N>
const N *Expr::as() const {
    return node_ && node_->kind == N::static_kind ? static_cast<const N *>(node_) : nullptr;
}

}  // namespace heddle
