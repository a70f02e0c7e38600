#pragma once
// The text form of the IR. Its grammar is at the top of text.h; parse.h reads it back.
//
// Symbols that share a display name are told apart by a number: x, x.1, x.2 in order of appearance.

#include <iosfwd>
#include <string>

#include "heddle/print.h"
#include "ir/nodes.h"

namespace heddle::Internal {

struct PrintOptions {
    /** Types of symbols where the parser needs them: a `given` line for a Stmt, x:float32 in an Expr. */
    bool types = true;
    /** Node to point at: a line of carets stands below its (first) line. */
    const Node *mark = nullptr;
    /** With mark: only the lines this near to it (-1: all). */
    int context = -1;
};

std::string to_string(const Expr &e, const PrintOptions &options = {});
/** Ends in a newline. */
std::string to_string(const Stmt &s, const PrintOptions &options = {});

std::ostream &operator<<(std::ostream &out, const Stmt &s);

/** A floating-point constant as it is written: the shortest text that reads back exactly. */
std::string float_text(double value, Type type);
/** text in double quotes, with \n \t \" \\ and \xHH. */
std::string quoted(const std::string &text);

}  // namespace heddle::Internal
