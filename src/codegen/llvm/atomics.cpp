// Updates of elements that several threads share: one instruction where the processor has it, else a loop that
// computes the new value again until nobody came in between. All orders of memory accesses are relaxed: the end of
// the parallel loop synchronises.

#include "analysis/atomic_update.h"
#include "codegen/llvm/function_codegen.h"
#include "ir/substitute.h"

namespace heddle::Internal {

namespace {

using Rmw = llvm::AtomicRMWInst::BinOp;

// The instruction for `old op y`, and y; BAD_BINOP when there is none.
Rmw instruction_for(const AtomicUpdate &u, Expr *y) {
    const Type t = u.value.type();
    const auto other = [&](const Expr &a, const Expr &b, bool commutes) {
        const auto is_old = [&](const Expr &e) {
            const Variable *v = e.as<Variable>();
            return v && v->symbol == u.old;
        };
        if (is_old(a) && !uses(b, u.old)) *y = b;
        if (commutes && is_old(b) && !uses(a, u.old)) *y = a;
        return y->defined();
    };
    const auto either = [&](const auto *n, Rmw op, bool commutes = true) {
        return n && other(n->a, n->b, commutes) ? op : Rmw::BAD_BINOP;
    };
    if (t.is_bool() || t.is_bfloat() || t.bits() < 8) return Rmw::BAD_BINOP;
    if (t.is_float()) return t.bits() >= 32 ? either(u.value.as<Add>(), Rmw::FAdd) : Rmw::BAD_BINOP;
    if (u.value.as<Add>()) return either(u.value.as<Add>(), Rmw::Add);
    if (u.value.as<Sub>()) return either(u.value.as<Sub>(), Rmw::Sub, false);
    if (u.value.as<Min>()) return either(u.value.as<Min>(), t.is_int() ? Rmw::Min : Rmw::UMin);
    if (u.value.as<Max>()) return either(u.value.as<Max>(), t.is_int() ? Rmw::Max : Rmw::UMax);
    const Call *c = u.value.as<Call>();
    if (!c || c->args.size() != 2) return Rmw::BAD_BINOP;
    const Rmw op = c->op == CallOp::bitwise_and  ? Rmw::And
                   : c->op == CallOp::bitwise_or ? Rmw::Or
                   : c->op == CallOp::bitwise_xor ? Rmw::Xor
                                                  : Rmw::BAD_BINOP;
    return op != Rmw::BAD_BINOP && other(c->args[0], c->args[1], true) ? op : Rmw::BAD_BINOP;
}

}  // namespace

void FunctionCodegen::atomic(const Atomic &a) {
    if (!a.shared) return stmt(a.body);
    const AtomicUpdate u = atomic_update(a);
    const Binding b = lookup(u.buffer);
    const Type t = u.value.type();
    const auto relaxed = llvm::AtomicOrdering::Monotonic;
    llvm::Type *in_memory = m_.memory_type(t);
    const llvm::Align align(static_cast<uint64_t>(t.bytes()));
    Value *address = element_address(b, t, u.index);
    Expr y;
    if (const Rmw op = instruction_for(u, &y); op != Rmw::BAD_BINOP) {
        b_.CreateAtomicRMW(op, address, expr(y), align, relaxed);
        return;
    }
    llvm::Type *bits = b_.getIntNTy(static_cast<unsigned>(8 * t.bytes()));
    llvm::LoadInst *first = b_.CreateAlignedLoad(bits, address, align);
    first->setAtomic(relaxed);
    Block *before = b_.GetInsertBlock(), *again = new_block("update"), *after = new_block("after_update");
    b_.CreateBr(again);
    b_.SetInsertPoint(again);
    llvm::PHINode *old = b_.CreatePHI(bits, 2);
    old->addIncoming(first, before);
    Value *value = nullptr;
    {
        Value *as_value = from_memory(t, b_.CreateBitCast(old, in_memory));
        ScopedBinding<Binding> binding(scope_, u.old, {as_value, t, nullptr, 0});
        value = to_memory(t, expr(u.value));
    }
    Value *wanted = b_.CreateBitCast(value, bits);
    llvm::AtomicCmpXchgInst *exchange = b_.CreateAtomicCmpXchg(address, old, wanted, align, relaxed, relaxed);
    old->addIncoming(b_.CreateExtractValue(exchange, 0), b_.GetInsertBlock());
    b_.CreateCondBr(b_.CreateExtractValue(exchange, 1), after, again);
    b_.SetInsertPoint(after);
}

}  // namespace heddle::Internal
