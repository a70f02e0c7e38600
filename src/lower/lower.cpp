#include "lower/lower.h"

#include <algorithm>
#include <map>

#include "analysis/simplify.h"
#include "language/reachable.h"
#include "lower/buffer_arguments.h"
#include "lower/build_nest.h"
#include "lower/check_devices.h"
#include "lower/graph.h"
#include "lower/inject_profiling.h"
#include "lower/inject_tracing.h"
#include "lower/pipeline.h"
#include "lower/place.h"
#include "lower/value_bounds.h"
#include "schedule/derived.h"
#include "schedule/roundtrip.h"
#include "support/large_stack.h"

namespace heddle::Internal {

namespace {

class Lowering {
public:
    explicit Lowering(const LowerRequest &request)
        : request_(request) {
        if (request.outputs.empty()) throw CompileError("a pipeline needs at least one output");
        graph_ = build_graph(request.outputs);
        place(graph_);
        check_devices(graph_, request.target);
        promise_value_bounds(graph_);
        inputs();
        outputs();
        context_.target = request.target;
        context_.pipeline = request.name;
        for (const BufferArgument &b : buffers_) context_.handles.emplace(b.base, b.handle);
        for (const LoweredArgument &a : arguments_) {
            context_.arguments.emplace_back(a.symbol, a.argument.is_buffer() ? Handle() : a.argument.type);
        }
        for (const EmbeddedBuffer &e : embedded_) context_.arguments.emplace_back(e.symbol, Handle());
    }

    // Before the first pass.
    Stmt nest() {
        std::vector<OutputRegion> regions;
        for (int f : graph_.outputs) {
            OutputRegion r{f, {}};
            const BufferArgument &b = buffers_[first_output_.at(f)];
            for (size_t d = 0; d < b.min.size(); d++) {
                r.ranges.push_back({Variable::make(Int(32), b.min[d]), Variable::make(Int(32), b.extent[d])});
            }
            regions.push_back(std::move(r));
        }
        Stmt nest = build_nest(graph_, regions, context_);
        nest = inject_tracing(nest, graph_, regions, request_.name, request_.target);
        if (request_.target.has_feature(Target::Profile) || request_.target.has_feature(Target::ProfileByTimer)) {
            nest = inject_profiling(nest, graph_, request_.name);
        }
        return with_argument_checks(nest, buffers_, scalars_, requirements(), context_.prologue, request_.target);
    }
    Stmt statement(const std::string &stop_after) {
        return run_passes(nest(), context_, stop_after);
    }

    LoweredFunction function(const Stmt &body) const {
        LoweredFunction f;
        f.name = request_.name;
        f.args = arguments_;
        f.embedded = embedded_;
        f.body = body;
        return f;
    }
    const PassContext &context() const {
        return context_;
    }

    Module module() {
        Module m;
        m.name = request_.name;
        m.target = request_.target;
        m.functions.push_back(function(statement("")));
        return m;
    }

private:
    void inputs() {
        std::vector<std::shared_ptr<const ParameterContents>> ordered;
        const Parameters found = parameters();
        if (request_.arguments) {
            for (const Argument &a : *request_.arguments) {
                if (a.name == "__user_context") {
                    arguments_.push_back({a, Symbol::fresh(a.name)});
                    continue;
                }
                auto it = std::find_if(found.begin(), found.end(), [&](const auto &p) { return p->name == a.name; });
                if (it != found.end()) {
                    add(*it, &a);
                    ordered.push_back(*it);
                } else {
                    unused(a);
                }
            }
        }
        for (int buffers = 1; buffers >= 0; buffers--) {
            for (const auto &p : found) {
                if (p->is_buffer != (buffers == 1)) continue;
                if (std::find(ordered.begin(), ordered.end(), p) != ordered.end()) continue;
                if (request_.arguments && !p->bound_from_start) {
                    Diagnostic d;
                    d.code = 610;
                    d.var = p->name;
                    d.message = "the pipeline uses the parameter " + p->name +
                                ", which is not in its list of arguments";
                    d.hint = "add it to the arguments that are given to compile_to_...";
                    throw CompileError(d);
                }
                if (request_.embed_buffers && p->bound_from_start) {
                    embed(p);
                } else {
                    add(p, nullptr);
                }
            }
        }
    }

