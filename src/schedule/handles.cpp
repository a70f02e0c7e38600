// Handles of stages and loops for schedules that are functions.

#include <algorithm>

#include "heddle/pipeline.h"
#include "heddle/schedules.h"
#include "schedule/check.h"
#include "schedule/derived.h"
#include "support/assert.h"

namespace heddle {

using namespace Internal;

namespace {

StagePath path_of(const Stage &s) {
    return {s.index(), s.branch()};
}

[[noreturn]] void refuse_loop(const Stage &s, const std::string &message, const std::string &var) {
    Diagnostic d;
    d.code = 302;
    d.func = s.name();
    d.var = var;
    d.message = message;
    throw CompileError(std::move(d));
}

// All that directives change of a Func.
class Saved {
public:
    explicit Saved(std::shared_ptr<Function> f)
        : f_(std::move(f)),
          directives_(f_->directives) {
        for (int s = 0; s < f_->stages(); s++) stages_.push_back(f_->stage(s));
    }
    void restore() const {
        f_->directives = directives_;
        for (int s = 0; s < f_->stages(); s++) f_->stage(s) = stages_[static_cast<size_t>(s)];
    }

private:
    std::shared_ptr<Function> f_;
    std::vector<Directive> directives_;
    std::vector<Definition> stages_;
};

}  // namespace

LoopHandle::LoopHandle(const Stage &stage, const VarOrRVar &loop)
    : stage_(stage),
      loop_(loop) {
}

std::vector<VarOrRVar> LoopHandle::loops() const {
    const StageNest nest = nest_of(*stage_.function(), path_of(stage_));
    std::vector<std::string> from{loop_.name()};
    const auto among = [&](const std::string &name) { return std::find(from.begin(), from.end(), name) != from.end(); };
    for (const Split &s : nest.splits) {
        if (s.kind == Split::Kind::Fuse) {
            if (among(s.inner) || among(s.outer)) from.push_back(s.old_var);
        } else if (among(s.old_var)) {
            std::erase(from, s.old_var);
            from.push_back(s.outer);
            if (s.kind == Split::Kind::Split) from.push_back(s.inner);
        }
    }
    std::vector<VarOrRVar> result;
    for (const Dim &d : nest.dims) {
        if (among(d.var)) result.emplace_back(d.var, d.kind != DimKind::PureVar);
    }
    return result;
}

VarOrRVar LoopHandle::inner() const {
    const std::vector<VarOrRVar> now = loops();
    if (now.empty()) refuse_loop(stage_, concat("loop ", name(), " is no longer part of this stage"), name());
    return now.front();
}

VarOrRVar LoopHandle::outer() const {
    const std::vector<VarOrRVar> now = loops();
    if (now.empty()) refuse_loop(stage_, concat("loop ", name(), " is no longer part of this stage"), name());
    return now.back();
}

std::vector<LoopHandle> StageHandle::pure_loops() const {
    const Function &f = *stage_.function();
    const Definition &d = f.scheduled(stage_.index());
    std::vector<LoopHandle> result;
    for (size_t i = 0; i < f.args.size(); i++) {
        const Variable *v = d.args[i].as<Variable>();
        if (v && v->symbol == f.arg_symbols[i]) result.emplace_back(stage_, VarOrRVar(f.args[i], false));
    }
    return result;
}

std::vector<LoopHandle> StageHandle::reduction_loops() const {
    const Definition &d = stage_.function()->scheduled(stage_.index());
    std::vector<LoopHandle> result;
    if (!d.rdom) return result;
    for (const ReductionVariable &r : d.rdom->variables) result.emplace_back(stage_, VarOrRVar(r.name, true));
    return result;
}

std::vector<LoopHandle> StageHandle::at_least(size_t n) const {
    std::vector<LoopHandle> all = pure_loops();
    if (all.size() < n) {
        refuse_loop(stage_, concat(stage_.name(), " has ", all.size(), " loops over dimensions, and ", n, " are asked for"), "");
    }
    return all;
}

std::vector<VarOrRVar> StageHandle::loops() const {
    std::vector<VarOrRVar> all = stage_.split_vars();
    all.pop_back();  // Var::outermost()
    return all;
}

std::pair<VarOrRVar, VarOrRVar> StageHandle::split(const LoopHandle &loop, const Expr &factor, TailStrategy tail) {
    const VarOrRVar old = loop.inner();
    const std::vector<VarOrRVar> now = loops();
    const auto fresh = [&](const char *suffix) {
        std::string name = loop.name() + suffix;
        const auto taken = [&] { return std::any_of(now.begin(), now.end(), [&](const VarOrRVar &v) { return v.name() == name; }); };
        for (int i = 1; taken(); i++) name = concat(loop.name(), suffix, i);
        return VarOrRVar(name, old.is_rvar);
    };
    const VarOrRVar outer = fresh(".o"), inner = fresh(".i");
    stage_.split(old, outer, inner, factor, tail);
    return {outer, inner};
}

StageHandle &StageHandle::vectorize(const LoopHandle &loop, const Expr &factor, TailStrategy tail) {
    stage_.vectorize(loop.inner(), factor, tail);
    return *this;
}
StageHandle &StageHandle::unroll(const LoopHandle &loop, const Expr &factor, TailStrategy tail) {
    stage_.unroll(loop.inner(), factor, tail);
    return *this;
}
StageHandle &StageHandle::parallel(const LoopHandle &loop) {
    stage_.parallel(loop.outer());
    return *this;
}

bool StageHandle::try_(const std::function<void()> &say) {
    const Saved before(stage_.function());
    try {
        say();
        return true;
    } catch (const CompileError &) {
        before.restore();
        return false;
    } catch (...) {
        before.restore();
        throw;
    }
}

void for_each_stage(const Pipeline &pipeline, const std::function<void(StageHandle)> &f) {
    Functions outputs;
    for (const Func &output : pipeline.outputs()) outputs.push_back(output.function());
    std::vector<StageHandle> stages;
    for (const auto &function : functions_lowered(outputs)) {
        for (int s = 0; s < function->stages(); s++) {
            stages.emplace_back(Stage(std::const_pointer_cast<Function>(function), s));
        }
    }
    for (const StageHandle &s : stages) f(s);
}

void for_each_stage(const Func &output, const std::function<void(StageHandle)> &f) {
    for_each_stage(Pipeline(output), f);
}

std::vector<std::string> try_each(const std::vector<StageHandle> &stages, const std::function<void(StageHandle)> &say) {
    std::vector<std::string> refused;
    for (StageHandle s : stages) {
        if (!s.try_([&] { say(s); })) refused.push_back(s.name());
    }
    return refused;
}

}  // namespace heddle
