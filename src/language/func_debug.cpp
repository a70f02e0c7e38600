// What a Func tells while it runs: tracing, files, profiling. None of it changes a result.

#include "heddle/func.h"
#include "language/define.h"
#include "language/function.h"

namespace heddle {

using namespace Internal;

Func &Func::trace_loads() {
    function_->trace_loads = true;
    return *this;
}

Func &Func::trace_stores() {
    function_->trace_stores = true;
    return *this;
}

Func &Func::trace_realizations() {
    function_->trace_realizations = true;
    return *this;
}

Func &Func::add_trace_tag(const std::string &tag) {
    function_->trace_tags.push_back(tag);
    return *this;
}

Func &Func::no_profiling() {
    function_->no_profiling = true;
    return *this;
}

void Func::debug_to_file(const std::string &filename) {
    if (filename.empty()) refuse(237, name(), {}, concat("debug_to_file of ", name(), " without a name for the file"));
    function_->debug_file = filename;
}

}  // namespace heddle
