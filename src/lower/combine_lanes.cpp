#include "lower/combine_lanes.h"

#include <algorithm>

#include "analysis/simplify.h"
#include "ir/binary_nodes.h"
#include "ir/compare.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

std::vector<Symbol> stored_buffers(const Stmt &s) {
    std::vector<Symbol> buffers;
    walk(s, [&](const Store &n) { buffers.push_back(n.buffer); });
    return buffers;
}

bool reads_any(const Expr &e, const std::vector<Symbol> &buffers) {
    bool found = false;
    walk(e, [&](const Load &l) { found |= std::find(buffers.begin(), buffers.end(), l.buffer) != buffers.end(); });
    return found;
}

std::optional<ElementUpdate> element_update(const Stmt &body) {
    ElementUpdate u;
    Substitution lets;
    Stmt s = body;
    while (const LetStmt *l = s.as<LetStmt>()) {
        lets[l->symbol] = substitute(lets, l->value);
        s = l->body;
    }
    StmtList stores;
    if (const Block *b = s.as<Block>()) {
        stores = b->stmts;
    } else {
        stores = {s};
    }
    for (const Stmt &part : stores) {
        const Store *store = part.as<Store>();
        if (!store) return {};
        const Expr index = substitute(lets, store->index), predicate = substitute(lets, store->predicate);
        if (u.buffers.empty()) {
            u.index = index;
            u.predicate = predicate;
        }
        if (!equal(u.index, index) || !equal(u.predicate, predicate)) return {};
        if (std::find(u.buffers.begin(), u.buffers.end(), store->buffer) != u.buffers.end()) return {};
        // Without lets, a later store would read what an earlier one has just written.
        const Expr value = substitute(lets, store->value);
        if (reads_any(store->value, u.buffers)) return {};
        u.buffers.push_back(store->buffer);
        u.values.push_back(value);
        u.old.push_back(Symbol::fresh("old"));
    }
    if (u.buffers.empty() || reads_any(u.index, u.buffers) || reads_any(u.predicate, u.buffers)) return {};
    for (Expr &value : u.values) {
        value = rewrite(value, [&](const Load &l) -> Expr {
            const auto it = std::find(u.buffers.begin(), u.buffers.end(), l.buffer);
            if (it == u.buffers.end() || !equal(l.index, u.index)) return Expr(&l);
            return Variable::make(l.type, u.old[static_cast<size_t>(it - u.buffers.begin())]);
        });
        if (reads_any(value, u.buffers)) return {};
    }
    return u;
}

bool lanes_are_distinct(const Expr &index) {
    const Ramp *r = index.as<Ramp>();
    int64_t stride = 0;
    if (!r || !as_const_int(r->stride, &stride) || stride == 0) return false;
    if (r->base.type().is_scalar()) return true;
    // Ramps of ramps: the outer steps must lead past what an inner ramp covers.
    const Ramp *inner = r->base.as<Ramp>();
    int64_t step = 0;
    if (!inner || !inner->base.type().is_scalar() || !as_const_int(inner->stride, &step) || step == 0) return false;
    const int64_t reach = std::abs(step) * (inner->lanes - 1), outer = std::abs(stride) * (r->lanes - 1);
    return std::abs(stride) > reach || std::abs(step) > outer;
}

namespace {

// Lanes first, first + step, ... of v.
Expr every(const Expr &v, int first, int step, int count) {
    IntList indices;
    for (int i = 0; i < count; i++) indices.push_back(first + i * step);
    return Shuffle::make({v}, indices);
}

}  // namespace

Expr with_lanes(const Expr &op, const Substitution &operands, int lanes) {
    const auto wide = [&](const Expr &e) { return e.type().is_scalar() && lanes > 1 ? Broadcast::make(e, lanes) : e; };
    const auto part = [&](const Expr &e) { return with_lanes(e, operands, lanes); };
    const auto binary = [&](const auto *n, auto make) { return make(part(n->a), part(n->b)); };
    switch (op.get()->kind) {
#define HEDDLE_BINARY(Name) \
    case NodeKind::Name: return binary(op.as<Name>(), Name::make);
        HEDDLE_FOR_EACH_BINARY(HEDDLE_BINARY)
        HEDDLE_BINARY(And)
        HEDDLE_BINARY(Or)
#undef HEDDLE_BINARY
    case NodeKind::IntImm:
    case NodeKind::UIntImm:
    case NodeKind::FloatImm: return wide(op);
    case NodeKind::Broadcast: return part(op.as<Broadcast>()->value);
    case NodeKind::Not: return Not::make(part(op.as<Not>()->a));
    case NodeKind::Variable: {
        const auto it = operands.find(op.as<Variable>()->symbol);
        HEDDLE_ASSERT(it != operands.end(), "an operation with a third operand: ", op.as<Variable>()->symbol.name());
        return wide(it->second);
    }
    case NodeKind::Select: {
        const Select *n = op.as<Select>();
        return Select::make(part(n->condition), part(n->true_value), part(n->false_value));
    }
    case NodeKind::Call: {
        const Call *n = op.as<Call>();
        ExprList args;
        for (const Expr &e : n->args) args.push_back(part(e));
        return Call::make(n->type.with_lanes(lanes), n->op, args, n->name);
    }
    default: break;
    }
    HEDDLE_ASSERT(false, "no operation of a reduction: ", to_string(op.get()->kind));
    return op;
}

