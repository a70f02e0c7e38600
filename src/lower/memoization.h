#pragma once
// Funcs whose results are kept in a cache of the runtime, while the nest is built.
//
// The cache gives the memory of such a Func, and says whether it holds the values already. Its key is made of the
// pipeline, the Func (name and algorithm), and all scalars that the values depend on: parameters, shapes of images, and
// what memoize_tag puts in their place. The region and the layout are compared by the cache itself.

#include <map>

#include "analysis/interval.h"
#include "lower/graph.h"

namespace heddle::Internal {

class Memoization {
public:
    /** Throws CompileError HD0457 to HD0460 when some Func cannot be kept. */
    Memoization(const Graph &graph, std::string pipeline);

    bool applies(int func) const {
        return g_.funcs[static_cast<size_t>(func)].placement.memoized && !g_.funcs[static_cast<size_t>(func)].removed;
    }
    /** `produced`, which computes func over region, done and stored only when the cache does not hold it. */
    Stmt guarded(int func, const std::vector<Interval> &region, const Stmt &produced);
    /** The memory of func, which covers these bounds (in the order of its storage), around its production and uses. */
    Stmt held(int func, const Ranges &bounds, const IntList &order, Stmt body);

private:
    struct State {
        Symbol key, shape, buffers, missed;
        Ranges region;
        int size = 0;  ///< of the key in bytes
        ExprList parts;
    };
    State &state(int func);
    ExprList key_of(int func) const;

    const Graph &g_;
    std::string pipeline_;
    std::map<int, State> states_;
};

}  // namespace heddle::Internal
