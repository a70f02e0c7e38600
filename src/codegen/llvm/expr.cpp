// Expressions: dispatch, constants, arithmetic, comparisons, conversions.

#include "codegen/llvm/function_codegen.h"
#include "ir/binary_nodes.h"

namespace heddle::Internal {

FunctionCodegen::FunctionCodegen(ModuleState &state, llvm::Function *function, llvm::Value *user_context)
    : m_(state), fn_(function), b_(state.context), user_context_(user_context) {
    b_.SetInsertPoint(new_block("entry"));
    set_strict(state.target.has_feature(Target::StrictFloat));
}

void FunctionCodegen::set_strict(bool strict) {
    strict_ = strict;
    llvm::FastMathFlags flags;
    flags.setAllowContract(!strict);
    b_.setFastMathFlags(flags);
}

const Binding &FunctionCodegen::lookup(const Symbol &s) {
    const Binding *b = scope_.find(s);
    HEDDLE_ASSERT(b, "symbol ", s.name(), " is bound nowhere");
    return *b;
}

llvm::Value *FunctionCodegen::splat(Value *v, int lanes) {
    return lanes == 1 ? v : b_.CreateVectorSplat(static_cast<unsigned>(lanes), v);
}

llvm::Value *FunctionCodegen::int_constant(Type t, int64_t value) {
    return llvm::ConstantInt::get(m_.value_type(t), wrap_unsigned(static_cast<uint64_t>(value), t.bits()));
}

llvm::Value *FunctionCodegen::constant_vector(Type t, const std::vector<int64_t> &values) {
    std::vector<llvm::Constant *> lanes;
    for (int64_t v : values) lanes.push_back(llvm::cast<llvm::Constant>(int_constant(t.element_of(), v)));
    return llvm::ConstantVector::get(lanes);
}

llvm::Value *FunctionCodegen::index(const Expr &e) {
    bool old = std::exchange(in_index_, true);
    Value *v = expr(e);
    in_index_ = old;
    return v;
}

// Sums of addresses are made in 64 bits from their leaves up: LLVM may then reorder and hoist them without
// losing that they do not overflow, which it forgets of 32-bit sums.
llvm::Value *FunctionCodegen::wide_index(const Expr &e) {
    const Type t = e.type();
    auto sum = [&](const Expr &a, const Expr &b, auto make) { return make(wide_index(a), wide_index(b)); };
    const bool narrow = t == Int(32) && m_.size_type != m_.i32;
    if (narrow) {
        if (const IntImm *i = e.as<IntImm>()) return llvm::ConstantInt::get(m_.size_type, static_cast<uint64_t>(i->value), true);
        if (const Add *n = e.as<Add>()) return sum(n->a, n->b, [&](Value *a, Value *b) { return b_.CreateNSWAdd(a, b); });
        if (const Sub *n = e.as<Sub>()) return sum(n->a, n->b, [&](Value *a, Value *b) { return b_.CreateNSWSub(a, b); });
        if (const Mul *n = e.as<Mul>()) return sum(n->a, n->b, [&](Value *a, Value *b) { return b_.CreateNSWMul(a, b); });
        if (const Let *l = e.as<Let>()) {
            ScopedBinding<Binding> binding(scope_, l->symbol, let_binding(l->symbol, l->value));
            return wide_index(l->body);
        }
        if (const Variable *v = e.as<Variable>()) {
            const Binding &b = lookup(v->symbol);
            if (b.wide) return b.wide;
        }
    }
    return t.is_uint() ? b_.CreateZExtOrTrunc(index(e), m_.size_type) : b_.CreateSExtOrTrunc(index(e), m_.size_type);
}

Binding FunctionCodegen::let_binding(const Symbol &s, const Expr &value) {
    Binding b;
    b.type = value.type();
    if (!m_.index_lets.count(s.id())) {
        b.value = expr(value);
    } else if (b.type == Int(32) && m_.size_type != m_.i32) {
        b.wide = wide_index(value);
        b.value = b_.CreateTrunc(b.wide, m_.i32, "", false, true);
    } else {
        b.value = index(value);
    }
    if (b.type.is_vector()) b.definition = value;
    return b;
}

llvm::Value *FunctionCodegen::expr(const Expr &e) {
    const ExprNode *n = e.get();
    bool sum = n->kind == NodeKind::Add || n->kind == NodeKind::Sub || n->kind == NodeKind::Mul ||
               n->kind == NodeKind::Ramp || n->kind == NodeKind::Broadcast || n->kind == NodeKind::Let;
    bool old = std::exchange(in_index_, in_index_ && sum);
    Value *v = nullptr;
    switch (n->kind) {
    case NodeKind::IntImm: v = int_constant(n->type, e.as<IntImm>()->value); break;
    case NodeKind::UIntImm: v = int_constant(n->type, static_cast<int64_t>(e.as<UIntImm>()->value)); break;
    case NodeKind::FloatImm: v = float_constant(n->type, e.as<FloatImm>()->value); break;
    case NodeKind::StringImm: v = m_.string_constant(e.as<StringImm>()->value); break;
    case NodeKind::Cast: v = convert(e.as<Cast>()->value.type(), n->type, expr(e.as<Cast>()->value)); break;
    case NodeKind::Reinterpret:
        v = reinterpret(e.as<Reinterpret>()->value.type(), n->type, expr(e.as<Reinterpret>()->value));
        break;
#define HEDDLE_BINARY(Name) \
    case NodeKind::Name: v = binary(e, e.as<Name>()->a, e.as<Name>()->b); break;
    HEDDLE_FOR_EACH_BINARY(HEDDLE_BINARY)
    HEDDLE_BINARY(And)
    HEDDLE_BINARY(Or)
#undef HEDDLE_BINARY
    case NodeKind::Not: v = b_.CreateNot(expr(e.as<Not>()->a)); break;
    case NodeKind::Select: v = select(*e.as<Select>()); break;
    case NodeKind::Variable: v = lookup(e.as<Variable>()->symbol).value; break;
    case NodeKind::Let: {
        const Let *l = e.as<Let>();
        in_index_ = false;
        ScopedBinding<Binding> binding(scope_, l->symbol, let_binding(l->symbol, l->value));
        in_index_ = old;
        v = expr(l->body);
        break;
    }
    case NodeKind::Load: v = load(*e.as<Load>()); break;
    case NodeKind::Ramp: v = ramp(*e.as<Ramp>()); break;
    case NodeKind::Broadcast: v = broadcast(*e.as<Broadcast>()); break;
    case NodeKind::Shuffle: v = shuffle(*e.as<Shuffle>()); break;
    case NodeKind::VectorReduce: v = vector_reduce(*e.as<VectorReduce>()); break;
    case NodeKind::Call: v = call(*e.as<Call>()); break;
    case NodeKind::Access:
    case NodeKind::LetStmt:
    case NodeKind::Assert:
    case NodeKind::ProducerConsumer:
    case NodeKind::Atomic:
    case NodeKind::For:
    case NodeKind::Write:
    case NodeKind::Store:
    case NodeKind::Realize:
    case NodeKind::View:
    case NodeKind::Allocate:
    case NodeKind::Block:
    case NodeKind::If:
    case NodeKind::Fork:
    case NodeKind::Acquire:
    case NodeKind::Evaluate: HEDDLE_ASSERT(false, to_string(n->kind), " is no expression of level flat");
    }
    in_index_ = old;
    return v;
}

llvm::Value *FunctionCodegen::binary(const Expr &e, const Expr &a, const Expr &b) {
    NodeKind op = e.get()->kind;
    Type t = a.type();
    if (t.is_int_or_uint() && (op == NodeKind::Div || op == NodeKind::Mod)) return div_mod(op == NodeKind::Mod, t, a, b);
    Value *va = expr(a), *vb = expr(b);
    switch (op) {
    case NodeKind::EQ:
    case NodeKind::NE:
    case NodeKind::LT:
    case NodeKind::LE:
    case NodeKind::GT:
    case NodeKind::GE: return compare(op, t, va, vb);
    case NodeKind::And: return b_.CreateAnd(va, vb);
    case NodeKind::Or: return b_.CreateOr(va, vb);
    case NodeKind::Min: return min_max(false, t, va, vb);
    case NodeKind::Max: return min_max(true, t, va, vb);
    default: return arithmetic(op, t, va, vb);
    }
}

llvm::Value *FunctionCodegen::arithmetic(NodeKind op, Type t, Value *a, Value *b) {
    if (t.is_float()) {
        // The 16-bit formats round after each operation, so nothing may fuse across them; nor within the
        // remainder, which would leave its range.
        bool small = is_small_float(t), old = strict_;
        if (small || op == NodeKind::Mod) set_strict(true);
        a = to_float32(t, a);
        b = to_float32(t, b);
        Value *v = nullptr;
        switch (op) {
        case NodeKind::Add: v = b_.CreateFAdd(a, b); break;
        case NodeKind::Sub: v = b_.CreateFSub(a, b); break;
        case NodeKind::Mul: v = b_.CreateFMul(a, b); break;
        case NodeKind::Div: v = b_.CreateFDiv(a, b); break;
        case NodeKind::Mod: {
            Value *quotient = b_.CreateFDiv(a, b);
            if (small) quotient = to_float32(t, from_float32(t, quotient));
            Value *whole = intrinsic(llvm::Intrinsic::floor, quotient->getType(), {quotient});
            Value *product = b_.CreateFMul(b, whole);
            if (small) product = to_float32(t, from_float32(t, product));
            v = b_.CreateFSub(a, product);
            break;
        }
        default: HEDDLE_ASSERT(false, "float ", to_string(op));
        }
        v = from_float32(t, v);
        set_strict(old);
        return v;
    }
    bool no_wrap = in_index_ && t.is_int() && t.bits() >= 32;
    switch (op) {
    case NodeKind::Add: return b_.CreateAdd(a, b, "", false, no_wrap);
    case NodeKind::Sub: return b_.CreateSub(a, b, "", false, no_wrap);
    case NodeKind::Mul: return b_.CreateMul(a, b, "", false, no_wrap);
    default: HEDDLE_ASSERT(false, "integer ", to_string(op));
    }
    return nullptr;
}

llvm::Value *FunctionCodegen::compare(NodeKind op, Type t, Value *a, Value *b) {
    using P = llvm::CmpInst::Predicate;
    bool f = t.is_float(), s = t.is_int();
    P p = P::ICMP_EQ;
    switch (op) {
    case NodeKind::EQ: p = f ? P::FCMP_OEQ : P::ICMP_EQ; break;
    case NodeKind::NE: p = f ? P::FCMP_UNE : P::ICMP_NE; break;
    case NodeKind::LT: p = f ? P::FCMP_OLT : s ? P::ICMP_SLT : P::ICMP_ULT; break;
    case NodeKind::LE: p = f ? P::FCMP_OLE : s ? P::ICMP_SLE : P::ICMP_ULE; break;
    case NodeKind::GT: p = f ? P::FCMP_OGT : s ? P::ICMP_SGT : P::ICMP_UGT; break;
    case NodeKind::GE: p = f ? P::FCMP_OGE : s ? P::ICMP_SGE : P::ICMP_UGE; break;
    default: HEDDLE_ASSERT(false, to_string(op), " is no comparison");
    }
    return f ? b_.CreateFCmp(p, to_float32(t, a), to_float32(t, b)) : b_.CreateICmp(p, a, b);
}

llvm::Value *FunctionCodegen::min_max(bool want_max, Type t, Value *a, Value *b) {
    if (t.is_float()) {
        // a where the comparison holds, else b: what minps and maxps do, NaN included.
        return b_.CreateSelect(compare(want_max ? NodeKind::GT : NodeKind::LT, t, a, b), a, b);
    }
    auto id = t.is_int() ? (want_max ? llvm::Intrinsic::smax : llvm::Intrinsic::smin)
                         : (want_max ? llvm::Intrinsic::umax : llvm::Intrinsic::umin);
    return intrinsic(id, a->getType(), {a, b});
}

llvm::Value *FunctionCodegen::select(const Select &s) {
    Value *c = expr(s.condition), *t = expr(s.true_value), *f = expr(s.false_value);
    return b_.CreateSelect(c, t, f);
}

llvm::Value *FunctionCodegen::convert(Type from, Type to, Value *v) {
    if (from == to) return v;
    llvm::Type *type = m_.value_type(to);
    if (from.is_handle() || to.is_handle()) return reinterpret(from, to, v);
    if (to.is_bool()) {
        if (from.is_float()) return compare(NodeKind::NE, from, v, llvm::Constant::getNullValue(v->getType()));
        return b_.CreateIsNotNull(v);
    }
    if (from.is_float() && to.is_float()) return float_to_float(from, to, v);
    if (from.is_float()) {
        v = to_float32(from, v);
        // Out of range, LLVM calls the result poison; freeze makes it some fixed number, as in hardware.
        // Narrow results are what is left of an int32, so that they wrap alike on every machine.
        if (to.bits() < 32) {
            return b_.CreateTrunc(b_.CreateFreeze(b_.CreateFPToSI(v, m_.value_type(Int(32, to.lanes())))), type);
        }
        return b_.CreateFreeze(to.is_int() ? b_.CreateFPToSI(v, type) : b_.CreateFPToUI(v, type));
    }
    if (to.is_float()) {
        if (is_small_float(to)) {
            // Through double, which holds every 32-bit integer, so that only one rounding is seen.
            Type wide = Float(64, to.lanes());
            return float_to_float(wide, to, convert(from, wide, v));
        }
        return from.is_int() ? b_.CreateSIToFP(v, type) : b_.CreateUIToFP(v, type);
    }
    return from.is_int() ? b_.CreateSExtOrTrunc(v, type) : b_.CreateZExtOrTrunc(v, type);
}

llvm::Value *FunctionCodegen::reinterpret(Type from, Type to, Value *v) {
    llvm::Type *type = m_.value_type(to);
    if (v->getType() == type) return v;
    if (from.is_handle() && to.is_handle()) return v;
    if (from.is_handle()) {
        Type bits = UInt(from.bits(), from.lanes());
        return b_.CreateBitCast(b_.CreatePtrToInt(v, m_.value_type(bits)), type);
    }
    if (to.is_handle()) return b_.CreateIntToPtr(b_.CreateBitCast(v, m_.value_type(UInt(to.bits(), to.lanes()))), type);
    return b_.CreateBitCast(v, type);
}

llvm::Value *FunctionCodegen::intrinsic(llvm::Intrinsic::ID id, llvm::Type *type, std::vector<Value *> args) {
    return b_.CreateIntrinsic(id, {type}, args);
}

}  // namespace heddle::Internal
