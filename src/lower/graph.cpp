#include "lower/graph.h"

#include <algorithm>
#include <functional>
#include <set>

#include "analysis/cse.h"
#include "analysis/simplify.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"
#include "language/extern_definition.h"
#include "schedule/check.h"
#include "schedule/derived.h"

namespace heddle::Internal {

bool GraphStage::is_pure_in(size_t d) const {
    const Variable *v = args[d].as<Variable>();
    return v && v->symbol == arg_symbols[d];
}

int GraphFunc::first_branch(int definition) const {
    const auto it = std::find_if(stages.begin(), stages.end(),
                                 [&](const GraphStage &s) { return s.definition == definition; });
    HEDDLE_ASSERT(it != stages.end(), name, " has no definition ", definition);
    return static_cast<int>(it - stages.begin());
}

int Graph::func_of_element(const Symbol &element) const {
    auto it = element_owner.find(element.id());
    return it == element_owner.end() ? -1 : it->second;
}

namespace {

void for_each_expr(const Definition &d, const std::function<void(const Expr &)> &f) {
    for (const Expr &e : d.args) f(e);
    for (const Expr &e : d.values) f(e);
    if (d.predicate.defined()) f(d.predicate);
    if (d.rdom) {
        for (const ReductionVariable &v : d.rdom->variables) {
            f(v.min);
            f(v.extent);
        }
    }
}

class GraphBuilder {
public:
    explicit GraphBuilder(const std::vector<std::shared_ptr<const Function>> &outputs)
        : outputs_(outputs.begin(), outputs.end()) {
        check_callers(functions_scheduled(outputs));
        for (const auto &f : outputs) visit(f);
        for (const auto &f : outputs) graph_.outputs.push_back(index_.at(f->symbol.id()));
    }
    Graph take() {
        return std::move(graph_);
    }

private:
    // Producers first: every Function after those that it calls.
    void visit(const std::shared_ptr<const Function> &f) {
        if (!visited_.insert(f->symbol.id()).second) return;
        if (!f->defined()) {
            Diagnostic d;
            d.code = 210;
            d.func = f->name;
            d.message = "Func " + f->name + " is used but was never defined";
            d.hint = "give it a definition, as in " + f->name + "(x) = ..., before it is compiled";
            throw CompileError(d);
        }
        for (int s = 0; s < f->stages(); s++) {
            for_each_expr(definition_of(*f, s), [&](const Expr &e) {
                walk_graph(e, [&](const Access &a) {
                    auto callee = callee_of(*f, a);
                    if (callee && callee->symbol != f->symbol) visit(callee);
                });
            });
        }
        add(f);
    }

    void add(const std::shared_ptr<const Function> &f) {
        const int index = static_cast<int>(graph_.funcs.size());
        index_[f->symbol.id()] = index;
        GraphFunc g;
        g.function = f;
        g.name = f->name;
        g.types = f->types;
        g.is_output = outputs_.count(f) > 0;
        for (size_t i = 0; i < f->types.size(); i++) {
            Symbol s = Symbol::fresh(f->types.size() == 1 ? f->name : f->name + "." + std::to_string(i));
            graph_.element_owner[s.id()] = index;
            g.elements.push_back(s);
        }
        g.placement = placement_of(*f);
        g.removed = !g.is_output && f->updates.empty() && !f->external &&
                    g.placement.compute.where == Placement::Where::Inlined;
        graph_.funcs.push_back(std::move(g));
        if (graph_.funcs.back().removed) {
            check_inlined(*f);
            graph_.funcs.back().stages.push_back(stage(*f, 0, {}, index));
            return;
        }
        for (int s = 0; s < f->stages(); s++) {
            Expr before;  // some condition before holds
            for (const StageBranch &b : branches_of(*f, s)) {
                GraphStage branch = stage(*f, s, b, index);
                check_shapes(*f, b);
                if (b.condition.defined()) branch.condition = simplify(b.condition);
                branch.chosen = before.defined() ? Not::make(before) : Expr();
                if (b.condition.defined()) {
                    branch.chosen = branch.chosen.defined() ? And::make(b.condition, branch.chosen) : b.condition;
                    before = before.defined() ? Or::make(before, b.condition) : b.condition;
                }
                if (branch.chosen.defined()) branch.chosen = simplify(branch.chosen);
                graph_.funcs.back().stages.push_back(std::move(branch));
            }
        }
    }

    // An inlined Func has no loops that could run in one way or another. (Splits of them, and bounds, say nothing then.)
    static void check_inlined(const Function &f) {
        const std::vector<Dim> dims = nest_of(f, 0).dims;
        const bool typed = std::any_of(dims.begin(), dims.end(), [](const Dim &d) { return d.for_type != ForType::Serial; });
        for (const Directive &d : f.pure.directives) {
            const bool branches = d.kind == DirectiveKind::specialize || d.kind == DirectiveKind::specialize_fail;
            const bool types = d.kind == DirectiveKind::vectorize || d.kind == DirectiveKind::unroll || d.kind == DirectiveKind::parallel;
            if (!branches && !(types && typed)) continue;
            throw CompileError(diagnostic_of({branches ? 415 : 416, concat(f.name, " is inlined wherever it is used, and has no loops of its own"), "",
                                              concat("say compute_root() or compute_at(...), too, or ", branches ? "specialize" : "schedule", " those that use it")},
                                             f, 0, d));
        }
    }

