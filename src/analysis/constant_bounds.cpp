#include "analysis/constant_bounds.h"

#include <algorithm>

#include "analysis/int_math.h"
#include "analysis/modulus.h"

namespace heddle::Internal {

namespace {

using End = std::optional<int64_t>;

End times(int64_t a, int64_t b) {
    return checked_mul(a, b);
}

// A result of arithmetic in type t: exact where overflow is undefined, else only if it cannot wrap.
ConstBounds fit(const ConstBounds &b, Type t) {
    if (no_overflow(t)) return b;
    const ConstBounds range = bounds_of_type(t);
    if (range.min && b.min && *b.min >= *range.min && range.max && b.max && *b.max <= *range.max) return b;
    // uint64 has no upper end here: only sums known to be small and not negative are kept.
    if (!range.max && range.min && b.min && *b.min >= *range.min && b.max) return b;
    return range;
}

}  // namespace

ConstBounds bounds_of_type(Type t) {
    if (t.is_int() && t.bits() < 64) return {-(int64_t{1} << (t.bits() - 1)), (int64_t{1} << (t.bits() - 1)) - 1};
    if (t.is_uint() && t.bits() < 64) return {0, (int64_t{1} << t.bits()) - 1};
    if (t.is_uint()) return {0, {}};
    return {};
}

ConstBounds operator+(const ConstBounds &a, const ConstBounds &b) {
    ConstBounds r;
    if (a.min && b.min) r.min = checked_add(*a.min, *b.min);
    if (a.max && b.max) r.max = checked_add(*a.max, *b.max);
    return r;
}

ConstBounds scale(const ConstBounds &a, int64_t factor) {
    if (factor == 0) return {0, 0};
    ConstBounds r;
    if (a.min) (factor > 0 ? r.min : r.max) = times(*a.min, factor);
    if (a.max) (factor > 0 ? r.max : r.min) = times(*a.max, factor);
    return r;
}

ConstBounds operator*(const ConstBounds &a, const ConstBounds &b) {
    if (a.is_point()) return scale(b, *a.min);
    if (b.is_point()) return scale(a, *b.min);
    ConstBounds r;
    if (a.min && a.max && b.min && b.max) {
        const End p[] = {times(*a.min, *b.min), times(*a.min, *b.max), times(*a.max, *b.min), times(*a.max, *b.max)};
        if (p[0] && p[1] && p[2] && p[3]) {
            r.min = std::min({*p[0], *p[1], *p[2], *p[3]});
            r.max = std::max({*p[0], *p[1], *p[2], *p[3]});
        }
        return r;
    }
    if (a.min && b.min && *a.min >= 0 && *b.min >= 0) r.min = times(*a.min, *b.min);
    return r;
}

ConstBounds hull(const ConstBounds &a, const ConstBounds &b) {
    ConstBounds r;
    if (a.min && b.min) r.min = std::min(*a.min, *b.min);
    if (a.max && b.max) r.max = std::max(*a.max, *b.max);
    return r;
}

ConstBounds intersection(const ConstBounds &a, const ConstBounds &b) {
    ConstBounds r = a;
    if (b.min && (!r.min || *b.min > *r.min)) r.min = b.min;
    if (b.max && (!r.max || *b.max < *r.max)) r.max = b.max;
    return r;
}

ConstBounds constant_bounds(const Expr &e, const Facts &facts) {
    return Knowledge(facts).bounds(e);
}

ConstBounds Knowledge::bounds(const Expr &e) {
    if (!e.type().is_int_or_uint()) return {};
    int64_t c;
    if (as_const_int(e, &c)) return {c, c};
    auto it = cache_.bounds.find(e.get());
    if (it != cache_.bounds.end()) return it->second.second;
    ConstBounds r = compute_bounds(e);
    cache_.bounds.emplace(e.get(), std::make_pair(e, r));
    return r;
}

ConstBounds Knowledge::bounds(const LinearForm &form) {
    ConstBounds sum{form.constant, form.constant};
    if (form.type.is_uint() && form.constant < 0) {
        sum = ConstBounds{};
        if (form.type.bits() < 64) {
            const auto c = static_cast<int64_t>(wrap_unsigned(static_cast<uint64_t>(form.constant), form.type.bits()));
            // Either reading of the constant will do, as long as the sum stays in the type.
            ConstBounds low{form.constant, form.constant}, high{c, c};
            for (const auto &t : form.terms) {
                low = low + scale(bounds(t.atom), t.coefficient);
                high = high + scale(bounds(t.atom), t.coefficient);
            }
            const ConstBounds fits = fit(low, form.type);
            return fits == low ? low : fit(high, form.type);
        }
        return bounds_of_type(form.type);
    }
    for (const auto &t : form.terms) sum = sum + scale(bounds(t.atom), t.coefficient);
    return fit(sum, form.type);
}

ConstBounds Knowledge::call_bounds(const Call &c) {
    const ConstBounds type = bounds_of_type(c.type);
    switch (c.op) {
    case CallOp::likely:
    case CallOp::likely_if_innermost:
    case CallOp::memoize_tag: return bounds(c.args[0]);
    case CallOp::promise_clamped:
    case CallOp::unsafe_promise_clamped: {
        const ConstBounds low = bounds(c.args[1]), high = bounds(c.args[2]);
        return intersection(bounds(c.args[0]), {low.min, high.max});
    }
    case CallOp::if_then_else:
        if (c.args.size() == 3) return hull(bounds(c.args[1]), bounds(c.args[2]));
        return type;
    case CallOp::bitwise_and: {
        const ConstBounds a = bounds(c.args[0]), b = bounds(c.args[1]);
        ConstBounds r = no_overflow(c.type) ? ConstBounds{} : type;
        if (a.min && *a.min >= 0) r = intersection(r, {0, a.max});
        if (b.min && *b.min >= 0) r = intersection(r, {0, b.max});
        return r;
    }
    case CallOp::shift_right: {
        int64_t k;
        if (!as_const_int(c.args[1], &k) || k < 0 || k >= c.type.bits()) break;
        ConstBounds a = bounds(c.args[0]);
        if (a.min) a.min = *a.min >> k;
        if (a.max) a.max = *a.max >> k;
        return a;
    }
    case CallOp::abs: {
        if (!c.type.is_uint()) break;
        ConstBounds a = bounds(c.args[0]);
        if (!a.min || !a.max || *a.min == INT64_MIN) break;
        const int64_t top = std::max(std::abs(*a.min), std::abs(*a.max));
        const int64_t low = a.contains(0) ? 0 : std::min(std::abs(*a.min), std::abs(*a.max));
        return {low, top};
    }
    case CallOp::count_leading_zeros:
    case CallOp::count_trailing_zeros:
    case CallOp::popcount: return {0, c.args[0].type().bits()};
    default: break;
    }
    return no_overflow(c.type) ? ConstBounds{} : type;
}

ConstBounds Knowledge::compute_bounds(const Expr &e) {
    const Type t = e.type();
    const ConstBounds unknown = no_overflow(t) ? ConstBounds{} : bounds_of_type(t);
    switch (e.get()->kind) {
    case NodeKind::Variable: {
        const SymbolFacts *f = facts_.symbols.find(e.as<Variable>()->symbol);
        return f ? intersection(unknown, f->bounds) : unknown;
    }
    case NodeKind::Add:
    case NodeKind::Sub: {
        LinearForm form;
        return as_linear(e, &form) ? bounds(form) : unknown;
    }
    case NodeKind::Mul: {
        LinearForm form;
        if (as_linear(e, &form) && !(form.terms.size() == 1 && form.terms[0].atom.as<Mul>())) return bounds(form);
        const auto *m = e.as<Mul>();
        return fit(bounds(m->a) * bounds(m->b), t);
    }
    case NodeKind::Div: {
        const auto *d = e.as<Div>();
        const ConstBounds a = bounds(d->a), b = bounds(d->b);
        if (b.is_point() && *b.min > 0) {
            ConstBounds r;
            if (a.min) r.min = euclidean_div(*a.min, *b.min);
            if (a.max) r.max = euclidean_div(*a.max, *b.min);
            return r;
        }
        if (b.min && *b.min >= 0 && a.min && *a.min >= 0) return {0, a.max};
        if (a.min && a.max && *a.min != INT64_MIN) {
            const int64_t top = std::max(std::abs(*a.min), std::abs(*a.max));
            return fit({-top, top}, t);
        }
        return unknown;
    }
    case NodeKind::Mod: {
        const auto *m = e.as<Mod>();
        const ConstBounds a = bounds(m->a), b = bounds(m->b);
        ConstBounds r{0, {}};
        if (b.min && b.max && *b.min != INT64_MIN) {
            const int64_t top = std::max({std::abs(*b.min), std::abs(*b.max), int64_t{1}}) - 1;
            r.max = top;
            // Within one period the remainder is the value less a constant.
            if (b.is_point() && *b.min > 0 && a.min && a.max &&
                euclidean_div(*a.min, *b.min) == euclidean_div(*a.max, *b.min)) {
                return {euclidean_mod(*a.min, *b.min), euclidean_mod(*a.max, *b.min)};
            }
        }
        if (a.min && *a.min >= 0) r = intersection(r, {0, a.max});
        return r;
    }
    case NodeKind::Min: {
        const ConstBounds a = bounds(e.as<Min>()->a), b = bounds(e.as<Min>()->b);
        ConstBounds r = intersection({{}, a.max}, {{}, b.max});
        if (a.min && b.min) r.min = std::min(*a.min, *b.min);
        return r;
    }
    case NodeKind::Max: {
        const ConstBounds a = bounds(e.as<Max>()->a), b = bounds(e.as<Max>()->b);
        ConstBounds r = intersection({a.min, {}}, {b.min, {}});
        if (a.max && b.max) r.max = std::max(*a.max, *b.max);
        return r;
    }
    case NodeKind::Select: return hull(bounds(e.as<Select>()->true_value), bounds(e.as<Select>()->false_value));
    case NodeKind::Cast: {
        const Expr &v = e.as<Cast>()->value;
        if (!v.type().is_int_or_uint()) return unknown;
        const ConstBounds b = intersection(bounds(v), bounds_of_type(v.type()));
        const ConstBounds range = bounds_of_type(t);
        const bool low = !range.min || (b.min && *b.min >= *range.min);
        const bool high = !range.max || (b.max && *b.max <= *range.max);
        // int64 holds all but large uint64; a bound that is not known may be one.
        if (t == Type(Type::Int, 64, t.lanes()) && !b.max) return unknown;
        return low && high ? b : unknown;
    }
    case NodeKind::Broadcast: return bounds(e.as<Broadcast>()->value);
    case NodeKind::Ramp: {
        const auto *r = e.as<Ramp>();
        const ConstBounds last = scale(bounds(r->stride), r->lanes - 1);
        const ConstBounds sum = bounds(r->base) + hull({0, 0}, last);
        return fit(sum, t);
    }
    case NodeKind::Shuffle: {
        const auto *s = e.as<Shuffle>();
        ConstBounds r = bounds(s->vectors[0]);
        for (const Expr &v : s->vectors) r = hull(r, bounds(v));
        return r;
    }
    case NodeKind::VectorReduce: {
        const auto *r = e.as<VectorReduce>();
        if (r->op == ReduceOp::Min || r->op == ReduceOp::Max) return bounds(r->value);
        if (r->op == ReduceOp::Add) return fit(scale(bounds(r->value), r->value.type().lanes() / t.lanes()), t);
        return unknown;
    }
    case NodeKind::Let: return bounds(e.as<Let>()->body);
    case NodeKind::Call: return call_bounds(*e.as<Call>());
    default: return unknown;
    }
}

Alignment Knowledge::alignment(const Expr &e) {
    if (!no_overflow(e.type())) return {};
    int64_t c;
    if (as_const_int(e, &c)) return exactly(c);
    auto it = cache_.alignments.find(e.get());
    if (it != cache_.alignments.end()) return it->second.second;
    Alignment a = compute_alignment(e);
    cache_.alignments.emplace(e.get(), std::make_pair(e, a));
    return a;
}

Alignment Knowledge::alignment(const LinearForm &form) {
    if (!no_overflow(form.type)) return {};
    Alignment sum = exactly(form.constant);
    for (const auto &t : form.terms) sum = add(sum, multiply(alignment(t.atom), exactly(t.coefficient)));
    return sum;
}

Alignment Knowledge::compute_alignment(const Expr &e) {
    int64_t c;
    switch (e.get()->kind) {
    case NodeKind::Variable: {
        const SymbolFacts *f = facts_.symbols.find(e.as<Variable>()->symbol);
        if (!f) return {};
        return f->bounds.is_point() ? exactly(*f->bounds.min) : normalized(f->alignment);
    }
    case NodeKind::Add:
    case NodeKind::Sub: {
        LinearForm form;
        return as_linear(e, &form) ? alignment(form) : Alignment{};
    }
    case NodeKind::Mul: return multiply(alignment(e.as<Mul>()->a), alignment(e.as<Mul>()->b));
    case NodeKind::Div: return as_const_int(e.as<Div>()->b, &c) ? divide(alignment(e.as<Div>()->a), c) : Alignment{};
    case NodeKind::Mod: return as_const_int(e.as<Mod>()->b, &c) ? remainder(alignment(e.as<Mod>()->a), c) : Alignment{};
    case NodeKind::Min: return unify(alignment(e.as<Min>()->a), alignment(e.as<Min>()->b));
    case NodeKind::Max: return unify(alignment(e.as<Max>()->a), alignment(e.as<Max>()->b));
    case NodeKind::Select: return unify(alignment(e.as<Select>()->true_value), alignment(e.as<Select>()->false_value));
    case NodeKind::Cast: {
        const Expr &v = e.as<Cast>()->value;
        return v.type().bits() <= e.type().bits() ? alignment(v) : Alignment{};
    }
    case NodeKind::Broadcast: return alignment(e.as<Broadcast>()->value);
    case NodeKind::Ramp: {
        const auto *r = e.as<Ramp>();
        return add(alignment(r->base), multiply(alignment(r->stride), {1, 0}));
    }
    case NodeKind::Let: return alignment(e.as<Let>()->body);
    case NodeKind::Call: {
        const auto *call = e.as<Call>();
        if (call->op == CallOp::likely || call->op == CallOp::likely_if_innermost) return alignment(call->args[0]);
        return {};
    }
    default: return {};
    }
}

}  // namespace heddle::Internal
