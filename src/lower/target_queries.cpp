#include "lower/target_queries.h"

#include "ir/rewrite.h"

namespace heddle::Internal {

Stmt resolve_target_queries(const Stmt &s, PassContext &context) {
    const Target &t = context.target;
    return rewrite(s, [&](const Call &n) -> Expr {
        int64_t argument = 0;
        if (!n.args.empty()) as_const_int(n.args[0], &argument);
        switch (n.op) {
        case CallOp::target_has_feature:
            return make_const(n.type, int64_t{t.has_feature(static_cast<Target::Feature>(argument))});
        case CallOp::target_arch_is: return make_const(n.type, int64_t{t.arch == static_cast<Target::Arch>(argument)});
        case CallOp::target_os_is: return make_const(n.type, int64_t{t.os == static_cast<Target::OS>(argument)});
        case CallOp::target_bits: return make_const(n.type, int64_t{t.bits});
        case CallOp::target_natural_vector_bytes:
            return make_const(n.type, int64_t{t.natural_vector_size(UInt(8))});
        default: return Expr(&n);
        }
    });
}

}  // namespace heddle::Internal
