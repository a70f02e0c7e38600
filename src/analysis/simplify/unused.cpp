// Removing lets and storage that nothing refers to, in one pass from the inside out: a binding is looked at
// after its body, and the value of a binding that goes is not counted as a use of other symbols.

#include <unordered_set>

#include "analysis/simplify/simplifier.h"

namespace heddle::Internal {

namespace {

// Values in statements may be graphs, too.
template<typename Root, typename... L>
Root rewrite_shared(const Root &root, L &&...lambdas) {
    return detail::RewriteWith<std::remove_reference_t<L>...>(true, lambdas...)(root);
}

template<typename Root>
Root drop(const Root &root) {
    std::unordered_set<Symbol> used;
    return rewrite_shared(
        root,
        [&](const Variable &v) -> Expr {
            used.insert(v.symbol);
            return Expr(&v);
        },
        [&](const Access &n, const Rewriter &r) -> Expr {
            used.insert(n.buffer);
            return r.children(n);
        },
        [&](const Load &n, const Rewriter &r) -> Expr {
            used.insert(n.buffer);
            return r.children(n);
        },
        [&](const Write &n, const Rewriter &r) -> Stmt {
            used.insert(n.buffer);
            return r.children(n);
        },
        [&](const Store &n, const Rewriter &r) -> Stmt {
            used.insert(n.buffer);
            return r.children(n);
        },
        [&](const Let &n, const Rewriter &r) -> Expr {
            Expr body = r(n.body);
            if (!used.count(n.symbol) && is_pure(n.value)) return body;
            Expr value = r(n.value);
            return value.same_as(n.value) && body.same_as(n.body) ? Expr(&n) : Let::make(n.symbol, value, body);
        },
        [&](const LetStmt &n, const Rewriter &r) -> Stmt {
            Stmt body = r(n.body);
            if (!used.count(n.symbol) && is_pure(n.value)) return body;
            Expr value = r(n.value);
            return value.same_as(n.value) && body.same_as(n.body) ? Stmt(&n) : LetStmt::make(n.symbol, value, body);
        },
        [&](const Realize &n, const Rewriter &r) -> Stmt {
            Stmt body = r(n.body);
            if (!used.count(n.buffer)) return body;
            Ranges bounds;
            for (const Range &range : n.bounds) {
                Expr low = r(range.min), extent = r(range.extent);
                bounds.push_back({low, extent});
            }
            return Realize::make(n.buffer, n.types, std::move(bounds), n.order, n.memory, r(n.condition), body);
        },
        // Without a use, the base pointer's own binding goes next.
        [&](const View &n, const Rewriter &r) -> Stmt {
            Stmt body = r(n.body);
            if (!n.release.empty()) used.insert(n.buffer);
            if (!used.count(n.buffer)) return body;
            Ranges bounds;
            for (const Range &range : n.bounds) {
                Expr low = r(range.min), extent = r(range.extent);
                bounds.push_back({low, extent});
            }
            return View::make(n.buffer, n.types, std::move(bounds), r(n.strides), body, n.release);
        },
        [&](const Allocate &n, const Rewriter &r) -> Stmt {
            Stmt body = r(n.body);
            if (!used.count(n.buffer)) return body;
            return Allocate::make(n.buffer, n.type, r(n.extents), n.memory, r(n.condition), body);
        });
}

}  // namespace

Expr drop_unused(const Expr &e) {
    return drop(e);
}

Stmt drop_unused(const Stmt &s) {
    return drop(s);
}

}  // namespace heddle::Internal
