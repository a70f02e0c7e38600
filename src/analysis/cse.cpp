// First equal nodes are made one node (bottom up, so that only one level is compared at a time); then uses
// are counted per scope. A scope is an expression that is evaluated as a whole: the root, or a branch of
// if_then_else.

#include "analysis/cse.h"

#include <unordered_map>
#include <unordered_set>

#include "ir/compare.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

namespace {

uint64_t mix(uint64_t h, uint64_t v) {
    h ^= v + 0x9e3779b97f4a7c15ull + (h << 6) + (h >> 2);
    return h * 0xff51afd7ed558ccdull;
}

// A hash of one node whose children count by identity.
class ShallowHash final : public Walker {
public:
    uint64_t of(const Expr &e) {
        h_ = mix(static_cast<uint64_t>(e.get()->kind), static_cast<uint64_t>(e.type().lanes()) << 16 |
                                                           static_cast<uint64_t>(e.type().bits()) << 8 | e.type().code());
        leaf_ = true;
        children(*e.get());
        if (leaf_) return hash(e);
        if (const auto *a = e.as<Access>()) h_ = mix(h_, a->buffer.id());
        if (const auto *l = e.as<Load>()) h_ = mix(h_, l->buffer.id());
        if (const auto *c = e.as<Call>()) h_ = mix(h_, static_cast<uint64_t>(c->op));
        return h_;
    }
    void operator()(const Expr &e) const override {
        leaf_ = false;
        h_ = mix(h_, reinterpret_cast<uintptr_t>(e.get()));
    }
    void operator()(const Stmt &) const override {
    }

private:
    mutable uint64_t h_ = 0;
    mutable bool leaf_ = true;
};

// Makes equal pure nodes the same node.
class HashCons final : public Rewriter {
public:
    using Rewriter::operator();
    Expr operator()(const Expr &e) const override {
        if (auto it = memo_.find(e.get()); it != memo_.end()) return it->second.second;
        Expr r = children(*e.get());
        const auto *call = r.as<Call>();
        if (!call || is_pure(call->op)) {
            auto [first, last] = nodes_.equal_range(ShallowHash().of(r));
            auto it = first;
            while (it != last && !equal(it->second, r)) ++it;
            if (it != last) {
                r = it->second;
            } else {
                nodes_.emplace(ShallowHash().of(r), r);
            }
        }
        memo_.emplace(e.get(), std::make_pair(e, r));
        return r;
    }
    Stmt operator()(const Stmt &s) const override {
        return s;
    }

private:
    mutable std::unordered_multimap<uint64_t, Expr> nodes_;
    mutable std::unordered_map<const ExprNode *, std::pair<Expr, Expr>> memo_;
};

// As cheap as a name, or better left in place: codegen knows dense vectors by their Ramp.
bool is_trivial(const Expr &e) {
    if (is_const(e) || e.as<Variable>() || e.as<StringImm>() || e.type().is_handle()) return true;
    if (const auto *b = e.as<Broadcast>()) return is_trivial(b->value);
    if (const auto *c = e.as<Cast>()) return is_trivial(c->value);
    if (const auto *r = e.as<Ramp>()) return r->base.type().is_scalar();
    return false;
}

bool is_annotation(CallOp op) {
    return op == CallOp::likely || op == CallOp::likely_if_innermost || op == CallOp::address_of || op == CallOp::buffer_of ||
           op == CallOp::prefetch || op == CallOp::nontemporal;
}

// How a child is evaluated, given its parent.
enum class Place { Here, Branch, Opaque };
Place place_of(const Expr &parent, size_t child) {
    const auto *c = parent.as<Call>();
    if (!c) return Place::Here;
    if (c->op == CallOp::if_then_else) return child == 0 ? Place::Here : Place::Branch;
    return is_annotation(c->op) ? Place::Opaque : Place::Here;
}

// Calls f(child, number) for each child.
template<typename F>
class EachChild final : public Walker {
public:
    EachChild(F &f)
        : f_(f) {
    }
    void operator()(const Expr &e) const override {
        f_(e, n_++);
    }
    void operator()(const Stmt &) const override {
    }

private:
    F &f_;
    mutable size_t n_ = 0;
};
template<typename F>
void each_child(const Expr &e, F &&f) {
    EachChild<F>(f).children(*e.get());
}

struct Binding {
    Symbol symbol;
    Expr value;
};

class Scoping {
public:
    // The expressions with what is shared among them replaced by names, which `bindings` define in order.
    ExprList roots(const ExprList &list, std::vector<Binding> &bindings) {
        std::unordered_map<const ExprNode *, int> uses;
        std::unordered_set<const ExprNode *> here, everywhere;
        for (const Expr &e : list) {
            count_uses(e, uses, everywhere);
            uses[e.get()]++;
        }
        for (const Expr &e : list) collect_here(e, here);
        Level level{&bindings, {}, {}};
        for (const ExprNode *n : here) {
            if (uses[n] > 1 && !names_.count(n) && !is_trivial(Expr(n))) level.shared.insert(n);
        }
        ExprList out;
        levels_.push_back(&level);
        for (const Expr &e : list) out.push_back(build(e));
        levels_.pop_back();
        for (const ExprNode *n : level.named) names_.erase(n);
        return out;
    }

