#include "lower/inject_tracing.h"

#include <map>
#include <optional>

#include "HalideRuntime.h"
#include "analysis/box.h"
#include "analysis/promises.h"
#include "analysis/simplify.h"
#include "ir/rewrite.h"

namespace heddle::Internal {

namespace {

Expr i32(int64_t v) {
    return make_const(Int(32), v);
}

// A Func or an input whose accesses are reported.
struct Traced {
    std::string name;
    bool loads = false, stores = false, realizations = false;
    bool is_output = false;
    std::vector<Symbol> elements;
    Types types;
    std::vector<std::string> tags;

    bool any() const {
        return loads || stores || realizations;
    }
};

class Tracer {
public:
    Tracer(const Graph &graph, const std::vector<OutputRegion> &outputs, std::string pipeline, const Target &target)
        : outputs_(outputs), pipeline_(std::move(pipeline)), pipeline_id_(Symbol::fresh("pipeline.trace")) {
        whole_pipeline_ = target.has_feature(Target::TracePipeline);
        const bool loads = target.has_feature(Target::TraceLoads), stores = target.has_feature(Target::TraceStores),
                   realizations = target.has_feature(Target::TraceRealizations);
        for (const auto &p : graph.parameters) {
            if (p->is_buffer) add({p->name, p->trace_loads || loads, false, false, false, {p->symbol}, {p->type}, p->trace_tags});
        }
        for (size_t i = 0; i < graph.funcs.size(); i++) {
            const GraphFunc &g = graph.funcs[i];
            if (g.removed) continue;
            const Function &f = *g.function;
            of_func_[static_cast<int>(i)] = all_.size();
            add({g.name, f.trace_loads || loads, f.trace_stores || stores, f.trace_realizations || realizations,
                 g.is_output, g.elements, g.types, f.trace_tags});
        }
    }

    Stmt operator()(const Stmt &nest) {
        bool any = whole_pipeline_;
        for (const Traced &t : all_) any = any || t.any();
        if (!any) return nest;
        const Boxes touched = boxes_touched(nest, {}, Touch::Both, SelectBranches::Both);
        Stmt body = statement(nest);
        for (const OutputRegion &o : outputs_) body = output_realization(o, body);
        StmtList all = tags(touched);
        all.push_back(body);
        all.push_back(evaluate(event(pipeline_, halide_trace_end_pipeline, pipeline_id())));
        return LetStmt::make(pipeline_id_, event(pipeline_, halide_trace_begin_pipeline, i32(0)), Block::make(all));
    }

private:
    void add(Traced t) {
        for (size_t k = 0; k < t.elements.size(); k++) by_element_[t.elements[k]] = {all_.size(), k};
        all_.push_back(std::move(t));
    }

    struct Place {
        size_t traced, element;
    };
    const Place *find(const Symbol &element) const {
        auto it = by_element_.find(element);
        return it == by_element_.end() ? nullptr : &it->second;
    }

    // --- events

    static Stmt evaluate(const Expr &e) {
        return Evaluate::make(e);
    }
    Expr pipeline_id() const {
        return Variable::make(Int(32), pipeline_id_);
    }
    static Expr event(const std::string &name, halide_trace_event_code_t code, const Expr &parent, size_t value_index = 0,
                      ExprList rest = {}) {
        ExprList args = {StringImm::make(name), i32(code), parent, i32(static_cast<int64_t>(value_index))};
        args.insert(args.end(), rest.begin(), rest.end());
        return Call::make(Int(32), CallOp::trace, args);
    }
    // The event that the accesses of t belong to.
    Expr current(size_t t) const {
        auto it = current_.find(t);
        return it == current_.end() ? i32(0) : it->second;
    }

    // What is put around a body: a beginning, whose id its parts refer to, and an end.
    template<typename Body>
    Stmt around(size_t t, halide_trace_event_code_t begin, halide_trace_event_code_t end, const Expr &parent,
                const ExprList &region, const Body &body) {
        const Symbol id = Symbol::fresh(all_[t].name + ".trace");
        const Expr now = Variable::make(Int(32), id);
        const std::optional<Expr> before = current_.count(t) ? std::optional(current_[t]) : std::nullopt;
        current_[t] = now;
        const Stmt inside = body();
        before ? current_[t] = *before : (current_.erase(t), Expr());
        return LetStmt::make(id, event(all_[t].name, begin, parent, 0, region),
                             Block::make({inside, evaluate(event(all_[t].name, end, now, 0, region))}));
    }

