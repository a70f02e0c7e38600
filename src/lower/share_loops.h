#pragma once
// compute_with: which Funcs run together, and whether they may. Part of placing (place.h).

#include "lower/graph.h"

namespace heddle::Internal {

/** Finds the groups of Funcs that share loops, and puts the Funcs of each next to each other; producers stay before
    consumers. To be called before anything is placed. Throws CompileError HD0350 to HD0359. */
void find_groups(Graph &graph);

/** Sets GraphStage::with of the Funcs given, which are one group in one or more places (copies), all placed.
    Throws CompileError where they are not computed in one place, or their loops differ. */
void connect_group(Graph &graph, const std::vector<int> &funcs);

/** Whether the stage uses a value of f. */
bool stage_uses(const GraphStage &s, const GraphFunc &f);

/** The index of the loop of this name; one more than the last for Var::outermost(); -1: there is none. */
int find_dim(const StageNest &nest, const std::string &var);

}  // namespace heddle::Internal
