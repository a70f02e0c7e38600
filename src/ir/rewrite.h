#pragma once
// Traversal of the IR.
//
//   Stmt s2 = rewrite(s, [&](const Add &n) -> Expr {...},                      // after its children
//                        [&](const For &n, const Rewriter &r) -> Stmt {...});  // controls its children
//   walk(s, [&](const Load &n) {...},                                          // before its children
//           [&](const For &n, const Walker &w) {...});                         // controls its children
//
// A lambda of one argument gets a node whose children are rewritten already. A lambda of two arguments
// decides itself: r(child) rewrites a child, r.children(n) does the default. A rewrite that changes
// nothing returns the same node. Lambdas must take some node by const reference; anything else does not
// compile. A kind without a lambda gets the default recursion.
// rewrite() and walk() treat the IR as a tree. walk_graph() visits each shared node once, and
// rewrite_graph() rewrites each shared node once: they are for expressions that come from the user.

#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>

#include "ir/nodes.h"

namespace heddle::Internal {

/** Calls v(child) for each child Expr and Stmt of a node, in the order of nodes.def. */
class Walker {
public:
    virtual ~Walker() = default;
    virtual void operator()(const Expr &e) const = 0;
    virtual void operator()(const Stmt &s) const = 0;
    /** The default: every child in turn. Undefined children are skipped. */
    void children(const Node &n) const;
};

/** What a rewriting lambda uses for its children. */
class Rewriter {
public:
    virtual ~Rewriter() = default;
    virtual Expr operator()(const Expr &e) const = 0;
    virtual Stmt operator()(const Stmt &s) const = 0;
    /** The node with its children rewritten; the same node when none changed. */
    Expr children(const ExprNode &n) const;
    Stmt children(const StmtNode &n) const;
    ExprList operator()(const ExprList &list) const;
};

namespace detail {

// Which node a lambda wants, and whether it controls the recursion.
template<typename L>
struct LambdaArgs : LambdaArgs<decltype(&L::operator())> {};
template<typename R, typename C, typename N>
struct LambdaArgs<R (C::*)(const N &) const> {
    using NodeType = N;
    static constexpr bool controls = false;
};
template<typename R, typename C, typename N, typename V>
struct LambdaArgs<R (C::*)(const N &, const V &) const> {
    using NodeType = N;
    static constexpr bool controls = true;
};
template<typename R, typename C, typename N>
struct LambdaArgs<R (C::*)(const N &)> : LambdaArgs<R (C::*)(const N &) const> {};
template<typename R, typename C, typename N, typename V>
struct LambdaArgs<R (C::*)(const N &, const V &)> : LambdaArgs<R (C::*)(const N &, const V &) const> {};

template<typename L>
constexpr bool matches_a_node = std::is_base_of_v<Node, typename LambdaArgs<L>::NodeType>;

// The index of the lambda for node N, or -1.
template<typename N, typename... L>
constexpr int lambda_for() {
    int found = -1, i = 0;
    ((found = std::is_same_v<typename LambdaArgs<L>::NodeType, N> ? i : found, ++i), ...);
    return found;
}

template<typename... L>
class WalkWith final : public Walker {
public:
    explicit WalkWith(bool as_graph, L &...lambdas)
        : as_graph_(as_graph), lambdas_(lambdas...) {
    }
    void operator()(const Expr &e) const override {
        if (e.defined()) visit(*e.get());
    }
    void operator()(const Stmt &s) const override {
        if (s.defined()) visit(*s.get());
    }

private:
    template<typename N>
    void dispatch(const N &n) const {
        constexpr int i = lambda_for<N, L...>();
        if constexpr (i >= 0) {
            auto &lambda = std::get<static_cast<size_t>(i)>(lambdas_);
            if constexpr (LambdaArgs<std::remove_reference_t<decltype(lambda)>>::controls) {
                lambda(n, static_cast<const Walker &>(*this));
                return;
            } else {
                lambda(n);
            }
        }
        children(n);
    }
    void visit(const Node &n) const {
        if (as_graph_ && n.count.load(std::memory_order_relaxed) > 1 && !seen_.insert(&n).second) return;
        switch (n.kind) {
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc) \
    case NodeKind::Name:                             \
        return dispatch(static_cast<const Name &>(static_cast<const ExprNode &>(n)));
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc) \
    case NodeKind::Name:                             \
        return dispatch(static_cast<const Name &>(static_cast<const StmtNode &>(n)));
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
        }
    }
    bool as_graph_;
    std::tuple<L &...> lambdas_;
    mutable std::unordered_set<const Node *> seen_;
};

