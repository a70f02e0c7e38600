#pragma once
// What a stage reads outside of an image. Each function makes a Func with the values of `source` inside
// of a region and other values around it. The region is that of the image, or given as a list of
// {min, extent}: dimensions behind its end, and those whose Exprs are undefined, are left as they are.

#include <concepts>

#include "heddle/func.h"
#include "heddle/rdom.h"
#include "heddle/tuple.h"

namespace heddle::BoundaryConditions {

/** A Func, or an image (what has dimensions(), dim(i).min() and .extent(), and can be called). */
struct Source {
    Func func;
    Region bounds;
    bool has_bounds = false;

    Source(const Func &f);
    HEDDLE_SPECIAL_MEMBERS(Source);
    template<typename T>
        requires(!std::same_as<T, Func> && requires(const T &t) { t.dim(0).extent(); })
    Source(const T &image)
        : Source(image.dimensions()) {
        define(image(args()));
        for (int d = 0; d < image.dimensions(); d++) add_bounds(image.dim(d).min(), image.dim(d).extent());
    }
    template<typename T>
        requires(!std::same_as<T, Func> && !requires(const T &t) { t.dim(0).extent(); } &&
                 std::convertible_to<const T &, Func>)
    Source(const T &f)
        : Source(static_cast<Func>(f)) {
    }

private:
    explicit Source(int dimensions);
    /** The implicit Vars. */
    std::vector<Expr> args() const;
    void define(const Expr &value);
    void add_bounds(const Expr &min, const Expr &extent);
    int dimensions = 0;  ///< of an image
};

/** `value` outside. */
Func constant_exterior(const Source &source, const Tuple &value, const Region &bounds);
Func constant_exterior(const Source &source, const Expr &value, const Region &bounds);
Func constant_exterior(const Source &source, const Tuple &value);
Func constant_exterior(const Source &source, const Expr &value);

namespace detail {
inline void add_ranges(Region &) {
}
template<typename... Rest>
void add_ranges(Region &region, const Expr &min, const Expr &extent, const Rest &...rest) {
    Internal::add_range(region, min, extent);
    add_ranges(region, rest...);
}
}  // namespace detail

template<typename... Bounds>
    requires(sizeof...(Bounds) > 1 && sizeof...(Bounds) % 2 == 0 && (std::convertible_to<Bounds, Expr> && ...))
Func constant_exterior(const Source &source, const Tuple &value, const Bounds &...bounds) {
    Region region;
    detail::add_ranges(region, static_cast<Expr>(bounds)...);
    return constant_exterior(source, value, region);
}
template<typename... Bounds>
    requires(sizeof...(Bounds) > 1 && sizeof...(Bounds) % 2 == 0 && (std::convertible_to<Bounds, Expr> && ...))
Func constant_exterior(const Source &source, const Expr &value, const Bounds &...bounds) {
    return constant_exterior(source, Tuple(value), bounds...);
}

/** The nearest element of the region: a a a b c d d d. */
Func repeat_edge(const Source &source, const Region &bounds);
Func repeat_edge(const Source &source);

/** The region over and over: b c d a b c d a b c. */
Func repeat_image(const Source &source, const Region &bounds);
Func repeat_image(const Source &source);

/** The region and its mirror image in turn: c b a a b c d d c b. */
Func mirror_image(const Source &source, const Region &bounds);
Func mirror_image(const Source &source);

/** The same with the edges not repeated: d c b a b c d c b a. */
Func mirror_interior(const Source &source, const Region &bounds);
Func mirror_interior(const Source &source);

}  // namespace heddle::BoundaryConditions
