#pragma once
// What Func::define_extern says besides the types. The call itself is the value of the pure definition: one Call of
// kind extern_c per output (differing in type only), whose arguments are scalars, and buffer_of(access) for stages (all
// elements of a Tuple, one after another) and images.

#include <string>
#include <vector>

#include "heddle/loop_types.h"
#include "ir/nodes.h"
#include "language/function.h"

namespace heddle::Internal {

struct ExternDefinition {
    std::string name;  ///< as the user gave it; may have namespaces when it is mangled as C++
    NameMangling mangling = NameMangling::Default;
    DeviceAPI device = DeviceAPI::Host;
};

/** The call of an extern stage: its arguments as they stand in the definition. */
const Call &extern_call_of(const Function &f);

/** The stage or image that an argument of it passes on, or null for a scalar. */
const Access *passed_on(const Expr &argument);

/** Defines f(args) as computed by a C function. Throws CompileError HD0233 to HD0235. */
void define_external(Function &f, ExternDefinition definition, const ExprList &inputs, const Types &types,
                     const ExprList &args, const SourceLocation &location);

/** The name that a C++ compiler gives `int name(argument types...)`; "a::b" is b of namespace a. Handles are
    halide_buffer_t * where is_buffer, else void *. */
std::string cxx_mangled(const std::string &name, const Types &types, const std::vector<bool> &is_buffer);

}  // namespace heddle::Internal
