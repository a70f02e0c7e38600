// Making and destroying nodes. Each make() checks what nodes.def says of the operands' types; the
// language layer has already told the user in his own terms.

#include "ir/nodes.h"

#include <cmath>
#include <cstring>

#include "ir/float16.h"

namespace heddle::Internal {

void retain(const Node *n) {
    n->count.fetch_add(1, std::memory_order_relaxed);
}

// For programs that see the public headers only, which do not know that an ExprNode is a Node.
void retain(const ExprNode *n) {
    retain(static_cast<const Node *>(n));
}

void release(const ExprNode *n) {
    release(static_cast<const Node *>(n));
}

void release(const Node *n) {
    if (n->count.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    switch (n->kind) {
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc) \
    case NodeKind::Name:                             \
        delete static_cast<const Name *>(static_cast<const ExprNode *>(n)); \
        break;
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc) \
    case NodeKind::Name:                             \
        delete static_cast<const Name *>(static_cast<const StmtNode *>(n)); \
        break;
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
    }
}

int64_t wrap_signed(int64_t x, int bits) {
    if (bits >= 64) return x;
    return static_cast<int64_t>(static_cast<uint64_t>(x) << (64 - bits)) >> (64 - bits);
}

uint64_t wrap_unsigned(uint64_t x, int bits) {
    return bits >= 64 ? x : x & ((uint64_t{1} << bits) - 1);
}

// --- constants

Expr IntImm::make(Type type, int64_t value) {
    HEDDLE_ASSERT(type.is_int() && type.is_scalar(), "IntImm of ", to_string(type));
    auto *n = new IntImm(type);
    n->value = wrap_signed(value, type.bits());
    return Expr(n);
}

Expr UIntImm::make(Type type, uint64_t value) {
    HEDDLE_ASSERT(type.is_uint() && type.is_scalar(), "UIntImm of ", to_string(type));
    auto *n = new UIntImm(type);
    n->value = wrap_unsigned(value, type.bits());
    return Expr(n);
}

Expr FloatImm::make(Type type, double value) {
    HEDDLE_ASSERT(type.is_float() && type.is_scalar(), "FloatImm of ", to_string(type));
    auto *n = new FloatImm(type);
    n->value = round_to_type(value, type);
    return Expr(n);
}

Expr StringImm::make(std::string value) {
    auto *n = new StringImm(Handle());
    n->value = std::move(value);
    return Expr(n);
}

// --- conversions

Expr Cast::make(Type type, Expr value) {
    HEDDLE_ASSERT(value.defined() && value.type().lanes() == type.lanes(), "cast to ", to_string(type));
    if (value.type() == type) return value;
    auto *n = new Cast(type);
    n->value = std::move(value);
    return Expr(n);
}

Expr Reinterpret::make(Type type, Expr value) {
    HEDDLE_ASSERT(value.defined() && value.type().lanes() * value.type().bits() == type.lanes() * type.bits(),
                  "reinterpret to ", to_string(type));
    if (value.type() == type) return value;
    auto *n = new Reinterpret(type);
    n->value = std::move(value);
    return Expr(n);
}

// --- binary operators

#define HEDDLE_BINARY(Name, result)                                                              \
    Expr Name::make(Expr a, Expr b) {                                                            \
        HEDDLE_ASSERT(a.defined() && b.defined() && a.type() == b.type(), #Name " of ",          \
                      a.defined() ? to_string(a.type()) : "?", " and ",                          \
                      b.defined() ? to_string(b.type()) : "?");                                  \
        auto *n = new Name(result);                                                              \
        n->a = std::move(a);                                                                     \
        n->b = std::move(b);                                                                     \
        return Expr(n);                                                                          \
    }
HEDDLE_BINARY(Add, a.type())
HEDDLE_BINARY(Sub, a.type())
HEDDLE_BINARY(Mul, a.type())
HEDDLE_BINARY(Div, a.type())
HEDDLE_BINARY(Mod, a.type())
HEDDLE_BINARY(Min, a.type())
HEDDLE_BINARY(Max, a.type())
HEDDLE_BINARY(EQ, Bool(a.type().lanes()))
HEDDLE_BINARY(NE, Bool(a.type().lanes()))
HEDDLE_BINARY(LT, Bool(a.type().lanes()))
HEDDLE_BINARY(LE, Bool(a.type().lanes()))
HEDDLE_BINARY(GT, Bool(a.type().lanes()))
HEDDLE_BINARY(GE, Bool(a.type().lanes()))
#undef HEDDLE_BINARY

