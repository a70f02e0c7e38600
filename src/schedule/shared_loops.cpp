#include "schedule/shared_loops.h"

#include <algorithm>
#include <set>

namespace heddle::Internal {

std::optional<StageId> SharedLoops::parent(StageId child) const {
    const auto it = parents_.find(child);
    if (it == parents_.end()) return {};
    return it->second;
}

std::vector<StageId> SharedLoops::children(StageId parent) const {
    std::vector<StageId> result;
    for (const auto &[c, p] : parents_) {
        if (p == parent) result.push_back(c);
    }
    return result;
}

std::vector<std::vector<int>> SharedLoops::groups() const {
    std::map<int, std::set<int>> neighbours;
    for (const auto &[c, p] : parents_) {
        neighbours[c.func].insert(p.func);
        neighbours[p.func].insert(c.func);
    }
    std::vector<std::vector<int>> result;
    std::set<int> seen;
    for (const auto &[start, unused] : neighbours) {
        if (!seen.insert(start).second) continue;
        std::vector<int> group = {start};
        for (size_t i = 0; i < group.size(); i++) {
            for (int f : neighbours[group[i]]) {
                if (seen.insert(f).second) group.push_back(f);
            }
        }
        std::sort(group.begin(), group.end());
        result.push_back(std::move(group));
    }
    return result;
}

std::optional<std::vector<StageId>> SharedLoops::roots(const std::vector<int> &funcs,
                                                       const std::function<int(int)> &stages_of) const {
    std::map<StageId, StageId> root_of;
    for (int f : funcs) {
        for (int s = 0; s < stages_of(f); s++) {
            StageId root{f, s};
            size_t steps = 0;
            for (auto p = parent(root); p; p = parent(root)) {
                root = *p;
                if (steps++ > parents_.size()) return {};
            }
            root_of[{f, s}] = root;
        }
    }
    std::map<StageId, std::set<StageId>> before;  // what must run before a root
    for (const auto &[id, root] : root_of) {
        before[root];
        if (id.stage == 0) continue;
        const StageId earlier = root_of.at({id.func, id.stage - 1});
        if (earlier == root) return {};
        before[root].insert(earlier);
    }
    std::vector<StageId> order;
    while (!before.empty()) {
        const auto next = std::find_if(before.begin(), before.end(), [](const auto &b) { return b.second.empty(); });
        if (next == before.end()) return {};
        const StageId root = next->first;
        order.push_back(root);
        before.erase(next);
        for (auto &[id, earlier] : before) earlier.erase(root);
    }
    return order;
}

}  // namespace heddle::Internal
