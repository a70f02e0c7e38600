#include "heddle/stage.h"

#include "heddle/func.h"
#include "ir/compare.h"
#include "schedule/record.h"

namespace heddle {

using namespace Internal;
using Kind = DirectiveKind;

Stage::Stage(std::shared_ptr<Function> f, int index, std::vector<int> branch)
    : function_(std::move(f)),
      index_(index),
      branch_(std::move(branch)) {
}

std::string Stage::name() const {
    return stage_name(*function_, index_);
}

Stage &Stage::split(const VarOrRVar &old, const VarOrRVar &outer, const VarOrRVar &inner,
                    const Expr &factor, TailStrategy tail) {
    say(*function_, {index_, branch_}, Kind::split, old.location, loop(old), loop(outer), loop(inner), factor,
        said(tail));
    return *this;
}

Stage &Stage::fuse(const VarOrRVar &inner, const VarOrRVar &outer, const VarOrRVar &fused) {
    say(*function_, {index_, branch_}, Kind::fuse, inner.location, loop(inner), loop(outer), loop(fused));
    return *this;
}

Stage &Stage::rename(const VarOrRVar &old_name, const VarOrRVar &new_name) {
    say(*function_, {index_, branch_}, Kind::rename, old_name.location, loop(old_name), loop(new_name));
    return *this;
}

Stage &Stage::reorder(const VarOrRVar &x, const VarOrRVar &y) {
    return reorder(std::vector<VarOrRVar>{x, y});
}

Stage &Stage::reorder(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z) {
    return reorder(std::vector<VarOrRVar>{x, y, z});
}

Stage &Stage::reorder(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, const VarOrRVar &w) {
    return reorder(std::vector<VarOrRVar>{x, y, z, w});
}

Stage &Stage::reorder(const std::vector<VarOrRVar> &vars) {
    say(*function_, {index_, branch_}, Kind::reorder, place_of(vars), loops(vars));
    return *this;
}

Stage &Stage::tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &xo, const VarOrRVar &yo,
                   const VarOrRVar &xi, const VarOrRVar &yi, const Expr &xfactor,
                   const Expr &yfactor, TailStrategy tail) {
    say(*function_, {index_, branch_}, Kind::tile, x.location, loop(x), loop(y), loop(xo), loop(yo), loop(xi),
        loop(yi), xfactor, yfactor, said(tail));
    return *this;
}

Stage &Stage::tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &xi, const VarOrRVar &yi,
                   const Expr &xfactor, const Expr &yfactor, TailStrategy tail) {
    return tile(x, y, x, y, xi, yi, xfactor, yfactor, tail);
}

Stage &Stage::tile(const std::vector<VarOrRVar> &previous, const std::vector<VarOrRVar> &outers,
                   const std::vector<VarOrRVar> &inners, const std::vector<Expr> &factors,
                   const std::vector<TailStrategy> &tails) {
    say(*function_, {index_, branch_}, Kind::tile_nd, place_of(previous), loops(previous), loops(outers),
        loops(inners), factors, tails);
    return *this;
}

Stage &Stage::tile(const std::vector<VarOrRVar> &previous, const std::vector<VarOrRVar> &outers,
                   const std::vector<VarOrRVar> &inners, const std::vector<Expr> &factors,
                   TailStrategy tail) {
    if (tail == TailStrategy::Auto) {
        say(*function_, {index_, branch_}, Kind::tile_nd, place_of(previous), loops(previous), loops(outers),
            loops(inners), factors);
        return *this;
    }
    return tile(previous, outers, inners, factors, std::vector<TailStrategy>{tail});
}

Stage &Stage::tile(const std::vector<VarOrRVar> &previous, const std::vector<VarOrRVar> &inners,
                   const std::vector<Expr> &factors, TailStrategy tail) {
    return tile(previous, previous, inners, factors, tail);
}

