// Statements: loops, tasks, storage.

#include "interpret/interpreter_state.h"

#include <numeric>
#include <utility>

namespace heddle::Internal {

namespace {

/** Frees a region at the end of its statement, whichever way it is left. */
class Owned {
public:
    Owned(Memory &memory, Region &region) : memory_(memory), region_(&region) {
    }
    Owned(Owned &&o) noexcept : memory_(o.memory_), region_(std::exchange(o.region_, nullptr)) {
    }
    ~Owned() {
        if (region_) memory_.free(*region_);
    }
    Region &operator*() const {
        return *region_;
    }

private:
    Memory &memory_;
    Region *region_;
};

}  // namespace

// --- statements

void Interpreter::execute(const Stmt &s) {
    if (options_.step_limit && ++shared_->steps > options_.step_limit) {
        throw InternalError("the kernel runs longer than the limit");
    }
    switch (s.get()->kind) {
    case NodeKind::LetStmt: {
        const LetStmt &n = *s.as<LetStmt>();
        ScopedBinding<Value> binding(variables_, n.symbol, evaluate(n.value));
        return execute(n.body);
    }
    case NodeKind::Assert: {
        const Assert &n = *s.as<Assert>();
        if (!condition(n.condition)) leave(n.message);
        return;
    }
    case NodeKind::ProducerConsumer: return execute(s.as<ProducerConsumer>()->body);
    case NodeKind::Atomic: return execute(s.as<Atomic>()->body);  // iterations run one after the other
    case NodeKind::For: return loop(*s.as<For>());
    case NodeKind::Write: return write(*s.as<Write>());
    case NodeKind::Store: return store(*s.as<Store>());
    case NodeKind::Realize: return realize(*s.as<Realize>());
    case NodeKind::View: return s.as<View>()->release.empty() ? view(*s.as<View>()) : held(*s.as<View>());
    case NodeKind::Allocate: return allocate(*s.as<Allocate>());
    case NodeKind::Block:
        for (const Stmt &child : s.as<Block>()->stmts) execute(child);
        return;
    case NodeKind::If: {
        const If &n = *s.as<If>();
        if (condition(n.condition)) return execute(n.then_case);
        if (n.else_case.defined()) execute(n.else_case);
        return;
    }
    case NodeKind::Fork: return fork(*s.as<Fork>());
    case NodeKind::Acquire: return acquire(*s.as<Acquire>());
    case NodeKind::Evaluate: evaluate(s.as<Evaluate>()->value); return;
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc) case NodeKind::Name:
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc)
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
        break;
    }
    HEDDLE_ASSERT(false, "an expression where a statement is needed");
}

void Interpreter::loop(const For &n) {
    const int64_t min = integer(n.min, "a loop bound"), extent = integer(n.extent, "a loop bound");
    const Type t = n.min.type();
    const auto iterate = [&](int64_t i) {
        ScopedBinding<Value> binding(variables_, n.loop, Value(t, bits_of_int(i, t)));
        execute(n.body);
    };
    const bool any_order = is_unordered(n.for_type);
    if (!any_order || options_.parallel_order == InterpretOptions::Order::Forward) {
        for (int64_t i = 0; i < extent; i++) iterate(min + i);
    } else if (options_.parallel_order == InterpretOptions::Order::Reverse) {
        for (int64_t i = extent; i-- > 0;) iterate(min + i);
    } else {
        std::vector<int64_t> order(static_cast<size_t>(std::max<int64_t>(extent, 0)));
        std::iota(order.begin(), order.end(), min);
        for (size_t i = order.size(); i > 1; i--) {
            shared_->random = shared_->random * 6364136223846793005ull + 1442695040888963407ull;
            std::swap(order[i - 1], order[(shared_->random >> 33) % i]);
        }
        for (const int64_t i : order) iterate(i);
    }
}

void Interpreter::fork(const Fork &n) {
    std::vector<Interpreter> copies(n.tasks.size(), *this);
    std::vector<std::function<void()>> tasks;
    for (size_t i = 0; i < n.tasks.size(); i++) {
        tasks.push_back([&copies, &n, i] { copies[i].execute(n.tasks[i]); });
    }
    shared_->tasks.fork(tasks);
}

