#include "heddle/inline_reductions.h"

#include <functional>

#include "heddle/operators.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"
#include "language/define.h"

namespace heddle {

using namespace Internal;

namespace {

// An Expr to be reduced over a domain by a Func of its own: what it is called with, and what it adds up.
struct Reduction {
    std::shared_ptr<ReductionDomain> domain;
    Func func;
    ExprList params;  // the pure arguments of func
    ExprList args;    // what they are at the place of use
    Expr value;

    Reduction(const char *what, const RDom *r, const Expr &e, const Func &f)
        : func(f) {
        if (!e.defined()) refuse(253, f.name(), {}, concat(what, " of an undefined Expr"));
        if (func.defined()) {
            refuse(254, f.name(), {}, concat(what, " is given Func ", f.name(), ", which is defined already"));
        }
        domain = r ? r->domain() : only_domain(what, e, f);
        if (!domain) refuse(255, f.name(), {}, concat(what, " over an undefined RDom"));
        find_free(e);
        if (domain->predicate.defined()) find_free(domain->predicate);
        value = substitute(outer_, e);
    }

    // func(params) = initial; func(params) = step(func(params), value), over the domain.
    void define(const ExprList &initial, const std::function<ExprList(const FuncRef &)> &step) {
        Function &f = *func.function();
        define_pure(f, params, initial, {});
        define_update(f, params, step(func(params)), {}, domain);
    }
    FuncRef result() const {
        return func(args);
    }

private:
    static std::shared_ptr<ReductionDomain> only_domain(const char *what, const Expr &e, const Func &f) {
        std::shared_ptr<ReductionDomain> found;
        walk_graph(e, [&](const Variable &v) {
            const auto d = rdom_of(v);
            if (!d) return;
            if (found && found != d) {
                refuse(256, f.name(), {}, concat(what, " of an Expr with variables of two RDoms"),
                       concat("say which: ", what, "(r, e)"));
            }
            found = d;
        });
        if (!found) {
            refuse(255, f.name(), {}, concat(what, " of an Expr without a reduction variable"),
                   concat("say the domain: ", what, "(r, e)"));
        }
        return found;
    }
    // Vars become arguments as they are; variables of other domains become new Vars.
    void find_free(const Expr &e) {
        std::vector<Symbol> lets;
        walk_graph(
            e, [&](const Let &l) { lets.push_back(l.symbol); },
            [&](const Variable &v) {
                const auto d = rdom_of(v);
                const bool is_plain_var = !v.owner && !v.symbol.declaration();
                if (d == domain || (!d && !is_plain_var)) return;
                for (const Symbol &s : lets) {
                    if (s == v.symbol) return;
                }
                for (const Expr &a : args) {
                    if (a.as<Variable>()->symbol == v.symbol) return;
                }
                args.push_back(Expr(&v));
                params.push_back(d ? Expr(Var(unique_name(v.symbol.name()))) : Expr(&v));
                if (d) outer_[v.symbol] = params.back();
            });
    }
    Substitution outer_;
};

enum class Kind { Sum, SaturatingSum, Product, Maximum, Minimum };

Expr reduce(Kind kind, const char *what, const RDom *r, const Expr &e, const Func &f) {
    Reduction red(what, r, e, f);
    const Type t = red.value.type();
    Expr initial;
    switch (kind) {
    case Kind::Sum:
    case Kind::SaturatingSum: initial = make_zero(t); break;
    case Kind::Product: initial = make_one(t); break;
    case Kind::Maximum: initial = t.min(); break;
    case Kind::Minimum: initial = t.max(); break;
    }
    red.define({initial}, [&](const FuncRef &self) -> ExprList {
        const Expr old = self;
        switch (kind) {
        case Kind::Sum: return {old + red.value};
        case Kind::SaturatingSum: return {saturating_add(old, red.value)};
        case Kind::Product: return {old * red.value};
        case Kind::Maximum: return {max(old, red.value)};
        case Kind::Minimum: return {min(old, red.value)};
        }
        return {};
    });
    return red.result();
}

Tuple arg_reduce(bool greatest, const char *what, const RDom *r, const Expr &e, const Func &f) {
    Reduction red(what, r, e, f);
    const auto &variables = red.domain->variables;
    ExprList initial;
    for (const ReductionVariable &v : variables) initial.push_back(v.min);
    const Type t = red.value.type();
    initial.push_back(greatest ? t.min() : t.max());
    red.define(initial, [&](const FuncRef &self) -> ExprList {
        const int last = static_cast<int>(variables.size());
        const Expr old = self[last];
        const Expr better = greatest ? red.value > old : red.value < old;
        ExprList values;
        for (int i = 0; i < last; i++) {
            const Expr here = Variable::make(Int(32), variables[static_cast<size_t>(i)].symbol, red.domain);
            values.push_back(select(better, here, Expr(self[i])));
        }
        values.push_back(select(better, red.value, old));
        return values;
    });
    return red.result().to_tuple();
}

}  // namespace

#define HEDDLE_REDUCTION(name, kind)                                       \
    Expr name(const Expr &e, const std::string &func_name) {               \
        return reduce(Kind::kind, #name, nullptr, e, Func(func_name));     \
    }                                                                      \
    Expr name(const RDom &r, const Expr &e, const std::string &func_name) { \
        return reduce(Kind::kind, #name, &r, e, Func(func_name));          \
    }                                                                      \
    Expr name(const Expr &e, const Func &f) {                              \
        return reduce(Kind::kind, #name, nullptr, e, f);                   \
    }                                                                      \
    Expr name(const RDom &r, const Expr &e, const Func &f) {               \
        return reduce(Kind::kind, #name, &r, e, f);                        \
    }
HEDDLE_REDUCTION(sum, Sum)
HEDDLE_REDUCTION(saturating_sum, SaturatingSum)
HEDDLE_REDUCTION(product, Product)
HEDDLE_REDUCTION(maximum, Maximum)
HEDDLE_REDUCTION(minimum, Minimum)
#undef HEDDLE_REDUCTION

#define HEDDLE_REDUCTION(name, greatest)                                    \
    Tuple name(const Expr &e, const std::string &func_name) {               \
        return arg_reduce(greatest, #name, nullptr, e, Func(func_name));    \
    }                                                                       \
    Tuple name(const RDom &r, const Expr &e, const std::string &func_name) { \
        return arg_reduce(greatest, #name, &r, e, Func(func_name));         \
    }                                                                       \
    Tuple name(const Expr &e, const Func &f) {                              \
        return arg_reduce(greatest, #name, nullptr, e, f);                  \
    }                                                                       \
    Tuple name(const RDom &r, const Expr &e, const Func &f) {               \
        return arg_reduce(greatest, #name, &r, e, f);                       \
    }
HEDDLE_REDUCTION(argmax, true)
HEDDLE_REDUCTION(argmin, false)
#undef HEDDLE_REDUCTION

}  // namespace heddle
