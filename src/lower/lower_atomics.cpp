#include "lower/lower_atomics.h"

#include <optional>
#include <unordered_set>

#include "analysis/associativity.h"
#include "analysis/simplify.h"
#include "ir/compare.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"
#include "lower/combine_lanes.h"

namespace heddle::Internal {

namespace {

constexpr int locks_per_loop = 256;  // mutexes of 8 bytes

Expr i32(int64_t v) {
    return make_const(Int(32), v);
}

// Lets around a single Store.
struct OneStore {
    std::vector<std::pair<Symbol, Expr>> lets;
    const Store *store = nullptr;
};

std::optional<OneStore> one_store(const Stmt &body) {
    OneStore result;
    Stmt s = body;
    while (const LetStmt *l = s.as<LetStmt>()) {
        result.lets.emplace_back(l->symbol, l->value);
        s = l->body;
    }
    result.store = s.as<Store>();
    if (!result.store) return {};
    return result;
}

bool reads(const Expr &e, const Symbol &buffer) {
    bool found = false;
    walk(e, [&](const Load &l) { found |= l.buffer == buffer; });
    return found;
}

Stmt in_lets(const std::vector<std::pair<Symbol, Expr>> &lets, Stmt s) {
    for (size_t i = lets.size(); i-- > 0;) s = LetStmt::make(lets[i].first, lets[i].second, s);
    return s;
}

Expr lane(const Expr &v, int i) {
    return v.type().is_vector() ? simplify(Shuffle::make({v}, {i})) : v;
}

// One Store to elements that it also reads, as updates of single elements.
class Updates {
public:
    // Nothing: it is something else.
    static std::optional<Stmt> of(const Stmt &body) {
        const std::optional<OneStore> one = one_store(body);
        if (!one) return {};
        return Updates(*one).made();
    }

private:
    explicit Updates(const OneStore &one)
        : buffer_(one.store->buffer), old_(Symbol::fresh("old")) {
        // What does not read the buffer is computed before; what does, in the value.
        Substitution inside;
        for (const auto &[symbol, value] : one.lets) {
            const Expr v = substitute(inside, value);
            if (reads(v, buffer_)) {
                inside[symbol] = v;
            } else {
                lets_.emplace_back(symbol, v);
            }
        }
        index_ = substitute(inside, one.store->index);
        predicate_ = substitute(inside, one.store->predicate);
        value_ = rewrite(substitute(inside, one.store->value), [&](const Load &l) -> Expr {
            return l.buffer == buffer_ && equal(l.index, index_) ? Variable::make(l.type, old_) : Expr(&l);
        });
    }

    std::optional<Stmt> made() {
        if (reads(index_, buffer_) || reads(predicate_, buffer_) || reads(value_, buffer_)) return {};
        step_ = associative_step({value_}, {old_});
        if (step_ && step_->elements[0].is_kept()) return Evaluate::make(i32(0));
        if (value_.type().is_scalar()) return in_lets(lets_, scalar());
        if (!step_) return {};
        return vector();
    }

    Expr named(const Expr &e, const char *what) {
        if (is_const(e) || e.as<Variable>()) return e;
        const Symbol symbol = Symbol::fresh(buffer_.name() + what);
        lets_.emplace_back(symbol, e);
        return Variable::make(e.type(), symbol);
    }
    Stmt update(const Expr &at, const Expr &value) const {
        return Atomic::make(true, Store::make(buffer_, at, value, const_true()));
    }
    Stmt guarded(const Expr &condition, const Stmt &s) const {
        return is_const_true(condition) ? s : If::make(condition, s);
    }
    Stmt scalar() const {
        const Expr load = Load::make(value_.type(), buffer_, index_, const_true());
        if (!step_) return guarded(predicate_, update(index_, substitute(old_, load, value_)));
        const AssociativeStep::Element &e = step_->elements[0];
        const bool simple = is_const(e.operand) || e.operand.as<Variable>();
        const Symbol name = Symbol::fresh(buffer_.name() + ".operand");
        const Expr y = simple ? e.operand : Variable::make(e.operand.type(), name);
        Stmt s = update(index_, substitute(Substitution{{e.x, load}, {e.y, y}}, e.op));
        if (!simple) s = LetStmt::make(name, e.operand, s);
        return guarded(predicate_, s);
    }
    Stmt vector() {
        const AssociativeStep::Element &e = step_->elements[0];
        const Type t = value_.type().element_of();
        const Expr at = named(index_, ".at"), active = named(predicate_, ".active"), y = named(simplify(e.operand), ".operand");
        StmtList updates;
        for (int i = 0; i < value_.type().lanes(); i++) {
            const Expr element = lane(at, i);
            const Expr load = Load::make(t, buffer_, element, const_true());
            const Expr value = with_lanes(e.op, {{e.x, load}, {e.y, lane(y, i)}}, 1);
            updates.push_back(guarded(lane(active, i), update(element, value)));
        }
        return in_lets(lets_, Block::make(updates));
    }

