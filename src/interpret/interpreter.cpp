#include "interpret/interpreter.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <numeric>
#include <utility>

#include "interpret/extern_call.h"
#include "interpret/memory.h"
#include "interpret/tasks.h"
#include "interpret/value.h"
#include "ir/math_expand.h"
#include "ir/operations.h"
#include "ir/print.h"
#include "ir/scope.h"

namespace heddle::Internal {

namespace {

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

    int run(const Stmt &body) {
        try {
            execute(body);
        } catch (const Return &r) {
            return r.code;
        }
        return 0;
    }

    Value evaluate(const Expr &e) {
        if (counted_ && !in_index_ && is_operation(e)) counted_->operations += static_cast<uint64_t>(e.type().lanes());
        switch (e.get()->kind) {
        case NodeKind::IntImm: return Value(e.type(), bits_of_int(e.as<IntImm>()->value, e.type()));
        case NodeKind::UIntImm: return Value(e.type(), e.as<UIntImm>()->value);
        case NodeKind::FloatImm: return Value(e.type(), bits_of_double(e.as<FloatImm>()->value, e.type()));
        case NodeKind::StringImm: return Value(e.type(), address(e.as<StringImm>()->value.c_str()));
        case NodeKind::Cast: return cast(*e.as<Cast>());
        case NodeKind::Reinterpret: return reinterpret(*e.as<Reinterpret>());
        case NodeKind::Add: return binary(*e.as<Add>());
        case NodeKind::Sub: return binary(*e.as<Sub>());
        case NodeKind::Mul: return binary(*e.as<Mul>());
        case NodeKind::Div: return binary(*e.as<Div>());
        case NodeKind::Mod: return binary(*e.as<Mod>());
        case NodeKind::Min: return binary(*e.as<Min>());
        case NodeKind::Max: return binary(*e.as<Max>());
        case NodeKind::EQ: return binary(*e.as<EQ>());
        case NodeKind::NE: return binary(*e.as<NE>());
        case NodeKind::LT: return binary(*e.as<LT>());
        case NodeKind::LE: return binary(*e.as<LE>());
        case NodeKind::GT: return binary(*e.as<GT>());
        case NodeKind::GE: return binary(*e.as<GE>());
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

private:
    static uint64_t address(const void *p) {
        return reinterpret_cast<uint64_t>(p);
    }

    // --- values that decide something

    static const Lane &decided(const Lane &lane, const Expr &e, const char *role) {
        if (!lane.defined()) throw InternalError(concat("an uninitialised value is ", role, ": ", e));
        return lane;
    }
    int64_t integer(const Expr &e, const char *role) {
        const Value v = evaluate(e);
        HEDDLE_ASSERT(v.type().is_scalar(), "a vector is ", role);
        return lane_int(decided(v[0], e, role).bits, v.type());
    }
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
    Value binary(const N &n) {
        const Value a = evaluate(n.a), b = evaluate(n.b);
        Value result(n.type);
        const Type t = a.type().element_of();
        for (int i = 0; i < result.lanes(); i++) {
            result[i].state = joined(a[i], b[i]);
            if (result[i].defined()) result[i].bits = binary_lane(N::static_kind, a[i].bits, b[i].bits, t);
        }
        return result;
    }

    // a && b (absorbing 0) or a || b (absorbing 1): one operand that absorbs decides, whatever the other is.
    Value logical(const Expr &ea, const Expr &eb, uint64_t absorbing) {
        const Value a = evaluate(ea), b = evaluate(eb);
        Value result(a.type());
        for (int i = 0; i < result.lanes(); i++) {
            const bool absorbs = (a[i].defined() && a[i].bits == absorbing) || (b[i].defined() && b[i].bits == absorbing);
            result[i].bits = absorbs ? absorbing : 1 - absorbing;
            if (!absorbs) result[i].state = joined(a[i], b[i]);
        }
        return result;
    }
    Value logical_not(const Not &n) {
        Value v = evaluate(n.a);
        for (int i = 0; i < v.lanes(); i++) v[i].bits ^= 1;
        return v;
    }

    Value select(const Select &n) {
        const Value c = evaluate(n.condition), t = evaluate(n.true_value), f = evaluate(n.false_value);
        Value result(n.type);
        for (int i = 0; i < result.lanes(); i++) {
            const Lane &ci = c[c.type().is_scalar() ? 0 : i];
            result[i] = ci.bits ? t[i] : f[i];
            if (!ci.defined()) result[i].state = LaneState::Poison;
        }
        return result;
    }

    Value cast(const Cast &n) {
        const Value v = evaluate(n.value);
        Value result(n.type);
        for (int i = 0; i < result.lanes(); i++) {
            result[i].state = v[i].state;
            result[i].bits = cast_lane(v[i].bits, v.type().element_of(), n.type.element_of());
        }
        return result;
    }

    // The bits of all lanes one after another, lane 0 lowest, cut anew.
    Value reinterpret(const Reinterpret &n) {
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

    Value variable(const Variable &n) {
        const Value *v = variables_.find(n.symbol);
        if (!v) throw InternalError(concat("the symbol ", n.symbol.name(), " has no value here"));
        HEDDLE_ASSERT(v->type() == n.type, n.symbol.name(), " is a ", to_string(v->type()), ", not a ", to_string(n.type));
        return *v;
    }

    // --- vectors

    Value ramp(const Ramp &n) {
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

    Value broadcast(const Broadcast &n) {
        const Value v = evaluate(n.value);
        Value result(n.type);
        for (int i = 0; i < result.lanes(); i++) result[i] = v[i % v.lanes()];
        return result;
    }

    Value shuffle(const Shuffle &n) {
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

    Value reduce(const VectorReduce &n) {
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
    static uint64_t reduce_lane(ReduceOp op, uint64_t a, uint64_t b, Type t) {
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

    // --- memory

    Region &region_of(const Symbol &buffer) {
        const Value *v = variables_.find(buffer);
        if (!v) throw InternalError(concat("the buffer ", buffer.name(), " is not bound here"));
        Region *region = shared_->memory.find((*v)[0].bits);
        if (!region || (*v)[0].bits == 0) {
            throw InternalError(concat("the buffer ", buffer.name(), " points to no memory of this kernel"));
        }
        return *region;
    }

    static void check_alignment(const Symbol &buffer, int64_t index, const Alignment &a) {
        const bool holds = a.modulus == 0 ? index == a.remainder : (index - a.remainder) % a.modulus == 0;
        if (!holds) {
            throw InternalError(concat("index ", index, " of ", buffer.name(), " is not ", a.remainder, " modulo ", a.modulus));
        }
    }

    Value load(const Load &n) {
        const Value index = evaluate(n.index), predicate = evaluate(n.predicate);
        Value result(n.type);
        const Type t = n.type.element_of();
        const Region *region = nullptr;
        for (int i = 0; i < result.lanes(); i++) {
            if (!holds(predicate, i, n.predicate)) {
                result[i].state = LaneState::Poison;
                continue;
            }
            const int64_t at = lane_int(decided(index[i], n.index, "an index").bits, index.type());
            if (i == 0) check_alignment(n.buffer, at, n.alignment);
            if (!region) region = &region_of(n.buffer);
            result[i] = region->load(at, t);
        }
        return result;
    }

    void store(const Store &n) {
        const Value value = evaluate(n.value), index = evaluate(n.index), predicate = evaluate(n.predicate);
        const Type t = n.value.type().element_of();
        Region *region = nullptr;
        for (int i = 0; i < value.lanes(); i++) {
            if (!holds(predicate, i, n.predicate)) continue;
            const int64_t at = lane_int(decided(index[i], n.index, "an index").bits, index.type());
            if (i == 0) check_alignment(n.buffer, at, n.alignment);
            if (!region) region = &region_of(n.buffer);
            region->store(at, t, value[i]);
        }
    }

    const Shaped &shape_of(const Symbol &buffer) {
        const Shaped *shaped = shapes_.find(buffer);
        if (!shaped) throw InternalError(concat(buffer.name(), " is accessed outside a realize or view of it"));
        return *shaped;
    }

    int64_t offset_of(const Symbol &buffer, const Shaped &shaped, const ExprList &args) {
        HEDDLE_ASSERT(args.size() == shaped.mins.size(), buffer.name(), " is accessed with ", args.size(), " indices");
        int64_t offset = 0;
        in_index_++;
        for (size_t d = 0; d < args.size(); d++) {
            const int64_t at = integer(args[d], "an index");
            if (at < shaped.mins[d] || at >= shaped.mins[d] + shaped.extents[d]) {
                throw InternalError(concat("the kernel accesses ", buffer.name(), " at ", at, " in dimension ", d,
                                           ", where it covers ", shaped.mins[d], " to ",
                                           shaped.mins[d] + shaped.extents[d] - 1));
            }
            offset += (at - shaped.mins[d]) * shaped.strides[d];
        }
        in_index_--;
        return offset;
    }

    Value access(const Access &n) {
        const Shaped &shaped = shape_of(n.buffer);
        if (counted_) counted_->loaded += static_cast<uint64_t>(n.type.bytes());
        Value result(n.type);
        result[0] = shaped.regions.at(static_cast<size_t>(n.value_index))->load(offset_of(n.buffer, shaped, n.args), n.type);
        return result;
    }

    void write(const Write &n) {
        const Value predicate = evaluate(n.predicate);
        if (!holds(predicate, 0, n.predicate)) return;
        counted_ = options_.counts ? &options_.counts->buffers[n.buffer.name()] : nullptr;
        std::vector<Value> values;
        for (const Expr &e : n.values) values.push_back(evaluate(e));
        const Shaped &shaped = shape_of(n.buffer);
        const int64_t offset = offset_of(n.buffer, shaped, n.args);
        if (counted_) {
            counted_->writes++;
            in_index_++;
            std::vector<int64_t> point;
            RunCounts::OfBuffer *const counted = std::exchange(counted_, nullptr);
            for (const Expr &e : n.args) point.push_back(integer(e, "an index"));
            counted_ = counted;
            in_index_--;
            counted_->points.insert(std::move(point));
            for (const Value &v : values) counted_->stored += static_cast<uint64_t>(v.type().bytes());
            counted_ = nullptr;
        }
        for (size_t i = 0; i < values.size(); i++) shaped.regions.at(i)->store(offset, values[i].type(), values[i][0]);
    }

    // --- calls

    Value call(const Call &n) {
        switch (n.op) {
        case CallOp::likely:
        case CallOp::likely_if_innermost:
        case CallOp::strict_float:
        case CallOp::nontemporal:
        case CallOp::unsafe_promise_clamped:
        case CallOp::memoize_tag: return evaluate(n.args[0]);
        case CallOp::promise_clamped: return promised(n);
        case CallOp::if_then_else:
            if (condition(n.args[0])) return evaluate(n.args[1]);
            return n.args.size() > 2 ? evaluate(n.args[2]) : without_value(n.type, LaneState::Poison);
        case CallOp::return_second: evaluate(n.args[0]); return evaluate(n.args[1]);
        case CallOp::require:
            if (!condition(n.args[0])) leave(n.args[2]);
            return evaluate(n.args[1]);
        case CallOp::undef: return without_value(n.type, LaneState::Undef);
        case CallOp::unreachable: return without_value(n.type, LaneState::Poison);
        case CallOp::prefetch: return Value(n.type);
        case CallOp::address_of: return address_of(n);
        case CallOp::buffer_of: return buffer_of(n);
        case CallOp::random: {
            const Expr hash = expand_call(n);
            HEDDLE_ASSERT(hash.defined(), "random of ", to_string(n.type));
            return evaluate(hash);
        }
        case CallOp::target_has_feature:
        case CallOp::target_arch_is:
        case CallOp::target_os_is:
        case CallOp::target_bits:
        case CallOp::target_natural_vector_bytes:
            throw InternalError(concat(to_string(n.op), " is resolved before the IR is executed: ", Expr(&n)));
        default: break;
        }
        std::vector<Value> args;
        args.reserve(n.args.size());
        for (const Expr &a : n.args) args.push_back(evaluate(a));
        if (is_lane_call(n.op)) return lane_call(n, args);
        if (n.op == CallOp::trace) return trace(n, args);
        for (size_t i = 0; i < args.size(); i++) decided(args[i][0], n.args[i], "an argument of a call");
        return host_call(n, args);
    }

    static Value without_value(Type t, LaneState state) {
        Value v(t);
        for (int i = 0; i < v.lanes(); i++) v[i].state = state;
        return v;
    }

    [[noreturn]] void leave(const Expr &message) {
        throw Return{static_cast<int>(integer(message, "a code to return"))};
    }

    Value lane_call(const Call &n, const std::vector<Value> &args) {
        Value result(n.type);
        std::vector<Type> types;
        for (const Value &a : args) types.push_back(a.type().element_of());
        std::vector<uint64_t> bits(args.size());
        for (int i = 0; i < result.lanes(); i++) {
            bool defined = true;
            for (size_t k = 0; k < args.size(); k++) {
                const Lane &lane = args[k][args[k].lanes() == 1 ? 0 : i];
                bits[k] = lane.bits;
                defined &= lane.defined();
            }
            if (defined) result[i].bits = call_lane(n.op, n.type.element_of(), bits, types, defined);
            if (!defined) result[i].state = LaneState::Poison;
        }
        return result;
    }

    Value promised(const Call &n) {
        const Value v = evaluate(n.args[0]), low = evaluate(n.args[1]), high = evaluate(n.args[2]);
        const Type t = v.type().element_of();
        for (int i = 0; i < v.lanes(); i++) {
            if (!v[i].defined()) continue;
            if (binary_lane(NodeKind::LT, v[i].bits, low[i].bits, t) || binary_lane(NodeKind::GT, v[i].bits, high[i].bits, t)) {
                throw InternalError(concat("promise_clamped does not hold: ", lane_text(v[i], t), " is not in ",
                                           lane_text(low[i], t), " to ", lane_text(high[i], t), ": ", Expr(&n)));
            }
        }
        return v;
    }

    Value address_of(const Call &n) {
        if (const Load *l = n.args[0].as<Load>()) {
            Region &region = region_of(l->buffer);
            return Value(n.type, address(region.address(integer(l->index, "an index"), l->type.element_of())));
        }
        const Access *a = n.args[0].as<Access>();
        HEDDLE_ASSERT(a, "address_of needs a load");
        const Shaped &shaped = shape_of(a->buffer);
        const Region &region = *shaped.regions.at(static_cast<size_t>(a->value_index));
        return Value(n.type, address(region.address(offset_of(a->buffer, shaped, a->args), a->type)));
    }

    // The address of the element at the access, which need not exist when the region is empty. Where storage is hoisted,
    // places in it are not counted as the coordinates of the region are.
    Value buffer_of(const Call &n) {
        const Access *a = n.args[0].as<Access>();
        HEDDLE_ASSERT(a, "buffer_of needs an access");
        const Shaped &shaped = shape_of(a->buffer);
        const auto t = a->type;
        auto *b = static_cast<halide_buffer_t *>(shared_->memory.scratch(sizeof(halide_buffer_t)));
        std::memset(static_cast<void *>(b), 0, sizeof(*b));
        b->type = t;
        const size_t dims = (n.args.size() - 1) / 2;  // the copies of a ring_buffer are one dimension more
        b->dimensions = static_cast<int32_t>(dims);
        b->dim = static_cast<halide_dimension_t *>(shared_->memory.scratch(sizeof(halide_dimension_t) * dims));
        int64_t offset = 0;
        for (size_t d = 0; d < shaped.mins.size(); d++) {
            const int64_t place = integer(a->args[d], "a place"), count = d < dims ? integer(n.args[2 + 2 * d], "a bound") : 1;
            if (count > 0 && (place < shaped.mins[d] || place + count > shaped.mins[d] + shaped.extents[d])) {
                throw InternalError(concat("the kernel passes on ", a->buffer.name(), " from ", place, " to ", place + count - 1, " in dimension ",
                                           d, ", where it covers ", shaped.mins[d], " to ", shaped.mins[d] + shaped.extents[d] - 1));
            }
            offset += (place - shaped.mins[d]) * shaped.strides[d];
            if (d >= dims) continue;
            const int64_t min = integer(n.args[1 + 2 * d], "a bound"), extent = count;
            b->dim[d] = halide_dimension_t(static_cast<int32_t>(min), static_cast<int32_t>(extent), static_cast<int32_t>(shaped.strides[d]));
        }
        b->host = shaped.regions.at(static_cast<size_t>(a->value_index))->address(offset, t);
        return Value(n.type, address(b));
    }

    Value trace(const Call &n, const std::vector<Value> &args) {
        const auto number = [&](size_t i) { return static_cast<int>(lane_int(args[i][0].bits, args[i].type())); };
        const auto text = [&](size_t i) { return reinterpret_cast<const char *>(args[i][0].bits); };
        halide_trace_event_t event{};
        event.func = text(0);
        event.event = static_cast<halide_trace_event_code_t>(number(1));
        event.parent_id = number(2);
        event.value_index = number(3);
        event.trace_tag = "";
        size_t next = 4;
        std::vector<uint8_t> value;
        int lanes = 1;
        if (event.event == halide_trace_load || event.event == halide_trace_store) {
            const Value &v = args[next++];
            lanes = v.lanes();
            const auto bytes = static_cast<size_t>(v.type().bytes());
            for (int i = 0; i < lanes; i++) {
                value.resize(value.size() + bytes);
                std::memcpy(value.data() + value.size() - bytes, &v[i].bits, bytes);
            }
            event.value = value.data();
            event.type = v.type();
        } else if (event.event == halide_trace_tag) {
            event.trace_tag = text(next++);
        }
        std::vector<int32_t> coordinates;
        for (; next < args.size(); next++) {
            for (int i = 0; i < lanes; i++) {
                const Value &v = args[next];
                coordinates.push_back(static_cast<int32_t>(lane_int(v[v.lanes() == 1 ? 0 : i].bits, v.type().element_of())));
            }
        }
        event.coordinates = coordinates.empty() ? nullptr : coordinates.data();
        event.dimensions = static_cast<int32_t>(coordinates.size());
        return Value(n.type, bits_of_int(halide_trace(options_.user_context, &event), n.type));
    }

    Value host_call(const Call &n, const std::vector<Value> &args) {
        const auto buffer = [&] { return reinterpret_cast<halide_buffer_t *>(args[0][0].bits); };
        const auto number = [&](size_t i) { return static_cast<int>(lane_int(args[i][0].bits, args[i].type())); };
        const auto dimension = [&]() -> const halide_dimension_t & {
            const halide_buffer_t *b = buffer();
            if (!b || number(1) < 0 || number(1) >= b->dimensions) {
                throw InternalError(concat("the buffer has no dimension ", number(1), ": ", Expr(&n)));
            }
            return b->dim[number(1)];
        };
        const auto signed_value = [&](int64_t v) { return Value(n.type, bits_of_int(v, n.type)); };
        if (n.op != CallOp::buffer_is_null && n.op >= CallOp::buffer_host && n.op <= CallOp::buffer_set_bounds && !buffer()) {
            throw InternalError(concat("a null buffer is used: ", Expr(&n)));
        }
        switch (n.op) {
        case CallOp::extern_c:
        case CallOp::pure_extern_c: return extern_call(n, args);
        case CallOp::stringify: return Value(n.type, address(stringify(n, args)));
        case CallOp::make_struct: return Value(n.type, address(make_struct(args)));
        case CallOp::null_handle: return Value(n.type);
        case CallOp::buffer_is_null: return Value(n.type, args[0][0].bits == 0);
        case CallOp::buffer_host: return Value(n.type, address(buffer()->host));
        case CallOp::buffer_device: return Value(n.type, buffer()->device);
        case CallOp::buffer_device_interface: return Value(n.type, address(buffer()->device_interface));
        case CallOp::buffer_dimensions: return signed_value(buffer()->dimensions);
        case CallOp::buffer_type: {
            const halide_type_t t = buffer()->type;
            return Value(n.type, t.code | static_cast<uint64_t>(t.bits) << 8 | static_cast<uint64_t>(t.lanes) << 16);
        }
        case CallOp::buffer_min: return signed_value(dimension().min);
        case CallOp::buffer_extent: return signed_value(dimension().extent);
        case CallOp::buffer_stride: return signed_value(dimension().stride);
        case CallOp::buffer_is_bounds_query: return Value(n.type, !buffer()->host && !buffer()->device);
        case CallOp::buffer_host_dirty: return Value(n.type, buffer()->host_dirty());
        case CallOp::buffer_device_dirty: return Value(n.type, buffer()->device_dirty());
        case CallOp::buffer_set_host_dirty: buffer()->set_host_dirty(args[1][0].bits != 0); return Value(n.type);
        case CallOp::buffer_set_bounds: set_bounds(*buffer(), args, 1); return Value(n.type);
        case CallOp::buffer_create: return Value(n.type, address(create_buffer(args)));
        case CallOp::user_context: return Value(n.type, address(options_.user_context));
        case CallOp::make_semaphore: {
            auto *value = static_cast<int64_t *>(shared_->memory.scratch(sizeof(int64_t)));
            *value = number(0);
            return Value(n.type, address(value));
        }
        case CallOp::release_semaphore: return signed_value(semaphore(args[0]) += number(1));
        default: HEDDLE_ASSERT(false, "no meaning for ", to_string(n.op));
        }
        return Value();
    }

    void *function_named(const std::string &name) const {
        auto it = options_.functions.find(name);
        void *function = it != options_.functions.end() ? it->second : find_function(name);
        if (!function) throw InternalError(concat("the program calls ", name, ", which this process does not have"));
        return function;
    }
    void call_named(const std::string &name, const std::vector<ExternArgument> &arguments) const {
        call_function(function_named(name), Int(32), arguments);
    }

    Value extern_call(const Call &n, const std::vector<Value> &args) {
        void *function = function_named(n.name);
        // Vectors are passed lane by lane, as the code generators do.
        Value result(n.type);
        for (int i = 0; i < result.lanes(); i++) {
            std::vector<ExternArgument> arguments;
            for (size_t k = 0; k < args.size(); k++) {
                const Lane &lane = args[k][args[k].lanes() == 1 ? 0 : i];
                arguments.push_back({args[k].type().element_of(), decided(lane, n.args[k], "an argument of a call").bits});
            }
            result[i].bits = call_function(function, n.type.element_of(), arguments);
        }
        // It may have filled any buffer whose address it could know.
        if (n.op == CallOp::extern_c) shared_->memory.assume_all_written();
        return result;
    }

    const char *stringify(const Call &n, const std::vector<Value> &args) {
        std::string text;
        for (size_t i = 0; i < args.size(); i++) {
            const Type t = args[i].type();
            const uint64_t bits = args[i][0].bits;
            std::array<char, 400> buffer{};
            if (n.args[i].as<StringImm>() || is_text(n.args[i])) {
                text += reinterpret_cast<const char *>(bits);
            } else if (t.is_float()) {
                std::snprintf(buffer.data(), buffer.size(), t.bits() == 64 ? "%e" : "%f", lane_double(bits, t));
                text += buffer.data();
            } else if (t.is_handle()) {
                std::snprintf(buffer.data(), buffer.size(), "0x%llx", static_cast<unsigned long long>(bits));
                text += buffer.data();
            } else {
                text += t.is_int() ? std::to_string(lane_int(bits, t)) : std::to_string(bits);
            }
        }
        char *copy = static_cast<char *>(shared_->memory.scratch(text.size() + 1));
        std::memcpy(copy, text.c_str(), text.size() + 1);
        return copy;
    }
    static bool is_text(const Expr &e) {
        const Call *c = e.as<Call>();
        return c && c->op == CallOp::stringify;
    }

    // As a C compiler lays out a struct of these members.
    void *make_struct(const std::vector<Value> &args) {
        size_t size = 0;
        std::vector<size_t> offsets;
        for (const Value &a : args) {
            const auto bytes = static_cast<size_t>(a.type().bytes());
            size = (size + bytes - 1) / bytes * bytes;
            offsets.push_back(size);
            size += bytes;
        }
        auto *bytes = static_cast<uint8_t *>(shared_->memory.scratch(size));
        for (size_t i = 0; i < args.size(); i++) std::memcpy(bytes + offsets[i], &args[i][0].bits, static_cast<size_t>(args[i].type().bytes()));
        return bytes;
    }

    // args[first...]: type, dimensions, then min, extent and stride of each.
    static void set_bounds(halide_buffer_t &b, const std::vector<Value> &args, size_t first) {
        const auto number = [&](size_t i) { return static_cast<int>(lane_int(args[i][0].bits, args[i].type())); };
        const auto type = static_cast<uint32_t>(args[first][0].bits);
        b.type.code = static_cast<halide_type_code_t>(type & 0xff);
        b.type.bits = static_cast<uint8_t>(type >> 8);
        b.type.lanes = static_cast<uint16_t>(type >> 16);
        b.dimensions = number(first + 1);
        for (int d = 0; d < b.dimensions; d++) {
            const size_t at = first + 2 + 3 * static_cast<size_t>(d);
            b.dim[d] = halide_dimension_t(number(at), number(at + 1), number(at + 2));
        }
    }

    halide_buffer_t *create_buffer(const std::vector<Value> &args) {
        auto *b = static_cast<halide_buffer_t *>(shared_->memory.scratch(sizeof(halide_buffer_t)));
        std::memset(static_cast<void *>(b), 0, sizeof(*b));
        const auto dimensions = static_cast<size_t>(lane_int(args[2][0].bits, args[2].type()));
        b->dim = static_cast<halide_dimension_t *>(shared_->memory.scratch(sizeof(halide_dimension_t) * dimensions));
        b->host = reinterpret_cast<uint8_t *>(args[0][0].bits);
        set_bounds(*b, args, 1);
        return b;
    }

    // --- statements

    void execute(const Stmt &s) {
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

    void loop(const For &n) {
        const int64_t min = integer(n.min, "a loop bound"), extent = integer(n.extent, "a loop bound");
        const Type t = n.min.type();
        const auto iterate = [&](int64_t i) {
            ScopedBinding<Value> binding(variables_, n.loop, Value(t, bits_of_int(i, t)));
            execute(n.body);
        };
        const bool any_order = n.for_type == ForType::Parallel || n.for_type == ForType::GPUBlock;
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

    // Each task sees the symbols bound so far; what it binds itself is its own.
    void fork(const Fork &n) {
        std::vector<Interpreter> copies(n.tasks.size(), *this);
        std::vector<std::function<void()>> tasks;
        for (size_t i = 0; i < n.tasks.size(); i++) {
            tasks.push_back([&copies, &n, i] { copies[i].execute(n.tasks[i]); });
        }
        shared_->tasks.fork(tasks);
    }

    static int64_t &semaphore(const Value &v) {
        return *reinterpret_cast<int64_t *>(v[0].bits);
    }
    void acquire(const Acquire &n) {
        int64_t &value = semaphore(evaluate(n.semaphore));
        const int64_t count = integer(n.count, "a count");
        shared_->tasks.wait_until([&] { return value >= count; });
        value -= count;
        execute(n.body);
    }

    /** Frees a region at the end of its statement, whichever way it is left. */
    class Owned {
    public:
        Owned(Memory &memory, Region &region)
            : memory_(memory), region_(&region) {
        }
        Owned(Owned &&o) noexcept
            : memory_(o.memory_), region_(std::exchange(o.region_, nullptr)) {
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

    void realize(const Realize &n) {
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

    void view(const View &n) {
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

    // Memory that a C function gave and another one takes back.
    void held(const View &n) {
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

    void allocate(const Allocate &n) {
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

    RunCounts::OfBuffer *counted_ = nullptr;  // while a definition is evaluated whose work is counted
    int in_index_ = 0;
    const InterpretOptions &options_;
    Scope<Value> variables_;
    Scope<Shaped> shapes_;
    std::shared_ptr<Shared> shared_;
};

}  // namespace

int interpret(const LoweredFunction &function, const std::vector<ArgValue> &args, const InterpretOptions &options) {
    HEDDLE_ASSERT(args.size() == function.args.size(), function.name, " takes ", function.args.size(), " arguments");
    InterpretOptions own = options;
    std::vector<std::pair<Symbol, ArgValue>> bindings;
    for (size_t i = 0; i < args.size(); i++) {
        const Argument &argument = function.args[i].argument;
        ArgValue arg = args[i];
        arg.is_output = argument.is_output();
        if (argument.is_buffer()) {
            HEDDLE_ASSERT(arg.buffer || arg.bits == 0, argument.name, " is a buffer");
        } else {
            HEDDLE_ASSERT(arg.type == argument.type, argument.name, " is a ", to_string(argument.type));
        }
        if (argument.name == "__user_context") own.user_context = reinterpret_cast<void *>(arg.bits);
        bindings.emplace_back(function.args[i].symbol, arg);
    }
    return interpret(function.body, bindings, own);
}

int interpret(const Stmt &body, const std::vector<std::pair<Symbol, ArgValue>> &bindings, const InterpretOptions &options) {
    Interpreter interpreter(options);
    for (const auto &[symbol, arg] : bindings) interpreter.bind(symbol, arg);
    return interpreter.run(body);
}

std::vector<uint64_t> interpret(const Expr &e, const std::vector<std::pair<Symbol, ArgValue>> &bindings) {
    const InterpretOptions options;
    Interpreter interpreter(options);
    for (const auto &[symbol, arg] : bindings) interpreter.bind(symbol, arg);
    const Value v = interpreter.evaluate(e);
    std::vector<uint64_t> bits;
    for (int i = 0; i < v.lanes(); i++) {
        if (!v[i].defined()) throw InternalError(concat("lane ", i, " has no defined value: ", e));
        bits.push_back(v[i].bits);
    }
    return bits;
}

}  // namespace heddle::Internal