    // The shape of a Func that is no output is not known before a run.
    void check_shapes(const Function &f, const StageBranch &b) const {
        if (!b.condition.defined() || graph_.funcs.back().is_output) return;
        walk_graph(b.condition, [&](const Variable &v) {
            const auto p = parameter_of(v);
            for (const auto &q : f.output_parameters) {
                if (p != q) continue;
                Diagnostic d;
                d.code = 330;
                d.func = f.name;
                d.directive = "specialize(" + brief(b.condition) + ")";
                d.message = "the condition uses the shape of " + f.name + ", which is no output of this pipeline";
                d.hint = "use Params, and the shapes of inputs and outputs";
                throw CompileError(d);
            }
        });
    }

    GraphStage stage(const Function &f, int s, const StageBranch &branch, int index) {
        const Definition def = definition_of(f, s);
        GraphStage out;
        out.definition = s;
        out.failure = branch.failure;
        Substitution own;
        for (size_t d = 0; d < f.args.size(); d++) {
            Symbol x = Symbol::fresh(f.args[d]);
            own[f.arg_symbols[d]] = Variable::make(Int(32), x);
            out.arg_symbols.push_back(x);
        }
        if (def.rdom) {
            for (const ReductionVariable &v : def.rdom->variables) {
                Symbol r = Symbol::fresh(v.name);
                own[v.symbol] = Variable::make(Int(32), r);
                out.rvars.push_back({v.name, r, resolve(f, v.min, own), resolve(f, v.extent, own)});
            }
        }
        for (const Expr &e : def.args) out.args.push_back(resolve(f, e, own));
        for (const Expr &e : def.values) out.values.push_back(resolve(f, e, own));
        if (def.predicate.defined()) out.predicate = resolve(f, def.predicate, own);
        if (s == 0 && f.external) {
            check_extern(f, out.values[0]);
            return out;
        }
        // An inlined Func stays a graph: its callers' trees are made when they are complete.
        if (!graph_.funcs[static_cast<size_t>(index)].removed) {
            for (Expr &e : out.args) e = as_tree(e);
            for (Expr &e : out.values) e = as_tree(e);
            if (out.predicate.defined()) out.predicate = as_tree(out.predicate);
            out.nest = branch.nest;
        }
        return out;
    }

    // What a C function reads is in memory: nothing was put in its place.
    void check_extern(const Function &f, const Expr &resolved) const {
        const ExprList &given = extern_call_of(f).args;
        for (size_t i = 0; i < given.size(); i++) {
            const Access *a = passed_on(given[i]);
            if (!a || passed_on(resolved.as<Call>()->args[i])) continue;
            const std::string name = function_of(*a)->name;
            Diagnostic d;
            d.code = 456;
            d.func = name;
            d.location = f.pure.location;
            d.message = "Func " + name + ", or the wrapper that stands for it, cannot be inlined: the C function " +
                        f.external->name + ", which computes " + f.name + ", reads it from memory";
            d.hint = name + ".compute_root(), or compute_at(...) a loop around its uses";
            throw CompileError(d);
        }
    }

    static Expr as_tree(const Expr &e) {
        return simplify(common_subexpressions(e));
    }

    // Own variables in, calls of Functions to elements or inlined, parameters noted.
    Expr resolve(const Function &f, const Expr &e, const Substitution &own) {
        Substitution lets;
        return rewrite_graph(
            e,
            [&](const Variable &v) -> Expr {
                if (auto it = own.find(v.symbol); it != own.end()) return it->second;
                if (auto p = parameter_of(v)) note(p);
                return Expr(&v);
            },
            [&](const Access &a) -> Expr {
                auto callee = callee_of(f, a);
                if (!callee) {
                    if (auto p = parameter_of(a)) note(p);
                    return Expr(&a);
                }
                const GraphFunc &g = graph_.funcs[static_cast<size_t>(index_.at(callee->symbol.id()))];
                const auto k = static_cast<size_t>(a.value_index);
                if (!g.removed) return Access::make(a.type, g.elements.at(k), a.args);
                Substitution args;
                const GraphStage &body = g.stages[0];
                for (size_t d = 0; d < a.args.size(); d++) args[body.arg_symbols[d]] = a.args[d];
                return substitute(args, body.values.at(k));
            });
    }

    void note(const std::shared_ptr<const ParameterContents> &p) {
        if (noted_.insert(p->symbol.id()).second) graph_.parameters.push_back(p);
    }

    std::set<std::shared_ptr<const Function>> outputs_;
    std::set<uint64_t> visited_, noted_;
    std::map<uint64_t, int> index_;
    Graph graph_;
};

}  // namespace

Graph build_graph(const std::vector<std::shared_ptr<const Function>> &outputs) {
    return GraphBuilder(outputs).take();
}

std::vector<std::pair<Symbol, Type>> elements_named(const Graph &graph, const std::string &name) {
    std::vector<std::pair<Symbol, Type>> out;
    for (const GraphFunc &g : graph.funcs) {
        if (g.name != name || g.removed) continue;
        for (size_t k = 0; k < g.elements.size(); k++) out.emplace_back(g.elements[k], g.types[k]);
    }
    for (const auto &p : graph.parameters) {
        if (p->is_buffer && p->name == name) out.emplace_back(p->symbol, p->type);
    }
    return out;
}

}  // namespace heddle::Internal
