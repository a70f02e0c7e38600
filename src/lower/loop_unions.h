#pragma once
// The loops that the stages of a nest share: each runs over the union of what the stages need, where a stage may be
// shifted against the one that it runs with (LoopAlignStrategy).

#include <map>
#include <utility>
#include <vector>

#include "heddle/loop_types.h"
#include "lower/stage_loops.h"
#include "schedule/shared_loops.h"

namespace heddle::Internal {

class LoopUnions {
public:
    /** A stage all of whose loops are its own. */
    void add(const StageId &id, const StageLoops &loops);
    /** A stage whose loops from `own` outwards are those of `parent`, added before, from `parent_dim` outwards. */
    void add(const StageId &id, const StageLoops &loops, size_t own, const StageId &parent, size_t parent_dim,
             const std::vector<LoopAlignStrategy> &align);
    /** After all are added: widens the stage's own loops; gives the values of the variables of the others, and the
        conditions under which an iteration is one of this stage. */
    void apply(const StageId &id, StageLoops &loops, size_t own, std::vector<std::pair<Symbol, Expr>> &values,
               std::vector<Expr> &guards) const;

private:
    // What loop `dim` of a stage is: shift more than its variable is that of the loop that really runs.
    struct Link {
        StageId owner;
        size_t dim = 0;
        Expr shift, min, last;  // min and last of the stage's own range
    };
    struct Union {
        Symbol symbol;
        Expr min, last;
        int stages = 0;
    };
    void add(const StageId &id, const StageLoops::Loop &loop, Link link);

    std::map<StageId, std::vector<Link>> links_;
    std::map<std::pair<StageId, size_t>, Union> unions_;
};

}  // namespace heddle::Internal
