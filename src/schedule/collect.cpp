#include "schedule/collect.h"

#include <algorithm>
#include <map>
#include <set>

#include "ir/rewrite.h"
#include "language/parameter.h"
#include "language/reachable.h"
#include "schedule/algorithm_hash.h"
#include "schedule/check.h"
#include "schedule/derived.h"
#include "schedule/factor.h"
#include "schedule/stage_names.h"

namespace heddle::Internal {

std::vector<std::string> names_in_files(const std::vector<std::shared_ptr<const Function>> &funcs) {
    std::set<std::string> given;
    std::vector<std::string> names;
    for (const auto &f : funcs) {
        std::string name = f->display_name;
        for (int i = 1; !given.insert(name).second; i++) {
            name = f->display_name + "#" + std::to_string(i);
        }
        names.push_back(name);
    }
    return names;
}

namespace {

using FuncNames = std::map<const Function *, std::string>;

// What files call value k of an output.
std::string output_name(const Function &f, const std::string &name, size_t k) {
    return f.types.size() == 1 ? name : concat(name, ".", k);
}

// Whether the Func that d names may be an image of the pipeline: its name is that in the program.
bool may_be_image(const Directive &d) {
    return d.kind == DirectiveKind::prefetch || d.kind == DirectiveKind::stream_loads;
}

// Handles become names.
class ToValue {
public:
    ToValue(const Function &f, int stage, const FuncNames &funcs)
        : func_(f),
          stage_(stage),
          funcs_(funcs) {
    }

    Directive operator()(const Directive &d) const {
        Directive result{d.kind, {}, d.location};
        for (size_t i = 0; i < d.args.size(); i++) {
            result.args.push_back(argument(d.args[i], info(d.kind).parameters.at(i).kind, d));
        }
        for (const Directive &inner : d.body) {
            result.body.push_back((*this)(inner));
        }
        // A level that is root or inlined has directives of its own.
        if (const LoopLevel *l = d.args.empty() ? nullptr : std::get_if<LoopLevel>(&d.args[0])) {
            const bool compute = d.kind == DirectiveKind::compute_at;
            if (l->is_root() && root_form(d.kind)) {
                result = {*root_form(d.kind), {}, d.location};
            } else if (l->is_inlined() && compute) {
                result = {DirectiveKind::compute_inline, {}, d.location};
            }
        }
        return result;
    }

    const std::string *by_name(const std::string &unique) const {
        for (const auto &[f, name] : funcs_) {
            if (f->name == unique) return &name;
        }
        return nullptr;
    }

private:
    std::string func(const std::string &unique, const Directive &d) const {
        if (const std::string *name = by_name(unique)) return *name;
        if (may_be_image(d)) return unique;
        throw CompileError(diagnostic_of({406, concat(unique, " is not part of this pipeline"), unique, ""}, func_, 0, d));
    }
    static std::optional<DirectiveKind> root_form(DirectiveKind kind) {
        if (kind == DirectiveKind::compute_at) return DirectiveKind::compute_root;
        if (kind == DirectiveKind::store_at) return DirectiveKind::store_root;
        if (kind == DirectiveKind::hoist_storage) return DirectiveKind::hoist_storage_root;
        return {};
    }
    LoopName name(const LoopName &l) const {
        return {file_name_of_loop(func_, stage_, l.name)};
    }
    DirectiveArgument argument(const DirectiveArgument &a, ArgumentKind kind, const Directive &d) const {
        if (const auto *f = std::get_if<std::string>(&a)) {
            return kind == ArgumentKind::Text ? *f : func(*f, d);
        }
        // Of the callers of a Func, those of this pipeline.
        if (const auto *list = std::get_if<std::vector<std::string>>(&a)) {
            std::vector<std::string> names;
            for (const std::string &f : *list) {
                if (!makes_substitute(d.kind) || by_name(f)) names.push_back(func(f, d));
            }
            return names;
        }
        if (const auto *l = std::get_if<LoopName>(&a)) return name(*l);
        if (const auto *list = std::get_if<std::vector<LoopName>>(&a)) {
            std::vector<LoopName> names;
            for (const LoopName &l : *list) {
                names.push_back(name(l));
            }
            return names;
        }
        if (const auto *l = std::get_if<LoopLevel>(&a)) return level(*l, d);
        if (const auto *e = std::get_if<Expr>(&a)) return e->defined() ? named(*e) : a;
        return a;
    }
    // The shapes of outputs under the names that the Funcs have in files.
    Expr named(const Expr &e) const {
        return rewrite_graph(e, [&](const Variable &v) -> Expr {
            const auto p = parameter_of(v);
            for (const auto &[f, name] : funcs_) {
                for (size_t k = 0; p && k < f->output_parameters.size(); k++) {
                    if (f->output_parameters[k] != p) continue;
                    const std::string suffix = v.symbol.name().substr(p->name.size());
                    return Variable::make(v.type, Symbol::fresh(output_name(*f, name, k) + suffix));
                }
            }
            return Expr(&v);
        });
    }
    DirectiveArgument level(const LoopLevel &l, const Directive &d) const {
        if (l.is_root() || l.is_inlined()) return l;
        const auto f = l.defined() ? l.function() : nullptr;
        const auto known = f ? funcs_.find(f.get()) : funcs_.end();
        if (known == funcs_.end()) {
            const Refusal r =
                l.defined()
                    ? Refusal{406, concat(l.func(), " is not part of this pipeline"), l.func(), ""}
                    : Refusal{405, "the LoopLevel was never set", "",
                              "call set() on it before the schedule is saved"};
            throw CompileError(diagnostic_of(r, func_, 0, d));
        }
        int stage = l.stage_index();
        const std::string var = file_name_of_level(*f, l.var().name(), &stage);
        return LoopLevel(known->second, var, false, stage);
    }

