#include "heddle/extern.h"

#include "language/define.h"

namespace heddle {

HEDDLE_DEFINE_SPECIAL_MEMBERS(ExternSignature);
HEDDLE_DEFINE_SPECIAL_MEMBERS(ExternCFunction);
HEDDLE_DEFINE_SPECIAL_MEMBERS(JITExtern);

ExternSignature::ExternSignature() = default;

ExternSignature::ExternSignature(const Type &result, bool is_void, const std::vector<Type> &args)
    : result_(result), is_void_(is_void), args_(args) {
}

ExternCFunction::ExternCFunction() = default;

ExternCFunction::ExternCFunction(void *address, const ExternSignature &signature)
    : address_(address), signature_(signature) {
}

JITExtern::JITExtern(const ExternCFunction &f)
    : function_(f) {
}

}  // namespace heddle

namespace heddle::Internal {

Expr extern_call(const char *name, Type result, const std::vector<Type> &types, const std::vector<Expr> &args,
                 bool is_pure) {
    for (size_t i = 0; i < args.size(); i++) {
        if (!args[i].defined()) refuse(220, name, {}, concat("argument ", i, " of the C function ", name, " is undefined"));
        if (args[i].type() != types[i]) {
            refuse(220, name, {},
                   concat("argument ", i, " of the C function ", name, " is of type ", to_string(types[i]),
                          ", but is given ", to_string(args[i].type())),
                   concat("cast it to ", to_string(types[i])));
        }
    }
    return Call::make(result, is_pure ? CallOp::pure_extern_c : CallOp::extern_c, args, name);
}

}  // namespace heddle::Internal
