#include "lower/hoist_reductions.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "analysis/simplify.h"
#include "ir/compare.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"
#include "lower/combine_lanes.h"

namespace heddle::Internal {

namespace {

constexpr int most_bytes = 512;  // of an accumulator: half of the vector registers there are

Expr i32(int64_t v) {
    return make_const(Int(32), v);
}

// An Atomic in a loop, and how it is split between the loop and what comes after it.
struct Candidate {
    const Atomic *atomic;
    ElementUpdate update;
    AssociativeStep step;
    std::vector<Expr> kept;         // what is accumulated, per element: the operand, or a vector that reduces to it
    std::vector<Symbol> sums;       // the accumulators
    bool conditional = false;       // guards in the loop may keep it from running
    Symbol ran;                     // where it is: whether it has run
};

// Everything that a statement binds.
std::unordered_set<Symbol> bound_in(const Stmt &s) {
    std::unordered_set<Symbol> bound;
    walk(
        s, [&](const LetStmt &n) { bound.insert(n.symbol); }, [&](const Let &n) { bound.insert(n.symbol); },
        [&](const For &n) { bound.insert(n.loop); }, [&](const Allocate &n) { bound.insert(n.buffer); });
    return bound;
}

bool uses_any(const Expr &e, const std::unordered_set<Symbol> &symbols) {
    bool found = false;
    walk(
        e, [&](const Variable &v) { found |= symbols.count(v.symbol) > 0; },
        [&](const Load &l) { found |= symbols.count(l.buffer) > 0; });
    return found;
}

bool reads_memory(const Expr &e) {
    bool found = false;
    walk(e, [&](const Load &) { found = true; });
    return found;
}

// Whether e is made of products of values that were narrower before.
bool is_widened(const Expr &e) {
    if (const Cast *c = e.as<Cast>()) {
        return c->type.is_int_or_uint() && c->value.type().is_int_or_uint() && 2 * c->value.type().bits() <= c->type.bits();
    }
    const Mul *m = e.as<Mul>();
    return m && is_widened(m->a) && is_widened(m->b);
}

// What to accumulate for an operand: vectors stay vectors. Sums of widened products are added in pairs first, for
// which processors have instructions.
Expr accumulated(const AssociativeStep::Element &e) {
    const VectorReduce *r = e.operand.as<VectorReduce>();
    if (!r || !e.reduce || r->op != *e.reduce) return e.operand;
    int lanes = r->value.type().lanes();
    if (r->op == ReduceOp::Add && r->type.is_scalar() && lanes % 2 == 0 && lanes > 2 && is_widened(r->value)) lanes /= 2;
    if (lanes * r->type.bytes() > most_bytes) return e.operand;
    return lanes == r->value.type().lanes() ? r->value : VectorReduce::make(r->op, r->value, lanes);
}

class LoopHoister {
public:
    explicit LoopHoister(const For &loop)
        : loop_(loop), bound_(bound_in(loop.body)) {
        bound_.insert(loop.loop);
    }

