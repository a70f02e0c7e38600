#include "analysis/atomic_update.h"

#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

AtomicUpdate atomic_update(const Atomic &n) {
    std::vector<const LetStmt *> lets;
    Stmt body = n.body;
    while (const LetStmt *l = body.as<LetStmt>()) {
        lets.push_back(l);
        body = l->body;
    }
    const Store *s = body.as<Store>();
    HEDDLE_ASSERT(s && s->value.type().is_scalar() && is_const_true(s->predicate), "an Atomic that no processor has");
    AtomicUpdate u{s->buffer, s->index, Symbol::fresh("old"), s->value};
    for (size_t i = lets.size(); i-- > 0;) {
        const LetStmt &l = *lets[i];
        u.value = Let::make(l.symbol, l.value, u.value);
        if (uses(u.index, l.symbol)) u.index = Let::make(l.symbol, l.value, u.index);
    }
    const Expr old = Variable::make(s->value.type(), u.old);
    u.value = rewrite(u.value, [&](const Load &load) -> Expr { return load.buffer == s->buffer ? old : Expr(&load); });
    return u;
}

}  // namespace heddle::Internal
