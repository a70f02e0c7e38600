// Sliding windows, naively and after every pass of lowering.

#include <gtest/gtest.h>

#include "support_lib/differential.h"

namespace heddle {
namespace {

using testing::expect_same_after_every_pass;

// Two dimensions, a Func that is computed further in, and one that is stored per strip.
TEST(DifferentialSliding, TwoDimensionsAndStrips) {
    for (int schedule = 0; schedule < 5; schedule++) {
        Var x("x"), y("y"), yo("yo"), yi("yi");
        Func a("a"), b("b"), c("c");
        ImageParam in(Int(32), 2, "in");
        Buffer<int> data(20, 20);
        data.set_min(-4, -4);
        data.for_each_element([&](int i, int j) { data(i, j) = i * 7 + j * j; });
        in.set(data);
        a(x, y) = in(x, y) * 2;
        b(x, y) = a(x, y - 1) + a(x + 1, y + 1);
        c(x, y) = b(x, y) + b(x - 1, y + 2) + a(x, y);
        switch (schedule) {
        case 0: a.store_root().compute_at(c, y); b.store_root().compute_at(c, y); break;
        case 1: a.store_root().compute_at(c, x); b.store_root().compute_at(c, x); break;
        case 2: a.store_root().compute_at(c, y); b.store_at(c, y).compute_at(c, x); break;
        case 3:
            c.split(y, yo, yi, 3).parallel(yo);
            a.store_at(c, yo).compute_at(c, yi);
            b.store_at(c, yo).compute_at(c, yi).vectorize(x, 4);
            break;
        case 4:
            a.store_root().compute_at(c, y).fold_storage(y, 5);
            b.store_root().compute_at(c, y);
            c.vectorize(x, 4);
            break;
        }
        SCOPED_TRACE("schedule " + std::to_string(schedule));
        expect_same_after_every_pass(c, {9, 7});
    }
}

// An update that is not pure in y begins all of its rows anew, each time; a later one would finish only the new row.
TEST(DifferentialSliding, UpdateOfFixedRowsBeforeAPureOne) {
    for (const bool upwards : {true, false}) {
        Var x("x"), y("y");
        Func f("f"), g("g");
        RDom r(0, 9);
        f(x, y) = x + y * 10;
        f(x, r) += r * x;
        f(x, y) = f(x, y) * 2 + 1;
        const Expr row = upwards ? Expr(y) : 6 - y;
        g(x, y) = f(x, row) - f(x, row + 2) * 3;
        f.store_root().compute_at(g, y);
        expect_same_after_every_pass(g, {5, 7});
    }
}

}  // namespace
}  // namespace heddle
