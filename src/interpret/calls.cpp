// Intrinsics and C functions.

#include "interpret/interpreter_state.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <numeric>

#include "ir/math_expand.h"

namespace heddle::Internal {

// --- calls

Value Interpreter::call(const Call &n) {
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

Value Interpreter::without_value(Type t, LaneState state) {
    Value v(t);
    for (int i = 0; i < v.lanes(); i++) v[i].state = state;
    return v;
}

void Interpreter::leave(const Expr &message) {
    throw Return{static_cast<int>(integer(message, "a code to return"))};
}

Value Interpreter::lane_call(const Call &n, const std::vector<Value> &args) {
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

Value Interpreter::promised(const Call &n) {
    const Value v = evaluate(n.args[0]), low = evaluate(n.args[1]), high = evaluate(n.args[2]);
    const Type t = v.type().element_of();
    for (int i = 0; i < v.lanes(); i++) {
        if (!v[i].defined()) continue;
        if (binary_lane(NodeKind::LT, v[i].bits, low[i].bits, t) ||
            binary_lane(NodeKind::GT, v[i].bits, high[i].bits, t)) {
            throw InternalError(concat("promise_clamped does not hold: ", lane_text(v[i], t), " is not in ",
                                       lane_text(low[i], t), " to ", lane_text(high[i], t), ": ", Expr(&n)));
        }
    }
    return v;
}

Value Interpreter::address_of(const Call &n) {
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

Value Interpreter::buffer_of(const Call &n) {
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
        const int64_t place = integer(a->args[d], "a place"),
                      count = d < dims ? integer(n.args[2 + 2 * d], "a bound") : 1;
        if (count > 0 && (place < shaped.mins[d] || place + count > shaped.mins[d] + shaped.extents[d])) {
            throw InternalError(concat("the kernel passes on ", a->buffer.name(), " from ", place, " to ",
                                       place + count - 1, " in dimension ", d, ", where it covers ", shaped.mins[d],
                                       " to ", shaped.mins[d] + shaped.extents[d] - 1));
        }
        offset += (place - shaped.mins[d]) * shaped.strides[d];
        if (d >= dims) continue;
        const int64_t min = integer(n.args[1 + 2 * d], "a bound"), extent = count;
        b->dim[d] = halide_dimension_t(static_cast<int32_t>(min), static_cast<int32_t>(extent),
                                       static_cast<int32_t>(shaped.strides[d]));
    }
    b->host = shaped.regions.at(static_cast<size_t>(a->value_index))->address(offset, t);
    return Value(n.type, address(b));
}

Value Interpreter::trace(const Call &n, const std::vector<Value> &args) {
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
            coordinates.push_back(
                static_cast<int32_t>(lane_int(v[v.lanes() == 1 ? 0 : i].bits, v.type().element_of())));
        }
    }
    event.coordinates = coordinates.empty() ? nullptr : coordinates.data();
    event.dimensions = static_cast<int32_t>(coordinates.size());
    return Value(n.type, bits_of_int(halide_trace(options_.user_context, &event), n.type));
}

Value Interpreter::host_call(const Call &n, const std::vector<Value> &args) {
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
    if (n.op != CallOp::buffer_is_null && n.op >= CallOp::buffer_host && n.op <= CallOp::buffer_set_bounds &&
        !buffer()) {
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

void *Interpreter::function_named(const std::string &name) const {
    auto it = options_.functions.find(name);
    void *function = it != options_.functions.end() ? it->second : find_function(name);
    if (!function) throw InternalError(concat("the program calls ", name, ", which this process does not have"));
    return function;
}

void Interpreter::call_named(const std::string &name, const std::vector<ExternArgument> &arguments) const {
    call_function(function_named(name), Int(32), arguments);
}

Value Interpreter::extern_call(const Call &n, const std::vector<Value> &args) {
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

const char *Interpreter::stringify(const Call &n, const std::vector<Value> &args) {
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

bool Interpreter::is_text(const Expr &e) {
    const Call *c = e.as<Call>();
    return c && c->op == CallOp::stringify;
}

void *Interpreter::make_struct(const std::vector<Value> &args) {
    size_t size = 0;
    std::vector<size_t> offsets;
    for (const Value &a : args) {
        const auto bytes = static_cast<size_t>(a.type().bytes());
        size = (size + bytes - 1) / bytes * bytes;
        offsets.push_back(size);
        size += bytes;
    }
    auto *bytes = static_cast<uint8_t *>(shared_->memory.scratch(size));
    for (size_t i = 0; i < args.size(); i++)
        std::memcpy(bytes + offsets[i], &args[i][0].bits, static_cast<size_t>(args[i].type().bytes()));
    return bytes;
}

void Interpreter::set_bounds(halide_buffer_t &b, const std::vector<Value> &args, size_t first) {
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

halide_buffer_t *Interpreter::create_buffer(const std::vector<Value> &args) {
    auto *b = static_cast<halide_buffer_t *>(shared_->memory.scratch(sizeof(halide_buffer_t)));
    std::memset(static_cast<void *>(b), 0, sizeof(*b));
    const auto dimensions = static_cast<size_t>(lane_int(args[2][0].bits, args[2].type()));
    b->dim = static_cast<halide_dimension_t *>(shared_->memory.scratch(sizeof(halide_dimension_t) * dimensions));
    b->host = reinterpret_cast<uint8_t *>(args[0][0].bits);
    set_bounds(*b, args, 1);
    return b;
}

}  // namespace heddle::Internal
