#include "lower/sliding_window.h"

#include "analysis/monotonic.h"
#include "analysis/simplify.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

namespace {

bool is_marked(const Expr &e) {
    const Call *c = e.as<Call>();
    return c && (c->op == CallOp::likely || c->op == CallOp::likely_if_innermost);
}

// e where all that is marked likely is taken: what it is away from the ends of the loops.
Expr in_steady_state(const Expr &e) {
    auto pick = [](const Expr &a, const Expr &b, const Expr &neither) {
        return is_marked(a) == is_marked(b) ? neither : is_marked(a) ? a : b;
    };
    return simplify(rewrite(
        e, [&](const Min &n) -> Expr { return pick(n.a, n.b, Expr(&n)); },
        [&](const Max &n) -> Expr { return pick(n.a, n.b, Expr(&n)); },
        [&](const Select &n) -> Expr { return is_marked(n.condition) ? n.true_value : Expr(&n); }));
}

}  // namespace

bool slide_over_loop(const GraphFunc &func, const Symbol &loop, const Expr &loop_min, Region &region) {
    int moving = -1;
    for (size_t d = 0; d < region.size(); d++) {
        if (!uses(region[d].min, loop) && !uses(region[d].max, loop)) continue;
        if (moving >= 0) return false;
        moving = static_cast<int>(d);
    }
    if (moving < 0) return false;
    const auto d = static_cast<size_t>(moving);
    for (const GraphStage &s : func.stages) {
        if (!s.is_pure_in(d)) return false;
    }
    Interval &r = region[d];
    const Type t = Int(32);
    const Expr one = make_const(t, int64_t{1});
    const Expr max = r.max;
    auto grows = [&](const Expr &e) {
        const Direction m = direction_of(e, loop);
        return m == Direction::Increasing || m == Direction::Constant;
    };
    if (!grows(r.min) || !grows(max)) return false;
    const Expr v = Variable::make(t, loop);
    const Expr next = simplify(Add::make(substitute(loop, Sub::make(v, one), max), one));
    // Windows that do not overlap, or only where a split shifts its last tile inwards, need nothing.
    if (can_prove(LE::make(in_steady_state(next), in_steady_state(r.min)))) return false;
    const Expr fresh = can_prove(GE::make(next, r.min)) ? next : simplify(Max::make(next, r.min));
    Expr later = LT::make(loop_min, v);
    later = Call::make(later.type(), CallOp::likely, {later});
    r.min = Select::make(later, fresh, r.min);
    return true;
}

}  // namespace heddle::Internal
