#include "analysis/simplify/simplifier.h"

#include "analysis/int_math.h"
#include "ir/compare.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

namespace {

// The default traversal of nodes that have no rules of their own.
class Children final : public Rewriter {
public:
    explicit Children(Simplifier &s)
        : simplifier_(s) {
    }
    using Rewriter::operator();
    Expr operator()(const Expr &e) const override {
        return simplifier_(e);
    }
    Stmt operator()(const Stmt &s) const override {
        return simplifier_(s);
    }

private:
    Simplifier &simplifier_;
};

}  // namespace

Simplifier::Simplifier(const Facts &facts)
    : facts_(facts), known_(facts_) {
}

Expr Simplifier::operator()(const Expr &e) {
    if (!e.defined() || e.as<IntImm>() || e.as<UIntImm>() || e.as<FloatImm>() || e.as<StringImm>()) return e;
    auto it = memo_.find(e.get());
    if (it != memo_.end()) return it->second.second;
    Expr r = visit(e);
    if (equal(r, e)) r = e;
    memo_.emplace(e.get(), std::make_pair(e, r));
    if (!r.same_as(e)) memo_.emplace(r.get(), std::make_pair(r, r));
    return r;
}

Stmt Simplifier::operator()(const Stmt &s) {
    return s.defined() ? visit(s) : s;
}

ExprList Simplifier::operator()(const ExprList &list) {
    ExprList out;
    out.reserve(list.size());
    for (const Expr &e : list) out.push_back((*this)(e));
    return out;
}

Expr Simplifier::visit(const Expr &e) {
    switch (e.get()->kind) {
    case NodeKind::Add:
    case NodeKind::Sub: {
        if (has_linear_form(e.type())) return sum(e);
        Expr r = Children(*this).children(*e.get());
        const auto *add = r.as<Add>();
        const auto *sub = r.as<Sub>();
        Expr folded = add ? fold_binary(NodeKind::Add, add->a, add->b) : fold_binary(NodeKind::Sub, sub->a, sub->b);
        return folded.defined() ? folded : r;
    }
    case NodeKind::Mul: return visit_mul(*e.as<Mul>());
    case NodeKind::Div: return visit_div(*e.as<Div>());
    case NodeKind::Mod: return visit_mod(*e.as<Mod>());
    case NodeKind::Min: return visit_min_max(e, true);
    case NodeKind::Max: return visit_min_max(e, false);
    case NodeKind::EQ:
    case NodeKind::NE:
    case NodeKind::LT:
    case NodeKind::LE:
    case NodeKind::GT:
    case NodeKind::GE: return visit_comparison(e);
    case NodeKind::And:
    case NodeKind::Or:
    case NodeKind::Not: return visit_logic(e);
    case NodeKind::Select: return visit_select(*e.as<Select>());
    case NodeKind::Cast: return visit_cast(*e.as<Cast>());
    case NodeKind::Variable: {
        const auto *v = e.as<Variable>();
        auto it = replacements_.find(v->symbol);
        if (it != replacements_.end()) return it->second;
        const ConstBounds b = known_.bounds(e);
        return b.is_point() ? make_const(v->type, *b.min) : e;
    }
    case NodeKind::Let: return visit_let(*e.as<Let>());
    case NodeKind::Call: return visit_call(*e.as<Call>());
    case NodeKind::Ramp:
    case NodeKind::Broadcast:
    case NodeKind::Shuffle:
    case NodeKind::VectorReduce: return visit_vector(e);
    default: return Children(*this).children(*e.get());
    }
}

Expr Simplifier::sum(const Expr &e) {
    LinearForm form = collect_linear(e, [&](const Expr &leaf) { return (*this)(leaf); });
    return to_expr(form);
}

