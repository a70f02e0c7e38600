// Elements of buffers: where they are, whether they may be used, and reading and writing them.

#include "interpret/interpreter_state.h"

namespace heddle::Internal {

// --- memory

Region &Interpreter::region_of(const Symbol &buffer) {
    const Value *v = variables_.find(buffer);
    if (!v) throw InternalError(concat("the buffer ", buffer.name(), " is not bound here"));
    Region *region = shared_->memory.find((*v)[0].bits);
    if (!region || (*v)[0].bits == 0) {
        throw InternalError(concat("the buffer ", buffer.name(), " points to no memory of this kernel"));
    }
    return *region;
}

void Interpreter::check_alignment(const Symbol &buffer, int64_t index, const Alignment &a) {
    const bool holds = a.modulus == 0 ? index == a.remainder : (index - a.remainder) % a.modulus == 0;
    if (!holds) {
        throw InternalError(
            concat("index ", index, " of ", buffer.name(), " is not ", a.remainder, " modulo ", a.modulus));
    }
}

Value Interpreter::load(const Load &n) {
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

void Interpreter::store(const Store &n) {
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

const Shaped &Interpreter::shape_of(const Symbol &buffer) {
    const Shaped *shaped = shapes_.find(buffer);
    if (!shaped) throw InternalError(concat(buffer.name(), " is accessed outside a realize or view of it"));
    return *shaped;
}

int64_t Interpreter::offset_of(const Symbol &buffer, const Shaped &shaped, const ExprList &args) {
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

Value Interpreter::access(const Access &n) {
    const Shaped &shaped = shape_of(n.buffer);
    if (counted_) counted_->loaded += static_cast<uint64_t>(n.type.bytes());
    Value result(n.type);
    result[0] =
        shaped.regions.at(static_cast<size_t>(n.value_index))->load(offset_of(n.buffer, shaped, n.args), n.type);
    return result;
}

void Interpreter::write(const Write &n) {
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

}  // namespace heddle::Internal
