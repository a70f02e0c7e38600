#pragma once
// Loop nests as a page for people: one self-contained HTML document (no network), in which loops and other
// blocks fold, kinds of loops have colours, and hovering shows the type of an expression and marks every
// use of a symbol. Of any level of the IR. The markup is well-formed XML, too.

#include <string>

#include "ir/module.h"
#include "ir/nodes.h"

namespace heddle::Internal {

std::string to_html(const Stmt &s, const std::string &title);
std::string to_html(const LoweredFunction &f, const std::string &title);
/** All functions of the module. */
std::string to_html(const Module &m);

}  // namespace heddle::Internal
