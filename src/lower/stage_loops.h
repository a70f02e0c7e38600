#pragma once
// The loops of one stage over a given region: their symbols, ranges and order, the value of each pure and
// reduction variable in terms of them, and the guards that splits leave behind.
// From: a StageNest (names) and a region. To: expressions and symbols.

#include <optional>
#include <vector>

#include "lower/graph.h"

namespace heddle::Internal {

struct StageLoops {
    struct Loop {
        Symbol symbol;
        Expr min, extent;
        ForType for_type;
        Partition partition;
    };
    std::vector<Loop> loops;  ///< innermost first, as StageNest::dims
    /** Pure variables (GraphStage::arg_symbols) and reduction variables, with their values. */
    std::vector<std::pair<Symbol, Expr>> values;
    /** Conditions on the loop variables under which the stage's Write runs. */
    std::vector<Expr> guards;
    /** Tails that run all iterations of the last step, and make those harmless that are not wanted. Each is a
        list of conditions that must hold together; all is well where `full` holds. */
    struct Tails {
        std::vector<Expr> full;    ///< every step is a whole one
        std::vector<Expr> loads;   ///< else what is read is read only where these hold, ...
        std::vector<Expr> stores;  ///< what is written is written only where these hold, ...
        std::vector<Expr> blends;  ///< and where these do not, the old value is written back
    };
    Tails tails;
    /** Dimensions (of the Func) whose loops may run outside of the region, because a split rounds up or
        shifts. */
    std::vector<bool> may_exceed;
};

/** `region` has a range per dimension of the Func; variables that are not pure in this stage are ignored. */
StageLoops stage_loops(const GraphFunc &func, int stage, const Ranges &region);

}  // namespace heddle::Internal
