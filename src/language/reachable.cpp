#include "language/reachable.h"

#include <algorithm>
#include <unordered_set>
#include <variant>

#include "ir/rewrite.h"
#include "language/define.h"

namespace heddle::Internal {

namespace {

template<typename Visit>
void each_expr_of(const Directive &d, const Visit &visit) {
    for (const DirectiveArgument &a : d.args) {
        if (const Expr *e = std::get_if<Expr>(&a)) visit(*e);
        if (const auto *list = std::get_if<std::vector<Expr>>(&a)) {
            for (const Expr &e : *list) visit(e);
        }
    }
    for (const Directive &inner : d.body) each_expr_of(inner, visit);
}

// Every Expr that the algorithm of f holds: what decides which Functions it calls.
template<typename Visit>
void each_expr_of_stage(const Definition &s, const Visit &visit) {
    for (const Expr &e : s.args) visit(e);
    for (const Expr &e : s.values) visit(e);
    if (s.predicate.defined()) visit(s.predicate);
    if (s.rdom) {
        for (const ReductionVariable &v : s.rdom->variables) {
            visit(v.min);
            visit(v.extent);
        }
    }
}

void reach(const std::shared_ptr<const Function> &f, std::unordered_set<const Function *> &seen, Functions &found) {
    if (!seen.insert(f.get()).second) return;
    const auto visit = [&](const Expr &e) {
        walk_graph(e, [&](const Access &a) {
            if (auto called = function_of(a)) reach(called, seen, found);
        });
    };
    for (int i = 0; i < f->stages(); i++) each_expr_of_stage(f->stage(i), visit);
    found.push_back(f);
}

class Collector {
public:
    void add(const Expr &e) {
        walk_graph(
            e,
            [&](const Access &a) {
                if (auto p = parameter_of(a)) add(p);
            },
            [&](const Variable &v) {
                if (auto p = parameter_of(v)) add(p);
            });
    }
    void add(const std::shared_ptr<const ParameterContents> &p) {
        if (!seen_.insert(p.get()).second) return;
        found.push_back(p);
        for (const auto &c : p->constraints) {
            for (const Expr &e : {c.min, c.extent, c.stride}) {
                if (e.defined()) add(e);
            }
        }
        for (const Expr &e : {p->min_value, p->max_value}) {
            if (e.defined()) add(e);
        }
    }
    Parameters found;

private:
    std::unordered_set<const ParameterContents *> seen_;
};

}  // namespace

Functions functions_reached(const Functions &outputs) {
    Functions found;
    std::unordered_set<const Function *> seen;
    for (const auto &f : outputs) reach(f, seen, found);
    return found;
}

Parameters parameters_used(const Functions &reached, const Functions &outputs, const ExprList &more) {
    Collector c;
    std::unordered_set<const ParameterContents *> of_outputs;
    const auto visit = [&](const Expr &e) {
        if (e.defined()) c.add(e);
    };
    for (const auto &f : reached) {
        for (int i = 0; i < f->stages(); i++) {
            each_expr_of_stage(f->stage(i), visit);
            for (const Directive &d : f->stage(i).directives) each_expr_of(d, visit);
        }
        for (const Directive &d : f->directives) each_expr_of(d, visit);
    }
    for (const auto &f : outputs) {
        for (const auto &p : f->output_parameters) {
            of_outputs.insert(p.get());
            c.add(std::shared_ptr<const ParameterContents>(p));
        }
    }
    for (const Expr &e : more) visit(e);
    std::erase_if(c.found, [&](const auto &p) { return of_outputs.count(p.get()) != 0; });
    std::stable_sort(c.found.begin(), c.found.end(), [](const auto &a, const auto &b) {
        return a->is_buffer != b->is_buffer ? a->is_buffer : a->name < b->name;
    });
    return c.found;
}

Argument argument_of(const ParameterContents &p) {
    ArgumentEstimates estimates;
    if (!p.is_buffer) {
        estimates.scalar_def = p.default_value;
        estimates.scalar_min = p.min_value;
        estimates.scalar_max = p.max_value;
        estimates.scalar_estimate = p.estimate;
    }
    for (const auto &c : p.constraints) estimates.buffer_estimates.push_back({c.min_estimate, c.extent_estimate});
    return Argument(p.name, p.is_buffer ? Argument::InputBuffer : Argument::InputScalar, p.type, p.dimensions,
                    std::move(estimates));
}

void check_distinct_names(const Parameters &parameters) {
    std::unordered_set<std::string> names;
    for (const auto &p : parameters) {
        if (p->bound_from_start || names.insert(p->name).second) continue;
        refuse(263, p->name, {}, concat("two different parameters of the pipeline are both called ", p->name));
    }
}

}  // namespace heddle::Internal
