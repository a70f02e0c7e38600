#pragma once
// The two halves of serialize.h: pipelines to JSON and back. Expressions are in the text form of the IR (docs/ir.md),
// where every symbol has a name that says what it is: v.x a Var, f.2 the third Func, p.0 the first parameter, d.0.min.1
// a bound of a buffer parameter, o.2.0.min.1 one of an output of a Func, r.1.0 a variable of the second RDom.

#include <map>
#include <string>

#include "heddle/serialize.h"
#include "language/reachable.h"

namespace heddle::Internal {

struct WrittenPipeline {
    std::string text;
    Parameters parameters;
};

/** HD0296 for what cannot be written. */
WrittenPipeline pipeline_text(const Pipeline &p);

/** HD0297 for a text that is none. */
Pipeline pipeline_of(const std::string &text, const std::map<std::string, Parameter> &given);
std::map<std::string, Parameter> parameters_of_text(const std::string &text);

}  // namespace heddle::Internal
