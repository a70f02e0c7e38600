#pragma once
// How the methods of Func and Stage make directives of their arguments.

#include <source_location>
#include <vector>

#include "schedule/check.h"

namespace heddle::Internal {

inline LoopName loop(const VarOrRVar &v) {
    return {v.name(), v.is_rvar ? LoopName::Kind::RVar : LoopName::Kind::Var};
}
inline std::vector<LoopName> loops(const std::vector<VarOrRVar> &vars) {
    std::vector<LoopName> result;
    for (const VarOrRVar &v : vars) {
        result.push_back(loop(v));
    }
    return result;
}
/** Where a call was written that has only a list to tell. */
inline SourceLocation place_of(const std::vector<VarOrRVar> &vars) {
    return vars.empty() ? SourceLocation() : SourceLocation(vars.front().location);
}
/** Auto is what happens when nothing is said. */
inline DirectiveArgument said(TailStrategy tail) {
    return tail == TailStrategy::Auto ? DirectiveArgument() : DirectiveArgument(tail);
}

inline DirectiveArgument said(DeviceAPI api) {
    return api == DeviceAPI::Default_GPU ? DirectiveArgument() : DirectiveArgument(api);
}

template<typename... Args>
void say(Function &f, const StagePath &at, DirectiveKind kind, const SourceLocation &location,
         Args &&...args) {
    Directive d{kind, {DirectiveArgument(std::forward<Args>(args))...}, location};
    while (!d.args.empty() && std::holds_alternative<std::monostate>(d.args.back()))
        d.args.pop_back();
    record(f, at, std::move(d));
}

}  // namespace heddle::Internal
