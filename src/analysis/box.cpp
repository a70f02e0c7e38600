// One walk over the nest with a scope of intervals and the conditions that hold where it stands.

#include "analysis/box.h"

#include <unordered_set>

#include "analysis/conditions.h"
#include "analysis/linear.h"
#include "analysis/simplify.h"
#include "ir/compare.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

Box box_union(const Box &a, const Box &b) {
    if (a.bounds.empty() && !a.used.defined()) {
        if (!b.bounds.empty()) return b;
    }
    HEDDLE_ASSERT(a.size() == b.size(), "union of boxes of ", a.size(), " and ", b.size(), " dimensions");
    Box r;
    for (size_t d = 0; d < a.size(); d++) r.bounds.push_back(hull(a[d], b[d]));
    if (a.used.defined() && b.used.defined()) {
        r.used = simplify(Or::make(a.used, b.used));
        if (is_const_true(r.used)) r.used = Expr();
    }
    return r;
}

namespace {

class Toucher final : public Walker {
public:
    Toucher(const Scope<Interval> &scope, Touch touch, SelectBranches selects)
        : scope_(scope), touch_(touch), selects_(selects) {
    }

    Boxes boxes;

    void operator()(const Expr &e) const override {
        const_cast<Toucher *>(this)->visit(e);
    }
    void operator()(const Stmt &s) const override {
        const_cast<Toucher *>(this)->visit(s);
    }

private:
    void visit(const Expr &e) {
        // A node that is used twice is looked at once under the same conditions.
        if (!e.defined() || !seen_.insert(e.get()).second) return;
        if (const auto *a = e.as<Access>()) {
            if (touch_ != Touch::Writes) touched(a->buffer, a->args);
            for (const Expr &arg : a->args) visit(arg);
        } else if (const auto *s = e.as<Select>(); s && selects_ == SelectBranches::Narrow) {
            branches(s->condition, s->true_value, s->false_value);
        } else if (const auto *c = e.as<Call>(); c && c->op == CallOp::if_then_else) {
            branches(c->args[0], c->args[1], c->args.size() > 2 ? c->args[2] : Expr());
        } else if (const auto *let = e.as<Let>()) {
            visit(let->value);
            bind(let->symbol, let->value, [&] { visit(let->body); });
        } else if (const auto *region = e.as<Call>(); region && (region->op == CallOp::buffer_of || region->op == CallOp::prefetch)) {
            for (size_t i = 1; i < region->args.size(); i++) visit(region->args[i]);
            if (region->op == CallOp::buffer_of) passed_on(*region);  // what is fetched ahead is not needed
        } else {
            children(*e.get());
        }
    }

    // buffer_of(access, min0, extent0, ...): the function that gets it may read and write all of the region.
    void passed_on(const Call &c) {
        Box box;
        for (size_t i = 1; i + 1 < c.args.size(); i += 2) {
            const Expr last = Sub::make(Add::make(c.args[i], c.args[i + 1]), make_one(Int(32)));
            box.bounds.push_back({interval(substitute(values_, c.args[i])).min, interval(substitute(values_, last)).max});
        }
        touched(c.args[0].as<Access>()->buffer, std::move(box));
    }

    // Each branch under its condition. In deeply nested selects, whose branches may share nodes, all but
    // the outermost ones are taken together, so that the work stays linear.
    void branches(const Expr &condition, const Expr &a, const Expr &b) {
        visit(condition);
        if (select_depth_ >= 5) {
            visit(a);
            visit(b);
            return;
        }
        select_depth_++;
        under(condition, false, [&] { visit(a); });
        under(condition, true, [&] { visit(b); });
        select_depth_--;
    }

    void visit(const Stmt &s) {
        if (!s.defined()) return;
        if (const auto *loop = s.as<For>()) {
            visit(loop->min);
            visit(loop->extent);
            const Expr last = Sub::make(Add::make(loop->min, loop->extent), make_one(loop->min.type()));
            range(loop->loop, loop->min, last, [&] { visit(loop->body); });
        } else if (const auto *let = s.as<LetStmt>()) {
            visit(let->value);
            bind(let->symbol, let->value, [&] { visit(let->body); });
        } else if (const auto *branch = s.as<If>()) {
            visit(branch->condition);
            if (!branch->else_case.defined()) {
                under(branch->condition, false, [&] { visit(branch->then_case); });
            } else {
                either(*branch);
            }
        } else if (const auto *w = s.as<Write>()) {
            visit(w->predicate);
            under(w->predicate, false, [&] {
                if (touch_ != Touch::Reads) touched(w->buffer, w->args);
                for (const Expr &arg : w->args) visit(arg);
                for (const Expr &v : w->values) visit(v);
            });
        } else {
            children(*s.get());
        }
    }

