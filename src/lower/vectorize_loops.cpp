#include "lower/vectorize_loops.h"

#include <unordered_map>

#include "analysis/simplify.h"
#include "lower/combine_lanes.h"
#include "ir/refresh.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

namespace {

Expr i32(int64_t v) {
    return make_const(Int(32), v);
}

// 0, 1, 2, ... as int32.
Expr lane_numbers(int lanes) {
    return Ramp::make(i32(0), i32(1), lanes);
}

bool is_ramp_of_step(const Expr &e) {
    return e.as<Ramp>() != nullptr;
}

// Each lane of v repeated `times` times in a row.
Expr repeat_lanes(const Expr &vector, int times) {
    if (times == 1) return vector;
    const Expr v = simplify(vector);
    if (const Broadcast *b = v.as<Broadcast>(); b && b->value.type().is_scalar()) {
        return Broadcast::make(b->value, v.type().lanes() * times);
    }
    if (const Ramp *r = v.as<Ramp>(); r && r->base.type().is_scalar()) {
        return Ramp::make(Broadcast::make(r->base, times), Broadcast::make(r->stride, times), r->lanes);
    }
    IntList indices;
    for (int i = 0; i < v.type().lanes(); i++) {
        for (int k = 0; k < times; k++) indices.push_back(i);
    }
    return Shuffle::make({v}, indices);
}

bool has_likely(const Expr &e) {
    bool found = false;
    walk(e, [&](const Call &c) { found |= c.op == CallOp::likely || c.op == CallOp::likely_if_innermost; });
    return found;
}

Expr without_likely(const Expr &e) {
    return rewrite(e, [](const Call &c) -> Expr {
        return c.op == CallOp::likely || c.op == CallOp::likely_if_innermost ? c.args[0] : Expr(&c);
    });
}

// A scalar condition under which all lanes of a vector condition hold: cheap for comparisons of a ramp
// with something that does not vary.
Expr all_lanes(const Expr &condition) {
    if (condition.type().is_scalar()) return condition;
    if (const Broadcast *b = condition.as<Broadcast>()) return all_lanes(b->value);
    if (const And *a = condition.as<And>()) return And::make(all_lanes(a->a), all_lanes(a->b));
    if (const Call *c = condition.as<Call>(); c && c->op == CallOp::likely) return all_lanes(c->args[0]);
    auto ends = [](const Expr &e, Expr *first, Expr *last) {
        if (const Broadcast *b = e.as<Broadcast>(); b && b->value.type().is_scalar()) {
            *first = *last = b->value;
            return true;
        }
        const Ramp *r = e.as<Ramp>();
        if (!r || !r->base.type().is_scalar()) return false;
        *first = r->base;
        *last = simplify(Add::make(r->base, Mul::make(r->stride, make_const(r->base.type(), int64_t{r->lanes - 1}))));
        return true;
    };
    Expr a0, a1, b0, b1;
    auto both_ends = [&](const Expr &a, const Expr &b) { return ends(a, &a0, &a1) && ends(b, &b0, &b1); };
    // Both sides are linear in the lane, so the comparison holds in all lanes if it does in the outer two.
    auto at_ends = [&](auto make) { return simplify(And::make(make(a0, b0), make(a1, b1))); };
    if (const LE *n = condition.as<LE>(); n && both_ends(n->a, n->b)) return at_ends(LE::make);
    if (const LT *n = condition.as<LT>(); n && both_ends(n->a, n->b)) return at_ends(LT::make);
    if (const GE *n = condition.as<GE>(); n && both_ends(n->a, n->b)) return at_ends(GE::make);
    if (const GT *n = condition.as<GT>(); n && both_ends(n->a, n->b)) return at_ends(GT::make);
    return VectorReduce::make(ReduceOp::And, condition, 1);
}

// Vectorizes the body of one loop.
class LoopVectorizer {
public:
    /** `may_meet`: several iterations may update one element (in Atomics). */
    LoopVectorizer(const For &loop, int lanes, bool may_meet)
        : loop_(loop), lanes_(lanes), may_meet_(may_meet) {
        vectors_[loop.loop] = Ramp::make(loop.min, make_one(loop.min.type()), lanes);
    }

