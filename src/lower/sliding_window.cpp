#include "lower/sliding_window.h"

#include <algorithm>
#include <set>

#include "analysis/conditions.h"
#include "analysis/monotonic.h"
#include "analysis/simplify.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

namespace {

// More warm-up iterations than this are not worth their overhead: one large first window is cheaper.
constexpr int64_t most_warm_up_iterations = 64;

bool is_marked(const Expr &e) {
    const Call *c = e.as<Call>();
    return c && (c->op == CallOp::likely || c->op == CallOp::likely_if_innermost);
}

// e where all that is marked likely is taken: what it is away from the ends of the loops.
Expr in_steady_state(const Expr &e) {
    auto pick = [](const Expr &a, const Expr &b, const Expr &neither) {
        return is_marked(a) == is_marked(b) ? neither : is_marked(a) ? a : b;
    };
    Expr chosen = rewrite(
        e, [&](const Min &n) -> Expr { return pick(n.a, n.b, Expr(&n)); },
        [&](const Max &n) -> Expr { return pick(n.a, n.b, Expr(&n)); },
        [&](const Select &n) -> Expr { return is_marked(n.condition) ? n.true_value : Expr(&n); });
    return simplify(rewrite(chosen, [](const Call &c) -> Expr { return is_marked(Expr(&c)) ? c.args[0] : Expr(&c); }));
}

Expr likely(const Expr &e) {
    return Call::make(e.type(), CallOp::likely, {e});
}

Expr number(int64_t c) {
    return make_const(Int(32), c);
}

// A window that moves up, or one that moves down seen in a mirror: `up` tells, and all else is said for up.
class MovingWindow {
public:
    MovingWindow(const LoopNeeds &needs, const Interval &window, const Interval &first, bool up)
        : needs_(needs), v_(Variable::make(Int(32), needs.loop)), up_(up), rear_(up ? window.min : window.max),
          front_(up ? window.max : window.min), first_rear_(up ? first.min : first.max) {
        next_ = next_at(v_);
    }

    // Windows that do not overlap, or only where a split shifts its last tile inwards, need nothing.
    bool overlaps() const {
        return !can_prove(not_beyond(in_steady_state(next_), in_steady_state(rear_)));
    }

    Slide slide(Interval &region, Interval &whole) const {
        Expr &from = up_ ? region.min : region.max;
        Expr &whole_from = up_ ? whole.min : whole.max;
        // What lies behind the window was computed, or is not needed any more.
        const Expr fresh = can_prove(not_beyond(rear_, next_)) ? next_ : simplify(further(next_, rear_));
        if (const Expr start = earlier_start(); start.defined()) {
            const bool exact = can_prove(EQ::make(next_at(start), first_rear_));
            from = whole_from = exact ? fresh : further(likely(fresh), first_rear_);
            return {true, start};
        }
        if (!needs_.together) whole_from = simplify(further(whole_from, first_rear_));
        from = Select::make(likely(LT::make(needs_.start, v_)), fresh, needs_.together ? rear_ : first_rear_);
        return {true, needs_.start};
    }

private:
    // The first value that the iteration before `v` has not computed.
    Expr next_at(const Expr &v) const {
        const Expr before = substitute(needs_.loop, Sub::make(v, number(1)), front_);
        return simplify(Add::make(before, number(up_ ? 1 : -1)));
    }
    Expr not_beyond(const Expr &a, const Expr &b) const {
        return up_ ? LE::make(a, b) : GE::make(a, b);
    }
    Expr further(const Expr &a, const Expr &b) const {
        return up_ ? Max::make(a, b) : Min::make(a, b);
    }

    // The last iteration that the Func can be computed from with nothing missing, if it is a known number before
    // the first iteration of the readers; else undefined.
    Expr earlier_start() const {
        if (!needs_.may_start_earlier) return {};
        Interval solved;
        const Expr enough = not_beyond(in_steady_state(next_), in_steady_state(first_rear_));
        if (!solve_for(enough, needs_.loop, solved) || !solved.max.defined()) return {};
        const Expr ahead = simplify(Sub::make(needs_.start, solved.max));
        int64_t iterations;
        if (!as_const_int(ahead, &iterations) || iterations < 1 || iterations > most_warm_up_iterations) return {};
        const Expr start = simplify(Sub::make(needs_.start, number(iterations)));
        return can_prove(not_beyond(next_at(start), first_rear_)) ? start : Expr();
    }