    // What one of two branches touches. Where the condition is known outside of all loops, it chooses between the ends,
    // so that neither branch asks for what only the other one needs.
    void either(const If &branch) {
        Boxes outer;
        std::swap(outer, boxes);
        under(branch.condition, false, [&] { visit(branch.then_case); });
        Boxes first = std::move(boxes);
        boxes.clear();
        under(branch.condition, true, [&] { visit(branch.else_case); });
        Boxes second = std::move(boxes);
        boxes = std::move(outer);
        const Expr c = without_likely(simplify(substitute(values_, branch.condition)));
        const bool chooses = c.type().is_scalar() && !varies(c) && !reads_memory(c);
        for (auto &[buffer, box] : first) {
            const auto other = second.find(buffer);
            if (other == second.end()) {
                add(buffer, std::move(box));
                continue;
            }
            Box joined = box_union(box, other->second);
            for (size_t d = 0; chooses && d < joined.size(); d++) joined[d] = chosen(c, box[d], other->second[d]);
            add(buffer, std::move(joined));
            second.erase(other);
        }
        for (auto &[buffer, box] : second) add(buffer, std::move(box));
    }
    static Interval chosen(const Expr &c, const Interval &a, const Interval &b) {
        const auto end = [&](const Expr &x, const Expr &y) {
            if (!x.defined() || !y.defined()) return Expr();
            return equal(x, y) ? x : simplify(Select::make(c, x, y));
        };
        return Interval(end(a.min, b.min), end(a.max, b.max));
    }

    Interval interval(const Expr &e) const {
        return bounds_of(e, scope_, conditions_);
    }

    // Whether e depends on a symbol that ranges or was bound inside.
    bool varies(const Expr &e) const {
        bool found = false;
        walk_graph(e, [&](const Variable &v) { found |= scope_.contains(v.symbol); });
        return found;
    }

    void touched(const Symbol &buffer, const ExprList &args) {
        Box box;
        for (const Expr &a : args) {
            box.bounds.push_back(a.type().is_int_or_uint() ? interval(substitute(values_, a)) : Interval::everything());
        }
        touched(buffer, std::move(box));
    }

    void touched(const Symbol &buffer, Box box) {
        for (const Expr &c : used_) box.used = box.used.defined() ? And::make(box.used, c) : c;
        if (box.used.defined()) box.used = simplify(box.used);
        add(buffer, std::move(box));
    }

    void add(const Symbol &buffer, Box box) {
        auto it = boxes.find(buffer);
        if (it == boxes.end()) {
            boxes.emplace(buffer, std::move(box));
        } else {
            it->second = box_union(it->second, box);
        }
    }

    template<typename F>
    void bind(const Symbol &symbol, const Expr &value, F &&body) {
        // What is a plain sum (or does not vary) is put back for the symbol, so that its terms cancel;
        // all else ranges over its interval.
        Expr v = substitute(values_, value);
        // What a call with an effect gives is known where it is called only.
        if (!has_effect(v) && (!varies(v) || is_sum(v))) {
            values_[symbol] = v;
            body();
            values_.erase(symbol);
        } else {
            ScopedBinding<Interval> binding(scope_, symbol, v.type().is_int_or_uint() || v.type().is_float() ? interval(v) : Interval::everything());
            const bool is_index = no_overflow(v.type()) && !reads_memory(v);
            if (is_index) bound_.emplace_back(symbol, v);
            body();
            if (is_index) bound_.pop_back();
        }
    }

    // The body, where one more condition holds than where symbols around it were bound: it narrows them, too.
    template<typename F>
    void narrowed(const Expr &condition, size_t from, F &&body) {
        for (size_t i = from; i < bound_.size(); i++) {
            const auto &[symbol, value] = bound_[i];
            if (!shares_symbol(condition, value)) continue;
            const Interval *before = scope_.find(symbol);
            const Interval now = interval(value);
            if (same_end(now.min, before->min) && same_end(now.max, before->max)) continue;
            ScopedBinding<Interval> binding(scope_, symbol, now);
            return narrowed(condition, i + 1, body);
        }
        body();
    }
    static bool same_end(const Expr &a, const Expr &b) {
        return a.defined() == b.defined() && (!a.defined() || equal(a, b));
    }
    // Whether a symbol that ranges occurs in both.
    bool shares_symbol(const Expr &a, const Expr &b) const {
        std::unordered_set<Symbol> inside;
        walk_graph(a, [&](const Variable &v) {
            if (scope_.contains(v.symbol)) inside.insert(v.symbol);
        });
        bool found = false;
        walk_graph(b, [&](const Variable &v) { found |= inside.count(v.symbol) > 0; });
        return found;
    }

