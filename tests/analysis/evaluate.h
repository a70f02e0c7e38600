#pragma once
// A slow, obvious evaluator of scalar and vector expressions: the judge of the simplifier's tests.

#include <cmath>
#include <map>
#include <optional>
#include <vector>

#include "analysis/helpers.h"
#include "analysis/int_math.h"

namespace heddle::Internal::test {

/** One lane: integers as wrapped int64 (uint64 by bits), floats as double. */
struct Lane {
    int64_t i = 0;
    double f = 0;
};
using Lanes = std::vector<Lane>;

/** Values of expressions; `defined()` is false after an operation whose result the IR leaves open. */
class Evaluator {
public:
    std::map<Symbol, Lanes> values;

    bool defined() const {
        return defined_;
    }
    Lanes operator()(const Expr &e) {
        const auto n = static_cast<size_t>(e.type().lanes());
        const Type t = e.type();
        if (const auto *c = e.as<IntImm>()) return {{c->value, 0}};
        if (const auto *c = e.as<UIntImm>()) return {{static_cast<int64_t>(c->value), 0}};
        if (const auto *c = e.as<FloatImm>()) return {{0, c->value}};
        if (const auto *v = e.as<Variable>()) return values.at(v->symbol);
        if (const auto *b = e.as<Broadcast>()) {
            Lanes v = (*this)(b->value), r;
            for (int i = 0; i < b->lanes; i++) r.insert(r.end(), v.begin(), v.end());
            return r;
        }
        if (const auto *r = e.as<Ramp>()) {
            Lanes base = (*this)(r->base), step = (*this)(r->stride), out;
            for (int i = 0; i < r->lanes; i++) {
                for (size_t k = 0; k < base.size(); k++) {
                    out.push_back(integer(__int128{base[k].i} + __int128{i} * step[k].i, t));
                }
            }
            return out;
        }
        if (const auto *s = e.as<Select>()) {
            Lanes c = (*this)(s->condition), a = (*this)(s->true_value), b = (*this)(s->false_value), r;
            for (size_t i = 0; i < n; i++) r.push_back(c[c.size() == 1 ? 0 : i].i ? a[i] : b[i]);
            return r;
        }
        if (const auto *l = e.as<Let>()) {
            values[l->symbol] = (*this)(l->value);
            return (*this)(l->body);
        }
        if (const auto *c = e.as<Cast>()) {
            Lanes r = (*this)(c->value);
            for (Lane &x : r) x = convert(x, c->value.type(), t);
            return r;
        }
        if (const auto *x = e.as<Not>()) {
            Lanes r = (*this)(x->a);
            for (Lane &l : r) l.i = !l.i;
            return r;
        }
        Lanes r;
        const auto both = [&](const auto *op) {
            Lanes a = (*this)(op->a), b = (*this)(op->b);
            for (size_t i = 0; i < n; i++) r.push_back(binary(e.get()->kind, a[i], b[i], op->a.type()));
            return true;
        };
        const bool known = (e.as<Add>() && both(e.as<Add>())) || (e.as<Sub>() && both(e.as<Sub>())) ||
                           (e.as<Mul>() && both(e.as<Mul>())) || (e.as<Div>() && both(e.as<Div>())) ||
                           (e.as<Mod>() && both(e.as<Mod>())) || (e.as<Min>() && both(e.as<Min>())) ||
                           (e.as<Max>() && both(e.as<Max>())) || (e.as<EQ>() && both(e.as<EQ>())) ||
                           (e.as<NE>() && both(e.as<NE>())) || (e.as<LT>() && both(e.as<LT>())) ||
                           (e.as<LE>() && both(e.as<LE>())) || (e.as<GT>() && both(e.as<GT>())) ||
                           (e.as<GE>() && both(e.as<GE>())) || (e.as<And>() && both(e.as<And>())) ||
                           (e.as<Or>() && both(e.as<Or>()));
        if (known) return r;
        if (const auto *c = e.as<Call>(); c && c->op == CallOp::likely) return (*this)(c->args[0]);
        throw std::logic_error("no evaluation of " + to_string(e));
    }

private:
    Lane integer(__int128 v, Type t) {
        const auto low = static_cast<int64_t>(v);
        if (t.is_uint()) return {static_cast<int64_t>(wrap_unsigned(static_cast<uint64_t>(low), t.bits())), 0};
        const int64_t wrapped = wrap_signed(low, t.bits());
        if (t.bits() >= 32 && v != wrapped) defined_ = false;
        return {wrapped, 0};
    }
    Lane convert(Lane x, Type from, Type to) {
        if (to.is_bool()) return {from.is_float() ? x.f != 0 : x.i != 0, 0};
        if (to.is_float()) {
            const double v = from.is_float() ? x.f : from.is_uint() ? static_cast<double>(static_cast<uint64_t>(x.i)) : static_cast<double>(x.i);
            return {0, to.bits() == 32 ? static_cast<float>(v) : v};
        }
        if (from.is_float()) {
            if (!(std::abs(x.f) < 100)) defined_ = false;
            return integer(static_cast<int64_t>(defined_ ? x.f : 0), to.with_bits(to.bits()));
        }
        // An integer conversion wraps in every type.
        return to.is_uint() ? Lane{static_cast<int64_t>(wrap_unsigned(static_cast<uint64_t>(x.i), to.bits())), 0} :
                              Lane{wrap_signed(x.i, to.bits()), 0};
    }
    Lane binary(NodeKind kind, Lane x, Lane y, Type t) {
        if (t.is_float()) return float_binary(kind, x.f, y.f, t);
        const bool u = t.is_uint();
        const __int128 a = u ? static_cast<__int128>(static_cast<uint64_t>(x.i)) : x.i, b = u ? static_cast<__int128>(static_cast<uint64_t>(y.i)) : y.i;
        switch (kind) {
        case NodeKind::Add: return integer(a + b, t);
        case NodeKind::Sub: return integer(a - b, t);
        case NodeKind::Mul:  // the square of the largest uint64 is no __int128; its low bits are what counts
            return integer(static_cast<__int128>(static_cast<unsigned __int128>(a) * static_cast<unsigned __int128>(b)), t);
        case NodeKind::Div: {
            if (b == 0) return {0, 0};
            const __int128 r = ((a % b) + (b < 0 ? -b : b)) % (b < 0 ? -b : b);
            return integer((a - r) / b, t);
        }
        case NodeKind::Mod: return b == 0 ? Lane{} : integer(((a % b) + (b < 0 ? -b : b)) % (b < 0 ? -b : b), t);
        case NodeKind::Min: return a < b ? x : y;
        case NodeKind::Max: return a < b ? y : x;
        default: return {compare(kind, a, b), 0};
        }
    }
    template<typename T>
    static int64_t compare(NodeKind kind, T a, T b) {
        switch (kind) {
        case NodeKind::EQ: return a == b;
        case NodeKind::NE: return a != b;
        case NodeKind::LT: return a < b;
        case NodeKind::LE: return a <= b;
        case NodeKind::GT: return a > b;
        case NodeKind::GE: return a >= b;
        case NodeKind::And: return a && b;
        case NodeKind::Or: return a || b;
        default: throw std::logic_error("operator");
        }
    }
    static Lane float_binary(NodeKind kind, double a, double b, Type t) {
        double r = 0;
        switch (kind) {
        case NodeKind::Add: r = a + b; break;
        case NodeKind::Sub: r = a - b; break;
        case NodeKind::Mul: r = a * b; break;
        case NodeKind::Div: r = a / b; break;
        case NodeKind::Mod: r = a - b * std::floor(a / b); break;
        case NodeKind::Min: r = a < b ? a : b; break;
        case NodeKind::Max: r = a < b ? b : a; break;
        default: return {compare(kind, a, b), 0};
        }
        return {0, t.bits() == 32 ? static_cast<float>(r) : r};
    }

    bool defined_ = true;
};

}  // namespace heddle::Internal::test
