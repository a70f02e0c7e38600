#pragma once
// Turns statements and expressions of level flat into the instructions of one LLVM function. One object
// per LLVM function: the bodies of parallel loops become functions, and objects, of their own.
//
// The parts: expr.cpp (dispatch, arithmetic, conversions), float16.cpp, divide.cpp, memory.cpp (loads and
// stores), vectors.cpp (ramps, shuffles, reductions), calls.cpp (intrinsics), math.cpp, buffers.cpp
// (halide_buffer_t, text, structs), stmts.cpp, parallel.cpp.

#include <optional>

#include "codegen/llvm/module_state.h"
#include "ir/scope.h"

namespace heddle::Internal {

/** What a symbol stands for. */
struct Binding {
    llvm::Value *value = nullptr;
    Type type;
    /** Of an internal allocation: its alias scope, and the alignment of its first byte. */
    llvm::MDNode *alias_scope = nullptr;
    uint64_t alignment = 0;
    /** Of a let that is part of addresses: its value in 64 bits. */
    llvm::Value *wide = nullptr;
    /** Of a let of a vector: what it was bound to, in which patterns of indices are looked for. */
    Expr definition = {};
};

struct RuntimeTask;  // ir/tasks.h

class FunctionCodegen {
public:
    FunctionCodegen(ModuleState &state, llvm::Function *function, llvm::Value *user_context);

    void bind(const Symbol &s, Binding b) {
        scope_.push(s, b);
    }
    /** Emits s, then `return 0`, and all exits. */
    void body(const Stmt &s);

private:
    using Value = llvm::Value;
    using Block = llvm::BasicBlock;

    // --- expressions
    Value *expr(const Expr &e);
    /** expr(e) as (part of) an address: integer sums and products in it do not overflow. */
    Value *index(const Expr &e);
    /** The same in as many bits as a pointer has. */
    Value *wide_index(const Expr &e);
    /** What a let binds its symbol to. */
    Binding let_binding(const Symbol &s, const Expr &value);
    Value *binary(const Expr &e, const Expr &a, const Expr &b);
    Value *arithmetic(NodeKind op, Type t, Value *a, Value *b);
    Value *compare(NodeKind op, Type t, Value *a, Value *b);
    Value *min_max(bool want_max, Type t, Value *a, Value *b);
    Value *select(const Select &s);
    Value *constant_vector(Type t, const std::vector<int64_t> &values);
    Value *int_constant(Type t, int64_t value);
    Value *float_constant(Type t, double value);
    Value *splat(Value *v, int lanes);
    const Binding &lookup(const Symbol &s);

    // --- conversions
    Value *convert(Type from, Type to, Value *v);
    Value *float_to_float(Type from, Type to, Value *v);
    Value *reinterpret(Type from, Type to, Value *v);
    /** 16-bit floats to float32, and back with rounding; other floats are left alone. */
    Value *to_float32(Type t, Value *v);
    Value *from_float32(Type t, Value *v);
    Value *double_to_odd_float32(Value *v, int lanes);
    static bool is_small_float(Type t) {
        return t.is_float() && t.bits() == 16;
    }

    // --- division
    struct QuotientRemainder {
        Value *quotient, *remainder;
    };
    QuotientRemainder divide(Type t, Value *a, Value *b);
    QuotientRemainder divide_by_constant(Type t, Value *a, int64_t b);
    /** C's a / b; what b = 0 gives is unspecified, but it never traps. */
    Value *truncating_quotient(Type t, Value *a, Value *b);
    Value *div_mod(bool want_mod, Type t, const Expr &a, const Expr &b);

    // --- memory
    // Masks are null where all lanes are wanted. `aligned` is what is known of the first lane's index.
    Value *load(const Load &l);
    Value *load_lanes(const Binding &b, Type t, const Expr &idx, Value *mask, Alignment aligned);
    Value *load_dense(const Binding &b, Type t, Value *address, Value *mask, llvm::Align align);
    Value *load_strided(const Binding &b, Type t, const Expr &base, int stride);
    Value *gather(const Binding &b, Type t, Value *idx, Value *mask);
    void store(const Store &s);
    void store_lanes(const Binding &b, Type t, const Expr &idx, Value *value, Value *mask, Alignment aligned);
    void store_dense(const Binding &b, Type t, Value *address, Value *value, Value *mask, llvm::Align align);
    void scatter(const Binding &b, Type t, Value *idx, Value *value, Value *mask);
    /** The parts of a ramp over vectors (or, when it is one over scalars, its lanes); fn(index, lane). */
    template<typename Fn>
    void for_each_part(const Ramp &r, const Fn &fn);
    Value *element_address(const Binding &b, Type element, const Expr &idx, int64_t offset = 0);
    Value *mask_of(const Expr &predicate);
    /** A vector index as a Ramp or Broadcast where it is one behind lets, sums and multiples; else itself. */
    Expr index_pattern(const Expr &idx);
    llvm::Align alignment_of(const Binding &b, Type element, Alignment aligned);
    Value *from_memory(Type t, Value *v);
    Value *to_memory(Type t, Value *v);
    template<typename I>
    I *tag(I *instruction, const Binding &b);
    template<typename I>
    I *streamed(I *instruction, bool wanted, Type t, llvm::Align align);
    bool nontemporal_store_ = false, nontemporal_load_ = false;  // of the access that is being emitted

