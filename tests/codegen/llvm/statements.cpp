// Statements: loops, lets, branches, allocations, assertions, parallel loops.

#include <gtest/gtest.h>

#include "kernel.h"

using namespace heddle;
using namespace heddle::Internal;

TEST(Statements, LoopOverABuffer) {
    Kernel k;
    Symbol in = k.buffer("in", Int(32)), out = k.buffer("out", Int(32), true);
    Expr n = k.scalar("n", Int(32));
    Symbol i = Symbol::fresh("i");
    Expr value = Add::make(Mul::make(Load::make(Int(32), in, var(i), {}), int32(3)), int32(1));
    k.compile(serial(i, n, Store::make(out, var(i), value, {})));
    for (int size : {0, 1, 17}) {
        std::vector<int> a(18, 5), b(18, -1);
        for (int j = 0; j < 18; j++) a[static_cast<size_t>(j)] = j * 7;
        EXPECT_EQ(k.run({a.data(), b.data(), &size}), 0);
        for (int j = 0; j < 18; j++) EXPECT_EQ(b[static_cast<size_t>(j)], j < size ? j * 21 + 1 : -1);
    }
}
