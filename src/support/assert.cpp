#include "support/assert.h"

namespace heddle::Internal {

void assertion_failed(const char *file, int line, const char *condition, const std::string &text) {
    throw InternalError(concat("this is a bug in Heddle: ", file, ":", line, ": ", condition,
                               text.empty() ? "" : ": ", text));
}

}  // namespace heddle::Internal
