#include "lower/place.h"

#include <algorithm>

#include "heddle/var.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"
#include "lower/share_loops.h"
#include "schedule/directives.h"

namespace heddle::Internal {

namespace {

// A stage that uses a Func.
struct Site {
    int func, stage;
};

GraphFunc &at(Graph &g, int i) {
    return g.funcs[static_cast<size_t>(i)];
}
const GraphFunc &at(const Graph &g, int i) {
    return g.funcs[static_cast<size_t>(i)];
}

std::vector<Site> sites_of(const Graph &g, int f) {
    std::vector<Site> sites;
    for (int i = 0; i < static_cast<int>(g.funcs.size()); i++) {
        if (i == f || at(g, i).removed) continue;
        for (int s = 0; s < static_cast<int>(at(g, i).stages.size()); s++) {
            if (stage_uses(at(g, i).stages[static_cast<size_t>(s)], at(g, f))) sites.push_back({i, s});
        }
    }
    return sites;
}

void replace_elements(GraphStage &s, const std::map<uint64_t, Symbol> &map) {
    auto replaced = [&](const Expr &e) -> Expr {
        if (!e.defined()) return e;
        return rewrite(e, [&](const Access &a) -> Expr {
            auto it = map.find(a.buffer.id());
            return it == map.end() ? Expr(&a) : Access::make(a.type, it->second, a.args, 0, a.owner);
        });
    };
    for (Expr &e : s.args) e = replaced(e);
    for (Expr &e : s.values) e = replaced(e);
    for (ReductionVariable &r : s.rvars) {
        r.min = replaced(r.min);
        r.extent = replaced(r.extent);
    }
    s.predicate = replaced(s.predicate);
}

// Expressions of a copied stage with fresh symbols for everything that the stage binds.
GraphStage with_fresh_symbols(const GraphStage &s) {
    GraphStage out = s;
    Substitution map;
    for (Symbol &x : out.arg_symbols) {
        Symbol fresh = Symbol::fresh(x.name());
        map[x] = Variable::make(Int(32), fresh);
        x = fresh;
    }
    for (ReductionVariable &r : out.rvars) {
        Symbol fresh = Symbol::fresh(r.symbol.name());
        map[r.symbol] = Variable::make(Int(32), fresh);
        r.symbol = fresh;
    }
    auto renamed = [&](const Expr &e) -> Expr {
        if (!e.defined()) return e;
        Substitution lets = map;
        return rewrite(
            e,
            [&](const Let &n, const Rewriter &r) -> Expr {
                Expr value = r(n.value);
                Symbol fresh = Symbol::fresh(n.symbol.name());
                lets[n.symbol] = Variable::make(value.type(), fresh);
                return Let::make(fresh, value, r(n.body));
            },
            [&](const Variable &v) -> Expr {
                auto it = lets.find(v.symbol);
                return it == lets.end() ? Expr(&v) : it->second;
            });
    };
    for (Expr &e : out.args) e = renamed(e);
    for (Expr &e : out.values) e = renamed(e);
    for (ReductionVariable &r : out.rvars) {
        r.min = renamed(r.min);
        r.extent = renamed(r.extent);
    }
    out.predicate = renamed(out.predicate);
    return out;
}

// A second copy of func f, used by `sites` instead of f. Appended; order is restored by the caller.
int copy_for(Graph &g, int f, const std::vector<Site> &sites) {
    GraphFunc copy = at(g, f);
    const int index = static_cast<int>(g.funcs.size());
    std::map<uint64_t, Symbol> map;
    for (Symbol &e : copy.elements) {
        Symbol fresh = Symbol::fresh(e.name());
        map[e.id()] = fresh;
        g.element_owner[fresh.id()] = index;
        e = fresh;
    }
    for (GraphStage &s : copy.stages) {
        s = with_fresh_symbols(s);
        replace_elements(s, map);
    }
    g.funcs.push_back(std::move(copy));
    for (const Site &site : sites) {
        replace_elements(at(g, site.func).stages[static_cast<size_t>(site.stage)], map);
    }
    return index;
}

std::string level_text(const Graph &g, const Placement::Level &level) {
    if (level.where == Placement::Where::Root) return "root";
    for (const GraphFunc &f : g.funcs) {
        if (f.function->symbol == level.func) return f.name + ", " + level.var;
    }
    return level.func.name() + ", " + level.var;
}

[[noreturn]] void refuse(int code, const char *directive, const Graph &g, const GraphFunc &f,
                         const Placement::Level &level, const std::string &message, const std::string &hint) {
    Diagnostic d;
    d.code = code;
    d.location = level.location;
    d.directive = std::string(directive) + "(" + level_text(g, level) + ")";
    d.func = f.name;
    d.var = level.var;
    d.message = message;
    d.hint = hint;
    throw CompileError(d);
}

std::string loops_text(const GraphFunc &f, const GraphStage &s) {
    std::string out;
    for (size_t i = s.nest.dims.size(); i-- > 0;) out += (out.empty() ? "" : ", ") + s.nest.dims[i].var;
    return f.name + (s.condition.defined() ? " where " + brief(s.condition) : "") + " has the loops " + (out.empty() ? "(none)" : out);
}

// The stage of `target` that contains the place, found by climbing compute levels; and the place there.
bool container(const Graph &g, LoopPlace place, const Placement::Level &level, LoopPlace *found) {
    while (place.func >= 0) {
        const GraphFunc &f = at(g, place.func);
        if (f.function->symbol == level.func &&
            (level.stage < 0 || f.stages[static_cast<size_t>(place.stage)].definition == level.stage)) {
            *found = place;
            return true;
        }
        place = around(g, place);
    }
    return false;
}

class Placer {
public:
    explicit Placer(Graph &g)
        : g_(g) {
    }

