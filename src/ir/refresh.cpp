#include "ir/refresh.h"

#include <unordered_map>

#include "ir/rewrite.h"

namespace heddle::Internal {

Stmt with_fresh_symbols(const Stmt &s) {
    std::unordered_map<Symbol, Symbol> map;
    auto bind = [&](const Symbol &old) {
        Symbol fresh = Symbol::fresh(old.name());
        map[old] = fresh;
        return fresh;
    };
    auto use = [&](const Symbol &old) {
        auto it = map.find(old);
        return it == map.end() ? old : it->second;
    };
    return rewrite(
        s, [&](const Variable &n) -> Expr {
            auto it = map.find(n.symbol);
            return it == map.end() ? Expr(&n) : Variable::make(n.type, it->second, n.owner);
        },
        [&](const Let &n, const Rewriter &r) -> Expr {
            Expr value = r(n.value);
            Symbol fresh = bind(n.symbol);
            return Let::make(fresh, value, r(n.body));
        },
        [&](const LetStmt &n, const Rewriter &r) -> Stmt {
            Expr value = r(n.value);
            Symbol fresh = bind(n.symbol);
            return LetStmt::make(fresh, value, r(n.body));
        },
        [&](const For &n, const Rewriter &r) -> Stmt {
            Expr min = r(n.min), extent = r(n.extent);
            Symbol fresh = bind(n.loop);
            return For::make(fresh, min, extent, n.for_type, n.partition, r(n.body));
        },
        [&](const Allocate &n, const Rewriter &r) -> Stmt {
            ExprList extents = r(n.extents);
            Expr condition = r(n.condition);
            Symbol fresh = bind(n.buffer);
            return Allocate::make(fresh, n.type, extents, n.memory, condition, r(n.body));
        },
        [&](const Realize &n, const Rewriter &r) -> Stmt {
            Ranges bounds;
            for (const Range &b : n.bounds) bounds.push_back({r(b.min), r(b.extent)});
            Expr condition = r(n.condition);
            Symbol fresh = bind(n.buffer);
            return Realize::make(fresh, n.types, bounds, n.order, n.memory, condition, r(n.body));
        },
        [&](const View &n, const Rewriter &r) -> Stmt {
            Ranges bounds;
            for (const Range &b : n.bounds) {
                Expr min = r(b.min), extent = r(b.extent);
                bounds.push_back({min, extent});
            }
            ExprList strides = r(n.strides);
            return View::make(use(n.buffer), n.types, bounds, strides, r(n.body), n.release);
        },
        [&](const ProducerConsumer &n, const Rewriter &r) -> Stmt {
            return ProducerConsumer::make(use(n.buffer), n.is_producer, r(n.body));
        },
        [&](const Access &n) -> Expr {
            return Access::make(n.type, use(n.buffer), n.args, n.value_index, n.owner);
        },
        [&](const Write &n) -> Stmt { return Write::make(use(n.buffer), n.args, n.values, n.predicate); },
        [&](const Load &n) -> Expr {
            return Load::make(n.type, use(n.buffer), n.index, n.predicate, n.alignment);
        },
        [&](const Store &n) -> Stmt {
            return Store::make(use(n.buffer), n.index, n.value, n.predicate, n.alignment);
        });
}

}  // namespace heddle::Internal
