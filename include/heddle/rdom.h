#pragma once
// RDom: the domain of a reduction, a box of integers with predicates; RVar: one of its dimensions, or
// (by name) a loop that a schedule makes out of them. An update definition that uses the RVars of an RDom
// runs once for each point of it, the first dimension innermost.
//
// Errors are CompileErrors HD0110 to HD0117 that name the RDom.

#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "heddle/expr.h"
#include "heddle/region.h"

namespace heddle {

namespace Internal {
struct ReductionDomain;

/** A min, an extent, or a name. */
struct RDomArgument {
    Expr value;
    const char *name = nullptr;
    template<typename T>
        requires(std::is_convertible_v<const T &, Expr> && !std::is_convertible_v<const T &, std::string>)
    RDomArgument(const T &e)
        : value(static_cast<Expr>(e)) {
    }
    RDomArgument(const char *name)
        : name(name) {
    }
    RDomArgument(const std::string &name)
        : name(name.c_str()) {
    }
};
}  // namespace Internal

class RVar {
public:
    /** A loop with a name of its own. */
    RVar();
    /** A loop of this name. It has no range. */
    explicit RVar(const std::string &name);
    explicit RVar(const char *name);
    HEDDLE_SPECIAL_MEMBERS(RVar);
    /** Dimension `index` of a domain. */
    RVar(std::shared_ptr<Internal::ReductionDomain> domain, int index);

    const std::string &name() const {
        return name_;
    }
    Expr min() const;
    Expr extent() const;
    /** An int32; an error for an RVar that is no dimension of an RDom. */
    operator Expr() const;

private:
    std::string name_;
    std::shared_ptr<Internal::ReductionDomain> domain_;
    int index_ = 0;
};

class RDom {
    struct Private {};

public:
    /** No RDom. */
    RDom();
    RDom(const Region &region, const std::string &name = "");
    HEDDLE_SPECIAL_MEMBERS(RDom);
    /** Pairs of min and extent, and after them possibly a name. */
    template<typename... Args>
    RDom(const Expr &min, const Expr &extent, const Args &...args)
        : RDom(Private(), {min, extent, args...}) {
        static_assert(pairs_then_name<Args...>(), "an RDom takes pairs of min and extent, then possibly a name");
    }
    /** The domain of a Buffer or an ImageParam. */
    template<typename Image>
        requires requires(const Image &image) { image.dim(0).extent(), image.dimensions(), image.type(); }
    RDom(const Image &image)
        : RDom() {
        Region region;
        for (int d = 0; d < image.dimensions(); d++) Internal::add_range(region, image.dim(d).min(), image.dim(d).extent());
        create(region, "");
    }
    explicit RDom(std::shared_ptr<Internal::ReductionDomain> domain);

    bool defined() const {
        return domain_ != nullptr;
    }
    bool same_as(const RDom &o) const {
        return domain_ == o.domain_;
    }
    int dimensions() const;
    RVar operator[](int i) const;
    /** The variable of an RDom of one dimension. */
    operator RVar() const;
    operator Expr() const;

    /** Restricts the domain. Predicates may use its RVars, the Vars of the definition and calls of Funcs.
        An error when a definition uses the RDom already. */
    void where(const Expr &predicate);

    const std::shared_ptr<Internal::ReductionDomain> &domain() const {
        return domain_;
    }

    RVar x, y, z, w;

private:
    RDom(Private, std::initializer_list<Internal::RDomArgument> pairs_and_name);
    template<typename... Args>
    static constexpr bool pairs_then_name() {
        constexpr size_t n = sizeof...(Args);
        constexpr bool is_number[] = {std::is_convertible_v<Args, Expr>..., true};
        constexpr bool is_name[] = {std::is_convertible_v<Args, std::string>..., true};
        for (size_t i = 0; i < n / 2 * 2; i++) {
            if (!is_number[i] || is_name[i]) return false;
        }
        return n % 2 == 0 || is_name[n - 1];
    }
    void create(const Region &region, const std::string &name);
    void set_variables();

    std::shared_ptr<Internal::ReductionDomain> domain_;
};

std::ostream &operator<<(std::ostream &out, const RVar &v);
std::ostream &operator<<(std::ostream &out, const RDom &r);

}  // namespace heddle
