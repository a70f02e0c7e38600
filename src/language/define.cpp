#include "language/define.h"

#include <unordered_set>

#include "heddle/print.h"
#include "ir/rewrite.h"
#include "language/extern_definition.h"
#include "language/parameter.h"
#include "language/random.h"
#include "language/scatter.h"

namespace heddle::Internal {

void refuse(int code, const std::string &func, const SourceLocation &location, const std::string &message,
            const std::string &hint) {
    Diagnostic d;
    d.code = code;
    d.message = message;
    d.location = location;
    d.func = func;
    d.hint = hint;
    throw CompileError(std::move(d));
}

bool is_var(const Expr &e) {
    const Variable *v = e.as<Variable>();
    return v && !v->owner && !v->symbol.declaration();
}

ExprList checked_call_args(const std::string &kind, const std::string &name, size_t dimensions, const ExprList &args,
                           const SourceLocation &location) {
    if (args.size() != dimensions) {
        refuse(201, name, location,
               concat(kind, " ", name, " has ", dimensions, " dimension(s) but is called with ", args.size(),
                      " argument(s)"));
    }
    ExprList result;
    for (size_t i = 0; i < args.size(); i++) {
        if (!args[i].defined()) {
            refuse(210, name, location, concat("argument ", i, " of a call of ", name, " is undefined"));
        }
        const Type t = args[i].type();
        if (!t.is_scalar() || t.is_float() || t.is_handle() || t.bits() > 32 || (t.is_uint() && t.bits() == 32)) {
            refuse(217, name, location,
                   concat("argument ", i, " of a call of ", name, " has type ", to_string(t),
                          ", which does not become int32 by itself"),
                   concat("cast<int>(", args[i], ")"));
        }
        result.push_back(t == Int(32) ? args[i] : Cast::make(Int(32), args[i]));
    }
    return result;
}

void freeze_calls(const Expr &e, const Function *except) {
    walk_graph(e, [&](const Access &a) {
        const auto f = std::const_pointer_cast<Function>(function_of(a));
        if (f && f.get() != except) f->frozen = true;
    });
}

namespace {

// The variables of the user that a definition uses, by what they are.
struct Uses {
    std::vector<const Variable *> vars;  // Vars that are bound nowhere inside
    std::vector<std::shared_ptr<ReductionDomain>> domains;
    std::vector<const Variable *> domain_vars;

