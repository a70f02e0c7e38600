#pragma once
// The interpreter at work: what symbols stand for, the shapes of buffers, the memory, and what each node does with them.
// Its parts are evaluate.cpp (expressions), access.cpp (elements of buffers), calls.cpp and statements.cpp.

#include <memory>
#include <string>
#include <vector>

#include "interpret/extern_call.h"
#include "interpret/interpreter.h"
#include "interpret/memory.h"
#include "interpret/tasks.h"
#include "interpret/value.h"
#include "ir/operations.h"
#include "ir/print.h"
#include "ir/scope.h"

namespace heddle::Internal {

/** Thrown to leave the kernel early. */
struct Return {
    int code;
};

/** A buffer as Realize or View describes it. */
struct Shaped {
    std::vector<Region *> regions;  ///< one per value
    Types types;
    std::vector<int64_t> mins, extents, strides;
};

/** What the tasks of a run have in common; one of them runs at a time. */
struct Shared {
    explicit Shared(const InterpretOptions &options)
        : random(options.seed * 2 + 1), tasks(options.parallel_order, options.seed) {
    }
    Memory memory;
    uint64_t random, steps = 0;
    Tasks tasks;
};

class Interpreter {
public:
    explicit Interpreter(const InterpretOptions &options)
        : options_(options), shared_(std::make_shared<Shared>(options)) {
    }
    void bind(const Symbol &s, const ArgValue &arg) {
        if (arg.buffer) shared_->memory.add_external(s.name(), *arg.buffer, !arg.is_output);
        variables_.push(s, Value(arg.type, arg.bits));
    }
    int run(const Stmt &body);
    Value evaluate(const Expr &e);

private:
    static uint64_t address(const void *p) {
        return reinterpret_cast<uint64_t>(p);
    }

    // --- values that decide something

    static const Lane &decided(const Lane &lane, const Expr &e, const char *role);
    int64_t integer(const Expr &e, const char *role);
    bool condition(const Expr &e) {
        return integer(e, "a condition") != 0;
    }
    // v that e had, where it decides which lanes act.
    static bool holds(const Value &v, int lane, const Expr &e) {
        return decided(v[lane], e, "a predicate").bits != 0;
    }

    // --- operators

    static LaneState joined(const Lane &a, const Lane &b) {
        return a.defined() && b.defined() ? LaneState::Defined : LaneState::Poison;
    }
    template<typename N>
    Value binary(const N &n);
    // a && b (absorbing 0) or a || b (absorbing 1): one operand that absorbs decides, whatever the other is.
    Value logical(const Expr &ea, const Expr &eb, uint64_t absorbing);
    Value logical_not(const Not &n);
    Value select(const Select &n);
    Value cast(const Cast &n);
    // The bits of all lanes one after another, lane 0 lowest, cut anew.
    Value reinterpret(const Reinterpret &n);
    Value variable(const Variable &n);

    // --- vectors

    Value ramp(const Ramp &n);
    Value broadcast(const Broadcast &n);
    Value shuffle(const Shuffle &n);
    Value reduce(const VectorReduce &n);
    static uint64_t reduce_lane(ReduceOp op, uint64_t a, uint64_t b, Type t);

    // --- memory

    Region &region_of(const Symbol &buffer);
    static void check_alignment(const Symbol &buffer, int64_t index, const Alignment &a);
    Value load(const Load &n);
    void store(const Store &n);
    const Shaped &shape_of(const Symbol &buffer);
    int64_t offset_of(const Symbol &buffer, const Shaped &shaped, const ExprList &args);
    Value access(const Access &n);
    void write(const Write &n);

    // --- calls

    Value call(const Call &n);
    static Value without_value(Type t, LaneState state);
    [[noreturn]] void leave(const Expr &message);
    Value lane_call(const Call &n, const std::vector<Value> &args);
    Value promised(const Call &n);
    Value address_of(const Call &n);
    // The address of the element at the access, which need not exist when the region is empty. Where storage is hoisted,
    // places in it are not counted as the coordinates of the region are.
    Value buffer_of(const Call &n);
    Value trace(const Call &n, const std::vector<Value> &args);
    Value host_call(const Call &n, const std::vector<Value> &args);
    void *function_named(const std::string &name) const;
    void call_named(const std::string &name, const std::vector<ExternArgument> &arguments) const;
    Value extern_call(const Call &n, const std::vector<Value> &args);
    const char *stringify(const Call &n, const std::vector<Value> &args);
    static bool is_text(const Expr &e);
    // As a C compiler lays out a struct of these members.
    void *make_struct(const std::vector<Value> &args);
    // args[first...]: type, dimensions, then min, extent and stride of each.
    static void set_bounds(halide_buffer_t &b, const std::vector<Value> &args, size_t first);
    halide_buffer_t *create_buffer(const std::vector<Value> &args);

    // --- statements

    void execute(const Stmt &s);
    void loop(const For &n);
    // Each task sees the symbols bound so far; what it binds itself is its own.
    void fork(const Fork &n);
    static int64_t &semaphore(const Value &v);
    void acquire(const Acquire &n);
    void realize(const Realize &n);
    void view(const View &n);
    // Memory that a C function gave and another one takes back.
    void held(const View &n);
    void allocate(const Allocate &n);

    RunCounts::OfBuffer *counted_ = nullptr;  // while a definition is evaluated whose work is counted
    int in_index_ = 0;
    const InterpretOptions &options_;
    Scope<Value> variables_;
    Scope<Shaped> shapes_;
    std::shared_ptr<Shared> shared_;
};

}  // namespace heddle::Internal
