#include "lower/bound_constraints.h"

#include "analysis/simplify.h"

namespace heddle::Internal {

namespace {

Expr last_of(const Range &r) {
    return simplify(Sub::make(Add::make(r.min, r.extent), make_one(Int(32))));
}

}  // namespace

void apply_bound(const GraphFunc &p, const BoundConstraint &b, Range &r, StmtList &checks) {
    const Range needed = r;
    if (b.min.defined()) r.min = simplify(b.min);
    if (b.extent.defined()) r.extent = simplify(b.extent);
    if (b.modulus.defined()) {
        const Expr m = b.modulus;
        const Expr rem = b.remainder.defined() ? b.remainder : make_zero(Int(32));
        if (b.remainder.defined()) {  // min down, end up
            Expr end = Add::make(r.min, r.extent);
            Expr low = Add::make(Mul::make(Div::make(Sub::make(r.min, rem), m), m), rem);
            Expr up = Add::make(Sub::make(end, rem), Sub::make(m, make_one(Int(32))));
            Expr high = Add::make(Mul::make(Div::make(up, m), m), rem);
            r.min = simplify(low);
            r.extent = simplify(Sub::make(high, r.min));
        } else {
            Expr up = Div::make(Add::make(r.extent, Sub::make(m, make_one(Int(32)))), m);
            r.extent = simplify(Mul::make(up, m));
        }
        return;
    }
    Expr covers = simplify(And::make(LE::make(r.min, needed.min), GE::make(last_of(r), last_of(needed))));
    if (is_const_true(covers) || can_prove(covers)) return;
    // halide_error_explicit_bounds_too_small(context, func, var, given min, max, required min, max)
    Expr report = Call::make(Int(32), CallOp::extern_c,
                             {Call::make(Handle(), CallOp::user_context, {}), StringImm::make(p.name),
                              StringImm::make(b.var), r.min, last_of(r), needed.min, last_of(needed)},
                             "halide_error_explicit_bounds_too_small");
    checks.push_back(Assert::make(covers, report));
}

}  // namespace heddle::Internal