    void run() {
        find_groups(g_);
        // Consumers before producers: their levels are known when a producer's are looked for. Copies
        // are appended, so the producers among the original ones are still visited later.
        for (int i = static_cast<int>(g_.funcs.size()) - 1; i >= 0; i--) {
            if (!at(g_, i).removed) place_with_copies(i);
            for (const std::vector<int> &group : g_.groups) {
                if (group.front() == i) connect_group(g_, with_copies(group));
            }
        }
        restore_order();
    }

private:
    std::vector<int> with_copies(std::vector<int> funcs) const {
        const size_t originals = funcs.size();
        for (const auto &[f, index] : order_) {
            const auto end = funcs.begin() + static_cast<std::ptrdiff_t>(originals);
            if (index != f && std::find(funcs.begin(), end, f) != end) funcs.push_back(index);
        }
        return funcs;
    }

    void place_with_copies(int f) {
        std::vector<Site> sites = sites_of(g_, f);
        if (at(g_, f).is_output) {
            at(g_, f).compute = at(g_, f).store = at(g_, f).hoist = LoopPlace{};
            return;
        }
        if (sites.empty()) {
            at(g_, f).removed = true;
            return;
        }
        using Where = Placement::Where;
        const Placement::Level &level = at(g_, f).placement.compute;
        if (level.where == Where::Root) {
            at(g_, f).compute = at(g_, f).store = at(g_, f).hoist = LoopPlace{};
            check_ring(f);
            return;
        }
        // One group of sites per place of computation.
        std::vector<std::pair<LoopPlace, std::vector<Site>>> groups;
        for (const Site &site : sites) {
            LoopPlace p = level.where == Where::Inlined ? LoopPlace{site.func, site.stage, -1} :
                                                          compute_place(f, site);
            auto it = std::find_if(groups.begin(), groups.end(), [&](const auto &x) { return x.first == p; });
            if (it == groups.end()) {
                groups.push_back({p, {site}});
            } else {
                it->second.push_back(site);
            }
        }
        for (size_t k = 0; k < groups.size(); k++) {
            const int index = k == 0 ? f : copy_for(g_, f, groups[k].second);
            at(g_, index).compute = groups[k].first;
            at(g_, index).store = store_place(index);
            at(g_, index).hoist = hoist_place(index);
            check_ring(index);
            order_.push_back({f, index});
        }
    }

    LoopPlace compute_place(int f, const Site &site) {
        const Placement::Level level = at(g_, f).placement.compute;
        LoopPlace found;
        if (!container(g_, LoopPlace{site.func, site.stage, -1}, level, &found)) {
            refuse(431, "compute_at", g_, at(g_, f), level,
                   at(g_, f).name + " is also used by " + at(g_, site.func).name + ", outside of " +
                       level_text(g_, level),
                   "compute_root(), or compute_at a loop that encloses all uses");
        }
        const GraphFunc &consumer = at(g_, found.func);
        const GraphStage &stage = consumer.stages[static_cast<size_t>(found.stage)];
        const int dim = find_dim(stage.nest, level.var);
        if (dim < 0) {
            refuse(417, "compute_at", g_, at(g_, f), level,
                   consumer.name + " has no loop " + level.var + " here: " + loops_text(consumer, stage),
                   "name one of these loops");
        }
        if (found.dim > dim) {
            refuse(431, "compute_at", g_, at(g_, f), level,
                   at(g_, f).name + " is also used by " + at(g_, site.func).name + ", outside of this loop",
                   "compute_at a loop that encloses all uses");
        }
        return {found.func, found.stage, dim};
    }

