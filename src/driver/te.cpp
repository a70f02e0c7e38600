#include "heddle/te.h"

#include <algorithm>

#include "heddle/inline_reductions.h"
#include "ir/substitute.h"
#include "language/define.h"

namespace heddle::te {

using namespace Internal;

namespace {

std::vector<Expr> reversed(std::vector<Expr> list) {
    std::reverse(list.begin(), list.end());
    return list;
}

// The axes as one RDom, the last of them innermost, and the value over its variables.
struct Domain {
    RDom rdom;
    Expr value;
    std::vector<RVar> variables;  // in the order of the axes
};

Domain domain_of(const Reduction &r) {
    Region region;
    for (size_t i = r.axes.size(); i-- > 0;) region.emplace_back(r.axes[i].min(), r.axes[i].extent());
    Domain d{RDom(region), r.value, {}};
    Substitution map;
    for (size_t i = 0; i < r.axes.size(); i++) {
        d.variables.push_back(d.rdom[static_cast<int>(r.axes.size() - 1 - i)]);
        map[Expr(r.axes[i].var()).as<Variable>()->symbol] = d.variables.back();
    }
    d.value = substitute(map, d.value);
    return d;
}

Expr identity(Reduction::Kind kind, Type t) {
    switch (kind) {
    case Reduction::Kind::Sum: return make_zero(t);
    case Reduction::Kind::Product: return make_const(t, int64_t{1});
    case Reduction::Kind::Max: return t.min();
    case Reduction::Kind::Min: return t.max();
    }
    return Expr();
}

Expr combined(Reduction::Kind kind, const Expr &a, const Expr &b) {
    switch (kind) {
    case Reduction::Kind::Sum: return a + b;
    case Reduction::Kind::Product: return a * b;
    case Reduction::Kind::Max: return heddle::max(a, b);
    case Reduction::Kind::Min: return heddle::min(a, b);
    }
    return Expr();
}

}  // namespace

Axis::Axis(const Expr &min, const Expr &extent, const std::string &name)
    : var_(name.empty() ? Var() : Var(unique_name(name))), min_(min), extent_(extent) {
}

Axis reduce_axis(const Expr &min, const Expr &extent, const std::string &name) {
    return Axis(min, extent, name);
}

Reduction::Reduction(Kind k, const Expr &v, const std::vector<Axis> &a)
    : kind(k), value(v), axes(a) {
    if (!value.defined()) refuse(210, "", {}, "a reduction of an undefined Expr");
    if (axes.empty()) refuse(292, "", {}, "a reduction over no axis");
}

Reduction::operator Expr() const {
    const Domain d = domain_of(*this);
    switch (kind) {
    case Kind::Sum: return heddle::sum(d.rdom, d.value);
    case Kind::Product: return heddle::product(d.rdom, d.value);
    case Kind::Max: return heddle::maximum(d.rdom, d.value);
    case Kind::Min: return heddle::minimum(d.rdom, d.value);
    }
    return Expr();
}

Reduction sum(const Expr &value, const std::vector<Axis> &axes) {
    return Reduction(Reduction::Kind::Sum, value, axes);
}
Reduction prod(const Expr &value, const std::vector<Axis> &axes) {
    return Reduction(Reduction::Kind::Product, value, axes);
}
Reduction max(const Expr &value, const std::vector<Axis> &axes) {
    return Reduction(Reduction::Kind::Max, value, axes);
}
Reduction min(const Expr &value, const std::vector<Axis> &axes) {
    return Reduction(Reduction::Kind::Min, value, axes);
}

Type Tensor::type() const {
    return image_.defined() ? image_.type() : func_.type();
}

const std::string &Tensor::name() const {
    return image_.defined() ? image_.name() : func_.name();
}

Expr Tensor::at(std::vector<Expr> args) const {
    if (static_cast<int>(args.size()) != rank()) {
        refuse(290, name(), {}, concat("tensor ", name(), " has ", rank(), " dimension(s) but is read with ", args.size(), " index(es)"));
    }
    args = reversed(std::move(args));
    return image_.defined() ? image_(args) : Expr(func_(args));
}

ImageParam &Tensor::image() {
    if (!image_.defined()) refuse(291, name(), {}, concat("tensor ", name(), " is computed: it is no input"));
    return image_;
}

Var Tensor::axis(int i) const {
    if (i < 0 || i >= rank()) refuse(290, name(), {}, concat("tensor ", name(), " has ", rank(), " dimension(s), none of number ", i));
    return func_.args()[static_cast<size_t>(rank() - 1 - i)];
}

RVar Tensor::reduce_axis(int i) const {
    if (i < 0 || i >= static_cast<int>(reduced_.size())) {
        refuse(290, name(), {}, concat("tensor ", name(), " has ", reduced_.size(), " reduction axis(es), none of number ", i));
    }
    return reduced_[static_cast<size_t>(i)];
}

Buffer<> Tensor::realize(const Target &target) {
    std::vector<int> sizes;
    for (const Expr &e : reversed(shape_)) sizes.push_back(evaluate<int>(cast<int>(e)));
    return func_.realize(sizes, target);
}

Tensor placeholder(const std::vector<Expr> &shape, Type type, const std::string &name) {
    Tensor t;
    t.shape_ = shape;
    const int rank = static_cast<int>(shape.size());
    t.image_ = name.empty() ? ImageParam(type, rank) : ImageParam(type, rank, name);
    for (int d = 0; d < rank; d++) t.image_.dim(d).set_bounds(0, shape[static_cast<size_t>(rank - 1 - d)]);
    t.func_ = t.image_;
    return t;
}

std::vector<Var> fresh_axes(size_t rank) {
    static const char *const names[] = {"i", "j", "k", "l"};
    std::vector<Var> axes;
    for (size_t d = 0; d < rank; d++) axes.emplace_back(d < 4 ? names[d] : "i" + std::to_string(d));
    return axes;
}

Tensor compute_values(const std::vector<Expr> &shape, const std::vector<Var> &axes, const Reduction *reduction,
                      const Expr &value, const std::string &name) {
    if (axes.size() != shape.size()) {
        refuse(292, name, {}, concat("a tensor of ", shape.size(), " dimension(s) is computed by a function of ", axes.size(), " index(es)"));
    }
    Tensor t;
    t.shape_ = shape;
    t.func_ = name.empty() ? Func() : Func(name);
    const std::vector<Var> args(axes.rbegin(), axes.rend());
    if (reduction) {
        const Domain d = domain_of(*reduction);
        t.func_(args) = identity(reduction->kind, d.value.type());
        t.func_(args) = combined(reduction->kind, t.func_(args), d.value);
        t.reduced_ = d.variables;
    } else {
        t.func_(args) = value;
    }
    for (size_t d = 0; d < args.size(); d++) t.func_.bound(args[d], 0, shape[shape.size() - 1 - d]);
    return t;
}

}  // namespace heddle::te
