#include "schedule/race.h"

#include <optional>

#include "ir/compare.h"
#include "ir/rewrite.h"
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

enum class Op { Add, Mul, Min, Max, And, Or, BitAnd, BitOr, BitXor, SaturatingAdd };

bool same_place(const Access &a, const Function &f, const ExprList &place, size_t value_index) {
    if (a.buffer != f.symbol || a.value_index != static_cast<int>(value_index)) return false;
    for (size_t i = 0; i < place.size(); i++) {
        if (!equal(a.args[i], place[i])) return false;
    }
    return true;
}

// What an expression that contains the old value once is made of.
class Combination {
public:
    Combination(const Function &f, const Definition &def, size_t value_index)
        : f_(f),
          def_(def),
          index_(value_index) {
    }

    // Whether e is old, or op applied to old and to things that do not read f, with one and the same op.
    bool is_one(const Expr &e) {
        if (const Access *a = e.as<Access>()) return same_place(*a, f_, def_.args, index_);
        if (const Add *n = e.as<Add>()) return either(Op::Add, n->a, n->b);
        if (const Sub *n = e.as<Sub>())
            return allow(Op::Add) && !reads(n->b, f_.symbol) && is_one(n->a);
        if (const Mul *n = e.as<Mul>()) return either(Op::Mul, n->a, n->b);
        if (const Min *n = e.as<Min>()) return either(Op::Min, n->a, n->b);
        if (const Max *n = e.as<Max>()) return either(Op::Max, n->a, n->b);
        if (const And *n = e.as<And>()) return either(Op::And, n->a, n->b);
        if (const Or *n = e.as<Or>()) return either(Op::Or, n->a, n->b);
        if (const Call *n = e.as<Call>(); n && n->args.size() == 2) {
            switch (n->op) {
            case CallOp::bitwise_and: return either(Op::BitAnd, n->args[0], n->args[1]);
            case CallOp::bitwise_or: return either(Op::BitOr, n->args[0], n->args[1]);
            case CallOp::bitwise_xor: return either(Op::BitXor, n->args[0], n->args[1]);
            // Saturation from below and from above do not commute: unsigned sums only.
            case CallOp::saturating_add:
                return e.type().is_uint() && either(Op::SaturatingAdd, n->args[0], n->args[1]);
            default: return false;
            }
        }
        return is_wrapped(e);
    }

private:
    // One operation throughout: min(old + a, b) is no reduction.
    bool allow(Op op) {
        if (op_ && *op_ != op) return false;
        op_ = op;
        return true;
    }
    bool either(Op op, const Expr &a, const Expr &b) {
        if (!allow(op)) return false;
        if (!reads(b, f_.symbol)) return is_one(a);
        if (!reads(a, f_.symbol)) return is_one(b);
        return false;
    }
    // A narrow integer sum that was written in wider integers: (narrow)((wide)old + a) wraps to the same
    // value in any order.
    bool is_wrapped(const Expr &e) {
        const Cast *narrow = e.as<Cast>();
        if (!narrow || !e.type().is_int_or_uint() || !narrow->value.type().is_int_or_uint())
            return false;
        if (e.type().is_bool()) return false;
        if (narrow->value.type().bits() < e.type().bits()) {
            // The cast that widens old is the end of the walk.
            const Access *a = narrow->value.as<Access>();
            return in_narrow_ && a && same_place(*a, f_, def_.args, index_);
        }
        if (in_narrow_) return false;
        in_narrow_ = true;
        return is_one(narrow->value) && (!op_ || *op_ == Op::Add || *op_ == Op::Mul);
    }

    const Function &f_;
    const Definition &def_;
    size_t index_;
    std::optional<Op> op_;
    bool in_narrow_ = false;
};

}  // namespace

DimKind kind_of_rvar(const Function &f, int stage, size_t i) {
    const Definition &def = f.stage(stage);
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

bool any_order_serves(const Function &f, int stage) {
    const Definition &def = f.stage(stage);
    for (const Expr &a : def.args) {
        if (reads(a, f.symbol)) return false;
    }
    if (def.predicate.defined() && reads(def.predicate, f.symbol)) return false;
    for (size_t i = 0; i < def.values.size(); i++) {
        const Expr &value = def.values[i];
        const Access *old = value.as<Access>();
        if (old && same_place(*old, f, def.args, i)) continue;  // the value is kept
        const bool reads_f = reads(value, f.symbol);
        // Several different constants in one iteration: which one stays depends on the order.
        const bool constant = !reads_f && !has_scatter(value) && (!def.rdom || !uses_any_rvar(value, *def.rdom));
        if (constant) continue;
        if (!reads_f || !Combination(f, def, i).is_one(value)) return false;
    }
    return true;
}

}  // namespace heddle::Internal