    Stmt operator()(const Stmt &s) {
        if (!can_vectorize_here(s)) return one_lane_at_a_time(s);
        switch (s.get()->kind) {
        case NodeKind::LetStmt: return let(*s.as<LetStmt>());
        case NodeKind::Store: return store(*s.as<Store>());
        case NodeKind::If: return branch(*s.as<If>());
        case NodeKind::For: return inner_loop(*s.as<For>());
        case NodeKind::Allocate: return allocate(*s.as<Allocate>());
        case NodeKind::Block: {
            StmtList out;
            for (const Stmt &part : s.as<Block>()->stmts) out.push_back((*this)(part));
            return Block::make(out);
        }
        case NodeKind::ProducerConsumer: {
            const ProducerConsumer *n = s.as<ProducerConsumer>();
            return ProducerConsumer::make(n->buffer, n->is_producer, (*this)(n->body));
        }
        case NodeKind::Atomic: return atomic(*s.as<Atomic>());
        case NodeKind::Evaluate: return Evaluate::make(expr(s.as<Evaluate>()->value));  // see can_vectorize_here
        case NodeKind::Assert: return s;
        case NodeKind::View: {
            const View *n = s.as<View>();
            return View::make(n->buffer, n->types, n->bounds, n->strides, (*this)(n->body), n->release);
        }
        default: break;
        }
        HEDDLE_ASSERT(false, "a statement that cannot be vectorized: ", to_string(s.get()->kind));
    }

private:
    // --- expressions

    // e with as many lanes as its own times the loop's; lanes of the loop are the slower ones.
    Expr widened(const Expr &e, int own_lanes) const {
        if (e.type().lanes() == own_lanes) return Broadcast::make(e, lanes_);
        return e;
    }

    bool varies(const Expr &e) const {
        bool found = false;
        walk(
            e, [&](const Variable &v) { found |= vectors_.count(v.symbol) > 0; },
            [&](const Load &l) { found |= private_.count(l.buffer) > 0; });
        return found;
    }

    // The vector form of e; e itself when it is the same in all lanes.
    Expr expr(const Expr &e) {
        if (!e.defined()) return e;
        return rewrite(
            e, [&](const Variable &n) -> Expr {
                auto it = vectors_.find(n.symbol);
                return it == vectors_.end() ? Expr(&n) : it->second;
            },
            [&](const Let &n, const Rewriter &r) -> Expr {
                Expr value = r(n.value);
                if (value.type() == n.value.type()) return Let::make(n.symbol, value, r(n.body));
                Symbol wide = Symbol::fresh(n.symbol.name());
                vectors_[n.symbol] = Variable::make(value.type(), wide);
                Expr body = r(n.body);
                vectors_.erase(n.symbol);
                return Let::make(wide, value, body);
            },
            [&](const Cast &n, const Rewriter &r) -> Expr {
                Expr v = r(n.value);
                return Cast::make(n.type.with_lanes(v.type().lanes()), v);
            },
            [&](const Reinterpret &n, const Rewriter &r) -> Expr {
                Expr v = r(n.value);
                const int factor = v.type().lanes() / n.value.type().lanes();
                return Reinterpret::make(n.type.with_lanes(n.type.lanes() * factor), v);
            },
            [&](const Add &n, const Rewriter &r) { return binary(n, r); },
            [&](const Sub &n, const Rewriter &r) { return binary(n, r); },
            [&](const Mul &n, const Rewriter &r) { return binary(n, r); },
            [&](const Div &n, const Rewriter &r) { return binary(n, r); },
            [&](const Mod &n, const Rewriter &r) { return binary(n, r); },
            [&](const Min &n, const Rewriter &r) { return binary(n, r); },
            [&](const Max &n, const Rewriter &r) { return binary(n, r); },
            [&](const EQ &n, const Rewriter &r) { return binary(n, r); },
            [&](const NE &n, const Rewriter &r) { return binary(n, r); },
            [&](const LT &n, const Rewriter &r) { return binary(n, r); },
            [&](const LE &n, const Rewriter &r) { return binary(n, r); },
            [&](const GT &n, const Rewriter &r) { return binary(n, r); },
            [&](const GE &n, const Rewriter &r) { return binary(n, r); },
            [&](const And &n, const Rewriter &r) { return binary(n, r); },
            [&](const Or &n, const Rewriter &r) { return binary(n, r); },
            [&](const Not &n, const Rewriter &r) -> Expr { return Not::make(r(n.a)); },
            [&](const Select &n, const Rewriter &r) -> Expr {
                Expr c = r(n.condition), t = r(n.true_value), f = r(n.false_value);
                const int own = n.type.lanes();
                if (c.type() == n.condition.type() && t.type() == n.type && f.type() == n.type) {
                    return Select::make(c, t, f);
                }
                t = widened(t, own);
                f = widened(f, own);
                if (c.type().lanes() != 1 && c.type() == n.condition.type()) c = Broadcast::make(c, lanes_);
                if (n.condition.type().is_scalar() && own > 1 && c.type().lanes() > 1) {
                    c = repeat_lanes(c, own);
                }
                return Select::make(c, t, f);
            },
            [&](const Load &n, const Rewriter &r) -> Expr { return load(n, r); },
            [&](const Ramp &n, const Rewriter &r) -> Expr { return ramp(n, r); },
            [&](const Broadcast &n, const Rewriter &r) -> Expr {
                Expr v = r(n.value);
                if (v.type() == n.value.type()) return Broadcast::make(v, n.lanes);
                if (n.value.type().is_scalar()) return repeat_lanes(v, n.lanes);
                return per_lane(v, n.value.type().lanes(), [&](const Expr &part) {
                    return Broadcast::make(part, n.lanes);
                });
            },
            [&](const Shuffle &n, const Rewriter &r) -> Expr {
                ExprList vectors = r(n.vectors);
                bool any = false;
                for (size_t i = 0; i < vectors.size(); i++) any |= vectors[i].type() != n.vectors[i].type();
                if (!any) return Shuffle::make(vectors, n.indices);
                // Lane group k picks from group k of each (widened) vector.
                IntList starts, owns, indices;
                int start = 0;
                for (size_t i = 0; i < vectors.size(); i++) {
                    const int own = n.vectors[i].type().lanes();
                    vectors[i] = widened(vectors[i], own);
                    starts.push_back(start);
                    owns.push_back(own);
                    start += own * lanes_;
                }
                for (int k = 0; k < lanes_; k++) {
                    for (int index : n.indices) {
                        size_t v = 0;
                        while (index >= owns[v]) index -= owns[v++];
                        indices.push_back(starts[v] + k * owns[v] + index);
                    }
                }
                return Shuffle::make(vectors, indices);
            },
            [&](const VectorReduce &n, const Rewriter &r) -> Expr {
                Expr v = r(n.value);
                const int factor = v.type().lanes() / n.value.type().lanes();
                return VectorReduce::make(n.op, v, n.type.lanes() * factor);
            },
            [&](const Call &n, const Rewriter &r) -> Expr { return call(n, r); });
    }

