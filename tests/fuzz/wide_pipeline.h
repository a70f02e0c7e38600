#pragma once
// Random pipelines over the whole language: one to three dimensions, all scalar types, Tuples, histograms, scans, gathers,
// reductions with predicates, Params, two outputs; and schedules of every directive, legal or not. The algorithm is
// made first and the schedule second, so that a refusal or a failure of a directive leaves the program text behind.

#include <string>
#include <vector>

#include "fuzz/random_program.h"

namespace heddle::testing {

class WidePipeline : public RandomProgram {
public:
    /** The algorithm. */
    explicit WidePipeline(Choices choices);
    /** The schedule. Refused directives leave no trace. */
    void schedule();

    std::vector<Func> outputs() const override;

private:
    /** A loop of a stage, as an argument of directives. */
    struct Loop {
        VarOrRVar var;
        std::string text;
        bool is_inner = false;  ///< of a split: of constant extent
    };
    struct Definition {
        std::vector<Loop> loops;  ///< innermost first
        bool is_integer_sum = false;
    };
    struct StageInfo {
        Func func;
        std::string name;
        Type type;
        int elements = 1;
        std::vector<Definition> definitions;  ///< the pure one and the updates; empty: not to be scheduled
        std::vector<int> consumers;
        int size = 0;  ///< of a scan or histogram: to be read within [0, size) of the first dimension; else 0
        bool is_reached = false, is_parallel = false, is_root = false;
    };
    using Coordinates = std::vector<Term>;

    // The algorithm (wide_algorithm.cpp).
    void make_input();
    void make_stage(bool is_output);
    void make_window(StageInfo &stage, int index);
    void make_scan(StageInfo &stage, int index);
    void make_histogram(StageInfo &stage, int index);
    void make_best(StageInfo &stage, int index);
    void start(StageInfo &stage, const std::vector<Term> &values);
    void update(StageInfo &stage, const Coordinates &at, const std::vector<Term> &values, const std::vector<RVar> &rvars);
    RDom domain(int index, int dims, std::string &name, std::vector<RVar> &rvars);
    Coordinates coordinates();
    Coordinates pure() const;
    Term coordinate(size_t d);
    Term element(const StageInfo &s, const Coordinates &at, int index) const;
    Term read(int source, const Coordinates &at, bool is_float, int reader);
    Term operand(int index, bool is_float);
    Term expression(int index, int depth, bool is_float);
    Term as_value(const Term &e, Type t) const;
    int any_source();

    // The schedule (wide_schedule.cpp).
    void place(StageInfo &stage);
    void schedule_storage(StageInfo &stage);
    void schedule_definition(StageInfo &stage, size_t definition);
    void split(Stage s, const std::string &name, Definition &d, bool is_output, bool is_update);
    void reorder(Stage s, const std::string &name, Definition &d);
    void kinds_of_loops(StageInfo &stage, Stage s, const std::string &name, Definition &d, bool is_update);
    void reduce(StageInfo &stage, size_t definition, Definition &d);
    std::string stage_name(const StageInfo &s, size_t definition) const;

    std::string outputs_text() const override;
    size_t dims() const {
        return extents_.size();
    }

    std::vector<StageInfo> stages_;
    std::vector<Var> vars_;
    Param<int> k_{"k"};
    int output_count_ = 1;
};

}  // namespace heddle::testing