    const Function &func_;
    int stage_;
    const FuncNames &funcs_;
};

// Names become handles. Refusals name the place in the file.
class FromValue {
public:
    FromValue(const std::vector<std::shared_ptr<const Function>> &funcs,
              const std::vector<std::string> &names, const Parameters &parameters)
        : parameters_(parameters) {
        for (size_t i = 0; i < funcs.size(); i++) {
            add(names[i], std::const_pointer_cast<Function>(funcs[i]));
        }
    }

    void add(const std::string &name, const std::shared_ptr<Function> &f) {
        funcs_[name] = f;
    }
    UnnamedLoops &unnamed() {
        return unnamed_;
    }
    /** The Func of this name; that of an image of the pipeline when no other one has it. */
    std::shared_ptr<Function> func(const std::string &name) const {
        if (const auto it = funcs_.find(name); it != funcs_.end()) return it->second;
        for (const auto &p : parameters_) {
            if (p->is_buffer && p->name + "_im" == name) return func_of_image(std::const_pointer_cast<ParameterContents>(p));
        }
        return nullptr;
    }

    Directive operator()(const Directive &d, const Function &f, int stage,
                         const StageAliases &aliases) const {
        Directive result{d.kind, {}, d.location};
        for (size_t i = 0; i < d.args.size(); i++) {
            const ArgumentKind kind = info(d.kind).parameters.at(i).kind;
            if (kind == ArgumentKind::FuncName || kind == ArgumentKind::NewFunc) {
                result.args.push_back(unique(argument<std::string>(d, i), d, f, stage));
            } else if (kind == ArgumentKind::FuncNames && std::holds_alternative<std::vector<std::string>>(d.args[i])) {
                std::vector<std::string> names;
                for (const std::string &name : argument<std::vector<std::string>>(d, i)) {
                    names.push_back(unique(name, d, f, stage));
                }
                result.args.push_back(std::move(names));
            } else {
                result.args.push_back(argument(d.args[i], d, f, stage, aliases));
            }
        }
        return result;
    }

private:
    template<typename T>
    static const T &argument(const Directive &d, size_t i) {
        return Internal::argument<T>(d, i);
    }
    std::string unique(const std::string &name, const Directive &d, const Function &f, int stage) const {
        const std::shared_ptr<Function> named = func(name);
        if (!named && may_be_image(d)) return name;
        if (!named) refuse(507, concat("this pipeline has no Func ", name), name, func_names(), d, f, stage);
        return named->name;
    }
    [[noreturn]] void refuse(int code, const std::string &message, const std::string &var,
                             const std::string &hint, const Directive &d, const Function &f,
                             int stage) const {
        throw CompileError(diagnostic_of({code, message, var, hint}, f, stage, d));
    }