    template<typename N>
    Expr binary(const N &n, const Rewriter &r) const {
        Expr a = r(n.a), b = r(n.b);
        if (a.type() == n.a.type() && b.type() == n.b.type()) return N::make(a, b);
        const int own = n.a.type().lanes();
        return N::make(widened(a, own), widened(b, own));
    }

    // f applied to each group of `own` lanes of v, joined again.
    template<typename F>
    Expr per_lane(const Expr &v, int own, F f) const {
        ExprList parts;
        for (int k = 0; k < lanes_; k++) {
            IntList indices;
            for (int i = 0; i < own; i++) indices.push_back(k * own + i);
            parts.push_back(f(Shuffle::make({v}, indices)));
        }
        IntList all;
        for (int i = 0; i < parts[0].type().lanes() * lanes_; i++) all.push_back(i);
        return Shuffle::make(parts, all);
    }

    // A ramp of an inner vectorized loop, whose base moves with this one.
    Expr ramp(const Ramp &n, const Rewriter &r) const {
        Expr base = r(n.base), stride = r(n.stride);
        if (base.type() == n.base.type() && stride.type() == n.stride.type()) {
            return Ramp::make(base, stride, n.lanes);
        }
        if (n.base.type().is_vector()) return ramp_of_vectors(n, base, stride);
        base = widened(base, 1);
        if (stride.type().is_scalar()) {
            if (const Ramp *b = base.as<Ramp>()) {
                return Ramp::make(Ramp::make(b->base, stride, n.lanes), Broadcast::make(b->stride, n.lanes), lanes_);
            }
            Expr steps = Ramp::make(make_zero(stride.type()), stride, n.lanes);
            return Add::make(repeat_lanes(base, n.lanes), Broadcast::make(steps, lanes_));
        }
        Expr numbers = Broadcast::make(Ramp::make(make_zero(n.stride.type()), make_one(n.stride.type()), n.lanes), lanes_);
        return Add::make(repeat_lanes(base, n.lanes), Mul::make(repeat_lanes(stride, n.lanes), numbers));
    }