Expr Simplifier::visit_mul(const Mul &n) {
    int64_t c;
    if (has_linear_form(n.type) && (constant_bits(n.a, &c) || constant_bits(n.b, &c))) return sum(Expr(&n));
    Expr a = (*this)(n.a), b = (*this)(n.b);
    if (Expr folded = fold_binary(NodeKind::Mul, a, b); folded.defined()) return folded;
    if (has_linear_form(n.type)) {
        if (constant_bits(a, &c) || constant_bits(b, &c)) {
            LinearForm form;
            as_linear(Mul::make(a, b), &form);
            return to_expr(form);
        }
        if (compare_atoms(b, a) < 0) std::swap(a, b);
    } else if (is_const(a, 1)) {
        return b;
    } else if (is_const(b, 1)) {
        return a;
    }
    return a.same_as(n.a) && b.same_as(n.b) ? Expr(&n) : Mul::make(a, b);
}

Expr Simplifier::visit_div(const Div &n) {
    Expr a = (*this)(n.a), b = (*this)(n.b);
    if (Expr folded = fold_binary(NodeKind::Div, a, b); folded.defined()) return folded;
    if (is_const(b, 1)) return a;
    int64_t c;
    if (no_overflow(n.type) && as_const_int(b, &c) && c > 1) {
        LinearForm form, whole;
        as_linear(a, &form);
        whole.type = n.type;
        std::erase_if(form.terms, [&](const auto &t) {
            if (t.coefficient % c) return false;
            whole.terms.push_back({t.atom, t.coefficient / c});
            return true;
        });
        // Truncated: the constant that stays is nearer to zero, so the sum overflows no sooner.
        whole.constant = form.constant / c;
        form.constant %= c;
        if (!whole.terms.empty() || whole.constant) {
            Expr rest = to_expr(form);
            add_to(whole, (*this)(Div::make(rest, b)), 1);
            return to_expr(whole);
        }
        const ConstBounds bounds = known_.bounds(a);
        if (bounds.min && bounds.max && euclidean_div(*bounds.min, c) == euclidean_div(*bounds.max, c)) {
            return make_const(n.type, euclidean_div(*bounds.min, c));
        }
    }
    return a.same_as(n.a) && b.same_as(n.b) ? Expr(&n) : Div::make(a, b);
}

Expr Simplifier::visit_mod(const Mod &n) {
    Expr a = (*this)(n.a), b = (*this)(n.b);
    if (Expr folded = fold_binary(NodeKind::Mod, a, b); folded.defined()) return folded;
    int64_t c;
    if (no_overflow(n.type) && as_const_int(b, &c) && c > 0) {
        LinearForm form;
        as_linear(a, &form);
        const size_t before = form.terms.size();
        std::erase_if(form.terms, [&](const auto &t) { return t.coefficient % c == 0; });
        const int64_t constant = form.constant % c;
        if (form.terms.size() != before || constant != form.constant) {
            form.constant = constant;
            return (*this)(Mod::make(to_expr(form), b));
        }
        const ConstBounds bounds = known_.bounds(a);
        if (bounds.min && bounds.max && *bounds.min >= 0 && *bounds.max < c) return a;
    }
    return a.same_as(n.a) && b.same_as(n.b) ? Expr(&n) : Mod::make(a, b);
}

Expr Simplifier::visit_min_max(const Expr &e, bool is_min) {
    const Expr &a0 = is_min ? e.as<Min>()->a : e.as<Max>()->a;
    const Expr &b0 = is_min ? e.as<Min>()->b : e.as<Max>()->b;
    const NodeKind kind = e.get()->kind;
    Expr a = (*this)(a0), b = (*this)(b0);
    if (Expr folded = fold_binary(kind, a, b); folded.defined()) return folded;
    if (equal(a, b)) return a;
    if (no_overflow(e.type())) {
        LinearForm fa, fb;
        as_linear(a, &fa);
        as_linear(b, &fb);
        const ConstBounds d = known_.bounds(fa - fb);
        if (d.min && *d.min >= 0) return is_min ? b : a;
        if (d.max && *d.max <= 0) return is_min ? a : b;
    }
    if (e.type().is_int_or_uint()) {
        if (is_const(a) || (!is_const(b) && compare_atoms(b, a) < 0)) std::swap(a, b);
    }
    return a.same_as(a0) && b.same_as(b0) ? e : make_binary(kind, a, b);
}