    DirectiveArgument argument(const DirectiveArgument &a, const Directive &d, const Function &f,
                               int stage, const StageAliases &aliases) const {
        if (const auto *l = std::get_if<LoopName>(&a)) return LoopName{aliases.loop(l->name)};
        if (const auto *list = std::get_if<std::vector<LoopName>>(&a)) {
            std::vector<LoopName> names;
            for (const LoopName &l : *list) {
                names.push_back({aliases.loop(l.name)});
            }
            return names;
        }
        if (const auto *e = std::get_if<Expr>(&a)) return bound(*e, d, f, stage);
        if (const auto *list = std::get_if<std::vector<Expr>>(&a)) {
            std::vector<Expr> result;
            for (const Expr &e : *list) {
                result.push_back(bound(e, d, f, stage));
            }
            return result;
        }
        if (const auto *l = std::get_if<LoopLevel>(&a);
            l && l->defined() && !l->is_root() && !l->is_inlined()) {
            const std::shared_ptr<Function> consumer = func(l->func());
            if (!consumer) {
                refuse(507, concat("this pipeline has no Func ", l->func()), l->func(),
                       func_names(), d, f, stage);
            }
            const std::string var =
                loop_of_level(*consumer, unnamed_.name(*consumer, l->var().name()), l->stage_index());
            return LoopLevel(consumer, VarOrRVar(var, false), l->stage_index());
        }
        return a;
    }

    // The field of p, when files call p `name`, that they call `field`; undefined: none.
    static Symbol shape(const ParameterContents &p, const std::string &name, const std::string &field) {
        for (const ParameterContents::DimSymbols &s : p.dim_symbols) {
            for (const Symbol &symbol : {s.min, s.extent, s.stride}) {
                if (name + symbol.name().substr(p.name.size()) == field) return symbol;
            }
        }
        return Symbol();
    }
    // The parameters of the pipeline for the names in e.
    Expr bound(const Expr &e, const Directive &d, const Function &f, int stage) const {
        const auto element = [&](const Access &a, const Rewriter &r) -> Expr {
            for (const auto &p : parameters_) {
                if (!p->is_buffer || p->name != a.buffer.name()) continue;
                if (p->type != a.type || static_cast<size_t>(p->dimensions) != a.args.size()) {
                    refuse(506, concat(p->name, " is an image of ", p->dimensions, " dimensions with elements of type ", to_string(p->type),
                                       ", and is used as another one"),
                           p->name, "", d, f, stage);
                }
                ExprList args;
                for (const Expr &arg : a.args) args.push_back(r(arg));
                return Access::make(p->type, p->symbol, std::move(args), 0, p);
            }
            refuse(508, concat("this pipeline has no image ", a.buffer.name()), a.buffer.name(), parameter_names(), d, f, stage);
        };
        return rewrite_graph(e, element, [&](const Variable &v) -> Expr {
            for (const auto &p : parameters_) {
                if (!p->is_buffer && p->name == v.symbol.name()) return Variable::make(p->type, p->symbol, p);
                if (const Symbol s = shape(*p, p->name, v.symbol.name()); s.defined()) return Variable::make(Int(32), s, p);
            }
            for (const auto &[name, func] : funcs_) {
                for (size_t k = 0; k < func->output_parameters.size(); k++) {
                    const std::shared_ptr<ParameterContents> &p = func->output_parameters[k];
                    const Symbol s = shape(*p, output_name(*func, name, k), v.symbol.name());
                    if (s.defined()) return Variable::make(Int(32), s, p);
                }
            }
            refuse(508, concat("this pipeline has no Param ", v.symbol.name()), v.symbol.name(), parameter_names(),
                   d, f, stage);
        });
    }

    std::string parameter_names() const {
        std::string names;
        for (const auto &p : parameters_) {
            if (!p->bound_from_start) names += (names.empty() ? "its parameters are " : ", ") + p->name;
        }
        return names.empty() ? "it has no parameters" : names;
    }
    std::string func_names() const {
        std::string names;
        for (const auto &[name, f] : funcs_) {
            names += (names.empty() ? "its Funcs are " : ", ") + name;
        }
        return names;
    }