    // The same for a ramp whose steps are vectors themselves: of two inner loops, or more.
    Expr ramp_of_vectors(const Ramp &n, const Expr &base, const Expr &stride) const {
        const int own = n.base.type().lanes();
        const Ramp *b = base.as<Ramp>();
        const Broadcast *step = b ? b->stride.as<Broadcast>() : nullptr;
        if (step && step->value.type().is_scalar() && b->base.type() == n.base.type() && stride.type() == n.stride.type()) {
            return Ramp::make(Ramp::make(b->base, stride, n.lanes), Broadcast::make(step->value, own * n.lanes), lanes_);
        }
        // Lanes in the order: this loop, the ramp, its steps.
        IntList from;
        ExprList numbers;
        for (int k = 0; k < lanes_; k++) {
            for (int i = 0; i < n.lanes; i++) {
                for (int lane = 0; lane < own; lane++) from.push_back(k * own + lane);
                numbers.push_back(Broadcast::make(make_const(n.base.type().element_of(), int64_t{i}), own));
            }
        }
        IntList all;
        for (int i = 0; i < lanes_ * n.lanes * own; i++) all.push_back(i);
        return Add::make(Shuffle::make({widened(base, own)}, from),
                         Mul::make(Shuffle::make({widened(stride, own)}, from), Shuffle::make(numbers, all)));
    }

    Expr call(const Call &n, const Rewriter &r) {
        if (n.op == CallOp::trace) return trace(n, r);
        if (n.op == CallOp::if_then_else && n.args.size() == 3) {
            Expr c = r(n.args[0]);
            if (c.type() != n.args[0].type()) return lane_branch(n, c);
        }
        ExprList args = r(n.args);
        bool any = false;
        for (size_t i = 0; i < args.size(); i++) any |= args[i].type() != n.args[i].type();
        if (!any) return Call::make(n.type, n.op, args, n.name);
        for (size_t i = 0; i < args.size(); i++) {
            // Strings and handles are the same for all lanes, and so is what decides which branch is evaluated.
            if (n.args[i].type().is_handle() || (n.op == CallOp::if_then_else && i == 0)) continue;
            args[i] = widened(args[i], n.args[i].type().lanes());
        }
        return Call::make(n.type.with_lanes(n.type.lanes() * lanes_), n.op, args, n.name);
    }

    // One event for all lanes: its value and its coordinates are vectors.
    Expr trace(const Call &n, const Rewriter &r) const {
        ExprList args = r(n.args);
        bool any = false;
        for (size_t i = 4; i < args.size(); i++) any |= args[i].type() != n.args[i].type();
        for (size_t i = 4; any && i < args.size(); i++) args[i] = widened(args[i], n.args[i].type().lanes());
        return Call::make(n.type, n.op, args, n.name);
    }

    // if_then_else whose condition varies: both sides, each loading only in its own lanes.
    Expr lane_branch(const Call &n, const Expr &condition) {
        const Expr plain = without_likely(condition);
        const Expr before = predicate_;
        predicate_ = both(before, plain);
        Expr yes = widened(expr(n.args[1]), n.type.lanes());
        predicate_ = both(before, Not::make(plain));
        Expr no = widened(expr(n.args[2]), n.type.lanes());
        predicate_ = before;
        return Select::make(repeat_lanes(plain, n.type.lanes()), yes, no);
    }

    static Expr both(const Expr &a, const Expr &b) {
        return a.defined() ? simplify(And::make(a, b)) : b;
    }

    // The current predicate for an access of `own` lanes per iteration.
    Expr predicate_for(Expr predicate, int own) const {
        if (!predicate_.defined()) return widened(predicate, own);
        Expr mine = repeat_lanes(predicate_, own);
        predicate = widened(predicate, own);
        return simplify(And::make(predicate, mine));
    }

