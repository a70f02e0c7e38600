#include "heddle/var.h"

#include <atomic>
#include <mutex>
#include <unordered_map>

#include "language/operands.h"

namespace heddle {

using namespace Internal;

namespace {

// The Variable of this name: one for all Vars of the name, in all threads.
Expr variable_named(const std::string &name) {
    static std::mutex mutex;
    static auto &table =
        *new std::unordered_map<std::string, Expr>;  // Vars may outlive static objects
    std::lock_guard lock(mutex);
    Expr &e = table[name];
    if (!e.defined()) e = Variable::make(Int(32), Symbol::fresh(name));
    return e;
}

}  // namespace

Var::Var() {
    static std::atomic<int> count{0};
    const std::string name = "v$" + std::to_string(count.fetch_add(1, std::memory_order_relaxed));
    e_ = variable_named(name);  // so that Func::args(), which knows names, gives this Var
}

Var::Var(const std::string &name)
    : e_(variable_named(name)) {
}

Var::Var(const char *name)
    : Var(std::string(name)) {
}

Var Internal::implicit_var(int n) {
    return n >= 0 ? Var::implicit(n) : Var("_");
}

const std::string &Var::name() const {
    return e_.as<Variable>()->symbol.name();
}

Var Var::implicit(int n) {
    if (n < 0 || n > 9)
        refuse_operands(118, concat("there is no implicit Var _", n, ": they are _0 to _9"));
    return Var("_" + std::to_string(n));
}

int Var::implicit_index(const std::string &name) {
    return name.size() == 2 && name[0] == '_' && name[1] >= '0' && name[1] <= '9' ? name[1] - '0'
                                                                                  : -1;
}

Var Var::outermost() {
    return Var("__outermost");
}

}  // namespace heddle
