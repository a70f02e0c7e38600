// Parallel loops and tasks: the body becomes a function, int (void *user_context, int i, uint8_t *closure) for
// halide_do_par_for, int (void *user_context, int min, int extent, uint8_t *closure, void *task_parent) for
// halide_do_parallel_tasks; what the body uses from outside travels in the closure.

#include "codegen/llvm/function_codegen.h"
#include "ir/substitute.h"
#include "ir/tasks.h"

namespace heddle::Internal {

FunctionCodegen::Closure FunctionCodegen::close_over(const Stmt &body, const Symbol &loop) {
    Closure c;
    std::vector<llvm::Type *> types;
    for (const auto &[symbol, type] : free_symbols(body)) {
        static_cast<void>(type);
        if ((loop.defined() && symbol == loop) || !scope_.contains(symbol)) continue;
        c.captured.push_back(symbol);
        types.push_back(lookup(symbol).value->getType());
    }
    c.type = llvm::StructType::get(m_.context, types);
    c.pointer = stack_slot(c.type, 1, 0, "closure");
    b_.CreateLifetimeStart(c.pointer);
    for (size_t i = 0; i < c.captured.size(); i++) {
        b_.CreateStore(lookup(c.captured[i]).value, b_.CreateStructGEP(c.type, c.pointer, static_cast<unsigned>(i)));
    }
    return c;
}

void FunctionCodegen::open_closure(const Closure &c, FunctionCodegen &inner, Value *argument) {
    for (size_t i = 0; i < c.captured.size(); i++) {
        Binding b = lookup(c.captured[i]);
        const auto field = static_cast<unsigned>(i);
        Value *place = inner.b_.CreateStructGEP(c.type, argument, field);
        b.value = inner.b_.CreateLoad(c.type->getElementType(field), place, c.captured[i].name());
        b.wide = nullptr;
        b.definition = {};
        inner.bind(c.captured[i], b);
    }
}

// Goes on when the runtime says that all tasks succeeded.
void FunctionCodegen::check_tasks(Value *code) {
    Value *ok = b_.CreateIsNull(code);
    Block *bad = new_block("task_failed"), *good = new_block("tasks_done");
    b_.CreateCondBr(ok, good, bad, llvm::MDBuilder(m_.context).createBranchWeights(1u << 20, 1));
    b_.SetInsertPoint(bad);
    fail(code);
    b_.SetInsertPoint(good);
}

void FunctionCodegen::parallel_loop(const For &f) {
    if (f.min.type().bits() > 32) return stmt(counted_in_int32(f));
    Value *min = index(f.min), *extent = index(f.extent);
    const Closure closure = close_over(f.body, f.loop);
    auto *task_type = llvm::FunctionType::get(m_.i32, {m_.ptr, m_.i32, m_.ptr}, false);
    llvm::Function *task = m_.make_function(task_type, fn_->getName().str() + "_par_for_" + f.loop.name(), false);
    {
        FunctionCodegen inner(m_, task, task->getArg(0));
        open_closure(closure, inner, task->getArg(2));
        Value *i = inner.b_.CreateSExt(task->getArg(1), min->getType());
        inner.bind(f.loop, {i, f.min.type(), nullptr, 0});
        inner.body(f.body);
    }
    auto to_int32 = [&](Value *v) { return b_.CreateSExtOrTrunc(v, m_.i32); };
    Value *code = runtime_call("halide_do_par_for", m_.i32,
                               {user_context_, task, to_int32(min), to_int32(extent), closure.pointer});
    b_.CreateLifetimeEnd(closure.pointer);
    check_tasks(code);
}

// The function of a task, which runs its body for the iterations that it is given.
llvm::Function *FunctionCodegen::task_function(const RuntimeTask &t, const Closure &closure) {
    auto *type = llvm::FunctionType::get(m_.i32, {m_.ptr, m_.i32, m_.i32, m_.ptr, m_.ptr}, false);
    llvm::Function *function = m_.make_function(type, fn_->getName().str() + "_task", false);
    FunctionCodegen inner(m_, function, function->getArg(0));
    inner.task_parent_ = function->getArg(4);
    open_closure(closure, inner, function->getArg(3));
    Stmt body = t.body;
    if (t.loop.defined()) {
        const Symbol min = Symbol::fresh(t.loop.name() + ".min"), extent = Symbol::fresh(t.loop.name() + ".extent");
        inner.bind(min, {function->getArg(1), Int(32)});
        inner.bind(extent, {function->getArg(2), Int(32)});
        body = For::make(t.loop, Variable::make(Int(32), min), Variable::make(Int(32), extent), ForType::Serial,
                         Partition::Auto, body);
    }
    inner.body(body);
    return function;
}

void FunctionCodegen::run_tasks(const Stmt &s) {
    const std::vector<RuntimeTask> tasks = runtime_tasks(s);
    // halide_semaphore_acquire_t and halide_parallel_task_t.
    auto *need_type = llvm::StructType::get(m_.context, {m_.ptr, m_.i32});
    auto *task_type = llvm::StructType::get(
        m_.context, {m_.ptr, m_.ptr, m_.ptr, m_.ptr, m_.i32, m_.i32, m_.i32, m_.i32, m_.i8});
    Value *array = stack_slot(task_type, tasks.size(), 0, "tasks");
    auto number = [&](size_t n) { return b_.getInt32(static_cast<uint32_t>(n)); };
    for (size_t i = 0; i < tasks.size(); i++) {
        const RuntimeTask &t = tasks[i];
        for (const auto &[symbol, value] : t.lets) scope_.push(symbol, let_binding(symbol, value));
        Value *needs = llvm::ConstantPointerNull::get(m_.ptr);
        if (!t.semaphores.empty()) needs = stack_slot(need_type, t.semaphores.size(), 0, "semaphores");
        for (size_t k = 0; k < t.semaphores.size(); k++) {
            Value *need = b_.CreateConstInBoundsGEP1_32(need_type, needs, static_cast<unsigned>(k));
            b_.CreateStore(expr(t.semaphores[k].semaphore), b_.CreateStructGEP(need_type, need, 0));
            b_.CreateStore(expr(t.semaphores[k].count), b_.CreateStructGEP(need_type, need, 1));
        }
        const Closure closure = close_over(t.body, t.loop);
        Value *fields[] = {task_function(t, closure), closure.pointer, m_.string_constant(t.loop.defined() ? t.loop.name() : "task"),
                           needs, number(t.semaphores.size()), expr(t.min), expr(t.extent),
                           number(static_cast<size_t>(t.min_threads)), b_.getInt8(t.serial)};
        Value *task = b_.CreateConstInBoundsGEP1_32(task_type, array, static_cast<unsigned>(i));
        for (unsigned k = 0; k < std::size(fields); k++) {
            b_.CreateStore(fields[k], b_.CreateStructGEP(task_type, task, k));
        }
        for (const auto &let : t.lets) scope_.pop(let.first);
    }
    Value *parent = task_parent_ ? task_parent_ : llvm::ConstantPointerNull::get(m_.ptr);
    check_tasks(runtime_call("halide_do_parallel_tasks", m_.i32, {user_context_, number(tasks.size()), array, parent}));
}

llvm::Value *FunctionCodegen::semaphore_call(const Call &c) {
    if (c.op == CallOp::release_semaphore) {
        Value *semaphore = expr(c.args[0]);
        return runtime_call("halide_semaphore_release", m_.i32, {semaphore, expr(c.args[1])});
    }
    // A halide_semaphore_t is two words.
    Value *semaphore = stack_slot(llvm::ArrayType::get(m_.i64, 2), 1, 8, "semaphore");
    runtime_call("halide_semaphore_init", m_.i32, {semaphore, expr(c.args[0])});
    return semaphore;
}

}  // namespace heddle::Internal
