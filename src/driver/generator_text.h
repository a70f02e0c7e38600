#pragma once
// Texts as values of generator parameters: whole texts, or nothing.

#include <cstdint>
#include <optional>
#include <string>

#include "heddle/type.h"

namespace heddle::Internal {

std::optional<int64_t> parse_int(const std::string &text);
std::optional<uint64_t> parse_uint(const std::string &text);
std::optional<double> parse_float(const std::string &text);
std::optional<bool> parse_bool(const std::string &text);
std::optional<Type> parse_type(const std::string &text);

/** HD0286 unless it is a name in C; `what` follows "a generator has a". */
void check_generator_name(const std::string &name, const char *what);

}  // namespace heddle::Internal
