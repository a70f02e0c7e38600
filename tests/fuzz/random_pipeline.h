#pragma once
// Random pipelines with random schedules. A seed gives the same pipeline on every machine, and each can
// write itself down as a program.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "heddle/heddle.h"

namespace heddle::testing {

class RandomPipeline {
public:
    /** Directives that are not legal where they are said leave no trace. */
    explicit RandomPipeline(uint64_t seed);

    const Func &output() const {
        return stages_.back().func;
    }
    const std::vector<int> &extents() const {
        return extents_;
    }
    const std::vector<int> &mins() const {
        return mins_;
    }
    /** The pipeline as the body of a test. */
    std::string program() const;

private:
    /** An Expr and how it is written. */
    struct Term {
        Expr value;
        std::string text;
    };
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

    int below(int n);
    bool chance(int percent) {
        return below(100) < percent;
    }
    template<typename T>
    const T &pick(const std::vector<T> &list) {
        return list[static_cast<size_t>(below(static_cast<int>(list.size())))];
    }
    void say(const std::string &line) {
        lines_.push_back(line);
    }
    Var var(const std::string &name) const {
        return Var(name);
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
    /** Does and says `call` (a method call on `name`), unless it is refused. */
    template<typename Do>
    bool attempt(const std::string &text, const Do &call);

    uint64_t state_;
    std::vector<StageInfo> stages_;
    std::vector<std::string> lines_;
    std::vector<int> extents_, mins_;
    Param<int> mode_{"mode"};  // what branches are chosen by
};

}  // namespace heddle::testing
