#include "lower/value_bounds.h"

#include <map>

#include "analysis/interval.h"
#include "ir/rewrite.h"

namespace heddle::Internal {

namespace {

class Promiser {
public:
    explicit Promiser(Graph &graph)
        : g_(graph) {
    }

    void run() {
        for (GraphFunc &f : g_.funcs) {  // producers first: their bounds serve their consumers'
            if (f.removed) continue;
            for (GraphStage &s : f.stages) {
                for (Expr &e : s.args) e = as_index(e);
                for (Expr &e : s.values) e = with_indices(e);
                if (s.predicate.defined()) s.predicate = with_indices(s.predicate);
            }
            if (f.stages.size() == 1) note_bounds(f);
        }
    }

private:
    // e with promises on all calls that indices in it are made of.
    Expr with_indices(const Expr &e) const {
        if (bounds_.empty()) return e;
        return rewrite(
            e, [&](const Access &a, const Rewriter &) -> Expr { return with_arguments(a); },
            [&](const Let &n, const Rewriter &r) -> Expr { return let(n, r); });
    }
    Expr as_index(const Expr &e) const {
        if (bounds_.empty()) return e;
        return rewrite(
            e,
            [&](const Access &a, const Rewriter &) -> Expr {
                Expr call = with_arguments(a);
                auto it = bounds_.find(a.buffer);
                if (it == bounds_.end()) return call;
                return Call::make(a.type, CallOp::promise_clamped, {call, it->second.min, it->second.max});
            },
            [&](const Let &n, const Rewriter &r) -> Expr { return let(n, r); });
    }
    // What a let binds may become an index in its body.
    Expr let(const Let &n, const Rewriter &r) const {
        return Let::make(n.symbol, as_index(n.value), r(n.body));
    }
    Expr with_arguments(const Access &a) const {
        ExprList args;
        for (const Expr &arg : a.args) args.push_back(as_index(arg));
        return Access::make(a.type, a.buffer, args, a.value_index, a.owner);
    }

    // What holds for all values of the arguments. Types of under 32 bits bound themselves.
    void note_bounds(const GraphFunc &f) {
        const GraphStage &pure = f.stages[0];
        Scope<Interval> scope;
        for (const Symbol &s : pure.arg_symbols) scope.push(s, Interval::everything());
        for (size_t k = 0; k < f.elements.size(); k++) {
            if (!f.types[k].is_int_or_uint() || f.types[k].bits() != 32) continue;
            const Interval i = bounds_of(as_index(pure.values[k]), scope);
            if (i.is_bounded() && !reads_memory(i.min) && !reads_memory(i.max)) bounds_[f.elements[k]] = i;
        }
    }

    static bool reads_memory(const Expr &e) {
        bool found = false;
        walk_graph(
            e, [&](const Access &) { found = true; }, [&](const Load &) { found = true; },
            [&](const Call &c) { found |= !is_pure(c.op); });
        return found;
    }

    Graph &g_;
    std::map<Symbol, Interval> bounds_;
};

}  // namespace

void promise_value_bounds(Graph &graph) {
    Promiser(graph).run();
}

}  // namespace heddle::Internal
