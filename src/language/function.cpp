#include "language/function.h"

#include <mutex>
#include <unordered_map>

#include "ir/rewrite.h"
#include "support/assert.h"

namespace heddle::Internal {

std::string unique_name(const std::string &wish) {
    static std::mutex mutex;
    static std::unordered_map<std::string, int> given;  // name → how often it was wished for
    std::lock_guard lock(mutex);
    std::string name = wish;
    for (;;) {
        const int times = given[wish]++;
        if (times == 0) return name;
        name = wish + "$" + std::to_string(times);
        if (given.try_emplace(name, 1).second) return name;
    }
}

std::shared_ptr<Function> Function::create(const std::string &name) {
    HEDDLE_ASSERT(!name.empty(), "a Func without a name");
    std::shared_ptr<Function> f(new Function);
    f->display_name = name;
    f->name = unique_name(name);
    f->symbol = Symbol::fresh(f->name, f);
    return f;
}

std::shared_ptr<const Function> function_of(const Access &access) {
    const Owner owner = access.owner ? access.owner : access.buffer.declaration();
    return std::dynamic_pointer_cast<const Function>(owner);
}

Expr without_owner(const Expr &e, const Declaration &d) {
    return rewrite_graph(
        e, [&](const Variable &v) -> Expr { return v.owner.get() == &d ? Variable::make(v.type, v.symbol) : Expr(&v); },
        [&](const Access &a) -> Expr {
            return a.owner.get() == &d ? Access::make(a.type, a.buffer, a.args, a.value_index) : Expr(&a);
        });
}

std::shared_ptr<ReductionDomain> rdom_of(const Variable &variable) {
    const Owner owner = variable.owner ? variable.owner : variable.symbol.declaration();
    return std::const_pointer_cast<ReductionDomain>(std::dynamic_pointer_cast<const ReductionDomain>(owner));
}

}  // namespace heddle::Internal
