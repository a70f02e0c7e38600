#include <algorithm>

#include "fuzz/wide_pipeline.h"

namespace heddle::testing {

namespace {

const std::vector<std::pair<TailStrategy, std::string>> tails = {
    {TailStrategy::Auto, "Auto"},
    {TailStrategy::GuardWithIf, "GuardWithIf"},
    {TailStrategy::ShiftInwards, "ShiftInwards"},
    {TailStrategy::RoundUp, "RoundUp"},
    {TailStrategy::Predicate, "Predicate"},
    {TailStrategy::PredicateLoads, "PredicateLoads"},
    {TailStrategy::PredicateStores, "PredicateStores"},
    {TailStrategy::ShiftInwardsAndBlend, "ShiftInwardsAndBlend"},
    {TailStrategy::RoundUpAndBlend, "RoundUpAndBlend"},
};

std::string base_name(const VarOrRVar &v) {
    std::string name = v.name();
    std::replace(name.begin(), name.end(), '$', '_');
    return name;
}

VarOrRVar derived(const VarOrRVar &v, const std::string &suffix) {
    return {base_name(v) + suffix, v.is_rvar};
}

std::string derived_text(const VarOrRVar &v, const std::string &suffix) {
    return (v.is_rvar ? "RVar(\"" : "Var(\"") + base_name(v) + suffix + "\")";
}

}  // namespace

void WidePipeline::schedule() {
    for (size_t i = stages_.size(); i-- > 0;) {
        StageInfo &stage = stages_[i];
        if (!stage.is_reached) continue;
        const Choices::Within part(choices_, i);
        const bool is_output = i + static_cast<size_t>(output_count_) >= stages_.size();
        if (!is_output) place(stage);
        if (stage.definitions.empty()) continue;
        for (size_t d = 0; d < stage.definitions.size(); d++) schedule_definition(stage, d);
        if (!is_output) schedule_storage(stage);
    }
}

std::string WidePipeline::stage_name(const StageInfo &s, size_t definition) const {
    return definition == 0 ? s.name + "." : s.name + ".update(" + std::to_string(definition - 1) + ").";
}

// Mostly what is legal: at a loop of the only consumer, stored there or further out.
void WidePipeline::place(StageInfo &stage) {
    const std::string &f = stage.name;
    StageInfo &consumer = stages_[static_cast<size_t>(stage.consumers[0])];
    const bool only_one = stage.consumers.size() == 1;
    if (chance(8) && only_one) {
        attempt(f + ".in(" + consumer.name + ").compute_root()", [&] { stage.func.in(consumer.func).compute_root(); });
    }
    if (chance(20) && stage.definitions.size() < 2 && only_one) return;  // inline
    const Definition *of = only_one && consumer.definitions.size() == 1 ? consumer.definitions.data() : nullptr;
    if (chance(30) || !of || of->loops.empty()) {
        stage.is_root = attempt(f + ".compute_root()", [&] { stage.func.compute_root(); });
        if (chance(10)) attempt(f + ".async()", [&] { stage.func.async(); });
        return;
    }
    const int outermost = static_cast<int>(of->loops.size()) - 1;
    const int at = below(outermost + 1);
    const auto loop = [&](int i) -> const Loop & { return of->loops[static_cast<size_t>(i)]; };
    attempt(f + ".compute_at(" + consumer.name + ", " + loop(at).text + ")",
            [&] { stage.func.compute_at(consumer.func, loop(at).var); });
    if (chance(25) && !consumer.is_parallel) {
        attempt(f + ".store_root()", [&] { stage.func.store_root(); });
    } else if (chance(45)) {
        const int outer = at + below(outermost - at + 1);
        attempt(f + ".store_at(" + consumer.name + ", " + loop(outer).text + ")",
                [&] { stage.func.store_at(consumer.func, loop(outer).var); });
    }
    if (chance(12)) {
        attempt(f + ".hoist_storage(" + consumer.name + ", " + loop(outermost).text + ")",
                [&] { stage.func.hoist_storage(consumer.func, loop(outermost).var); });
        if (chance(40)) attempt(f + ".ring_buffer(2)", [&] { stage.func.ring_buffer(2); });
    }
    if (chance(10)) attempt(f + ".async()", [&] { stage.func.async(); });
}

// How a stage that is no output is stored, and what is computed of it.
void WidePipeline::schedule_storage(StageInfo &stage) {
    const std::string f = stage.name + ".";
    Func &func = stage.func;
    const auto d = static_cast<size_t>(below(static_cast<int>(dims())));
    const Var v = vars_[d];
    const int amount = 2 + below(6);
    const std::string args = "(" + v.name() + ", " + std::to_string(amount) + ")";
    switch (below(14)) {
    case 0:
        if (dims() < 2) break;
        attempt(f + "reorder_storage(" + vars_[1].name() + ", " + vars_[0].name() + ")", [&] { func.reorder_storage(vars_[1], vars_[0]); });
        break;
    case 1: attempt(f + "align_storage" + args, [&] { func.align_storage(v, amount); }); break;
    case 2:
        if (stage.size && d == 0) break;  // the histogram's own range would have to be bound
        attempt(f + "align_bounds" + args, [&] { func.align_bounds(v, amount); });
        break;
    case 3:
        if (stage.size && d == 0) break;
        attempt(f + "align_extent" + args, [&] { func.align_extent(v, amount); });
        break;
    case 4: attempt(f + "store_in(MemoryType::Heap)", [&] { func.store_in(MemoryType::Heap); }); break;
    default: break;
    }
}

void WidePipeline::schedule_definition(StageInfo &stage, size_t definition) {
    Definition &d = stage.definitions[definition];
    const bool is_update = definition > 0;
    const bool is_output = !is_update && stages_.size() - static_cast<size_t>(&stage - stages_.data()) <= static_cast<size_t>(output_count_);
    const auto handle = [&] { return is_update ? stage.func.update(static_cast<int>(definition) - 1) : Stage(stage.func); };
    const std::string name = stage_name(stage, definition);
    if (is_update && chance(35)) reduce(stage, definition, d);
    const size_t counter = choices_.made().size();
    add_parts(below(is_update ? 3 : 4), counter, [&](int) {
        if (d.loops.empty()) return;
        if (chance(65)) {
            split(handle(), name, d, is_output, is_update);
        } else {
            reorder(handle(), name, d);
        }
    });
    kinds_of_loops(stage, handle(), name, d, is_update);
    if (chance(8)) {
        const int value = below(4);
        attempt(name + "specialize(k == " + std::to_string(value) + ")", [&] { handle().specialize(k_ == value); });
    }
}

void WidePipeline::split(Stage s, const std::string &name, Definition &d, bool is_output, bool is_update) {
    const auto at = static_cast<size_t>(below(static_cast<int>(d.loops.size())));
    const Loop old = d.loops[at];
    if (at + 1 < d.loops.size() && chance(20)) {
        const Loop outer = d.loops[at + 1];
        const bool is_rvar = old.var.is_rvar || outer.var.is_rvar;
        const VarOrRVar fused(base_name(old.var) + "f", is_rvar);
        const std::string text = (is_rvar ? "RVar(\"" : "Var(\"") + fused.name() + "\")";
        if (attempt(name + "fuse(" + old.text + ", " + outer.text + ", " + text + ")", [&] { s.fuse(old.var, outer.var, fused); })) {
            d.loops[at] = {fused, text, false};
            d.loops.erase(d.loops.begin() + static_cast<std::ptrdiff_t>(at) + 1);
        }
        return;
    }
    // Outputs have no room to be rounded up into; a shifted tile needs one tile of room.
    const int factor = 2 + below(7);
    auto tail = pick(tails);
    const int smallest = *std::min_element(extents_.begin(), extents_.end());
    const bool is_whole = std::any_of(vars_.begin(), vars_.end(), [&](const Var &v) { return v.name() == old.var.name(); });
    const bool fits = factor <= smallest && is_whole;
    const bool stays_inside = tail.second == "GuardWithIf" || tail.second == "Predicate" || tail.second == "PredicateStores" ||
                              (fits && (tail.second == "ShiftInwards" || tail.second == "ShiftInwardsAndBlend" || tail.second == "Auto"));
    if ((is_output || is_update) && !stays_inside) tail = tails[1];
    const VarOrRVar outer = derived(old.var, "o"), inner = derived(old.var, "i");
    if (attempt(name + "split(" + old.text + ", " + derived_text(old.var, "o") + ", " + derived_text(old.var, "i") + ", " +
                    std::to_string(factor) + ", TailStrategy::" + tail.second + ")",
                [&] { s.split(old.var, outer, inner, factor, tail.first); })) {
        d.loops[at] = {inner, derived_text(old.var, "i"), true};
        d.loops.insert(d.loops.begin() + static_cast<std::ptrdiff_t>(at) + 1, {outer, derived_text(old.var, "o"), false});
    }
}

void WidePipeline::reorder(Stage s, const std::string &name, Definition &d) {
    if (d.loops.size() < 2) return;
    std::vector<Loop> order = d.loops;
    for (size_t i = order.size(); i > 1; i--) std::swap(order[i - 1], order[static_cast<size_t>(below(static_cast<int>(i)))]);
    std::vector<VarOrRVar> vars;
    std::string text;
    for (const Loop &l : order) {
        vars.push_back(l.var);
        text += (text.empty() ? "" : ", ") + l.text;
    }
    if (attempt(name + "reorder({" + text + "})", [&] { s.reorder(vars); })) d.loops = order;
}

void WidePipeline::kinds_of_loops(StageInfo &stage, Stage s, const std::string &name, Definition &d, bool is_update) {
    for (const Loop &l : d.loops) {
        if (!l.is_inner || !chance(50)) continue;
        if (chance(60)) {
            attempt(name + "vectorize(" + l.text + ")", [&] { s.vectorize(l.var); });
        } else {
            attempt(name + "unroll(" + l.text + ")", [&] { s.unroll(l.var); });
        }
    }
    if (d.loops.empty()) return;
    const Loop &outer = d.loops.back();
    if (chance(35) && !outer.is_inner) {
        const bool done = attempt(name + "parallel(" + outer.text + ")", [&] { s.parallel(outer.var); });
        stage.is_parallel |= done && !is_update;
    }
    if (chance(6)) attempt(name + "never_partition_all()", [&] { s.never_partition_all(); });
    if (chance(6)) {
        const Loop &l = pick(d.loops);
        attempt(name + "always_partition(" + l.text + ")", [&] { s.always_partition(l.var); });
    }
}

// Reductions that may be taken apart: only where the order of additions does not show.
void WidePipeline::reduce(StageInfo &stage, size_t definition, Definition &d) {
    if (!d.is_integer_sum) return;
    const std::string name = stage_name(stage, definition);
    const auto handle = [&] { return stage.func.update(static_cast<int>(definition) - 1); };
    const auto is_rvar = [](const Loop &l) { return l.var.is_rvar; };
    const auto r = std::find_if(d.loops.begin(), d.loops.end(), is_rvar);
    if (r == d.loops.end()) return;
    const int strategy = below(100);
    if (strategy < 35) {
        attempt(name + "atomic()", [&] { handle().atomic(); });
        return;
    }
    if (strategy < 60) {
        const Race race = strategy < 45 ? Race::Atomic : Race::Private;
        const int size = 1 + below(4);
        const std::string said = "parallel(" + r->text + ", " + std::to_string(size) + ", Race::" + (race == Race::Atomic ? "Atomic)" : "Private)");
        const VarOrRVar loop = r->var;
        if (attempt(name + said, [&] { handle().parallel(loop, size, race); })) d.loops.erase(r);
        return;
    }
    const std::string u = "u" + std::to_string(definition);
    const RVar rvar(r->var.name());
    if (attempt(name + "rfactor(" + r->text + ", Var(\"" + u + "\")).compute_root()",
                [&] { handle().rfactor(rvar, Var(u)).compute_root(); })) {
        d.loops.erase(r);
    }
}

}  // namespace heddle::testing
