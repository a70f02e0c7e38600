#include "analysis/promises.h"

#include "analysis/simplify.h"
#include "ir/compare.h"
#include "ir/rewrite.h"

namespace heddle::Internal {

namespace {

bool has_promises(const Expr &e) {
    bool any = false;
    walk_graph(e, [&](const Call &c) { any |= c.op == CallOp::promise_clamped; });
    return any;
}

}  // namespace

Expr with_clamps(const Expr &e) {
    if (!e.defined() || !has_promises(e)) return e;
    return simplify(rewrite_graph(e, [](const Call &c) -> Expr {
        if (c.op != CallOp::promise_clamped) return Expr(&c);
        const Expr below = Min::make(c.args[0], c.args[2]);
        return equal(c.args[0], c.args[1]) ? below : Max::make(below, c.args[1]);
    }));
}

Expr without_promises(const Expr &e) {
    if (!e.defined() || !has_promises(e)) return e;
    return simplify(rewrite_graph(e, [](const Call &c) -> Expr {
        return c.op == CallOp::promise_clamped ? c.args[0] : Expr(&c);
    }));
}

Interval with_clamps(const Interval &i) {
    return {with_clamps(i.min), with_clamps(i.max)};
}

}  // namespace heddle::Internal
