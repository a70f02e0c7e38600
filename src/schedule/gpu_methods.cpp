// The methods of Stage and Func that give loops to a GPU.

#include "heddle/func.h"
#include "heddle/stage.h"
#include "schedule/record.h"

namespace heddle {

using namespace Internal;
using Kind = DirectiveKind;

namespace {

void say_axes(Function &f, const StagePath &at, Kind kind, const std::vector<VarOrRVar> &vars, DeviceAPI api) {
    say(f, at, kind, place_of(vars), loops(vars), said(api));
}

void say_tile(Function &f, const StagePath &at, const std::vector<VarOrRVar> &vars, const std::vector<VarOrRVar> &blocks,
              const std::vector<VarOrRVar> &threads, const std::vector<Expr> &sizes, TailStrategy tail, DeviceAPI api) {
    say(f, at, Kind::gpu_tile, place_of(vars), loops(vars), loops(blocks), loops(threads), sizes, said(tail), said(api));
}

}  // namespace

Stage &Stage::gpu_blocks(const VarOrRVar &x, DeviceAPI api) {
    say_axes(*function_, {index_, branch_}, Kind::gpu_blocks, {x}, api);
    return *this;
}
Stage &Stage::gpu_blocks(const VarOrRVar &x, const VarOrRVar &y, DeviceAPI api) {
    say_axes(*function_, {index_, branch_}, Kind::gpu_blocks, {x, y}, api);
    return *this;
}
Stage &Stage::gpu_blocks(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, DeviceAPI api) {
    say_axes(*function_, {index_, branch_}, Kind::gpu_blocks, {x, y, z}, api);
    return *this;
}
Stage &Stage::gpu_threads(const VarOrRVar &x, DeviceAPI api) {
    say_axes(*function_, {index_, branch_}, Kind::gpu_threads, {x}, api);
    return *this;
}
Stage &Stage::gpu_threads(const VarOrRVar &x, const VarOrRVar &y, DeviceAPI api) {
    say_axes(*function_, {index_, branch_}, Kind::gpu_threads, {x, y}, api);
    return *this;
}
Stage &Stage::gpu_threads(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, DeviceAPI api) {
    say_axes(*function_, {index_, branch_}, Kind::gpu_threads, {x, y, z}, api);
    return *this;
}
Stage &Stage::gpu_lanes(const VarOrRVar &x, DeviceAPI api) {
    say(*function_, {index_, branch_}, Kind::gpu_lanes, x.location, loop(x), said(api));
    return *this;
}
Stage &Stage::gpu_single_thread(DeviceAPI api, std::source_location location) {
    say(*function_, {index_, branch_}, Kind::gpu_single_thread, location, said(api));
    return *this;
}
Stage &Stage::gpu(const VarOrRVar &bx, const VarOrRVar &tx, DeviceAPI api) {
    return gpu_blocks(bx, api).gpu_threads(tx, api);
}
Stage &Stage::gpu(const VarOrRVar &bx, const VarOrRVar &by, const VarOrRVar &tx, const VarOrRVar &ty, DeviceAPI api) {
    return gpu_blocks(bx, by, api).gpu_threads(tx, ty, api);
}
Stage &Stage::gpu(const VarOrRVar &bx, const VarOrRVar &by, const VarOrRVar &bz, const VarOrRVar &tx,
                  const VarOrRVar &ty, const VarOrRVar &tz, DeviceAPI api) {
    return gpu_blocks(bx, by, bz, api).gpu_threads(tx, ty, tz, api);
}
Stage &Stage::gpu_tile(const VarOrRVar &x, const VarOrRVar &bx, const VarOrRVar &tx, const Expr &x_size,
                       TailStrategy tail, DeviceAPI api) {
    say_tile(*function_, {index_, branch_}, {x}, {bx}, {tx}, {x_size}, tail, api);
    return *this;
}
Stage &Stage::gpu_tile(const VarOrRVar &x, const VarOrRVar &tx, const Expr &x_size, TailStrategy tail, DeviceAPI api) {
    say_tile(*function_, {index_, branch_}, {x}, {x}, {tx}, {x_size}, tail, api);
    return *this;
}
Stage &Stage::gpu_tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &bx, const VarOrRVar &by,
                       const VarOrRVar &tx, const VarOrRVar &ty, const Expr &x_size, const Expr &y_size,
                       TailStrategy tail, DeviceAPI api) {
    say_tile(*function_, {index_, branch_}, {x, y}, {bx, by}, {tx, ty}, {x_size, y_size}, tail, api);
    return *this;
}
Stage &Stage::gpu_tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &tx, const VarOrRVar &ty,
                       const Expr &x_size, const Expr &y_size, TailStrategy tail, DeviceAPI api) {
    say_tile(*function_, {index_, branch_}, {x, y}, {x, y}, {tx, ty}, {x_size, y_size}, tail, api);
    return *this;
}
Stage &Stage::gpu_tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, const VarOrRVar &bx,
                       const VarOrRVar &by, const VarOrRVar &bz, const VarOrRVar &tx, const VarOrRVar &ty,
                       const VarOrRVar &tz, const Expr &x_size, const Expr &y_size, const Expr &z_size,
                       TailStrategy tail, DeviceAPI api) {
    say_tile(*function_, {index_, branch_}, {x, y, z}, {bx, by, bz}, {tx, ty, tz}, {x_size, y_size, z_size}, tail, api);
    return *this;
}
Stage &Stage::gpu_tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, const VarOrRVar &tx,
                       const VarOrRVar &ty, const VarOrRVar &tz, const Expr &x_size, const Expr &y_size,
                       const Expr &z_size, TailStrategy tail, DeviceAPI api) {
    say_tile(*function_, {index_, branch_}, {x, y, z}, {x, y, z}, {tx, ty, tz}, {x_size, y_size, z_size}, tail, api);
    return *this;
}

