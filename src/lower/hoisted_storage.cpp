#include "lower/hoisted_storage.h"

#include "analysis/interval.h"
#include "analysis/promises.h"
#include "analysis/simplify.h"
#include "ir/compare.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

Stmt counted_from(const Stmt &s, const Symbol &buffer, const ExprList &base, const Expr &turn) {
    auto counted = [&](ExprList args) {
        for (size_t d = 0; d < args.size(); d++) args[d] = Sub::make(args[d], base[d]);
        if (turn.defined()) args.push_back(turn);
        return args;
    };
    return rewrite(
        s,
        [&](const Access &a) -> Expr {
            if (a.buffer != buffer) return Expr(&a);
            return Access::make(a.type, a.buffer, counted(a.args), a.value_index, a.owner);
        },
        [&](const Write &w) -> Stmt {
            if (w.buffer != buffer) return Stmt(&w);
            return Write::make(w.buffer, counted(w.args), w.values, w.predicate);
        });
}

Expr largest_value(const Stmt &s, const Symbol &symbol) {
    Expr result;
    walk(
        s,
        [&](const LetStmt &n, const Walker &w) {
            if (n.symbol == symbol) {
                result = n.value;
                return;
            }
            w(n.body);
            if (result.defined()) result = substitute(n.symbol, n.value, result);
        },
        [&](const For &n, const Walker &w) {
            w(n.body);
            if (!result.defined() || !uses(result, n.loop)) return;
            const Expr last = simplify(Sub::make(Add::make(n.min, n.extent), make_one(n.min.type())));
            Scope<Interval> scope;
            scope.push(n.loop, Interval(n.min, last));
            result = with_clamps(bounds_of(simplify(result), scope)).max;
        });
    return result;
}

bool starts_early(const Stmt &s, const Symbol &buffer, const std::unordered_map<Symbol, Expr> &begins) {
    int loops = 0;
    bool early = false;
    walk(
        s,
        [&](const For &n, const Walker &w) {
            const auto known = begins.find(n.loop);
            loops++;
            early |= known == begins.end() || !equal(known->second, n.min);
            w(n.body);
        },
        [&](const ProducerConsumer &n, const Walker &w) {
            if (n.buffer != buffer) w(n.body);
        });
    return early && loops > 1;
}

}  // namespace heddle::Internal
