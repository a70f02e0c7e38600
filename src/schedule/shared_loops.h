#pragma once
// Which stages run inside the loops of which others (compute_with): trees of stages. The stages are those of a
// list of Funcs, producers first.

#include <compare>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace heddle::Internal {

/** A stage of the Func at an index of some list. */
struct StageId {
    int func = -1, stage = 0;
    auto operator<=>(const StageId &) const = default;
};

class SharedLoops {
public:
    void add(StageId child, StageId parent) {
        parents_[child] = parent;
    }
    bool empty() const {
        return parents_.empty();
    }
    std::optional<StageId> parent(StageId child) const;
    /** In the order in which they run after their parent. */
    std::vector<StageId> children(StageId parent) const;
    /** The Funcs that share loops, directly or through others; each group in order. Those alone are in none. */
    std::vector<std::vector<int>> groups() const;
    /** The trees of all stages of these Funcs, by their roots, in an order that keeps the stages of each Func in
        theirs. Nothing when there is none: a stage would have to run before one that it comes after. */
    std::optional<std::vector<StageId>> roots(const std::vector<int> &funcs,
                                              const std::function<int(int)> &stages_of) const;

private:
    std::map<StageId, StageId> parents_;
};

}  // namespace heddle::Internal
