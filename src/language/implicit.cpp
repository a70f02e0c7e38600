#include "language/implicit.h"

#include "heddle/var.h"
#include "ir/rewrite.h"
#include "language/define.h"

namespace heddle::Internal {

namespace {

constexpr int max_implicit = 10;

const Symbol &symbol_of(const Expr &var) {
    return var.as<Variable>()->symbol;
}

const Symbol &implicit_symbol(int i) {
    static const std::vector<Symbol> symbols = [] {
        std::vector<Symbol> s;
        for (int k = 0; k < max_implicit; k++) s.push_back(symbol_of(Expr(Var::implicit(k))));
        return s;
    }();
    return symbols[static_cast<size_t>(i)];
}

}  // namespace

bool is_placeholder(const Expr &e) {
    static const Symbol placeholder = symbol_of(Expr(Var("_")));
    const Variable *v = e.as<Variable>();
    return v && v->symbol == placeholder;
}

int placeholder_position(const std::string &name, const ExprList &args, const SourceLocation &location) {
    int position = -1;
    for (size_t i = 0; i < args.size(); i++) {
        if (!is_placeholder(args[i])) continue;
        if (position >= 0) refuse(218, name, location, concat("_ is there twice among the arguments of ", name));
        position = static_cast<int>(i);
    }
    return position;
}

ExprList expand_placeholder(const std::string &kind, const std::string &name, const ExprList &args,
                            size_t dimensions, const SourceLocation &location) {
    const int position = placeholder_position(name, args, location);
    if (position < 0) return args;
    if (args.size() - 1 > dimensions) {
        refuse(201, name, location,
               concat(kind, " ", name, " has ", dimensions, " dimension(s) but is called with ", args.size() - 1,
                      " argument(s) besides _"));
    }
    ExprList full(args.begin(), args.begin() + position);
    for (size_t k = 0; k < dimensions - (args.size() - 1); k++) full.push_back(Expr(Var::implicit(static_cast<int>(k))));
    full.insert(full.end(), args.begin() + position + 1, args.end());
    return full;
}

int count_implicit(const Expr &e) {
    int count = 0;
    walk_graph(e, [&](const Variable &v) {
        for (int k = count; k < max_implicit; k++) {
            if (v.symbol == implicit_symbol(k)) count = k + 1;
        }
    });
    return count;
}

}  // namespace heddle::Internal
