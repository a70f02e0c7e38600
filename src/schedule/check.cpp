#include "schedule/check.h"

#include <algorithm>

#include "schedule/print_nest.h"

namespace heddle::Internal {

std::string stage_name(const Function &f, int stage) {
    return stage == 0 ? f.display_name : concat(f.display_name, ".update(", stage - 1, ")");
}

Diagnostic diagnostic_of(const Refusal &r, const Function &f, int stage, const Directive &d) {
    Diagnostic result;
    result.code = r.code;
    result.message = r.message;
    result.location = d.location;
    result.directive = to_cpp(d);
    result.func = stage_name(f, stage);
    result.var = r.var;
    result.hint = r.hint;
    return result;
}

namespace {

Verdict check_shape(const Function &f, const Directive &d) {
    if (!f.defined()) {
        return Refusal{301, concat(f.display_name, " is not defined yet"), "",
                       "define it before it is scheduled"};
    }
    if (const auto name = wrong_argument(d)) {
        return Refusal{322,
                       concat("argument ", *name, " of ", info(d.kind).name,
                              " is missing or of the wrong kind"),
                       "", ""};
    }
    return {};
}

// The loop to mark: the one at fault, or, for a new name, the first loop that the directive names.
std::string marked_loop(const StageNest &nest, const Diagnostic &refused, const Directive &d) {
    auto is_loop = [&](const std::string &name) {
        return std::any_of(nest.dims.begin(), nest.dims.end(),
                           [&](const Dim &dim) { return dim.var == name; });
    };
    if (is_loop(refused.var)) return refused.var;
    for (const DirectiveArgument &a : d.args) {
        const auto *list = std::get_if<std::vector<LoopName>>(&a);
        const LoopName *loop = list && !list->empty() ? &list->front() : std::get_if<LoopName>(&a);
        if (loop && refused.code != 302 && is_loop(loop->name)) return loop->name;
    }
    return {};
}

// The nest after the directives recorded so far; they were legal when they were recorded.
Verdict fold(NestBuilder &builder, const Definition &def, size_t *index) {
    for (*index = 0; *index < def.directives.size(); ++*index) {
        if (Verdict v = builder.apply(def.directives[*index])) return v;
    }
    return {};
}

Verdict verdict_on(const Function &f, int stage, const Directive &d) {
    if (Verdict v = check_shape(f, d)) return v;
    if (info(d.kind).scope == DirectiveScope::Func) return check_placement(f, f.directives, d);
    NestBuilder builder(f, stage);
    size_t index = 0;
    if (Verdict v = fold(builder, f.stage(stage), &index)) return v;
    return builder.apply(d);
}

}  // namespace

std::optional<Diagnostic> check(const Function &f, int stage, const Directive &d) {
    if (Verdict v = verdict_on(f, stage, d)) return diagnostic_of(*v, f, stage, d);
    return {};
}

void record(Function &f, int stage, Directive d) {
    const bool of_func = info(d.kind).scope == DirectiveScope::Func;
    if (std::optional<Diagnostic> refused = check(f, stage, d)) {
        if (f.defined() && !of_func) {
            const std::string marked = marked_loop(nest_of(f, stage), *refused, d);
            refused->notes.push_back(print_stage_nest(f, stage, marked));
        }
        throw CompileError(std::move(*refused));
    }
    (of_func ? f.directives : f.stage(stage).directives).push_back(std::move(d));
}

std::optional<Diagnostic> check_all(const Function &f, int *stage, size_t *index) {
    *stage = 0;
    std::vector<Directive> before;
    for (*index = 0; *index < f.directives.size(); ++*index) {
        const Directive &d = f.directives[*index];
        Verdict v = check_shape(f, d);
        if (!v) v = check_placement(f, before, d);
        if (v) return diagnostic_of(*v, f, 0, d);
        before.push_back(d);
    }
    for (*stage = 0; *stage < f.stages(); ++*stage) {
        NestBuilder builder(f, *stage);
        const std::vector<Directive> &directives = f.stage(*stage).directives;
        for (*index = 0; *index < directives.size(); ++*index) {
            const Directive &d = directives[*index];
            Verdict v = check_shape(f, d);
            if (!v) v = builder.apply(d);
            if (!v) continue;
            Diagnostic refused = diagnostic_of(*v, f, *stage, d);
            return refused;
        }
    }
    return {};
}

StageNest nest_of(const Function &f, int stage) {
    NestBuilder builder(f, stage);
    size_t index = 0;
    const Definition &def = f.stage(stage);
    if (Verdict v = fold(builder, def, &index)) {
        throw CompileError(diagnostic_of(*v, f, stage, def.directives[index]));
    }
    return builder.nest();
}

}  // namespace heddle::Internal