    // Tags first say what each traced Func is like: number of values, their types, dimensions, region touched.
    StmtList tags(const Boxes &touched) const {
        StmtList out;
        auto tag = [&](const std::string &name, const Expr &text) {
            out.push_back(evaluate(event(name, halide_trace_tag, pipeline_id(), 0, {text})));
        };
        for (const Traced &t : all_) {
            if (!t.any()) continue;
            Box box;
            bool found = false;
            for (const Symbol &e : t.elements) {
                auto it = touched.find(e);
                if (it == touched.end()) continue;
                box = found ? box_union(box, it->second) : it->second;
                found = true;
            }
            std::string types = "func_type_and_dim: " + std::to_string(t.types.size());
            for (const Type &type : t.types) {
                types += " " + std::to_string(int{type.code()}) + " " + std::to_string(type.bits()) + " " + std::to_string(type.lanes());
            }
            ExprList parts = {StringImm::make(types + " " + std::to_string(box.size()))};
            for (const Expr &e : region_of(box)) {
                parts.push_back(StringImm::make(" "));
                parts.push_back(e);
            }
            if (found) tag(t.name, Call::make(heddle::Handle(), CallOp::stringify, parts));
        }
        for (const Traced &t : all_) {
            const bool shown = t.realizations || (t.loads && !t.stores && is_input(t));
            for (const std::string &text : t.tags) {
                if (shown) tag(t.name, StringImm::make(text));
            }
        }
        return out;
    }
    bool is_input(const Traced &t) const {
        for (const auto &[func, place] : of_func_) {
            if (&all_[place] == &t) return false;
        }
        return true;
    }

    // min0, extent0, min1, ...
    static ExprList region_of(const Box &box) {
        ExprList out;
        for (size_t d = 0; d < box.size(); d++) {
            if (!box[d].min.defined() || !box[d].max.defined()) return {};
            const Interval i = box[d];
            out.push_back(with_clamps(i.min));
            out.push_back(simplify(Add::make(Sub::make(with_clamps(i.max), with_clamps(i.min)), i32(1))));
        }
        return out;
    }

    Stmt output_realization(const OutputRegion &o, const Stmt &body) {
        const size_t t = of_func_.at(o.func);
        if (!all_[t].realizations) return body;
        ExprList region;
        for (const Range &r : o.ranges) {
            region.push_back(r.min);
            region.push_back(r.extent);
        }
        // The body was made with this id as the parent of the Func's production.
        const Expr id = output_id(t);
        return LetStmt::make(
            id.as<Variable>()->symbol, event(all_[t].name, halide_trace_begin_realization, pipeline_id(), 0, region),
            Block::make({body, evaluate(event(all_[t].name, halide_trace_end_realization, id, 0, region))}));
    }
    Expr output_id(size_t t) {
        auto it = output_ids_.find(t);
        if (it == output_ids_.end()) {
            it = output_ids_.emplace(t, Variable::make(Int(32), Symbol::fresh(all_[t].name + ".trace"))).first;
        }
        return it->second;
    }

    // --- the nest

    Stmt statement(const Stmt &s) {
        return rewrite(
            s, [&](const Access &n, const Rewriter &r) -> Expr { return load(n, r); },
            // What is passed on is no load.
            [&](const Call &n, const Rewriter &r) -> Expr {
                if (n.op != CallOp::buffer_of && n.op != CallOp::address_of && n.op != CallOp::prefetch) return r.children(n);
                ExprList args = n.args;
                for (size_t i = 1; i < args.size(); i++) args[i] = r(args[i]);
                return Call::make(n.type, n.op, args, n.name);
            },
            [&](const Write &n, const Rewriter &r) -> Stmt { return store(n, r); },
            [&](const Realize &n, const Rewriter &r) -> Stmt { return realize(n, r); },
            [&](const ProducerConsumer &n, const Rewriter &r) -> Stmt { return production(n, r); });
    }

    // Index expressions stand in the event and in the access: those that report loads are evaluated once.
    static bool reports(const Expr &e) {
        bool found = false;
        walk(e, [&](const Call &c) { found |= c.op == CallOp::trace; });
        return found;
    }
    static ExprList named(const ExprList &args, std::vector<std::pair<Symbol, Expr>> &lets) {
        ExprList out;
        for (const Expr &a : args) {
            if (!reports(a)) {
                out.push_back(a);
                continue;
            }
            const Symbol s = Symbol::fresh("coordinate");
            lets.emplace_back(s, a);
            out.push_back(Variable::make(a.type(), s));
        }
        return out;
    }

