#pragma once
// Makes a statement smaller as long as it shows what somebody looks for. Hierarchical delta debugging (Misherghi and Su,
// "HDD: Hierarchical Delta Debugging", ICSE 2006) over the nodes of the IR.

#include <functional>

#include "ir/nodes.h"

namespace heddle::Internal {

/** A statement of which no node can be left out, replaced by one of its children, by a constant, or (a loop, a let) by its
    body at one value, without `shows` being false. `shows(s)` holds; it is called for each attempt, with statements
    that need be valid at no level. */
Stmt reduce(const Stmt &s, const std::function<bool(const Stmt &)> &shows);

}  // namespace heddle::Internal