int64_t &Interpreter::semaphore(const Value &v) {
    return *reinterpret_cast<int64_t *>(v[0].bits);
}

void Interpreter::acquire(const Acquire &n) {
    int64_t &value = semaphore(evaluate(n.semaphore));
    const int64_t count = integer(n.count, "a count");
    shared_->tasks.wait_until([&] { return value >= count; });
    value -= count;
    execute(n.body);
}

void Interpreter::realize(const Realize &n) {
    Shaped shaped;
    shaped.types = n.types;
    for (const Range &r : n.bounds) {
        shaped.mins.push_back(integer(r.min, "a bound"));
        shaped.extents.push_back(std::max<int64_t>(integer(r.extent, "a bound"), 0));
    }
    shaped.strides.resize(shaped.extents.size());
    int64_t size = 1;
    for (const int d : n.order) {
        shaped.strides[static_cast<size_t>(d)] = size;
        size *= shaped.extents[static_cast<size_t>(d)];
    }
    if (!condition(n.condition)) {
        // Nothing is there: every access is out of bounds.
        size = 0;
        for (int64_t &e : shaped.extents) e = 0;
    }
    std::vector<Owned> owned;
    for (const Type &t : n.types) {
        owned.emplace_back(shared_->memory, shared_->memory.allocate(n.buffer.name(), t, size));
        shaped.regions.push_back(&*owned.back());
    }
    ScopedBinding<Shaped> shape(shapes_, n.buffer, shaped);
    ScopedBinding<Value> pointer(variables_, n.buffer, Value(heddle::Handle(), address(shaped.regions[0]->base())));
    execute(n.body);
}

void Interpreter::view(const View &n) {
    Shaped shaped;
    shaped.types = n.types;
    for (size_t d = 0; d < n.bounds.size(); d++) {
        shaped.mins.push_back(integer(n.bounds[d].min, "a bound"));
        shaped.extents.push_back(integer(n.bounds[d].extent, "a bound"));
        shaped.strides.push_back(integer(n.strides[d], "a stride"));
    }
    shaped.regions.push_back(&region_of(n.buffer));
    ScopedBinding<Shaped> shape(shapes_, n.buffer, shaped);
    execute(n.body);
}

void Interpreter::held(const View &n) {
    const uint64_t pointer = (*variables_.find(n.buffer))[0].bits;
    std::vector<halide_dimension_t> shape;
    for (size_t d = 0; d < n.bounds.size(); d++) {
        shape.emplace_back(static_cast<int32_t>(integer(n.bounds[d].min, "a bound")),
                           static_cast<int32_t>(integer(n.bounds[d].extent, "a bound")),
                           static_cast<int32_t>(integer(n.strides[d], "a stride")));
    }
    halide_buffer_t b{};
    b.host = reinterpret_cast<uint8_t *>(pointer);
    b.type = n.types[0];
    b.dimensions = static_cast<int32_t>(shape.size());
    b.dim = shape.data();
    const bool is_new = !shared_->memory.find(pointer);  // else it is held further out, too
    if (is_new) shared_->memory.add_external(n.buffer.name(), b, true);
    const auto give_back = [&] {
        if (is_new) shared_->memory.free(*shared_->memory.find(pointer));
        call_named(n.release, {{heddle::Handle(), address(options_.user_context)}, {heddle::Handle(), pointer}});
    };
    try {
        view(n);
    } catch (...) {
        give_back();
        throw;
    }
    give_back();
}

void Interpreter::allocate(const Allocate &n) {
    int64_t size = 1;
    for (const Expr &e : n.extents) size *= std::max<int64_t>(integer(e, "the size of an allocation"), 0);
    if (!condition(n.condition)) {
        ScopedBinding<Value> pointer(variables_, n.buffer, Value(heddle::Handle()));
        return execute(n.body);
    }
    const Owned owned(shared_->memory, shared_->memory.allocate(n.buffer.name(), n.type, size));
    ScopedBinding<Value> pointer(variables_, n.buffer, Value(heddle::Handle(), address((*owned).base())));
    execute(n.body);
}

}  // namespace heddle::Internal