    std::map<std::string, std::shared_ptr<Function>> funcs_;
    mutable UnnamedLoops unnamed_;
    const Parameters &parameters_;
};

bool is_hoist_level(const Directive &d) {
    return d.kind == DirectiveKind::hoist_storage || d.kind == DirectiveKind::hoist_storage_root;
}
bool is_store_level(const Directive &d) {
    return d.kind == DirectiveKind::store_at || d.kind == DirectiveKind::store_root;
}

// store_at(LoopLevel::inlined()), or hoist_storage of it: takes back what was said about where to store.
bool stored_nowhere(const Directive &d) {
    const bool stores = d.kind == DirectiveKind::store_at || d.kind == DirectiveKind::hoist_storage;
    return stores && argument<LoopLevel>(d, 0).is_inlined();
}

// A wrapper or clone whose callers are all in other pipelines.
bool of_other_callers(const Directive &d, const ToValue &to_value) {
    if (!makes_substitute(d.kind) || callers_named(d).empty()) return false;
    const std::vector<std::string> callers = callers_named(d);
    return std::none_of(callers.begin(), callers.end(), [&](const std::string &c) { return to_value.by_name(c); });
}

// All of a Function that a schedule changes. (Of one that rfactor has made these are its definitions, too.)
struct Recorded {
    std::vector<Directive> func;
    std::vector<std::string> args;
    std::vector<Symbol> arg_symbols;
    Definition pure;
    std::vector<Definition> updates;
};

Recorded take(Function &f) {
    Recorded r{std::move(f.directives), f.args, f.arg_symbols, f.pure, f.updates};
    f.directives.clear();
    for (int s = 0; s < f.stages(); s++) {
        f.stage(s).directives.clear();
        f.stage(s).factorings.clear();
    }
    return r;
}

void give_back(Function &f, Recorded r) {
    f.directives = std::move(r.func);
    f.args = std::move(r.args);
    f.arg_symbols = std::move(r.arg_symbols);
    f.pure = std::move(r.pure);
    f.updates = std::move(r.updates);
}

[[noreturn]] void refuse_stage(const Schedule &schedule, size_t index, const char *member, int code,
                               const std::string &message, const std::string &hint) {
    Diagnostic d;
    d.code = code;
    d.message = message;
    d.func = schedule.stages[index].func;
    d.hint = hint;
    d.location.file = schedule.source;
    d.location.pointer = concat("/stages/", index, "/", member);
    throw CompileError(std::move(d));
}

// What a schedule expects that the pipeline does not have, as far as the schedule shows.
std::string difference(const Schedule &schedule, const FromValue &pipeline) {
    for (const Schedule::Stage &s : schedule.stages) {
        const auto f = pipeline.func(s.func);
        if (!f)
            return concat("it schedules a Func ", s.func, ", which this pipeline does not have");
        if (s.update >= static_cast<int>(f->updates.size())) {
            return concat("it schedules update ", s.update, " of ", s.func, ", which has ",
                          f->updates.size(), " update definition(s) here");
        }
    }
    return "the Funcs that it names are there, but some definition differs";
}

}  // namespace

namespace {

// The Funcs of the algorithm, and behind them those that its directives made.
Functions algorithm_first(const Functions &algorithm, const Functions &scheduled) {
    Functions all = algorithm;
    for (const auto &f : scheduled) {
        const bool known = std::any_of(algorithm.begin(), algorithm.end(), [&](const auto &g) { return g.get() == f.get(); });
        if (!known) all.push_back(f);
    }
    return all;
}

// All Functions that may have directives to replace.
void with_derived(const std::shared_ptr<const Function> &f, Functions &all) {
    for (const auto &known : all) {
        if (known.get() == f.get()) return;
    }
    all.push_back(f);
    for (const DerivedFunction &d : f->derived) with_derived(d.function, all);
}

// Records those of a list of directives that are of this scope and, one by one, those of its branches.
void record_all(Function &f, const StagePath &at, const std::vector<Directive> &list, DirectiveScope scope,
                FromValue &from_value, const StageAliases &aliases) {
    int branches = 0;
    for (const Directive &d : list) {
        const DirectiveScope own = info(d.kind).scope;
        if ((at.stage > 0 || !at.branch.empty()) && own == DirectiveScope::Func) {
            const Refusal r{510, concat(info(d.kind).name, " is about the whole of ", f.name, " and stands with its pure definition"),
                            "", at.stage > 0 ? "move it to the stage with \"update\": null" : "move it out of the branch"};
            throw CompileError(diagnostic_of(r, f, at.stage, d));
        }
        if (own != scope) continue;
        record(f, at, from_value(d, f, at.stage, aliases));
        if (makes_intermediate(d)) {
            const auto &part = f.stage(at.stage).factorings.back()->intermediate;
            std::string name = part->display_name;
            for (int i = 1; from_value.func(name); i++) name = concat(part->display_name, "#", i);
            from_value.add(name, part);
        }
        if (d.kind != DirectiveKind::specialize) continue;
        StagePath branch = at;
        branch.branch.push_back(branches++);
        record_all(f, branch, d.body, scope, from_value, aliases);
    }
}

// "f_in_g#1" is the second Func called "f_in_g".
std::string without_number(const std::string &name) {
    const size_t at = name.rfind('#');
    if (at == std::string::npos || at == 0 || at + 1 == name.size()) return name;
    return name.find_first_not_of("0123456789", at + 1) == std::string::npos ? name.substr(0, at) : name;
}

// Makes the Funcs that directives of the schedule are about to make, so that its other stages can name them. A Func
// that another one is made of may come later in the file.
void make_funcs(const Schedule &schedule, FromValue &from_value) {
    std::vector<std::pair<const Schedule::Stage *, const Directive *>> waiting;
    for (const Schedule::Stage &s : schedule.stages) {
        for (const Directive &d : s.directives) {
            if (makes_substitute(d.kind)) waiting.emplace_back(&s, &d);
        }
    }
    std::set<std::string> made;
    for (bool progress = true; progress;) {
        progress = false;
        for (auto it = waiting.begin(); it != waiting.end();) {
            const auto &[stage, d] = *it;
            const std::shared_ptr<Function> f = from_value.func(stage->func);
            if (!f) {
                ++it;
                continue;
            }
            const std::string &name = argument<std::string>(*d, 0);
            const auto taken = from_value.func(name);
            if ((taken && derived_function(*f, taken->name) != taken) || !made.insert(name).second) {
                throw CompileError(diagnostic_of({409, concat("the pipeline has a Func ", name, " already"), name, "choose a new name"},
                                                 *f, 0, *d));
            }
            if (!f->defined()) {
                throw CompileError(diagnostic_of({301, concat(f->name, " is not defined yet"), "", ""}, *f, 0, *d));
            }
            from_value.add(name, make_derived(*f, d->kind, without_number(name)));
            it = waiting.erase(it);
            progress = true;
        }
    }
}

// What the schedule says of each stage: first of all loops, in rounds, as rfactor makes Funcs that other stages of the
// schedule are about; then the rest, which may name any Func.
void record_stages(const Schedule &schedule, FromValue &from_value) {
    std::vector<std::shared_ptr<Function>> funcs(schedule.stages.size());
    const auto record_scope = [&](size_t i, DirectiveScope scope) {
        const Schedule::Stage &s = schedule.stages[i];
        Function &f = *funcs[i];
        const int stage = s.update + 1;
        if (stage >= f.stages()) {
            refuse_stage(schedule, i, "update", 507,
                         concat(s.func, " has ", f.updates.size(), " update definition(s), and none of index ", s.update),
                         "null stands for the pure definition");
        }
        record_all(f, stage, s.directives, scope, from_value, StageAliases(f, stage, s.directives, from_value.unnamed()));
    };
    for (bool progress = true; progress;) {
        progress = false;
        for (size_t i = 0; i < funcs.size(); i++) {
            if (funcs[i] || !(funcs[i] = from_value.func(schedule.stages[i].func))) continue;
            record_scope(i, DirectiveScope::Loops);
            progress = true;
        }
    }
    for (size_t i = 0; i < funcs.size(); i++) {
        if (funcs[i]) continue;
        refuse_stage(schedule, i, "func", 507, concat("this pipeline has no Func ", schedule.stages[i].func), "");
    }
    for (size_t i = 0; i < funcs.size(); i++) record_scope(i, DirectiveScope::Func);
}

}  // namespace

Schedule collect_schedule(const std::vector<std::shared_ptr<const Function>> &outputs,
                          const std::string &pipeline, const std::string &target) {
    const Functions reached = functions_scheduled(outputs);
    const Functions named = algorithm_first(functions_reached(outputs), reached);
    const std::vector<std::string> names = names_in_files(named);
    FuncNames funcs;
    for (size_t i = 0; i < named.size(); i++) {
        funcs[named[i].get()] = names[i];
    }
    Schedule result;
    result.pipeline = pipeline;
    result.target = target;
    result.algorithm = algorithm_hash(outputs);
    for (size_t i = 0; i < reached.size(); i++) {
        const Function &f = *reached[i];
        for (int s = 0; s < f.stages(); s++) {
            const ToValue to_value(f, s, funcs);
            Schedule::Stage stage;
            stage.func = funcs.at(&f);
            stage.update = s - 1;
            for (const Directive &d : s == 0 ? f.directives : std::vector<Directive>()) {
                if (of_other_callers(d, to_value)) {
                    continue;
                } else if (stored_nowhere(d)) {
                    std::erase_if(stage.directives, is_hoist_level(d) ? is_hoist_level : is_store_level);
                } else {
                    stage.directives.push_back(to_value(d));
                }
            }
            const std::vector<Directive> &own = f.stage(s).directives;
            std::transform(own.begin(), own.end(), std::back_inserter(stage.directives), to_value);
            if (!stage.directives.empty()) result.stages.push_back(std::move(stage));
        }
    }
    return result;
}

void expect_made_for(const Schedule &schedule, const std::vector<std::string> &names) {
    if (!schedule.algorithm.empty() || schedule.pipeline.empty()) return;
    if (std::find(names.begin(), names.end(), schedule.pipeline) != names.end()) return;
    Diagnostic d;
    d.code = 509;
    d.message = concat("the schedule was made for the pipeline ", schedule.pipeline, ", and this one is ", names.at(0),
                       "; it has no hash of the algorithm, which would tell whether that is another name of it");
    d.hint = "leave \"pipeline\" out to try the schedule all the same";
    d.location.file = schedule.source;
    d.location.pointer = "/pipeline";
    throw CompileError(std::move(d));
}

void apply_schedule(const Schedule &schedule,
                    const std::vector<std::shared_ptr<const Function>> &outputs,
                    bool check_algorithm, const ExprList &more) {
    const Functions reached = functions_reached(outputs);
    // The Params of the schedule that is replaced are known, too.
    const Parameters parameters = parameters_used(algorithm_first(reached, functions_scheduled(outputs)), outputs, more);
    FromValue from_value(reached, names_in_files(reached), parameters);
    const std::string algorithm = algorithm_hash(outputs);
    if (check_algorithm && !schedule.algorithm.empty() && schedule.algorithm != algorithm) {
        Diagnostic d;
        d.code = 509;
        d.message = concat("the schedule was made for algorithm ", schedule.algorithm,
                           ", and this one is ", algorithm, ": ", difference(schedule, from_value));
        d.hint = "tune again, or leave \"algorithm\" out to try the schedule all the same";
        d.location.file = schedule.source;
        d.location.pointer = "/algorithm";
        throw CompileError(std::move(d));
    }

    std::vector<std::pair<std::shared_ptr<Function>, Recorded>> before;
    Functions all;
    for (const auto &f : algorithm_first(reached, functions_scheduled(outputs))) with_derived(f, all);
    for (const auto &f : all) {
        const auto g = std::const_pointer_cast<Function>(f);
        before.emplace_back(g, take(*g));
    }
    try {
        make_funcs(schedule, from_value);
        record_stages(schedule, from_value);
        check_callers(functions_scheduled(outputs));
    } catch (...) {
        for (auto &[f, recorded] : before) {
            give_back(*f, std::move(recorded));
        }
        throw;
    }
}

}  // namespace heddle::Internal
