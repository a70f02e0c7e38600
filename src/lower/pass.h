#pragma once
// What every pass is given besides the statement. A pass is `Stmt name(const Stmt &, PassContext &)` in a
// pair of files of its own; it neither times, nor dumps, nor verifies: the driver of pipeline.cpp does.

#include "heddle/target.h"
#include "ir/nodes.h"

namespace heddle::Internal {

struct PassContext {
    Target target;
    /** Symbols that the statement may use without binding them: the arguments of the kernel. */
    std::vector<std::pair<Symbol, Type>> arguments;
};

}  // namespace heddle::Internal
