#include "lower/prefetches.h"

#include <algorithm>

#include "analysis/box.h"
#include "analysis/promises.h"
#include "analysis/simplify.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

namespace {

[[noreturn]] void refuse(const GraphFunc &func, const Prefetch &p, const std::string &message) {
    Diagnostic d;
    d.code = 463;
    d.location = p.location;
    d.directive = "prefetch(" + p.func + ", " + p.at + ", " + p.from + ")";
    d.func = func.name;
    d.var = p.from;
    d.message = message;
    d.hint = "name loops that the stage has";
    throw CompileError(d);
}

// Nothing for a region without bounds.
Expr request_ahead(const Prefetch &p, const Box &box, const Symbol &buffer, Type type, const Symbol &loop) {
    const Expr ahead = Add::make(Variable::make(Int(32), loop), p.offset);
    ExprList args = {make_const(Int(32), static_cast<int64_t>(p.strategy))}, mins;
    for (size_t i = 0; i < box.size(); i++) {
        if (!box[i].min.defined() || !box[i].max.defined()) return Expr();
        const Interval r = with_clamps(box[i]);
        mins.push_back(simplify(substitute(loop, ahead, r.min)));
        const Expr extent = simplify(Add::make(Sub::make(r.max, r.min), make_one(Int(32))));
        args.push_back(simplify(substitute(loop, ahead, extent)));
    }
    args.insert(args.begin(), Access::make(type, buffer, mins));
    return Call::make(Int(32), CallOp::prefetch, args);
}

}  // namespace

void check_prefetches(const Graph &graph, int f, const GraphStage &def) {
    for (const Prefetch &p : def.nest.prefetches) {
        const auto is_at = [&](const Dim &dim) { return dim.var == p.at; };
        if (std::none_of(def.nest.dims.begin(), def.nest.dims.end(), is_at)) {
            refuse(graph.funcs[static_cast<size_t>(f)], p, "there is no loop " + p.at + " any more");
        }
    }
}

Stmt with_prefetches(const Graph &graph, int f, const GraphStage &def, const StageLoops &loops, size_t d, Stmt body) {
    for (const Prefetch &p : def.nest.prefetches) {
        if (p.at != def.nest.dims[d].var) continue;
        size_t from = d;
        while (from < def.nest.dims.size() && def.nest.dims[from].var != p.from) from++;
        if (from == def.nest.dims.size()) refuse(graph.funcs[static_cast<size_t>(f)], p, "there is no loop " + p.from + " around loop " + p.at);
        StmtList all;
        const Boxes reads = boxes_touched(body, {}, Touch::Reads, SelectBranches::Both);
        // What is stored inside of the loop is not there yet.
        std::vector<Symbol> inside;
        walk(
            body, [&](const Realize &r) { inside.push_back(r.buffer); }, [&](const LetStmt &l) { inside.push_back(l.symbol); });
        for (const auto &[symbol, type] : elements_named(graph, p.func)) {
            if (std::find(inside.begin(), inside.end(), symbol) != inside.end()) continue;
            if (auto it = reads.find(symbol); it != reads.end()) {
                const Expr request = request_ahead(p, it->second, symbol, type, loops.loops[from].symbol);
                if (request.defined()) all.push_back(Evaluate::make(request));
            }
        }
        all.push_back(body);
        body = Block::make(all);
    }
    return body;
}

}  // namespace heddle::Internal
