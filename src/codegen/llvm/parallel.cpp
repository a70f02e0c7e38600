// Parallel loops: the body becomes a function int (void *user_context, int i, uint8_t *closure), which the
// runtime's halide_do_par_for calls for each i; what the body uses from outside travels in the closure.

#include "codegen/llvm/function_codegen.h"
#include "ir/substitute.h"

namespace heddle::Internal {

void FunctionCodegen::parallel_loop(const For &f) {
    Value *min = index(f.min), *extent = index(f.extent);

    std::vector<Symbol> captured;
    std::vector<llvm::Type *> types;
    for (const auto &[symbol, type] : free_symbols(f.body)) {
        static_cast<void>(type);
        if (symbol == f.loop || !scope_.contains(symbol)) continue;
        captured.push_back(symbol);
        types.push_back(lookup(symbol).value->getType());
    }
    auto *closure_type = llvm::StructType::get(m_.context, types);
    Value *closure = stack_slot(closure_type, 1, 0, "closure");
    b_.CreateLifetimeStart(closure);
    for (size_t i = 0; i < captured.size(); i++) {
        b_.CreateStore(lookup(captured[i]).value, b_.CreateStructGEP(closure_type, closure, static_cast<unsigned>(i)));
    }

    auto *task_type = llvm::FunctionType::get(m_.i32, {m_.ptr, m_.i32, m_.ptr}, false);
    llvm::Function *task = m_.make_function(task_type, fn_->getName().str() + "_par_for_" + f.loop.name(), false);
    {
        FunctionCodegen inner(m_, task, task->getArg(0));
        for (size_t i = 0; i < captured.size(); i++) {
            Binding b = lookup(captured[i]);
            Value *field = inner.b_.CreateStructGEP(closure_type, task->getArg(2), static_cast<unsigned>(i));
            b.value = inner.b_.CreateLoad(types[i], field, captured[i].name());
            b.wide = nullptr;
            b.definition = {};
            inner.bind(captured[i], b);
        }
        Value *i = inner.b_.CreateSExt(task->getArg(1), min->getType());
        inner.bind(f.loop, {i, f.min.type(), nullptr, 0});
        inner.body(f.body);
    }
    auto to_int32 = [&](Value *v) { return b_.CreateSExtOrTrunc(v, m_.i32); };
    Value *code = runtime_call("halide_do_par_for", m_.i32, {user_context_, task, to_int32(min), to_int32(extent), closure});
    b_.CreateLifetimeEnd(closure);
    Value *ok = b_.CreateIsNull(code);
    Block *bad = new_block("task_failed"), *good = new_block("tasks_done");
    b_.CreateCondBr(ok, good, bad, llvm::MDBuilder(m_.context).createBranchWeights(1u << 20, 1));
    b_.SetInsertPoint(bad);
    fail(code);
    b_.SetInsertPoint(good);
}

}  // namespace heddle::Internal
