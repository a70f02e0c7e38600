#include "lower/loop_unions.h"

#include "analysis/simplify.h"
#include "ir/compare.h"

namespace heddle::Internal {

namespace {

Expr plus(const Expr &a, const Expr &b) {
    return simplify(Add::make(a, b));
}
Expr minus(const Expr &a, const Expr &b) {
    return simplify(Sub::make(a, b));
}
Expr likely(const Expr &e) {
    return Call::make(e.type(), CallOp::likely, {e});
}

}  // namespace

void LoopUnions::add(const StageId &id, const StageLoops::Loop &loop, Link link) {
    link.min = loop.min;
    link.last = minus(plus(loop.min, loop.extent), make_one(Int(32)));
    const Expr min = plus(link.min, link.shift), last = plus(link.last, link.shift);
    Union &u = unions_[{link.owner, link.dim}];
    if (u.stages++ == 0) {
        u.symbol = loop.symbol;
        u.min = min;
        u.last = last;
    } else {
        u.min = simplify(Min::make(u.min, min));
        u.last = simplify(Max::make(u.last, last));
    }
    links_[id].push_back(std::move(link));
}

void LoopUnions::add(const StageId &id, const StageLoops &loops) {
    for (size_t d = 0; d < loops.loops.size(); d++) add(id, loops.loops[d], {id, d, make_zero(Int(32)), {}, {}});
}

void LoopUnions::add(const StageId &id, const StageLoops &loops, size_t own, const StageId &parent, size_t parent_dim,
                     const std::vector<LoopAlignStrategy> &align) {
    for (size_t d = 0; d < own; d++) add(id, loops.loops[d], {id, d, make_zero(Int(32)), {}, {}});
    for (size_t d = own; d < loops.loops.size(); d++) {
        const Link &p = links_.at(parent)[parent_dim + d - own];
        const StageLoops::Loop &loop = loops.loops[d];
        Link link{p.owner, p.dim, p.shift, {}, {}};
        switch (align[d - own]) {
        case LoopAlignStrategy::AlignStart: link.shift = plus(p.shift, minus(p.min, loop.min)); break;
        case LoopAlignStrategy::AlignEnd:
            link.shift = plus(p.shift, minus(p.last, minus(plus(loop.min, loop.extent), make_one(Int(32)))));
            break;
        case LoopAlignStrategy::NoAlign:
        case LoopAlignStrategy::Auto: break;
        }
        add(id, loop, link);
    }
}

void LoopUnions::apply(const StageId &id, StageLoops &loops, size_t own, std::vector<std::pair<Symbol, Expr>> &values,
                       std::vector<Expr> &guards) const {
    const auto links = links_.find(id);
    if (links == links_.end()) return;
    for (size_t d = 0; d < links->second.size(); d++) {
        const Link &link = links->second[d];
        const Union &u = unions_.at({link.owner, link.dim});
        if (u.stages == 1) continue;
        StageLoops::Loop &loop = loops.loops[d];
        const Expr variable = Variable::make(Int(32), loop.symbol);
        if (!equal(plus(link.min, link.shift), u.min)) guards.push_back(likely(GE::make(variable, link.min)));
        if (!equal(plus(link.last, link.shift), u.last)) guards.push_back(likely(LE::make(variable, link.last)));
        if (d < own) {
            loop.min = u.min;
            loop.extent = plus(minus(u.last, u.min), make_one(Int(32)));
        } else {
            values.emplace_back(loop.symbol, minus(Variable::make(Int(32), u.symbol), link.shift));
        }
    }
}

}  // namespace heddle::Internal
