// The scheduling calls of Func. Those about loops go to its pure stage.

#include "heddle/func.h"
#include "schedule/derived.h"
#include "schedule/factor.h"
#include "schedule/record.h"

namespace heddle {

using namespace Internal;
using Kind = DirectiveKind;

// --- loops

Func &Func::split(const VarOrRVar &old, const VarOrRVar &outer, const VarOrRVar &inner,
                  const Expr &factor, TailStrategy tail) {
    Stage(function_, 0).split(old, outer, inner, factor, tail);
    return *this;
}
Func &Func::fuse(const VarOrRVar &inner, const VarOrRVar &outer, const VarOrRVar &fused) {
    Stage(function_, 0).fuse(inner, outer, fused);
    return *this;
}
Func &Func::rename(const VarOrRVar &old_name, const VarOrRVar &new_name) {
    Stage(function_, 0).rename(old_name, new_name);
    return *this;
}
Func &Func::reorder(const VarOrRVar &x, const VarOrRVar &y) {
    return reorder(std::vector<VarOrRVar>{x, y});
}

Func &Func::reorder(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z) {
    return reorder(std::vector<VarOrRVar>{x, y, z});
}

Func &Func::reorder(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, const VarOrRVar &w) {
    return reorder(std::vector<VarOrRVar>{x, y, z, w});
}

Func &Func::reorder(const std::vector<VarOrRVar> &vars) {
    Stage(function_, 0).reorder(vars);
    return *this;
}
Func &Func::tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &xo, const VarOrRVar &yo,
                 const VarOrRVar &xi, const VarOrRVar &yi, const Expr &xfactor, const Expr &yfactor,
                 TailStrategy tail) {
    Stage(function_, 0).tile(x, y, xo, yo, xi, yi, xfactor, yfactor, tail);
    return *this;
}
Func &Func::tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &xi, const VarOrRVar &yi,
                 const Expr &xfactor, const Expr &yfactor, TailStrategy tail) {
    Stage(function_, 0).tile(x, y, xi, yi, xfactor, yfactor, tail);
    return *this;
}
Func &Func::tile(const std::vector<VarOrRVar> &previous, const std::vector<VarOrRVar> &outers,
                 const std::vector<VarOrRVar> &inners, const std::vector<Expr> &factors,
                 const std::vector<TailStrategy> &tails) {
    Stage(function_, 0).tile(previous, outers, inners, factors, tails);
    return *this;
}
Func &Func::tile(const std::vector<VarOrRVar> &previous, const std::vector<VarOrRVar> &outers,
                 const std::vector<VarOrRVar> &inners, const std::vector<Expr> &factors,
                 TailStrategy tail) {
    Stage(function_, 0).tile(previous, outers, inners, factors, tail);
    return *this;
}
Func &Func::tile(const std::vector<VarOrRVar> &previous, const std::vector<VarOrRVar> &inners,
                 const std::vector<Expr> &factors, TailStrategy tail) {
    Stage(function_, 0).tile(previous, inners, factors, tail);
    return *this;
}
Func &Func::serial(const VarOrRVar &var) {
    Stage(function_, 0).serial(var);
    return *this;
}
Func &Func::parallel(const VarOrRVar &var) {
    Stage(function_, 0).parallel(var);
    return *this;
}
Func &Func::parallel(const VarOrRVar &var, const Expr &task_size, TailStrategy tail) {
    Stage(function_, 0).parallel(var, task_size, tail);
    return *this;
}
Func &Func::vectorize(const VarOrRVar &var) {
    Stage(function_, 0).vectorize(var);
    return *this;
}
Func &Func::vectorize(const VarOrRVar &var, const Expr &factor, TailStrategy tail) {
    Stage(function_, 0).vectorize(var, factor, tail);
    return *this;
}
Func &Func::unroll(const VarOrRVar &var) {
    Stage(function_, 0).unroll(var);
    return *this;
}
Func &Func::unroll(const VarOrRVar &var, const Expr &factor, TailStrategy tail) {
    Stage(function_, 0).unroll(var, factor, tail);
    return *this;
}
Func &Func::partition(const VarOrRVar &var, Partition policy) {
    Stage(function_, 0).partition(var, policy);
    return *this;
}
Func &Func::never_partition(const std::vector<VarOrRVar> &vars) {
    Stage(function_, 0).never_partition(vars);
    return *this;
}
Func &Func::never_partition_all(std::source_location location) {
    Stage(function_, 0).never_partition_all(location);
    return *this;
}
Func &Func::always_partition(const std::vector<VarOrRVar> &vars) {
    Stage(function_, 0).always_partition(vars);
    return *this;
}
Func &Func::always_partition_all(std::source_location location) {
    Stage(function_, 0).always_partition_all(location);
    return *this;
}
Func &Func::atomic(bool override_associativity_test, std::source_location location) {
    Stage(function_, 0).atomic(override_associativity_test, location);
    return *this;
}
Func &Func::allow_race_conditions(std::source_location location) {
    Stage(function_, 0).allow_race_conditions(location);
    return *this;
}

