// halide_buffer_t, text, structs on the stack, and the calls of host code.

#include "codegen/llvm/function_codegen.h"

namespace heddle::Internal {

namespace {

// Fields of halide_buffer_t as in ModuleState::buffer_type, and of halide_dimension_t.
enum BufferField { device, device_interface, host, flags, type, dimensions, dim, padding };
enum DimensionField { dim_min, dim_extent, dim_stride, dim_flags };

}  // namespace

llvm::Value *FunctionCodegen::buffer_field(Value *buffer, unsigned field, llvm::Type *t) {
    return b_.CreateLoad(t, b_.CreateStructGEP(m_.buffer_type, buffer, field));
}

llvm::Value *FunctionCodegen::dimension_address(Value *buffer, Value *d) {
    return b_.CreateInBoundsGEP(m_.dimension_type, buffer_field(buffer, dim, m_.ptr), d);
}

// From argument `first` on: type, dimensions, min0, extent0, stride0, min1, ...
void FunctionCodegen::fill_buffer(Value *buffer, const Call &c, size_t first) {
    auto set = [&](unsigned field, Value *v) { b_.CreateStore(v, b_.CreateStructGEP(m_.buffer_type, buffer, field)); };
    set(type, expr(c.args[first]));
    set(dimensions, expr(c.args[first + 1]));
    Value *shape = buffer_field(buffer, dim, m_.ptr);
    size_t count = (c.args.size() - first - 2) / 3;
    for (size_t i = 0; i < count; i++) {
        Value *d = b_.CreateConstInBoundsGEP1_32(m_.dimension_type, shape, static_cast<unsigned>(i));
        for (unsigned field : {dim_min, dim_extent, dim_stride}) {
            b_.CreateStore(expr(c.args[first + 2 + 3 * i + field]), b_.CreateStructGEP(m_.dimension_type, d, field));
        }
        b_.CreateStore(b_.getInt32(0), b_.CreateStructGEP(m_.dimension_type, d, dim_flags));
    }
}

llvm::Value *FunctionCodegen::buffer_call(const Call &c) {
    if (c.op == CallOp::buffer_create) {
        size_t count = (c.args.size() - 3) / 3;
        Value *b = stack_slot(m_.buffer_type, 1, 8, "buffer");
        Value *shape = stack_slot(llvm::ArrayType::get(m_.dimension_type, std::max<size_t>(count, 1)), 1, 8, "shape");
        b_.CreateStore(llvm::Constant::getNullValue(m_.buffer_type), b);
        b_.CreateStore(expr(c.args[0]), b_.CreateStructGEP(m_.buffer_type, b, host));
        b_.CreateStore(shape, b_.CreateStructGEP(m_.buffer_type, b, dim));
        fill_buffer(b, c, 1);
        return b;
    }
    Value *b = expr(c.args[0]);
    auto dimension = [&](unsigned field) {
        Value *d = dimension_address(b, expr(c.args[1]));
        return b_.CreateLoad(m_.i32, b_.CreateStructGEP(m_.dimension_type, d, field));
    };
    auto flag = [&](uint64_t bit) { return b_.CreateIsNotNull(b_.CreateAnd(buffer_field(b, flags, m_.i64), b_.getInt64(bit))); };
    switch (c.op) {
    case CallOp::buffer_is_null: return b_.CreateIsNull(b);
    case CallOp::buffer_host: return buffer_field(b, host, m_.ptr);
    case CallOp::buffer_device: return buffer_field(b, device, m_.i64);
    case CallOp::buffer_device_interface: return buffer_field(b, device_interface, m_.ptr);
    case CallOp::buffer_dimensions: return buffer_field(b, dimensions, m_.i32);
    case CallOp::buffer_type: return buffer_field(b, type, m_.i32);
    case CallOp::buffer_min: return dimension(dim_min);
    case CallOp::buffer_extent: return dimension(dim_extent);
    case CallOp::buffer_stride: return dimension(dim_stride);
    case CallOp::buffer_is_bounds_query:
        return b_.CreateAnd(b_.CreateIsNull(buffer_field(b, host, m_.ptr)), b_.CreateIsNull(buffer_field(b, device, m_.i64)));
    case CallOp::buffer_host_dirty: return flag(halide_buffer_flag_host_dirty);
    case CallOp::buffer_device_dirty: return flag(halide_buffer_flag_device_dirty);
    case CallOp::buffer_set_host_dirty: {
        Value *old = buffer_field(b, flags, m_.i64);
        Value *with = b_.CreateOr(old, b_.getInt64(halide_buffer_flag_host_dirty));
        Value *without = b_.CreateAnd(old, b_.getInt64(~static_cast<uint64_t>(halide_buffer_flag_host_dirty)));
        Value *now = b_.CreateSelect(expr(c.args[1]), with, without);
        b_.CreateStore(now, b_.CreateStructGEP(m_.buffer_type, b, flags));
        return b_.getInt32(0);
    }
    case CallOp::buffer_set_bounds:
        for (unsigned field : {device, device_interface, host, flags}) {
            llvm::Type *t = m_.buffer_type->getElementType(field);
            b_.CreateStore(llvm::Constant::getNullValue(t), b_.CreateStructGEP(m_.buffer_type, b, field));
        }
        fill_buffer(b, c, 1);
        return b_.getInt32(0);
    default: HEDDLE_ASSERT(false, to_string(c.op), " is no buffer call");
    }
    return nullptr;
}

llvm::Value *FunctionCodegen::text_call(const Call &c) {
    switch (c.op) {
    case CallOp::stringify: return stringify(c);
    case CallOp::make_struct: return make_struct(c);
    case CallOp::null_handle: return llvm::ConstantPointerNull::get(m_.ptr);
    case CallOp::address_of: return address_of(c.args[0]);
    case CallOp::trace: return trace(c);
    case CallOp::prefetch: return prefetch(c);
    case CallOp::user_context: return user_context_;
    default: HEDDLE_ASSERT(false, to_string(c.op), " is no call of host code");
    }
    return nullptr;
}

llvm::Value *FunctionCodegen::make_struct(const Call &c) {
    std::vector<Value *> values;
    std::vector<llvm::Type *> types;
    for (const Expr &e : c.args) {
        values.push_back(to_memory(e.type(), expr(e)));
        types.push_back(values.back()->getType());
    }
    if (values.empty()) return llvm::ConstantPointerNull::get(m_.ptr);
    auto *struct_type = llvm::StructType::get(m_.context, types);
    Value *slot = stack_slot(struct_type, 1, 0, "struct");
    for (size_t i = 0; i < values.size(); i++) {
        b_.CreateStore(values[i], b_.CreateStructGEP(struct_type, slot, static_cast<unsigned>(i)));
    }
    return slot;
}

llvm::Value *FunctionCodegen::stringify(const Call &c) {
    // Room for the longest form of each part; a string that is only known at run time is cut after 1000 bytes.
    uint64_t room = 1;
    for (const Expr &e : c.args) {
        const StringImm *s = e.as<StringImm>();
        uint64_t one = s ? s->value.size() : e.type().is_handle() ? 1000 : e.type().is_float() && e.type().bits() == 64 ? 330 : 48;
        room += (one + 2) * static_cast<uint64_t>(e.type().lanes());
    }
    Value *start = stack_slot(llvm::ArrayType::get(m_.i8, room), 1, 1, "text");
    Value *end = b_.CreateConstInBoundsGEP1_64(m_.i8, start, room);
    b_.CreateStore(b_.getInt8(0), start);
    Value *at = start;
    auto text = [&](Value *s) { at = runtime_call("halide_string_to_string", m_.ptr, {at, end, s}); };
    auto number = [&](Type t, Value *v) {
        if (t.is_handle()) {
            at = runtime_call("halide_pointer_to_string", m_.ptr, {at, end, v});
        } else if (t.is_float()) {
            // float64 with %e, float32 with %f, as Halide's kernels print them.
            Value *d = convert(t, Float(64), v);
            at = runtime_call("halide_double_to_string", m_.ptr, {at, end, d, b_.getInt32(t.bits() == 64 ? 1 : 0)});
        } else if (t.is_int()) {
            at = runtime_call("halide_int64_to_string", m_.ptr, {at, end, b_.CreateSExt(v, m_.i64), b_.getInt32(1)});
        } else {
            at = runtime_call("halide_uint64_to_string", m_.ptr, {at, end, b_.CreateZExt(v, m_.i64), b_.getInt32(1)});
        }
    };
    for (const Expr &e : c.args) {
        Value *v = expr(e);
        Type t = e.type();
        if (e.as<StringImm>() || (t.is_handle() && t.is_scalar())) {
            text(v);
        } else if (t.is_scalar()) {
            number(t, v);
        } else {
            for (int i = 0; i < t.lanes(); i++) {
                text(m_.string_constant(i == 0 ? "<" : ", "));
                number(t.element_of(), lane(v, i));
            }
            text(m_.string_constant(">"));
        }
    }
    return start;
}

// (func, event code, parent id, value index, value or text, coordinates...): see intrinsics.def.
llvm::Value *FunctionCodegen::trace(const Call &c) {
    HEDDLE_ASSERT(c.args.size() >= 4, "trace of ", c.args.size(), " arguments");
    Value *func = expr(c.args[0]), *event = expr(c.args[1]), *parent = expr(c.args[2]), *value_index = expr(c.args[3]);
    size_t next = 4;
    Type t;
    Value *value = llvm::ConstantPointerNull::get(m_.ptr);
    int64_t code = 0;
    bool known = as_const_int(c.args[1], &code);
    if (known && (code == halide_trace_load || code == halide_trace_store)) {
        const Expr &e = c.args[next++];
        t = e.type();
        value = stack_slot(m_.memory_type(t), 1, 64, "traced");
        b_.CreateStore(to_memory(t, expr(e)), value);
    }
    Value *tag = known && code == halide_trace_tag ? expr(c.args[next++]) : llvm::ConstantPointerNull::get(m_.ptr);
    int lanes = std::max(t.lanes(), 1);
    size_t dimensions = c.args.size() - next;
    Value *coordinates = llvm::ConstantPointerNull::get(m_.ptr);
    if (dimensions > 0) {
        coordinates = stack_slot(llvm::ArrayType::get(m_.i32, dimensions * static_cast<size_t>(lanes)), 1, 4, "coordinates");
        for (size_t d = 0; d < dimensions; d++) {
            Value *v = expr(c.args[next + d]);
            // Of vectors: all lanes of one dimension, then those of the next.
            for (int i = 0; i < lanes; i++) {
                Value *slot = b_.CreateConstInBoundsGEP1_64(m_.i32, coordinates, d * static_cast<uint64_t>(lanes) + static_cast<uint64_t>(i));
                b_.CreateStore(lane(v, i), slot);
            }
        }
    }
    auto number = [&](int64_t n) { return b_.getInt32(static_cast<uint32_t>(n)); };
    return runtime_call("halide_trace_helper", m_.i32,
                        {user_context_, func, value, coordinates, number(t.code()), number(t.bits()), number(lanes), event, parent,
                         value_index, number(static_cast<int64_t>(dimensions) * lanes), tag});
}

// (load, extent0, stride0, extent1, stride1, ...): one request per cache line along the first dimension with
// stride 1, and per element along the others.
llvm::Value *FunctionCodegen::prefetch(const Call &c) {
    const Load *l = c.args[0].as<Load>();
    HEDDLE_ASSERT(l, "prefetch of something not a Load");
    Value *address = address_of(c.args[0]);
    struct Level {
        Block *body;
        llvm::PHINode *i;
        Value *extent;
        int64_t step;
    };
    std::vector<Level> levels;
    Value *offset = b_.getInt64(0);
    for (size_t d = (c.args.size() - 1) / 2; d-- > 0;) {
        const Expr &stride = c.args[2 + 2 * d];
        int64_t step = is_const(stride, 1) ? std::max(64 / l->type.bytes(), 1) : 1;
        Value *extent = b_.CreateSExtOrTrunc(expr(c.args[1 + 2 * d]), m_.i64);
        Value *bytes = b_.CreateMul(b_.CreateSExtOrTrunc(expr(stride), m_.i64), b_.getInt64(static_cast<uint64_t>(l->type.bytes())));
        Block *before = b_.GetInsertBlock(), *body = new_block("prefetch");
        b_.CreateBr(body);
        b_.SetInsertPoint(body);
        llvm::PHINode *i = b_.CreatePHI(m_.i64, 2);
        i->addIncoming(b_.getInt64(0), before);
        offset = b_.CreateAdd(offset, b_.CreateMul(i, bytes));
        levels.push_back({body, i, extent, step});
    }
    Value *p = b_.CreateGEP(m_.i8, address, offset);
    b_.CreateIntrinsic(llvm::Intrinsic::prefetch, {m_.ptr}, {p, b_.getInt32(0), b_.getInt32(3), b_.getInt32(1)});
    while (!levels.empty()) {
        Level level = levels.back();
        levels.pop_back();
        Value *next = b_.CreateAdd(level.i, b_.getInt64(static_cast<uint64_t>(level.step)));
        level.i->addIncoming(next, b_.GetInsertBlock());
        Block *after = new_block("prefetched");
        b_.CreateCondBr(b_.CreateICmpSLT(next, level.extent), level.body, after);
        b_.SetInsertPoint(after);
    }
    return b_.getInt32(0);
}

}  // namespace heddle::Internal
