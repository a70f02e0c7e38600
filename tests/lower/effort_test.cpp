// Pipelines whose regions are hard to bound, for the time that lowering takes: a tenth of the limits on a usual machine, and
// a hundred times the limits when each bound is made of copies of those around it.

#include <chrono>

#include <gtest/gtest.h>

#include "heddle/func.h"
#include "heddle/operators.h"
#include "heddle/var.h"
#include "language/function.h"
#include "lower/lower.h"

namespace heddle::Internal {
namespace {

double seconds_to_lower(const Func &output) {
    LowerRequest request;
    request.outputs = {output.function()};
    request.name = "test";
    request.target = Target("x86-64-linux");
    const auto start = std::chrono::steady_clock::now();
    lower(request);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST(Effort, StagesAtOtherScalesInEachRow) {
    Var x("x"), y("y");
    std::vector<Func> stages(7, Func("stage"));
    stages[0](x, y) = x + y;
    for (size_t i = 1; i < stages.size(); i++) {
        stages[i] = Func("stage");
        const Func &before = stages[i - 1];
        stages[i](x, y) = before(x * 2, y) + before(x, y / 2 + 1) + before(y + 1, x - 1);
    }
    Func output("output");
    output(x, y) = stages.back()(x, y);
    output.parallel(y);
    for (Func &f : stages) f.compute_at(output, y);
    EXPECT_LT(seconds_to_lower(output), 60);
}

}  // namespace
}  // namespace heddle::Internal
