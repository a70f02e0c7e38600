#include "analysis/simplify.h"

#include "analysis/helpers.h"

namespace heddle::Internal::test {
namespace {

class Simplify : public testing::Test {
protected:
    E x = variable("x"), y = variable("y"), z = variable("z"), n = variable("n");

    void expect(const E &before, const E &after) {
        Expr got = simplify(before);
        EXPECT_TRUE(same(got, after)) << "of " << to_string(before.e);
        EXPECT_TRUE(same(simplify(got), got)) << "again, of " << to_string(before.e);
    }
};

TEST_F(Simplify, SumsAreExact) {
    expect((x + 8) - x, constant(8));
    expect((x * 4 + y * 2) - y * 2, x * 4);
    expect(x * 4 + 3 - x * 3, x + 3);
    expect((x + y) - (y + x), constant(0));
    expect(y + x + 1 + 2, x + y + 3);
}

TEST_F(Simplify, DivisionOfMultiples) {
    expect((x * 8 + y) / 8, x + y / 8);
    expect((x * 8 + y) % 8, y % 8);
}

}  // namespace
}  // namespace heddle::Internal::test
