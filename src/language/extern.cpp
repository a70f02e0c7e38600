#include "heddle/extern.h"

#include "language/define.h"

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
