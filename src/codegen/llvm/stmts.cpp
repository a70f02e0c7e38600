// Statements, loops, and the ways out of a function.

#include "codegen/llvm/function_codegen.h"
#include "ir/device_loops.h"

namespace heddle::Internal {

void FunctionCodegen::body(const Stmt &s) {
    stmt(s);
    b_.CreateRet(b_.getInt32(0));
}

void FunctionCodegen::stmt(const Stmt &s) {
    const StmtNode *n = s.get();
    in_index_ = false;
    switch (n->kind) {
    case NodeKind::LetStmt: return let(*s.as<LetStmt>());
    case NodeKind::Assert: return assertion(*s.as<Assert>());
    case NodeKind::ProducerConsumer: return stmt(s.as<ProducerConsumer>()->body);
    case NodeKind::Atomic: return atomic(*s.as<Atomic>());
    case NodeKind::For: return loop(*s.as<For>());
    case NodeKind::Store: return store(*s.as<Store>());
    case NodeKind::Allocate: return allocate(*s.as<Allocate>());
    case NodeKind::Block:
        for (const Stmt &part : s.as<heddle::Internal::Block>()->stmts) stmt(part);
        return;
    case NodeKind::If: return branch(*s.as<If>());
    case NodeKind::Fork:
    case NodeKind::Acquire: return run_tasks(s);
    case NodeKind::Evaluate: expr(s.as<Evaluate>()->value); return;
    case NodeKind::View: return view(*s.as<View>());
    case NodeKind::Write:
    case NodeKind::Realize:
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc) case NodeKind::Name:
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc)
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
        HEDDLE_ASSERT(false, to_string(n->kind), " is no statement of level flat");
    }
}

void FunctionCodegen::let(const LetStmt &l) {
    ScopedBinding<Binding> binding(scope_, l.symbol, let_binding(l.symbol, l.value));
    stmt(l.body);
}

void FunctionCodegen::branch(const If &i) {
    Value *condition = expr(i.condition);
    Block *then = new_block("then"), *after = new_block("after_if");
    Block *other = i.else_case.defined() ? new_block("else") : after;
    b_.CreateCondBr(condition, then, other);
    b_.SetInsertPoint(then);
    stmt(i.then_case);
    b_.CreateBr(after);
    if (i.else_case.defined()) {
        b_.SetInsertPoint(other);
        stmt(i.else_case);
        b_.CreateBr(after);
    }
    b_.SetInsertPoint(after);
}

void FunctionCodegen::loop(const For &f) {
    if (f.for_type == ForType::Parallel) return parallel_loop(f);
    if (is_gpu(f.for_type)) no_device_code(f);
    HEDDLE_ASSERT(f.for_type == ForType::Serial, "a ", to_string(f.for_type), " loop reached code generation: ", f.loop.name());
    Value *min = index(f.min);
    int64_t extent = 0;
    bool constant = as_const_int(f.extent, &extent);
    if (constant && extent <= 0) return;
    if (constant && extent == 1) {
        ScopedBinding<Binding> binding(scope_, f.loop, {min, f.min.type(), nullptr, 0});
        return stmt(f.body);
    }
    Value *end = b_.CreateNSWAdd(min, index(f.extent));
    Block *before = b_.GetInsertBlock(), *body = new_block("loop"), *after = new_block("after_loop");
    if (constant) {
        b_.CreateBr(body);
    } else {
        b_.CreateCondBr(b_.CreateICmpSLT(min, end), body, after);
    }
    b_.SetInsertPoint(body);
    llvm::PHINode *i = b_.CreatePHI(min->getType(), 2, f.loop.name());
    i->addIncoming(min, before);
    {
        ScopedBinding<Binding> binding(scope_, f.loop, {i, f.min.type(), nullptr, 0});
        stmt(f.body);
    }
    Value *next = b_.CreateNSWAdd(i, llvm::ConstantInt::get(i->getType(), 1));
    i->addIncoming(next, b_.GetInsertBlock());
    b_.CreateCondBr(b_.CreateICmpSLT(next, end), body, after);
    b_.SetInsertPoint(after);
}

// --- ways out

