// Statements: known branches, loops that run never or once, what does nothing.

#include "analysis/simplify/simplifier.h"
#include "ir/substitute.h"

namespace heddle::Internal {

bool is_no_op(const Stmt &s) {
    if (!s.defined()) return true;
    if (const auto *e = s.as<Evaluate>()) return is_pure(e->value);
    const auto *b = s.as<Block>();
    return b && b->stmts.empty();
}

namespace {

Stmt nothing() {
    return Evaluate::make(make_zero(Int(32)));
}

}  // namespace

Stmt Simplifier::visit(const Stmt &s) {
    switch (s.get()->kind) {
    case NodeKind::LetStmt: return visit_let(*s.as<LetStmt>());
    case NodeKind::For: return visit_for(*s.as<For>());
    case NodeKind::If: return visit_if(*s.as<If>());
    case NodeKind::Block: return visit_block(*s.as<Block>());
    case NodeKind::Assert: {
        Stmt r = children(s);
        return is_const_true(r.as<Assert>()->condition) ? nothing() : r;
    }
    case NodeKind::Write: {
        Stmt r = children(s);
        return is_const_false(r.as<Write>()->predicate) ? nothing() : r;
    }
    case NodeKind::Store: {
        Stmt r = children(s);
        return is_const(r.as<Store>()->predicate, 0) ? nothing() : r;
    }
    case NodeKind::ProducerConsumer: {
        Stmt r = children(s);
        return is_no_op(r.as<ProducerConsumer>()->body) ? nothing() : r;
    }
    case NodeKind::Atomic: {
        Stmt r = children(s);
        return is_no_op(r.as<Atomic>()->body) ? nothing() : r;
    }
    case NodeKind::Realize: {
        Stmt r = children(s);
        return is_no_op(r.as<Realize>()->body) ? nothing() : r;
    }
    case NodeKind::Allocate: {
        Stmt r = children(s);
        return is_no_op(r.as<Allocate>()->body) ? nothing() : r;
    }
    default: return children(s);
    }
}

Stmt Simplifier::visit_for(const For &n) {
    Expr min = (*this)(n.min), extent = (*this)(n.extent);
    const ConstBounds count = known_.bounds(extent), low = known_.bounds(min);
    if (count.max && *count.max <= 0) return nothing();
    if (count.is_point() && *count.min == 1 && n.for_type == ForType::Serial) {
        if (is_const(min) || min.as<Variable>()) {
            replacements_[n.loop] = min;
            return (*this)(n.body);
        }
        return visit_let(*LetStmt::make(n.loop, min, n.body).as<LetStmt>());
    }
    // Within the body the extent is at least 1.
    Context outer = enter();
    ConstBounds range{low.min, {}};
    if (count.max) range.max = (low + ConstBounds{0, *count.max - 1}).max;
    facts_.symbols.push(n.loop, {range, count.is_point() && *count.min == 1 ? known_.alignment(min) : Alignment{}});
    if (no_overflow(min.type())) {
        LinearForm v, first, length;
        as_linear(Variable::make(min.type(), n.loop), &v);
        as_linear(min, &first);
        as_linear(extent, &length);
        LinearForm to_last = first + length - v;
        to_last.constant -= 1;
        assumptions_.push_back(v - first);
        assumptions_.push_back(std::move(to_last));
    }
    Stmt body = (*this)(n.body);
    facts_.symbols.pop(n.loop);
    leave(outer);
    if (is_no_op(body)) return nothing();
    if (min.same_as(n.min) && extent.same_as(n.extent) && body.same_as(n.body)) return Stmt(&n);
    return For::make(n.loop, min, extent, n.for_type, n.partition, body);
}

Stmt Simplifier::visit_if(const If &n) {
    Expr condition = (*this)(n.condition);
    for (const auto &[known, holds] : known_conditions_) {
        if (equal(known, condition)) condition = const_true(condition.type().lanes()), condition = holds ? condition : const_false(condition.type().lanes());
    }
    if (is_const(condition, 1)) return (*this)(n.then_case);
    if (is_const(condition, 0)) return n.else_case.defined() ? (*this)(n.else_case) : nothing();
    Stmt then_case = assuming(condition, false, [&] { return (*this)(n.then_case); });
    Stmt else_case;
    if (n.else_case.defined()) else_case = assuming(condition, true, [&] { return (*this)(n.else_case); });
    const bool no_else = is_no_op(else_case);
    if (is_no_op(then_case) && is_pure(condition)) {
        if (no_else) return nothing();
        return If::make((*this)(Not::make(condition)), else_case);
    }
    if (no_else) else_case = Stmt();
    if (condition.same_as(n.condition) && then_case.same_as(n.then_case) && else_case.same_as(n.else_case)) return Stmt(&n);
    return If::make(condition, then_case, else_case);
}

Stmt Simplifier::visit_block(const Block &n) {
    StmtList stmts;
    bool changed = false;
    for (const Stmt &s : n.stmts) {
        Stmt r = (*this)(s);
        changed |= !r.same_as(s);
        if (is_no_op(r)) {
            changed = true;
            continue;
        }
        stmts.push_back(std::move(r));
    }
    if (stmts.empty()) return nothing();
    return changed ? Block::make(std::move(stmts)) : Stmt(&n);
}

}  // namespace heddle::Internal