    Symbol buffer_, old_;
    std::vector<std::pair<Symbol, Expr>> lets_;
    Expr index_, predicate_, value_;
    std::optional<AssociativeStep> step_;
};

class Lowerer {
public:
    Stmt operator()(const Stmt &s) {
        // A buffer with one update that needs a mutex needs it for all. Those that are stored together are one.
        for (bool changed = true; changed;) {
            changed = false;
            walk(s, [&](const Atomic &n) {
                if (!n.shared) return;
                const std::vector<Symbol> buffers = stored_buffers(n.body);
                bool needs = !Updates::of(n.body);
                for (const Symbol &b : buffers) needs |= locked_.count(b) > 0;
                if (!needs) return;
                for (const Symbol &b : buffers) changed |= locked_.insert(b).second;
            });
        }
        return lowered(s);
    }

private:
    Stmt lowered(const Stmt &s) {
        return rewrite(
            s, [&](const For &n, const Rewriter &r) -> Stmt {
                if (n.for_type != ForType::Parallel || locks_.defined() || !needs_locks(n.body)) return r.children(n);
                return with_locks(n, r);
            },
            [&](const Atomic &n) -> Stmt {
                if (!n.shared) return n.body;
                bool locked = false;
                for (const Symbol &b : stored_buffers(n.body)) locked |= locked_.count(b) > 0;
                return locked ? under_lock(n.body) : *Updates::of(n.body);
            });
    }
    bool needs_locks(const Stmt &s) const {
        bool found = false;
        walk(s, [&](const Atomic &n) {
            if (!n.shared) return;
            for (const Symbol &b : stored_buffers(n.body)) found |= locked_.count(b) > 0;
        });
        return found;
    }
    // Of all stores under one lock the first is scalar: then there is a mutex for each of many elements.
    static const Store *first_scalar(const Stmt &s) {
        const Store *first = nullptr;
        bool vector = false;
        walk(s, [&](const Store &n) {
            vector |= n.value.type().is_vector();
            if (!first) first = &n;
        });
        return vector ? nullptr : first;
    }
    Stmt with_locks(const For &n, const Rewriter &r) {
        locks_ = Symbol::fresh(n.loop.name() + ".locks");
        per_element_ = true;
        walk(n.body, [&](const Atomic &a) { per_element_ &= !a.shared || first_scalar(a.body); });
        const Stmt loop = r.children(n);
        const Symbol i = Symbol::fresh("i");
        const Expr at = Variable::make(Int(32), i);
        const Stmt unlocked = For::make(i, i32(0), i32(locks_per_loop), ForType::Serial, Partition::Never,
                                        Store::make(locks_, at, make_zero(UInt(64)), const_true()));
        const Stmt s = Allocate::make(locks_, UInt(64), {i32(locks_per_loop)}, MemoryType::Stack, const_true(),
                                      Block::make({unlocked, loop}));
        locks_ = Symbol();
        return s;
    }
    Stmt under_lock(const Stmt &body) const {
        HEDDLE_ASSERT(locks_.defined(), "an update that is shared outside of parallel loops");
        const Store *first = first_scalar(body);
        // The lets around the stores come first: the index may use them.
        if (const LetStmt *l = body.as<LetStmt>()) {
            if (!reads_any(l->value, stored_buffers(body))) return LetStmt::make(l->symbol, l->value, under_lock(l->body));
        }
        Expr which = i32(0);
        if (per_element_) {
            Expr index = first->index;
            Substitution lets;
            walk(body, [&](const LetStmt &l) { lets[l.symbol] = substitute(lets, l.value); });
            index = substitute(lets, index);
            which = Cast::make(Int(32), simplify(Mod::make(index, make_const(index.type(), int64_t{locks_per_loop}))));
        }
        const Symbol name = Symbol::fresh("lock");
        const Expr lock = Variable::make(Handle(), name);
        const Expr address = Call::make(Handle(), CallOp::address_of, {Load::make(UInt(64), locks_, which, const_true())});
        const auto call = [&](const char *function) {
            return Evaluate::make(Call::make(Int(32), CallOp::extern_c, {lock}, function));
        };
        return LetStmt::make(name, address, Block::make({call("halide_mutex_lock"), body, call("halide_mutex_unlock")}));
    }
    std::unordered_set<Symbol> locked_;
    Symbol locks_;
    bool per_element_ = true;
};

}  // namespace

Stmt lower_atomics(const Stmt &s, PassContext &) {
    bool any = false;
    walk(s, [&](const Atomic &) { any = true; });
    return any ? Lowerer()(s) : s;
}

}  // namespace heddle::Internal