template<typename... L>
class RewriteWith final : public Rewriter {
public:
    explicit RewriteWith(bool as_graph, L &...lambdas)
        : as_graph_(as_graph), lambdas_(lambdas...) {
    }
    using Rewriter::operator();
    Expr operator()(const Expr &e) const override {
        if (!e.defined()) return e;
        if (!as_graph_ || e.get()->count.load(std::memory_order_relaxed) <= 1) return visit(e);
        auto it = memo_.find(e.get());
        if (it != memo_.end()) return it->second.second;
        Expr result = visit(e);
        memo_.emplace(e.get(), std::make_pair(e, result));
        return result;
    }
    Stmt operator()(const Stmt &s) const override {
        if (!s.defined()) return s;
        switch (s.get()->kind) {
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc)
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc) \
    case NodeKind::Name:                             \
        return dispatch<Name, Stmt>(static_cast<const Name &>(*s.get()));
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
        default: break;
        }
        return s;
    }

private:
    template<typename N, typename Handle>
    Handle dispatch(const N &n) const {
        constexpr int i = lambda_for<N, L...>();
        if constexpr (i >= 0) {
            auto &lambda = std::get<static_cast<size_t>(i)>(lambdas_);
            if constexpr (LambdaArgs<std::remove_reference_t<decltype(lambda)>>::controls) {
                return lambda(n, static_cast<const Rewriter &>(*this));
            } else {
                Handle changed = children(n);
                if (const N *same_kind = changed.template as<N>()) return lambda(*same_kind);
                return changed;
            }
        } else {
            return children(n);
        }
    }
    Expr visit(const Expr &e) const {
        switch (e.get()->kind) {
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc) \
    case NodeKind::Name:                             \
        return dispatch<Name, Expr>(static_cast<const Name &>(*e.get()));
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc)
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
        default: break;
        }
        return e;
    }
    bool as_graph_;
    std::tuple<L &...> lambdas_;
    mutable std::unordered_map<const ExprNode *, std::pair<Expr, Expr>> memo_;
};

}  // namespace detail

template<typename Handle, typename... L>
Handle rewrite(const Handle &root, L &&...lambdas) {
    static_assert((detail::matches_a_node<std::remove_reference_t<L>> && ...), "takes no IR node");
    return detail::RewriteWith<std::remove_reference_t<L>...>(false, lambdas...)(root);
}

template<typename... L>
Expr rewrite_graph(const Expr &root, L &&...lambdas) {
    static_assert((detail::matches_a_node<std::remove_reference_t<L>> && ...), "takes no IR node");
    return detail::RewriteWith<std::remove_reference_t<L>...>(true, lambdas...)(root);
}

template<typename Handle, typename... L>
void walk(const Handle &root, L &&...lambdas) {
    static_assert((detail::matches_a_node<std::remove_reference_t<L>> && ...), "takes no IR node");
    detail::WalkWith<std::remove_reference_t<L>...>(false, lambdas...)(root);
}

template<typename Handle, typename... L>
void walk_graph(const Handle &root, L &&...lambdas) {
    static_assert((detail::matches_a_node<std::remove_reference_t<L>> && ...), "takes no IR node");
    detail::WalkWith<std::remove_reference_t<L>...>(true, lambdas...)(root);
}

}  // namespace heddle::Internal
