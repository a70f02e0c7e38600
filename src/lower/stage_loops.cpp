#include "lower/stage_loops.h"

#include <map>
#include <set>

#include "analysis/interval.h"
#include "analysis/simplify.h"
#include "schedule/split_ranges.h"

namespace heddle::Internal {

namespace {

Expr add(Expr a, Expr b) {
    return simplify(Add::make(std::move(a), std::move(b)));
}
Expr mul(Expr a, Expr b) {
    return simplify(Mul::make(std::move(a), std::move(b)));
}
Expr constant(int64_t v) {
    return make_const(Int(32), v);
}
Expr likely(Expr e) {
    Type t = e.type();
    return Call::make(t, CallOp::likely, {std::move(e)});
}

// e, which starts in r, and which a guard around it keeps from passing the end.
Expr not_past(const Expr &e, const Range &r) {
    const Expr last = simplify(Sub::make(Add::make(r.min, r.extent), constant(1)));
    return Call::make(e.type(), CallOp::promise_clamped, {e, e, last});
}

// e, a remainder or quotient by a symbol, which lies in r although interval arithmetic does not see it.
Expr within(const Expr &e, const Range &r) {
    const Expr last = simplify(Sub::make(Add::make(r.min, r.extent), constant(1)));
    return Call::make(e.type(), CallOp::promise_clamped, {e, r.min, last});
}

class Builder {
public:
    Builder(const GraphFunc &func, int stage, const Ranges &region)
        : func_(func), stage_(func.stages[static_cast<size_t>(stage)]), is_pure_(stage_.definition == 0) {
        if (stage_.chosen.defined()) facts_.conditions.push_back(stage_.chosen);
        roots(region);
        for (const Split &s : stage_.nest.splits) before_.push_back(split_ranges(s, range_));  // in order: names may be used again
        for (const Dim &d : stage_.nest.dims) loop(d);
        for (size_t i = stage_.nest.splits.size(); i-- > 0;) values(stage_.nest.splits[i], before_[i]);
        for (const auto &[name, symbol] : root_symbols_) {
            out_.values.emplace_back(symbol, value_.at(name));
        }
        for (size_t d = 0; d < func_.dimensions(); d++) {
            out_.may_exceed.push_back(exceeds_.count(func_.function->args[d]) > 0);
        }
    }
    StageLoops take() {
        return std::move(out_);
    }

private:
    // The variables before any split: pure ones range over the region, reduction ones over the RDom.
    void roots(const Ranges &region) {
        for (size_t d = 0; d < func_.dimensions(); d++) {
            if (!stage_.is_pure_in(d)) continue;
            const std::string &name = func_.function->args[d];
            range_[name] = known(region[d]);
            root_symbols_.emplace_back(name, stage_.arg_symbols[d]);
        }
        for (const ReductionVariable &r : stage_.rvars) {
            range_[r.name] = known({r.min, r.extent});
            root_symbols_.emplace_back(r.name, r.symbol);
        }
    }

    // The range where the branch runs: a condition may say what an extent is.
    Range known(const Range &r) const {
        if (facts_.conditions.empty()) return r;
        return {simplify(r.min, facts_), simplify(r.extent, facts_)};
    }

    void loop(const Dim &d) {
        const Range r = range_.at(d.var);
        Symbol symbol = Symbol::fresh(func_.name + "." + d.var);
        out_.loops.push_back({symbol, r.min, r.extent, d.for_type, d.partition});
        value_[d.var] = raw_[d.var] = Variable::make(Int(32), symbol);
    }

    // Last split first: the old variable's value in terms of the new ones.
    void values(const Split &s, const RangesBefore &before) {
        if (s.kind == Split::Kind::Single) return;
        if (s.kind == Split::Kind::Rename) {
            value_[s.old_var] = value_.at(s.outer);
            raw_[s.old_var] = raw_.at(s.outer);
            return;
        }
        if (s.kind == Split::Kind::Fuse) {
            const Range &inner = before.inner, &outer = before.outer;
            const bool exceeds = exceeds_.count(s.old_var) > 0;
            const Expr fast = add(Mod::make(value_.at(s.old_var), inner.extent), inner.min);
            const Expr slow = add(Div::make(value_.at(s.old_var), inner.extent), outer.min);
            const Expr raw_fused = raw_.at(s.old_var);
            value_[s.inner] = within(fast, inner);
            value_[s.outer] = within(slow, outer);
            if (exceeds) {
                // The remainder stays in its range whatever is divided; the quotient goes as far as the fused loop does.
                const Interval &reach = reach_.at(s.old_var);
                const auto quotient = [&](const Expr &e) { return add(Div::make(e, inner.extent), outer.min); };
                const Interval outer_reach(quotient(reach.min), quotient(reach.max));
                value_[s.outer] = Call::make(slow.type(), CallOp::promise_clamped, {slow, outer_reach.min, outer_reach.max});
                reach_[s.outer] = outer_reach;
                exceeds_.insert(s.outer);
            }
            raw_[s.inner] = add(Mod::make(raw_fused, inner.extent), inner.min);
            raw_[s.outer] = add(Div::make(raw_fused, inner.extent), outer.min);
            return;
        }
        const Range &old = before.old;
        const Expr rest = simplify(Mod::make(old.extent, s.factor));
        const bool divides = is_const(rest, 0) || (!facts_.conditions.empty() && can_prove(EQ::make(rest, constant(0)), facts_));
        bool exceeds = exceeds_.count(s.inner) || exceeds_.count(s.outer);
        const bool guarded = !divides && s.tail == TailStrategy::GuardWithIf;
        const bool shifts = s.tail == TailStrategy::ShiftInwards || s.tail == TailStrategy::ShiftInwardsAndBlend;
        auto old_value = [&](const Expr &outer, const Expr &inner) {
            Expr start = mul(outer, s.factor);
            if (!divides && shifts) {
                start = Min::make(likely(start), simplify(Sub::make(old.extent, s.factor)));
            }
            return add(add(start, old.min), inner);
        };
        const Expr value = old_value(value_.at(s.outer), value_.at(s.inner));
        const Expr start = mul(raw_.at(s.outer), s.factor);  // one of the halves may have the old name
        raw_[s.old_var] = old_value(raw_.at(s.outer), raw_.at(s.inner));
        // Rounding up runs past the end; shifting before the start when the extent is below the factor.
        if (!divides && !guarded) {
            exceeds = true;
            harmless_tail(s, old, start);
        }
        if (guarded) {
            const Expr last = simplify(Sub::make(Add::make(old.min, old.extent), constant(1)));
            out_.guards.push_back(likely(LE::make(raw_[s.old_var], last)));
        }
        if (exceeds) reach_[s.old_var] = reach(s, old, !divides && shifts, guarded);
        // Inside of its guard, and with no part beyond its range, the old variable is in its range.
        value_[s.old_var] = guarded && !exceeds ? not_past(value, old) : value;
        if (exceeds) exceeds_.insert(s.old_var);
    }