    Expr load(const Access &n, const Rewriter &r) {
        const Place *place = find(n.buffer);
        if (!place || !all_[place->traced].loads) return r.children(n);
        std::vector<std::pair<Symbol, Expr>> lets;
        const ExprList args = named(r(n.args), lets);
        const Symbol value = Symbol::fresh(all_[place->traced].name + ".loaded");
        const Expr v = Variable::make(n.type, value);
        ExprList rest = {v};
        rest.insert(rest.end(), args.begin(), args.end());
        const Expr told = event(all_[place->traced].name, halide_trace_load, parent_of_load(*place), place->element, rest);
        Expr e = Let::make(value, Access::make(n.type, n.buffer, args, n.value_index, n.owner),
                           Call::make(n.type, CallOp::return_second, {told, v}));
        for (size_t i = lets.size(); i-- > 0;) e = Let::make(lets[i].first, lets[i].second, e);
        return e;
    }
    Expr parent_of_load(const Place &place) const {
        return is_input(all_[place.traced]) ? pipeline_id() : current(place.traced);
    }

    Stmt store(const Write &n, const Rewriter &r) {
        const Place *place = find(n.buffer);
        if (!place || !all_[place->traced].stores) return r.children(n);
        std::vector<std::pair<Symbol, Expr>> lets;
        const ExprList args = named(r(n.args), lets);
        const Symbol value = Symbol::fresh(all_[place->traced].name + ".stored");
        const Expr v = Variable::make(n.values[0].type(), value);
        lets.emplace_back(value, r(n.values[0]));
        ExprList rest = {v};
        rest.insert(rest.end(), args.begin(), args.end());
        const Expr told = event(all_[place->traced].name, halide_trace_store, current(place->traced), place->element, rest);
        Stmt s = Block::make({evaluate(told), Write::make(n.buffer, args, {v})});
        for (size_t i = lets.size(); i-- > 0;) s = LetStmt::make(lets[i].first, lets[i].second, s);
        return is_const_true(n.predicate) ? s : If::make(r(n.predicate), s);
    }

    Stmt realize(const Realize &n, const Rewriter &r) {
        const Place *place = find(n.buffer);
        const size_t t = place ? place->traced : 0;
        // The elements of a Tuple are stored together: one event, around the innermost storage.
        const bool first = place && all_[t].realizations && !realized_[t];
        if (!first) return r.children(n);
        realized_[t] = true;
        ExprList region;
        Ranges bounds;
        for (const Range &b : n.bounds) {
            bounds.push_back({r(b.min), r(b.extent)});
            region.push_back(bounds.back().min);
            region.push_back(bounds.back().extent);
        }
        const Stmt body = around(t, halide_trace_begin_realization, halide_trace_end_realization, pipeline_id(), region,
                                 [&] { return r(n.body); });
        realized_[t] = false;
        return Realize::make(n.buffer, n.types, bounds, n.order, n.memory, n.condition, body);
    }

    Stmt production(const ProducerConsumer &n, const Rewriter &r) {
        const Place *place = find(n.buffer);
        if (!place || !all_[place->traced].realizations || (!n.is_producer && all_[place->traced].is_output)) {
            return r.children(n);
        }
        const size_t t = place->traced;
        if (n.is_producer) {
            const Boxes written = boxes_touched(n.body, {}, Touch::Writes, SelectBranches::Both);
            auto it = written.find(n.buffer);
            region_[t] = it == written.end() ? ExprList() : region_of(it->second);
        }
        const ExprList region = region_[t];
        const Expr parent = all_[t].is_output ? output_id(t) : current(t);
        const auto begin = n.is_producer ? halide_trace_produce : halide_trace_consume;
        const auto end = n.is_producer ? halide_trace_end_produce : halide_trace_end_consume;
        const Stmt body = around(t, begin, end, parent, region, [&] { return r(n.body); });
        return ProducerConsumer::make(n.buffer, n.is_producer, body);
    }

    const std::vector<OutputRegion> &outputs_;
    std::string pipeline_;
    Symbol pipeline_id_;
    bool whole_pipeline_ = false;
    std::vector<Traced> all_;  // inputs, then Funcs, producers first
    std::map<Symbol, Place> by_element_;
    std::map<int, size_t> of_func_;        // index in the graph → in all_
    std::map<size_t, Expr> current_;       // the id of the innermost event around, by index in all_
    std::map<size_t, Expr> output_ids_;    // of the realizations of outputs
    std::map<size_t, ExprList> region_;    // of the last production
    std::map<size_t, bool> realized_;
};

}  // namespace

Stmt inject_tracing(const Stmt &nest, const Graph &graph, const std::vector<OutputRegion> &outputs,
                    const std::string &pipeline, const Target &target) {
    return Tracer(graph, outputs, pipeline, target)(nest);
}

}  // namespace heddle::Internal
