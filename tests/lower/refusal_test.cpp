// What lowering refuses of a schedule that each directive for itself was fine with: the message is a golden file.

#include <gtest/gtest.h>

#include "heddle/func.h"
#include "heddle/operators.h"
#include "heddle/rdom.h"
#include "heddle/var.h"
#include "language/function.h"
#include "lower/lower.h"
#include "support_lib/golden.h"

namespace heddle::Internal {
namespace {

// A stencil over rows, and another over columns: `folded` is read by `reader`.
struct TwoStages {
    Var x{"x"}, y{"y"}, xo{"xo"}, xi{"xi"};
    Func producer, reader;
    explicit TwoStages(const std::string &name)
        : producer("p_" + name), reader("c_" + name) {
        producer(x, y) = x * 5 - y * 3;
        reader(x, y) = producer(x, y) + producer(x + 1, y + 2);
    }
};

struct Case {
    const char *name;
    int code;
    void (*schedule)(TwoStages &);
};

const Case cases[] = {
    {"unknown_compute_loop", 417, [](TwoStages &s) { s.producer.compute_at(s.reader, s.xo); }},
    {"unknown_store_loop", 418, [](TwoStages &s) { s.producer.compute_at(s.reader, s.x).store_at(s.reader, s.xo); }},
    {"store_inside_compute", 432, [](TwoStages &s) { s.producer.compute_at(s.reader, s.y).store_at(s.reader, s.x); }},
    {"parallel_between", 433,
     [](TwoStages &s) {
         s.reader.parallel(s.y);
         s.producer.store_root().compute_at(s.reader, s.y);
     }},
    {"registers_of_unknown_size", 434,
     [](TwoStages &s) { s.producer.compute_at(s.reader, s.y).store_in(MemoryType::Register); }},
    {"bound_storage_below_need", 435,
     [](TwoStages &s) {
         s.reader.bound(s.x, 0, 16);
         s.producer.compute_root().bound_storage(s.x, 16);
     }},
    {"bound_storage_below_fold", 435,
     [](TwoStages &s) { s.producer.store_root().compute_at(s.reader, s.y).fold_storage(s.y, 4).bound_storage(s.y, 3); }},
    {"split_storage_of_output", 436, [](TwoStages &s) { s.reader.split_storage(s.x, s.xo, s.xi, 4); }},
    {"vector_of_unknown_extent", 451, [](TwoStages &s) { s.reader.vectorize(s.x); }},
    {"unroll_of_unknown_extent", 451, [](TwoStages &s) { s.reader.unroll(s.y); }},
    {"fold_at_the_root", 454, [](TwoStages &s) { s.producer.compute_root().fold_storage(s.y, 4); }},
    {"partition_without_edges", 360, [](TwoStages &s) { s.reader.always_partition(s.x); }},
    {"partition_the_wrong_loop", 360,
     [](TwoStages &s) { s.reader.split(s.x, s.xo, s.xi, 8, TailStrategy::GuardWithIf).always_partition(s.y); }},
};

class LoweringRefuses : public ::testing::TestWithParam<Case> {};

TEST_P(LoweringRefuses, WithAMessage) {
    const Case &c = GetParam();
    TwoStages s(c.name);
    c.schedule(s);
    LowerRequest request;
    request.outputs = {s.reader.function()};
    request.name = "test";
    request.target = Target("x86-64-linux");
    try {
        lower(request);
        ADD_FAILURE() << "was lowered";
    } catch (const CompileError &e) {
        EXPECT_EQ(e.diagnostic().code, c.code);
        Diagnostic shown = e.diagnostic();
        shown.location = {};
        testing::expect_golden(std::string("lower/refusals/") + c.name + ".txt", shown.render() + "\n");
    }
}

INSTANTIATE_TEST_SUITE_P(Cases, LoweringRefuses, ::testing::ValuesIn(cases),
                         [](const auto &test) { return std::string(test.param.name); });

}  // namespace
}  // namespace heddle::Internal
