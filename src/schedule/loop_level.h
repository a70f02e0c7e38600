#pragma once
// What the copies of a LoopLevel share.

#include <memory>
#include <string>

#include "heddle/schedule.h"

namespace heddle::Internal {

struct LoopLevelContents {
    enum class Kind { NotSet, Inlined, Root, AtLoop };
    Kind kind = Kind::NotSet;
    /** The Func, weakly: a producer's schedule must not keep its consumer alive. */
    std::weak_ptr<const Function> func;
    bool by_name = false;   ///< made from a name: func was never set
    std::string func_name;  ///< display name
    std::string var;
    bool is_rvar = false;
    int stage = -1;
    bool locked = false;
};

}  // namespace heddle::Internal