    const LoopNeeds &needs_;
    const Expr v_;
    const bool up_;
    const Expr rear_, front_, first_rear_;
    Expr next_;  // for the loop variable itself
};

// Whether a split of the moving dimension goes over values behind the window again: it shifts its last tile back or, where
// the window moves down, rounds up. A pure definition does not blend: it gives the same again.
bool tail_goes_back(TailStrategy tail, bool up, bool is_pure) {
    if (up) return tail == TailStrategy::ShiftInwards || (is_pure && tail == TailStrategy::ShiftInwardsAndBlend);
    return tail == TailStrategy::RoundUp || (is_pure && tail == TailStrategy::RoundUpAndBlend);
}
// Where loads are predicated, what is past the end is not even the same again.
bool tail_spoils(TailStrategy tail, bool up) {
    return tail == TailStrategy::PredicateLoads && !up;
}
// Whether dimension d is split, in parts or as a whole, with such a tail.
template<typename Tail>
bool any_tail(const GraphFunc &func, const GraphStage &stage, size_t d, const Tail &is_one) {
    std::set<std::string> parts{func.function->args[d]};
    for (const Split &s : stage.nest.splits) {
        if (s.kind == Split::Kind::Fuse) {
            if (parts.count(s.inner) || parts.count(s.outer)) parts.insert(s.old_var);
            continue;
        }
        if (!parts.count(s.old_var)) continue;
        parts.insert({s.outer, s.inner});
        if (s.kind != Split::Kind::Rename && is_one(s.tail)) return true;
    }
    return false;
}

}  // namespace

Slide slide_over_loop(const GraphFunc &func, const LoopNeeds &needs, Region &region, Region &whole) {
    const Slide none{false, needs.start};
    int moving = -1;
    for (size_t d = 0; d < region.size(); d++) {
        if (!uses(region[d].min, needs.loop) && !uses(region[d].max, needs.loop)) continue;
        if (moving >= 0) return none;
        moving = static_cast<int>(d);
    }
    if (moving < 0) return none;
    const auto d = static_cast<size_t>(moving);
    if (!std::all_of(func.stages.begin(), func.stages.end(), [&](const GraphStage &s) { return s.is_pure_in(d); })) {
        return none;
    }
    auto both_are = [&](Direction wanted) {
        const Direction a = direction_of(region[d].min, needs.loop), b = direction_of(region[d].max, needs.loop);
        return (a == wanted || a == Direction::Constant) && (b == wanted || b == Direction::Constant);
    };
    const bool up = both_are(Direction::Increasing);
    if (!up && !both_are(Direction::Decreasing)) return none;
    // The first stages would start again what later ones have finished, and those do not come back.
    for (const GraphStage &s : func.stages) {
        const bool is_last = s.definition == func.stages.back().definition;
        const auto not_again = [&](TailStrategy tail) {
            return tail_spoils(tail, up) || (!is_last && tail_goes_back(tail, up, s.definition == 0));
        };
        if (any_tail(func, s, d, not_again)) return none;
    }
    const MovingWindow window(needs, region[d], needs.first[d], up);
    return window.overlaps() ? window.slide(region[d], whole[d]) : none;
}

bool moves_along_fold(const GraphFunc &func, const Region &region, const Symbol &loop) {
    const auto &storage = func.placement.storage;
    return std::any_of(storage.begin(), storage.end(), [&](const StorageDim &s) {
        const auto d = static_cast<size_t>(
            std::find(func.function->args.begin(), func.function->args.end(), s.var) - func.function->args.begin());
        return s.fold_factor.defined() && d < region.size() && (uses(region[d].min, loop) || uses(region[d].max, loop));
    });
}

}  // namespace heddle::Internal