    Expr load(const Load &n, const Rewriter &r) {
        Expr index = r(n.index), predicate = r(n.predicate);
        const int own = n.type.lanes();
        if (private_.count(n.buffer)) {
            index = in_private(widened(index, own), own);
            predicate = predicate_for(predicate, own);
            return Load::make(n.type.with_lanes(own * lanes_), n.buffer, index, predicate);
        }
        if (index.type() == n.index.type() && predicate.type() == n.predicate.type()) {
            if (predicate_.defined()) {  // read once if any lane wants it
                Expr any = VectorReduce::make(ReduceOp::Or, predicate_, 1);
                predicate = simplify(And::make(predicate, Broadcast::make(any, own)));
            }
            return Load::make(n.type, n.buffer, index, predicate, n.alignment);
        }
        return Load::make(n.type.with_lanes(own * lanes_), n.buffer, widened(index, own),
                          predicate_for(predicate, own));
    }

    // The index into an allocation that has one copy per lane, lanes innermost.
    Expr in_private(const Expr &index, int own) const {
        Expr lane = repeat_lanes(lane_numbers(lanes_), own);
        return simplify(Add::make(Mul::make(index, make_const(index.type(), int64_t{lanes_})), lane));
    }

    // --- statements

    Stmt let(const LetStmt &n) {
        Expr value = simplify(expr(n.value));
        if (value.type() == n.value.type()) {
            scalars_.emplace_back(n.symbol, n.value);
            Stmt body = (*this)(n.body);
            scalars_.pop_back();
            return LetStmt::make(n.symbol, value, body);
        }
        Symbol wide = Symbol::fresh(n.symbol.name());
        // Ramps and the like stay visible to the accesses that use them.
        const bool visible = is_ramp_of_step(value) || value.as<Broadcast>();
        vectors_[n.symbol] = visible ? value : Variable::make(value.type(), wide);
        scalars_.emplace_back(n.symbol, n.value);
        Stmt body = (*this)(n.body);
        scalars_.pop_back();
        vectors_.erase(n.symbol);
        return visible ? body : LetStmt::make(wide, value, body);
    }

    Stmt store(const Store &n) {
        const int own = n.value.type().lanes();
        Expr index = simplify(expr(n.index)), value = expr(n.value), predicate = expr(n.predicate);
        const bool mine = private_.count(n.buffer) > 0;
        const bool same = index.type() == n.index.type() && value.type() == n.value.type() &&
                          predicate.type() == n.predicate.type() && !predicate_.defined();
        if (same && !mine) return Store::make(n.buffer, index, value, predicate, n.alignment);
        index = widened(index, own);
        if (mine) index = in_private(index, own);
        return Store::make(n.buffer, index, widened(value, own), predicate_for(predicate, own));
    }

    Stmt branch(const If &n) {
        Expr condition = simplify(expr(n.condition));
        if (condition.type().is_scalar()) {
            Stmt yes = (*this)(n.then_case);
            return If::make(condition, yes, n.else_case.defined() ? (*this)(n.else_case) : Stmt());
        }
        const Expr plain = without_likely(condition);
        Stmt predicated = under(plain, n.then_case);
        if (n.else_case.defined()) {
            predicated = Block::make({predicated, under(Not::make(plain), n.else_case)});
        }
        if (!has_likely(condition)) return predicated;
        Expr all = all_lanes(condition);
        all = Call::make(Bool(), CallOp::likely, {without_likely(all)});
        Stmt full = (*this)(with_fresh_symbols(n.then_case));
        return If::make(all, full, predicated);
    }

    // Updates of elements: lanes that meet in one element are combined first, if that is known how.
    Stmt atomic(const Atomic &n) {
        if (!may_meet_) return Atomic::make(n.shared, (*this)(n.body));
        const LetStmt *l = n.body.as<LetStmt>();
        if (l && !reads_any(l->value, stored_buffers(n.body))) {
            return (*this)(LetStmt::make(l->symbol, l->value, Atomic::make(n.shared, l->body)));
        }
        const std::optional<ElementUpdate> u = element_update(n.body);
        if (!u || private_any(*u)) return one_lane_at_a_time(Stmt(&n));
        const Expr index = simplify(expr(u->index));
        if (index.type() != u->index.type()) {
            if (lanes_are_distinct(index)) return Atomic::make(n.shared, (*this)(n.body));
            return one_lane_at_a_time(Stmt(&n));
        }
        const std::optional<AssociativeStep> step = associative_step(u->values, u->old);
        if (!step) return one_lane_at_a_time(Stmt(&n));
        return Atomic::make(n.shared, combined(*u, *step, index));
    }

    bool private_any(const ElementUpdate &u) const {
        bool any = false;
        for (const Symbol &b : u.buffers) any |= private_.count(b) > 0;
        return any;
    }

