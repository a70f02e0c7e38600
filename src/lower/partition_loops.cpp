#include "lower/partition_loops.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "analysis/conditions.h"
#include "analysis/interval.h"
#include "analysis/simplify.h"
#include "ir/compare.h"
#include "ir/refresh.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

namespace {

bool is_mark(const Call &c) {
    return c.op == CallOp::likely || c.op == CallOp::likely_if_innermost;
}

template<typename Handle>
Handle without_marks(const Handle &h) {
    return rewrite(h, [](const Call &c) -> Expr { return is_mark(c) ? c.args[0] : Expr(&c); });
}

// Whether e is marked, itself or in the minima, maxima and sums that it is made of.
bool is_marked(const Expr &e, bool innermost) {
    if (const Call *c = e.as<Call>()) return is_mark(*c) && (c->op == CallOp::likely || innermost);
    if (const Min *n = e.as<Min>()) return is_marked(n->a, innermost) || is_marked(n->b, innermost);
    if (const Max *n = e.as<Max>()) return is_marked(n->a, innermost) || is_marked(n->b, innermost);
    if (const Add *n = e.as<Add>()) return is_marked(n->a, innermost) || is_marked(n->b, innermost);
    if (const Sub *n = e.as<Sub>()) return is_marked(n->a, innermost) || is_marked(n->b, innermost);
    if (const Mul *n = e.as<Mul>()) return is_marked(n->a, innermost) || is_marked(n->b, innermost);
    if (const Ramp *n = e.as<Ramp>()) return is_marked(n->base, innermost);
    if (const Broadcast *n = e.as<Broadcast>()) return is_marked(n->value, innermost);
    return false;
}

// Which value of a select is the likely one, if one is.
std::optional<bool> likely_side(const Select &n, bool innermost) {
    if (is_marked(n.condition, innermost)) return true;
    const bool yes = is_marked(n.true_value, innermost);
    if (yes == is_marked(n.false_value, innermost)) return std::nullopt;
    return yes;
}

// A place in the body that gets simpler when a condition holds.
struct Choice {
    const Node *node;                 // If, Select, Min or Max
    Expr condition;                   // under which its likely side is taken ...
    std::vector<const Node *> given;  // ... once these choices inside of that side are taken
};

bool contains_loop(const Stmt &s) {
    bool found = false;
    walk(s, [&](const For &) { found = true; });
    return found;
}

class Collector {
public:
    Collector(const For &loop, bool innermost)
        : loop_(loop.loop), innermost_(innermost) {
        look(loop.body);
    }
    std::vector<Choice> choices;
    Scope<Interval> inner;  // loops inside, and lets that vary with them
    Substitution lets;      // integer lets inside, expanded

private:
    void look(const Stmt &body) {
        walk(
            body, [&](const If &n) { add(n, n.condition); },
            [&](const Select &n) { add_select(n); },
            [&](const Min &n) { add_pair(n, n.a, n.b, true); }, [&](const Max &n) { add_pair(n, n.a, n.b, false); },
            [&](const For &n, const Walker &w) {
                w(n.min);
                w(n.extent);
                const Expr min = expanded(n.min);
                const Expr last = expanded(simplify(
                    Sub::make(Add::make(n.min, n.extent), make_one(n.min.type()))));
                Interval a = bounds_of(min, inner), b = bounds_of(last, inner);
                inner.push(n.loop, Interval{a.min, b.max});
                w(n.body);
            },
            [&](const LetStmt &n, const Walker &w) {
                w(n.value);
                note(n.symbol, n.value);
                w(n.body);
            },
            [&](const Let &n, const Walker &w) {
                w(n.value);
                note(n.symbol, n.value);
                w(n.body);
            });
    }
    void note(const Symbol &symbol, const Expr &value) {
        if (value.type() == Int(32)) lets[symbol] = expanded(value);
    }
    Expr expanded(const Expr &e) const {
        return substitute(lets, e);
    }
    void add(const Node &n, const Expr &condition) {
        if (is_marked(condition, innermost_) && condition.type().is_scalar()) record(n, condition);
    }
    // The condition may be marked, or the value that is taken.
    void add_select(const Select &n) {
        if (!n.condition.type().is_scalar()) return;
        const std::optional<bool> side = likely_side(n, innermost_);
        if (side) record(n, *side ? n.condition : Not::make(n.condition));
    }
    void add_pair(const Node &n, const Expr &a, const Expr &b, bool smaller) {
        if (!a.type().is_int()) return;
        const bool first = is_marked(a, innermost_);
        if (first == is_marked(b, innermost_)) return;
        const Expr &chosen = first ? a : b, &other = first ? b : a;
        record(n, smaller ? LE::make(chosen, other) : GE::make(chosen, other));
    }
    // Inside of a condition, marked minima and maxima count as taken.
    void record(const Node &n, const Expr &condition) {
        Choice choice{&n, {}, {}};
        auto take = [&](const auto &inner, const Rewriter &r) -> Expr {
            const bool first = is_marked(inner.a, innermost_);
            if (first == is_marked(inner.b, innermost_)) return r.children(inner);
            choice.given.push_back(&inner);
            return r(first ? inner.a : inner.b);
        };
        Expr c = rewrite(
            condition, [&](const Min &inner, const Rewriter &r) -> Expr { return take(inner, r); },
            [&](const Max &inner, const Rewriter &r) -> Expr { return take(inner, r); });
        choice.condition = simplify(without_marks(expanded(c)));
        if (uses(choice.condition, loop_)) choices.push_back(std::move(choice));
    }
    Symbol loop_;
    bool innermost_;
};

// Whether the lanes of e are linear in their number, so that the ends of intervals are those of scalars: made
// of ramps and broadcasts by sums, minima and maxima.
bool has_simple_lanes(const Expr &e) {
    if (e.type().is_scalar()) return true;
    if (const Broadcast *b = e.as<Broadcast>()) return b->value.type().is_scalar();
    if (const Ramp *r = e.as<Ramp>()) return r->base.type().is_scalar();
    auto both = [](const auto *n) { return has_simple_lanes(n->a) && has_simple_lanes(n->b); };
    if (const Add *n = e.as<Add>()) return both(n);
    if (const Sub *n = e.as<Sub>()) return both(n);
    if (const Mul *n = e.as<Mul>()) return both(n);
    if (const Min *n = e.as<Min>()) return both(n);
    if (const Max *n = e.as<Max>()) return both(n);
    return false;
}

// The loop values for which the condition holds whatever the inner loops do; false if not known.
bool interval_where(const Expr &condition, const Symbol &loop, const Scope<Interval> &inner, Interval *out) {
    if (const Broadcast *b = condition.as<Broadcast>()) return interval_where(b->value, loop, inner, out);
    if (const And *a = condition.as<And>()) {
        Interval x, y;
        if (!interval_where(a->a, loop, inner, &x) || !interval_where(a->b, loop, inner, &y)) return false;
        *out = intersection(x, y);
        return true;
    }
    // a <= b holds for all inner iterations and lanes if the largest a - b is not above 0.
    Expr worst;
    auto difference = [&](const Expr &a, const Expr &b, int64_t strict) {
        if (a.type().element_of() != Int(32) || !has_simple_lanes(a) || !has_simple_lanes(b)) return false;
        Interval i = bounds_of(simplify(Sub::make(a, b)), inner);
        if (!i.max.defined()) return false;
        worst = LE::make(simplify(Add::make(i.max, make_const(Int(32), strict))), make_zero(Int(32)));
        return true;
    };
    bool known = false;
    if (const LE *n = condition.as<LE>()) known = difference(n->a, n->b, 0);
    if (const LT *n = condition.as<LT>()) known = difference(n->a, n->b, 1);
    if (const GE *n = condition.as<GE>()) known = difference(n->b, n->a, 0);
    if (const GT *n = condition.as<GT>()) known = difference(n->b, n->a, 1);
    return known && solve_for(simplify(worst), loop, *out);
}

// The body where every recorded choice is decided.
Stmt decided(const Stmt &body, const std::unordered_set<const Node *> &chosen, bool innermost) {
    return rewrite(
        body, [&](const If &n, const Rewriter &r) -> Stmt {
            return chosen.count(&n) ? r(n.then_case) : r.children(n);
        },
        [&](const Select &n, const Rewriter &r) -> Expr {
            if (!chosen.count(&n)) return r.children(n);
            return r(*likely_side(n, innermost) ? n.true_value : n.false_value);
        },
        [&](const Min &n, const Rewriter &r) -> Expr {
            return chosen.count(&n) ? r(is_marked(n.a, innermost) ? n.a : n.b) : r.children(n);
        },
        [&](const Max &n, const Rewriter &r) -> Expr {
            return chosen.count(&n) ? r(is_marked(n.a, innermost) ? n.a : n.b) : r.children(n);
        });
}

// All loops, or those that contain no other.
enum class Which { All, Innermost };

// Loops that were cut, or whose conditions were decided for all of their iterations.
using Partitioned = std::unordered_set<Symbol>;

Stmt partition(const Stmt &s, Which which, Partitioned &done);

// Loops inside the body, none of which the loop itself could use.
Stmt inside(const For &n, Which which, Partitioned &done) {
    return For::make(n.loop, n.min, n.extent, n.for_type, n.partition, partition(n.body, which, done));
}

Stmt partition_loop(const For &n, Which which, Partitioned &done) {
    const bool splittable = n.partition != Partition::Never && !is_const(n.extent, 1) &&
                            (n.for_type == ForType::Serial || n.for_type == ForType::Parallel);
    const bool innermost = !contains_loop(n.body);
    if (!splittable || (which == Which::Innermost && !innermost)) return inside(n, which, done);
    Collector found(n, innermost);
    std::unordered_set<const Node *> chosen;
    Interval steady;
    // Choices inside of a side come after it in the walk: decide them first.
    for (size_t k = found.choices.size(); k-- > 0;) {
        const Choice &c = found.choices[k];
        const bool possible = std::all_of(c.given.begin(), c.given.end(),
                                          [&](const Node *inner) { return chosen.count(inner) > 0; });
        Interval i;
        if (!possible || !interval_where(c.condition, n.loop, found.inner, &i)) continue;
        if (!i.min.defined() && !i.max.defined()) continue;
        steady = intersection(steady, i);
        chosen.insert(c.node);
    }
    if (chosen.empty()) return inside(n, which, done);

    done.insert(n.loop);
    const Type t = n.min.type();
    const Expr end = simplify(Add::make(n.min, n.extent));
    const bool before = steady.min.defined() && !can_prove(LE::make(steady.min, n.min));
    const bool after = steady.max.defined() && !can_prove(GE::make(Add::make(steady.max, make_one(t)), end));
    Stmt fast = partition(decided(n.body, chosen, innermost), which, done);
    if (!before && !after) return For::make(n.loop, n.min, n.extent, n.for_type, n.partition, fast);

    Stmt general = with_fresh_symbols(without_marks(partition(n.body, Which::Innermost, done)));
    if (n.for_type == ForType::Parallel) {
        const Expr v = Variable::make(t, n.loop);
        Expr in_steady = const_true();
        if (before) in_steady = And::make(in_steady, LE::make(steady.min, v));
        if (after) in_steady = And::make(in_steady, LE::make(v, steady.max));
        return For::make(n.loop, n.min, n.extent, n.for_type, n.partition,
                         If::make(simplify(in_steady), fast, general));
    }
    std::vector<std::pair<Symbol, Expr>> lets;
    auto named = [&](const Expr &e, const char *what) {
        Symbol s = Symbol::fresh(n.loop.name() + what);
        lets.emplace_back(s, simplify(e));
        return Variable::make(t, s);
    };
    Expr first = n.min, last = end;
    if (before) first = named(Min::make(Max::make(steady.min, n.min), Max::make(end, n.min)), ".steady");
    if (after) last = named(Max::make(Min::make(Add::make(steady.max, make_one(t)), end), first), ".epilogue");
    auto piece = [&](const Expr &from, const Expr &to, const Stmt &body, bool copy) {
        Stmt loop = For::make(n.loop, from, simplify(Sub::make(to, from)), n.for_type, Partition::Never, body);
        return copy ? with_fresh_symbols(loop) : loop;
    };
    StmtList pieces;
    if (before) pieces.push_back(piece(n.min, first, general, true));
    pieces.push_back(piece(first, last, fast, false));
    if (after) pieces.push_back(piece(last, end, general, true));
    Stmt result = Block::make(pieces);
    for (size_t i = lets.size(); i-- > 0;) result = LetStmt::make(lets[i].first, lets[i].second, result);
    return result;
}

// Outer loops first: they decide conditions for the loops inside their steady state.
Stmt partition(const Stmt &s, Which which, Partitioned &done) {
    return rewrite(s, [&](const For &n, const Rewriter &) -> Stmt { return partition_loop(n, which, done); });
}

// Partition::Always is a demand.
void check_always(const Stmt &s, const Partitioned &done, const PassContext &context) {
    walk(s, [&](const For &n, const Walker &w) {
        w(n.body);
        if (n.partition != Partition::Always || done.count(n.loop)) return;
        Diagnostic d;
        d.code = 360;
        d.func = d.var = n.loop.name();
        if (auto it = context.origins.find(n.loop); it != context.origins.end()) {
            d.func = it->second.func;
            d.var = it->second.var;
            d.location = it->second.location;
        }
        d.directive = "always_partition(" + d.var + ")";
        d.message = "nothing in loop " + d.var + " of " + d.func +
                    " has an edge to cut it at: no guard of a split, no boundary condition, no likely()";
        d.hint = "leave it at Partition::Auto, or mark with likely() what holds in most iterations";
        throw CompileError(d);
    });
}

}  // namespace

Stmt partition_loops(const Stmt &s, PassContext &context) {
    Partitioned done;
    Stmt result = without_marks(partition(s, Which::All, done));
    check_always(s, done, context);
    return result;
}

}  // namespace heddle::Internal