Expr Simplifier::visit_comparison(const Expr &e) {
    Expr r = Children(*this).children(*e.get());
    Expr a, b;
    switch (e.get()->kind) {
    case NodeKind::EQ: a = r.as<EQ>()->a, b = r.as<EQ>()->b; break;
    case NodeKind::NE: a = r.as<NE>()->a, b = r.as<NE>()->b; break;
    case NodeKind::LT: a = r.as<LT>()->a, b = r.as<LT>()->b; break;
    case NodeKind::LE: a = r.as<LE>()->a, b = r.as<LE>()->b; break;
    case NodeKind::GT: a = r.as<GT>()->a, b = r.as<GT>()->b; break;
    default: a = r.as<GE>()->a, b = r.as<GE>()->b; break;
    }
    if (Expr folded = fold_binary(e.get()->kind, a, b); folded.defined()) return folded;
    if (!no_overflow(a.type())) return r;
    LinearForm fa, fb;
    as_linear(a, &fa);
    as_linear(b, &fb);
    const ConstBounds d = known_.bounds(fa - fb);
    const auto truth = [&](bool holds) { return make_const(e.type(), int64_t{holds}); };
    const bool below = d.max && *d.max < 0, above = d.min && *d.min > 0;
    const bool at_most = d.max && *d.max <= 0, at_least = d.min && *d.min >= 0;
    switch (e.get()->kind) {
    case NodeKind::EQ:
        if (d.is_point() && *d.min == 0) return truth(true);
        if (below || above) return truth(false);
        break;
    case NodeKind::NE:
        if (d.is_point() && *d.min == 0) return truth(false);
        if (below || above) return truth(true);
        break;
    case NodeKind::LT:
        if (below || at_least) return truth(below);
        break;
    case NodeKind::LE:
        if (at_most || above) return truth(at_most);
        break;
    case NodeKind::GT:
        if (above || at_most) return truth(above);
        break;
    default:
        if (at_least || below) return truth(at_least);
        break;
    }
    return r;
}

Expr Simplifier::visit_logic(const Expr &e) {
    if (const auto *n = e.as<Not>()) {
        Expr a = (*this)(n->a);
        if (is_const(a)) return make_const(e.type(), int64_t{is_const(a, 0)});
        if (const auto *inner = a.as<Not>()) return inner->a;
        return a.same_as(n->a) ? e : Not::make(a);
    }
    const bool is_and = e.as<And>() != nullptr;
    const Expr &a0 = is_and ? e.as<And>()->a : e.as<Or>()->a, &b0 = is_and ? e.as<And>()->b : e.as<Or>()->b;
    Expr a = (*this)(a0), b = (*this)(b0);
    const int64_t absorbing = is_and ? 0 : 1;
    if (is_const(a, absorbing) || is_const(b, 1 - absorbing) || equal(a, b)) return a;
    if (is_const(b, absorbing) || is_const(a, 1 - absorbing)) return b;
    return a.same_as(a0) && b.same_as(b0) ? e : make_binary(e.get()->kind, a, b);
}

Expr Simplifier::visit_select(const Select &n) {
    Expr c = (*this)(n.condition), a = (*this)(n.true_value), b = (*this)(n.false_value);
    if (is_const(c, 1) || equal(a, b)) return a;
    if (is_const(c, 0)) return b;
    return c.same_as(n.condition) && a.same_as(n.true_value) && b.same_as(n.false_value) ? Expr(&n) : Select::make(c, a, b);
}

Expr Simplifier::visit_cast(const Cast &n) {
    Expr v = (*this)(n.value);
    if (Expr folded = fold_cast(n.type, v); folded.defined()) return folded;
    return v.same_as(n.value) ? Expr(&n) : Cast::make(n.type, v);
}

Expr Simplifier::visit_call(const Call &n) {
    Expr r = Children(*this).children(n);
    const auto *c = r.as<Call>();
    if ((n.op == CallOp::likely || n.op == CallOp::likely_if_innermost) && is_const(c->args[0])) return c->args[0];
    return r;
}

