#include "analysis/associativity.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "analysis/polynomial.h"
#include "ir/compare.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

namespace {

// Which of the symbols an expression depends on, as a set of bits; each shared node is looked at once.
class Dependence final : public Walker {
public:
    explicit Dependence(const std::vector<Symbol> &symbols) {
        for (size_t i = 0; i < symbols.size(); i++) bits_[symbols[i]] = uint64_t{1} << i;
    }
    uint64_t of(const Expr &e) const {
        if (auto it = memo_.find(e.get()); it != memo_.end()) {
            found_ |= it->second;
            return it->second;
        }
        const uint64_t around = found_;
        found_ = 0;
        if (const Variable *v = e.as<Variable>()) {
            auto it = bits_.find(v->symbol);
            found_ = it == bits_.end() ? 0 : it->second;
        } else {
            children(*e.get());
        }
        const uint64_t result = found_;
        memo_.emplace(e.get(), result);
        found_ = around | result;
        return result;
    }
    void operator()(const Expr &e) const override {
        if (e.defined()) of(e);
    }
    void operator()(const Stmt &) const override {
    }

private:
    std::unordered_map<Symbol, uint64_t> bits_;
    mutable std::unordered_map<const ExprNode *, uint64_t> memo_;
    mutable uint64_t found_ = 0;
};

bool is_call(const Expr &e, CallOp op) {
    const Call *c = e.as<Call>();
    return c && c->op == op;
}

bool is_variable(const Expr &e, const Symbol &s) {
    const Variable *v = e.as<Variable>();
    return v && v->symbol == s;
}

// --- one value on its own

enum class Op { Add, Mul, Min, Max, And, Or, BitAnd, BitOr, BitXor, SaturatingAdd };

Expr apply(Op op, const Expr &a, const Expr &b) {
    const Type t = a.type();
    switch (op) {
    case Op::Add: return Add::make(a, b);
    case Op::Mul: return Mul::make(a, b);
    case Op::Min: return Min::make(a, b);
    case Op::Max: return Max::make(a, b);
    case Op::And: return And::make(a, b);
    case Op::Or: return Or::make(a, b);
    case Op::BitAnd: return Call::make(t, CallOp::bitwise_and, {a, b});
    case Op::BitOr: return Call::make(t, CallOp::bitwise_or, {a, b});
    case Op::BitXor: return t.is_bool() ? NE::make(a, b) : Call::make(t, CallOp::bitwise_xor, {a, b});
    case Op::SaturatingAdd: return Call::make(t, CallOp::saturating_add, {a, b});
    }
    return Expr();
}

Expr extreme(Type t, bool greatest) {
    const Type element = t.element_of();
    const double infinity = std::numeric_limits<double>::infinity();
    Expr e;
    if (t.is_float()) {
        e = make_const(element, greatest ? infinity : -infinity);
    } else {
        e = greatest ? element.max() : element.min();
    }
    return t.is_vector() ? Broadcast::make(e, t.lanes()) : e;
}

Expr identity_of(Op op, Type t) {
    switch (op) {
    case Op::Add:
    case Op::Or:
    case Op::BitOr:
    case Op::BitXor:
    case Op::SaturatingAdd: return make_zero(t);
    case Op::Mul:
    case Op::And: return make_one(t);
    case Op::Min: return extreme(t, true);
    case Op::Max: return extreme(t, false);
    case Op::BitAnd: return t.is_uint() ? extreme(t, true) : make_const(t, int64_t{-1});
    }
    return Expr();
}

std::optional<ReduceOp> reduce_op(Op op) {
    switch (op) {
    case Op::Add: return ReduceOp::Add;
    case Op::Mul: return ReduceOp::Mul;
    case Op::Min: return ReduceOp::Min;
    case Op::Max: return ReduceOp::Max;
    case Op::And: return ReduceOp::And;
    case Op::Or: return ReduceOp::Or;
    case Op::SaturatingAdd: return ReduceOp::SaturatingAdd;
    case Op::BitAnd:
    case Op::BitOr:
    case Op::BitXor: break;
    }
    return {};
}

// Reads e as `x op y` with one and the same op throughout.
class OneOperation {
public:
    OneOperation(const Symbol &x, Type type, const Dependence &depends)
        : x_(x), type_(type), depends_(depends) {
    }

