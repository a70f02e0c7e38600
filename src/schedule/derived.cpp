#include "schedule/derived.h"

#include <algorithm>
#include <functional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "ir/rewrite.h"
#include "ir/substitute.h"
#include "language/define.h"
#include "schedule/check.h"
#include "support/assert.h"
#include "schedule/factor.h"

namespace heddle::Internal {

bool makes_substitute(DirectiveKind kind) {
    return kind == DirectiveKind::in || kind == DirectiveKind::clone_in;
}

std::vector<std::string> callers_named(const Directive &d) {
    return argument_or(d, 1, std::vector<std::string>());
}

namespace {

const std::string &name_of_made(const Directive &d) {
    return argument<std::string>(d, 0);
}

bool names(const Directive &d, const std::string &caller) {
    const std::vector<std::string> callers = callers_named(d);
    return std::find(callers.begin(), callers.end(), caller) != callers.end();
}

}  // namespace

const Directive *directive_for(const Function &f, const std::string &caller) {
    for (const Directive &d : f.directives) {
        if (makes_substitute(d.kind) && names(d, caller)) return &d;
    }
    return nullptr;
}

const Directive *directive_for_all(const Function &f) {
    for (const Directive &d : f.directives) {
        if (makes_substitute(d.kind) && callers_named(d).empty()) return &d;
    }
    return nullptr;
}

std::shared_ptr<Function> derived_function(const Function &f, const std::string &name) {
    for (const DerivedFunction &d : f.derived) {
        if (d.function->name == name) return d.function;
    }
    return nullptr;
}

std::shared_ptr<Function> make_derived(Function &f, DirectiveKind kind, const std::string &display_name) {
    for (const DerivedFunction &d : f.derived) {
        const bool in_use = std::any_of(f.directives.begin(), f.directives.end(), [&](const Directive &said) {
            return makes_substitute(said.kind) && name_of_made(said) == d.function->name;
        });
        if (d.made_by == kind && d.function->display_name == display_name && !in_use) return d.function;
    }
    const std::shared_ptr<Function> made = Function::create(display_name);
    if (kind == DirectiveKind::clone_in) {
        define_as_copy(*made, f);
    } else {
        define_as_wrapper(*made, f);
    }
    f.derived.push_back({made, kind});
    return made;
}

namespace {

// What `caller` uses in place of f; null: f itself.
std::shared_ptr<const Function> substitute_of(const Function &f, const Function &caller) {
    if (caller.symbol == f.symbol) return nullptr;
    if (const Directive *d = directive_for(f, caller.name)) return derived_function(f, name_of_made(*d));
    // What is said of a Func holds for the parts that rfactor has made of it.
    if (const Directive *d = caller.part_of.empty() ? nullptr : directive_for(f, caller.part_of)) {
        return derived_function(f, name_of_made(*d));
    }
    const Directive *d = directive_for_all(f);
    if (!d || derived_function(f, caller.name)) return nullptr;
    return derived_function(f, name_of_made(*d));
}

// Whether something is said of f that matters to `caller`: more than who else uses another Func in its place.
bool is_spoken_of(const Function &f, const Function &caller) {
    const auto own = [](const Directive &d) { return !makes_substitute(d.kind); };
    return std::any_of(f.directives.begin(), f.directives.end(), own) || !f.pure.directives.empty() ||
           directive_for(f, caller.name) || directive_for_all(f);
}

// The Func of an Access as it is written; that of an image only when it is spoken of.
std::shared_ptr<const Function> written_callee(const Function &caller, const Access &a) {
    if (auto f = function_of(a)) return f;
    const auto p = parameter_of(a);
    auto f = p ? known_func_of_image(*p) : nullptr;
    return f && f->symbol != caller.symbol && is_spoken_of(*f, caller) ? f : nullptr;
}

// Calls visit(f) for the Func of an Access as it is written, then for its substitute, and so on.
template<typename Visit>
std::shared_ptr<const Function> each_substitute(const Function &caller, const Access &a, const Visit &visit) {
    std::shared_ptr<const Function> f = written_callee(caller, a);
    if (!f) return nullptr;
    visit(f);
    while (auto next = substitute_of(*f, caller)) {
        f = next;
        visit(f);
    }
    return f;
}

template<typename Visit>
void each_access_of(const Definition &d, const Visit &visit) {
    const auto look = [&](const Expr &e) {
        if (e.defined()) walk_graph(e, [&](const Access &a) { visit(a); });
    };
    for (const Expr &e : d.args) look(e);
    for (const Expr &e : d.values) look(e);
    look(d.predicate);
    if (!d.rdom) return;
    for (const ReductionVariable &v : d.rdom->variables) {
        look(v.min);
        look(v.extent);
    }
}
template<typename Visit>
void each_access_of(const Function &f, const Visit &visit) {
    for (int s = 0; s < f.stages(); s++) each_access_of(definition_of(f, s), visit);
}

// e with the definition of the Func of this name in place of its calls.
Expr inlined(const Expr &e, const std::string &name) {
    if (!e.defined()) return e;
    return rewrite_graph(e, [&](const Access &a) -> Expr {
        const auto f = function_of(a);
        if (!f || f->name != name) return Expr(&a);
        Substitution args;
        for (size_t d = 0; d < a.args.size(); d++) args[f->arg_symbols[d]] = a.args[d];
        return substitute(args, f->pure.values.at(static_cast<size_t>(a.value_index)));
    });
}

// Inlines the Funcs of these names, in order.
Verdict inline_calls(const Function &f, Definition &d, const std::vector<std::string> &names) {
    for (const std::string &name : names) {
        std::shared_ptr<const Function> callee;
        each_access_of(d, [&](const Access &a) {
            if (const auto g = function_of(a); g && g->name == name) callee = g;
        });
        if (name == f.name) return Refusal{332, concat(f.display_name, " cannot be inlined into itself"), name, ""};
        if (!callee) {
            return Refusal{333, concat(name, " is not called there"), name, "name a Func that the definition calls, or that one inlined before calls"};
        }
        if (!callee->updates.empty()) {
            return Refusal{334, concat(name, " has update definitions, and no value that could stand for a call"), name, "compute_at(...)"};
        }
        for (Expr &e : d.args) e = inlined(e, name);
        for (Expr &e : d.values) e = inlined(e, name);
        d.predicate = inlined(d.predicate, name);
    }
    return {};
}

class Reacher {
public:
    explicit Reacher(bool originals)
        : originals_(originals) {
    }
    void visit(const std::shared_ptr<const Function> &f) {
        if (!seen_.insert(f.get()).second) return;
        const auto follow = [&](const Access &a) {
            const auto last = each_substitute(*f, a, [&](const std::shared_ptr<const Function> &callee) {
                if (originals_) visit(callee);
            });
            if (last) visit(last);
        };
        for (int s = 0; s < f->stages(); s++) {
            if (originals_) each_access_of(f->stage(s), follow);
            each_access_of(definition_of(*f, s), follow);
        }
        found.push_back(f);
    }
    Functions found;

private:
    bool originals_;
    std::unordered_set<const Function *> seen_;
};

}  // namespace

std::shared_ptr<const Function> callee_of(const Function &caller, const Access &a) {
    return each_substitute(caller, a, [](const auto &) {});
}

namespace {

Definition without_directives(const Definition &said) {
    Definition d;
    d.args = said.args;
    d.values = said.values;
    d.rdom = said.rdom;
    d.predicate = said.predicate;
    d.location = said.location;
    return d;
}

}  // namespace

Definition definition_of(const Function &f, int stage) {
    Definition d = without_directives(f.scheduled(stage));
    size_t factored = 0;  // what was inlined before an rfactor is in what that has left
    for (const Directive &directive : f.stage(stage).directives) {
        if (makes_intermediate(directive)) factored++;
        if (directive.kind != DirectiveKind::eager_inline || factored < f.stage(stage).factorings.size()) continue;
        const Verdict v = inline_calls(f, d, argument<std::vector<std::string>>(directive, 0));
        HEDDLE_ASSERT(!v, "a recorded directive is not legal: ", v->message);
    }
    return d;
}

Verdict check_eager_inline(const Function &f, const Definition &said, const std::vector<std::string> &before,
                           const std::vector<std::string> &names) {
    Definition d = without_directives(said);
    if (Verdict v = inline_calls(f, d, before)) return v;
    return inline_calls(f, d, names);
}

Functions functions_lowered(const Functions &outputs) {
    Reacher r(false);
    for (const auto &f : outputs) r.visit(f);
    return r.found;
}

Functions functions_scheduled(const Functions &outputs) {
    Reacher r(true);
    for (const auto &f : outputs) r.visit(f);
    return r.found;
}

void check_callers(const Functions &scheduled) {
    std::unordered_map<std::string, const Function *> by_name;
    for (const auto &f : scheduled) by_name[f->name] = f.get();
    for (const auto &f : scheduled) {
        for (const Directive &d : f->directives) {
            if (!makes_substitute(d.kind)) continue;
            for (const std::string &name : callers_named(d)) {
                const auto caller = by_name.find(name);
                if (caller == by_name.end()) continue;  // of another pipeline
                bool uses = false;
                std::string used;
                const auto look = [&](const Function &user) {
                    each_access_of(user, [&](const Access &a) {
                        const auto last = each_substitute(user, a, [&](const auto &g) { uses |= g == f; });
                        if (last && last->symbol != user.symbol && used.find(last->display_name) == used.npos) {
                            used += (used.empty() ? "" : ", ") + last->display_name;
                        }
                    });
                };
                look(*caller->second);
                for (const auto &part : scheduled) {
                    if (part->part_of == name) look(*part);
                }
                if (uses) continue;
                throw CompileError(diagnostic_of(
                    {411, concat(name, " does not use ", f->name), name,
                     used.empty() ? concat(name, " uses no Func") : concat(name, " uses ", used)},
                    *f, 0, d));
            }
        }
    }
}

}  // namespace heddle::Internal