    // --- vectors
    Value *ramp(const Ramp &r);
    Value *broadcast(const Broadcast &b);
    Value *shuffle(const Shuffle &s);
    Value *vector_reduce(const VectorReduce &r);
    Value *reduce_pair(ReduceOp op, Type t, Value *a, Value *b);
    Value *concatenate(std::vector<Value *> parts);
    Value *pick(Value *v, int first, int count, int stride = 1);
    Value *lane(Value *v, int i);
    int lanes_of(Value *v);
    /** fn(lane values...) for each lane, joined to a vector of type t. */
    template<typename Fn>
    Value *per_lane(Type t, const std::vector<Value *> &args, const Fn &fn);

    // --- calls
    Value *call(const Call &c);
    Value *extern_call(const Call &c);
    Value *bit_call(const Call &c);
    Value *integer_call(const Call &c);
    Value *widening_call(const Call &c);
    Value *shift(bool left, Type t, const Expr &a, const Expr &b);
    Value *shift_values(bool left, Type t, Value *a, Value *b, Type amount_type);
    Value *rounding_shift_right(Type t, Value *a, Value *b, Type amount_type);
    Value *saturating_convert(Type from, Type to, Value *v);
    Value *float_call(const Call &c);
    Value *libm_call(const std::string &name, const std::vector<Value *> &args);
    Value *control_call(const Call &c);
    Value *if_then_else(const Call &c);
    Value *require(const Call &c);
    Value *text_call(const Call &c);
    Value *stringify(const Call &c);
    Value *make_struct(const Call &c);
    Value *buffer_call(const Call &c);
    Value *buffer_field(Value *buffer, unsigned field, llvm::Type *type);
    Value *dimension_address(Value *buffer, Value *d);
    void fill_buffer(Value *buffer, const Call &c, size_t first);
    Value *trace(const Call &c);
    Value *prefetch(const Call &c);
    Value *address_of(const Expr &load);
    Value *intrinsic(llvm::Intrinsic::ID id, llvm::Type *type, std::vector<Value *> args);
    Value *runtime_call(const std::string &name, llvm::Type *result, std::vector<Value *> args);

    // --- statements
    void stmt(const Stmt &s);
    void let(const LetStmt &l);
    void assertion(const Assert &a);
    void branch(const If &i);
    void loop(const For &f);
    void atomic(const Atomic &a);
    void parallel_loop(const For &f);
    /** What a body uses from outside, in a struct on the stack; and the same seen from inside its function. */
    struct Closure {
        std::vector<Symbol> captured;
        llvm::StructType *type = nullptr;
        Value *pointer = nullptr;
    };
    Closure close_over(const Stmt &body, const Symbol &loop);
    void open_closure(const Closure &c, FunctionCodegen &inner, Value *argument);
    void check_tasks(Value *code);
    void run_tasks(const Stmt &fork_or_acquire);
    llvm::Function *task_function(const RuntimeTask &t, const Closure &closure);
    Value *semaphore_call(const Call &c);
    void allocate(const Allocate &a);
    void view(const View &v);
    void allocate_on_stack(const Allocate &a, int64_t elements, llvm::MDNode *scope);
    void allocate_on_heap(const Allocate &a, llvm::MDNode *scope);
    Value *allocation_bytes(const Allocate &a);

    // --- control flow
    Block *new_block(const char *name) {
        return Block::Create(m_.context, name, fn_);
    }
    /** Leaves the function with `code` from here, freeing what is allocated. The builder then stands
        nowhere. */
    void fail(Value *code);
    /** Goes on in a new block when `ok`, else fails with the int32 that `code` makes. */
    template<typename Code>
    void check(Value *ok, const Code &code);
    Block *cleanup_block(size_t depth);
    llvm::AllocaInst *stack_slot(llvm::Type *type, uint64_t count, uint64_t alignment, const std::string &name);

    /** Whether floating-point operations may be contracted here. */
    void set_strict(bool strict);

    ModuleState &m_;
    llvm::Function *fn_;
    llvm::IRBuilder<> b_;
    Value *user_context_;
    Value *task_parent_ = nullptr;  ///< of a task: what it was given for tasks of its own
    Scope<Binding> scope_;
    bool in_index_ = false;
    bool strict_ = false;

    /** What must be freed on the way out, outermost first; and the blocks that do it, made on demand.
        exits_[d] frees allocation d - 1 and goes on to exits_[d - 1]; exits_[0] returns. */
    struct Held {
        Value *pointer;
        std::string release;  // the function that gives it back
    };
    template<typename Body>
    void with_memory(const Held &held, const Body &body);
    std::vector<Held> heap_;
    struct Exit {
        Block *block = nullptr;
        llvm::PHINode *code = nullptr;
    };
    std::vector<Exit> exits_;
};

}  // namespace heddle::Internal
