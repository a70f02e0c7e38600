// Expressions, lane by lane.

#include "interpret/interpreter_state.h"

#include <algorithm>

#include "ir/binary_nodes.h"

namespace heddle::Internal {

Value Interpreter::evaluate(const Expr &e) {
    if (counted_ && !in_index_ && is_operation(e)) counted_->operations += static_cast<uint64_t>(e.type().lanes());
    switch (e.get()->kind) {
    case NodeKind::IntImm: return Value(e.type(), bits_of_int(e.as<IntImm>()->value, e.type()));
    case NodeKind::UIntImm: return Value(e.type(), e.as<UIntImm>()->value);
    case NodeKind::FloatImm: return Value(e.type(), bits_of_double(e.as<FloatImm>()->value, e.type()));
    case NodeKind::StringImm: return Value(e.type(), address(e.as<StringImm>()->value.c_str()));
    case NodeKind::Cast: return cast(*e.as<Cast>());
    case NodeKind::Reinterpret: return reinterpret(*e.as<Reinterpret>());
#define HEDDLE_BINARY(Name) \
    case NodeKind::Name: return binary(*e.as<Name>());
        HEDDLE_FOR_EACH_BINARY(HEDDLE_BINARY)
#undef HEDDLE_BINARY
    case NodeKind::And: return logical(e.as<And>()->a, e.as<And>()->b, 0);
    case NodeKind::Or: return logical(e.as<Or>()->a, e.as<Or>()->b, 1);
    case NodeKind::Not: return logical_not(*e.as<Not>());
    case NodeKind::Select: return select(*e.as<Select>());
    case NodeKind::Variable: return variable(*e.as<Variable>());
    case NodeKind::Let: {
        const Let &n = *e.as<Let>();
        ScopedBinding<Value> binding(variables_, n.symbol, evaluate(n.value));
        return evaluate(n.body);
    }
    case NodeKind::Access: return access(*e.as<Access>());
    case NodeKind::Load: return load(*e.as<Load>());
    case NodeKind::Ramp: return ramp(*e.as<Ramp>());
    case NodeKind::Broadcast: return broadcast(*e.as<Broadcast>());
    case NodeKind::Shuffle: return shuffle(*e.as<Shuffle>());
    case NodeKind::VectorReduce: return reduce(*e.as<VectorReduce>());
    case NodeKind::Call: return call(*e.as<Call>());
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc)
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc) case NodeKind::Name:
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
        break;
    }
    HEDDLE_ASSERT(false, "a statement where an expression is needed");
    return Value();
}

// --- values that decide something

const Lane &Interpreter::decided(const Lane &lane, const Expr &e, const char *role) {
    if (!lane.defined()) throw InternalError(concat("an uninitialised value is ", role, ": ", e));
    return lane;
}

int64_t Interpreter::integer(const Expr &e, const char *role) {
    const Value v = evaluate(e);
    HEDDLE_ASSERT(v.type().is_scalar(), "a vector is ", role);
    return lane_int(decided(v[0], e, role).bits, v.type());
}

template<typename N>
Value Interpreter::binary(const N &n) {
    const Value a = evaluate(n.a), b = evaluate(n.b);
    Value result(n.type);
    const Type t = a.type().element_of();
    for (int i = 0; i < result.lanes(); i++) {
        result[i].state = joined(a[i], b[i]);
        if (result[i].defined()) result[i].bits = binary_lane(N::static_kind, a[i].bits, b[i].bits, t);
    }
    return result;
}

Value Interpreter::logical(const Expr &ea, const Expr &eb, uint64_t absorbing) {
    const Value a = evaluate(ea), b = evaluate(eb);
    Value result(a.type());
    for (int i = 0; i < result.lanes(); i++) {
        const bool absorbs = (a[i].defined() && a[i].bits == absorbing) || (b[i].defined() && b[i].bits == absorbing);
        result[i].bits = absorbs ? absorbing : 1 - absorbing;
        if (!absorbs) result[i].state = joined(a[i], b[i]);
    }
    return result;
}

Value Interpreter::logical_not(const Not &n) {
    Value v = evaluate(n.a);
    for (int i = 0; i < v.lanes(); i++) v[i].bits ^= 1;
    return v;
}