Func &Func::gpu_blocks(const VarOrRVar &x, DeviceAPI api) {
    Stage(function_, 0).gpu_blocks(x, api);
    return *this;
}
Func &Func::gpu_blocks(const VarOrRVar &x, const VarOrRVar &y, DeviceAPI api) {
    Stage(function_, 0).gpu_blocks(x, y, api);
    return *this;
}
Func &Func::gpu_blocks(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, DeviceAPI api) {
    Stage(function_, 0).gpu_blocks(x, y, z, api);
    return *this;
}
Func &Func::gpu_threads(const VarOrRVar &x, DeviceAPI api) {
    Stage(function_, 0).gpu_threads(x, api);
    return *this;
}
Func &Func::gpu_threads(const VarOrRVar &x, const VarOrRVar &y, DeviceAPI api) {
    Stage(function_, 0).gpu_threads(x, y, api);
    return *this;
}
Func &Func::gpu_threads(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, DeviceAPI api) {
    Stage(function_, 0).gpu_threads(x, y, z, api);
    return *this;
}
Func &Func::gpu_lanes(const VarOrRVar &x, DeviceAPI api) {
    Stage(function_, 0).gpu_lanes(x, api);
    return *this;
}
Func &Func::gpu_single_thread(DeviceAPI api, std::source_location location) {
    Stage(function_, 0).gpu_single_thread(api, location);
    return *this;
}
Func &Func::gpu(const VarOrRVar &bx, const VarOrRVar &tx, DeviceAPI api) {
    Stage(function_, 0).gpu(bx, tx, api);
    return *this;
}
Func &Func::gpu(const VarOrRVar &bx, const VarOrRVar &by, const VarOrRVar &tx, const VarOrRVar &ty, DeviceAPI api) {
    Stage(function_, 0).gpu(bx, by, tx, ty, api);
    return *this;
}
Func &Func::gpu(const VarOrRVar &bx, const VarOrRVar &by, const VarOrRVar &bz, const VarOrRVar &tx, const VarOrRVar &ty,
                const VarOrRVar &tz, DeviceAPI api) {
    Stage(function_, 0).gpu(bx, by, bz, tx, ty, tz, api);
    return *this;
}
Func &Func::gpu_tile(const VarOrRVar &x, const VarOrRVar &bx, const VarOrRVar &tx, const Expr &x_size,
                     TailStrategy tail, DeviceAPI api) {
    Stage(function_, 0).gpu_tile(x, bx, tx, x_size, tail, api);
    return *this;
}
Func &Func::gpu_tile(const VarOrRVar &x, const VarOrRVar &tx, const Expr &x_size, TailStrategy tail, DeviceAPI api) {
    Stage(function_, 0).gpu_tile(x, tx, x_size, tail, api);
    return *this;
}
Func &Func::gpu_tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &bx, const VarOrRVar &by,
                     const VarOrRVar &tx, const VarOrRVar &ty, const Expr &x_size, const Expr &y_size,
                     TailStrategy tail, DeviceAPI api) {
    Stage(function_, 0).gpu_tile(x, y, bx, by, tx, ty, x_size, y_size, tail, api);
    return *this;
}
Func &Func::gpu_tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &tx, const VarOrRVar &ty,
                     const Expr &x_size, const Expr &y_size, TailStrategy tail, DeviceAPI api) {
    Stage(function_, 0).gpu_tile(x, y, tx, ty, x_size, y_size, tail, api);
    return *this;
}
Func &Func::gpu_tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, const VarOrRVar &bx,
                     const VarOrRVar &by, const VarOrRVar &bz, const VarOrRVar &tx, const VarOrRVar &ty,
                     const VarOrRVar &tz, const Expr &x_size, const Expr &y_size, const Expr &z_size, TailStrategy tail,
                     DeviceAPI api) {
    Stage(function_, 0).gpu_tile(x, y, z, bx, by, bz, tx, ty, tz, x_size, y_size, z_size, tail, api);
    return *this;
}
Func &Func::gpu_tile(const VarOrRVar &x, const VarOrRVar &y, const VarOrRVar &z, const VarOrRVar &tx,
                     const VarOrRVar &ty, const VarOrRVar &tz, const Expr &x_size, const Expr &y_size,
                     const Expr &z_size, TailStrategy tail, DeviceAPI api) {
    Stage(function_, 0).gpu_tile(x, y, z, tx, ty, tz, x_size, y_size, z_size, tail, api);
    return *this;
}

}  // namespace heddle
