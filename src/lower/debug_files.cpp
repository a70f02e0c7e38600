#include "lower/debug_files.h"

#include "analysis/promises.h"
#include "analysis/simplify.h"

namespace heddle::Internal {

Stmt write_to_file(const GraphFunc &p, const std::vector<Interval> &region) {
    const std::string &file = p.function->debug_file;
    if (p.elements.size() > 1) {
        Diagnostic d;
        d.code = 462;
        d.func = p.name;
        d.directive = "debug_to_file(" + file + ")";
        d.message = p.name + " has " + std::to_string(p.elements.size()) + " values, and a file holds one";
        d.hint = "debug_to_file() a Func of one element of it";
        throw CompileError(d);
    }
    ExprList args, mins;
    for (const Interval &i : region) {
        const Interval r = with_clamps(i);
        mins.push_back(r.min);
        args.push_back(r.min);
        args.push_back(simplify(Add::make(Sub::make(r.max, r.min), make_one(Int(32)))));
    }
    args.insert(args.begin(), Access::make(p.types[0], p.elements[0], mins));
    const Expr context = Call::make(Handle(), CallOp::user_context, {}), name = StringImm::make(file);
    const Symbol code = Symbol::fresh(p.name + ".file");
    const Expr c = Variable::make(Int(32), code);
    const Expr report = Call::make(Int(32), CallOp::extern_c, {context, StringImm::make(p.name), name, c},
                                   "halide_error_debug_to_file_failed");
    return LetStmt::make(code,
                         Call::make(Int(32), CallOp::extern_c, {context, name, Call::make(Handle(), CallOp::buffer_of, args)},
                                    "halide_debug_to_file"),
                         Assert::make(EQ::make(c, make_zero(Int(32))), report));
}

}  // namespace heddle::Internal