    LoopPlace store_place(int f) {
        using Where = Placement::Where;
        const Placement::Level &level = at(g_, f).placement.store;
        const LoopPlace compute = at(g_, f).compute;
        if (level.where == Where::Inlined) return compute;
        LoopPlace result;
        if (level.where == Where::At) {
            LoopPlace found;
            int dim = -1;
            if (container(g_, compute, level, &found)) {
                const GraphFunc &consumer = at(g_, found.func);
                const GraphStage &stage = consumer.stages[static_cast<size_t>(found.stage)];
                dim = find_dim(stage.nest, level.var);
                if (dim < 0) {
                    refuse(418, "store_at", g_, at(g_, f), level,
                           consumer.name + " has no loop " + level.var + " here: " + loops_text(consumer, stage),
                           "name one of these loops");
                }
            }
            if (dim < 0 || found.dim > dim) {
                refuse(432, "store_at", g_, at(g_, f), level,
                       "the store level must enclose the compute level, or be the same",
                       "store_root(), or store_at a loop outside of the one it is computed in");
            }
            result = {found.func, found.stage, dim};
        }
        check_no_parallel_between(f, compute, result);
        return result;
    }

    LoopPlace hoist_place(int f) {
        using Where = Placement::Where;
        const Placement::Level &level = at(g_, f).placement.hoist;
        const LoopPlace store = at(g_, f).store;
        if (level.where == Where::Inlined) return store;
        LoopPlace result;
        if (level.where == Where::At) {
            LoopPlace found;
            int dim = -1;
            if (container(g_, store, level, &found)) {
                const GraphFunc &consumer = at(g_, found.func);
                const GraphStage &stage = consumer.stages[static_cast<size_t>(found.stage)];
                dim = find_dim(stage.nest, level.var);
                if (dim < 0) {
                    refuse(422, "hoist_storage", g_, at(g_, f), level,
                           consumer.name + " has no loop " + level.var + " here: " + loops_text(consumer, stage),
                           "name one of these loops");
                }
            }
            if (dim < 0 || found.dim > dim) {
                refuse(423, "hoist_storage", g_, at(g_, f), level,
                       "the loop that the storage is hoisted to must enclose the store level, or be the same",
                       "hoist_storage_root(), or hoist_storage to a loop outside of the one it is stored in");
            }
            result = {found.func, found.stage, dim};
        }
        if (at(g_, f).is_extern() && !(result == store)) {
            refuse(426, "hoist_storage", g_, at(g_, f), level,
                   "a C function computes " + at(g_, f).name + ": what it is asked for is known where it is stored",
                   "leave hoist_storage out, or store it further out");
        }
        check_no_parallel_between(f, store, result, 424, "hoist_storage", level, "allocated");
        return result;
    }

    // The copies of a ring are used in turn by iterations between the two places.
    void check_ring(int f) const {
        const GraphFunc &p = at(g_, f);
        if (!p.placement.ring_buffer.defined() || !(p.hoist == p.store)) return;
        refuse(420, "hoist_storage", g_, p, p.placement.hoist,
               p.name + " is stored where its storage is hoisted to: there are no iterations that could use the copies of "
                        "its ring_buffer in turn",
               "hoist_storage to a loop outside of the one that it is stored in");
    }

    // Iterations of a parallel loop between storage and computation would write the same storage.
    void check_no_parallel_between(int f, LoopPlace compute, const LoopPlace &store) {
        check_no_parallel_between(f, compute, store, 433, "store_at", at(g_, f).placement.store, "stored");
    }
    void check_no_parallel_between(int f, LoopPlace inner, const LoopPlace &outer, int code, const char *directive,
                                   const Placement::Level &level, const std::string &how) {
        while (inner.func >= 0) {
            const GraphStage &stage = at(g_, inner.func).stages[static_cast<size_t>(inner.stage)];
            // Loops that are not its own are those of the stage that it runs with.
            for (int d = std::max(inner.dim, 0); d < stage.own_loops(); d++) {
                if (outer == LoopPlace{inner.func, inner.stage, d}) return;
                const Dim &dim = stage.nest.dims[static_cast<size_t>(d)];
                if (is_unordered(dim.for_type) || dim.for_type == ForType::Vectorized) {
                    refuse(code, directive, g_, at(g_, f), level,
                           "the " + std::string(to_string(dim.for_type)) + " loop " + dim.var + " of " +
                               at(g_, inner.func).name + " lies between where " + at(g_, f).name +
                               " is " + how + " and where it is computed: its iterations would write the same storage",
                           "store it inside of that loop");
                }
            }
            const bool in_this_stage = outer.func == inner.func && outer.stage == inner.stage;
            if (in_this_stage && outer.dim >= stage.own_loops()) return;
            inner = around(g_, inner);
        }
    }

