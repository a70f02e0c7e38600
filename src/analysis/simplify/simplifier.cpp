#include "analysis/simplify/simplifier.h"

#include "analysis/conditions.h"
#include "analysis/simplify/rule.h"

namespace heddle::Internal {

namespace {

// The default traversal of nodes that have no rules of their own.
class Children final : public Rewriter {
public:
    explicit Children(Simplifier &s)
        : simplifier_(s) {
    }
    Expr operator()(const Expr &e) const override {
        return simplifier_(e);
    }
    Stmt operator()(const Stmt &s) const override {
        return simplifier_(s);
    }

private:
    Simplifier &simplifier_;
};

// How often each symbol occurs if the graph is written out as a tree; more than twice counts as twice, so
// that no node need be visited three times.
class CountUses final : public Walker {
public:
    explicit CountUses(std::unordered_map<Symbol, int> &uses)
        : uses_(uses) {
    }
    void operator()(const Expr &e) const override {
        if (const auto *v = e.as<Variable>()) {
            uses_[v->symbol]++;
        } else if (visits_[e.get()]++ < 2) {
            children(*e.get());
        }
    }
    void operator()(const Stmt &s) const override {
        children(*s.get());
    }

private:
    std::unordered_map<Symbol, int> &uses_;
    mutable std::unordered_map<const Node *, int> visits_;
};

// Equality for "nothing has changed": gives up (false) on what takes long.
bool surely_equal(const Expr &a, const Expr &b, int &budget) {
    if (a.same_as(b)) return true;
    if (--budget < 0 || a.get()->kind != b.get()->kind || a.type() != b.type()) return false;
    const auto both = [&](const auto *x, const auto *y) {
        return surely_equal(x->a, y->a, budget) && surely_equal(x->b, y->b, budget);
    };
    switch (a.get()->kind) {
    case NodeKind::IntImm: return a.as<IntImm>()->value == b.as<IntImm>()->value;
    case NodeKind::UIntImm: return a.as<UIntImm>()->value == b.as<UIntImm>()->value;
    case NodeKind::Add: return both(a.as<Add>(), b.as<Add>());
    case NodeKind::Sub: return both(a.as<Sub>(), b.as<Sub>());
    case NodeKind::Mul: return both(a.as<Mul>(), b.as<Mul>());
    case NodeKind::Div: return both(a.as<Div>(), b.as<Div>());
    case NodeKind::Mod: return both(a.as<Mod>(), b.as<Mod>());
    case NodeKind::Min: return both(a.as<Min>(), b.as<Min>());
    case NodeKind::Max: return both(a.as<Max>(), b.as<Max>());
    case NodeKind::EQ: return both(a.as<EQ>(), b.as<EQ>());
    case NodeKind::NE: return both(a.as<NE>(), b.as<NE>());
    case NodeKind::LT: return both(a.as<LT>(), b.as<LT>());
    case NodeKind::LE: return both(a.as<LE>(), b.as<LE>());
    case NodeKind::And: return both(a.as<And>(), b.as<And>());
    case NodeKind::Or: return both(a.as<Or>(), b.as<Or>());
    case NodeKind::Not: return surely_equal(a.as<Not>()->a, b.as<Not>()->a, budget);
    case NodeKind::Cast: return surely_equal(a.as<Cast>()->value, b.as<Cast>()->value, budget);
    case NodeKind::Broadcast: return surely_equal(a.as<Broadcast>()->value, b.as<Broadcast>()->value, budget);
    case NodeKind::Ramp:
        return surely_equal(a.as<Ramp>()->base, b.as<Ramp>()->base, budget) &&
               surely_equal(a.as<Ramp>()->stride, b.as<Ramp>()->stride, budget);
    case NodeKind::Select: {
        const auto *x = a.as<Select>(), *y = b.as<Select>();
        return surely_equal(x->condition, y->condition, budget) && surely_equal(x->true_value, y->true_value, budget) &&
               surely_equal(x->false_value, y->false_value, budget);
    }
    default: return false;
    }
}

}  // namespace

Simplifier::Simplifier(const Facts &facts)
    : facts_(facts), known_(facts_) {
    for (const Expr &c : facts.conditions) assume(c, false);
}

Expr Simplifier::operator()(const Expr &e) {
    if (!e.defined() || e.as<IntImm>() || e.as<UIntImm>() || e.as<FloatImm>() || e.as<StringImm>()) return e;
    if (auto it = memo_.find(e.get()); it != memo_.end()) return it->second.second;
    if (!counted_) {
        counted_ = true;
        CountUses count(uses_);
        count(e);
    }
    Expr r = visit(e);
    HEDDLE_ASSERT(r.type() == e.type(), "simplified to another type");
    int budget = 512;
    if (surely_equal(r, e, budget)) r = e;
    memo_.emplace(e.get(), std::make_pair(e, r));
    if (!r.same_as(e)) memo_.emplace(r.get(), std::make_pair(r, r));
    return r;
}

Stmt Simplifier::operator()(const Stmt &s) {
    if (!s.defined()) return s;
    if (!counted_) {
        counted_ = true;
        CountUses count(uses_);
        count(s);
    }
    return visit(s);
}

Expr Simplifier::children(const Expr &e) {
    return Children(*this).children(*e.get());
}

Stmt Simplifier::children(const Stmt &s) {
    return Children(*this).children(*s.get());
}

Expr Simplifier::with_rules(const Expr &e) {
    // No chain of rules is this long; the limit is only against two tables that undo each other.
    if (rule_depth_ > 32) return e;
    Expr r = apply_rules(e);
    if (!r.defined()) return e;
    rule_depth_++;
    r = (*this)(r);
    rule_depth_--;
    return r;
}

Expr Simplifier::visit(const Expr &e) {
    switch (e.get()->kind) {
    case NodeKind::Add:
    case NodeKind::Sub: {
        if (has_linear_form(e.type())) return sum(e);
        Expr r = children(e);
        const auto *add = r.as<Add>();
        const auto *sub = r.as<Sub>();
        const Expr &a = add ? add->a : sub->a, &b = add ? add->b : sub->b;
        Expr folded = fold_binary(r.get()->kind, a, b);
        if (folded.defined()) return folded;
        folded = broadcast_operation(r.get()->kind, a, b);
        return folded.defined() ? folded : r;
    }
    case NodeKind::Mul: return visit_mul(*e.as<Mul>());
    case NodeKind::Div: return visit_div(*e.as<Div>());
    case NodeKind::Mod: return visit_mod(*e.as<Mod>());
    case NodeKind::Min:
    case NodeKind::Max: return visit_min_max(e);
    case NodeKind::EQ:
    case NodeKind::NE:
    case NodeKind::LT:
    case NodeKind::LE:
    case NodeKind::GT:
    case NodeKind::GE: return visit_comparison(e);
    case NodeKind::And:
    case NodeKind::Or: return visit_and_or(e);
    case NodeKind::Not: return visit_not(*e.as<Not>());
    case NodeKind::Select: return visit_select(*e.as<Select>());
    case NodeKind::Cast: return visit_cast(*e.as<Cast>());
    case NodeKind::Variable: return visit_variable(e);
    case NodeKind::Let: saw_let_ = true; return visit_let(*e.as<Let>());
    case NodeKind::Call: return visit_call(*e.as<Call>());
    case NodeKind::Ramp:
    case NodeKind::Broadcast:
    case NodeKind::Shuffle:
    case NodeKind::VectorReduce: return visit_vector(e);
    default: return children(e);
    }
}

Expr Simplifier::visit_variable(const Expr &e) {
    const auto *v = e.as<Variable>();
    if (auto it = replacements_.find(v->symbol); it != replacements_.end()) return it->second;
    if (!v->type.is_scalar() || !v->type.is_int_or_uint()) return e;
    const ConstBounds b = known_.bounds(e);
    return b.is_point() ? make_const(v->type, *b.min) : e;
}

Simplifier::Context Simplifier::enter() {
    Context outer;
    std::swap(outer.memo, memo_);
    known_.swap_cache(outer.cache);
    samples_.swap_cache(outer.samples);
    outer.assumptions = assumptions_.size();
    outer.narrowed = narrowed_.size();
    outer.known_conditions = known_conditions_;
    return outer;
}

void Simplifier::leave(Context &outer) {
    std::swap(outer.memo, memo_);
    known_.swap_cache(outer.cache);
    samples_.swap_cache(outer.samples);
    assumptions_.resize(outer.assumptions);
    for (; narrowed_.size() > outer.narrowed; narrowed_.pop_back()) facts_.symbols.pop(narrowed_.back());
    known_conditions_ = std::move(outer.known_conditions);
}

void Simplifier::assume(const Expr &condition, bool negated) {
    if (!condition.type().is_scalar()) return;
    known_conditions_.emplace_back(without_likely(condition), !negated);
    if (const auto *conjunction = condition.as<And>(); conjunction && !negated) {
        known_conditions_.emplace_back(without_likely(conjunction->a), true);
        known_conditions_.emplace_back(without_likely(conjunction->b), true);
    }
    for (LinearForm &form : inequalities(condition, negated)) {
        if (form.terms.size() == 1 && form.terms[0].atom.as<Variable>()) {
            // k * x + c >= 0 is a bound of x.
            const Symbol &symbol = form.terms[0].atom.as<Variable>()->symbol;
            const int64_t k = form.terms[0].coefficient;
            const SymbolFacts *old = facts_.symbols.find(symbol);
            SymbolFacts facts = old ? *old : SymbolFacts{};
            if (k == 1) facts.bounds = intersection(facts.bounds, {-form.constant, {}});
            if (k == -1) facts.bounds = intersection(facts.bounds, {{}, form.constant});
            facts_.symbols.push(symbol, facts);
            narrowed_.push_back(symbol);
        }
        assumptions_.push_back(std::move(form));
    }
}

namespace {

// A let that has lost a use may be used once now, so expressions with lets are gone over until nothing
// changes; more than two rounds are rare.
template<typename Root>
Root simplify_root(const Root &root, const Facts &facts, bool always_drop) {
    Root before = root;
    for (int round = 0; round < 4; round++) {
        Simplifier simplifier(facts);
        Root after = simplifier(before);
        if (always_drop || simplifier.saw_let()) after = drop_unused(after);
        if (!simplifier.saw_let() || after.same_as(before)) return after;
        before = after;
    }
    return before;
}

}  // namespace

Expr simplify(const Expr &e, const Facts &facts) {
    return !e.defined() || is_const(e) ? e : simplify_root(e, facts, false);
}

Stmt simplify(const Stmt &s, const Facts &facts) {
    return s.defined() ? simplify_root(s, facts, true) : s;
}

bool can_prove(const Expr &condition, const Facts &facts) {
    return is_const_true(without_likely(simplify(condition, facts)));
}

}  // namespace heddle::Internal
