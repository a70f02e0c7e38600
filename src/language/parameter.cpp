#include "language/parameter.h"

#include <mutex>

#include "heddle/var.h"
#include "language/define.h"

namespace heddle::Internal {

std::shared_ptr<ParameterContents> ParameterContents::create(Type type, bool is_buffer, int dimensions, const std::string &name) {
    std::shared_ptr<ParameterContents> p(new ParameterContents);
    p->name = name;
    p->type = type;
    p->is_buffer = is_buffer;
    p->dimensions = dimensions;
    p->symbol = Symbol::fresh(name, p);
    for (int d = 0; d < dimensions; d++) {
        const std::string suffix = "." + std::to_string(d);
        p->constraints.emplace_back();
        p->dim_symbols.push_back({Symbol::fresh(name + ".min" + suffix, p), Symbol::fresh(name + ".extent" + suffix, p),
                                  Symbol::fresh(name + ".stride" + suffix, p)});
    }
    // Code may count on a dense first dimension unless it is told otherwise.
    if (dimensions > 0) p->constraints[0].stride = Expr(1);
    return p;
}

std::shared_ptr<const ParameterContents> parameter_of(const Access &access) {
    const Owner owner = access.owner ? access.owner : access.buffer.declaration();
    return std::dynamic_pointer_cast<const ParameterContents>(owner);
}

std::shared_ptr<const ParameterContents> parameter_of(const Variable &variable) {
    const Owner owner = variable.owner ? variable.owner : variable.symbol.declaration();
    return std::dynamic_pointer_cast<const ParameterContents>(owner);
}

namespace {

std::mutex &of_images() {
    static std::mutex mutex;
    return mutex;
}

}  // namespace

std::shared_ptr<const Function> known_func_of_image(const ParameterContents &p) {
    std::lock_guard lock(of_images());
    return p.as_func;
}

std::shared_ptr<Function> func_of_image(const std::shared_ptr<ParameterContents> &p) {
    std::lock_guard lock(of_images());
    if (!p->as_func) {
        const std::shared_ptr<Function> f = Function::create(p->name + "_im");
        ExprList args;
        for (int d = 0; d < p->dimensions; d++) args.push_back(Expr(Var::implicit(d)));
        define_pure(*f, args, {Access::make(p->type, p->symbol, args)}, {});
        p->as_func = f;
    }
    return {p, p->as_func.get()};
}

}  // namespace heddle::Internal