Stage &Stage::serial(const VarOrRVar &var) {
    say(*function_, {index_, branch_}, Kind::serial, var.location, loop(var));
    return *this;
}
Stage &Stage::parallel(const VarOrRVar &var) {
    say(*function_, {index_, branch_}, Kind::parallel, var.location, loop(var));
    return *this;
}
Stage &Stage::parallel(const VarOrRVar &var, const Expr &task_size, TailStrategy tail) {
    say(*function_, {index_, branch_}, Kind::parallel, var.location, loop(var), task_size, said(tail));
    return *this;
}
Stage &Stage::parallel(const VarOrRVar &var, Race race) {
    return parallel(var, Expr(), TailStrategy::Auto, race);
}
Stage &Stage::parallel(const VarOrRVar &var, const Expr &task_size, Race race) {
    return parallel(var, task_size, TailStrategy::Auto, race);
}
Stage &Stage::parallel(const VarOrRVar &var, const Expr &task_size, TailStrategy tail, Race race) {
    say(*function_, {index_, branch_}, Kind::parallel, var.location, loop(var),
        task_size.defined() ? DirectiveArgument(task_size) : DirectiveArgument(), said(tail),
        race == Race::Refuse ? DirectiveArgument() : DirectiveArgument(race));
    return *this;
}
Stage &Stage::vectorize(const VarOrRVar &var) {
    say(*function_, {index_, branch_}, Kind::vectorize, var.location, loop(var));
    return *this;
}
Stage &Stage::vectorize(const VarOrRVar &var, const Expr &factor, TailStrategy tail) {
    say(*function_, {index_, branch_}, Kind::vectorize, var.location, loop(var), factor, said(tail));
    return *this;
}
Stage &Stage::unroll(const VarOrRVar &var) {
    say(*function_, {index_, branch_}, Kind::unroll, var.location, loop(var));
    return *this;
}
Stage &Stage::unroll(const VarOrRVar &var, const Expr &factor, TailStrategy tail) {
    say(*function_, {index_, branch_}, Kind::unroll, var.location, loop(var), factor, said(tail));
    return *this;
}

Stage &Stage::partition(const VarOrRVar &var, Partition policy) {
    say(*function_, {index_, branch_}, Kind::partition, var.location, loop(var), policy);
    return *this;
}
Stage &Stage::never_partition(const std::vector<VarOrRVar> &vars) {
    if (!vars.empty()) say(*function_, {index_, branch_}, Kind::never_partition, place_of(vars), loops(vars));
    return *this;
}
Stage &Stage::never_partition_all(std::source_location location) {
    say(*function_, {index_, branch_}, Kind::never_partition_all, location);
    return *this;
}
Stage &Stage::always_partition(const std::vector<VarOrRVar> &vars) {
    if (!vars.empty()) say(*function_, {index_, branch_}, Kind::always_partition, place_of(vars), loops(vars));
    return *this;
}
Stage &Stage::always_partition_all(std::source_location location) {
    say(*function_, {index_, branch_}, Kind::always_partition_all, location);
    return *this;
}

namespace {

// The loops of {{x, AlignStart}, {y, AlignEnd}}, and their alignments.
std::pair<std::vector<LoopName>, std::vector<LoopAlignStrategy>> apart(
    const std::vector<std::pair<VarOrRVar, LoopAlignStrategy>> &align) {
    std::pair<std::vector<LoopName>, std::vector<LoopAlignStrategy>> result;
    for (const auto &[v, strategy] : align) {
        result.first.push_back(loop(v));
        result.second.push_back(strategy);
    }
    return result;
}

}  // namespace