    // The first and last value of the old variable, which its range does not tell.
    Interval reach(const Split &s, const Range &old, bool shifted, bool guarded) const {
        const auto of = [&](const std::string &name, const Expr &extent) {
            auto it = exceeds_.count(name) ? reach_.find(name) : reach_.end();
            return it != reach_.end() ? it->second : Interval(constant(0), add(extent, constant(-1)));
        };
        const Interval outer = of(s.outer, Div::make(add(old.extent, Sub::make(s.factor, constant(1))), s.factor));
        const Interval inner = of(s.inner, s.factor);
        Expr first = mul(outer.min, s.factor), last = mul(outer.max, s.factor);
        if (shifted) {
            const Expr latest = add(old.extent, mul(s.factor, constant(-1)));
            first = Min::make(first, latest);
            last = Min::make(last, latest);
        }
        first = add(add(first, inner.min), old.min);
        last = add(add(last, inner.max), old.min);
        if (guarded) last = simplify(Min::make(last, add(add(old.min, old.extent), constant(-1))));
        return {first, last};
    }

    bool comes_from_a_split(const Split &s) const {
        for (const Split *before = stage_.nest.splits.data(); before != &s; before++) {
            if (before->outer == s.old_var || before->inner == s.old_var) return true;
        }
        return false;
    }

    // What makes the iterations of the last step harmless that are not wanted: it starts at `start`, or is shifted.
    void harmless_tail(const Split &s, const Range &old, const Expr &start) {
        if (s.tail == TailStrategy::RoundUp || s.tail == TailStrategy::ShiftInwards) return;
        // A pure definition gives a point the same value again; its old value may not have been computed yet.
        const bool blends = s.tail == TailStrategy::RoundUpAndBlend || s.tail == TailStrategy::ShiftInwardsAndBlend;
        if (blends && is_pure_) return;
        out_.tails.full.push_back(simplify(LE::make(start, Sub::make(old.extent, s.factor))));
        const Expr last = simplify(Sub::make(Add::make(old.min, old.extent), constant(1)));
        const Expr inside = simplify(LE::make(raw_.at(s.old_var), last));
        switch (s.tail) {
        case TailStrategy::PredicateLoads:
            out_.tails.loads.push_back(inside);
            // A split before may bring what lies past the end back inside, where it must not be stored.
            if (comes_from_a_split(s)) out_.tails.stores.push_back(inside);
            break;
        case TailStrategy::PredicateStores: out_.tails.stores.push_back(inside); break;
        case TailStrategy::RoundUpAndBlend: out_.tails.blends.push_back(inside); break;
        case TailStrategy::ShiftInwardsAndBlend:
            out_.tails.blends.push_back(simplify(GE::make(raw_.at(s.old_var), add(start, old.min))));
            break;
        default: HEDDLE_ASSERT(false, "a tail that needs no conditions");
        }
    }

    const GraphFunc &func_;
    const GraphStage &stage_;
    const bool is_pure_;
    Facts facts_;  // of the branch
    std::map<std::string, Range> range_;
    std::vector<RangesBefore> before_;  // one per split: later ones may use its names again
    std::map<std::string, Expr> value_;
    std::map<std::string, Expr> raw_;  // the same without promises, for the guards that make them true
    std::vector<std::pair<std::string, Symbol>> root_symbols_;
    std::set<std::string> exceeds_;
    std::map<std::string, Interval> reach_;  // of those: the first and last value
    StageLoops out_;
};

}  // namespace

StageLoops stage_loops(const GraphFunc &func, int stage, const Ranges &region) {
    return Builder(func, stage, region).take();
}

}  // namespace heddle::Internal