    void add_domain(const std::shared_ptr<ReductionDomain> &domain) {
        for (const auto &d : domains) {
            if (d == domain) return;
        }
        domains.push_back(domain);
    }
    void add(const Expr &e) {
        std::unordered_set<Symbol> lets;
        walk_graph(
            e, [&](const Let &l) { lets.insert(l.symbol); },
            [&](const Variable &v) {
                if (auto domain = rdom_of(v)) {
                    domain_vars.push_back(&v);
                    add_domain(domain);
                } else if (!v.owner && !v.symbol.declaration() && !lets.count(v.symbol)) {
                    vars.push_back(&v);
                }
            });
    }
};

// References of a definition to its own Func must not keep the Func alive.
Expr without_self_owner(const Expr &e, const Function &f) {
    return rewrite_graph(e, [&](const Access &a) -> Expr {
        return Access::make(a.type, a.buffer, a.args, a.value_index, a.buffer == f.symbol ? nullptr : a.owner);
    });
}

void check_defined(const Function &f, const ExprList &values, const SourceLocation &location) {
    for (size_t i = 0; i < values.size(); i++) {
        if (!values[i].defined()) {
            refuse(210, f.name, location, concat("value ", i, " of a definition of ", f.name, " is an undefined Expr"));
        }
        if (!values[i].type().is_scalar()) {
            refuse(210, f.name, location, concat("value ", i, " of a definition of ", f.name, " is a vector"));
        }
    }
}

void check_required(const Function &f, size_t dimensions, const ExprList &values, const SourceLocation &location) {
    if (f.required_dims >= 0 && dimensions != static_cast<size_t>(f.required_dims)) {
        refuse(214, f.name, location,
               concat(f.name, " was made for ", f.required_dims, " dimension(s) and is defined with ", dimensions));
    }
    if (f.required_types.empty()) return;
    if (f.required_types.size() != values.size()) {
        refuse(214, f.name, location,
               concat(f.name, " was made for ", f.required_types.size(), " value(s) and is defined with ",
                      values.size()));
    }
    for (size_t i = 0; i < values.size(); i++) {
        if (values[i].type() != f.required_types[i]) {
            refuse(214, f.name, location,
                   concat(f.name, " was made for values of type ", to_string(f.required_types[i]),
                          " and is defined with ", to_string(values[i].type())),
                   concat("cast the value to ", to_string(f.required_types[i])));
        }
    }
}

void add_output_parameters(Function &f) {
    for (size_t i = 0; i < f.types.size(); i++) {
        const std::string name = f.types.size() == 1 ? f.name : concat(f.name, ".", i);
        f.output_parameters.push_back(ParameterContents::create(f.types[i], true, f.dimensions(), name));
    }
}

// In a recursive reference, the dimensions that are plain Vars on the left side must be the same Vars.
void check_recursion(const Function &f, const std::vector<bool> &pure, const Expr &e, const SourceLocation &location) {
    walk_graph(e, [&](const Access &a) {
        if (!(a.buffer == f.symbol)) return;
        for (size_t i = 0; i < pure.size(); i++) {
            const Variable *v = a.args[i].as<Variable>();
            if (!pure[i] || (v && v->symbol == f.arg_symbols[i])) continue;
            refuse(208, f.name, location,
                   concat("an update of ", f.name, " has the free Var ", f.args[i], " as argument ", i,
                          " on its left side, but refers to ", f.name, " itself with ", a.args[i], " there"),
                   "iterate over that dimension with an RDom");
        }
    });
}

std::shared_ptr<ReductionDomain> only_domain(const Function &f, const Uses &uses, const SourceLocation &location) {
    if (uses.domains.size() > 1) {
        refuse(209, f.name, location,
               concat("an update of ", f.name, " uses variables of two RDoms: ",
                      uses.domains[0]->variables.at(0).name, " and ", uses.domains[1]->variables.at(0).name),
               "use one RDom of more dimensions, or several updates");
    }
    return uses.domains.empty() ? nullptr : uses.domains[0];
}

// What tells one run of an update from another: its Vars and the variables of its RDom.
ExprList update_coordinates(const ExprList &left, const std::vector<bool> &pure,
                            const std::shared_ptr<ReductionDomain> &domain) {
    ExprList coordinates;
    for (size_t i = 0; i < left.size(); i++) {
        if (pure[i]) coordinates.push_back(left[i]);
    }
    if (!domain) return coordinates;
    for (const ReductionVariable &v : domain->variables) {
        coordinates.push_back(Variable::make(Int(32), v.symbol, domain));
    }
    return coordinates;
}

}  // namespace

void define_pure(Function &f, const ExprList &args, const ExprList &values, const SourceLocation &location) {
    check_defined(f, values, location);
    check_required(f, args.size(), values, location);
    std::vector<std::string> names;
    std::vector<Symbol> symbols;
    for (size_t i = 0; i < args.size(); i++) {
        if (!is_var(args[i])) {
            refuse(205, f.name, location,
                   concat("argument ", i, " of the pure definition of ", f.name, " is no Var but ", args[i]),
                   "give it a pure definition over Vars first; then this can be an update");
        }
        const Variable *v = args[i].as<Variable>();
        for (const Symbol &s : symbols) {
            if (s == v->symbol) {
                refuse(204, f.name, location,
                       concat("Var ", s.name(), " is there twice in the pure definition of ", f.name));
            }
        }
        symbols.push_back(v->symbol);
        names.push_back(v->symbol.name());
    }
    Uses uses;
    for (const Expr &e : values) uses.add(e);
    for (const Variable *v : uses.vars) {
        bool found = false;
        for (const Symbol &s : symbols) found = found || s == v->symbol;
        if (!found) {
            refuse(202, f.name, location,
                   concat("the definition of ", f.name, " uses Var ", v->symbol.name(), ", which is not an argument"));
        }
    }
    if (!uses.domain_vars.empty()) {
        refuse(203, f.name, location,
               concat("the pure definition of ", f.name, " uses the reduction variable ",
                      uses.domain_vars[0]->symbol.name()),
               concat("define ", f.name, " with its initial value first, and reduce in an update"));
    }
    check_scatter(f.name, {}, values, location);
    for (const Expr &e : values) {
        walk_graph(e, [&](const Access &a) {
            if (!(a.buffer == f.symbol)) return;
            refuse(200, f.name, location, concat("the pure definition of ", f.name, " refers to ", f.name, " itself"));
        });
        freeze_calls(e, &f);
    }
    f.args = std::move(names);
    f.arg_symbols = std::move(symbols);
    for (const Expr &e : values) f.types.push_back(e.type());
    f.pure.args = args;
    const int stores = stores_at_once({}, values);
    for (const Expr &e : values) f.pure.values.push_back(bind_random(one_of_several(e, stores - 1), args));
    f.pure.location = location;
    add_output_parameters(f);
}

void define_external(Function &f, ExternDefinition definition, const ExprList &inputs, const Types &types,
                     const ExprList &args, const SourceLocation &location) {
    if (f.defined()) {
        refuse(233, f.name, location,
               concat("Func ", f.name, " has a definition already: it cannot be computed by ", definition.name, ", too"));
    }
    if (types.empty()) refuse(234, f.name, location, concat("define_extern of ", f.name, " without a type"));
    if (definition.device != DeviceAPI::Host && definition.device != DeviceAPI::None) {
        refuse(235, f.name, location,
               concat(f.name, " is to be computed by a C function for a device, which this build has no code for"),
               "DeviceAPI::Host");
    }
    ExprList values;
    for (const Type &t : types) values.push_back(Call::make(t, CallOp::extern_c, inputs, definition.name));
    define_pure(f, args, values, location);
    f.external = std::make_shared<ExternDefinition>(std::move(definition));
}

void define_update(Function &f, const ExprList &args, const ExprList &values, const SourceLocation &location,
                   std::shared_ptr<ReductionDomain> domain) {
    if (f.frozen) {
        refuse(211, f.name, location,
               concat(f.name, " was used or realized already: it can have no further update"),
               "make all updates before the first use");
    }
    check_defined(f, values, location);
    const ExprList left = checked_call_args("Func", f.name, f.args.size(), args, location);
    if (values.size() != f.types.size()) {
        refuse(207, f.name, location,
               concat("an update of ", f.name, " has ", values.size(), " value(s), but ", f.name, " has ",
                      f.types.size()));
    }
    for (size_t i = 0; i < values.size(); i++) {
        if (values[i].type() != f.types[i]) {
            refuse(206, f.name, location,
                   concat("value ", i, " of an update of ", f.name, " has type ", to_string(values[i].type()), ", but ",
                          f.name, " has type ", to_string(f.types[i])),
                   concat("cast the value to ", to_string(f.types[i])));
        }
    }
    std::vector<bool> pure(left.size());
    for (size_t i = 0; i < left.size(); i++) {
        pure[i] = is_var(left[i]) && left[i].as<Variable>()->symbol == f.arg_symbols[i];
    }
    Uses uses;
    for (const Expr &e : left) uses.add(e);
    for (const Expr &e : values) uses.add(e);
    if (domain) uses.add_domain(domain);
    domain = only_domain(f, uses, location);
    if (domain && domain->predicate.defined()) uses.add(domain->predicate);
    for (const Variable *v : uses.vars) {
        bool found = false;
        for (size_t i = 0; i < left.size(); i++) found = found || (pure[i] && f.arg_symbols[i] == v->symbol);
        if (!found) {
            refuse(202, f.name, location,
                   concat("an update of ", f.name, " uses Var ", v->symbol.name(),
                          ", which is not one of its arguments in the place that it has in the pure definition"));
        }
    }
    check_scatter(f.name, left, values, location);
    if (domain && domain->predicate.defined() && has_scatter(domain->predicate)) {
        refuse(223, f.name, location, concat("the RDom of an update of ", f.name, " has scatter() or gather() in its predicate"),
               "use select() on the right side instead");
    }
    for (const Expr &e : left) check_recursion(f, pure, e, location);
    for (const Expr &e : values) check_recursion(f, pure, e, location);

    Definition d;
    const ExprList coordinates = update_coordinates(left, pure, domain);
    for (const Expr &e : left) d.args.push_back(bind_random(without_self_owner(e, f), coordinates));
    for (const Expr &e : values) d.values.push_back(bind_random(without_self_owner(e, f), coordinates));
    d.rdom = domain;
    d.location = location;
    if (domain) {
        domain->frozen = true;
        d.predicate = bind_random(without_self_owner(domain->predicate, f), coordinates);
    }
    for (const Expr &e : d.args) freeze_calls(e, &f);
    for (const Expr &e : d.values) freeze_calls(e, &f);
    if (d.predicate.defined()) freeze_calls(d.predicate, &f);
    f.updates.push_back(std::move(d));
}

void define_as_copy(Function &f, Function &original) {
    const auto own = [&](const Expr &e) {
        if (!e.defined()) return e;
        return rewrite_graph(e, [&](const Access &a) -> Expr {
            return a.buffer == original.symbol ? Access::make(a.type, f.symbol, a.args, a.value_index) : Expr(&a);
        });
    };
    const auto copy = [&](const Definition &d) {
        Definition result = d;
        result.directives.clear();
        result.factorings.clear();
        result.intermediates.clear();
        for (Expr &e : result.args) e = own(e);
        for (Expr &e : result.values) e = own(e);
        result.predicate = own(d.predicate);
        return result;
    };
    f.args = original.args;
    f.arg_symbols = original.arg_symbols;
    f.types = original.types;
    f.pure = copy(original.pure);
    for (const Definition &d : original.updates) f.updates.push_back(copy(d));
    f.external = original.external;
    f.no_profiling = original.no_profiling;
    f.trace_loads = original.trace_loads;
    f.trace_stores = original.trace_stores;
    f.trace_realizations = original.trace_realizations;
    f.trace_tags = original.trace_tags;
    add_output_parameters(f);
    f.frozen = original.frozen = true;
}

void define_as_wrapper(Function &f, Function &original) {
    ExprList values;
    for (size_t i = 0; i < original.types.size(); i++) {
        values.push_back(Access::make(original.types[i], original.symbol, original.pure.args, static_cast<int>(i)));
    }
    define_pure(f, original.pure.args, values, original.pure.location);
    f.frozen = original.frozen = true;
}

}  // namespace heddle::Internal
