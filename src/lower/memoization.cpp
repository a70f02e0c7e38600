#include "lower/memoization.h"

#include <cstdlib>
#include <set>

#include "analysis/promises.h"
#include "analysis/simplify.h"
#include "ir/rewrite.h"
#include "language/extern_definition.h"
#include "schedule/algorithm_hash.h"
#include "schedule/directives.h"

namespace heddle::Internal {

namespace {

Expr i32(int64_t v) {
    return make_const(Int(32), v);
}
Expr handle(const Symbol &s) {
    return Variable::make(heddle::Handle(), s);
}
Expr null() {
    return Call::make(heddle::Handle(), CallOp::null_handle, {});
}
Expr context() {
    return Call::make(heddle::Handle(), CallOp::user_context, {});
}

[[noreturn]] void refuse(int code, const GraphFunc &f, const std::string &message, const std::string &hint) {
    Diagnostic d;
    d.code = code;
    d.func = f.name;
    d.directive = "memoize()";
    for (const Directive &x : f.function->directives) {
        if (x.kind == DirectiveKind::memoize) d.location = x.location;
    }
    d.message = message;
    d.hint = hint;
    throw CompileError(d);
}

// The value's bits, so that keys have no bytes that nobody wrote.
Expr bits(const Expr &e) {
    const Type t = e.type();
    if (t.is_float()) return Cast::make(UInt(64), Reinterpret::make(UInt(t.bits()), e));
    return t == UInt(64) ? e : Cast::make(UInt(64), e);
}

uint64_t hash_of(const std::string &text) {
    uint64_t h = 0xcbf29ce484222325u;
    for (const char c : text) h = (h ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
    return h;
}

// The scalars that a Func's values depend on.
class Dependencies {
public:
    Dependencies(const Graph &graph, const GraphFunc &of)
        : g_(graph), of_(of) {
        func(of);
    }
    ExprList scalars;

private:
    void func(const GraphFunc &f) {
        if (!seen_.insert(&f).second) return;
        for (const GraphStage &s : f.stages) {
            for (const Expr &e : s.args) expression(e);
            for (const Expr &e : s.values) expression(e);
            for (const ReductionVariable &r : s.rvars) {
                expression(r.min);
                expression(r.extent);
            }
            if (s.predicate.defined()) expression(s.predicate);
        }
    }

    void expression(const Expr &e) {
        walk(
            e, [&](const Call &c, const Walker &w) {
                if (c.op != CallOp::memoize_tag) return w.children(c);
                for (size_t i = c.args.size() > 1 ? 1 : 0; i < c.args.size(); i++) tag(c.args[i]);
            },
            [&](const Variable &v) {
                if (const auto p = parameter_of(v)) scalar(Expr(&v), *p);
            },
            [&](const Access &a, const Walker &w) {
                const int i = g_.func_of_element(a.buffer);
                if (i >= 0) {
                    func(g_.funcs[static_cast<size_t>(i)]);
                } else if (const auto p = parameter_of(a); p && !p->bound_from_start) {
                    refuse(460, of_, "the values of " + of_.name + " depend on the image " + p->name + ", whose contents cannot be a key",
                           "say what stands for them: memoize_tag(" + p->name + "(...), version)");
                }
                w.children(a);
            });
    }

    void tag(const Expr &e) {
        walk(
            e, [&](const Variable &v) {
                if (!parameter_of(v)) {
                    refuse(460, of_, "a memoize_tag that " + of_.name + " depends on has " + v.symbol.name() +
                                         " in its key, which is known inside of loops only", "give it keys over parameters");
                }
            },
            [&](const Access &a) {
                refuse(460, of_, "a memoize_tag that " + of_.name + " depends on reads " + a.buffer.name() + " for its key",
                       "give it keys over parameters");
            });
        if (e.type().is_handle()) refuse(460, of_, "a memoize_tag that " + of_.name + " depends on has a handle as its key", "");
        scalars.push_back(e);
    }

    void scalar(const Expr &e, const ParameterContents &p) {
        if (!named_.insert(e.as<Variable>()->symbol.id()).second) return;
        if (e.type().is_handle()) {
            refuse(460, of_, "the values of " + of_.name + " depend on the handle " + p.name + ", which says nothing of what it points to",
                   "say what stands for it: memoize_tag(..., version)");
        }
        scalars.push_back(e);
    }

    const Graph &g_;
    const GraphFunc &of_;
    std::set<const GraphFunc *> seen_;
    std::set<uint64_t> named_;
};

}  // namespace

Memoization::Memoization(const Graph &graph, std::string pipeline)
    : g_(graph), pipeline_(std::move(pipeline)) {
    for (size_t i = 0; i < graph.funcs.size(); i++) {
        const GraphFunc &f = graph.funcs[i];
        if (!f.placement.memoized) continue;
        if (f.is_output) {
            refuse(457, f, f.name + " is an output of the pipeline, whose memory is the caller's: it cannot be kept",
                   "memoize a Func that it calls");
        }
        if (f.placement.compute.where == Placement::Where::Inlined) {
            refuse(458, f, f.name + " is inlined: there are no values of it that could be kept", "compute_root(), or compute_at(...)");
        }
        if (f.removed) continue;
        if (!(f.compute == f.store)) {
            refuse(459, f, f.name + " is stored at another level than it is computed at", "store it where it is computed");
        }
        if (!(f.hoist == f.store)) {
            refuse(459, f, "the storage of " + f.name + " is hoisted out of where it is computed", "leave hoist_storage out");
        }
        key_of(static_cast<int>(i));
    }
}

ExprList Memoization::key_of(int func) const {
    const GraphFunc &f = g_.funcs[static_cast<size_t>(func)];
    ExprList parts = {make_const(UInt(64), static_cast<int64_t>(hash_of(pipeline_ + "\n" + f.name))),
                      make_const(UInt(64), static_cast<int64_t>(hash_of(algorithm_hash({f.function}))))};
    for (const Expr &e : Dependencies(g_, f).scalars) parts.push_back(bits(e));
    return parts;
}

Memoization::State &Memoization::state(int func) {
    const GraphFunc &f = g_.funcs[static_cast<size_t>(func)];
    auto [it, added] = states_.try_emplace(func);
    State &s = it->second;
    if (added) {
        s.key = Symbol::fresh(f.name + ".key");
        s.shape = Symbol::fresh(f.name + ".region");
        s.buffers = Symbol::fresh(f.name + ".buffers");
        s.missed = Symbol::fresh(f.name + ".missed");
        s.parts = key_of(func);
        s.size = 8 * static_cast<int>(s.parts.size());
    }
    return s;
}

Stmt Memoization::guarded(int func, const std::vector<Interval> &region, const Stmt &produced) {
    const GraphFunc &f = g_.funcs[static_cast<size_t>(func)];
    State &s = state(func);
    s.region.clear();
    for (const Interval &i : region) {
        const Interval r = with_clamps(i);
        s.region.push_back({r.min, simplify(Add::make(Sub::make(r.max, r.min), i32(1)))});
    }
    const Expr evict = f.placement.eviction_key;
    const Expr store = Call::make(
        Int(32), CallOp::extern_c,
        {context(), handle(s.key), i32(s.size), handle(s.shape), i32(static_cast<int64_t>(f.elements.size())), handle(s.buffers),
         make_const(Bool(), int64_t{evict.defined()}), evict.defined() ? bits(evict) : make_zero(UInt(64))},
        "halide_memoization_cache_store");
    return If::make(NE::make(Variable::make(Int(32), s.missed), i32(0)), Block::make({produced, Evaluate::make(store)}));
}

Stmt Memoization::held(int func, const Ranges &bounds, const IntList &order, Stmt body) {
    const GraphFunc &f = g_.funcs[static_cast<size_t>(func)];
    const State &s = state(func);
    std::vector<std::pair<Symbol, Expr>> lets;
    auto named = [&](const Expr &e, const std::string &what) -> Expr {
        const Expr simple = simplify(e);
        if (is_const(simple) || simple.as<Variable>()) return simple;
        const Symbol x = Symbol::fresh(f.name + what);
        lets.emplace_back(x, simple);
        return Variable::make(e.type(), x);
    };
    auto shape = [&](const Ranges &of, const ExprList &strides, Type t) {
        ExprList args = {null(),
                         make_const(UInt(32), static_cast<int64_t>(static_cast<uint32_t>(t.code()) | static_cast<uint32_t>(t.bits()) << 8 | 1u << 16)),
                         i32(static_cast<int64_t>(of.size()))};
        for (size_t d = 0; d < of.size(); d++) {
            args.push_back(of[d].min);
            args.push_back(of[d].extent);
            args.push_back(strides[d]);
        }
        return Call::make(heddle::Handle(), CallOp::buffer_create, args);
    };
    Ranges whole(bounds.size());
    ExprList strides(bounds.size());
    Expr stride = i32(1);
    for (const int dimension : order) {
        const auto d = static_cast<size_t>(dimension);
        whole[d] = {named(bounds[d].min, ".min"), named(Max::make(bounds[d].extent, i32(0)), ".extent")};
        strides[d] = stride;
        stride = named(Mul::make(stride, whole[d].extent), ".stride");
    }
    lets.emplace_back(s.key, Call::make(heddle::Handle(), CallOp::make_struct, s.parts));
    lets.emplace_back(s.shape, shape(s.region, ExprList(s.region.size(), i32(0)), f.types[0]));
    ExprList buffers;
    for (size_t k = 0; k < f.elements.size(); k++) {
        const Symbol b = Symbol::fresh(f.elements[k].name() + ".buffer");
        lets.emplace_back(b, shape(whole, strides, f.types[k]));
        buffers.push_back(handle(b));
    }
    lets.emplace_back(s.buffers, Call::make(heddle::Handle(), CallOp::make_struct, buffers));
    lets.emplace_back(s.missed, Call::make(Int(32), CallOp::extern_c,
                                           {context(), handle(s.key), i32(s.size), handle(s.shape),
                                            i32(static_cast<int64_t>(f.elements.size())), handle(s.buffers)},
                                           "halide_memoization_cache_lookup"));
    for (size_t k = f.elements.size(); k-- > 0;) {
        body = View::make(f.elements[k], {f.types[k]}, whole, strides, body, "halide_memoization_cache_release");
        body = LetStmt::make(f.elements[k], Call::make(heddle::Handle(), CallOp::buffer_host, {buffers[k]}), body);
    }
    const Expr failed = Call::make(Int(32), CallOp::extern_c, {context()}, "halide_error_out_of_memory");
    body = Block::make({Assert::make(GE::make(Variable::make(Int(32), s.missed), i32(0)), failed), body});
    for (size_t i = lets.size(); i-- > 0;) body = LetStmt::make(lets[i].first, lets[i].second, body);
    return body;
}

}  // namespace heddle::Internal
