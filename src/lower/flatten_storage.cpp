#include "lower/flatten_storage.h"

#include "analysis/simplify.h"
#include "ir/rewrite.h"
#include "ir/scope.h"

namespace heddle::Internal {

namespace {

// How the coordinates of a buffer become an index: sum of (coordinate - min) * stride.
struct Layout {
    ExprList mins, strides;
};

bool is_cheap(const Expr &e) {
    return is_const(e) || e.as<Variable>();
}

class Flattener {
public:
    Stmt operator()(const Stmt &s) {
        return rewrite(
            s, [&](const Realize &n, const Rewriter &r) -> Stmt { return allocate(n, r); },
            [&](const View &n, const Rewriter &r) -> Stmt {
                Layout layout;
                for (const Range &b : n.bounds) layout.mins.push_back(r(b.min));
                layout.strides = r(n.strides);
                ScopedBinding<Layout> bound(layouts_, n.buffer, layout);
                return r(n.body);
            },
            // Promises have served bounds inference; vector lanes that a predicate disables would break them.
            [&](const Call &n, const Rewriter &r) -> Expr {
                return n.op == CallOp::promise_clamped ? r(n.args[0]) : r.children(n);
            },
            [&](const Access &n, const Rewriter &r) -> Expr {
                return Load::make(n.type, n.buffer, index(n.buffer, r(n.args)), Expr());
            },
            [&](const Write &n, const Rewriter &r) -> Stmt {
                HEDDLE_ASSERT(n.values.size() == 1, "a Write of several values");
                Stmt store = Store::make(n.buffer, index(n.buffer, r(n.args)), r(n.values[0]), Expr());
                Expr predicate = r(n.predicate);
                return is_const_true(predicate) ? store : If::make(predicate, store);
            });
    }

private:
    Expr index(const Symbol &buffer, const ExprList &args) {
        const Layout *layout = layouts_.find(buffer);
        HEDDLE_ASSERT(layout && layout->mins.size() == args.size(), "access of ", buffer.name());
        Expr sum = make_zero(Int(32));
        for (size_t d = 0; d < args.size(); d++) {
            Expr offset = Sub::make(args[d], layout->mins[d]);
            sum = Add::make(sum, Mul::make(offset, layout->strides[d]));
        }
        return simplify(sum);
    }

    // Mins and strides that are not cheap are bound once, outside of the allocation.
    Stmt allocate(const Realize &n, const Rewriter &r) {
        std::vector<std::pair<Symbol, Expr>> lets;
        auto named = [&](const Expr &e, const std::string &what, size_t d) {
            Expr simple = simplify(e);
            if (is_cheap(simple)) return simple;
            Symbol s = Symbol::fresh(n.buffer.name() + "." + what + "." + std::to_string(d));
            lets.emplace_back(s, simple);
            return Variable::make(Int(32), s);
        };
        Layout layout;
        layout.mins.resize(n.bounds.size());
        layout.strides.resize(n.bounds.size());
        ExprList extents;
        Expr stride = make_one(Int(32));
        for (int dimension : n.order) {
            const auto d = static_cast<size_t>(dimension);
            layout.mins[d] = named(r(n.bounds[d].min), "min", d);
            Expr extent = named(Max::make(r(n.bounds[d].extent), make_zero(Int(32))), "extent", d);
            layout.strides[d] = stride;
            extents.push_back(extent);
            stride = named(Mul::make(stride, extent), "stride", d + 1);
        }
        ScopedBinding<Layout> bound(layouts_, n.buffer, layout);
        Stmt s = Allocate::make(n.buffer, n.types[0], extents, n.memory, r(n.condition), r(n.body));
        for (size_t i = lets.size(); i-- > 0;) s = LetStmt::make(lets[i].first, lets[i].second, s);
        return s;
    }

    Scope<Layout> layouts_;
};

}  // namespace

Stmt flatten_storage(const Stmt &s, PassContext &) {
    return Flattener()(s);
}

}  // namespace heddle::Internal
