#include "language/derivative/expr_adjoints.h"

#include <unordered_map>

#include "heddle/operators.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"
#include "ir/text.h"
#include "language/define.h"
#include "language/parameter.h"

namespace heddle::Internal {

namespace {

class Backward {
public:
    Backward(std::string func)
        : func_(std::move(func)) {
    }

    std::vector<LeafAdjoint> run(const Expr &e, const Expr &adjoint) {
        order(e);
        add(e, adjoint);
        for (size_t i = order_.size(); i-- > 0;) {
            const auto it = adjoints_.find(order_[i].get());
            if (it != adjoints_.end()) propagate(order_[i], it->second);
        }
        return std::move(leaves_);
    }

private:
    // Children first, each node once. Deep sums are common, so this does not recurse.
    void order(const Expr &root) {
        struct Item {
            Expr e;
            bool done;
        };
        std::vector<Item> stack{{root, false}};
        std::unordered_map<const ExprNode *, bool> seen;
        while (!stack.empty()) {
            const Item item = stack.back();
            stack.pop_back();
            if (item.done) {
                order_.push_back(item.e);
                continue;
            }
            if (!seen.emplace(item.e.get(), true).second) continue;
            stack.push_back({item.e, true});
            for (const Expr &c : operands(item.e)) stack.push_back({c, false});
        }
    }

    // The operands through which a derivative may pass.
    static ExprList operands(const Expr &e) {
        if (!e.type().is_float()) return {};
        switch (e.get()->kind) {
        case NodeKind::Add: return {e.as<Add>()->a, e.as<Add>()->b};
        case NodeKind::Sub: return {e.as<Sub>()->a, e.as<Sub>()->b};
        case NodeKind::Mul: return {e.as<Mul>()->a, e.as<Mul>()->b};
        case NodeKind::Div: return {e.as<Div>()->a, e.as<Div>()->b};
        case NodeKind::Mod: return {e.as<Mod>()->a, e.as<Mod>()->b};
        case NodeKind::Min: return {e.as<Min>()->a, e.as<Min>()->b};
        case NodeKind::Max: return {e.as<Max>()->a, e.as<Max>()->b};
        case NodeKind::Select: return {e.as<Select>()->true_value, e.as<Select>()->false_value};
        case NodeKind::Cast: return {e.as<Cast>()->value};
        case NodeKind::Call: return e.as<Call>()->args;
        default: return {};
        }
    }

    void add(const Expr &e, const Expr &adjoint) {
        if (!e.type().is_float()) return;
        Expr &a = adjoints_[e.get()];
        a = a.defined() ? a + adjoint : adjoint;
    }

    // `adjoint` where the condition holds, else 0.
    static Expr where(const Expr &condition, const Expr &adjoint) {
        return select(condition, adjoint, make_zero(adjoint.type()));
    }

    void propagate(const Expr &e, const Expr &d) {
        switch (e.get()->kind) {
        case NodeKind::Access: leaves_.push_back({e, d}); return;
        case NodeKind::Variable:
            if (parameter_of(*e.as<Variable>())) leaves_.push_back({e, d});
            return;
        case NodeKind::Add:
            add(e.as<Add>()->a, d);
            add(e.as<Add>()->b, d);
            return;
        case NodeKind::Sub:
            add(e.as<Sub>()->a, d);
            add(e.as<Sub>()->b, -d);
            return;
        case NodeKind::Mul:
            add(e.as<Mul>()->a, d * e.as<Mul>()->b);
            add(e.as<Mul>()->b, d * e.as<Mul>()->a);
            return;
        case NodeKind::Div: {
            const Expr &a = e.as<Div>()->a, &b = e.as<Div>()->b;
            add(a, d / b);
            add(b, -d * a / (b * b));
            return;
        }
        case NodeKind::Mod:  // a - b * floor(a / b)
            add(e.as<Mod>()->a, d);
            add(e.as<Mod>()->b, -d * floor(e.as<Mod>()->a / e.as<Mod>()->b));
            return;
        case NodeKind::Min: {
            const Expr &a = e.as<Min>()->a, &b = e.as<Min>()->b;
            add(a, where(a <= b, d));
            add(b, where(b <= a, d));
            return;
        }
        case NodeKind::Max: {
            const Expr &a = e.as<Max>()->a, &b = e.as<Max>()->b;
            add(a, where(a >= b, d));
            add(b, where(b >= a, d));
            return;
        }
        case NodeKind::Select: {
            const Select &n = *e.as<Select>();
            add(n.true_value, where(n.condition, d));
            add(n.false_value, where(!n.condition, d));
            return;
        }
        case NodeKind::Cast: {
            const Expr &from = e.as<Cast>()->value;
            if (from.type().is_float()) add(from, cast(from.type(), d));
            return;
        }
        case NodeKind::Call: return call(e, *e.as<Call>(), d);
        default: return;  // constants
        }
    }