    // *y stays undefined when e is just x.
    bool match(const Expr &e, Expr *y) {
        if (is_x(e) || is_call(e, CallOp::undef)) return true;
        switch (e.get()->kind) {
        case NodeKind::Add: return either(Op::Add, e.as<Add>()->a, e.as<Add>()->b, y);
        case NodeKind::Mul: return either(Op::Mul, e.as<Mul>()->a, e.as<Mul>()->b, y);
        case NodeKind::Min: return either(Op::Min, e.as<Min>()->a, e.as<Min>()->b, y);
        case NodeKind::Max: return either(Op::Max, e.as<Max>()->a, e.as<Max>()->b, y);
        case NodeKind::And: return either(Op::And, e.as<And>()->a, e.as<And>()->b, y);
        case NodeKind::Or: return either(Op::Or, e.as<Or>()->a, e.as<Or>()->b, y);
        case NodeKind::Sub: return difference(e.as<Sub>()->a, e.as<Sub>()->b, y);
        case NodeKind::NE: return e.as<NE>()->a.type().is_bool() && either(Op::BitXor, e.as<NE>()->a, e.as<NE>()->b, y);
        case NodeKind::Not: return and_then(Op::BitXor, e.as<Not>()->a, const_true(e.type().lanes()), y);
        case NodeKind::Select: {
            const Select *n = e.as<Select>();
            return choice(n->condition, n->true_value, n->false_value, y);
        }
        case NodeKind::Cast: return narrowed(*e.as<Cast>(), y);
        case NodeKind::Call: return call(*e.as<Call>(), y);
        default: return false;
        }
    }
    const std::optional<Op> &op() const {
        return op_;
    }

private:
    bool is_x(const Expr &e) const {
        if (is_variable(e, x_)) return !narrowing_;
        // In a sum that is narrowed at its end, x was widened at its start.
        const Cast *c = e.as<Cast>();
        return narrowing_ && c && is_variable(c->value, x_) && c->type.is_int_or_uint() && c->type.bits() >= type_.bits();
    }
    bool allow(Op op) {
        if (op_ && *op_ != op) return false;
        op_ = op;
        return true;
    }
    // e is (x op ...) op more.
    bool and_then(Op op, const Expr &e, const Expr &more, Expr *y) {
        if (!allow(op) || !match(e, y)) return false;
        *y = y->defined() ? apply(op, *y, more) : more;
        return true;
    }
    bool either(Op op, const Expr &a, const Expr &b, Expr *y) {
        if (!depends_.of(b)) return and_then(op, a, b, y);
        if (!depends_.of(a)) return and_then(op, b, a, y);
        return false;
    }
    bool difference(const Expr &a, const Expr &b, Expr *y) {
        if (depends_.of(b) || !allow(Op::Add) || !match(a, y)) return false;
        *y = Sub::make(y->defined() ? *y : make_zero(b.type()), b);
        return true;
    }
    // Some steps leave x alone, or take different operands.
    bool choice(const Expr &condition, const Expr &yes, const Expr &no, Expr *y) {
        if (depends_.of(condition)) return false;
        Expr a, b;
        if (!match(yes, &a) || !match(no, &b)) return false;
        if (!a.defined() && !b.defined()) return true;
        const Type t = a.defined() ? a.type() : b.type();
        if (!a.defined()) a = identity_of(*op_, t);
        if (!b.defined()) b = identity_of(*op_, t);
        *y = Select::make(condition, a, b);
        return true;
    }
    bool call(const Call &n, Expr *y) {
        if (n.args.size() == 3 && n.op == CallOp::if_then_else) return choice(n.args[0], n.args[1], n.args[2], y);
        if (n.op == CallOp::bitwise_not) return and_then(Op::BitXor, n.args[0], identity_of(Op::BitAnd, n.type), y);
        if (n.args.size() != 2) return false;
        const Expr &a = n.args[0], &b = n.args[1];
        const Op bit_and = n.type.is_bool() ? Op::And : Op::BitAnd, bit_or = n.type.is_bool() ? Op::Or : Op::BitOr;
        switch (n.op) {
        case CallOp::bitwise_and: return either(bit_and, a, b, y);
        case CallOp::bitwise_or: return either(bit_or, a, b, y);
        case CallOp::bitwise_xor: return either(Op::BitXor, a, b, y);
        // Saturation from below and from above do not commute: unsigned sums only.
        case CallOp::saturating_add: return n.type.is_uint() && !narrowing_ && either(Op::SaturatingAdd, a, b, y);
        case CallOp::widen_right_add: return !depends_.of(b) && and_then(Op::Add, a, Cast::make(n.type, b), y);
        case CallOp::widen_right_mul: return !depends_.of(b) && and_then(Op::Mul, a, Cast::make(n.type, b), y);
        case CallOp::widen_right_sub: return !depends_.of(b) && difference(a, Cast::make(n.type, b), y);
        default: return false;
        }
    }
    // (narrow)((wide)x + a): wrapping at the end is the same as wrapping all the time. And
    // (narrow)min((wide)x + (wide)a, limit of narrow) is a saturating sum.
    bool narrowed(const Cast &n, Expr *y) {
        const Type wide = n.value.type();
        if (narrowing_ || !n.type.is_int_or_uint() || !wide.is_int_or_uint() || n.type.is_bool() || wide.is_bool()) return false;
        if (n.type.bits() != type_.bits() || wide.bits() < type_.bits()) return false;
        if (saturating(n, y)) return true;
        narrowing_ = true;
        Expr inner;
        const bool found = match(n.value, &inner);
        narrowing_ = false;
        if (!found) return false;
        const bool wraps = !op_ || *op_ == Op::Add || *op_ == Op::Mul || *op_ == Op::BitAnd || *op_ == Op::BitOr || *op_ == Op::BitXor;
        if (wraps && inner.defined()) *y = Cast::make(n.type, inner);
        return wraps;
    }
    bool saturating(const Cast &n, Expr *y) {
        const Min *m = n.value.as<Min>();
        const Add *sum = m ? m->a.as<Add>() : nullptr;
        int64_t limit = 0;
        if (!sum || !n.type.is_uint() || n.type.bits() >= 32 || sum->type.bits() <= n.type.bits()) return false;
        if (!as_const_int(m->b, &limit) || limit != (int64_t{1} << n.type.bits()) - 1) return false;
        for (const auto &[x, more] : {std::pair(sum->a, sum->b), std::pair(sum->b, sum->a)}) {
            const Cast *widened = x.as<Cast>(), *other = more.as<Cast>();
            if (!widened || !other || !is_variable(widened->value, x_) || depends_.of(more)) continue;
            if (other->value.type() != n.type || !allow(Op::SaturatingAdd)) continue;
            *y = other->value;
            return true;
        }
        return false;
    }

