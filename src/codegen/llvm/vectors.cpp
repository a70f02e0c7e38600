// Ramps, broadcasts, shuffles and reductions within a vector.

#include <numeric>

#include "codegen/llvm/function_codegen.h"

namespace heddle::Internal {

int FunctionCodegen::lanes_of(Value *v) {
    auto *t = llvm::dyn_cast<llvm::FixedVectorType>(v->getType());
    return t ? static_cast<int>(t->getNumElements()) : 1;
}

llvm::Value *FunctionCodegen::lane(Value *v, int i) {
    return v->getType()->isVectorTy() ? b_.CreateExtractElement(v, static_cast<uint64_t>(i)) : v;
}

llvm::Value *FunctionCodegen::pick(Value *v, int first, int count, int stride) {
    if (count == 1) return lane(v, first);
    if (first == 0 && stride == 1 && count == lanes_of(v)) return v;
    std::vector<int> indices;
    for (int i = 0; i < count; i++) indices.push_back(first + i * stride);
    return b_.CreateShuffleVector(v, indices);
}

llvm::Value *FunctionCodegen::concatenate(std::vector<Value *> parts) {
    HEDDLE_ASSERT(!parts.empty());
    // Scalars first become vectors of as many lanes as there are.
    bool scalars = std::all_of(parts.begin(), parts.end(), [](Value *v) { return !v->getType()->isVectorTy(); });
    if (scalars) {
        if (parts.size() == 1) return parts[0];
        auto *type = llvm::FixedVectorType::get(parts[0]->getType(), static_cast<unsigned>(parts.size()));
        Value *out = llvm::PoisonValue::get(type);
        for (size_t i = 0; i < parts.size(); i++) out = b_.CreateInsertElement(out, parts[i], static_cast<uint64_t>(i));
        return out;
    }
    for (Value *&v : parts) {
        if (v->getType()->isVectorTy()) continue;
        auto *type = llvm::FixedVectorType::get(v->getType(), 1);
        v = b_.CreateInsertElement(llvm::PoisonValue::get(type), v, uint64_t{0});
    }
    while (parts.size() > 1) {
        std::vector<Value *> next;
        for (size_t i = 0; i + 1 < parts.size(); i += 2) {
            Value *a = parts[i], *b = parts[i + 1];
            int na = lanes_of(a), nb = lanes_of(b), n = std::max(na, nb);
            auto widen = [&](Value *v, int lanes) {
                if (lanes == n) return v;
                std::vector<int> indices(static_cast<size_t>(n), -1);
                std::iota(indices.begin(), indices.begin() + lanes, 0);
                return b_.CreateShuffleVector(v, indices);
            };
            std::vector<int> indices;
            for (int j = 0; j < na; j++) indices.push_back(j);
            for (int j = 0; j < nb; j++) indices.push_back(n + j);
            next.push_back(b_.CreateShuffleVector(widen(a, na), widen(b, nb), indices));
        }
        if (parts.size() % 2) next.push_back(parts.back());
        parts = std::move(next);
    }
    return parts[0];
}

llvm::Value *FunctionCodegen::ramp(const Ramp &r) {
    Value *base = expr(r.base), *stride = expr(r.stride);
    Type t = r.base.type();
    if (t.is_scalar()) {
        std::vector<int64_t> steps(static_cast<size_t>(r.lanes));
        std::iota(steps.begin(), steps.end(), int64_t{0});
        Value *sequence = t.is_float() ? nullptr : constant_vector(t, steps);
        if (!sequence) {
            std::vector<llvm::Constant *> lanes;
            for (int64_t s : steps) {
                lanes.push_back(llvm::cast<llvm::Constant>(float_constant(t, static_cast<double>(s))));
            }
            sequence = llvm::ConstantVector::get(lanes);
        }
        Type v = t.with_lanes(r.lanes);
        return arithmetic(NodeKind::Add, v, splat(base, r.lanes), arithmetic(NodeKind::Mul, v, splat(stride, r.lanes), sequence));
    }
    std::vector<Value *> parts{base};
    for (int i = 1; i < r.lanes; i++) {
        Value *factor = t.is_float() ? float_constant(t, i) : int_constant(t, i);
        parts.push_back(arithmetic(NodeKind::Add, t, base, arithmetic(NodeKind::Mul, t, stride, factor)));
    }
    return concatenate(parts);
}

llvm::Value *FunctionCodegen::broadcast(const Broadcast &b) {
    Value *v = expr(b.value);
    if (b.value.type().is_scalar()) return splat(v, b.lanes);
    std::vector<int> indices;
    int n = b.value.type().lanes();
    for (int i = 0; i < n * b.lanes; i++) indices.push_back(i % n);
    return b_.CreateShuffleVector(v, indices);
}

llvm::Value *FunctionCodegen::shuffle(const Shuffle &s) {
    std::vector<Value *> vectors;
    for (const Expr &e : s.vectors) vectors.push_back(expr(e));
    if (s.indices.size() == 1) {
        int i = s.indices[0];
        for (Value *v : vectors) {
            if (i < lanes_of(v)) return lane(v, i);
            i -= lanes_of(v);
        }
    }
    bool pair = vectors.size() == 2 && vectors[0]->getType() == vectors[1]->getType() && vectors[0]->getType()->isVectorTy();
    if (pair) return b_.CreateShuffleVector(vectors[0], vectors[1], s.indices);
    Value *all = concatenate(vectors);
    if (!all->getType()->isVectorTy()) return splat(all, static_cast<int>(s.indices.size()));
    return b_.CreateShuffleVector(all, s.indices);
}

llvm::Value *FunctionCodegen::reduce_pair(ReduceOp op, Type t, Value *a, Value *b) {
    switch (op) {
    case ReduceOp::Add: return arithmetic(NodeKind::Add, t, a, b);
    case ReduceOp::Mul: return arithmetic(NodeKind::Mul, t, a, b);
    case ReduceOp::Min: return min_max(false, t, a, b);
    case ReduceOp::Max: return min_max(true, t, a, b);
    case ReduceOp::And: return b_.CreateAnd(a, b);
    case ReduceOp::Or: return b_.CreateOr(a, b);
    case ReduceOp::SaturatingAdd:
        return intrinsic(t.is_int() ? llvm::Intrinsic::sadd_sat : llvm::Intrinsic::uadd_sat, a->getType(), {a, b});
    }
    return nullptr;
}

llvm::Value *FunctionCodegen::vector_reduce(const VectorReduce &r) {
    Value *v = expr(r.value);
    Type element = r.type.element_of();
    int groups = r.type.lanes(), size = r.value.type().lanes() / groups;
    // One result: halves are combined with each other, which needs no shuffle across a register but the last.
    while (groups == 1 && size > 1 && size % 2 == 0) {
        size /= 2;
        v = reduce_pair(r.op, element.with_lanes(size), pick(v, 0, size), pick(v, size, size));
    }
    // Else the first lanes of all groups with the second ones, and so on, as a balanced tree.
    std::vector<Value *> parts;
    for (int i = 0; i < size; i++) parts.push_back(pick(v, i, groups, size));
    while (parts.size() > 1) {
        std::vector<Value *> next;
        for (size_t i = 0; i + 1 < parts.size(); i += 2) next.push_back(reduce_pair(r.op, r.type, parts[i], parts[i + 1]));
        if (parts.size() % 2) next.push_back(parts.back());
        parts = std::move(next);
    }
    return parts[0];
}

}  // namespace heddle::Internal