    // Copies go next to their originals, so that producers stay before consumers.
    void restore_order() {
        const int n = static_cast<int>(g_.funcs.size());
        std::vector<int> original(static_cast<size_t>(n));
        for (int i = 0; i < n; i++) original[static_cast<size_t>(i)] = i;
        for (const auto &[f, index] : order_) original[static_cast<size_t>(index)] = f;
        for (int i = 0; i < n; i++) {  // a copy of a copy is not made, but follow chains all the same
            while (original[static_cast<size_t>(original[static_cast<size_t>(i)])] != original[static_cast<size_t>(i)]) {
                original[static_cast<size_t>(i)] = original[static_cast<size_t>(original[static_cast<size_t>(i)])];
            }
        }
        std::vector<int> order(static_cast<size_t>(n));
        for (int i = 0; i < n; i++) order[static_cast<size_t>(i)] = i;
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
            return original[static_cast<size_t>(a)] < original[static_cast<size_t>(b)];
        });
        std::vector<int> position(static_cast<size_t>(n));
        for (int i = 0; i < n; i++) position[static_cast<size_t>(order[static_cast<size_t>(i)])] = i;
        std::vector<GraphFunc> sorted;
        for (int i : order) sorted.push_back(std::move(at(g_, i)));
        g_.funcs = std::move(sorted);
        auto moved = [&](int i) { return i < 0 ? i : position[static_cast<size_t>(i)]; };
        for (GraphFunc &f : g_.funcs) {
            f.compute.func = moved(f.compute.func);
            f.store.func = moved(f.store.func);
            f.hoist.func = moved(f.hoist.func);
            for (GraphStage &s : f.stages) s.with.func = moved(s.with.func);
        }
        for (std::vector<int> &group : g_.groups) {
            for (int &f : group) f = moved(f);
        }
        for (int &i : g_.outputs) i = moved(i);
        for (auto &[id, i] : g_.element_owner) i = moved(i);
    }

    Graph &g_;
    std::vector<std::pair<int, int>> order_;  // (original, copy or itself)
};

}  // namespace

bool stage_uses(const GraphStage &s, const GraphFunc &f) {
    if (s.failure) return false;
    bool found = false;
    auto look = [&](const Expr &e) {
        if (!e.defined()) return;
        walk(e, [&](const Access &a) {
            found |= std::find(f.elements.begin(), f.elements.end(), a.buffer) != f.elements.end();
        });
    };
    for (const Expr &e : s.args) look(e);
    for (const Expr &e : s.values) look(e);
    for (const ReductionVariable &r : s.rvars) {
        look(r.min);
        look(r.extent);
    }
    look(s.predicate);
    return found;
}

int find_dim(const StageNest &nest, const std::string &var) {
    static const std::string outermost = Var::outermost().name();
    if (var == outermost) return static_cast<int>(nest.dims.size());
    for (size_t d = 0; d < nest.dims.size(); d++) {
        if (nest.dims[d].var == var) return static_cast<int>(d);
    }
    return -1;
}

LoopPlace around(const Graph &graph, const LoopPlace &place) {
    const GraphFunc &f = at(graph, place.func);
    const GraphStage &stage = f.stages[static_cast<size_t>(place.stage)];
    return stage.with.func >= 0 ? stage.with : f.compute;
}

bool is_within(const Graph &graph, const LoopPlace &inner, const LoopPlace &outer) {
    LoopPlace p = inner;
    while (p.func >= 0) {
        if (p.func == outer.func && p.stage == outer.stage) return p.dim <= outer.dim;
        p = around(graph, p);
    }
    return outer.func < 0;
}

void place(Graph &graph) {
    Placer(graph).run();
}

}  // namespace heddle::Internal
