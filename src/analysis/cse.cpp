// Value numbering: the graph is rebuilt bottom-up so that equal expressions become the same node, then the
// nodes with several uses are named.

#include "analysis/cse.h"

#include <unordered_map>
#include <unordered_set>

#include "ir/compare.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

namespace {

bool is_leaf(const Expr &e) {
    return e.as<IntImm>() || e.as<UIntImm>() || e.as<FloatImm>() || e.as<StringImm>() || e.as<Variable>();
}

// Cheaper to repeat than to name: also what index analysis wants to see.
bool is_trivial(const Expr &e) {
    if (is_leaf(e)) return true;
    if (const Broadcast *b = e.as<Broadcast>()) return is_trivial(b->value);
    if (const Ramp *r = e.as<Ramp>()) return is_trivial(r->base) && is_trivial(r->stride);
    if (const Add *a = e.as<Add>()) return a->type.is_int() && is_leaf(a->a) && is_const(a->b);
    if (const Sub *a = e.as<Sub>()) return a->type.is_int() && is_leaf(a->a) && is_const(a->b);
    if (const Mul *a = e.as<Mul>()) return a->type.is_int() && is_leaf(a->a) && is_const(a->b);
    if (const Call *c = e.as<Call>()) return c->args.empty();
    return false;
}

// A call with an effect, or whose value differs from call to call, is never equal to another.
bool is_effect(const Expr &e) {
    const Call *c = e.as<Call>();
    return c && !is_pure(c->op) && c->op != CallOp::if_then_else && c->op != CallOp::random;
}

class Numbering {
public:
    // The canonical node of each equal expression.
    Expr canonical(const Expr &e) {
        return rewrite_with_memo(e);
    }

private:
    struct Key {
        uint64_t hash;
        Expr e;
    };
    struct KeyHash {
        size_t operator()(const Key &k) const {
            return k.hash;
        }
    };
    struct KeyEqual {
        bool operator()(const Key &a, const Key &b) const {
            return a.hash == b.hash && equal(a.e, b.e);
        }
    };
    class Recurse final : public Rewriter {
    public:
        explicit Recurse(Numbering &n)
            : numbering_(n) {
        }
        using Rewriter::operator();
        Expr operator()(const Expr &e) const override {
            return numbering_.rewrite_with_memo(e);
        }
        Stmt operator()(const Stmt &s) const override {
            return s;
        }

    private:
        Numbering &numbering_;
    };

    Expr rewrite_with_memo(const Expr &e) {
        auto it = memo_.find(e.get());
        if (it != memo_.end()) return it->second;
        keep_.push_back(e);
        Expr r = Recurse(*this).children(*e.get());
        if (!is_effect(r)) {
            keep_.push_back(r);
            r = table_.insert({hasher_(r), r}).first->e;
        }
        memo_[e.get()] = r;
        return r;
    }

    std::vector<Expr> keep_;
    ExprHasher hasher_;
    std::unordered_map<const ExprNode *, Expr> memo_;
    std::unordered_set<Key, KeyHash, KeyEqual> table_;
};

class Binder {
public:
    // The tree of one region: the whole expression, or a branch of an if_then_else.
    Expr region(const Expr &root) {
        if (auto it = named_.find(root.get()); it != named_.end()) return it->second;
        std::unordered_map<const ExprNode *, int> uses;
        std::vector<Expr> order;  // children before parents
        count(root, uses, order);
        std::vector<std::pair<Symbol, Expr>> lets;
        std::vector<const ExprNode *> bound_here;
        for (const Expr &e : order) {
            if (uses[e.get()] < 2 || is_trivial(e) || e.same_as(root) || is_effect(e)) continue;
            Expr value = tree(e);
            Symbol s = Symbol::fresh("t");
            lets.emplace_back(s, value);
            named_[e.get()] = Variable::make(e.type(), s);
            bound_here.push_back(e.get());
        }
        Expr result = tree(root);
        for (size_t i = lets.size(); i-- > 0;) result = Let::make(lets[i].first, lets[i].second, result);
        for (const ExprNode *n : bound_here) named_.erase(n);
        return result;
    }

private:
    // Edges of the region's graph. What only a branch needs is counted when the branch is a region itself.
    void count(const Expr &e, std::unordered_map<const ExprNode *, int> &uses, std::vector<Expr> &order) {
        if (named_.count(e.get())) return;
        if (uses[e.get()]++ > 0) return;
        const Call *c = e.as<Call>();
        if (c && c->op == CallOp::if_then_else) {
            count(c->args[0], uses, order);
        } else {
            for_each_child(e, [&](const Expr &child) { count(child, uses, order); });
        }
        order.push_back(e);
    }

    // f(child) for each child expression.
    template<typename F>
    static void for_each_child(const Expr &e, const F &f) {
        struct Visit final : Walker {
            const F &f;
            explicit Visit(const F &function)
                : f(function) {
            }
            void operator()(const Expr &child) const override {
                f(child);
            }
            void operator()(const Stmt &) const override {
            }
        };
        Visit(f).children(*e.get());
    }

    // e with named parts replaced by their names.
    Expr tree(const Expr &e) {
        struct Recurse final : Rewriter {
            Binder &binder;
            explicit Recurse(Binder &b)
                : binder(b) {
            }
            using Rewriter::operator();
            Expr operator()(const Expr &child) const override {
                auto it = binder.named_.find(child.get());
                return it == binder.named_.end() ? binder.tree(child) : it->second;
            }
            Stmt operator()(const Stmt &s) const override {
                return s;
            }
        };
        const Recurse recurse(*this);
        const Call *c = e.as<Call>();
        if (c && c->op == CallOp::if_then_else) {
            ExprList args = {recurse(c->args[0])};
            for (size_t i = 1; i < c->args.size(); i++) args.push_back(region(c->args[i]));
            return Call::make(c->type, c->op, args, c->name);
        }
        return recurse.children(*e.get());
    }

    std::unordered_map<const ExprNode *, Expr> named_;
};

}  // namespace

Expr common_subexpressions(const Expr &e) {
    if (!e.defined() || is_trivial(e)) return e;
    Numbering numbering;
    Expr graph = numbering.canonical(substitute_in_all_lets(e));
    return Binder().region(graph);
}

Stmt common_subexpressions(const Stmt &s) {
    class PerExpr final : public Rewriter {
    public:
        using Rewriter::operator();
        Expr operator()(const Expr &e) const override {
            return common_subexpressions(e);
        }
        Stmt operator()(const Stmt &child) const override {
            return child.defined() ? children(*child.get()) : child;
        }
    };
    return PerExpr()(s);
}

}  // namespace heddle::Internal
