#pragma once
// Random pipelines with random schedules, of the plain kind: stencils, sums and scans in two dimensions; splits, fusions,
// orders, kinds of loops and places. Directives that are not legal where they are said leave no trace.

#include <string>
#include <utility>
#include <vector>

#include "fuzz/random_program.h"

namespace heddle::testing {

class RandomPipeline : public RandomProgram {
public:
    explicit RandomPipeline(Choices choices);

    std::vector<Func> outputs() const override {
        return {stages_.back().func};
    }

private:
    struct StageInfo {
        Func func;
        std::string name;
        std::vector<std::string> loops{"x", "y"};  ///< of the pure stage, innermost first
        std::vector<int> consumers;
        bool has_update = false, is_reached = false, is_parallel = false;
        bool at_root = false;
        int at = -1;           ///< computed at this loop of its only consumer; -1: not at a loop
        bool clamped = false;  ///< defined by a scan: read within [0, size) only
    };

    void schedule_memory(int index);
    Var var(const std::string &name) const {
        return Var(name);
    }
    std::string outputs_text() const override {
        return stages_.back().name;
    }

    void make_input();
    void make_stage(bool is_output);
    void make_update(StageInfo &stage, int index, Type t, bool is_output);
    Term coordinate(const std::string &name);
    Term operand(int index, bool is_float);
    Term read(int source, const Term &x, const Term &y, bool is_float, int reader);
    Term expression(int index, int depth, bool is_float);
    Term as_value(const Term &e, Type t);

    void schedule(int index);
    void schedule_loops(StageInfo &stage, bool is_output);
    void specialize(StageInfo &stage);
    void substitute(StageInfo &stage);
    void schedule_update(StageInfo &stage);
    void place(StageInfo &stage);
    void make_task(StageInfo &stage);
    void share_loops(int child);

    std::vector<StageInfo> stages_;
    Param<int> mode_{"mode"};  // what branches are chosen by
};

}  // namespace heddle::testing
