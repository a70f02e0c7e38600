#include "analysis/monotonic.h"

#include <unordered_map>

#include "analysis/constant_bounds.h"
#include "analysis/simplify.h"
#include "ir/substitute.h"

namespace heddle::Internal {

const char *to_string(Direction d) {
    switch (d) {
    case Direction::Constant: return "constant";
    case Direction::Increasing: return "increasing";
    case Direction::Decreasing: return "decreasing";
    case Direction::Unknown: return "unknown";
    }
    return "";
}

namespace {

Direction flip(Direction d) {
    if (d == Direction::Increasing) return Direction::Decreasing;
    if (d == Direction::Decreasing) return Direction::Increasing;
    return d;
}

// Of a sum, minimum or maximum of two.
Direction join(Direction a, Direction b) {
    if (a == Direction::Constant) return b;
    if (b == Direction::Constant || a == b) return a;
    return Direction::Unknown;
}

class Directions {
public:
    explicit Directions(const Symbol &symbol)
        : symbol_(symbol), known_(facts_) {
    }

    Direction operator()(const Expr &e) {
        auto it = memo_.find(e.get());
        if (it != memo_.end()) return it->second.second;
        const Direction d = visit(e);
        memo_.emplace(e.get(), std::make_pair(e, d));
        return d;
    }

private:
    Direction constant_or_unknown(const Expr &e) const {
        return uses(e, symbol_) ? Direction::Unknown : Direction::Constant;
    }
    Direction signed_by(Direction d, const Expr &factor) {
        if (d == Direction::Constant) return d;
        double f = 0;
        const ConstBounds b = known_.bounds(factor);
        if ((b.min && *b.min >= 0) || (as_const_float(factor, &f) && f > 0)) return d;
        if ((b.max && *b.max <= 0) || (as_const_float(factor, &f) && f < 0)) return flip(d);
        return Direction::Unknown;
    }
    Direction sum(const Expr &e) {
        LinearForm form;
        as_linear(e, &form);
        Direction d = Direction::Constant;
        for (const auto &t : form.terms) {
            const Direction term = (*this)(t.atom);
            d = join(d, t.coefficient < 0 ? flip(term) : term);
        }
        return d;
    }
    // a < b and a <= b fall as a grows.
    Direction less(const Expr &a, const Expr &b) {
        if (no_overflow(a.type())) return flip((*this)(simplify(Sub::make(a, b))));
        return join(flip((*this)(a)), (*this)(b));
    }
    Direction select(const Expr &c, const Expr &a, const Expr &b) {
        const Direction branches = join((*this)(a), (*this)(b)), condition = (*this)(c);
        if (condition == Direction::Constant) return branches;
        if (condition == Direction::Unknown || branches == Direction::Unknown) return Direction::Unknown;
        if (!no_overflow(a.type())) return Direction::Unknown;
        // The switch from one branch to the other must go the same way.
        const bool later_first = condition == Direction::Increasing;
        const Expr &before = later_first ? b : a, &after = later_first ? a : b;
        auto proved = [](const Expr &e) { return is_const_true(simplify(e)); };
        if (branches != Direction::Decreasing && proved(LE::make(before, after))) return Direction::Increasing;
        if (branches != Direction::Increasing && proved(LE::make(after, before))) return Direction::Decreasing;
        return Direction::Unknown;
    }
    Direction call(const Call &c, const Expr &e) {
        switch (c.op) {
        case CallOp::likely:
        case CallOp::likely_if_innermost:
        case CallOp::floor:
        case CallOp::ceil:
        case CallOp::trunc:
        case CallOp::round: return (*this)(c.args[0]);
        case CallOp::promise_clamped:
        case CallOp::unsafe_promise_clamped: {
            const bool fixed = (*this)(c.args[1]) == Direction::Constant && (*this)(c.args[2]) == Direction::Constant;
            return fixed ? (*this)(c.args[0]) : Direction::Unknown;
        }
        case CallOp::shift_right: {
            const ConstBounds by = known_.bounds(c.args[1]);
            if ((*this)(c.args[1]) == Direction::Constant && by.min && *by.min >= 0) return (*this)(c.args[0]);
            return constant_or_unknown(e);
        }
        default: return is_pure(c.op) ? constant_or_unknown(e) : Direction::Unknown;
        }
    }