    std::optional<Stmt> hoisted() {
        bool calls = false;
        walk(loop_.body, [&](const Call &c) { calls |= c.op == CallOp::extern_c; });
        if (calls) return {};
        find(loop_.body, false);
        for (bool all_alone = false; !all_alone;) {
            all_alone = true;
            for (size_t i = 0; i < candidates_.size() && all_alone; i++) {
                if (!touched_elsewhere(candidates_[i])) continue;
                candidates_.erase(candidates_.begin() + static_cast<std::ptrdiff_t>(i));
                all_alone = false;
            }
        }
        if (candidates_.empty()) return {};
        for (Candidate &c : candidates_) {
            if (c.conditional) c.ran = Symbol::fresh("ran");
        }
        Stmt body = rewrite(loop_.body, [&](const Atomic &a, const Rewriter &r) -> Stmt {
            for (const Candidate &c : candidates_) {
                if (c.atomic == &a) return accumulate(c);
            }
            return r.children(a);
        });
        const Stmt loop = For::make(loop_.loop, loop_.min, loop_.extent, loop_.for_type, loop_.partition, body);
        StmtList parts, after;
        for (const Candidate &c : candidates_) {
            const StmtList first = initial(c);
            parts.insert(parts.end(), first.begin(), first.end());
            after.push_back(finish(c));
        }
        parts.push_back(loop);
        const Expr any = simplify(GT::make(loop_.extent, make_zero(loop_.extent.type())));
        const Stmt last = Block::make(after);
        parts.push_back(is_const_true(any) ? last : If::make(any, last));
        return allocated(Block::make(parts));
    }

private:
    // Candidates in s, under guards or not.
    void find(const Stmt &s, bool conditional) {
        walk(
            s, [&](const If &n, const Walker &) {
                find(n.then_case, true);
                if (n.else_case.defined()) find(n.else_case, true);
            },
            [&](const For &n, const Walker &) {
                if (n.for_type != ForType::Serial) return;
                int64_t extent = 0;
                find(n.body, conditional || !as_const_int(n.extent, &extent) || extent <= 0);
            },
            [&](const Fork &, const Walker &) {}, [&](const Atomic &n, const Walker &) { consider(n, conditional); });
    }
    void consider(const Atomic &n, bool conditional) {
        // The lets around the store may hold what is combined.
        std::optional<ElementUpdate> u = element_update(n.body);
        if (!u || uses_any(u->index, bound_) || reads_memory(u->index)) return;
        if (u->index.type().is_vector() && !is_const_true(u->predicate)) return;
        for (const Symbol &b : u->buffers) {
            if (bound_.count(b)) return;
        }
        for (Expr &e : u->values) e = simplify(e);
        std::optional<AssociativeStep> step = associative_step(u->values, u->old);
        if (!step || !step->commutative) return;
        Candidate c{&n, *u, *step, {}, {}, conditional || !is_const_true(u->predicate), {}};
        for (const AssociativeStep::Element &e : step->elements) {
            if (e.is_kept()) return;
            c.kept.push_back(accumulated(e));
            c.sums.push_back(Symbol::fresh(u->buffers[c.sums.size()].name() + ".sum"));
        }
        candidates_.push_back(std::move(c));
    }
    // Whether the loop reads or writes the buffers but in candidates.
    bool touched_elsewhere(const Candidate &c) const {
        bool found = false;
        const auto is_own = [&](const Symbol &b) {
            return std::find(c.update.buffers.begin(), c.update.buffers.end(), b) != c.update.buffers.end();
        };
        walk(
            loop_.body, [&](const Load &l) { found |= is_own(l.buffer); }, [&](const Store &s) { found |= is_own(s.buffer); },
            [&](const Atomic &a, const Walker &w) {
                for (const Candidate &other : candidates_) {
                    // Of the same Tuple, so that they go together.
                    if (other.atomic == &a && (other.update.buffers == c.update.buffers || !shares(other, c))) {
                        for (const Expr &e : other.kept) w(e);
                        return;
                    }
                }
                w.children(a);
            });
        return found;
    }
    static bool shares(const Candidate &a, const Candidate &b) {
        for (const Symbol &s : a.update.buffers) {
            if (std::find(b.update.buffers.begin(), b.update.buffers.end(), s) != b.update.buffers.end()) return true;
        }
        return false;
    }

    // --- the accumulators

