// The scheduling calls of Func. Those about loops go to its pure stage.

#include "heddle/func.h"
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
Func &Func::allow_race_conditions(std::source_location location) {
    Stage(function_, 0).allow_race_conditions(location);
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
