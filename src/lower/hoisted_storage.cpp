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
        [&](const Call &c, const Rewriter &r) -> Expr {
            const Expr e = r.children(c);
            const Access *a = c.op == CallOp::prefetch ? c.args[0].as<Access>() : nullptr;
            if (!a || a->buffer != buffer || !turn.defined()) return e;
            ExprList args = e.as<Call>()->args;
            args.push_back(make_one(Int(32)));  // one of the copies
            return Call::make(c.type, c.op, args, c.name);
        },
        [&](const Write &w) -> Stmt {
            if (w.buffer != buffer) return Stmt(&w);
            return Write::make(w.buffer, counted(w.args), w.values, w.predicate);
        });
}

namespace {

bool has_effect(const Expr &e) {
    bool found = false;
    walk(e, [&](const Call &c) {
        found |= c.op == CallOp::extern_c || c.op == CallOp::buffer_create || c.op == CallOp::buffer_of;
    });
    return found;
}

}  // namespace

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
            if (!result.defined() || !uses(result, n.symbol)) return;
            const Call *c = n.value.as<Call>();
            if (c && c->op == CallOp::promise_clamped) {
                Scope<Interval> scope;
                scope.push(n.symbol, Interval(c->args[1], c->args[2]));
                result = with_clamps(bounds_of(simplify(result), scope)).max;
            } else {
                // What a call with an effect answers is known after it only.
                result = has_effect(n.value) ? Expr() : substitute(n.symbol, n.value, result);
            }
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
