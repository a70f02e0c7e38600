#include "lower/needs.h"

#include <algorithm>

#include "analysis/simplify.h"
#include "ir/compare.h"
#include "ir/substitute.h"

namespace heddle::Internal {

namespace {

Region hull_of(const Region &a, const Region &b) {
    Region result;
    for (size_t d = 0; d < a.size(); d++) result.push_back(hull(a[d], b[d]));
    return result;
}

bool all_together(const std::vector<Need> &needs) {
    return std::all_of(needs.begin(), needs.end(),
                       [&](const Need &n) { return equal(n.start, needs[0].start); });
}

}  // namespace

Region hull_of(const std::vector<Need> &needs) {
    Region result = needs[0].region;
    for (size_t i = 1; i < needs.size(); i++) result = hull_of(result, needs[i].region);
    return result;
}

Region needed_now(const std::vector<Need> &needs, const Symbol &loop) {
    const Region all = hull_of(needs);
    if (!loop.defined() || all_together(needs)) return all;
    // The reader that starts last, apart from the others.
    auto last = std::find_if(needs.begin(), needs.end(), [&](const Need &a) {
        return std::all_of(needs.begin(), needs.end(),
                           [&](const Need &b) { return can_prove(GE::make(a.start, b.start)); });
    });
    if (last == needs.end()) return all;
    std::vector<Need> others;
    for (const Need &n : needs) {
        if (!equal(n.start, last->start)) others.push_back(n);
    }
    const Region before = needed_now(others, loop);
    Expr begun = LE::make(last->start, Variable::make(Int(32), loop));
    begun = Call::make(begun.type(), CallOp::likely, {begun});
    Region result;
    for (size_t d = 0; d < all.size(); d++) {
        auto since = [&](const Expr &now, const Expr &then) {
            return equal(now, then) ? now : Select::make(begun, now, then);
        };
        result.push_back({since(all[d].min, before[d].min), since(all[d].max, before[d].max)});
    }
    return result;
}

LoopNeeds first_needs(const std::vector<Need> &needs, const Symbol &loop) {
    LoopNeeds result;
    result.loop = loop;
    if (!loop.defined()) return result;
    result.together = all_together(needs);
    result.start = needs[0].start;
    for (const Need &n : needs) {
        if (can_prove(LE::make(n.start, result.start))) {
            result.start = n.start;
        } else if (!can_prove(GE::make(n.start, result.start))) {
            result.start = simplify(Min::make(n.start, result.start));
        }
        Region at_start = n.at_first;
        for (Interval &i : at_start) {
            i = {simplify(substitute(loop, n.start, i.min)), simplify(substitute(loop, n.start, i.max))};
        }
        result.first = result.first.empty() ? at_start : hull_of(result.first, at_start);
    }
    return result;
}

}  // namespace heddle::Internal
