#include "schedule/collect.h"

#include <algorithm>
#include <map>
#include <set>

#include "ir/rewrite.h"
#include "language/parameter.h"
#include "language/reachable.h"
#include "schedule/algorithm_hash.h"
#include "schedule/check.h"
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
        for (const DirectiveArgument &a : d.args) {
            result.args.push_back(argument(a, d));
        }
        // A level that is root or inlined has directives of its own.
        if (const LoopLevel *l = d.args.empty() ? nullptr : std::get_if<LoopLevel>(&d.args[0])) {
            const bool store = d.kind == DirectiveKind::store_at;
            if (l->is_root()) {
                result = {store ? DirectiveKind::store_root : DirectiveKind::compute_root,
                          {},
                          d.location};
            } else if (l->is_inlined() && !store) {
                result = {DirectiveKind::compute_inline, {}, d.location};
            }
        }
        return result;
    }

private:
    LoopName name(const LoopName &l) const {
        return {file_name_of_loop(func_, stage_, l.name)};
    }
    DirectiveArgument argument(const DirectiveArgument &a, const Directive &d) const {
        if (const auto *l = std::get_if<LoopName>(&a)) return name(*l);
        if (const auto *list = std::get_if<std::vector<LoopName>>(&a)) {
            std::vector<LoopName> names;
            for (const LoopName &l : *list) {
                names.push_back(name(l));
            }
            return names;
        }
        if (const auto *l = std::get_if<LoopLevel>(&a)) return level(*l, d);
        return a;
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
            funcs_[names[i]] = std::const_pointer_cast<Function>(funcs[i]);
        }
    }

    std::shared_ptr<Function> func(const std::string &name) const {
        const auto it = funcs_.find(name);
        return it == funcs_.end() ? nullptr : it->second;
    }

    Directive operator()(const Directive &d, const Function &f, int stage,
                         const StageAliases &aliases) const {
        Directive result{d.kind, {}, d.location};
        for (const DirectiveArgument &a : d.args) {
            result.args.push_back(argument(a, d, f, stage, aliases));
        }
        return result;
    }

private:
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
            const std::string var = loop_of_level(*consumer, l->var().name(), l->stage_index());
            return LoopLevel(consumer, VarOrRVar(var, false), l->stage_index());
        }
        return a;
    }

    // The parameters of the pipeline for the names in e.
    Expr bound(const Expr &e, const Directive &d, const Function &f, int stage) const {
        return rewrite_graph(e, [&](const Variable &v) -> Expr {
            for (const auto &p : parameters_) {
                if (!p->is_buffer && p->name == v.symbol.name())
                    return Variable::make(p->type, p->symbol, p);
                for (const Parameter::DimSymbols &s : p->dim_symbols) {
                    for (const Symbol &field : {s.min, s.extent, s.stride}) {
                        if (field.name() == v.symbol.name())
                            return Variable::make(Int(32), field, p);
                    }
                }
            }
            refuse(508, concat("this pipeline has no Param ", v.symbol.name()), v.symbol.name(), "",
                   d, f, stage);
        });
    }

    std::string func_names() const {
        std::string names;
        for (const auto &[name, f] : funcs_) {
            names += (names.empty() ? "its Funcs are " : ", ") + name;
        }
        return names;
    }

    std::map<std::string, std::shared_ptr<Function>> funcs_;
    const Parameters &parameters_;
};

bool is_store_level(const Directive &d) {
    return d.kind == DirectiveKind::store_at || d.kind == DirectiveKind::store_root;
}

// store_at(LoopLevel::inlined()): takes back what was said about where to store.
bool stored_nowhere(const Directive &d) {
    return d.kind == DirectiveKind::store_at && argument<LoopLevel>(d, 0).is_inlined();
}

struct Recorded {
    std::vector<Directive> func;
    std::vector<std::vector<Directive>> stages;
};

Recorded take(Function &f) {
    Recorded r;
    r.func = std::move(f.directives);
    f.directives.clear();
    for (int s = 0; s < f.stages(); s++) {
        r.stages.push_back(std::move(f.stage(s).directives));
        f.stage(s).directives.clear();
    }
    return r;
}

void give_back(Function &f, Recorded r) {
    f.directives = std::move(r.func);
    for (int s = 0; s < f.stages(); s++) {
        f.stage(s).directives = std::move(r.stages[static_cast<size_t>(s)]);
    }
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

Schedule collect_schedule(const std::vector<std::shared_ptr<const Function>> &outputs,
                          const std::string &pipeline, const std::string &target) {
    const Functions reached = functions_reached(outputs);
    const std::vector<std::string> names = names_in_files(reached);
    FuncNames funcs;
    for (size_t i = 0; i < reached.size(); i++) {
        funcs[reached[i].get()] = names[i];
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
            stage.func = names[i];
            stage.update = s - 1;
            for (const Directive &d : s == 0 ? f.directives : std::vector<Directive>()) {
                if (stored_nowhere(d)) {
                    std::erase_if(stage.directives, is_store_level);
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

void apply_schedule(const Schedule &schedule,
                    const std::vector<std::shared_ptr<const Function>> &outputs,
                    bool check_algorithm) {
    const Functions reached = functions_reached(outputs);
    const Parameters parameters = parameters_used(reached, outputs);
    const FromValue from_value(reached, names_in_files(reached), parameters);
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
    for (const auto &f : reached) {
        const auto g = std::const_pointer_cast<Function>(f);
        before.emplace_back(g, take(*g));
    }
    try {
        for (size_t i = 0; i < schedule.stages.size(); i++) {
            const Schedule::Stage &s = schedule.stages[i];
            const std::shared_ptr<Function> f = from_value.func(s.func);
            if (!f)
                refuse_stage(schedule, i, "func", 507, concat("this pipeline has no Func ", s.func),
                             "");
            const int stage = s.update + 1;
            if (stage >= f->stages()) {
                refuse_stage(schedule, i, "update", 507,
                             concat(s.func, " has ", f->updates.size(),
                                    " update definition(s), and none of index ", s.update),
                             "null stands for the pure definition");
            }
            const StageAliases aliases(*f, stage, s.directives);
            for (const Directive &d : s.directives) {
                if (stage > 0 && info(d.kind).scope == DirectiveScope::Func) {
                    throw CompileError(
                        diagnostic_of({510,
                                       concat(info(d.kind).name, " is about the whole of ", s.func,
                                              " and stands with its pure definition"),
                                       "", "move it to the stage with \"update\": null"},
                                      *f, stage, d));
                }
                record(*f, stage, from_value(d, *f, stage, aliases));
            }
        }
    } catch (...) {
        for (auto &[f, recorded] : before) {
            give_back(*f, std::move(recorded));
        }
        throw;
    }
}

}  // namespace heddle::Internal
