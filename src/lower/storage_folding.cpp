#include "lower/storage_folding.h"

#include <optional>

#include "analysis/box.h"
#include "analysis/monotonic.h"
#include "analysis/simplify.h"
#include "analysis/upper_bound.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

namespace {

// Windows larger than this are left alone: folding would save little.
constexpr int64_t largest_window = 1024;

bool touches(const Stmt &s, const Symbol &buffer) {
    bool found = false;
    walk(
        s, [&](const Access &a) { found |= a.buffer == buffer; }, [&](const Write &w) { found |= w.buffer == buffer; });
    return found;
}

// The single statement within s that touches the buffer, if it is a serial loop, looking through lets,
// marks and blocks of which one part touches it.
const For *only_loop(const Stmt &s, const Symbol &buffer) {
    if (const For *f = s.as<For>()) return f->for_type == ForType::Serial ? f : nullptr;
    if (const LetStmt *l = s.as<LetStmt>()) return only_loop(l->body, buffer);
    if (const ProducerConsumer *p = s.as<ProducerConsumer>()) return only_loop(p->body, buffer);
    if (const Realize *r = s.as<Realize>()) return only_loop(r->body, buffer);
    if (const If *i = s.as<If>()) {
        return !i->else_case.defined() || !touches(i->else_case, buffer) ? only_loop(i->then_case, buffer) : nullptr;
    }
    if (const Block *b = s.as<Block>()) {
        const For *found = nullptr;
        for (const Stmt &part : b->stmts) {
            if (!touches(part, buffer)) continue;
            if (found) return nullptr;
            found = only_loop(part, buffer);
            if (!found) return nullptr;
        }
        return found;
    }
    return nullptr;
}

int64_t power_of_two_at_least(int64_t x) {
    int64_t p = 1;
    while (p < x) p *= 2;
    return p;
}

// A constant that the extent of the window never exceeds, whatever the loop variable is.
std::optional<int64_t> window(const Interval &i, const For &loop) {
    const Expr last = simplify(Sub::make(Add::make(loop.min, loop.extent), make_one(Int(32))));
    Scope<Interval> scope;
    scope.push(loop.loop, Interval{loop.min, last});
    return constant_upper_bound(Add::make(Sub::make(i.max, i.min), make_one(Int(32))), scope);
}

bool grows(const Expr &e, const Symbol &loop) {
    const Direction m = direction_of(e, loop);
    return m == Direction::Increasing || m == Direction::Constant;
}
bool shrinks(const Expr &e, const Symbol &loop) {
    const Direction m = direction_of(e, loop);
    return m == Direction::Decreasing || m == Direction::Constant;
}

Stmt fold_coordinate(const Stmt &s, const Symbol &buffer, size_t d, int64_t factor) {
    auto folded = [&](ExprList args) {
        args[d] = simplify(Mod::make(args[d], make_const(Int(32), factor)));
        return args;
    };
    return rewrite(
        s, [&](const Access &a) -> Expr {
            return a.buffer == buffer ? Access::make(a.type, a.buffer, folded(a.args), a.value_index, a.owner) :
                                        Expr(&a);
        },
        [&](const Write &w) -> Stmt {
            return w.buffer == buffer ? Write::make(w.buffer, folded(w.args), w.values, w.predicate) : Stmt(&w);
        });
}

// Whether some vectorized loop inside moves along dimension d: its lanes would wrap.
bool vectorized_along(const Stmt &s, const Symbol &buffer, size_t d) {
    bool found = false;
    walk(s, [&](const For &f) {
        if (f.for_type != ForType::Vectorized) return;
        // A let may carry the loop variable into the coordinate: look at the box of one iteration.
        auto boxes = boxes_touched(f.body, {}, Touch::Both, SelectBranches::Both);
        auto it = boxes.find(buffer);
        if (it == boxes.end()) return;
        const Interval &i = it->second[d];
        found |= !i.min.defined() || !i.max.defined() || uses(i.min, f.loop) || uses(i.max, f.loop);
    });
    return found;
}

// Only the outermost loop is looked at: a window that moves with an inner loop may still hold what an
// iteration of the outer one left for the next.
Stmt fold(const Realize &n) {
    const For *loop = only_loop(n.body, n.buffer);
    if (!loop) return Stmt(&n);
    auto boxes = boxes_touched(loop->body, {}, Touch::Both, SelectBranches::Both);
    auto it = boxes.find(n.buffer);
    if (it == boxes.end()) return Stmt(&n);
    for (size_t d = 0; d < n.bounds.size(); d++) {
        const Interval &i = it->second[d];
        if (!i.min.defined() || !i.max.defined()) continue;
        if (!uses(i.min, loop->loop) && !uses(i.max, loop->loop)) continue;
        const bool forward = grows(i.min, loop->loop) && grows(i.max, loop->loop);
        const bool backward = shrinks(i.min, loop->loop) && shrinks(i.max, loop->loop);
        if (!forward && !backward) continue;
        const std::optional<int64_t> size = window(i, *loop);
        if (!size || *size <= 0 || *size > largest_window) continue;
        const int64_t factor = power_of_two_at_least(*size);
        int64_t whole;
        if (as_const_int(n.bounds[d].extent, &whole) && whole <= factor) continue;
        if (vectorized_along(n.body, n.buffer, d)) continue;
        Ranges bounds = n.bounds;
        bounds[d] = {make_zero(Int(32)), make_const(Int(32), factor)};
        return Realize::make(n.buffer, n.types, bounds, n.order, n.memory, n.condition,
                             fold_coordinate(n.body, n.buffer, d, factor));
    }
    return Stmt(&n);
}

}  // namespace

Stmt storage_folding(const Stmt &s, PassContext &) {
    return rewrite(s, [](const Realize &n) -> Stmt { return fold(n); });
}

}  // namespace heddle::Internal
