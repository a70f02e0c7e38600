// What test_interpret holds against the pipelines of differential_test.cpp.

#include "support_lib/differential.h"

namespace heddle::testing {

void expect_same(const std::vector<Func> &outputs, const std::vector<int> &extents, const std::vector<int> &mins) {
    expect_same_after_every_pass(outputs, extents, mins);
}

}  // namespace heddle::testing
