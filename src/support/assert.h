#pragma once
// HEDDLE_ASSERT(condition, text...) checks an invariant of Heddle itself; a failure throws
// InternalError that names the place. The text is evaluated only on failure.

#include <sstream>
#include <string>

#include "heddle/error.h"

namespace heddle::Internal {

[[noreturn]] void assertion_failed(const char *file, int line, const char *condition, const std::string &text);

template<typename... Args>
std::string concat(const Args &...args) {
    std::ostringstream out;
    static_cast<void>((out << ... << args));
    return out.str();
}

}  // namespace heddle::Internal

#define HEDDLE_ASSERT(condition, ...)                                                              \
    do {                                                                                           \
        if (!(condition)) [[unlikely]] {                                                           \
            ::heddle::Internal::assertion_failed(__FILE__, __LINE__, #condition,                   \
                                                 ::heddle::Internal::concat(__VA_ARGS__));         \
        }                                                                                          \
    } while (0)