Func &Func::eager_inline(const std::vector<Func> &funcs, std::source_location location) {
    Stage(function_, 0).eager_inline(funcs, location);
    return *this;
}
Stage Func::specialize(const Expr &condition, std::source_location location) {
    return Stage(function_, 0).specialize(condition, location);
}
void Func::specialize_fail(const std::string &message, std::source_location location) {
    Stage(function_, 0).specialize_fail(message, location);
}

Func &Func::compute_with(const Stage &s, const VarOrRVar &var, LoopAlignStrategy align) {
    Stage(function_, 0).compute_with(s, var, align);
    return *this;
}
Func &Func::compute_with(const Stage &s, const VarOrRVar &var,
                         const std::vector<std::pair<VarOrRVar, LoopAlignStrategy>> &align) {
    Stage(function_, 0).compute_with(s, var, align);
    return *this;
}
Func &Func::compute_with(const LoopLevel &level, LoopAlignStrategy align, std::source_location location) {
    Stage(function_, 0).compute_with(level, align, location);
    return *this;
}
Func &Func::compute_with(const LoopLevel &level, const std::vector<std::pair<VarOrRVar, LoopAlignStrategy>> &align,
                         std::source_location location) {
    Stage(function_, 0).compute_with(level, align, location);
    return *this;
}

// --- where it is computed

Func &Func::compute_root(std::source_location location) {
    say(*function_, 0, Kind::compute_root, location);
    return *this;
}
Func &Func::compute_inline(std::source_location location) {
    say(*function_, 0, Kind::compute_inline, location);
    return *this;
}
Func &Func::compute_at(const LoopLevel &level, std::source_location location) {
    say(*function_, 0, Kind::compute_at, location, level);
    return *this;
}
Func &Func::compute_at(const Func &f, const VarOrRVar &var) {
    return compute_at(LoopLevel(f, var), var.location);
}

// --- who uses it

namespace {

[[noreturn]] void refuse_callers(const Refusal &r, const Function &f, const Directive &d) {
    throw CompileError(diagnostic_of(r, f, 0, d));
}

std::string joined(const std::string &first, const std::string &word, const std::vector<Func> &callers) {
    std::string name = first + word;
    for (const Func &c : callers) name += "_" + c.function()->display_name;
    return name;
}

// The Func that the directive made. The handle keeps the original alive, which owns it.
Func made_of(const std::shared_ptr<Function> &f, const std::string &name) {
    return Func(std::shared_ptr<Function>(f, derived_function(*f, name).get()));
}

// The wrapper or clone of f for these callers (none: for all): the one that they have, or a new one.
Func substitute(const std::shared_ptr<Function> &f, Kind kind, const std::vector<Func> &callers,
                const SourceLocation &location) {
    const bool clone = kind == Kind::clone_in;
    Directive d{kind, {joined(f->display_name, clone ? "_clone_in" : "_in", callers)}, location};
    if (!callers.empty()) {
        std::vector<std::string> names;
        for (const Func &c : callers) names.push_back(c.name());
        d.args.push_back(std::move(names));
    }
    const Directive *known = callers.empty() ? directive_for_all(*f) : directive_for(*f, callers[0].name());
    for (const Func &c : callers) {
        if (directive_for(*f, c.name()) == known) continue;
        refuse_callers({412, concat(callers[0].name(), " and ", c.name(), " do not use the same wrapper of ", f->name), c.name(),
                        "ask for each of them apart"},
                       *f, d);
    }
    if (known) {
        if (known->kind != kind) {
            const std::string &name = argument<std::string>(*known, 0);
            refuse_callers({413, concat(callers[0].name(), " uses ", name, " in place of ", f->name, ", which is a ", clone ? "wrapper" : "clone"),
                            callers[0].name(), clone ? "" : concat(name, ".in(", callers[0].name(), ")")},
                           *f, d);
        }
        return made_of(f, argument<std::string>(*known, 0));
    }
    if (const auto refused = check(*f, 0, d)) throw CompileError(*refused);
    const std::shared_ptr<Function> made = make_derived(*f, kind, argument<std::string>(d, 0));
    if (clone) {
        for (const Directive &said : f->directives) {
            if (!makes_substitute(said.kind)) made->directives.push_back(said);
        }
        for (int s = 0; s < f->stages(); s++) {
            for (const Directive &said : f->stage(s).directives) {
                if (said.kind == Kind::rfactor) add_factoring(*made, s, said);
                made->stage(s).directives.push_back(said);
            }
        }
    }
    d.args[0] = made->name;
    record(*f, 0, std::move(d));
    return made_of(f, made->name);
}

Func substitute_for_list(const std::shared_ptr<Function> &f, Kind kind, const std::vector<Func> &callers,
                         const SourceLocation &location) {
    if (callers.empty()) {
        const Directive d{kind, {f->display_name}, location};
        refuse_callers({414, "the list of callers is empty", "", kind == Kind::in ? "in() is for all callers" : ""}, *f, d);
    }
    return substitute(f, kind, callers, location);
}

}  // namespace