Stage &Stage::compute_with(const LoopLevel &level, LoopAlignStrategy align, std::source_location location) {
    say(*function_, index_, Kind::compute_with, location, level,
        align == LoopAlignStrategy::Auto ? DirectiveArgument() : DirectiveArgument(std::vector<LoopAlignStrategy>{align}));
    return *this;
}
Stage &Stage::compute_with(const LoopLevel &level, const std::vector<std::pair<VarOrRVar, LoopAlignStrategy>> &align,
                           std::source_location location) {
    if (align.empty()) return compute_with(level, LoopAlignStrategy::Auto, location);
    const auto [names, strategies] = apart(align);
    say(*function_, index_, Kind::compute_with, location, level, strategies, names);
    return *this;
}
Stage &Stage::compute_with(const Stage &s, const VarOrRVar &var, LoopAlignStrategy align) {
    return compute_with(LoopLevel(s.function(), var, s.index()), align, var.location);
}
Stage &Stage::compute_with(const Stage &s, const VarOrRVar &var,
                           const std::vector<std::pair<VarOrRVar, LoopAlignStrategy>> &align) {
    return compute_with(LoopLevel(s.function(), var, s.index()), align, var.location);
}

Stage &Stage::allow_race_conditions(std::source_location location) {
    say(*function_, {index_, branch_}, Kind::allow_race_conditions, location);
    return *this;
}

Stage &Stage::eager_inline(const std::vector<Func> &funcs, std::source_location location) {
    std::vector<std::string> names;
    for (const Func &f : funcs) names.push_back(f.name());
    if (!names.empty()) say(*function_, {index_, branch_}, Kind::eager_inline, location, names);
    return *this;
}

// --- branches

Stage Stage::specialize(const Expr &condition, std::source_location location) {
    const auto branch = [&](int i) {
        std::vector<int> path = branch_;
        path.push_back(i);
        return Stage(function_, index_, std::move(path));
    };
    int count = 0;
    for (const Directive &d : loop_directives(*function_, {index_, branch_})) {
        if (d.kind != Kind::specialize) continue;
        if (condition.defined() && equal(argument<Expr>(d, 0), condition)) return branch(count);
        count++;
    }
    say(*function_, {index_, branch_}, Kind::specialize, location, condition);
    return branch(count);
}
void Stage::specialize_fail(const std::string &message, std::source_location location) {
    say(*function_, {index_, branch_}, Kind::specialize_fail, location, message);
}

// --- what it says about itself

std::vector<VarOrRVar> Stage::split_vars() const {
    std::vector<VarOrRVar> vars;
    for (const Dim &d : nest_of(*function_, {index_, branch_}).dims) vars.emplace_back(d.var, d.kind != DimKind::PureVar);
    vars.emplace_back(Var::outermost());
    return vars;
}

std::string Stage::dump_argument_list() const {
    std::string text = "Vars:";
    for (const VarOrRVar &v : split_vars()) text += " " + v.name();
    return text + "\n";
}

Schedule::Stage Stage::get_schedule() const {
    Schedule::Stage s;
    s.func = function_->name;
    s.update = index_ - 1;
    if (index_ == 0 && branch_.empty()) s.directives = function_->directives;
    const std::vector<Directive> &own = loop_directives(*function_, {index_, branch_});
    s.directives.insert(s.directives.end(), own.begin(), own.end());
    return s;
}

Stage &Stage::atomic(bool override_associativity_test, std::source_location location) {
    if (override_associativity_test) {
        say(*function_, {index_, branch_}, Kind::atomic, location, true);
    } else {
        say(*function_, {index_, branch_}, Kind::atomic, location);
    }
    return *this;
}
Func Stage::rfactor(const RVar &r, const Var &v, std::source_location location) {
    return rfactor(std::vector<std::pair<RVar, Var>>{{r, v}}, location);
}
Func Stage::rfactor(const std::vector<std::pair<RVar, Var>> &preserved, std::source_location location) {
    std::vector<LoopName> loops, vars;
    for (const auto &[r, v] : preserved) {
        loops.push_back({r.name(), LoopName::Kind::RVar});
        vars.push_back({v.name(), LoopName::Kind::Var});
    }
    say(*function_, {index_, branch_}, Kind::rfactor, location, loops, vars);
    return Func(function_->stage(index_).factorings.back()->intermediate);
}
void Stage::unscheduled(std::source_location location) {
    say(*function_, {index_, branch_}, Kind::unscheduled, location);
}

}  // namespace heddle
