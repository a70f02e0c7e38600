#pragma once
// Checks of definitions, and their entry into a Function. Errors are CompileErrors HD0200 to HD0219 that
// name the Func and the place; a Function is unchanged by a definition that was refused.

#include <string>

#include "heddle/error.h"
#include "language/function.h"

namespace heddle::Internal {

/** Throws CompileError `code` about Func f at `location`. */
[[noreturn]] void refuse(int code, const std::string &func, const SourceLocation &location,
                         const std::string &message, const std::string &hint = "");

/** The pure definition `f(args) = values`. args are Vars, each once; values are scalars over them. */
void define_pure(Function &f, const ExprList &args, const ExprList &values, const SourceLocation &location);

/** One more update definition, `f(args) = values`. Types and number of values are those of f. `domain`, if
    given, is iterated over even where no variable of it is used. */
void define_update(Function &f, const ExprList &args, const ExprList &values, const SourceLocation &location,
                   std::shared_ptr<ReductionDomain> domain = nullptr);

/** Defines `f`, which has no definition yet, with the same stages as `original`; calls of itself are calls of f
    then. Neither can be given further definitions. No directive is copied. */
void define_as_copy(Function &f, Function &original);

/** Defines `f`, which has no definition yet, with the values of `original`, over the same Vars. Neither can be given
    further definitions. The definition does not own `original`. */
void define_as_wrapper(Function &f, Function &original);

/** Checks and converts the arguments of a call or left side: as many as `dimensions`, integers that fit
    int32 (which they become). `kind` and `name` say what is called in the messages. */
ExprList checked_call_args(const std::string &kind, const std::string &name, size_t dimensions, const ExprList &args,
                           const SourceLocation &location);

/** Whether e is just a Var (not a reduction variable, a parameter or a bound). */
bool is_var(const Expr &e);

/** Marks everything that e calls, but `except`, as used: it can have no more update definitions. */
void freeze_calls(const Expr &e, const Function *except);

}  // namespace heddle::Internal