Expr And::make(Expr a, Expr b) {
    HEDDLE_ASSERT(a.type().is_bool() && a.type() == b.type(), "And of ", to_string(a.type()));
    auto *n = new And(a.type());
    n->a = std::move(a);
    n->b = std::move(b);
    return Expr(n);
}

Expr Or::make(Expr a, Expr b) {
    HEDDLE_ASSERT(a.type().is_bool() && a.type() == b.type(), "Or of ", to_string(a.type()));
    auto *n = new Or(a.type());
    n->a = std::move(a);
    n->b = std::move(b);
    return Expr(n);
}

Expr Not::make(Expr a) {
    HEDDLE_ASSERT(a.type().is_bool(), "Not of ", to_string(a.type()));
    auto *n = new Not(a.type());
    n->a = std::move(a);
    return Expr(n);
}

Expr Select::make(Expr condition, Expr true_value, Expr false_value) {
    HEDDLE_ASSERT(condition.type().is_bool() && true_value.type() == false_value.type() &&
                      (condition.type().is_scalar() ||
                       condition.type().lanes() == true_value.type().lanes()),
                  "Select of ", to_string(condition.type()), ", ", to_string(true_value.type()), ", ",
                  to_string(false_value.type()));
    auto *n = new Select(true_value.type());
    n->condition = std::move(condition);
    n->true_value = std::move(true_value);
    n->false_value = std::move(false_value);
    return Expr(n);
}

// --- names, memory, vectors, calls

Expr Variable::make(Type type, Symbol symbol, Owner owner) {
    HEDDLE_ASSERT(symbol.defined());
    auto *n = new Variable(type);
    n->symbol = std::move(symbol);
    n->owner = std::move(owner);
    return Expr(n);
}

Expr Let::make(Symbol symbol, Expr value, Expr body) {
    HEDDLE_ASSERT(symbol.defined() && value.defined() && body.defined());
    auto *n = new Let(body.type());
    n->symbol = std::move(symbol);
    n->value = std::move(value);
    n->body = std::move(body);
    return Expr(n);
}

Expr Access::make(Type type, Symbol buffer, ExprList args, int value_index, Owner owner) {
    HEDDLE_ASSERT(buffer.defined());
    auto *n = new Access(type);
    n->buffer = std::move(buffer);
    n->args = std::move(args);
    n->value_index = value_index;
    n->owner = std::move(owner);
    return Expr(n);
}

Expr Load::make(Type type, Symbol buffer, Expr index, Expr predicate, Alignment alignment) {
    HEDDLE_ASSERT(index.defined() && index.type().lanes() == type.lanes(), "Load of ", to_string(type));
    if (!predicate.defined()) predicate = const_true(type.lanes());
    HEDDLE_ASSERT(predicate.type() == Bool(type.lanes()));
    auto *n = new Load(type);
    n->buffer = std::move(buffer);
    n->index = std::move(index);
    n->predicate = std::move(predicate);
    n->alignment = alignment;
    return Expr(n);
}

Expr Ramp::make(Expr base, Expr stride, int lanes) {
    HEDDLE_ASSERT(base.type() == stride.type() && lanes > 1, "Ramp of ", to_string(base.type()), " and ",
                  to_string(stride.type()), " x", lanes);
    auto *n = new Ramp(base.type().with_lanes(base.type().lanes() * lanes));
    n->base = std::move(base);
    n->stride = std::move(stride);
    n->lanes = lanes;
    return Expr(n);
}

Expr Broadcast::make(Expr value, int lanes) {
    HEDDLE_ASSERT(value.defined() && lanes >= 1);
    if (lanes == 1) return value;
    auto *n = new Broadcast(value.type().with_lanes(value.type().lanes() * lanes));
    n->value = std::move(value);
    n->lanes = lanes;
    return Expr(n);
}

Expr Shuffle::make(ExprList vectors, IntList indices) {
    HEDDLE_ASSERT(!vectors.empty() && !indices.empty());
    int total = 0;
    for (const Expr &v : vectors) {
        HEDDLE_ASSERT(v.type().element_of() == vectors[0].type().element_of());
        total += v.type().lanes();
    }
    for (int i : indices) HEDDLE_ASSERT(i >= 0 && i < total, "Shuffle index ", i, " of ", total);
    auto *n = new Shuffle(vectors[0].type().with_lanes(static_cast<int>(indices.size())));
    n->vectors = std::move(vectors);
    n->indices = std::move(indices);
    return Expr(n);
}

