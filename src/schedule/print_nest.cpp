#include "schedule/print_nest.h"

#include <algorithm>
#include <map>
#include <set>

#include "heddle/var.h"
#include "ir/rewrite.h"
#include "schedule/check.h"
#include "schedule/derived.h"

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
    }

    std::string run() {
        auto at_root = [](const Placement::Level &l) { return l.where == Placement::Where::Root; };
        for (const Entry &e : entries_) {
            if (at_root(e.placement.store) && !at_root(e.placement.compute) &&
                e.placement.compute.where != Placement::Where::Inlined) {
                line(0, "store " + e.func->display_name);
            }
        }
        for (const Entry &e : entries_) {
            if (at_root(e.placement.compute)) func(e, 0);
        }
        return out_;
    }

private:
    struct Entry {
        const Function *func = nullptr;
        Placement placement;
        bool is_output = false;
    };

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
        for (const Entry &e : entries_) {
            if (!e.is_output && e.func != &f && is_here(e.placement.compute, f, stage, var) &&
                uses(f, stage, *e.func)) {
                func(e, depth);
            }
        }
    }

    void func(const Entry &e, int depth) {
        line(depth, "produce " + e.func->display_name);
        for (int s = 0; s < e.func->stages(); s++) {
            stage(*e.func, s, depth + 1);
        }
    }

    void stage(const Function &f, int s, int depth) {
        const std::vector<StageBranch> branches = branches_of(f, s);
        for (size_t b = 0; b < branches.size(); b++) {
            if (branches.size() == 1) {
                branch(f, s, branches[b], depth);
            } else {
                const Expr &condition = branches[b].condition;
                line(depth, !condition.defined() ? "else" : (b ? "else if (" : "if (") + brief(condition) + ")");
                branch(f, s, branches[b], depth + 1);
            }
        }
    }

    void branch(const Function &f, int s, const StageBranch &b, int depth) {
        if (b.failure) return line(depth, "fail: " + *b.failure);
        const StageNest &nest = b.nest;
        inside(f, s, Var::outermost().name(), depth);
        for (auto d = nest.dims.rbegin(); d != nest.dims.rend(); ++d) {
            const bool here = f.display_name == marked_func_ && d->var == marked_;
            line(depth++, loop_line(nest, *d) + (here ? arrow : ""));
            inside(f, s, d->var, depth);
        }
        line(depth, f.display_name + "(...) = ...");
    }

    std::vector<Entry> entries_;
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
