// Reductions along the lanes of a vector: how large the code becomes.

#include <gtest/gtest.h>

#include "heddle/func.h"
#include "heddle/operators.h"
#include "heddle/rdom.h"
#include "heddle/var.h"
#include "ir/rewrite.h"
#include "language/function.h"
#include "lower/lower.h"

namespace heddle::Internal {
namespace {

// The nodes of expressions after vectorizing `f`'s update, which reduces 64 elements, by so many lanes.
int nodes(Func f, const RVar &r, int lanes) {
    const RVar inner("inner");
    f.update().atomic().split(r, r, inner, lanes).vectorize(inner);
    LowerRequest request;
    request.outputs = {f.function()};
    request.name = "test";
    request.target = Target("x86-64-linux");
    int n = 0;
    walk(lower_until(request, "vectorize_loops"), [&](const Shuffle &) { n++; });
    return n;
}

int nodes_of_xor(int lanes) {
    Func f("f");
    const RDom r(0, 64, "r");
    f() = cast<uint8_t>(0);
    f() = f() ^ cast<uint8_t>(r * 7);
    return nodes(f, r, lanes);
}

int nodes_of_argmin(int lanes) {
    Func f("f");
    const RDom r(0, 64, "r");
    f() = Tuple(1000, 0);
    const Expr value = (r * 37) % 64, better = value < f()[0];
    f() = Tuple(select(better, value, f()[0]), select(better, r, f()[1]));
    return nodes(f, r, lanes);
}

// Each level halves the lanes and takes two shuffles of each element, whatever is made of them.
TEST(LaneReduction, GrowsWithTheNumberOfLevels) {
    for (const int levels : {2, 3, 4, 5}) {
        EXPECT_EQ(nodes_of_xor(1 << levels), 2 * levels);
        EXPECT_EQ(nodes_of_argmin(1 << levels), 4 * levels);
    }
}

}  // namespace
}  // namespace heddle::Internal