    const Symbol &x_;
    Type type_;
    const Dependence &depends_;
    std::optional<Op> op_;
    bool narrowing_ = false;
};

// --- the best, and what belongs to it

// `x where key is better than (or as good as) rival, else other`.
struct Choice {
    NodeKind better;  // LT, LE, GT, GE between the key and its rival: where it holds, x stays
    Expr rival, other;
};

Expr comparison(NodeKind kind, const Expr &a, const Expr &b) {
    switch (kind) {
    case NodeKind::LT: return LT::make(a, b);
    case NodeKind::LE: return LE::make(a, b);
    case NodeKind::GT: return GT::make(a, b);
    default: return GE::make(a, b);
    }
}
NodeKind mirrored(NodeKind k) {
    return k == NodeKind::LT ? NodeKind::GT : k == NodeKind::LE ? NodeKind::GE : k == NodeKind::GT ? NodeKind::LT : NodeKind::LE;
}
NodeKind negated(NodeKind k) {
    return k == NodeKind::LT ? NodeKind::GE : k == NodeKind::LE ? NodeKind::GT : k == NodeKind::GT ? NodeKind::LE : NodeKind::LT;
}
bool wants_small(NodeKind k) {
    return k == NodeKind::LT || k == NodeKind::LE;
}

template<typename N>
bool as_comparison(const Expr &e, Expr *a, Expr *b, NodeKind *kind) {
    const N *n = e.as<N>();
    if (!n) return false;
    *a = n->a;
    *b = n->b;
    *kind = N::static_kind;
    return true;
}

class BestOf {
public:
    BestOf(const std::vector<Symbol> &x, const Dependence &depends)
        : x_(x), depends_(depends) {
    }