FunctionCodegen::Block *FunctionCodegen::cleanup_block(size_t depth) {
    if (exits_.size() <= depth) exits_.resize(depth + 1);
    if (exits_[depth].block) return exits_[depth].block;
    Block *block = new_block("exit");
    llvm::IRBuilder<>::InsertPointGuard guard(b_);
    b_.SetInsertPoint(block);
    llvm::PHINode *code = b_.CreatePHI(m_.i32, 2, "code");
    exits_[depth] = {block, code};
    if (depth == 0) {
        b_.CreateRet(code);
        return block;
    }
    runtime_call(heap_[depth - 1].release, m_.void_type, {user_context_, heap_[depth - 1].pointer});
    Block *next = cleanup_block(depth - 1);
    b_.CreateBr(next);
    exits_[depth - 1].code->addIncoming(code, block);
    return block;
}

void FunctionCodegen::fail(Value *code) {
    Block *exit = cleanup_block(heap_.size());
    exits_[heap_.size()].code->addIncoming(code, b_.GetInsertBlock());
    b_.CreateBr(exit);
}

template<typename Code>
void FunctionCodegen::check(Value *ok, const Code &code) {
    Block *bad = new_block("failed"), *good = new_block("ok");
    b_.CreateCondBr(ok, good, bad, llvm::MDBuilder(m_.context).createBranchWeights(1u << 20, 1));
    b_.SetInsertPoint(bad);
    fail(code());
    b_.SetInsertPoint(good);
}

void FunctionCodegen::assertion(const Assert &a) {
    check(expr(a.condition), [&] { return expr(a.message); });
}

llvm::Value *FunctionCodegen::require(const Call &c) {
    // With vectors, all lanes must hold.
    Value *condition = expr(c.args[0]);
    if (condition->getType()->isVectorTy()) condition = b_.CreateAndReduce(condition);
    check(condition, [&] { return expr(c.args[2]); });
    return expr(c.args[1]);
}

llvm::AllocaInst *FunctionCodegen::stack_slot(llvm::Type *type, uint64_t count, uint64_t alignment, const std::string &name) {
    llvm::IRBuilder<>::InsertPointGuard guard(b_);
    llvm::BasicBlock &entry = fn_->getEntryBlock();
    b_.SetInsertPoint(&entry, entry.begin());
    llvm::Value *n = count == 1 ? nullptr : b_.getInt64(count);
    llvm::AllocaInst *slot = b_.CreateAlloca(type, n, name);
    if (alignment) slot->setAlignment(llvm::Align(alignment));
    return slot;
}

// --- allocations

namespace {

// What Auto puts on the stack, and what is kept there for an allocation of unknown size that asks for it.
constexpr int64_t small = 16 * 1024;
// The most that a stack is asked for at all.
constexpr int64_t largest_on_stack = 1 << 20;

}  // namespace

void FunctionCodegen::allocate(const Allocate &a) {
    int64_t elements = 1;
    bool constant = true;
    for (const Expr &e : a.extents) {
        int64_t extent = 0;
        constant = constant && as_const_int(e, &extent) && !__builtin_mul_overflow(elements, std::max(extent, int64_t{0}), &elements);
    }
    int64_t bytes = 0;
    bool fits = constant && !__builtin_mul_overflow(elements, int64_t{a.type.bytes()} * a.type.lanes(), &bytes);
    bool wants_stack = a.memory == MemoryType::Stack || a.memory == MemoryType::Register;
    llvm::MDNode *scope = llvm::MDBuilder(m_.context).createAnonymousAliasScope(m_.alias_domain, a.buffer.name());
    m_.live_scopes.push_back(scope);
    if (fits && ((wants_stack && bytes <= largest_on_stack) || (a.memory == MemoryType::Auto && bytes <= small))) {
        allocate_on_stack(a, std::max(elements * a.type.lanes(), int64_t{1}), scope);
    } else {
        allocate_on_heap(a, scope);
    }
    m_.live_scopes.pop_back();
}

void FunctionCodegen::allocate_on_stack(const Allocate &a, int64_t elements, llvm::MDNode *scope) {
    constexpr uint64_t alignment = 64;
    auto *type = llvm::ArrayType::get(m_.memory_type(a.type.element_of()), static_cast<uint64_t>(elements));
    llvm::AllocaInst *slot = stack_slot(type, 1, alignment, a.buffer.name());
    b_.CreateLifetimeStart(slot);
    {
        ScopedBinding<Binding> binding(scope_, a.buffer, {slot, Handle(), scope, alignment});
        stmt(a.body);
    }
    b_.CreateLifetimeEnd(slot);
}