    Direction visit(const Expr &e) {
        const Type t = e.type();
        switch (e.get()->kind) {
        case NodeKind::Variable:
            return e.as<Variable>()->symbol == symbol_ ? Direction::Increasing : Direction::Constant;
        case NodeKind::Add:
        case NodeKind::Sub:
            if (no_overflow(t)) return sum(e);
            if (!t.is_float()) return constant_or_unknown(e);
            if (const auto *add = e.as<Add>()) return join((*this)(add->a), (*this)(add->b));
            return join((*this)(e.as<Sub>()->a), flip((*this)(e.as<Sub>()->b)));
        case NodeKind::Mul: {
            const auto *m = e.as<Mul>();
            const Direction a = (*this)(m->a), b = (*this)(m->b);
            if (a == Direction::Constant && b == Direction::Constant) return a;
            if (!no_overflow(t) && !t.is_float()) return Direction::Unknown;
            if (a == Direction::Constant) return signed_by(b, m->a);
            if (b == Direction::Constant) return signed_by(a, m->b);
            return join(signed_by(a, m->b), signed_by(b, m->a));
        }
        case NodeKind::Div: {
            const auto *d = e.as<Div>();
            const Direction a = (*this)(d->a), b = (*this)(d->b);
            if (a == Direction::Constant && b == Direction::Constant) return a;
            if (b == Direction::Constant) return signed_by(a, d->b);
            return Direction::Unknown;
        }
        case NodeKind::Min: return join((*this)(e.as<Min>()->a), (*this)(e.as<Min>()->b));
        case NodeKind::Max: return join((*this)(e.as<Max>()->a), (*this)(e.as<Max>()->b));
        case NodeKind::LT: return less(e.as<LT>()->a, e.as<LT>()->b);
        case NodeKind::LE: return less(e.as<LE>()->a, e.as<LE>()->b);
        case NodeKind::GT: return less(e.as<GT>()->b, e.as<GT>()->a);
        case NodeKind::GE: return less(e.as<GE>()->b, e.as<GE>()->a);
        case NodeKind::And: return join((*this)(e.as<And>()->a), (*this)(e.as<And>()->b));
        case NodeKind::Or: return join((*this)(e.as<Or>()->a), (*this)(e.as<Or>()->b));
        case NodeKind::Not: return flip((*this)(e.as<Not>()->a));
        case NodeKind::Select: {
            const auto *s = e.as<Select>();
            return select(s->condition, s->true_value, s->false_value);
        }
        case NodeKind::Cast: {
            const Expr &v = e.as<Cast>()->value;
            const Type from = v.type();
            const bool ordered = t.can_represent(from) || (no_overflow(t) && (no_overflow(from) || from.is_float())) || t.is_float();
            return ordered && !from.is_handle() ? (*this)(v) : constant_or_unknown(e);
        }
        case NodeKind::Let: {
            const auto *let = e.as<Let>();
            return (*this)(substitute(let->symbol, let->value, let->body));
        }
        case NodeKind::Broadcast: return (*this)(e.as<Broadcast>()->value);
        case NodeKind::Ramp: return join((*this)(e.as<Ramp>()->base), (*this)(e.as<Ramp>()->stride));
        case NodeKind::Call: return call(*e.as<Call>(), e);
        default: return constant_or_unknown(e);
        }
    }

    Symbol symbol_;
    Facts facts_;
    Knowledge known_;
    std::unordered_map<const ExprNode *, std::pair<Expr, Direction>> memo_;
};

}  // namespace

Direction direction_of(const Expr &e, const Symbol &symbol) {
    return Directions(symbol)(simplify(substitute_in_all_lets(e)));
}

}  // namespace heddle::Internal
