// Vectors: operations on Broadcasts are done on their scalars, shuffles of known shape become simpler.

#include "analysis/int_math.h"
#include "analysis/simplify/simplifier.h"

namespace heddle::Internal {

namespace {

bool is_comparison(NodeKind k) {
    return k == NodeKind::EQ || k == NodeKind::NE || k == NodeKind::LT || k == NodeKind::LE;
}

}  // namespace

Expr Simplifier::broadcast_operation(NodeKind kind, const Expr &a, const Expr &b) {
    const auto *x = a.as<Broadcast>(), *y = b.as<Broadcast>();
    if (!x || !y || x->lanes != y->lanes) return Expr();
    Expr scalar = is_comparison(kind) ? compare_simplified(kind, x->value, y->value) :
                                        (*this)(make_binary(kind, x->value, y->value));
    return Broadcast::make(scalar, x->lanes);
}

// Products of vectors whose lanes are in one of the shapes Broadcast and Ramp.
Expr Simplifier::multiply_lanes(const Expr &a, const Expr &b) {
    if (Expr e = broadcast_operation(NodeKind::Mul, a, b); e.defined()) return e;
    const auto *ramp = a.as<Ramp>() ? a.as<Ramp>() : b.as<Ramp>();
    const auto *factor = a.as<Ramp>() ? b.as<Broadcast>() : a.as<Broadcast>();
    if (!ramp || !factor || factor->lanes != ramp->lanes) return Expr();
    return (*this)(Ramp::make(Mul::make(ramp->base, factor->value), Mul::make(ramp->stride, factor->value), ramp->lanes));
}

Expr Simplifier::visit_vector(const Expr &e) {
    // Through the linear form, which gathers broadcasts and ramps of sums in one shape.
    if (has_linear_form(e.type()) && (e.as<Ramp>() || e.as<Broadcast>())) {
        Expr r = children(e);
        LinearForm form;
        as_linear(r, &form);
        return finish_sum(form);
    }
    Expr r = children(e);
    if (const auto *b = r.as<Broadcast>()) {
        const auto *inner = b->value.as<Broadcast>();
        return inner ? Broadcast::make(inner->value, inner->lanes * b->lanes) : r;
    }
    if (const auto *ramp = r.as<Ramp>()) return is_const(ramp->stride, 0) ? Broadcast::make(ramp->base, ramp->lanes) : r;
    if (const auto *reduce = r.as<VectorReduce>()) {
        if (reduce->type.lanes() == reduce->value.type().lanes()) return reduce->value;
        const auto *b = reduce->value.as<Broadcast>();
        const bool same = reduce->op == ReduceOp::Min || reduce->op == ReduceOp::Max || reduce->op == ReduceOp::And ||
                          reduce->op == ReduceOp::Or;
        if (b && same && b->value.type().is_scalar()) return Broadcast::make(b->value, reduce->type.lanes());
        return r;
    }
    const auto *shuffle = r.as<Shuffle>();
    if (!shuffle) return r;
    const int lanes = static_cast<int>(shuffle->indices.size());
    bool identity = shuffle->vectors.size() == 1 && shuffle->vectors[0].type().lanes() == lanes;
    for (int i = 0; identity && i < lanes; i++) identity = shuffle->indices[static_cast<size_t>(i)] == i;
    if (identity) return shuffle->vectors[0];
    const auto *b = shuffle->vectors[0].as<Broadcast>();
    if (b && shuffle->vectors.size() == 1 && b->value.type().is_scalar()) return Broadcast::make(b->value, lanes);
    const auto *ramp = shuffle->vectors[0].as<Ramp>();
    if (ramp && shuffle->vectors.size() == 1 && ramp->base.type().is_scalar() && has_linear_form(ramp->type)) {
        // Evenly spaced lanes of a ramp.
        const int first = shuffle->indices[0], step = lanes > 1 ? shuffle->indices[1] - first : 0;
        bool even = true;
        for (int i = 0; i < lanes; i++) even = even && shuffle->indices[static_cast<size_t>(i)] == first + i * step;
        if (!even) return r;
        const Type t = ramp->base.type();
        Expr base = Add::make(ramp->base, Mul::make(ramp->stride, make_const(t, int64_t{first})));
        if (lanes == 1) return (*this)(base);
        return (*this)(Ramp::make(base, Mul::make(ramp->stride, make_const(t, int64_t{step})), lanes));
    }
    return r;
}

}  // namespace heddle::Internal
