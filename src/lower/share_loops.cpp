#include "lower/share_loops.h"

#include <algorithm>
#include <set>

#include "schedule/check.h"
#include "schedule/shared_loops.h"

namespace heddle::Internal {

namespace {

const GraphFunc &at(const Graph &g, int i) {
    return g.funcs[static_cast<size_t>(i)];
}
// The stage of a definition that has one branch only.
const GraphStage &at(const Graph &g, StageId id) {
    return at(g, id.func).stages[static_cast<size_t>(at(g, id.func).first_branch(id.stage))];
}
int definitions(const Graph &g, int f) {
    return at(g, f).function->stages();
}

std::string name_of(const Graph &g, StageId id) {
    return stage_name(*at(g, id.func).function, id.stage);
}

[[noreturn]] void refuse(int code, const Graph &g, StageId child, const ComputeWith &with, const std::string &message,
                         const std::string &hint) {
    Diagnostic d;
    d.code = code;
    d.location = with.location;
    const bool named = with.level.defined() && !with.level.is_root() && !with.level.is_inlined();
    d.directive = "compute_with(" + (named ? with.level.func() + ", " + with.level.var().name() : "") + ")";
    d.func = name_of(g, child);
    if (named) d.var = with.level.var().name();
    d.message = message;
    d.hint = hint;
    throw CompileError(d);
}

void check_one_branch(const Graph &g, StageId id, StageId child, const ComputeWith &with) {
    const auto &stages = at(g, id.func).stages;
    const auto n = std::count_if(stages.begin(), stages.end(), [&](const GraphStage &s) { return s.definition == id.stage; });
    if (n == 1) return;
    refuse(358, g, child, with, name_of(g, id) + " is specialized, so that its loops are not always the same",
           "specialize Funcs that share no loops");
}

// What compute_with names, with the stage found where none was said: the last one that has such a loop.
StageId parent_of(const Graph &g, StageId child, const ComputeWith &with) {
    Directive d{DirectiveKind::compute_with, {with.level}, with.location};
    const Placement::Level level = resolve_level(with.level, *at(g, child.func).function, child.stage, d);
    if (level.where != Placement::Where::At) {
        refuse(351, g, child, with, "a LoopLevel that is " + with.level.to_string() + " names no loop to share",
               "name the other stage and a loop of it");
    }
    if (level.func == at(g, child.func).function->symbol) {
        refuse(350, g, child, with, "the stages of " + at(g, child.func).name + " cannot share loops with each other",
               "name a stage of another Func");
    }
    for (int f = 0; f < static_cast<int>(g.funcs.size()); f++) {
        const GraphFunc &p = at(g, f);
        if (p.function->symbol != level.func) continue;
        if (p.removed) {
            refuse(355, g, child, with, p.name + " is inlined, so that it has no loops to share",
                   "compute " + p.name + " where " + at(g, child.func).name + " is computed");
        }
        const int last = definitions(g, f) - 1;
        if (level.stage > last) break;
        StageId parent{f, level.stage};
        for (int s = last; s >= 0 && parent.stage < 0; s--) {
            if (find_dim(at(g, {f, s}).nest, level.var) >= 0) parent.stage = s;
        }
        if (parent.stage < 0) parent.stage = last;
        check_one_branch(g, parent, child, with);
        return parent;
    }
    refuse(356, g, child, with, level.func.name() + " is not used by this pipeline",
           "share the loops of a stage that is computed, too");
}

void check_has_loops(const Graph &g, StageId child, const ComputeWith &with, int f) {
    const GraphFunc &p = at(g, f);
    if (p.is_extern()) {
        refuse(359, g, child, with, "an extern stage shares loops: a C function computes " + p.name + ", in loops of its own",
               "compute " + p.name + " by itself");
    }
    if (p.placement.memoized) {
        refuse(359, g, child, with, p.name + " is memoized: it is computed as a whole, or not at all, and shares no loops",
               "leave out memoize(), or the compute_with");
    }
}

// Every stage with a compute_with, and the stage that it names.
SharedLoops all_shared(const Graph &g) {
    SharedLoops result;
    for (int f = 0; f < static_cast<int>(g.funcs.size()); f++) {
        for (int s = 0; s < definitions(g, f); s++) {
            const StageId id{f, s};
            const bool removed = at(g, f).removed;
            const auto with = nest_of(*at(g, f).function, s).with;
            if (!with) continue;
            if (removed) {
                refuse(355, g, id, *with, at(g, f).name + " is inlined, so that it has no loops to share",
                       "compute " + at(g, f).name + " where the other one is computed");
            }
            check_one_branch(g, id, id, *with);
            check_has_loops(g, id, *with, f);
            const StageId parent = parent_of(g, id, *with);
            check_has_loops(g, id, *with, parent.func);
            result.add(id, parent);
        }
    }
    return result;
}

// users[f]: the Funcs that use f.
std::vector<std::vector<int>> users_of_all(const Graph &g) {
    std::vector<std::vector<int>> users(g.funcs.size());
    for (int f = 0; f < static_cast<int>(g.funcs.size()); f++) {
        if (at(g, f).removed) continue;
        for (int c = 0; c < static_cast<int>(g.funcs.size()); c++) {
            if (c == f || at(g, c).removed) continue;
            const auto &stages = at(g, c).stages;
            if (std::any_of(stages.begin(), stages.end(), [&](const GraphStage &s) { return stage_uses(s, at(g, f)); })) {
                users[static_cast<size_t>(f)].push_back(c);
            }
        }
    }
    return users;
}

// A stage of the group with a compute_with, to point at.
StageId some_child(const Graph &g, const SharedLoops &shared, const std::vector<int> &group) {
    for (int f : group) {
        for (int s = 0; s < definitions(g, f); s++) {
            if (shared.parent({f, s})) return {f, s};
        }
    }
    return {group[0], 0};
}

void check_independent(const Graph &g, const SharedLoops &shared, const std::vector<int> &group,
                       const std::vector<std::vector<int>> &users) {
    for (int f : group) {
        std::set<int> reached;
        std::vector<int> todo = users[static_cast<size_t>(f)];
        while (!todo.empty()) {
            const int next = todo.back();
            todo.pop_back();
            if (!reached.insert(next).second) continue;
            const auto &more = users[static_cast<size_t>(next)];
            todo.insert(todo.end(), more.begin(), more.end());
        }
        for (int other : group) {
            if (!reached.contains(other)) continue;
            const StageId child = some_child(g, shared, group);
            refuse(354, g, child, *at(g, child).nest.with,
                   at(g, other).name + " needs values of " + at(g, f).name + ", so the two cannot share loops",
                   "compute " + at(g, f).name + " at a loop of " + at(g, other).name + " instead");
        }
    }
}

// Consumers after producers, where the Funcs of a group count as one.
std::vector<int> order_with_groups(const Graph &g, const SharedLoops &shared, const std::vector<std::vector<int>> &users) {
    const int n = static_cast<int>(g.funcs.size());
    std::vector<std::vector<int>> units;
    std::vector<int> unit_of(static_cast<size_t>(n), -1);
    const auto groups = shared.groups();
    for (int f = 0; f < n; f++) {
        if (unit_of[static_cast<size_t>(f)] >= 0) continue;
        const auto group = std::find_if(groups.begin(), groups.end(), [&](const auto &x) {
            return std::find(x.begin(), x.end(), f) != x.end();
        });
        units.push_back(group == groups.end() ? std::vector<int>{f} : *group);
        for (int member : units.back()) unit_of[static_cast<size_t>(member)] = static_cast<int>(units.size()) - 1;
    }
    std::vector<std::set<int>> missing(units.size());  // producers' units that are not in the order yet
    for (int f = 0; f < n; f++) {
        const int from = unit_of[static_cast<size_t>(f)];
        for (int user : users[static_cast<size_t>(f)]) {
            const int to = unit_of[static_cast<size_t>(user)];
            if (from != to) missing[static_cast<size_t>(to)].insert(from);
        }
    }
    std::vector<int> order;
    std::vector<bool> done(units.size(), false);
    while (static_cast<int>(order.size()) < n) {
        size_t u = 0;
        while (u < units.size() && (done[u] || !missing[u].empty())) u++;
        if (u == units.size()) {
            const auto stuck = std::find_if(units.begin(), units.end(), [&](const auto &unit) {
                return unit.size() > 1 && !done[static_cast<size_t>(&unit - units.data())];
            });
            HEDDLE_ASSERT(stuck != units.end());
            const StageId child = some_child(g, shared, *stuck);
            refuse(357, g, child, *at(g, child).nest.with,
                   "the groups of Funcs that share loops need values of each other, so none can run first",
                   "let fewer Funcs share loops");
        }
        done[u] = true;
        order.insert(order.end(), units[u].begin(), units[u].end());
        for (auto &m : missing) m.erase(static_cast<int>(u));
    }
    return order;
}

void reorder(Graph &g, const std::vector<int> &order) {
    std::vector<int> position(order.size());
    for (size_t i = 0; i < order.size(); i++) position[static_cast<size_t>(order[i])] = static_cast<int>(i);
    std::vector<GraphFunc> sorted;
    for (int i : order) sorted.push_back(std::move(g.funcs[static_cast<size_t>(i)]));
    g.funcs = std::move(sorted);
    for (int &i : g.outputs) i = position[static_cast<size_t>(i)];
    for (auto &[id, i] : g.element_owner) i = position[static_cast<size_t>(i)];
}

// The loops shared, from the outermost inwards: as many, of the same names and kinds.
void check_loops(const Graph &g, StageId child, int child_dim, StageId parent, int parent_dim, const ComputeWith &with) {
    const auto &c = at(g, child).nest.dims, &p = at(g, parent).nest.dims;
    const int shared = static_cast<int>(c.size()) - child_dim;
    const std::string both = name_of(g, child) + " and " + name_of(g, parent);
    if (shared != static_cast<int>(p.size()) - parent_dim) {
        refuse(353, g, child, with,
               both + " have " + std::to_string(shared) + " and " + std::to_string(static_cast<int>(p.size()) - parent_dim) +
                   " loops from the outermost down to " + with.level.var().name(),
               "give both the same loops from there outwards");
    }
    for (int i = 0; i < shared; i++) {
        const Dim &a = c[static_cast<size_t>(child_dim + i)], &b = p[static_cast<size_t>(parent_dim + i)];
        if (a.var != b.var) {
            refuse(353, g, child, with, "where " + name_of(g, parent) + " has the loop " + b.var + ", " + name_of(g, child) +
                       " has " + a.var, "rename or reorder the loops of one of them");
        }
        if (a.for_type != b.for_type) {
            refuse(353, g, child, with, "the loop " + a.var + " is " + to_string(a.for_type) + " in " + name_of(g, child) + " and " +
                       to_string(b.for_type) + " in " + name_of(g, parent), "schedule it alike in both");
        }
        if (a.kind != b.kind) {
            refuse(353, g, child, with, "the loop " + a.var + " is of another kind in " + name_of(g, child) + " than in " +
                       name_of(g, parent) + ": over a Var, or over an RVar whose iterations may or may not depend on each other",
                   "share loops of one kind");
        }
    }
}

}  // namespace

void find_groups(Graph &g) {
    const SharedLoops shared = all_shared(g);
    if (shared.empty()) return;
    const auto users = users_of_all(g);
    for (const auto &group : shared.groups()) check_independent(g, shared, group, users);
    for (const auto &group : shared.groups()) {
        auto stages = [&](int f) { return definitions(g, f); };
        if (shared.roots(group, stages)) continue;
        const StageId child = some_child(g, shared, group);
        refuse(357, g, child, *at(g, child).nest.with,
               "no order of the stages that share loops keeps the updates of each Func in theirs",
               "let stages share loops in the order in which they run");
    }
    const std::vector<int> order = order_with_groups(g, shared, users);
    std::vector<int> position(order.size());
    for (size_t i = 0; i < order.size(); i++) position[static_cast<size_t>(order[i])] = static_cast<int>(i);
    for (std::vector<int> group : shared.groups()) {
        for (int &f : group) f = position[static_cast<size_t>(f)];
        std::sort(group.begin(), group.end());
        g.groups.push_back(std::move(group));
    }
    reorder(g, order);
}

void connect_group(Graph &g, const std::vector<int> &funcs) {
    for (int f : funcs) {
        for (int s = 0; s < definitions(g, f); s++) {
            const StageId child{f, s};
            if (at(g, f).removed) continue;
            const auto with = at(g, child).nest.with;
            if (!with) continue;
            const std::string var = with->level.var().name();
            const StageId original = parent_of(g, child, *with);
            const Symbol &symbol = at(g, original.func).function->symbol;
            StageId parent{-1, original.stage};
            for (int p : funcs) {
                const bool same_place = at(g, p).compute == at(g, f).compute && !at(g, p).removed;
                if (at(g, p).function->symbol == symbol && same_place) parent.func = p;
            }
            const bool inlined = !at(g, f).is_output && at(g, f).placement.compute.where == Placement::Where::Inlined;
            if (parent.func < 0 || inlined) {
                refuse(355, g, child, *with,
                       at(g, f).name + " and " + at(g, original.func).name + " are not computed in the same place",
                       "give both the same compute_root() or compute_at(...)");
            }
            GraphFunc &owner = g.funcs[static_cast<size_t>(f)];
            GraphStage &stage = owner.stages[static_cast<size_t>(owner.first_branch(s))];
            const int dim = find_dim(stage.nest, var), parent_dim = find_dim(at(g, parent).nest, var);
            if (dim < 0 || parent_dim < 0) {
                refuse(352, g, child, *with,
                       name_of(g, dim < 0 ? child : parent) + " has no loop " + var, "name a loop that both stages have");
            }
            check_loops(g, child, dim, parent, parent_dim, *with);
            stage.with = {parent.func, at(g, parent.func).first_branch(parent.stage), parent_dim};
            stage.shared = dim;
            for (size_t d = static_cast<size_t>(dim); d < stage.nest.dims.size(); d++) {
                LoopAlignStrategy align = LoopAlignStrategy::NoAlign;
                for (const auto &[loop, strategy] : with->align) {
                    const bool applies = loop.empty() || loop == stage.nest.dims[d].var;
                    if (applies && strategy != LoopAlignStrategy::Auto) align = strategy;
                }
                stage.align.push_back(align);
            }
        }
    }
}

}  // namespace heddle::Internal