    void call(const Expr &e, const Call &c, const Expr &d) {
        const Type t = e.type();
        const Expr one = make_const(t, int64_t{1});
        const auto x = [&](size_t i = 0) { return c.args.at(i); };
        const auto chain = [&](const Expr &slope) { add(x(), d * slope); };
        switch (c.op) {
        case CallOp::likely:
        case CallOp::likely_if_innermost:
        case CallOp::strict_float:
        case CallOp::promise_clamped:
        case CallOp::unsafe_promise_clamped:
        case CallOp::memoize_tag: return add(x(), d);
        case CallOp::return_second:
        case CallOp::require: return add(x(1), d);
        case CallOp::if_then_else:
            add(x(1), where(x(0), d));
            if (c.args.size() > 2) add(x(2), where(!x(0), d));
            return;
        case CallOp::abs: return chain(select(x() > 0, one, -one));
        case CallOp::absd: {
            const Expr sign = select(x(0) > x(1), one, x(0) < x(1), -one, make_zero(t));
            add(x(0), d * sign);
            return add(x(1), -d * sign);
        }
        case CallOp::sqrt: return chain(one / (e * 2));
        case CallOp::exp:
        case CallOp::fast_exp: return chain(e);
        case CallOp::log:
        case CallOp::fast_log: return add(x(), d / x());
        case CallOp::sin:
        case CallOp::fast_sin: return chain(cos(x()));
        case CallOp::cos:
        case CallOp::fast_cos: return chain(-sin(x()));
        case CallOp::tan: return chain(one + e * e);
        case CallOp::asin: return chain(one / sqrt(one - x() * x()));
        case CallOp::acos: return chain(-one / sqrt(one - x() * x()));
        case CallOp::atan: return chain(one / (one + x() * x()));
        case CallOp::atan2: {
            const Expr r2 = x(0) * x(0) + x(1) * x(1);
            add(x(0), d * x(1) / r2);
            return add(x(1), -d * x(0) / r2);
        }
        case CallOp::sinh: return chain(cosh(x()));
        case CallOp::cosh: return chain(sinh(x()));
        case CallOp::tanh: return chain(one - e * e);
        case CallOp::asinh: return chain(one / sqrt(x() * x() + one));
        case CallOp::acosh: return chain(one / sqrt(x() * x() - one));
        case CallOp::atanh: return chain(one / (one - x() * x()));
        case CallOp::erf: return chain(exp(-x() * x()) * make_const(t, 1.1283791670955126));
        case CallOp::pow:
        case CallOp::fast_pow: {
            add(x(0), d * x(1) * pow(x(0), x(1) - one));
            return add(x(1), d * select(x(0) > 0, e * log(max(x(0), t.is_float() ? make_const(t, 1e-37) : one)), make_zero(t)));
        }
        case CallOp::fast_inverse: return chain(-e * e);
        case CallOp::fast_inverse_sqrt: return chain(e * e * e * make_const(t, -0.5));
        case CallOp::fma:
            add(x(0), d * x(1));
            add(x(1), d * x(0));
            return add(x(2), d);
        case CallOp::lerp:
            if (!x(2).type().is_float()) break;
            add(x(0), d * (one - cast(t, x(2))));
            add(x(1), d * cast(t, x(2)));
            return add(x(2), cast(x(2).type(), d * (x(1) - x(0))));
        case CallOp::floor:
        case CallOp::ceil:
        case CallOp::round:
        case CallOp::trunc:
        case CallOp::undef:
        case CallOp::unreachable:
        case CallOp::random: return;
        default: break;
        }
        refuse(293, func_, {}, concat("a definition of ", func_, " has ", to_string(c.op), ", whose derivative is not known"));
    }

    std::string func_;
    ExprList order_;
    std::unordered_map<const ExprNode *, Expr> adjoints_;
    std::vector<LeafAdjoint> leaves_;
};

}  // namespace

std::vector<LeafAdjoint> leaf_adjoints(const Expr &e, const Expr &adjoint, const std::string &func) {
    return Backward(func).run(substitute_in_all_lets(e), adjoint);
}

}  // namespace heddle::Internal