    Expr scope(const Expr &e) {
        std::vector<Binding> bindings;
        Expr body = roots({e}, bindings)[0];
        for (size_t i = bindings.size(); i-- > 0;) body = Let::make(bindings[i].symbol, bindings[i].value, body);
        return body;
    }

private:
    struct Level {
        std::vector<Binding> *bindings;
        std::unordered_set<const ExprNode *> shared;
        std::vector<const ExprNode *> named;
    };

    // Edges to each node below e, those in branches too.
    void count_uses(const Expr &e, std::unordered_map<const ExprNode *, int> &uses, std::unordered_set<const ExprNode *> &seen) {
        // What is not bound itself is written out at each use, and uses its children each time.
        if (!is_trivial(e) && !seen.insert(e.get()).second) return;
        each_child(e, [&](const Expr &child, size_t i) {
            if (place_of(e, i) == Place::Opaque) return;
            uses[child.get()]++;
            count_uses(child, uses, seen);
        });
    }
    // The nodes that are evaluated whenever the scope is.
    void collect_here(const Expr &e, std::unordered_set<const ExprNode *> &here) {
        if (!here.insert(e.get()).second) return;
        each_child(e, [&](const Expr &child, size_t i) {
            if (place_of(e, i) == Place::Here) collect_here(child, here);
        });
    }

    class Rebuild final : public Rewriter {
    public:
        Rebuild(Scoping &scoping, const Expr &parent)
            : scoping_(scoping), parent_(parent) {
        }
        using Rewriter::operator();
        Expr operator()(const Expr &e) const override {
            switch (place_of(parent_, n_++)) {
            case Place::Here: return scoping_.build(e);
            case Place::Branch: return scoping_.scope(e);
            case Place::Opaque: return e;
            }
            return e;
        }
        Stmt operator()(const Stmt &s) const override {
            return s;
        }

    private:
        Scoping &scoping_;
        const Expr &parent_;
        mutable size_t n_ = 0;
    };

    Expr build(const Expr &e) {
        if (auto it = names_.find(e.get()); it != names_.end()) return it->second;
        Expr r = Rebuild(*this, e).children(*e.get());
        Level &level = *levels_.back();
        if (!level.shared.count(e.get())) return r;
        Symbol symbol = Symbol::fresh("t");
        Expr name = Variable::make(e.type(), symbol);
        level.bindings->push_back({symbol, r});
        level.named.push_back(e.get());
        names_.emplace(e.get(), name);
        return name;
    }

    std::vector<Level *> levels_;
    std::unordered_map<const ExprNode *, Expr> names_;
};

}  // namespace

Expr common_subexpressions(const Expr &e) {
    Expr graph = HashCons()(substitute_in_all_lets(e));
    return Scoping().scope(graph);
}

Stmt common_subexpressions(const Stmt &s) {
    const auto bound = [](Stmt body, const std::vector<Binding> &bindings) {
        for (size_t i = bindings.size(); i-- > 0;) body = LetStmt::make(bindings[i].symbol, bindings[i].value, body);
        return body;
    };
    const auto shared = [](const ExprList &list, std::vector<Binding> &bindings) {
        HashCons unify;
        ExprList graph;
        for (const Expr &e : list) graph.push_back(unify(substitute_in_all_lets(e)));
        return Scoping().roots(graph, bindings);
    };
    return rewrite(
        s,
        [&](const Store &n, const Rewriter &) -> Stmt {
            if (!is_const(n.predicate, 1)) {  // what is stored may not be evaluated where nothing is
                return Store::make(n.buffer, common_subexpressions(n.index), common_subexpressions(n.value),
                                   common_subexpressions(n.predicate), n.alignment);
            }
            std::vector<Binding> bindings;
            ExprList r = shared({n.index, n.value}, bindings);
            return bound(Store::make(n.buffer, r[0], r[1], n.predicate, n.alignment), bindings);
        },
        [&](const Write &n, const Rewriter &) -> Stmt {
            std::vector<Binding> bindings;
            ExprList all = n.args;
            all.insert(all.end(), n.values.begin(), n.values.end());
            if (is_const(n.predicate, 1)) {
                all = shared(all, bindings);
            } else {
                for (Expr &e : all) e = common_subexpressions(e);
            }
            const auto split = all.begin() + static_cast<std::ptrdiff_t>(n.args.size());
            return bound(Write::make(n.buffer, ExprList(all.begin(), split), ExprList(split, all.end()), n.predicate), bindings);
        },
        [&](const Evaluate &n, const Rewriter &) -> Stmt { return Evaluate::make(common_subexpressions(n.value)); });
}

}  // namespace heddle::Internal
