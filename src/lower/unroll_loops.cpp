#include "lower/unroll_loops.h"

#include "analysis/simplify.h"
#include "ir/refresh.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

Stmt unroll_loops(const Stmt &s, PassContext &) {
    return rewrite(s, [](const For &n) -> Stmt {
        if (n.for_type != ForType::Unrolled) return Stmt(&n);
        int64_t extent = 0;
        const bool constant = as_const_int(simplify(n.extent), &extent);
        HEDDLE_ASSERT(constant, "unrolled loop ", n.loop.name(), " has no constant extent");
        StmtList copies;
        for (int64_t i = 0; i < extent; i++) {
            Expr value = simplify(Add::make(n.min, make_const(n.min.type(), i)));
            copies.push_back(substitute(n.loop, value, i == 0 ? n.body : with_fresh_symbols(n.body)));
        }
        return Block::make(copies);
    });
}

}  // namespace heddle::Internal