    // The joined elements `members` of values, whose key is `key`.
    bool match(const ExprList &values, const std::vector<size_t> &members, size_t key, AssociativeStep &step) const {
        const Type t = values[key].type();
        const Expr x = Variable::make(t, x_[key]), y = Variable::make(t, step.elements[key].y);
        bool small = false;
        Expr rival, op;
        if (const Min *m = values[key].as<Min>(); m && rival_of(m->a, m->b, key, &rival)) {
            small = true;
            op = Min::make(x, y);
        } else if (const Max *n = values[key].as<Max>(); n && rival_of(n->a, n->b, key, &rival)) {
            op = Max::make(x, y);
        } else if (std::optional<Choice> c = choice(values[key], key, key); c && equal(c->rival, c->other)) {
            small = wants_small(c->better);
            rival = c->rival;
            op = Select::make(comparison(c->better, x, y), x, y);
        } else {
            return false;
        }
        std::vector<std::pair<size_t, Choice>> payloads;
        for (size_t i : members) {
            if (i == key) continue;
            std::optional<Choice> c = choice(values[i], key, i);
            if (!c || wants_small(c->better) != small || !equal(c->rival, rival)) return false;
            payloads.emplace_back(i, *c);
        }
        for (const auto &[i, c] : payloads) {
            AssociativeStep::Element &e = step.elements[i];
            const Type own = values[i].type();
            e.op = Select::make(comparison(c.better, x, y), Variable::make(own, e.x), Variable::make(own, e.y));
            e.identity = make_zero(own);
            e.operand = c.other;
        }
        step.elements[key].op = op;
        step.elements[key].identity = extreme(t, small);
        step.elements[key].operand = rival;
        return true;
    }

private:
    bool rival_of(const Expr &a, const Expr &b, size_t key, Expr *rival) const {
        const bool first = is_variable(a, x_[key]);
        if (!first && !is_variable(b, x_[key])) return false;
        *rival = first ? b : a;
        return !depends_.of(*rival);
    }
    std::optional<Choice> choice(const Expr &e, size_t key, size_t element) const {
        const Select *s = e.as<Select>();
        if (!s) return {};
        Expr condition = s->condition, yes = s->true_value, no = s->false_value;
        while (const Not *n = condition.as<Not>()) {
            condition = n->a;
            std::swap(yes, no);
        }
        Expr a, b;
        Choice c{};
        if (!as_comparison<LT>(condition, &a, &b, &c.better) && !as_comparison<LE>(condition, &a, &b, &c.better) &&
            !as_comparison<GT>(condition, &a, &b, &c.better) && !as_comparison<GE>(condition, &a, &b, &c.better)) {
            return {};
        }
        if (!is_variable(a, x_[key])) {
            std::swap(a, b);
            c.better = mirrored(c.better);
        }
        if (!is_variable(a, x_[key]) || depends_.of(b)) return {};
        const auto stays = [&](const Expr &v) { return is_variable(v, x_[element]) || is_call(v, CallOp::undef); };
        if (!stays(yes)) {
            std::swap(yes, no);
            c.better = negated(c.better);
        }
        if (!stays(yes) || depends_.of(no)) return {};
        c.rival = b;
        c.other = no;
        return c;
    }

    const std::vector<Symbol> &x_;
    const Dependence &depends_;
};

// --- joint polynomials

class JointPolynomials {
public:
    JointPolynomials(const ExprList &values, const std::vector<size_t> &members, const Dependence &depends)
        : values_(values), members_(members), depends_(depends) {
    }

