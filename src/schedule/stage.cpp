#include "heddle/stage.h"

#include "schedule/record.h"

namespace heddle {

using namespace Internal;
using Kind = DirectiveKind;

std::string Stage::name() const {
    return stage_name(*function_, index_);
}

Stage &Stage::split(const VarOrRVar &old, const VarOrRVar &outer, const VarOrRVar &inner,
                    const Expr &factor, TailStrategy tail) {
    say(*function_, index_, Kind::split, old.location, loop(old), loop(outer), loop(inner), factor,
        said(tail));
    return *this;
}

Stage &Stage::fuse(const VarOrRVar &inner, const VarOrRVar &outer, const VarOrRVar &fused) {
    say(*function_, index_, Kind::fuse, inner.location, loop(inner), loop(outer), loop(fused));
    return *this;
}

Stage &Stage::rename(const VarOrRVar &old_name, const VarOrRVar &new_name) {
    say(*function_, index_, Kind::rename, old_name.location, loop(old_name), loop(new_name));
    return *this;
}

Stage &Stage::reorder(const std::vector<VarOrRVar> &vars) {
    say(*function_, index_, Kind::reorder, place_of(vars), loops(vars));
    return *this;
}

Stage &Stage::tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &xo, const VarOrRVar &yo,
                   const VarOrRVar &xi, const VarOrRVar &yi, const Expr &xfactor,
                   const Expr &yfactor, TailStrategy tail) {
    say(*function_, index_, Kind::tile, x.location, loop(x), loop(y), loop(xo), loop(yo), loop(xi),
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
    say(*function_, index_, Kind::tile_nd, place_of(previous), loops(previous), loops(outers),
        loops(inners), factors, tails);
    return *this;
}

Stage &Stage::tile(const std::vector<VarOrRVar> &previous, const std::vector<VarOrRVar> &outers,
                   const std::vector<VarOrRVar> &inners, const std::vector<Expr> &factors,
                   TailStrategy tail) {
    if (tail == TailStrategy::Auto) {
        say(*function_, index_, Kind::tile_nd, place_of(previous), loops(previous), loops(outers),
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
    say(*function_, index_, Kind::serial, var.location, loop(var));
    return *this;
}
Stage &Stage::parallel(const VarOrRVar &var) {
    say(*function_, index_, Kind::parallel, var.location, loop(var));
    return *this;
}
Stage &Stage::parallel(const VarOrRVar &var, const Expr &task_size, TailStrategy tail) {
    say(*function_, index_, Kind::parallel, var.location, loop(var), task_size, said(tail));
    return *this;
}
Stage &Stage::vectorize(const VarOrRVar &var) {
    say(*function_, index_, Kind::vectorize, var.location, loop(var));
    return *this;
}
Stage &Stage::vectorize(const VarOrRVar &var, const Expr &factor, TailStrategy tail) {
    say(*function_, index_, Kind::vectorize, var.location, loop(var), factor, said(tail));
    return *this;
}
Stage &Stage::unroll(const VarOrRVar &var) {
    say(*function_, index_, Kind::unroll, var.location, loop(var));
    return *this;
}
Stage &Stage::unroll(const VarOrRVar &var, const Expr &factor, TailStrategy tail) {
    say(*function_, index_, Kind::unroll, var.location, loop(var), factor, said(tail));
    return *this;
}

Stage &Stage::partition(const VarOrRVar &var, Partition policy) {
    say(*function_, index_, Kind::partition, var.location, loop(var), policy);
    return *this;
}
Stage &Stage::never_partition(const std::vector<VarOrRVar> &vars) {
    if (!vars.empty()) say(*function_, index_, Kind::never_partition, place_of(vars), loops(vars));
    return *this;
}
Stage &Stage::never_partition_all(std::source_location location) {
    say(*function_, index_, Kind::never_partition_all, location);
    return *this;
}
Stage &Stage::always_partition(const std::vector<VarOrRVar> &vars) {
    if (!vars.empty()) say(*function_, index_, Kind::always_partition, place_of(vars), loops(vars));
    return *this;
}
Stage &Stage::always_partition_all(std::source_location location) {
    say(*function_, index_, Kind::always_partition_all, location);
    return *this;
}

Stage &Stage::allow_race_conditions(std::source_location location) {
    say(*function_, index_, Kind::allow_race_conditions, location);
    return *this;
}
void Stage::unscheduled(std::source_location location) {
    say(*function_, index_, Kind::unscheduled, location);
}

}  // namespace heddle
