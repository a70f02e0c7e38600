#pragma once
// Replacing symbols by expressions, and questions about which symbols occur.

#include <unordered_map>
#include <vector>

#include "ir/nodes.h"

namespace heddle::Internal {

using Substitution = std::unordered_map<Symbol, Expr>;

/** Each Variable of `map` replaced by its expression. Symbols are unique, so nothing is captured. */
Expr substitute(const Substitution &map, const Expr &e);
Stmt substitute(const Substitution &map, const Stmt &s);
Expr substitute(const Symbol &symbol, const Expr &replacement, const Expr &e);
Stmt substitute(const Symbol &symbol, const Expr &replacement, const Stmt &s);

/** Whether the Variable `symbol` occurs. */
bool uses(const Expr &e, const Symbol &symbol);
bool uses(const Stmt &s, const Symbol &symbol);

/** Variables and buffers that occur but are bound nowhere inside, each once, in order of appearance,
    with their types (a buffer: handle). */
std::vector<std::pair<Symbol, Type>> free_symbols(const Stmt &s);
std::vector<std::pair<Symbol, Type>> free_symbols(const Expr &e);

/** All Let nodes of e expanded into their bodies (result is a graph with shared nodes). */
Expr substitute_in_all_lets(const Expr &e);

}  // namespace heddle::Internal