    static bool has_effect(const Expr &e) {
        bool found = false;
        walk_graph(e, [&](const Call &c) {
            found |= c.op == CallOp::extern_c || c.op == CallOp::buffer_create || c.op == CallOp::buffer_of;
        });
        return found;
    }

    static bool is_sum(const Expr &e) {
        LinearForm f;
        if (!no_overflow(e.type()) || !as_linear(e, &f)) return false;
        for (const auto &t : f.terms) {
            if (!t.atom.as<Variable>()) return false;
        }
        return true;
    }

    template<typename F>
    void range(const Symbol &symbol, const Expr &first, const Expr &last, F &&body) {
        const Expr low = substitute(values_, first), high = substitute(values_, last);
        const size_t before = conditions_.size();
        const bool moving = varies(low) || varies(high);
        ScopedBinding<Interval> binding(scope_, symbol, Interval(interval(low).min, interval(high).max));
        if (moving) {  // ends that range: keep how they relate to the variable
            const Expr v = Variable::make(first.type(), symbol);
            conditions_.push_back(LE::make(low, v));
            conditions_.push_back(LE::make(v, high));
        }
        nested([&] { body(); });
        conditions_.resize(before);
    }

    template<typename F>
    void under(const Expr &condition, bool negated, F &&body) {
        Expr c = simplify(substitute(values_, condition));
        c = without_likely(c);
        if (negated) c = simplify(Not::make(c));
        if (is_const_false(c)) return;
        if (!c.type().is_scalar() || is_const_true(c)) return nested([&] { body(); });
        const size_t conditions = conditions_.size(), used = used_.size();
        if (varies(c)) {
            const Expr possible = interval(c).max;
            if (possible.defined() && is_const_false(possible)) return;
            conditions_.push_back(c);
        } else if (reads_memory(c)) {
            conditions_.push_back(c);
        } else {
            conditions_.push_back(c);
            used_.push_back(c);
        }
        narrowed(c, 0, [&] { nested([&] { body(); }); });
        conditions_.resize(conditions);
        used_.resize(used);
    }

    static bool reads_memory(const Expr &e) {
        bool found = false;
        walk_graph(
            e, [&](const Access &) { found = true; }, [&](const Load &) { found = true; },
            [&](const Call &c) { found |= !is_pure(c.op); });
        return found;
    }

    // A new context: what was seen outside is looked at again.
    template<typename F>
    void nested(F &&body) {
        std::unordered_set<const ExprNode *> outer;
        std::swap(outer, seen_);
        body();
        std::swap(outer, seen_);
    }

    Scope<Interval> scope_;
    Touch touch_;
    SelectBranches selects_;
    std::vector<Expr> conditions_, used_;
    Substitution values_;
    std::vector<std::pair<Symbol, Expr>> bound_;  // indices in scope_, with their values
    int select_depth_ = 0;
    std::unordered_set<const ExprNode *> seen_;
};

template<typename Root>
Boxes touched_by(const Root &root, const Scope<Interval> &scope, Touch touch, SelectBranches selects) {
    Toucher t(scope, touch, selects);
    t(root);
    return std::move(t.boxes);
}

template<typename Root>
Box touched_of(const Root &root, const Symbol &buffer, const Scope<Interval> &scope, Touch touch) {
    Boxes all = touched_by(root, scope, touch, SelectBranches::Narrow);
    auto it = all.find(buffer);
    return it == all.end() ? Box{} : std::move(it->second);
}

}  // namespace

Boxes boxes_touched(const Stmt &s, const Scope<Interval> &scope, Touch touch, SelectBranches selects) {
    return touched_by(s, scope, touch, selects);
}
Boxes boxes_touched(const Expr &e, const Scope<Interval> &scope, Touch touch, SelectBranches selects) {
    return touched_by(e, scope, touch, selects);
}
Box box_touched(const Stmt &s, const Symbol &buffer, const Scope<Interval> &scope, Touch touch) {
    return touched_of(s, buffer, scope, touch);
}
Box box_touched(const Expr &e, const Symbol &buffer, const Scope<Interval> &scope, Touch touch) {
    return touched_of(e, buffer, scope, touch);
}

}  // namespace heddle::Internal
