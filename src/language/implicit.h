#pragma once
// The placeholder `_` and the implicit Vars _0, _1, ... that it stands for.

#include <string>

#include "heddle/error.h"
#include "ir/nodes.h"

namespace heddle::Internal {

/** Whether e is the placeholder `_`. */
bool is_placeholder(const Expr &e);

/** The index among args of the placeholder, or -1. Two of them are a CompileError. */
int placeholder_position(const std::string &name, const ExprList &args, const SourceLocation &location);

/** args with the placeholder, if there is one, replaced by as many implicit Vars as `dimensions` lacks. */
ExprList expand_placeholder(const std::string &kind, const std::string &name, const ExprList &args,
                            size_t dimensions, const SourceLocation &location);

/** One more than the largest implicit Var in e; 0 when there is none. */
int count_implicit(const Expr &e);

}  // namespace heddle::Internal