Expr combine_lanes(ReduceOp op, const Expr &lanes, int own) {
    const int n = lanes.type().lanes();
    if (n == own) return lanes;
    if (own == 1) return VectorReduce::make(op, lanes, 1);
    IntList indices;
    for (int i = 0; i < own; i++) {
        for (int k = 0; k < n / own; k++) indices.push_back(k * own + i);
    }
    return VectorReduce::make(op, Shuffle::make({lanes}, indices), own);
}

ExprList combine_lanes(const AssociativeStep &step, const ExprList &operands, int own, NamedValues &lets) {
    ExprList result(operands.size());
    bool all_known = true;
    for (size_t i = 0; i < operands.size(); i++) {
        const AssociativeStep::Element &e = step.elements[i];
        if (!operands[i].defined()) continue;
        if (e.reduce) {
            result[i] = combine_lanes(*e.reduce, operands[i], own);
        } else {
            all_known = false;
        }
    }
    if (all_known) return result;
    // Pairs of neighbours, again and again: the order of the lanes is kept. Operations use their operands more than once,
    // so that each level has names of its own: else the last one would be exponential in the number of levels.
    const auto named = [&](const Expr &value, size_t element) {
        const Symbol name = Symbol::fresh(step.elements[element].y.name() + ".lanes");
        lets.emplace_back(name, value);
        return Variable::make(value.type(), name);
    };
    ExprList now = operands;
    int groups = 0;
    for (size_t i = 0; i < now.size(); i++) {
        if (!now[i].defined()) continue;
        groups = now[i].type().lanes() / own;
        now[i] = named(now[i], i);
    }
    while (groups > 1) {
        const int pairs = groups / 2;
        Substitution sides;
        for (size_t i = 0; i < now.size(); i++) {
            if (!now[i].defined()) continue;
            IntList even, odd;
            for (int p = 0; p < pairs; p++) {
                for (int k = 0; k < own; k++) {
                    even.push_back(2 * p * own + k);
                    odd.push_back((2 * p + 1) * own + k);
                }
            }
            sides[step.elements[i].x] = named(Shuffle::make({now[i]}, even), i);
            sides[step.elements[i].y] = named(Shuffle::make({now[i]}, odd), i);
        }
        ExprList next(now.size());
        for (size_t i = 0; i < now.size(); i++) {
            if (!now[i].defined()) continue;
            next[i] = with_lanes(step.elements[i].op, sides, pairs * own);
            if (groups % 2) {
                const Expr rest = every(now[i], (groups - 1) * own, 1, own);
                IntList all;
                for (int k = 0; k < (pairs + 1) * own; k++) all.push_back(k);
                next[i] = Shuffle::make({next[i], rest}, all);
            }
            next[i] = named(next[i], i);
        }
        now = next;
        groups = pairs + groups % 2;
    }
    for (size_t i = 0; i < now.size(); i++) {
        if (!result[i].defined()) result[i] = now[i];
    }
    return result;
}

Stmt update_with(const ElementUpdate &u, const AssociativeStep &step, const ExprList &operands, const Expr &index,
                 const Expr &predicate, NamedValues lets) {
    Substitution sides;
    for (size_t i = 0; i < u.buffers.size(); i++) {
        const AssociativeStep::Element &e = step.elements[i];
        sides[e.x] = Load::make(u.values[i].type(), u.buffers[i], index, predicate);
        if (!operands[i].defined()) continue;
        const Symbol name = Symbol::fresh(u.buffers[i].name() + ".combined");
        lets.emplace_back(name, operands[i]);
        sides[e.y] = Variable::make(operands[i].type(), name);
    }
    StmtList stores;
    NamedValues values;
    for (size_t i = 0; i < u.buffers.size(); i++) {
        if (!operands[i].defined()) continue;
        Expr value = substitute(sides, step.elements[i].op);
        if (u.buffers.size() > 1) {
            const Symbol name = Symbol::fresh(u.buffers[i].name() + ".value");
            values.emplace_back(name, value);
            value = Variable::make(value.type(), name);
        }
        stores.push_back(Store::make(u.buffers[i], index, value, predicate));
    }
    Stmt s = Block::make(stores);
    for (size_t i = values.size(); i-- > 0;) s = LetStmt::make(values[i].first, values[i].second, s);
    for (size_t i = lets.size(); i-- > 0;) s = LetStmt::make(lets[i].first, lets[i].second, s);
    return s;
}

}  // namespace heddle::Internal
