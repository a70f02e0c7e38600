#include "schedule/check.h"

#include <algorithm>
#include <memory>
#include <variant>

#include "ir/rewrite.h"
#include "language/parameter.h"
#include "schedule/factor.h"
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

// The nest after these directives, in the branch that `path` names from `depth` on. *at is the directive that was refused.
Verdict fold(NestBuilder &builder, const std::vector<Directive> &list, const std::vector<int> &path, size_t depth,
             const Directive **at) {
    int specialized = 0;
    for (const Directive &d : list) {
        *at = &d;
        if (Verdict v = builder.apply(d)) return v;
        if (d.kind != DirectiveKind::specialize) continue;
        if (depth < path.size() && specialized++ == path[depth]) {
            builder.enter_branch();
            return fold(builder, d.body, path, depth + 1, at);
        }
    }
    return {};
}

// The level of a compute_with, as it is now; until the pipeline is lowered it may be set to another one.
Verdict check_shared_level(const Function &f, const LoopLevel &level) {
    if (!level.defined()) return {};
    if (level.is_root() || level.is_inlined()) {
        return Refusal{351, concat("a LoopLevel that is ", level.to_string(), " names no loop to share"), "",
                       "name the other stage and a loop of it"};
    }
    if (level.function().get() == &f) {
        return Refusal{350, concat("the stages of ", f.display_name, " cannot share loops with each other"),
                       level.var().name(), "name a stage of another Func"};
    }
    return {};
}

Verdict verdict_on(const Function &f, const StagePath &at, const Directive &d) {
    if (Verdict v = check_shape(f, d)) return v;
    if (d.kind == DirectiveKind::compute_with) {
        if (Verdict v = check_shared_level(f, argument<LoopLevel>(d, 0))) return v;
    }
    if (info(d.kind).scope == DirectiveScope::Func) return check_placement(f, f.directives, d);
    NestBuilder builder(f, at.stage);
    const Directive *last = nullptr;
    if (Verdict v = fold(builder, f.stage(at.stage).directives, at.branch, 0, &last)) return v;
    return builder.apply(d);
}

// Checks a list of directives and those of its branches. *at is the one refused.
Verdict check_list(const Function &f, NestBuilder builder, const std::vector<Directive> &list, const Directive **at) {
    for (const Directive &d : list) {
        *at = &d;
        if (Verdict v = check_shape(f, d)) return v;
        if (Verdict v = builder.apply(d)) return v;
        if (d.kind != DirectiveKind::specialize) continue;
        NestBuilder branch = builder;
        branch.enter_branch();
        if (Verdict v = check_list(f, branch, d.body, at)) return v;
    }
    return {};
}

// Adds the branches of a list whose directives run under `condition` (undefined: always).
void add_branches(const NestBuilder &before, const std::vector<Directive> &list, const Expr &condition,
                  std::vector<StageBranch> &branches) {
    NestBuilder builder = before;
    std::optional<std::string> failure;
    for (const Directive &d : list) {
        if (Verdict v = builder.apply(d)) HEDDLE_ASSERT(false, "a recorded directive is not legal: ", v->message);
        if (d.kind == DirectiveKind::specialize_fail) failure = argument<std::string>(d, 0);
        if (d.kind != DirectiveKind::specialize) continue;
        NestBuilder branch = builder;
        branch.enter_branch();
        const Expr own = argument<Expr>(d, 0);
        add_branches(branch, d.body, condition.defined() ? And::make(condition, own) : own, branches);
    }
    branches.push_back({condition, builder.nest(), failure});
}

// Whether `d` is this one or has it in a branch.
bool contains(const Directive &d, const Directive *one) {
    return &d == one || std::any_of(d.body.begin(), d.body.end(), [&](const Directive &e) { return contains(e, one); });
}

template<typename F>
auto &directives_at(F &f, const StagePath &at) {
    auto *list = &f.stage(at.stage).directives;
    for (int i : at.branch) {
        for (auto &d : *list) {
            if (d.kind != DirectiveKind::specialize || i-- > 0) continue;
            list = &d.body;
            break;
        }
    }
    return *list;
}

}  // namespace

const std::vector<Directive> &loop_directives(const Function &f, const StagePath &at) {
    return directives_at(f, at);
}
std::vector<Directive> &loop_directives(Function &f, const StagePath &at) {
    return directives_at(f, at);
}

std::optional<Diagnostic> check(const Function &f, const StagePath &at, const Directive &d) {
    if (Verdict v = verdict_on(f, at, d)) return diagnostic_of(*v, f, at.stage, d);
    return {};
}

namespace {

bool is_part_of(const Function &f, const Function &of) {
    if (&f == &of) return true;
    return std::any_of(of.derived.begin(), of.derived.end(), [&](const DerivedFunction &d) { return is_part_of(f, *d.function); });
}

// An image owns the Func that it can be used as, and through it what directives say of that Func. That may be about
// the image, but it must not own it.
void release_image(const Function &f, Directive &d) {
    for (DirectiveArgument &a : d.args) {
        Expr *e = std::get_if<Expr>(&a);
        if (!e || !e->defined()) continue;
        std::vector<std::shared_ptr<const ParameterContents>> images;
        const auto look = [&](const std::shared_ptr<const ParameterContents> &p) {
            const auto of_image = p && p->is_buffer ? known_func_of_image(*p) : nullptr;
            if (of_image && is_part_of(f, *of_image)) images.push_back(p);
        };
        walk_graph(
            *e, [&](const Variable &v) { look(parameter_of(v)); }, [&](const Access &n) { look(parameter_of(n)); });
        for (const auto &p : images) *e = without_owner(*e, *p);
    }
}

}  // namespace

void record(Function &f, const StagePath &at, Directive d) {
    const bool of_func = info(d.kind).scope == DirectiveScope::Func;
    if (std::optional<Diagnostic> refused = check(f, at, d)) {
        if (f.defined() && !of_func) {
            const std::string marked = marked_loop(nest_of(f, at), *refused, d);
            refused->notes.push_back(print_stage_nest(f, at, marked));
        }
        throw CompileError(std::move(*refused));
    }
    release_image(f, d);
    if (makes_intermediate(d)) {
        add_factoring(f, at.stage, d);
    }
    (of_func ? f.directives : loop_directives(f, at)).push_back(std::move(d));
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
        const std::vector<Directive> &list = f.stage(*stage).directives;
        const Directive *at = nullptr;
        if (Verdict v = check_list(f, NestBuilder(f, *stage), list, &at)) {
            *index = static_cast<size_t>(std::distance(list.begin(), std::find_if(list.begin(), list.end(), [&](const Directive &d) {
                return contains(d, at);
            })));
            return diagnostic_of(*v, f, *stage, *at);
        }
    }
    return {};
}

StageNest nest_of(const Function &f, const StagePath &at) {
    NestBuilder builder(f, at.stage);
    const Directive *last = nullptr;
    if (Verdict v = fold(builder, f.stage(at.stage).directives, at.branch, 0, &last)) {
        throw CompileError(diagnostic_of(*v, f, at.stage, *last));
    }
    return builder.nest();
}

std::vector<StageBranch> branches_of(const Function &f, int stage) {
    std::vector<StageBranch> branches;
    add_branches(NestBuilder(f, stage), f.stage(stage).directives, Expr(), branches);
    return branches;
}

}  // namespace heddle::Internal