Expr VectorReduce::make(ReduceOp op, Expr value, int lanes) {
    HEDDLE_ASSERT(lanes >= 1 && value.type().lanes() % lanes == 0);
    auto *n = new VectorReduce(value.type().with_lanes(lanes));
    n->op = op;
    n->value = std::move(value);
    return Expr(n);
}

Expr Call::make(Type type, CallOp op, ExprList args, std::string name) {
    for (const Expr &a : args) HEDDLE_ASSERT(a.defined(), "argument of ", to_string(op));
    auto *n = new Call(type);
    n->op = op;
    n->name = std::move(name);
    n->args = std::move(args);
    return Expr(n);
}

// --- statements

Stmt LetStmt::make(Symbol symbol, Expr value, Stmt body) {
    HEDDLE_ASSERT(symbol.defined() && value.defined() && body.defined());
    auto *n = new LetStmt;
    n->symbol = std::move(symbol);
    n->value = std::move(value);
    n->body = std::move(body);
    return Stmt(n);
}

Stmt Assert::make(Expr condition, Expr message) {
    HEDDLE_ASSERT(condition.type() == Bool() && message.type() == Int(32));
    auto *n = new Assert;
    n->condition = std::move(condition);
    n->message = std::move(message);
    return Stmt(n);
}

Stmt ProducerConsumer::make(Symbol buffer, bool is_producer, Stmt body) {
    HEDDLE_ASSERT(body.defined());
    auto *n = new ProducerConsumer;
    n->buffer = std::move(buffer);
    n->is_producer = is_producer;
    n->body = std::move(body);
    return Stmt(n);
}

Stmt Atomic::make(bool shared, Stmt body) {
    HEDDLE_ASSERT(body.defined());
    auto *n = new Atomic;
    n->shared = shared;
    n->body = std::move(body);
    return Stmt(n);
}

Stmt For::make(Symbol loop, Expr min, Expr extent, ForType for_type, Partition partition, Stmt body) {
    HEDDLE_ASSERT(loop.defined() && min.defined() && extent.defined() && body.defined());
    HEDDLE_ASSERT(min.type().is_scalar() && min.type() == extent.type());
    auto *n = new For;
    n->loop = std::move(loop);
    n->min = std::move(min);
    n->extent = std::move(extent);
    n->for_type = for_type;
    n->partition = partition;
    n->body = std::move(body);
    return Stmt(n);
}

Stmt Write::make(Symbol buffer, ExprList args, ExprList values, Expr predicate) {
    HEDDLE_ASSERT(!values.empty());
    auto *n = new Write;
    n->buffer = std::move(buffer);
    n->args = std::move(args);
    n->values = std::move(values);
    n->predicate = predicate.defined() ? std::move(predicate) : const_true();
    return Stmt(n);
}

Stmt Store::make(Symbol buffer, Expr index, Expr value, Expr predicate, Alignment alignment) {
    HEDDLE_ASSERT(index.type().lanes() == value.type().lanes());
    if (!predicate.defined()) predicate = const_true(value.type().lanes());
    HEDDLE_ASSERT(predicate.type() == Bool(value.type().lanes()));
    auto *n = new Store;
    n->buffer = std::move(buffer);
    n->index = std::move(index);
    n->value = std::move(value);
    n->predicate = std::move(predicate);
    n->alignment = alignment;
    return Stmt(n);
}

Stmt Realize::make(Symbol buffer, Types types, Ranges bounds, IntList order, MemoryType memory,
                   Expr condition, Stmt body) {
    HEDDLE_ASSERT(!types.empty() && order.size() == bounds.size() && body.defined());
    auto *n = new Realize;
    n->buffer = std::move(buffer);
    n->types = std::move(types);
    n->bounds = std::move(bounds);
    n->order = std::move(order);
    n->memory = memory;
    n->condition = condition.defined() ? std::move(condition) : const_true();
    n->body = std::move(body);
    return Stmt(n);
}

Stmt View::make(Symbol buffer, Types types, Ranges bounds, ExprList strides, Stmt body, std::string release) {
    HEDDLE_ASSERT(bounds.size() == strides.size() && body.defined());
    auto *n = new View;
    n->buffer = std::move(buffer);
    n->types = std::move(types);
    n->bounds = std::move(bounds);
    n->strides = std::move(strides);
    n->body = std::move(body);
    n->release = std::move(release);
    return Stmt(n);
}