    Stmt combined(const ElementUpdate &u, const AssociativeStep &step, const Expr &index) {
        const int own = u.index.type().lanes();
        const Expr here = expr(u.predicate);
        Expr active = here.type() == u.predicate.type() && !predicate_.defined() ? Expr() : predicate_for(here, own);
        if (active.defined() && is_const_true(active)) active = Expr();
        ExprList operands;
        for (const AssociativeStep::Element &e : step.elements) {
            Expr y = e.operand.defined() ? simplify(widened(expr(e.operand), own)) : Expr();
            if (y.defined() && active.defined()) {
                y = Select::make(active, y, Broadcast::make(e.identity, lanes_));
            }
            operands.push_back(y);
        }
        // With no lane active nothing may be touched.
        Expr any = u.predicate;
        if (active.defined()) any = combine_lanes(ReduceOp::Or, active, own);
        NamedValues lets;
        const ExprList combined = combine_lanes(step, operands, own, lets);
        return update_with(u, step, combined, index, any, lets);
    }

    Stmt under(const Expr &condition, const Stmt &s) {
        const Expr before = predicate_;
        predicate_ = both(before, condition);
        Stmt out = (*this)(s);
        predicate_ = before;
        return out;
    }

    Stmt inner_loop(const For &n) {
        Expr min = simplify(expr(n.min)), extent = simplify(expr(n.extent));
        if (min.type().is_scalar() && extent.type().is_scalar()) {
            return For::make(n.loop, min, extent, n.for_type, n.partition, (*this)(n.body));
        }
        // Runs as often as the longest lane needs; the others are predicated.
        Symbol count = Symbol::fresh(n.loop.name() + ".count");
        const Expr c = Variable::make(n.min.type(), count);
        min = widened(min, 1);
        Expr most = extent.type().is_scalar() ? extent : VectorReduce::make(ReduceOp::Max, extent, 1);
        vectors_[n.loop] = simplify(Add::make(min, Broadcast::make(c, lanes_)));
        scalars_.emplace_back(n.loop, Add::make(n.min, c));
        Stmt body;
        if (extent.type().is_scalar()) {
            body = (*this)(n.body);
        } else {
            body = under(LT::make(Broadcast::make(c, lanes_), extent), n.body);
        }
        scalars_.pop_back();
        vectors_.erase(n.loop);
        return For::make(count, make_zero(n.min.type()), most, ForType::Serial, n.partition, body);
    }

    Stmt allocate(const Allocate &n) {
        private_.insert(n.buffer);
        ExprList extents = n.extents;
        extents.insert(extents.begin(), i32(lanes_));
        for (const Expr &e : extents) HEDDLE_ASSERT(!varies(e), "size of ", n.buffer.name(), " varies with the lane");
        Stmt body = (*this)(n.body);
        private_.erase(n.buffer);
        return Allocate::make(n.buffer, n.type, extents, n.memory, n.condition, body);
    }

    // --- what cannot be vectorized

    bool pure(const Expr &e) const {
        bool result = true;
        walk(e, [&](const Call &c) { result &= is_pure(c.op) || c.op == CallOp::if_then_else || c.op == CallOp::undef || c.op == CallOp::random || c.op == CallOp::unreachable || is_event(c); });
        return result;
    }
    // An event of all lanes, as long as all of them run.
    bool is_event(const Call &c) const {
        return !predicate_.defined() && (c.op == CallOp::trace || (c.op == CallOp::return_second && traces(c.args[0])));
    }
    static bool traces(const Expr &e) {
        const Call *c = e.as<Call>();
        return c && c->op == CallOp::trace;
    }

    // Whether this statement itself, its parts aside, has a vector form.
    bool can_vectorize_here(const Stmt &s) const {
        switch (s.get()->kind) {
        case NodeKind::LetStmt: {
            const Expr &value = s.as<LetStmt>()->value;
            return pure(value) || (!varies(value) && !predicate_.defined());
        }
        case NodeKind::Store: {
            const Store *n = s.as<Store>();
            return pure(n->value) && pure(n->index);
        }
        case NodeKind::If: return pure(s.as<If>()->condition);
        case NodeKind::For: {
            const For *n = s.as<For>();
            if (n->for_type != ForType::Serial) return !varies(n->min) && !varies(n->extent) && !predicate_.defined();
            return pure(n->min) && pure(n->extent);
        }
        case NodeKind::Evaluate:
            return !predicate_.defined() && (!varies(s.as<Evaluate>()->value) || traces(s.as<Evaluate>()->value));
        case NodeKind::Assert:
            return !predicate_.defined() && !varies(s.as<Assert>()->condition);
        case NodeKind::Allocate: {
            for (const Expr &e : s.as<Allocate>()->extents) {
                if (varies(e)) return false;
            }
            return true;
        }
        default: return true;
        }
    }

