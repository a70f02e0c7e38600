#include "schedule/race.h"

#include <algorithm>

#include "ir/compare.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"
#include "language/scatter.h"

namespace heddle::Internal {

namespace {

bool reads(const Expr &e, const Symbol &func) {
    bool found = false;
    walk_graph(e, [&](const Access &a) { found |= a.buffer == func; });
    return found;
}

bool uses_any_rvar(const Expr &e, const ReductionDomain &rdom) {
    bool found = false;
    walk_graph(e, [&](const Variable &v) {
        for (const ReductionVariable &r : rdom.variables) {
            found |= v.symbol == r.symbol;
        }
    });
    return found;
}

// Whether e is c * r + d with constants c != 0 and d: different for different r. (Index arithmetic is
// int32 and does not wrap within a region that exists.)
bool tells_apart(const Expr &e, const Symbol &r) {
    if (const Variable *v = e.as<Variable>()) return v->symbol == r;
    if (const Add *n = e.as<Add>()) {
        return (is_const(n->b) && tells_apart(n->a, r)) || (is_const(n->a) && tells_apart(n->b, r));
    }
    if (const Sub *n = e.as<Sub>()) {
        return (is_const(n->b) && tells_apart(n->a, r)) || (is_const(n->a) && tells_apart(n->b, r));
    }
    if (const Mul *n = e.as<Mul>()) {
        return (is_const(n->b) && !is_const(n->b, 0) && tells_apart(n->a, r)) ||
               (is_const(n->a) && !is_const(n->a, 0) && tells_apart(n->b, r));
    }
    return false;
}

// All reads of f in a stage: on both sides, and in the condition.
std::vector<ExprList> self_reads(const Function &f, const Definition &def) {
    std::vector<ExprList> result;
    auto collect = [&](const Expr &e) {
        walk_graph(e, [&](const Access &a) {
            if (a.buffer == f.symbol) result.push_back(a.args);
        });
    };
    for (const Expr &e : def.args)
        collect(e);
    for (const Expr &e : def.values)
        collect(e);
    collect(def.predicate);
    return result;
}

bool same_place(const Access &a, const ExprList &place) {
    for (size_t i = 0; i < place.size(); i++) {
        if (!equal(a.args[i], place[i])) return false;
    }
    return true;
}

// The values with the old values of f, where they stand in the place that is written, as symbols. Nothing when f
// is read elsewhere, or decides what is written or whether.
std::optional<ExprList> over_symbols(const Function &f, const Definition &def, const std::vector<Symbol> &old) {
    for (const Expr &a : def.args) {
        if (reads(a, f.symbol)) return {};
    }
    if (def.predicate.defined() && reads(def.predicate, f.symbol)) return {};
    ExprList values;
    for (const Expr &value : def.values) {
        values.push_back(rewrite_graph(value, [&](const Access &a) -> Expr {
            if (a.buffer != f.symbol || !same_place(a, def.args)) return Expr(&a);
            return Variable::make(a.type, old[static_cast<size_t>(a.value_index)]);
        }));
        if (reads(values.back(), f.symbol)) return {};
    }
    return values;
}

std::vector<Symbol> old_values(const Function &f) {
    std::vector<Symbol> old;
    for (size_t i = 0; i < f.types.size(); i++) old.push_back(Symbol::fresh("old"));
    return old;
}

// Several stores at once are no single step.
bool makes_several_stores(const Definition &def) {
    return std::any_of(def.args.begin(), def.args.end(), has_scatter) || std::any_of(def.values.begin(), def.values.end(), has_scatter);
}

}  // namespace

DimKind kind_of_rvar(const Function &f, const Definition &def, size_t i) {
    const Symbol &r = def.rdom->variables.at(i).symbol;
    const std::vector<ExprList> reads_of_f = self_reads(f, def);
    for (size_t d = 0; d < def.args.size(); d++) {
        if (!tells_apart(def.args[d], r)) continue;
        bool same = true;
        for (const ExprList &read : reads_of_f) {
            same &= equal(read[d], def.args[d]);
        }
        if (same) return DimKind::PureRVar;
    }
    return DimKind::ImpureRVar;
}

std::optional<AssociativeStep> associative_update(const Function &f, const Definition &def) {
    if (makes_several_stores(def)) return {};
    const std::vector<Symbol> old = old_values(f);
    const std::optional<ExprList> values = over_symbols(f, def, old);
    if (!values) return {};
    return associative_step(*values, old);
}

bool any_order_serves(const Function &f, const Definition &def) {
    const std::vector<Symbol> old = old_values(f);
    std::optional<ExprList> values = over_symbols(f, def, old);
    if (!values) return false;
    for (size_t i = 0; i < values->size(); i++) {
        // What no iteration changes is as good as kept; several different constants in one iteration are not.
        Expr &value = (*values)[i];
        const bool constant = !has_scatter(value) && std::none_of(old.begin(), old.end(), [&](const Symbol &s) { return uses(value, s); }) &&
                              (!def.rdom || !uses_any_rvar(value, *def.rdom));
        if (constant) value = Variable::make(value.type(), old[i]);
    }
    const std::optional<AssociativeStep> step = associative_step(*values, old);
    return step && step->commutative;
}

}  // namespace heddle::Internal