    // In order of first use; those that only constraints and requirements use come last.
    Parameters parameters() const {
        Parameters found = graph_.parameters;
        ExprList more;
        for (const auto &r : request_.requirements) {
            more.push_back(r.condition);
            more.insert(more.end(), r.message.begin(), r.message.end());
        }
        for (const auto &p : parameters_used(functions_scheduled(request_.outputs), request_.outputs, more)) {
            if (std::find(found.begin(), found.end(), p) == found.end()) found.push_back(p);
        }
        return found;
    }

    // An argument that nothing uses: it is taken and, when it is a buffer, checked all the same.
    void unused(const Argument &a) {
        if (a.is_buffer()) {
            buffers_.push_back(make_buffer_argument(a.name, Symbol::fresh(a.name), a.type, a.dimensions,
                                                    a.is_output(), nullptr));
            arguments_.push_back({a, buffers_.back().handle});
        } else {
            arguments_.push_back({a, Symbol::fresh(a.name)});
        }
    }

    void add(const std::shared_ptr<const ParameterContents> &p, const Argument *as) {
        const Argument a = as ? *as : argument_of(*p);
        if (!p->is_buffer) {
            scalars_.push_back(p);
            arguments_.push_back({a, p->symbol});
            return;
        }
        buffers_.push_back(make_buffer_argument(p->name, p->symbol, p->type, p->dimensions, false, p));
        arguments_.push_back({a, buffers_.back().handle});
    }

    void embed(const std::shared_ptr<const ParameterContents> &p) {
        buffers_.push_back(make_buffer_argument(p->name, p->symbol, p->type, p->dimensions, false, p));
        EmbeddedBuffer e{p->name, buffers_.back().handle, p->type, {}, {}};
        heddle::Buffer<> original = p->buffer;
        const heddle::Buffer<> dense = original.copy();
        const halide_buffer_t &raw = *dense.raw_buffer();
        e.dims.assign(raw.dim, raw.dim + raw.dimensions);
        e.bytes.assign(raw.begin(), raw.end());
        embedded_.push_back(std::move(e));
    }

    void outputs() {
        for (int f : graph_.outputs) {
            const GraphFunc &g = graph_.funcs[static_cast<size_t>(f)];
            if (first_output_.count(f)) throw CompileError("Func " + g.name + " is given twice as an output");
            first_output_[f] = buffers_.size();
            for (size_t k = 0; k < g.elements.size(); k++) {
                std::shared_ptr<const ParameterContents> p;
                if (k < g.function->output_parameters.size()) p = g.function->output_parameters[k];
                const std::string name =
                    g.elements.size() == 1 ? g.name : g.name + "." + std::to_string(k);
                buffers_.push_back(make_buffer_argument(name, g.elements[k], g.types[k],
                                                        static_cast<int>(g.dimensions()), true, p));
                if (k > 0) buffers_.back().shaped_like = static_cast<int>(first_output_[f]);
                const Argument a(name, Argument::OutputBuffer, g.types[k], static_cast<int>(g.dimensions()));
                arguments_.push_back({a, buffers_.back().handle});
            }
        }
    }

    std::vector<Requirement> requirements() const {
        std::vector<Requirement> out;
        for (const auto &r : request_.requirements) {
            Expr text = Call::make(Handle(), CallOp::stringify, r.message);
            Expr report = Call::make(Int(32), CallOp::extern_c,
                                     {Call::make(Handle(), CallOp::user_context, {}),
                                      StringImm::make("a condition of the pipeline"), text},
                                     "halide_error_requirement_failed");
            out.push_back({simplify(r.condition), report});
        }
        for (const GraphFunc &f : graph_.funcs) {
            if (!f.removed) split_factors(f, out);
            if (!f.removed) ring_buffers(f, out);
        }
        return out;
    }