Expr Simplifier::visit_let(const Let &n) {
    Expr value = (*this)(n.value);
    if (is_const(value) || value.as<Variable>()) {
        replacements_[n.symbol] = value;
        return (*this)(n.body);
    }
    if (value.type().is_int_or_uint()) facts_.symbols.push(n.symbol, {known_.bounds(value), known_.alignment(value)});
    Expr body = (*this)(n.body);
    if (value.type().is_int_or_uint()) facts_.symbols.pop(n.symbol);
    if (!uses(body, n.symbol)) return body;
    return value.same_as(n.value) && body.same_as(n.body) ? Expr(&n) : Let::make(n.symbol, value, body);
}

Expr Simplifier::visit_vector(const Expr &e) {
    Expr r = Children(*this).children(*e.get());
    if (const auto *ramp = r.as<Ramp>(); ramp && is_const(ramp->stride, 0)) return Broadcast::make(ramp->base, ramp->lanes);
    return r;
}

Stmt Simplifier::visit(const Stmt &s) {
    switch (s.get()->kind) {
    case NodeKind::LetStmt: return visit_let(*s.as<LetStmt>());
    case NodeKind::For: return visit_for(*s.as<For>());
    case NodeKind::If: return visit_if(*s.as<If>());
    case NodeKind::Block: return visit_block(*s.as<Block>());
    case NodeKind::Assert: {
        Stmt r = Children(*this).children(*s.get());
        return is_const_true(r.as<Assert>()->condition) ? Evaluate::make(0) : r;
    }
    default: return Children(*this).children(*s.get());
    }
}

namespace {

bool is_no_op(const Stmt &s) {
    const auto *e = s.as<Evaluate>();
    const auto *b = s.as<Block>();
    return !s.defined() || (e && is_const(e->value)) || (b && b->stmts.empty());
}

}  // namespace

Stmt Simplifier::visit_let(const LetStmt &n) {
    Expr value = (*this)(n.value);
    if (is_const(value) || value.as<Variable>()) {
        replacements_[n.symbol] = value;
        return (*this)(n.body);
    }
    facts_.symbols.push(n.symbol, {known_.bounds(value), known_.alignment(value)});
    Stmt body = (*this)(n.body);
    facts_.symbols.pop(n.symbol);
    return value.same_as(n.value) && body.same_as(n.body) ? Stmt(&n) : LetStmt::make(n.symbol, value, body);
}

Stmt Simplifier::visit_for(const For &n) {
    Expr min = (*this)(n.min), extent = (*this)(n.extent);
    const ConstBounds count = known_.bounds(extent), low = known_.bounds(min);
    if (count.max && *count.max <= 0) return Evaluate::make(0);
    if (count.is_point() && *count.min == 1 && n.for_type == ForType::Serial) {
        return (*this)(substitute(n.loop, min, n.body));
    }
    ConstBounds range{low.min, {}};
    if (count.max) range = {low.min, (low + ConstBounds{0, *count.max - 1}).max};
    facts_.symbols.push(n.loop, {range, {}});
    Stmt body = (*this)(n.body);
    facts_.symbols.pop(n.loop);
    if (is_no_op(body)) return Evaluate::make(0);
    if (min.same_as(n.min) && extent.same_as(n.extent) && body.same_as(n.body)) return Stmt(&n);
    return For::make(n.loop, min, extent, n.for_type, n.partition, body);
}

Stmt Simplifier::visit_if(const If &n) {
    Expr condition = (*this)(n.condition);
    if (is_const(condition, 1)) return (*this)(n.then_case);
    if (is_const(condition, 0)) return n.else_case.defined() ? (*this)(n.else_case) : Evaluate::make(0);
    Stmt then_case = (*this)(n.then_case), else_case = (*this)(n.else_case);
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
    if (stmts.empty()) return Evaluate::make(0);
    return changed ? Block::make(std::move(stmts)) : Stmt(&n);
}

Expr simplify(const Expr &e, const Facts &facts) {
    return Simplifier(facts)(e);
}

Stmt simplify(const Stmt &s, const Facts &facts) {
    return Simplifier(facts)(s);
}

bool can_prove(const Expr &condition, const Facts &facts) {
    return is_const_true(simplify(condition, facts));
}

}  // namespace heddle::Internal
