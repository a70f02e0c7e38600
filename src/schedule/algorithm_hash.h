#pragma once
// A name for an algorithm: what Funcs compute, apart from what anything is called and how large it is.

#include <memory>
#include <string>
#include <vector>

#include "language/function.h"

namespace heddle::Internal {

/** Sixteen hexadecimal digits, the same on every machine and in every run. Two pipelines agree when they
    have the same definitions up to the names of Funcs, Vars, RDoms and Params. Sizes do not count: neither
    those of buffers nor the bounds of an RDom that are constants. Directives do not count either. */
std::string algorithm_hash(const std::vector<std::shared_ptr<const Function>> &outputs);

}  // namespace heddle::Internal