Value Interpreter::select(const Select &n) {
    const Value c = evaluate(n.condition), t = evaluate(n.true_value), f = evaluate(n.false_value);
    Value result(n.type);
    for (int i = 0; i < result.lanes(); i++) {
        const Lane &ci = c[c.type().is_scalar() ? 0 : i];
        result[i] = ci.bits ? t[i] : f[i];
        if (!ci.defined()) result[i].state = LaneState::Poison;
    }
    return result;
}

Value Interpreter::cast(const Cast &n) {
    const Value v = evaluate(n.value);
    Value result(n.type);
    for (int i = 0; i < result.lanes(); i++) {
        result[i].state = v[i].state;
        result[i].bits = cast_lane(v[i].bits, v.type().element_of(), n.type.element_of());
    }
    return result;
}

Value Interpreter::reinterpret(const Reinterpret &n) {
    const Value v = evaluate(n.value);
    Value result(n.type);
    const int from = v.type().bits(), to = n.type.bits();
    for (int bit = 0; bit < to * result.lanes(); bit++) {
        const Lane &source = v[bit / from];
        Lane &target = result[bit / to];
        target.bits |= (source.bits >> (bit % from) & 1) << (bit % to);
        if (!source.defined()) target.state = LaneState::Poison;
    }
    return result;
}

Value Interpreter::variable(const Variable &n) {
    const Value *v = variables_.find(n.symbol);
    if (!v) throw InternalError(concat("the symbol ", n.symbol.name(), " has no value here"));
    HEDDLE_ASSERT(v->type() == n.type, n.symbol.name(), " is a ", to_string(v->type()), ", not a ", to_string(n.type));
    return *v;
}

// --- vectors

Value Interpreter::ramp(const Ramp &n) {
    const Value base = evaluate(n.base), stride = evaluate(n.stride);
    Value result(n.type);
    const Type t = n.type.element_of();
    for (int i = 0; i < result.lanes(); i++) {
        const int group = i / base.lanes(), lane = i % base.lanes();
        const uint64_t factor = t.is_float() ? bits_of_double(group, t) : bits_of_int(group, t);
        const uint64_t offset = binary_lane(NodeKind::Mul, stride[lane].bits, factor, t);
        result[i].bits = binary_lane(NodeKind::Add, base[lane].bits, offset, t);
        result[i].state = joined(base[lane], stride[lane]);
    }
    return result;
}

Value Interpreter::broadcast(const Broadcast &n) {
    const Value v = evaluate(n.value);
    Value result(n.type);
    for (int i = 0; i < result.lanes(); i++) result[i] = v[i % v.lanes()];
    return result;
}

Value Interpreter::shuffle(const Shuffle &n) {
    std::vector<Lane> lanes;
    for (const Expr &e : n.vectors) {
        const Value v = evaluate(e);
        for (int i = 0; i < v.lanes(); i++) lanes.push_back(v[i]);
    }
    Value result(n.type);
    for (int i = 0; i < result.lanes(); i++) {
        result[i] = lanes[static_cast<size_t>(n.indices[static_cast<size_t>(i)])];
    }
    return result;
}

Value Interpreter::reduce(const VectorReduce &n) {
    const Value v = evaluate(n.value);
    Value result(n.type);
    const int group = v.lanes() / result.lanes();
    for (int i = 0; i < result.lanes(); i++) {
        Lane sum = v[i * group];
        for (int j = 1; j < group; j++) {
            const Lane &next = v[i * group + j];
            sum.state = joined(sum, next);
            if (sum.defined()) sum.bits = reduce_lane(n.op, sum.bits, next.bits, n.type.element_of());
        }
        result[i] = sum;
    }
    return result;
}

uint64_t Interpreter::reduce_lane(ReduceOp op, uint64_t a, uint64_t b, Type t) {
    bool defined = true;
    switch (op) {
    case ReduceOp::Add: return binary_lane(NodeKind::Add, a, b, t);
    case ReduceOp::Mul: return binary_lane(NodeKind::Mul, a, b, t);
    case ReduceOp::Min: return binary_lane(NodeKind::Min, a, b, t);
    case ReduceOp::Max: return binary_lane(NodeKind::Max, a, b, t);
    case ReduceOp::And: return a & b;
    case ReduceOp::Or: return a | b;
    case ReduceOp::SaturatingAdd: return call_lane(CallOp::saturating_add, t, {a, b}, {t, t}, defined);
    }
    return 0;
}

}  // namespace heddle::Internal