    // A split factor that is no constant must be positive when the kernel runs.
    static void split_factors(const GraphFunc &f, std::vector<Requirement> &out) {
        for (const GraphStage &stage : f.stages) {
            std::vector<Split> splits = stage.nest.past_splits;
            splits.insert(splits.end(), stage.nest.splits.begin(), stage.nest.splits.end());
            for (const Split &s : splits) {
                int64_t known;
                if (s.kind != Split::Kind::Split || as_const_int(s.factor, &known)) continue;
                Expr text = Call::make(Handle(), CallOp::stringify,
                                       {StringImm::make("the factor is "), s.factor,
                                        StringImm::make(", but must be above 0")});
                Expr report = Call::make(Int(32), CallOp::extern_c,
                                         {Call::make(Handle(), CallOp::user_context, {}),
                                          StringImm::make("split of " + s.old_var + " of " + f.name), text},
                                         "halide_error_requirement_failed");
                Expr legal = GT::make(s.factor, make_zero(s.factor.type()));
                if (stage.chosen.defined()) legal = simplify(Or::make(Not::make(stage.chosen), legal));
                out.push_back({legal, report, true});
            }
        }
    }

    // Nor can there be less than one copy of hoisted storage.
    static void ring_buffers(const GraphFunc &f, std::vector<Requirement> &out) {
        const Expr &copies = f.placement.ring_buffer;
        int64_t known;
        if (!copies.defined() || as_const_int(copies, &known)) return;
        Expr text = Call::make(Handle(), CallOp::stringify,
                               {StringImm::make("there are to be "), copies, StringImm::make(" copies, but it must be above 0")});
        Expr report = Call::make(Int(32), CallOp::extern_c,
                                 {Call::make(Handle(), CallOp::user_context, {}), StringImm::make("ring_buffer of " + f.name), text},
                                 "halide_error_requirement_failed");
        out.push_back({GT::make(copies, make_zero(copies.type())), report, true});
    }

    const LowerRequest &request_;
    Graph graph_;
    std::vector<LoweredArgument> arguments_;
    std::vector<EmbeddedBuffer> embedded_;
    std::vector<BufferArgument> buffers_;
    std::vector<std::shared_ptr<const ParameterContents>> scalars_;
    std::map<int, size_t> first_output_;
    PassContext context_;
};

}  // namespace

std::vector<std::shared_ptr<const ParameterContents>> parameters_of(
    const std::vector<std::shared_ptr<const Function>> &outputs) {
    Parameters found = build_graph(outputs).parameters;
    for (const auto &p : parameters_used(functions_scheduled(outputs), outputs)) {
        if (std::find(found.begin(), found.end(), p) == found.end()) found.push_back(p);
    }
    return found;
}

Module lower(const LowerRequest &request) {
    if (roundtrip_from_environment().schedule) roundtrip_schedule(request.outputs);
    return with_large_stack([&] { return Lowering(request).module(); });
}

LoweredFunction lower_nest(const LowerRequest &request) {
    if (roundtrip_from_environment().schedule) roundtrip_schedule(request.outputs);
    return with_large_stack([&] {
        Lowering lowering(request);
        return lowering.function(lowering.statement("simplify_nest"));
    });
}

LoweredFunction built_nest(const LowerRequest &request, PassContext &context) {
    return with_large_stack([&] {
        Lowering lowering(request);
        LoweredFunction f = lowering.function(lowering.nest());
        context = lowering.context();
        return f;
    });
}

Stmt lower_until(const LowerRequest &request, const std::string &stop_after) {
    if (roundtrip_from_environment().schedule) roundtrip_schedule(request.outputs);
    return with_large_stack([&] { return Lowering(request).statement(stop_after); });
}

}  // namespace heddle::Internal