    bool match(AssociativeStep &step) {
        const Type t = values_[members_[0]].type();
        for (size_t i : members_) {
            if (values_[i].type() != t || t.is_bool()) return false;
        }
        // The largest parts that do not depend on any x are the operands, in some order.
        std::vector<Symbol> names;
        for (size_t k = 0; k < members_.size(); k++) names.push_back(step.elements[members_[k]].y);
        order_ = names;
        if (order_.size() > 4) return false;
        ExprList parts;
        for (size_t i : members_) {
            if (!collect(values_[i], parts)) return false;
        }
        if (parts.size() != members_.size()) return false;
        std::sort(order_.begin(), order_.end());
        do {
            std::vector<Polynomial> ops;
            ExprList exprs;
            for (size_t i : members_) {
                exprs.push_back(with_names(values_[i], parts));
                std::optional<Polynomial> p = Polynomial::of(exprs.back());
                if (!p) return false;
                ops.push_back(*p);
            }
            if (associates(step, ops, names, exprs, parts)) return true;
        } while (std::next_permutation(order_.begin(), order_.end()));
        return false;
    }

private:
    bool collect(const Expr &e, ExprList &parts) const {
        if (!depends_.of(e)) {
            if (is_const(e)) return true;
            for (const Expr &p : parts) {
                if (equal(p, e)) return true;
            }
            parts.push_back(e);
            return parts.size() <= members_.size();
        }
        if (e.as<Variable>()) return true;
        const auto both = [&](const auto *n) { return n && collect(n->a, parts) && collect(n->b, parts); };
        return both(e.as<Add>()) || both(e.as<Sub>()) || both(e.as<Mul>());
    }
    Expr with_names(const Expr &e, const ExprList &parts) const {
        if (!depends_.of(e)) {
            for (size_t k = 0; k < parts.size(); k++) {
                if (equal(parts[k], e)) return Variable::make(e.type(), order_[k]);
            }
            return e;
        }
        if (const Add *n = e.as<Add>()) return Add::make(with_names(n->a, parts), with_names(n->b, parts));
        if (const Sub *n = e.as<Sub>()) return Sub::make(with_names(n->a, parts), with_names(n->b, parts));
        if (const Mul *n = e.as<Mul>()) return Mul::make(with_names(n->a, parts), with_names(n->b, parts));
        return e;
    }
    bool associates(AssociativeStep &step, const std::vector<Polynomial> &ops, const std::vector<Symbol> &names,
                    const ExprList &exprs, const ExprList &parts) const {
        const size_t n = members_.size();
        Polynomial::Map left, right, swapped;  // op(op(x, y), z), op(x, op(y, z)), op(y, x)
        std::vector<Symbol> z;
        for (size_t k = 0; k < n; k++) z.push_back(Symbol::fresh("z"));
        Polynomial::Map y_to_z, shifted;  // x, y become y, z
        for (size_t k = 0; k < n; k++) {
            const Symbol &x = step.elements[members_[k]].x;
            shifted.emplace(x, Polynomial::symbol(names[k]));
            shifted.emplace(names[k], Polynomial::symbol(z[k]));
            swapped.emplace(x, Polynomial::symbol(names[k]));
            swapped.emplace(names[k], Polynomial::symbol(x));
        }
        for (size_t k = 0; k < n; k++) {
            const Symbol &x = step.elements[members_[k]].x;
            const std::optional<Polynomial> later = ops[k].substituted(shifted);
            if (!later) return false;
            left.emplace(x, ops[k]);
            left.emplace(names[k], Polynomial::symbol(z[k]));
            right.emplace(names[k], *later);
        }
        bool commutes = true;
        for (size_t k = 0; k < n; k++) {
            const std::optional<Polynomial> a = ops[k].substituted(left), b = ops[k].substituted(right);
            if (!a || !b || !(*a == *b)) return false;
            commutes &= ops[k].substituted(swapped) == ops[k];
        }
        std::vector<int64_t> identity;
        if (!find_identity(step, ops, names, identity)) return false;
        for (size_t k = 0; k < n; k++) {
            AssociativeStep::Element &e = step.elements[members_[k]];
            e.op = exprs[k];
            e.identity = make_const(exprs[k].type(), identity[k]);
            const auto part = std::find(order_.begin(), order_.end(), names[k]) - order_.begin();
            e.operand = parts[static_cast<size_t>(part)];
        }
        step.commutative &= commutes;
        return true;
    }
    bool find_identity(const AssociativeStep &step, const std::vector<Polynomial> &ops,
                       const std::vector<Symbol> &names, std::vector<int64_t> &found) const {
        const size_t n = members_.size();
        size_t combinations = 1;
        for (size_t k = 0; k < n; k++) combinations *= 3;
        for (size_t c = 0; c < combinations; c++) {
            Polynomial::Map map, other_side;
            found.clear();
            size_t rest = c;
            for (size_t k = 0; k < n; k++, rest /= 3) {
                const int64_t value = rest % 3 == 2 ? -1 : static_cast<int64_t>(rest % 3);
                found.push_back(value);
                map.emplace(step.elements[members_[k]].x, Polynomial::constant(value));
                other_side.emplace(names[k], Polynomial::constant(value));
            }
            bool fits = true;
            for (size_t k = 0; k < n && fits; k++) {
                fits = ops[k].substituted(map) == Polynomial::symbol(names[k]) &&
                       ops[k].substituted(other_side) == Polynomial::symbol(step.elements[members_[k]].x);
            }
            if (fits) return true;
        }
        return false;
    }

