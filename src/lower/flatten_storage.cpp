#include "lower/flatten_storage.h"

#include "analysis/simplify.h"
#include "ir/rewrite.h"
#include "ir/scope.h"

namespace heddle::Internal {

namespace {

// How the coordinates of a buffer become an index: sum of (coordinate - min) * stride.
struct Layout {
    ExprList mins, strides, extents;
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
                for (const Range &b : n.bounds) {
                    layout.mins.push_back(r(b.min));
                    layout.extents.push_back(r(b.extent));
                }
                layout.strides = r(n.strides);
                ScopedBinding<Layout> bound(layouts_, n.buffer, layout);
                if (n.release.empty()) return r(n.body);
                Ranges bounds;
                for (size_t d = 0; d < n.bounds.size(); d++) bounds.push_back({layout.mins[d], r(n.bounds[d].extent)});
                return View::make(n.buffer, n.types, bounds, layout.strides, r(n.body), n.release);
            },
            // Promises have served bounds inference; vector lanes that a predicate disables would break them.
            [&](const Call &n, const Rewriter &r) -> Expr {
                if (n.op == CallOp::buffer_of) return buffer(n, r);
                if (n.op == CallOp::prefetch) return prefetch(n, r);
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

    // A halide_buffer_t over a region, with the strides of the storage.
    Expr buffer(const Call &n, const Rewriter &r) {
        const Access &first = *n.args[0].as<Access>();
        const Layout *layout = layouts_.find(first.buffer);
        HEDDLE_ASSERT(layout, first.buffer.name(), " is passed on where it is not stored");
        const size_t dims = (n.args.size() - 1) / 2;  // the copies of a ring_buffer are one dimension more
        const Type t = first.type;
        const uint32_t type = static_cast<uint32_t>(t.code()) | static_cast<uint32_t>(t.bits()) << 8 | uint32_t{1} << 16;
        const Expr element = Load::make(t, first.buffer, index(first.buffer, r(first.args)), Expr());
        ExprList args = {Call::make(heddle::Handle(), CallOp::address_of, {element}), make_const(UInt(32), int64_t{type}),
                         make_const(Int(32), static_cast<int64_t>(dims))};
        for (size_t d = 0; d < dims; d++) {
            args.push_back(r(n.args[1 + 2 * d]));
            args.push_back(r(n.args[2 + 2 * d]));
            args.push_back(layout->strides[d]);
        }
        return Call::make(heddle::Handle(), CallOp::buffer_create, args);
    }

    // (access, strategy, extent0, ...) to (load, extent0, stride0, ...). Outside of where the buffer is stored there is
    // nothing to fetch.
    Expr prefetch(const Call &n, const Rewriter &r) {
        const Access &first = *n.args[0].as<Access>();
        const Layout *layout = layouts_.find(first.buffer);
        if (!layout) return make_zero(Int(32));
        int64_t strategy = 0;
        as_const_int(n.args[1], &strategy);
        ExprList mins = r(first.args), extents;
        for (size_t i = 2; i < n.args.size(); i++) extents.push_back(r(n.args[i]));
        if (extents.size() != mins.size()) return make_zero(Int(32));  // dimensions were split: the region is no box
        Expr all_there = const_true();
        for (size_t d = 0; d < mins.size(); d++) {
            const Expr end = Add::make(mins[d], extents[d]), last = Add::make(layout->mins[d], layout->extents[d]);
            if (strategy == static_cast<int64_t>(PrefetchBoundStrategy::GuardWithIf)) {
                all_there = And::make(all_there, And::make(GE::make(mins[d], layout->mins[d]), LE::make(end, last)));
            } else if (strategy == static_cast<int64_t>(PrefetchBoundStrategy::Clamp)) {
                const Expr from = Max::make(mins[d], layout->mins[d]);
                extents[d] = Sub::make(Min::make(end, last), from);
                all_there = And::make(all_there, GT::make(extents[d], make_zero(Int(32))));
                mins[d] = from;
            }
        }
        ExprList args = {Load::make(first.type, first.buffer, index(first.buffer, mins), Expr())};
        for (size_t d = 0; d < mins.size(); d++) {
            args.push_back(simplify(extents[d]));
            args.push_back(layout->strides[d]);
        }
        const Expr fetch = Call::make(Int(32), CallOp::prefetch, args);
        all_there = simplify(all_there);
        return is_const_true(all_there) ? fetch : Call::make(Int(32), CallOp::if_then_else, {all_there, fetch, make_zero(Int(32))});
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
        layout.extents.resize(n.bounds.size());
        ExprList extents;
        Expr stride = make_one(Int(32));
        for (int dimension : n.order) {
            const auto d = static_cast<size_t>(dimension);
            layout.mins[d] = named(r(n.bounds[d].min), "min", d);
            Expr extent = named(Max::make(r(n.bounds[d].extent), make_zero(Int(32))), "extent", d);
            layout.strides[d] = stride;
            layout.extents[d] = extent;
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
