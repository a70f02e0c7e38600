#pragma once
// Tensors with the outermost dimension first, for programs that come from TVM's tensor expressions:
//
//   using namespace heddle::te;
//   Tensor a = placeholder({m, k}, Float(32), "a"), b = placeholder({k, n}, Float(32), "b");
//   Axis l = reduce_axis(0, k, "l");
//   Tensor c = compute({m, n}, [&](Var i, Var j) { return sum(a(i, l) * b(l, j), {l}); }, "c");
//   c.func().update().reorder(...)   // schedules are those of Funcs
//
// A Tensor is a Func (or ImageParam) whose arguments are written in reverse: c(i, j) is element (j, i) of the
// Func, and a row of a C array `float c[m][n]` is contiguous. Indices start at 0; a Tensor is computed for its
// whole shape, and a read outside of it is refused as Func::bound refuses it. Extents are int32 Exprs: constants
// or Params. Errors are CompileErrors HD0290 to HD0292, and those of Func and ImageParam.

#include <concepts>
#include <string>
#include <type_traits>
#include <vector>

#include "heddle/func.h"
#include "heddle/image_param.h"

namespace heddle::te {

/** A dimension to reduce over, min ... min + extent - 1. In an expression it stands for its index. */
class Axis {
public:
    Axis(const Expr &min, const Expr &extent, const std::string &name);
    operator Expr() const {
        return var_;
    }
    const Var &var() const {
        return var_;
    }
    const Expr &min() const {
        return min_;
    }
    const Expr &extent() const {
        return extent_;
    }

private:
    Var var_;
    Expr min_, extent_;
};

/** An empty name gives a new one. */
Axis reduce_axis(const Expr &min, const Expr &extent, const std::string &name = "");

/** A value reduced over axes, the first of them outermost. As the whole value of a Tensor it becomes an update
    of that Tensor; elsewhere, a reduction of its own. */
class Reduction {
public:
    enum class Kind { Sum, Product, Max, Min };
    Reduction(Kind kind, const Expr &value, const std::vector<Axis> &axes);
    operator Expr() const;

    Kind kind;
    Expr value;
    std::vector<Axis> axes;
};

Reduction sum(const Expr &value, const std::vector<Axis> &axes);
Reduction prod(const Expr &value, const std::vector<Axis> &axes);
Reduction max(const Expr &value, const std::vector<Axis> &axes);
Reduction min(const Expr &value, const std::vector<Axis> &axes);

class Tensor {
public:
    /** No Tensor. */
    Tensor() = default;

    bool defined() const {
        return !shape_.empty() || func_.function() != nullptr;
    }
    const std::vector<Expr> &shape() const {
        return shape_;
    }
    int rank() const {
        return static_cast<int>(shape_.size());
    }
    Type type() const;
    const std::string &name() const;

    /** An element: as many indices as there are dimensions, the outermost first (HD0290). */
    template<typename... Args>
        requires(std::convertible_to<Args, Expr> && ...)
    Expr operator()(Args &&...args) const {
        return at({static_cast<Expr>(std::forward<Args>(args))...});
    }
    Expr operator()(const std::vector<Expr> &args) const {
        return at(args);
    }

    /** The Func, to schedule it. */
    Func &func() {
        return func_;
    }
    /** The input that a placeholder stands for (HD0291: of computed ones there is none). */
    ImageParam &image();
    /** Loop over dimension i (0: the outermost), and over reduction axis i as it was given. */
    Var axis(int i) const;
    RVar reduce_axis(int i) const;

    /** A Buffer for it, with the dimensions in reverse; runs with the values that Params and placeholders have. */
    Buffer<> realize(const Target &target = Target());

private:
    friend Tensor placeholder(const std::vector<Expr> &, Type, const std::string &);
    friend Tensor compute_values(const std::vector<Expr> &, const std::vector<Var> &, const Reduction *, const Expr &,
                                 const std::string &);
    Expr at(std::vector<Expr> args) const;
    std::vector<Expr> shape_;
    Func func_{std::shared_ptr<Internal::Function>()};
    ImageParam image_;
    std::vector<RVar> reduced_;
};

/** An input: a Buffer of this shape, set with image().set(), or an argument of the compiled kernel. */
Tensor placeholder(const std::vector<Expr> &shape, Type type = Float(32), const std::string &name = "");

// What compute() is made of: a Tensor with these values over fresh Vars, one for each dimension.
std::vector<Var> fresh_axes(size_t rank);
Tensor compute_values(const std::vector<Expr> &shape, const std::vector<Var> &axes, const Reduction *reduction,
                      const Expr &value, const std::string &name);

namespace detail {
template<typename F, size_t... I>
auto call(const F &f, const std::vector<Var> &axes, std::index_sequence<I...>) {
    return f(axes[I]...);
}
template<typename F, size_t Rank, size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
    return std::is_invocable_v<const F &, decltype((void)I, std::declval<const Var &>())...>;
}
template<typename F, size_t Rank>
constexpr bool takes_vars = takes<F, Rank>(std::make_index_sequence<Rank>());

template<size_t Rank = 0, typename F>
Tensor compute(const std::vector<Expr> &shape, const F &f, const std::string &name) {
    constexpr size_t most = 10;
    const std::vector<Var> axes = fresh_axes(shape.size());
    const auto made = [&](const auto &value) {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, Reduction>) {
            return compute_values(shape, axes, &value, Expr(), name);
        } else {
            return compute_values(shape, axes, nullptr, Expr(value), name);
        }
    };
    if constexpr (std::is_invocable_v<const F &, const std::vector<Var> &>) {
        return made(f(axes));
    } else if constexpr (takes_vars<F, Rank>) {
        if (Rank != shape.size()) return compute_values(shape, fresh_axes(Rank), nullptr, Expr(), name);
        return made(call(f, axes, std::make_index_sequence<Rank>()));
    } else {
        static_assert(Rank < most, "the function of compute() takes one Var for each dimension, or a std::vector<Var>");
        return compute<Rank + 1>(shape, f, name);
    }
}
}  // namespace detail

/** A Tensor of this shape whose elements f(i, j, ...) gives: an Expr, or a Reduction. f takes as many Vars as
    there are dimensions (HD0292), or a std::vector<Var>. */
template<typename F>
Tensor compute(const std::vector<Expr> &shape, const F &f, const std::string &name = "") {
    return detail::compute(shape, f, name);
}

}  // namespace heddle::te