Stmt Allocate::make(Symbol buffer, Type type, ExprList extents, MemoryType memory, Expr condition,
                    Stmt body) {
    HEDDLE_ASSERT(body.defined());
    auto *n = new Allocate;
    n->buffer = std::move(buffer);
    n->type = type;
    n->extents = std::move(extents);
    n->memory = memory;
    n->condition = condition.defined() ? std::move(condition) : const_true();
    n->body = std::move(body);
    return Stmt(n);
}

Stmt Block::make(StmtList stmts) {
    StmtList flat;
    for (Stmt &s : stmts) {
        if (!s.defined()) continue;
        if (const Block *b = s.as<Block>()) {
            flat.insert(flat.end(), b->stmts.begin(), b->stmts.end());
        } else {
            flat.push_back(std::move(s));
        }
    }
    if (flat.size() == 1) return flat[0];
    auto *n = new Block;
    n->stmts = std::move(flat);
    return Stmt(n);
}

Stmt If::make(Expr condition, Stmt then_case, Stmt else_case) {
    HEDDLE_ASSERT(condition.type().is_bool() && then_case.defined());
    auto *n = new If;
    n->condition = std::move(condition);
    n->then_case = std::move(then_case);
    n->else_case = std::move(else_case);
    return Stmt(n);
}

Stmt Fork::make(StmtList tasks) {
    HEDDLE_ASSERT(tasks.size() > 1);
    auto *n = new Fork;
    n->tasks = std::move(tasks);
    return Stmt(n);
}

Stmt Acquire::make(Expr semaphore, Expr count, Stmt body) {
    HEDDLE_ASSERT(semaphore.type().is_handle() && count.type() == Int(32) && body.defined());
    auto *n = new Acquire;
    n->semaphore = std::move(semaphore);
    n->count = std::move(count);
    n->body = std::move(body);
    return Stmt(n);
}

Stmt Evaluate::make(Expr value) {
    HEDDLE_ASSERT(value.defined());
    auto *n = new Evaluate;
    n->value = std::move(value);
    return Stmt(n);
}

// --- constants

Expr make_const(Type t, int64_t value) {
    if (t.lanes() > 1) return Broadcast::make(make_const(t.element_of(), value), t.lanes());
    if (t.is_int()) return IntImm::make(t, value);
    if (t.is_uint()) return UIntImm::make(t, static_cast<uint64_t>(value));
    if (t.is_float()) return FloatImm::make(t, static_cast<double>(value));
    HEDDLE_ASSERT(t.is_handle() && value == 0, "a constant of ", to_string(t));
    return Call::make(t, CallOp::null_handle, {});
}

Expr make_const(Type t, double value) {
    if (t.is_float() && t.lanes() == 1) return FloatImm::make(t, value);
    if (t.is_float()) return Broadcast::make(make_const(t.element_of(), value), t.lanes());
    return make_const(t, static_cast<int64_t>(value));
}

bool as_const_int(const Expr &e, int64_t *value) {
    if (const IntImm *i = e.as<IntImm>()) {
        *value = i->value;
        return true;
    }
    if (const UIntImm *u = e.as<UIntImm>()) {
        *value = static_cast<int64_t>(u->value);
        return *value >= 0;
    }
    if (const Broadcast *b = e.as<Broadcast>()) return as_const_int(b->value, value);
    return false;
}

bool as_const_float(const Expr &e, double *value) {
    if (const FloatImm *f = e.as<FloatImm>()) {
        *value = f->value;
        return true;
    }
    if (const Broadcast *b = e.as<Broadcast>()) return as_const_float(b->value, value);
    return false;
}

bool is_const(const Expr &e) {
    if (const Broadcast *b = e.as<Broadcast>()) return is_const(b->value);
    return e.as<IntImm>() || e.as<UIntImm>() || e.as<FloatImm>();
}

bool is_const(const Expr &e, int64_t value) {
    int64_t i = 0;
    double d = 0;
    if (as_const_int(e, &i)) return i == value;
    if (as_const_float(e, &d)) return d == static_cast<double>(value);
    return false;
}

bool is_pure(CallOp op) {
    switch (op) {
#define HEDDLE_CALL(name, pure, doc) \
    case CallOp::name:               \
        return pure;
#include "ir/intrinsics.def"
#undef HEDDLE_CALL
    }
    return false;
}

}  // namespace heddle::Internal
