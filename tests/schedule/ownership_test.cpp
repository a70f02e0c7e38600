// What directives say or make must not keep alive what owns it: such a circle is never freed.

#include <memory>

#include <gtest/gtest.h>

#include "heddle/func.h"
#include "heddle/image_param.h"
#include "heddle/operators.h"
#include "heddle/rdom.h"
#include "heddle/var.h"
#include "language/function.h"

namespace heddle {
namespace {

TEST(Ownership, TheDomainThatRfactorMakesIsFreed) {
    std::weak_ptr<Internal::Function> func;
    std::weak_ptr<Internal::ReductionDomain> domain;
    {
        const RDom r(0, 16, "r");
        const RVar outer("outer"), inner("inner");
        Func f("f");
        f() = 0;
        f() += r * r;
        f.update().split(r, outer, inner, 5, TailStrategy::GuardWithIf);  // a guard becomes a predicate
        Func part = f.update().rfactor(outer, Var("u"));
        func = f.function();
        domain = part.function()->updates[0].rdom;
        ASSERT_TRUE(domain.lock()->predicate.defined());
        EXPECT_FALSE(func.expired());
    }
    EXPECT_TRUE(func.expired());
    EXPECT_TRUE(domain.expired());
}

template<typename Use>
void expect_freed(const Use &use) {
    std::weak_ptr<Internal::Function> of_image;
    {
        ImageParam image(Int(32), 1, "image");
        of_image = Func(image).function();
        use(image);
        EXPECT_FALSE(of_image.expired());
    }
    EXPECT_TRUE(of_image.expired());
}

TEST(Ownership, WhatIsSaidOfAnImageIsFreedWithIt) {
    const Var x("x");
    expect_freed([&](ImageParam &image) { Func(image).specialize(image.dim(0).stride() == 1); });
    expect_freed([&](ImageParam &image) { image.in().compute_root().specialize(image.width() > 4 && image(0) == 1); });
    expect_freed([&](ImageParam &image) { Func(image).bound(Func(image).args()[0], image.dim(0).min(), image.width()); });
    expect_freed([&](ImageParam &image) { image.dim(0).set_extent(image.dim(0).min() + image(0)); });
    expect_freed([&](ImageParam &image) {
        Func f("f");
        f(x) = image(x);
        image.in(f).compute_at(f, x).store_root();
    });
}

TEST(Ownership, ImagesThatConstrainEachOtherAreFreed) {
    std::weak_ptr<Internal::Function> first, second;
    {
        ImageParam a(Int(32), 1, "a"), b(Int(32), 1, "b"), c(Int(32), 1, "c");
        first = Func(a).function();
        second = Func(b).function();
        a.dim(0).set_extent(b.dim(0).extent());
        b.dim(0).set_extent(c.dim(0).extent() + 1);
        c.dim(0).set_bounds(a.dim(0).min(), a(0));
    }
    EXPECT_TRUE(first.expired());
    EXPECT_TRUE(second.expired());
}

}  // namespace
}  // namespace heddle