    static Expr whole(int lanes) {
        return lanes == 1 ? i32(0) : Ramp::make(i32(0), i32(1), lanes);
    }
    static Expr sum(const Candidate &c, size_t i) {
        const Type t = c.kept[i].type();
        return Load::make(t, c.sums[i], whole(t.lanes()), const_true(t.lanes()));
    }
    static Stmt set_sum(const Candidate &c, size_t i, const Expr &value) {
        const int lanes = value.type().lanes();
        return Store::make(c.sums[i], whole(lanes), value, const_true(lanes));
    }
    static StmtList initial(const Candidate &c) {
        StmtList list;
        for (size_t i = 0; i < c.sums.size(); i++) {
            Expr value = c.step.elements[i].identity;
            const int times = c.kept[i].type().lanes() / value.type().lanes();
            if (times > 1) value = Broadcast::make(value, times);
            list.push_back(set_sum(c, i, value));
        }
        if (c.ran.defined()) list.push_back(Store::make(c.ran, i32(0), make_zero(UInt(8)), const_true()));
        return list;
    }
    // In place of the Atomic.
    static Stmt accumulate(const Candidate &c) {
        StmtList list;
        Substitution sides;
        for (size_t i = 0; i < c.sums.size(); i++) {
            sides[c.step.elements[i].x] = sum(c, i);
            sides[c.step.elements[i].y] = c.kept[i];
        }
        std::vector<std::pair<Symbol, Expr>> values;
        for (size_t i = 0; i < c.sums.size(); i++) {
            Expr value = with_lanes(c.step.elements[i].op, sides, c.kept[i].type().lanes());
            if (c.sums.size() > 1) {  // all before any is stored
                values.emplace_back(Symbol::fresh(c.sums[i].name()), value);
                value = Variable::make(value.type(), values.back().first);
            }
            list.push_back(set_sum(c, i, value));
        }
        if (c.ran.defined()) list.push_back(Store::make(c.ran, i32(0), make_one(UInt(8)), const_true()));
        Stmt s = Block::make(list);
        for (size_t i = values.size(); i-- > 0;) s = LetStmt::make(values[i].first, values[i].second, s);
        if (!is_const_true(c.update.predicate)) s = If::make(c.update.predicate, s);
        return s;
    }
    // After the loop.
    static Stmt finish(const Candidate &c) {
        ExprList operands;
        for (size_t i = 0; i < c.sums.size(); i++) {
            const int own = c.step.elements[i].operand.type().lanes();
            const Expr all = sum(c, i);
            operands.push_back(all.type().lanes() == own ? all : VectorReduce::make(*c.step.elements[i].reduce, all, own));
        }
        const Stmt update = update_with(c.update, c.step, operands, c.update.index, const_true(c.update.index.type().lanes()));
        const Stmt s = Atomic::make(c.atomic->shared, update);
        if (!c.ran.defined()) return s;
        const Expr ran = Load::make(UInt(8), c.ran, i32(0), const_true());
        return If::make(NE::make(ran, make_zero(UInt(8))), s);
    }
    Stmt allocated(Stmt s) const {
        for (const Candidate &c : candidates_) {
            for (size_t i = 0; i < c.sums.size(); i++) {
                const Type t = c.kept[i].type();
                s = Allocate::make(c.sums[i], t.element_of(), {i32(t.lanes())}, MemoryType::Stack, const_true(), s);
            }
            if (c.ran.defined()) s = Allocate::make(c.ran, UInt(8), {i32(1)}, MemoryType::Stack, const_true(), s);
        }
        return s;
    }

    const For &loop_;
    std::unordered_set<Symbol> bound_;
    std::vector<Candidate> candidates_;
};

}  // namespace

Stmt hoist_reductions(const Stmt &s, PassContext &) {
    bool any = false;
    walk(s, [&](const Atomic &) { any = true; });
    if (!any) return s;
    return rewrite(s, [](const For &n, const Rewriter &r) -> Stmt {  // outer loops first
        if (n.for_type == ForType::Serial) {
            if (std::optional<Stmt> hoisted = LoopHoister(n).hoisted()) {
                // What is left may be hoisted out of inner loops.
                const For *same = nullptr;
                walk(*hoisted, [&](const For &f, const Walker &) {
                    if (f.loop == n.loop) same = &f;
                });
                return rewrite(*hoisted, [&](const For &f, const Rewriter &) -> Stmt {
                    if (&f != same) return Stmt(&f);
                    return For::make(f.loop, f.min, f.extent, f.for_type, f.partition, r(f.body));
                });
            }
        }
        return r.children(n);
    });
}

}  // namespace heddle::Internal
