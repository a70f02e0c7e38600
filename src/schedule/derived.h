#pragma once
// Funcs that directives make: wrappers (in) and clones (clone_in). Definitions never change and go on calling
// the original; what such a call means under the schedule is decided here, by the directives of the Func called.

#include <string>
#include <vector>

#include "language/reachable.h"
#include "schedule/directives.h"
#include "schedule/nest_builder.h"

namespace heddle::Internal {

/** Whether directives of this kind make a Func that callers use instead: their first argument is its name, the
    second, if any, names the callers. */
bool makes_substitute(DirectiveKind kind);
/** The Funcs that such a directive names as callers; none: all that are not named by another one. */
std::vector<std::string> callers_named(const Directive &d);

/** The directive of f (in or clone_in) that names `caller`, or null. */
const Directive *directive_for(const Function &f, const std::string &caller);
/** The directive of f that is for all callers, or null. */
const Directive *directive_for_all(const Function &f);

/** The Func of this name that a directive of f made, now or before; null: there is none. */
std::shared_ptr<Function> derived_function(const Function &f, const std::string &name);
/** The Func that a directive of this kind makes of f, without directives of its own. One that was made with this
    display name before, and that no directive of f uses now, serves again, so that handles on it stay good. */
std::shared_ptr<Function> make_derived(Function &f, DirectiveKind kind, const std::string &display_name);

/** The Func whose values an Access in a definition of `caller` takes; null: those of an image. */
std::shared_ptr<const Function> callee_of(const Function &caller, const Access &a);

/** The definition of a stage as its directives leave it: what rfactor has left, with the calls inlined that
    eager_inline names. It has no directives. */
Definition definition_of(const Function &f, int stage);
/** Whether eager_inline may name these for a stage with this definition, after those `before`. */
Verdict check_eager_inline(const Function &f, const Definition &said, const std::vector<std::string> &before,
                           const std::vector<std::string> &names);

/** The Functions that are lowered for these outputs: those that they reach through callee_of. Producers first. */
Functions functions_lowered(const Functions &outputs);
/** These, and all others whose directives have a say: the originals of substitutes. Producers first. */
Functions functions_scheduled(const Functions &outputs);

/** Throws CompileError HD0411 when a directive names a Func among these that does not use what it wraps. */
void check_callers(const Functions &scheduled);

}  // namespace heddle::Internal