llvm::Value *FunctionCodegen::allocation_bytes(const Allocate &a) {
    // Counted in 64 bits. The product of the extents must not overflow, nor the whole exceed the largest
    // buffer of the target.
    Value *total = b_.getInt64(static_cast<uint64_t>(a.type.bytes()) * static_cast<uint64_t>(a.type.lanes()));
    Value *overflow = b_.getFalse();
    for (const Expr &e : a.extents) {
        Value *extent = b_.CreateSExt(index(e), m_.i64);
        extent = intrinsic(llvm::Intrinsic::smax, m_.i64, {extent, b_.getInt64(0)});
        Value *product = intrinsic(llvm::Intrinsic::umul_with_overflow, m_.i64, {total, extent});
        total = b_.CreateExtractValue(product, 0);
        overflow = b_.CreateOr(overflow, b_.CreateExtractValue(product, 1));
    }
    uint64_t largest = static_cast<uint64_t>(m_.target.maximum_buffer_size());
    Value *ok = b_.CreateAnd(b_.CreateNot(overflow), b_.CreateICmpULE(total, b_.getInt64(largest)));
    check(ok, [&] {
        return runtime_call("halide_error_buffer_allocation_too_large", m_.i32,
                            {user_context_, m_.string_constant(a.buffer.name()), total, b_.getInt64(largest)});
    });
    return b_.CreateZExtOrTrunc(intrinsic(llvm::Intrinsic::umax, m_.i64, {total, b_.getInt64(1)}), m_.size_type);
}

void FunctionCodegen::allocate_on_heap(const Allocate &a, llvm::MDNode *scope) {
    // What any malloc of a C library keeps.
    constexpr uint64_t alignment = 16;
    auto reserve = [&](Value *bytes) -> Value * {
        Value *p = runtime_call("halide_malloc", m_.ptr, {user_context_, bytes});
        llvm::cast<llvm::CallInst>(p)->addRetAttr(llvm::Attribute::NoAlias);
        check(b_.CreateIsNotNull(p), [&] { return runtime_call("halide_error_out_of_memory", m_.i32, {user_context_}); });
        return p;
    };
    // `owned` is what is freed: null where nothing was reserved.
    llvm::Value *pointer = nullptr, *owned = nullptr;
    auto reserve_if = [&](Value *condition, Value *bytes, Value *otherwise) {
        Block *from = b_.GetInsertBlock(), *then = new_block("allocate"), *after = new_block("allocated");
        b_.CreateCondBr(condition, then, after);
        b_.SetInsertPoint(then);
        Value *p = reserve(bytes ? bytes : allocation_bytes(a));
        then = b_.GetInsertBlock();
        b_.CreateBr(after);
        b_.SetInsertPoint(after);
        auto either = [&](Value *none) {
            llvm::PHINode *phi = b_.CreatePHI(m_.ptr, 2);
            phi->addIncoming(p, then);
            phi->addIncoming(none, from);
            return phi;
        };
        Value *null = llvm::ConstantPointerNull::get(m_.ptr);
        owned = either(null);
        pointer = otherwise ? either(otherwise) : owned;
    };
    llvm::AllocaInst *slot = nullptr;
    if (!is_const_true(a.condition)) {
        reserve_if(expr(a.condition), nullptr, nullptr);
    } else if (a.memory == MemoryType::Stack) {  // of a size that is known only now
        Value *bytes = allocation_bytes(a);
        slot = stack_slot(llvm::ArrayType::get(b_.getInt8Ty(), small), 1, 64, a.buffer.name());
        b_.CreateLifetimeStart(slot);
        reserve_if(b_.CreateICmpUGT(bytes, llvm::ConstantInt::get(bytes->getType(), small)), bytes, slot);
    } else {
        pointer = owned = reserve(allocation_bytes(a));
    }
    with_memory({owned, "halide_free"}, [&] {
        ScopedBinding<Binding> binding(scope_, a.buffer, {pointer, Handle(), scope, alignment});
        stmt(a.body);
    });
    if (slot) b_.CreateLifetimeEnd(slot);
}

template<typename Body>
void FunctionCodegen::with_memory(const Held &held, const Body &body) {
    heap_.push_back(held);
    body();
    heap_.pop_back();
    if (exits_.size() > heap_.size() + 1) exits_.resize(heap_.size() + 1);
    runtime_call(held.release, m_.void_type, {user_context_, held.pointer});
}

void FunctionCodegen::view(const View &v) {
    with_memory({lookup(v.buffer).value, v.release}, [&] { stmt(v.body); });
}

llvm::Value *FunctionCodegen::runtime_call(const std::string &name, llvm::Type *result, std::vector<Value *> args) {
    std::vector<llvm::Type *> types;
    for (Value *v : args) types.push_back(v->getType());
    return b_.CreateCall(m_.declare(name, result, types), args);
}

}  // namespace heddle::Internal