Func Func::in(const Func &f, std::source_location location) {
    return substitute(function_, Kind::in, {f}, location);
}
Func Func::in(const std::vector<Func> &fs, std::source_location location) {
    return substitute_for_list(function_, Kind::in, fs, location);
}
Func Func::in(std::source_location location) {
    return substitute(function_, Kind::in, {}, location);
}
Func Func::clone_in(const Func &f, std::source_location location) {
    return substitute(function_, Kind::clone_in, {f}, location);
}
Func Func::clone_in(const std::vector<Func> &fs, std::source_location location) {
    return substitute_for_list(function_, Kind::clone_in, fs, location);
}
Func ImageParam::in(const Func &f, std::source_location location) const {
    return Func(*this).in(f, location);
}
Func ImageParam::in(const std::vector<Func> &fs, std::source_location location) const {
    return Func(*this).in(fs, location);
}
Func ImageParam::in(std::source_location location) const {
    return Func(*this).in(location);
}

// --- where and how it is stored

Func &Func::store_root(std::source_location location) {
    say(*function_, 0, Kind::store_root, location);
    return *this;
}
Func &Func::store_at(const LoopLevel &level, std::source_location location) {
    say(*function_, 0, Kind::store_at, location, level);
    return *this;
}
Func &Func::store_at(const Func &f, const VarOrRVar &var) {
    return store_at(LoopLevel(f, var), var.location);
}
Func &Func::hoist_storage(const LoopLevel &level, std::source_location location) {
    say(*function_, 0, Kind::hoist_storage, location, level);
    return *this;
}
Func &Func::hoist_storage(const Func &f, const VarOrRVar &var) {
    return hoist_storage(LoopLevel(f, var), var.location);
}
Func &Func::hoist_storage_root(std::source_location location) {
    say(*function_, 0, Kind::hoist_storage_root, location);
    return *this;
}
Func &Func::ring_buffer(const Expr &extent, std::source_location location) {
    say(*function_, 0, Kind::ring_buffer, location, extent);
    return *this;
}
Func &Func::async(std::source_location location) {
    say(*function_, 0, Kind::async, location);
    return *this;
}
Func &Func::store_in(MemoryType memory, std::source_location location) {
    say(*function_, 0, Kind::store_in, location, memory);
    return *this;
}

namespace {

LoopName dimension(const Var &v) {
    return {v.name(), LoopName::Kind::Var};
}

}  // namespace

Func &Func::reorder_storage(const std::vector<Var> &dims, std::source_location location) {
    std::vector<LoopName> names;
    for (const Var &v : dims) {
        names.push_back(dimension(v));
    }
    say(*function_, 0, Kind::reorder_storage, location, names);
    return *this;
}
Func &Func::align_storage(const Var &dim, const Expr &alignment, std::source_location location) {
    say(*function_, 0, Kind::align_storage, location, dimension(dim), alignment);
    return *this;
}
Func &Func::split_storage(const Var &old, const Var &outer, const Var &inner, int factor,
                          std::source_location location) {
    say(*function_, 0, Kind::split_storage, location, dimension(old), dimension(outer), dimension(inner), Expr(factor));
    return *this;
}
Func &Func::bound_storage(const Var &dim, const Expr &bound, std::source_location location) {
    say(*function_, 0, Kind::bound_storage, location, dimension(dim), bound);
    return *this;
}
Func &Func::fold_storage(const Var &dim, const Expr &extent, bool fold_forward,
                         std::source_location location) {
    say(*function_, 0, Kind::fold_storage, location, dimension(dim), extent,
        fold_forward ? DirectiveArgument() : DirectiveArgument(false));
    return *this;
}

// --- what region of it

Func &Func::bound(const Var &var, const Expr &min, const Expr &extent,
                  std::source_location location) {
    say(*function_, 0, Kind::bound, location, dimension(var), min, extent);
    return *this;
}
Func &Func::bound_extent(const Var &var, const Expr &extent, std::source_location location) {
    say(*function_, 0, Kind::bound_extent, location, dimension(var), extent);
    return *this;
}
Func &Func::align_bounds(const Var &var, const Expr &modulus, const Expr &remainder,
                         std::source_location location) {
    say(*function_, 0, Kind::align_bounds, location, dimension(var), modulus,
        remainder.defined() && is_const(remainder, 0) ? DirectiveArgument()
                                                      : DirectiveArgument(remainder));
    return *this;
}
Func &Func::align_extent(const Var &var, const Expr &modulus, std::source_location location) {
    say(*function_, 0, Kind::align_extent, location, dimension(var), modulus);
    return *this;
}

}  // namespace heddle