    // `s` as it was, in a serial loop over the lanes.
    Stmt one_lane_at_a_time(const Stmt &s) {
        Symbol lane = Symbol::fresh(loop_.loop.name() + ".lane");
        const Expr l = Variable::make(loop_.min.type(), lane);
        // With the lets around: they may read what only the lanes that run may read, and storage of the lane's own.
        Stmt body = with_scalars(with_fresh_symbols(s), l);
        if (!private_.empty()) {
            auto own = [&](const Expr &index) {
                const Expr own_lane = Broadcast::make(Cast::make(index.type().element_of(), l), index.type().lanes());
                return Add::make(Mul::make(index, make_const(index.type(), int64_t{lanes_})), own_lane);
            };
            body = rewrite(
                body, [&](const Load &n) -> Expr {
                    return private_.count(n.buffer) ? Load::make(n.type, n.buffer, own(n.index), n.predicate) : Expr(&n);
                },
                [&](const Store &n) -> Stmt {
                    return private_.count(n.buffer) ? Store::make(n.buffer, own(n.index), n.value, n.predicate) : Stmt(&n);
                });
        }
        if (predicate_.defined()) {
            // Which lanes run was decided outside: keep the decision in a small array.
            Symbol flags = Symbol::fresh(loop_.loop.name() + ".active");
            Expr active = Load::make(UInt(8), flags, l, Expr());
            body = If::make(NE::make(active, make_zero(UInt(8))), body);
            body = For::make(lane, make_zero(l.type()), make_const(l.type(), int64_t{lanes_}), ForType::Serial,
                             Partition::Never, body);
            Stmt keep = Store::make(flags, lane_numbers(lanes_), Cast::make(UInt(8, lanes_), predicate_), Expr());
            return Allocate::make(flags, UInt(8), {i32(lanes_)}, MemoryType::Stack, Expr(),
                                  Block::make({keep, body}));
        }
        return For::make(lane, make_zero(l.type()), make_const(l.type(), int64_t{lanes_}), ForType::Serial,
                         Partition::Never, body);
    }

    // The lets around, in their scalar form, for one lane.
    Stmt with_scalars(Stmt body, const Expr &lane) const {
        for (size_t i = scalars_.size(); i-- > 0;) {
            if (!uses(body, scalars_[i].first) || !vectors_.count(scalars_[i].first)) continue;
            Symbol fresh = Symbol::fresh(scalars_[i].first.name());
            const Expr value = scalars_[i].second;
            body = substitute(scalars_[i].first, Variable::make(value.type(), fresh), body);
            body = LetStmt::make(fresh, value, body);
        }
        return substitute(loop_.loop, Add::make(loop_.min, lane), body);
    }

    const For &loop_;
    int lanes_;
    bool may_meet_;
    std::unordered_map<Symbol, Expr> vectors_;            // what varies → its vector form
    std::vector<std::pair<Symbol, Expr>> scalars_;        // lets around, as they were
    std::unordered_set<Symbol> private_;                  // allocations with one copy per lane
    Expr predicate_;                                      // lanes that run; undefined: all
};

}  // namespace

Stmt vectorize_loops(const Stmt &s, PassContext &context) {
    return rewrite(s, [&](const For &n) -> Stmt {  // inner loops first
        if (n.for_type != ForType::Vectorized) return Stmt(&n);
        int64_t extent = 0;
        const bool constant = as_const_int(simplify(n.extent), &extent);
        HEDDLE_ASSERT(constant, "vectorized loop ", n.loop.name(), " has no constant extent");
        if (extent <= 0) return Block::make({});
        if (extent == 1) return LetStmt::make(n.loop, n.min, n.body);
        const auto origin = context.origins.find(n.loop);
        const bool may_meet = origin == context.origins.end() || origin->second.may_meet;
        return LoopVectorizer(n, static_cast<int>(extent), may_meet)(n.body);
    });
}

}  // namespace heddle::Internal
