// Loads and stores.
//
// Dense vectors are one instruction; reversed ones, one and a shuffle; strides of 2 to 4 are loaded as the
// dense vectors that cover exactly the span from the first lane to the last (so never outside the buffer)
// and shuffled; other patterns go lane by lane or, where the machine has them, by gather instructions.

#include <numeric>

#include "codegen/llvm/function_codegen.h"

namespace heddle::Internal {

// Marks an access that leaves the caches alone. Machines have that for aligned vectors only.
template<typename I>
I *FunctionCodegen::streamed(I *instruction, bool wanted, Type t, llvm::Align align) {
    if (wanted && align.value() >= static_cast<uint64_t>(t.bytes()) * static_cast<uint64_t>(t.lanes())) {
        instruction->setMetadata(llvm::LLVMContext::MD_nontemporal,
                                 llvm::MDNode::get(m_.context, {llvm::ConstantAsMetadata::get(b_.getInt32(1))}));
    }
    return instruction;
}

template<typename I>
I *FunctionCodegen::tag(I *instruction, const Binding &b) {
    std::vector<llvm::Metadata *> others;
    for (llvm::MDNode *scope : m_.live_scopes) {
        if (scope != b.alias_scope) others.push_back(scope);
    }
    if (b.alias_scope) {
        instruction->setMetadata(llvm::LLVMContext::MD_alias_scope, llvm::MDNode::get(m_.context, {b.alias_scope}));
    }
    if (!others.empty()) instruction->setMetadata(llvm::LLVMContext::MD_noalias, llvm::MDNode::get(m_.context, others));
    return instruction;
}

llvm::Value *FunctionCodegen::from_memory(Type t, Value *v) {
    return t.is_bool() ? b_.CreateIsNotNull(v) : v;
}

llvm::Value *FunctionCodegen::to_memory(Type t, Value *v) {
    return t.is_bool() ? b_.CreateZExt(v, m_.memory_type(t)) : v;
}

llvm::Align FunctionCodegen::alignment_of(const Binding &b, Type element, Alignment aligned) {
    uint64_t bytes = static_cast<uint64_t>(element.bytes());
    uint64_t result = bytes & (0 - bytes);
    if (b.alignment > result) {
        uint64_t step = std::gcd(static_cast<uint64_t>(std::abs(aligned.modulus)), static_cast<uint64_t>(std::abs(aligned.remainder)));
        step *= bytes;
        uint64_t known = step == 0 ? b.alignment : std::min(b.alignment, step & (0 - step));
        result = std::max(result, known);
    }
    return llvm::Align(result);
}

llvm::Value *FunctionCodegen::element_address(const Binding &b, Type element, const Expr &idx, int64_t offset) {
    Value *i = wide_index(idx);
    if (offset != 0) i = b_.CreateNSWAdd(i, llvm::ConstantInt::get(m_.size_type, static_cast<uint64_t>(offset), true));
    return b_.CreateInBoundsGEP(m_.memory_type(element), b.value, i);
}

Expr FunctionCodegen::index_pattern(const Expr &idx) {
    if (idx.as<Ramp>() || idx.as<Broadcast>()) return idx;
    if (const Variable *v = idx.as<Variable>()) {
        const Binding &b = lookup(v->symbol);
        return b.definition.defined() ? index_pattern(b.definition) : idx;
    }
    const Add *add = idx.as<Add>();
    const Sub *sub = idx.as<Sub>();
    const Mul *mul = idx.as<Mul>();
    const bool exact = idx.type().is_int() && idx.type().bits() >= 32;  // narrower sums wrap
    if ((!add && !sub && !mul) || !exact) return idx;
    // Both sides must be ramps over, or broadcasts of, scalars.
    struct Affine {
        Expr base, stride;  ///< the stride of a broadcast is undefined
    };
    auto affine = [&](const Expr &e) -> std::optional<Affine> {
        Expr p = index_pattern(e);
        const Ramp *r = p.as<Ramp>();
        const Broadcast *b = p.as<Broadcast>();
        if (r && r->base.type().is_scalar()) return Affine{r->base, r->stride};
        if (b && b->value.type().is_scalar()) return Affine{b->value, {}};
        return std::nullopt;
    };
    auto a = affine(add ? add->a : sub ? sub->a : mul->a), b = affine(add ? add->b : sub ? sub->b : mul->b);
    if (!a || !b || (mul && a->stride.defined() && b->stride.defined())) return idx;
    auto apply = [&](const Expr &x, const Expr &y) {
        return add ? Add::make(x, y) : sub ? Sub::make(x, y) : Mul::make(x, y);
    };
    const Expr base = apply(a->base, b->base);
    Expr stride;
    if (mul) {
        if (a->stride.defined()) stride = Mul::make(a->stride, b->base);
        if (b->stride.defined()) stride = Mul::make(a->base, b->stride);
    } else {
        const Expr zero = make_zero(base.type());
        stride = a->stride;
        if (b->stride.defined()) stride = a->stride.defined() || sub ? apply(a->stride.defined() ? a->stride : zero, b->stride) : b->stride;
    }
    int lanes = idx.type().lanes();
    if (!stride.defined()) return Broadcast::make(base, lanes);
    int64_t x = 0, y = 0;
    const Add *sum = stride.as<Add>();
    const Sub *difference = stride.as<Sub>();
    const Mul *product = stride.as<Mul>();
    const Expr sa = sum ? sum->a : difference ? difference->a : product ? product->a : Expr();
    const Expr sb = sum ? sum->b : difference ? difference->b : product ? product->b : Expr();
    if (sa.defined() && as_const_int(sa, &x) && as_const_int(sb, &y)) {
        stride = make_const(base.type(), sum ? x + y : difference ? x - y : x * y);
    }
    return Ramp::make(base, stride, lanes);
}

llvm::Value *FunctionCodegen::mask_of(const Expr &predicate) {
    return is_const_true(predicate) ? nullptr : expr(predicate);
}

template<typename Fn>
void FunctionCodegen::for_each_part(const Ramp &r, const Fn &fn) {
    // The base is evaluated once and named.
    const Ramp *inner = r.base.as<Ramp>();
    Expr base = inner ? inner->base : r.base;
    Symbol name = Symbol::fresh("base");
    ScopedBinding<Binding> binding(scope_, name, {index(base), base.type(), nullptr, 0});
    Expr start = Variable::make(base.type(), name);
    Expr stride = r.stride;
    while (const Broadcast *b = stride.as<Broadcast>()) stride = b->value;
    int part_lanes = r.base.type().lanes();
    for (int i = 0; i < r.lanes; i++) {
        Type t = stride.type();
        int64_t c = 0;
        Expr offset = as_const_int(stride, &c) ? make_const(t, c * i) : Mul::make(stride, make_const(t, int64_t{i}));
        if (start.type().lanes() != t.lanes()) offset = Broadcast::make(offset, start.type().lanes() / t.lanes());
        Expr first = i == 0 ? start : Add::make(start, offset);
        fn(inner ? Ramp::make(first, inner->stride, inner->lanes) : first, i * part_lanes);
    }
}

// A ramp over vectors can be taken part by part when its stride is the same in all lanes.
static bool has_uniform_stride(const Ramp &r) {
    Expr stride = r.stride;
    while (const Broadcast *b = stride.as<Broadcast>()) stride = b->value;
    return stride.type().is_scalar();
}

llvm::Value *FunctionCodegen::load(const Load &l) {
    Binding b = lookup(l.buffer);
    Expr predicate = l.predicate;
    const Broadcast *uniform = predicate.as<Broadcast>();
    bool scalar_predicate = l.type.is_scalar() || (uniform && uniform->value.type().is_scalar());
    if (is_const_true(predicate) || !scalar_predicate) {
        return load_lanes(b, l.type, l.index, mask_of(predicate), l.alignment);
    }
    // All lanes or none.
    Value *condition = expr(uniform ? uniform->value : predicate);
    Block *from = b_.GetInsertBlock(), *then = new_block("load"), *after = new_block("after_load");
    b_.CreateCondBr(condition, then, after);
    b_.SetInsertPoint(then);
    Value *v = load_lanes(b, l.type, l.index, nullptr, l.alignment);
    then = b_.GetInsertBlock();
    b_.CreateBr(after);
    b_.SetInsertPoint(after);
    llvm::PHINode *phi = b_.CreatePHI(v->getType(), 2);
    phi->addIncoming(v, then);
    phi->addIncoming(llvm::Constant::getNullValue(v->getType()), from);
    return phi;
}

llvm::Value *FunctionCodegen::load_lanes(const Binding &b, Type t, const Expr &given, Value *mask, Alignment aligned) {
    Type element = t.element_of();
    const Expr idx = index_pattern(given);
    if (t.is_scalar()) return load_dense(b, t, element_address(b, element, idx), mask, alignment_of(b, element, aligned));
    if (const Ramp *r = idx.as<Ramp>()) {
        int64_t stride = 0;
        bool constant = as_const_int(r->stride, &stride);
        if (r->base.type().is_scalar() && constant) {
            if (stride == 1) {
                return load_dense(b, t, element_address(b, element, r->base), mask, alignment_of(b, element, aligned));
            }
            if (stride == -1) {
                Value *address = element_address(b, element, r->base, 1 - t.lanes());
                Value *reversed = mask ? b_.CreateVectorReverse(mask) : nullptr;
                return b_.CreateVectorReverse(load_dense(b, t, address, reversed, alignment_of(b, element, {})));
            }
            if (stride >= 2 && stride <= 4 && !mask) return load_strided(b, t, r->base, static_cast<int>(stride));
        }
        bool lane_by_lane = r->base.type().is_scalar() && !mask;
        if (has_uniform_stride(*r) && (lane_by_lane || r->base.type().is_vector())) {
            Type part = t.with_lanes(r->base.type().lanes());
            std::vector<Value *> parts;
            for_each_part(*r, [&](const Expr &i, int lane) {
                parts.push_back(load_lanes(b, part, i, mask ? pick(mask, lane, part.lanes()) : nullptr, lane ? Alignment{} : aligned));
            });
            return concatenate(parts);
        }
    }
    if (const Broadcast *repeat = idx.as<Broadcast>(); repeat && !mask) {
        Type part = t.with_lanes(repeat->value.type().lanes());
        Value *v = load_lanes(b, part, repeat->value, nullptr, aligned);
        return part.is_scalar() ? splat(v, t.lanes()) : concatenate(std::vector<Value *>(static_cast<size_t>(repeat->lanes), v));
    }
    return gather(b, t, index(idx), mask);
}

llvm::Value *FunctionCodegen::load_dense(const Binding &b, Type t, Value *address, Value *mask, llvm::Align align) {
    llvm::Type *type = m_.memory_type(t);
    if (!mask) return from_memory(t, streamed(tag(b_.CreateAlignedLoad(type, address, align), b), nontemporal_load_, t, align));
    if (t.is_scalar()) {
        // One lane of a masked vector.
        Type pair = t.with_lanes(2);
        Value *m = b_.CreateInsertElement(llvm::Constant::getNullValue(llvm::FixedVectorType::get(m_.i1, 2)), mask, uint64_t{0});
        return lane(load_dense(b, pair, address, m, align), 0);
    }
    Value *none = llvm::Constant::getNullValue(type);
    return from_memory(t, tag(b_.CreateMaskedLoad(type, address, align, mask, none), b));
}

llvm::Value *FunctionCodegen::load_strided(const Binding &b, Type t, const Expr &base, int stride) {
    int lanes = t.lanes(), span = (lanes - 1) * stride + 1;
    Type element = t.element_of();
    Value *first = element_address(b, element, base);
    std::vector<Value *> parts;
    std::vector<int> starts;
    for (int start = 0; start < span; start += lanes) {
        int s = std::min(start, span - lanes);
        Value *address = b_.CreateInBoundsGEP(m_.memory_type(element), first, llvm::ConstantInt::get(m_.size_type, static_cast<uint64_t>(s)));
        parts.push_back(load_dense(b, t, address, nullptr, alignment_of(b, element, {})));
        starts.push_back(s);
    }
    std::vector<int> indices;
    for (int i = 0; i < lanes; i++) {
        int e = i * stride;
        size_t p = static_cast<size_t>(e / lanes);
        indices.push_back(static_cast<int>(p) * lanes + e - starts[p]);
    }
    if (parts.size() == 2) return b_.CreateShuffleVector(parts[0], parts[1], indices);
    return b_.CreateShuffleVector(concatenate(parts), indices);
}

llvm::Value *FunctionCodegen::gather(const Binding &b, Type t, Value *idx, Value *mask) {
    llvm::Type *type = m_.memory_type(t);
    Type element = t.element_of();
    llvm::Align align = alignment_of(b, element, {});
    if (mask || (m_.gathers && t.bits() >= 32)) {
        Value *addresses = b_.CreateGEP(m_.memory_type(element), b.value, idx);
        return from_memory(t, tag(b_.CreateMaskedGather(type, addresses, align, mask, llvm::Constant::getNullValue(type)), b));
    }
    std::vector<Value *> parts;
    for (int i = 0; i < t.lanes(); i++) {
        Value *address = b_.CreateInBoundsGEP(m_.memory_type(element), b.value, lane(idx, i));
        parts.push_back(tag(b_.CreateAlignedLoad(m_.memory_type(element), address, align), b));
    }
    return from_memory(t, concatenate(parts));
}

void FunctionCodegen::store(const Store &s) {
    Binding b = lookup(s.buffer);
    Type t = s.value.type();
    const Call *streamed = s.value.as<Call>();
    nontemporal_store_ = streamed && streamed->op == CallOp::nontemporal;
    const Broadcast *uniform = s.predicate.as<Broadcast>();
    bool scalar_predicate = t.is_scalar() || (uniform && uniform->value.type().is_scalar());
    if (is_const_true(s.predicate) || !scalar_predicate) {
        Value *v = expr(s.value);
        store_lanes(b, t, s.index, v, mask_of(s.predicate), s.alignment);
        return;
    }
    Value *condition = expr(uniform ? uniform->value : s.predicate);
    Block *then = new_block("store"), *after = new_block("after_store");
    b_.CreateCondBr(condition, then, after);
    b_.SetInsertPoint(then);
    Value *v = expr(s.value);
    store_lanes(b, t, s.index, v, nullptr, s.alignment);
    b_.CreateBr(after);
    b_.SetInsertPoint(after);
}

void FunctionCodegen::store_lanes(const Binding &b, Type t, const Expr &given, Value *value, Value *mask, Alignment aligned) {
    Type element = t.element_of();
    const Expr idx = index_pattern(given);
    if (t.is_scalar()) {
        return store_dense(b, t, element_address(b, element, idx), value, mask, alignment_of(b, element, aligned));
    }
    if (const Ramp *r = idx.as<Ramp>()) {
        int64_t stride = 0;
        if (r->base.type().is_scalar() && as_const_int(r->stride, &stride)) {
            if (stride == 1) {
                return store_dense(b, t, element_address(b, element, r->base), value, mask, alignment_of(b, element, aligned));
            }
            if (stride == -1) {
                return store_dense(b, t, element_address(b, element, r->base, 1 - t.lanes()), b_.CreateVectorReverse(value),
                                   mask ? b_.CreateVectorReverse(mask) : nullptr, alignment_of(b, element, {}));
            }
        }
        bool lane_by_lane = r->base.type().is_scalar() && !mask;
        if (has_uniform_stride(*r) && (lane_by_lane || r->base.type().is_vector())) {
            Type part = t.with_lanes(r->base.type().lanes());
            for_each_part(*r, [&](const Expr &i, int lane) {
                store_lanes(b, part, i, pick(value, lane, part.lanes()), mask ? pick(mask, lane, part.lanes()) : nullptr,
                            lane ? Alignment{} : aligned);
            });
            return;
        }
    }
    scatter(b, t, index(idx), value, mask);
}

void FunctionCodegen::store_dense(const Binding &b, Type t, Value *address, Value *value, Value *mask, llvm::Align align) {
    if (!mask) {
        streamed(tag(b_.CreateAlignedStore(to_memory(t, value), address, align), b), nontemporal_store_, t, align);
    } else if (t.is_scalar()) {
        Block *then = new_block("store"), *after = new_block("after_store");
        b_.CreateCondBr(mask, then, after);
        b_.SetInsertPoint(then);
        tag(b_.CreateAlignedStore(to_memory(t, value), address, align), b);
        b_.CreateBr(after);
        b_.SetInsertPoint(after);
    } else {
        tag(b_.CreateMaskedStore(to_memory(t, value), address, align, mask), b);
    }
}

void FunctionCodegen::scatter(const Binding &b, Type t, Value *idx, Value *value, Value *mask) {
    // In the order of the lanes: of those that hit the same element, the last one stays.
    Type element = t.element_of();
    llvm::Align align = alignment_of(b, element, {});
    value = to_memory(t, value);
    if (mask) {
        Value *addresses = b_.CreateGEP(m_.memory_type(element), b.value, idx);
        tag(b_.CreateMaskedScatter(value, addresses, align, mask), b);
        return;
    }
    for (int i = 0; i < t.lanes(); i++) {
        Value *address = b_.CreateInBoundsGEP(m_.memory_type(element), b.value, lane(idx, i));
        tag(b_.CreateAlignedStore(lane(value, i), address, align), b);
    }
}

llvm::Value *FunctionCodegen::address_of(const Expr &load) {
    const Load *l = load.as<Load>();
    HEDDLE_ASSERT(l && l->type.is_scalar(), "address_of takes a scalar Load");
    return element_address(lookup(l->buffer), l->type, l->index);
}

}  // namespace heddle::Internal
