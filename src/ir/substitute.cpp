#include "ir/substitute.h"

#include <unordered_set>

#include "ir/rewrite.h"

namespace heddle::Internal {

Expr substitute(const Substitution &map, const Expr &e) {
    if (map.empty()) return e;
    return rewrite_graph(e, [&](const Variable &v) -> Expr {
        auto it = map.find(v.symbol);
        return it == map.end() ? Expr(&v) : it->second;
    });
}

Stmt substitute(const Substitution &map, const Stmt &s) {
    if (map.empty()) return s;
    return rewrite(s, [&](const Variable &v) -> Expr {
        auto it = map.find(v.symbol);
        return it == map.end() ? Expr(&v) : it->second;
    });
}

Expr substitute(const Symbol &symbol, const Expr &replacement, const Expr &e) {
    return substitute(Substitution{{symbol, replacement}}, e);
}

Stmt substitute(const Symbol &symbol, const Expr &replacement, const Stmt &s) {
    return substitute(Substitution{{symbol, replacement}}, s);
}

bool uses(const Expr &e, const Symbol &symbol) {
    bool found = false;
    walk_graph(e, [&](const Variable &v) { found |= v.symbol == symbol; });
    return found;
}

bool uses(const Stmt &s, const Symbol &symbol) {
    bool found = false;
    walk_graph(s, [&](const Variable &v) { found |= v.symbol == symbol; });
    return found;
}

namespace {

template<typename Root>
std::vector<std::pair<Symbol, Type>> free_symbols_of(const Root &root) {
    std::vector<std::pair<Symbol, Type>> result;
    std::unordered_set<uint64_t> seen, bound;
    auto use = [&](const Symbol &s, Type t) {
        if (!bound.count(s.id()) && seen.insert(s.id()).second) result.emplace_back(s, t);
    };
    // Symbols are unique, so a symbol bound once is never free elsewhere; `bound` only grows.
    walk(
        root, [&](const Variable &v) { use(v.symbol, v.type); },
        [&](const Let &n, const Walker &w) {
            w(n.value);
            bound.insert(n.symbol.id());
            w(n.body);
        },
        [&](const LetStmt &n, const Walker &w) {
            w(n.value);
            bound.insert(n.symbol.id());
            w(n.body);
        },
        [&](const For &n, const Walker &w) {
            w(n.min);
            w(n.extent);
            bound.insert(n.loop.id());
            w(n.body);
        },
        [&](const View &n, const Walker &w) {
            use(n.buffer, heddle::Handle());
            w.children(n);
        },
        [&](const Load &n) { use(n.buffer, heddle::Handle()); }, [&](const Store &n) { use(n.buffer, heddle::Handle()); },
        [&](const Allocate &n, const Walker &w) {
            for (const Expr &e : n.extents) w(e);
            w(n.condition);
            bound.insert(n.buffer.id());
            w(n.body);
        });
    return result;
}

}  // namespace

std::vector<std::pair<Symbol, Type>> free_symbols(const Stmt &s) {
    return free_symbols_of(s);
}
std::vector<std::pair<Symbol, Type>> free_symbols(const Expr &e) {
    return free_symbols_of(e);
}

Expr substitute_in_all_lets(const Expr &e) {
    Substitution map;
    return rewrite_graph(
        e,
        [&](const Let &n, const Rewriter &r) -> Expr {
            map[n.symbol] = r(n.value);
            return r(n.body);
        },
        [&](const Variable &v) -> Expr {
            auto it = map.find(v.symbol);
            return it == map.end() ? Expr(&v) : it->second;
        });
}

}  // namespace heddle::Internal
