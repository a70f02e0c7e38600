#include "schedule/print_nest.h"

#include <algorithm>
#include <map>
#include <set>

#include "heddle/var.h"
#include "ir/rewrite.h"
#include "schedule/check.h"
#include "schedule/derived.h"
#include "schedule/shared_loops.h"

namespace heddle::Internal {

namespace {

// "for yi in [0, 31]": the range where the loop is the inner one of a split by a constant.
std::string loop_line(const StageNest &nest, const Dim &d) {
    std::string line = std::string(to_string(d.for_type)) + " " + d.var;
    for (auto s = nest.splits.rbegin(); s != nest.splits.rend(); ++s) {
        int64_t factor = 0;
        const bool makes = s->inner == d.var || s->outer == d.var || s->old_var == d.var;
        if (s->kind == Split::Kind::Split && s->inner == d.var &&
            as_const_int(s->factor, &factor)) {
            line += concat(" in [0, ", factor - 1, "]");
        }
        if (makes) break;
    }
    if (d.partition == Partition::Never) line += " (never partitioned)";
    if (d.partition == Partition::Always) line += " (always partitioned)";
    return line;
}

constexpr const char *arrow = "        <- here";

class NestPrinter {
public:
    NestPrinter(const std::vector<std::shared_ptr<const Function>> &funcs,
                const std::vector<std::shared_ptr<const Function>> &outputs,
                const std::string &marked_func, const std::string &marked)
        : marked_func_(marked_func),
          marked_(marked) {
        for (const auto &f : funcs) {
            Entry e;
            e.func = f.get();
            e.placement = placement_of(*f);
            e.is_output = std::find(outputs.begin(), outputs.end(), f) != outputs.end();
            if (e.is_output) {
                e.placement.compute.where = e.placement.store.where = Placement::Where::Root;
            }
            entries_.push_back(std::move(e));
        }
        share_loops();
    }

    std::string run() {
        auto at_root = [](const Placement::Level &l) { return l.where == Placement::Where::Root; };
        for (const Entry &e : entries_) {
            if (at_root(e.placement.store) && !at_root(e.placement.compute) &&
                e.placement.compute.where != Placement::Where::Inlined) {
                line(0, "store " + e.func->display_name);
            }
        }
        for (size_t i = 0; i < entries_.size(); i++) {
            if (at_root(entries_[i].placement.compute)) func(i, 0);
        }
        return out_;
    }

private:
    struct Entry {
        const Function *func = nullptr;
        Placement placement;
        bool is_output = false;
    };

    static size_t find_dim(const StageNest &nest, const std::string &var) {
        const auto d = std::find_if(nest.dims.begin(), nest.dims.end(), [&](const Dim &dim) { return dim.var == var; });
        return static_cast<size_t>(d - nest.dims.begin());
    }

    // compute_with, as far as it makes sense: what does not is refused when the pipeline is lowered.
    void share_loops() {
        for (size_t i = 0; i < entries_.size(); i++) {
            for (int s = 0; s < entries_[i].func->stages(); s++) {
                const auto with = nest_of(*entries_[i].func, s).with;
                if (!with || !with->level.defined()) continue;
                const auto parent = std::find_if(entries_.begin(), entries_.end(), [&](const Entry &e) {
                    return e.func == with->level.function().get();
                });
                if (parent == entries_.end()) continue;
                int stage = with->level.stage_index();
                for (int last = parent->func->stages() - 1; stage < 0 && last >= 0; last--) {
                    const StageNest nest = nest_of(*parent->func, last);
                    if (find_dim(nest, with->level.var().name()) < nest.dims.size()) stage = last;
                }
                if (stage < 0 || stage >= parent->func->stages()) continue;
                const StageId child{static_cast<int>(i), s};
                shared_.add(child, {static_cast<int>(parent - entries_.begin()), stage});
                shared_at_[child] = with->level.var().name();
            }
        }
        groups_ = shared_.groups();
    }

    void line(int depth, const std::string &text) {
        out_ += std::string(static_cast<size_t>(depth) * 2, ' ') + text + "\n";
    }

    // Whether the level is inside loop `var` of this stage.
    static bool is_here(const Placement::Level &l, const Function &f, int stage,
                        const std::string &var) {
        return l.where == Placement::Where::At && l.func == f.symbol && l.var == var &&
               (l.stage < 0 || l.stage == stage);
    }

    bool uses(const Function &consumer, int stage, const Function &producer) const {
        bool found = false;
        auto look = [&](const Expr &e) {
            walk_graph(e, [&](const Access &a) {
                const auto f = callee_of(consumer, a);
                if (!f || f.get() == &consumer) return;
                found |= f.get() == &producer || reaches(*f, producer);
            });
        };
        const Definition d = definition_of(consumer, stage);
        for (const Expr &e : d.args)
            look(e);
        for (const Expr &e : d.values)
            look(e);
        look(d.predicate);
        return found;
    }
    // Through Funcs that are computed within the same place, inlined or not.
    bool reaches(const Function &f, const Function &producer) const {
        const auto key = std::make_pair(f.symbol.id(), producer.symbol.id());
        if (const auto it = reaches_.find(key); it != reaches_.end()) return it->second;
        bool found = false;
        for (int s = 0; s < f.stages() && !found; s++) {
            found = uses(f, s, producer);
        }
        reaches_[key] = found;
        return found;
    }

