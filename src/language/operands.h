#pragma once
// What the functions that build Exprs share: checks of operands, promotion, constants.

#include <string>

#include "heddle/operators.h"
#include "ir/nodes.h"

namespace heddle::Internal {

/** Throws CompileError `code`. */
[[noreturn]] void refuse_operands(int code, const std::string &message,
                                  const std::string &hint = "");

/** The expression as text, cut when long, and its type: `f(x) + 1 (uint8)`. */
std::string describe(const Expr &e);

/** HD0100 when one is undefined. `operation` is the name as the user writes it. */
void check_defined(const Expr &a, const char *operation);
void check_defined(const Expr &a, const Expr &b, const char *operation);

/** Broadcasts a scalar beside a vector. */
void match_lanes(Expr &a, Expr &b, const char *operation);

/** Converts both to their common type (see operators.h). HD0102 for handles. */
void match_types(Expr &a, Expr &b, const char *operation);

/** Widens the narrower to the bits of the other, by its own signedness. HD0102 unless both are integers. */
void match_bits(Expr &a, Expr &b, const char *operation);

/** HD0102 unless e is an integer (a float). */
void check_integer(const Expr &e, const char *operation);
void check_float(const Expr &e, const char *operation);

/** HD0103 unless e is a bool. */
void check_condition(const Expr &e, const char *operation);

/** e, if it is an integer constant as the user wrote it (an IntImm), as a t, which it must fit (HD0101). */
Expr constant_as(Type t, const Expr &e, const Expr &other, const char *operation);
bool is_int_literal(const Expr &e);

}  // namespace heddle::Internal
