#include "heddle/scatter.h"

#include "ir/rewrite.h"
#include "language/define.h"
#include "language/operands.h"
#include "language/scatter.h"
#include "heddle/print.h"

namespace heddle {

using namespace Internal;

namespace {

Expr several(const std::vector<Expr> &operands, const char *name) {
    if (operands.empty()) refuse_operands(125, concat(name, "() without operands"));
    ExprList all = operands;
    for (const Expr &e : all) check_defined(e, name);
    // Twice: the second time with the type that all have in common.
    for (int round = 0; round < 2; round++) {
        for (size_t i = 1; i < all.size(); i++) match_types(all[0], all[i], name);
    }
    return Call::make(all[0].type(), CallOp::scatter_gather, all);
}

}  // namespace

Expr scatter(const std::vector<Expr> &locations) {
    return several(locations, "scatter");
}
Expr gather(const std::vector<Expr> &values) {
    return several(values, "gather");
}

namespace Internal {

bool has_scatter(const Expr &e) {
    bool found = false;
    walk_graph(e, [&](const Call &c) { found |= c.op == CallOp::scatter_gather; });
    return found;
}

int stores_at_once(const ExprList &args, const ExprList &values) {
    size_t n = 1;
    const auto count = [&](const Expr &e) {
        walk_graph(e, [&](const Call &c) {
            if (c.op == CallOp::scatter_gather) n = c.args.size();
        });
    };
    for (const Expr &e : args) count(e);
    for (const Expr &e : values) count(e);
    return static_cast<int>(n);
}

Expr one_of_several(const Expr &e, int index) {
    return rewrite_graph(e, [&](const Call &c) -> Expr {
        return c.op == CallOp::scatter_gather ? c.args.at(static_cast<size_t>(index)) : Expr(&c);
    });
}

ExprList one_of_several(const ExprList &list, int index) {
    ExprList result;
    for (const Expr &e : list) result.push_back(one_of_several(e, index));
    return result;
}

void check_scatter(const std::string &func, const ExprList &args, const ExprList &values,
                   const SourceLocation &location) {
    size_t n = 0;
    const auto check = [&](const Expr &e) {
        walk_graph(e, [&](const Call &c) {
            if (c.op != CallOp::scatter_gather) return;
            if (n && c.args.size() != n) {
                refuse(221, func, location,
                       concat("a definition of ", func, " has scatter() or gather() of ", n, " and of ",
                              c.args.size(), " operands"),
                       "give all of them as many operands as there are stores");
            }
            n = c.args.size();
            for (const Expr &a : c.args) {
                if (!has_scatter(a)) continue;
                refuse(222, func, location,
                       concat("a definition of ", func, " has a scatter() or gather() inside of another"),
                       "write the operands of the inner one out");
            }
        });
    };
    for (const Expr &e : args) check(e);
    for (const Expr &e : values) check(e);
}

}  // namespace Internal

}  // namespace heddle