    // What is stored and computed immediately inside loop `var`.
    void inside(const Function &f, int stage, const std::string &var, int depth) {
        if (depth > 200) return;
        for (const Entry &e : entries_) {
            const Placement &p = e.placement;
            const bool stored_here =
                is_here(p.store, f, stage, var) && !is_here(p.compute, f, stage, var);
            if (stored_here && uses(f, stage, *e.func))
                line(depth, "store " + e.func->display_name);
        }
        for (size_t i = 0; i < entries_.size(); i++) {
            const Entry &e = entries_[i];
            if (!e.is_output && e.func != &f && is_here(e.placement.compute, f, stage, var) &&
                uses(f, stage, *e.func)) {
                func(i, depth);
            }
        }
    }

    // The Func, or when it is the last one of those that share loops, all of them.
    void func(size_t i, int depth) {
        std::vector<int> funcs = {static_cast<int>(i)};
        for (const std::vector<int> &group : groups_) {
            if (std::find(group.begin(), group.end(), static_cast<int>(i)) == group.end()) continue;
            if (group.back() != static_cast<int>(i)) return;
            funcs = group;
        }
        std::string names;
        for (int f : funcs)
            names += (names.empty() ? "" : ", ") + function(f).display_name;
        line(depth, "produce " + names);
        const auto roots = shared_.roots(funcs, [&](int f) { return function(f).stages(); });
        if (roots) {
            for (const StageId &root : *roots)
                stage(root, depth + 1);
        } else {
            line(depth + 1, "(no order of their stages is possible)");
        }
    }
    const Function &function(int i) const {
        return *entries_[static_cast<size_t>(i)].func;
    }

    void stage(const StageId &id, int depth) {
        const std::vector<StageBranch> branches = branches_of(function(id.func), id.stage);
        for (size_t b = 0; b < branches.size(); b++) {
            if (branches.size() == 1) {
                branch(id, branches[b], depth);
            } else {
                const Expr &condition = branches[b].condition;
                line(depth, !condition.defined() ? "else" : (b ? "else if (" : "if (") + brief(condition) + ")");
                branch(id, branches[b], depth + 1);
            }
        }
    }

    void branch(const StageId &id, const StageBranch &b, int depth) {
        if (b.failure) return line(depth, "fail: " + *b.failure);
        const auto shared = shared_at_.find(id);
        const StageNest &nest = b.nest;
        within(id, nest, shared == shared_at_.end() ? nest.dims.size() : find_dim(nest, shared->second), depth);
    }

    // What is inside of loop d, and after it the stages that run with this one there.
    void within(const StageId &id, const StageNest &nest, size_t d, int depth) {
        const Function &f = function(id.func);
        const std::string var = d == nest.dims.size() ? Var::outermost().name() : nest.dims[d].var;
        inside(f, id.stage, var, depth);
        if (d == 0) {
            line(depth, f.display_name + "(...) = ...");
        } else {
            const Dim &dim = nest.dims[d - 1];
            const bool here = f.display_name == marked_func_ && dim.var == marked_;
            line(depth, loop_line(nest, dim) + (here ? arrow : ""));
            within(id, nest, d - 1, depth + 1);
        }
        for (const StageId &child : shared_.children(id)) {
            if (find_dim(nest, shared_at_.at(child)) == d) stage(child, depth);
        }
    }

    std::vector<Entry> entries_;
    SharedLoops shared_;
    std::map<StageId, std::string> shared_at_;  // the loop of its parent
    std::vector<std::vector<int>> groups_;
    const std::string &marked_func_, &marked_;
    mutable std::map<std::pair<uint64_t, uint64_t>, bool> reaches_;
    std::string out_;
};

}  // namespace

std::string print_stage_nest(const Function &f, const StagePath &at, const std::string &marked) {
    const StageNest nest = nest_of(f, at);
    std::string out = "    " + stage_name(f, at.stage);
    const std::vector<Directive> *list = &f.stage(at.stage).directives;
    for (int i : at.branch) {
        for (const Directive &d : *list) {
            if (d.kind != DirectiveKind::specialize || i-- > 0) continue;
            out += " where " + brief(argument<Expr>(d, 0));
            list = &d.body;
            break;
        }
    }
    out += ":";
    size_t depth = 6;
    for (auto d = nest.dims.rbegin(); d != nest.dims.rend(); ++d) {
        out +=
            "\n" + std::string(depth, ' ') + loop_line(nest, *d) + (d->var == marked ? arrow : "");
        depth += 2;
    }
    if (nest.dims.empty()) out += " (no loops)";
    return out;
}

std::string print_loop_nest(const std::vector<std::shared_ptr<const Function>> &funcs,
                            const std::vector<std::shared_ptr<const Function>> &outputs,
                            const std::string &marked_func, const std::string &marked) {
    return NestPrinter(funcs, outputs, marked_func, marked).run();
}

}  // namespace heddle::Internal
