#include "heddle/boundary_conditions.h"

#include <functional>

#include "heddle/operators.h"
#include "language/define.h"

namespace heddle::BoundaryConditions {

HEDDLE_DEFINE_SPECIAL_MEMBERS(Source);

Source::Source(const Func &f)
    : func(f) {
}

Source::Source(int dimensions)
    : has_bounds(true), dimensions(dimensions) {
}

std::vector<Expr> Source::args() const {
    std::vector<Expr> vars;
    for (int d = 0; d < dimensions; d++) vars.push_back(Var::implicit(d));
    return vars;
}

void Source::define(const Expr &value) {
    func(args()) = value;
}

void Source::add_bounds(const Expr &min, const Expr &extent) {
    bounds.push_back(Range(min, extent));
}

using heddle::Internal::concat;
using heddle::Internal::refuse;

namespace {

const Region &own_bounds(const Source &s, const char *what) {
    if (!s.has_bounds) {
        refuse(250, s.func.name(), {}, concat(what, " of Func ", s.func.name(), " needs bounds: a Func has none itself"),
               "give {{min, extent}, ...}");
    }
    return s.bounds;
}

void check(const Source &s, const Region &bounds, const char *what) {
    if (!s.func.defined()) {
        refuse(200, s.func.name(), {}, concat(what, " of Func ", s.func.name(), ", which is not defined"));
    }
    if (static_cast<int>(bounds.size()) > s.func.dimensions()) {
        refuse(251, s.func.name(), {},
               concat(what, " of Func ", s.func.name(), " is given bounds for ", bounds.size(),
                      " dimensions, but there are ", s.func.dimensions()));
    }
}

bool is_bounded(const Range &r) {
    return r.min.defined() && r.extent.defined();
}

Expr last(const Range &r) {
    return r.min + r.extent - 1;
}

FuncRef whole(const Func &f, const std::vector<Expr> &args) {
    return f(args);
}

std::vector<Expr> pure_args(const Func &f) {
    const std::vector<Var> vars = f.args();
    return std::vector<Expr>(vars.begin(), vars.end());
}

// A Func that reads the source at coordinates made by `map` in the bounded dimensions.
Func mapped(const Source &s, const Region &bounds, const char *what,
            const std::function<Expr(const Expr &, const Range &)> &map) {
    check(s, bounds, what);
    const std::vector<Expr> args = pure_args(s.func);
    std::vector<Expr> at = args;
    for (size_t d = 0; d < bounds.size(); d++) {
        if (is_bounded(bounds[d])) at[d] = map(args[d], bounds[d]);
    }
    Func f(what);
    f(args) = whole(s.func, at);
    return f;
}

Expr outside(const Expr &x, const Range &r) {
    return x < r.min || x > last(r);
}

// Inside, the coordinate itself; around, `around`, which is kept within the region.
Expr inside_or(const Expr &x, const Range &r, const Expr &around) {
    return select(outside(x, r), clamp(around, r.min, last(r)), clamp(likely(x), r.min, last(r)));
}

Expr edge(const Expr &x, const Range &r) {
    return clamp(likely(x), r.min, last(r));
}

}  // namespace

Func constant_exterior(const Source &s, const Tuple &value, const Region &bounds) {
    check(s, bounds, "constant_exterior");
    if (static_cast<int>(value.size()) != s.func.outputs()) {
        refuse(252, s.func.name(), {},
               concat("constant_exterior of Func ", s.func.name(), " is given ", value.size(), " value(s), but there are ",
                      s.func.outputs()));
    }
    const std::vector<Expr> args = pure_args(s.func);
    Expr is_outside;
    for (size_t d = 0; d < bounds.size(); d++) {
        if (!is_bounded(bounds[d])) continue;
        const Expr o = outside(args[d], bounds[d]);
        is_outside = is_outside.defined() ? is_outside || o : o;
    }
    const Func inside = repeat_edge(s, bounds);
    Func f("constant_exterior");
    if (!is_outside.defined()) {
        f(args) = inside(args);
        return f;
    }
    std::vector<Expr> values;
    for (int i = 0; i < s.func.outputs(); i++) {
        const Type t = s.func.types()[static_cast<size_t>(i)];
        const Expr around = value[static_cast<size_t>(i)].type() == t ? value[static_cast<size_t>(i)] :
                                                                         cast(t, value[static_cast<size_t>(i)]);
        values.push_back(select(is_outside, around, likely(Expr(inside(args)[i]))));
    }
    f(args) = Tuple(values);
    return f;
}

Func constant_exterior(const Source &s, const Expr &value, const Region &bounds) {
    return constant_exterior(s, Tuple(value), bounds);
}

Func constant_exterior(const Source &s, const Tuple &value) {
    return constant_exterior(s, value, own_bounds(s, "constant_exterior"));
}

Func constant_exterior(const Source &s, const Expr &value) {
    return constant_exterior(s, Tuple(value));
}

Func repeat_edge(const Source &s, const Region &bounds) {
    return mapped(s, bounds, "repeat_edge", edge);
}

Func repeat_edge(const Source &s) {
    return repeat_edge(s, own_bounds(s, "repeat_edge"));
}

Func repeat_image(const Source &s, const Region &bounds) {
    return mapped(s, bounds, "repeat_image", [](const Expr &x, const Range &r) {
        return inside_or(x, r, (x - r.min) % r.extent + r.min);
    });
}

Func repeat_image(const Source &s) {
    return repeat_image(s, own_bounds(s, "repeat_image"));
}

Func mirror_image(const Source &s, const Region &bounds) {
    return mapped(s, bounds, "mirror_image", [](const Expr &x, const Range &r) {
        const Expr t = (x - r.min) % (2 * r.extent);
        return inside_or(x, r, select(t >= r.extent, 2 * r.extent - 1 - t, t) + r.min);
    });
}

Func mirror_image(const Source &s) {
    return mirror_image(s, own_bounds(s, "mirror_image"));
}

Func mirror_interior(const Source &s, const Region &bounds) {
    return mapped(s, bounds, "mirror_interior", [](const Expr &x, const Range &r) {
        const Expr period = 2 * (r.extent - 1);
        const Expr t = (x - r.min) % period;
        return inside_or(x, r, min(t, period - t) + r.min);
    });
}

Func mirror_interior(const Source &s) {
    return mirror_interior(s, own_bounds(s, "mirror_interior"));
}

}  // namespace heddle::BoundaryConditions