    const ExprList &values_;
    const std::vector<size_t> &members_;
    const Dependence &depends_;
    std::vector<Symbol> order_;  // order_[k] is the name of part k
};

// --- all together

class Prover {
public:
    Prover(const ExprList &values, const std::vector<Symbol> &x)
        : x_(x), depends_(x) {
        for (const Expr &e : values) values_.push_back(substitute_in_all_lets(e));
    }

    bool prove(AssociativeStep &step) {
        if (values_.size() > 64) return false;
        for (size_t i = 0; i < values_.size(); i++) {
            AssociativeStep::Element e;
            e.x = x_[i];
            e.y = Symbol::fresh(x_[i].name() + ".y");
            step.elements.push_back(e);
        }
        std::vector<bool> done(values_.size(), false);
        std::vector<std::vector<size_t>> known;
        std::vector<size_t> rest;
        for (size_t i = 0; i < values_.size(); i++) {
            if (done[i]) continue;
            const std::vector<size_t> members = joined_with(i);
            for (size_t m : members) done[m] = true;
            if (group(members, step)) {
                known.push_back(members);
            } else {
                rest.insert(rest.end(), members.begin(), members.end());
            }
        }
        return rest.empty() || with_others(rest, known, step);
    }

private:
    // All elements that i depends on or that depend on it, and so on.
    std::vector<size_t> joined_with(size_t i) const {
        uint64_t set = uint64_t{1} << i, before = 0;
        while (set != before) {
            before = set;
            for (size_t k = 0; k < values_.size(); k++) {
                const uint64_t own = depends_.of(values_[k]) | uint64_t{1} << k;
                if (own & set) set |= own;
            }
        }
        std::vector<size_t> members;
        for (size_t k = 0; k < values_.size(); k++) {
            if (set >> k & 1) members.push_back(k);
        }
        return members;
    }
    // Values that do not depend on others may share operands with them: maps x -> a*x + b are (a, b), where each of
    // a and b changes without the other. So what is no operation alone is tried together with some of the others.
    bool with_others(const std::vector<size_t> &rest, const std::vector<std::vector<size_t>> &known,
                     AssociativeStep &step) const {
        if (known.size() > 4) return false;
        for (size_t subset = 0; subset < size_t{1} << known.size(); subset++) {
            std::vector<size_t> members = rest;
            for (size_t k = 0; k < known.size(); k++) {
                if (subset >> k & 1) members.insert(members.end(), known[k].begin(), known[k].end());
            }
            std::sort(members.begin(), members.end());
            if (!JointPolynomials(values_, members, depends_).match(step)) continue;
            for (size_t m : members) step.elements[m].reduce = {};
            return true;
        }
        return false;
    }
    bool group(const std::vector<size_t> &members, AssociativeStep &step) {
        if (members.size() == 1 && single(members[0], step)) return true;
        const BestOf best(x_, depends_);
        for (size_t key : members) {
            if (best.match(values_, members, key, step)) return true;
        }
        return JointPolynomials(values_, members, depends_).match(step);
    }
    bool single(size_t i, AssociativeStep &step) const {
        const Type t = values_[i].type();
        AssociativeStep::Element &e = step.elements[i];
        OneOperation one(e.x, t, depends_);
        Expr y;
        const bool reads = depends_.of(values_[i]) != 0 || is_call(values_[i], CallOp::undef);
        if (!reads || !one.match(values_[i], &y)) return false;
        const Expr x = Variable::make(t, e.x);
        e.op = y.defined() ? apply(*one.op(), x, Variable::make(t, e.y)) : x;
        e.identity = y.defined() ? identity_of(*one.op(), t) : make_zero(t);
        e.operand = y;
        if (y.defined()) e.reduce = reduce_op(*one.op());
        return true;
    }

    const std::vector<Symbol> &x_;
    Dependence depends_;
    ExprList values_;
};

}  // namespace

std::optional<AssociativeStep> associative_step(const ExprList &values, const std::vector<Symbol> &x) {
    AssociativeStep step;
    if (!Prover(values, x).prove(step)) return {};
    return step;
}

}  // namespace heddle::Internal
