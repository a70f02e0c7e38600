// Calls: C functions, bits, integer arithmetic, control.

#include "codegen/llvm/function_codegen.h"
#include "ir/math_expand.h"

namespace heddle::Internal {

llvm::Value *FunctionCodegen::call(const Call &c) {
    switch (c.op) {
    case CallOp::extern_c:
    case CallOp::pure_extern_c: return extern_call(c);

    case CallOp::bitwise_and:
    case CallOp::bitwise_or:
    case CallOp::bitwise_xor:
    case CallOp::bitwise_not:
    case CallOp::shift_left:
    case CallOp::shift_right:
    case CallOp::count_leading_zeros:
    case CallOp::count_trailing_zeros:
    case CallOp::popcount:
    case CallOp::concat_bits:
    case CallOp::extract_bits: return bit_call(c);

    case CallOp::abs:
    case CallOp::absd:
    case CallOp::div_round_to_zero:
    case CallOp::mod_round_to_zero:
    case CallOp::saturating_add:
    case CallOp::saturating_sub:
    case CallOp::saturating_cast:
    case CallOp::halving_add:
    case CallOp::halving_sub:
    case CallOp::rounding_halving_add:
    case CallOp::rounding_shift_left:
    case CallOp::rounding_shift_right:
    case CallOp::mul_shift_right:
    case CallOp::rounding_mul_shift_right:
    case CallOp::sorted_avg: return integer_call(c);

    case CallOp::widening_add:
    case CallOp::widening_sub:
    case CallOp::widening_mul:
    case CallOp::widening_shift_left:
    case CallOp::widening_shift_right:
    case CallOp::widen_right_add:
    case CallOp::widen_right_sub:
    case CallOp::widen_right_mul: return widening_call(c);

    case CallOp::floor:
    case CallOp::ceil:
    case CallOp::trunc:
    case CallOp::round:
    case CallOp::sqrt:
    case CallOp::sin:
    case CallOp::cos:
    case CallOp::tan:
    case CallOp::asin:
    case CallOp::acos:
    case CallOp::atan:
    case CallOp::atan2:
    case CallOp::sinh:
    case CallOp::cosh:
    case CallOp::tanh:
    case CallOp::asinh:
    case CallOp::acosh:
    case CallOp::atanh:
    case CallOp::exp:
    case CallOp::log:
    case CallOp::pow:
    case CallOp::erf:
    case CallOp::fast_exp:
    case CallOp::fast_log:
    case CallOp::fast_pow:
    case CallOp::fast_sin:
    case CallOp::fast_cos:
    case CallOp::fast_inverse:
    case CallOp::fast_inverse_sqrt:
    case CallOp::is_nan:
    case CallOp::is_inf:
    case CallOp::is_finite:
    case CallOp::fma: return float_call(c);

    case CallOp::lerp:
    case CallOp::random: {
        Expr expanded = expand_call(c);
        HEDDLE_ASSERT(expanded.defined(), to_string(c.op), " of ", to_string(c.type));
        return expr(expanded);
    }

    case CallOp::strict_float:
    case CallOp::nontemporal:
    case CallOp::likely:
    case CallOp::likely_if_innermost:
    case CallOp::promise_clamped:
    case CallOp::unsafe_promise_clamped:
    case CallOp::if_then_else:
    case CallOp::return_second:
    case CallOp::require:
    case CallOp::undef:
    case CallOp::unreachable:
    case CallOp::memoize_tag:
    case CallOp::target_has_feature:
    case CallOp::target_arch_is:
    case CallOp::target_os_is:
    case CallOp::target_bits:
    case CallOp::target_natural_vector_bytes: return control_call(c);

    case CallOp::make_semaphore:
    case CallOp::release_semaphore: return semaphore_call(c);

    case CallOp::stringify:
    case CallOp::make_struct:
    case CallOp::null_handle:
    case CallOp::address_of:
    case CallOp::scatter_gather:
    case CallOp::trace:
    case CallOp::prefetch:
    case CallOp::user_context: return text_call(c);

    case CallOp::buffer_is_null:
    case CallOp::buffer_host:
    case CallOp::buffer_device:
    case CallOp::buffer_device_interface:
    case CallOp::buffer_dimensions:
    case CallOp::buffer_type:
    case CallOp::buffer_min:
    case CallOp::buffer_extent:
    case CallOp::buffer_stride:
    case CallOp::buffer_is_bounds_query:
    case CallOp::buffer_host_dirty:
    case CallOp::buffer_device_dirty:
    case CallOp::buffer_set_host_dirty:
    case CallOp::buffer_set_bounds:
    case CallOp::buffer_create: return buffer_call(c);
    case CallOp::buffer_of: HEDDLE_ASSERT(false, "buffer_of is a call of level nest");
    }
    return nullptr;
}

template<typename Fn>
llvm::Value *FunctionCodegen::per_lane(Type t, const std::vector<Value *> &args, const Fn &fn) {
    if (t.is_scalar()) return fn(args);
    std::vector<Value *> results;
    for (int i = 0; i < t.lanes(); i++) {
        std::vector<Value *> lanes;
        for (Value *v : args) lanes.push_back(lane(v, i));
        results.push_back(fn(lanes));
    }
    return concatenate(results);
}

llvm::Value *FunctionCodegen::extern_call(const Call &c) {
    std::vector<Value *> args;
    std::vector<llvm::Type *> types;
    for (const Expr &e : c.args) {
        args.push_back(expr(e));
        types.push_back(m_.value_type(e.type().element_of()));
    }
    Type result = c.type.element_of();
    llvm::FunctionCallee callee = m_.declare(c.name, m_.value_type(result), types);
    return per_lane(c.type, args, [&](const std::vector<Value *> &lanes) -> Value * {
        llvm::CallInst *call = b_.CreateCall(callee, lanes);
        for (size_t i = 0; i < c.args.size(); i++) {
            Type t = c.args[i].type();
            if (t.is_int_or_uint() && t.bits() < 32) {
                call->addParamAttr(static_cast<unsigned>(i), t.is_int() ? llvm::Attribute::SExt : llvm::Attribute::ZExt);
            }
        }
        if (result.is_int_or_uint() && result.bits() < 32) {
            call->addRetAttr(result.is_int() ? llvm::Attribute::SExt : llvm::Attribute::ZExt);
        }
        if (c.op == CallOp::pure_extern_c) {
            call->addFnAttr(llvm::Attribute::getWithMemoryEffects(m_.context, llvm::MemoryEffects::inaccessibleOrArgMemOnly()));
            call->addFnAttr(llvm::Attribute::WillReturn);
        }
        return call;
    });
}

// --- bits

llvm::Value *FunctionCodegen::bit_call(const Call &c) {
    Type t = c.args[0].type();
    if (c.op == CallOp::shift_left || c.op == CallOp::shift_right) {
        return shift(c.op == CallOp::shift_left, t, c.args[0], c.args[1]);
    }
    if (c.op == CallOp::concat_bits) {
        llvm::Type *wide = m_.value_type(c.type.with_code(Type::UInt));
        Value *out = llvm::Constant::getNullValue(wide);
        int position = 0;
        for (const Expr &e : c.args) {
            Value *part = reinterpret(e.type(), UInt(e.type().bits(), e.type().lanes()), expr(e));
            out = b_.CreateOr(out, b_.CreateShl(b_.CreateZExt(part, wide), int_constant(c.type, position)));
            position += e.type().bits();
        }
        return out;
    }
    Value *a = expr(c.args[0]);
    auto as_bits = [&](const Expr &e, Value *v) { return reinterpret(e.type(), UInt(e.type().bits(), e.type().lanes()), v); };
    switch (c.op) {
    case CallOp::bitwise_not: return reinterpret(UInt(t.bits(), t.lanes()), c.type, b_.CreateNot(as_bits(c.args[0], a)));
    case CallOp::count_leading_zeros: return b_.CreateIntrinsic(llvm::Intrinsic::ctlz, {a->getType()}, {a, b_.getFalse()});
    case CallOp::count_trailing_zeros: return b_.CreateIntrinsic(llvm::Intrinsic::cttz, {a->getType()}, {a, b_.getFalse()});
    case CallOp::popcount: return intrinsic(llvm::Intrinsic::ctpop, a->getType(), {a});
    case CallOp::extract_bits: {
        Type bits = UInt(t.bits(), t.lanes());
        Value *position = convert(c.args[1].type(), bits, expr(c.args[1]));
        Value *part = b_.CreateTrunc(b_.CreateLShr(as_bits(c.args[0], a), position), m_.value_type(UInt(c.type.bits(), c.type.lanes())));
        return reinterpret(UInt(c.type.bits(), c.type.lanes()), c.type, part);
    }
    default: break;
    }
    Value *x = as_bits(c.args[0], a), *y = as_bits(c.args[1], expr(c.args[1]));
    Value *v = c.op == CallOp::bitwise_and  ? b_.CreateAnd(x, y)
               : c.op == CallOp::bitwise_or ? b_.CreateOr(x, y)
                                            : b_.CreateXor(x, y);
    return reinterpret(UInt(t.bits(), t.lanes()), c.type, v);
}

llvm::Value *FunctionCodegen::shift(bool left, Type t, const Expr &a, const Expr &b) {
    Value *va = expr(a);
    int64_t amount = 0;
    if (as_const_int(b, &amount) && std::abs(amount) < t.bits()) {
        if (amount < 0) {
            left = !left;
            amount = -amount;
        }
        Value *by = int_constant(t, amount);
        return left ? b_.CreateShl(va, by) : t.is_int() ? b_.CreateAShr(va, by) : b_.CreateLShr(va, by);
    }
    return shift_values(left, t, va, expr(b), b.type());
}

// Too large an amount gives some fixed number, not LLVM's poison.
llvm::Value *FunctionCodegen::shift_values(bool left, Type t, Value *a, Value *b, Type amount_type) {
    auto go = [&](bool to_left, Value *by) {
        return b_.CreateFreeze(to_left ? b_.CreateShl(a, by) : t.is_int() ? b_.CreateAShr(a, by) : b_.CreateLShr(a, by));
    };
    if (amount_type.is_uint()) return go(left, b);
    Value *negative = b_.CreateICmpSLT(b, int_constant(amount_type, 0));
    return b_.CreateSelect(negative, go(!left, b_.CreateNeg(b)), go(left, b));
}

// --- integer arithmetic

// (a + (1 << b) / 2) >> b for 0 <= b: the bit below the ones that stay is added, which cannot overflow for b > 0.
llvm::Value *FunctionCodegen::rounding_shift_right(Type t, Value *a, Value *b, Type amount_type) {
    Value *zero = int_constant(t, 0), *one = int_constant(t, 1);
    Value *is_negative = amount_type.is_int() ? b_.CreateICmpSLT(b, zero) : nullptr;
    Value *amount = is_negative ? b_.CreateSelect(is_negative, zero, b) : b;
    Value *whole = shift_values(false, t, a, amount, UInt(t.bits(), t.lanes()));
    Value *below = b_.CreateSub(intrinsic(llvm::Intrinsic::umax, amount->getType(), {amount, one}), one);
    Value *last = b_.CreateAnd(shift_values(false, t, a, below, UInt(t.bits(), t.lanes())), one);
    Value *rounded = b_.CreateAdd(whole, b_.CreateSelect(b_.CreateICmpEQ(amount, zero), zero, last));
    if (!is_negative) return rounded;
    Value *left = shift_values(true, t, a, b_.CreateSelect(is_negative, b_.CreateNeg(b), zero), UInt(t.bits(), t.lanes()));
    return b_.CreateSelect(is_negative, left, rounded);
}

llvm::Value *FunctionCodegen::saturating_convert(Type from, Type to, Value *v) {
    if (from == to) return v;
    if (from.is_float()) {
        v = to_float32(from, v);
        if (to.is_float()) return float_to_float(is_small_float(from) ? Float(32, from.lanes()) : from, to, v);
        auto id = to.is_int() ? llvm::Intrinsic::fptosi_sat : llvm::Intrinsic::fptoui_sat;
        return b_.CreateIntrinsic(id, {m_.value_type(to), v->getType()}, {v});
    }
    if (to.is_float()) return convert(from, to, v);
    // Clamped to the range of `to`, as far as that lies within the range of `from`.
    bool from_signed = from.is_int(), to_signed = to.is_int();
    int to_magnitude = to.bits() - to_signed, from_magnitude = from.bits() - from_signed;
    if (from_signed && (!to_signed || to_magnitude < from_magnitude)) {
        int64_t low = to_signed ? -(int64_t{1} << to_magnitude) : 0;
        v = intrinsic(llvm::Intrinsic::smax, v->getType(), {v, int_constant(from, low)});
    }
    if (to_magnitude < from_magnitude) {
        int64_t high = static_cast<int64_t>((uint64_t{1} << to_magnitude) - 1);
        v = intrinsic(from_signed ? llvm::Intrinsic::smin : llvm::Intrinsic::umin, v->getType(), {v, int_constant(from, high)});
    }
    return convert(from, to, v);
}

llvm::Value *FunctionCodegen::integer_call(const Call &c) {
    Type t = c.args[0].type();
    Value *a = expr(c.args[0]);
    if (c.op == CallOp::abs) {
        if (t.is_float()) {
            if (is_small_float(t)) return b_.CreateAnd(a, int_constant(UInt(16, t.lanes()), 0x7fff));
            return intrinsic(llvm::Intrinsic::fabs, a->getType(), {a});
        }
        return t.is_uint() ? a : b_.CreateIntrinsic(llvm::Intrinsic::abs, {a->getType()}, {a, b_.getFalse()});
    }
    if (c.op == CallOp::saturating_cast) return saturating_convert(t, c.type, a);
    Value *b = expr(c.args[1]);
    bool is_signed = t.is_int();
    Value *one = t.is_float() ? nullptr : int_constant(t, 1);
    auto half = [&](Value *v) { return is_signed ? b_.CreateAShr(v, one) : b_.CreateLShr(v, one); };
    switch (c.op) {
    case CallOp::absd:
        if (t.is_float()) {
            Value *d = arithmetic(NodeKind::Sub, t, a, b);
            if (is_small_float(t)) return b_.CreateAnd(d, int_constant(UInt(16, t.lanes()), 0x7fff));
            return intrinsic(llvm::Intrinsic::fabs, d->getType(), {d});
        }
        return b_.CreateSub(min_max(true, t, a, b), min_max(false, t, a, b));
    case CallOp::div_round_to_zero: return t.is_float() ? arithmetic(NodeKind::Div, t, a, b) : truncating_quotient(t, a, b);
    case CallOp::mod_round_to_zero:
        if (t.is_float()) return b_.CreateFRem(a, b);
        return b_.CreateSub(a, b_.CreateMul(truncating_quotient(t, a, b), b));
    case CallOp::saturating_add:
        if (t.is_float()) return arithmetic(NodeKind::Add, t, a, b);
        return intrinsic(is_signed ? llvm::Intrinsic::sadd_sat : llvm::Intrinsic::uadd_sat, a->getType(), {a, b});
    case CallOp::saturating_sub:
        if (t.is_float()) return arithmetic(NodeKind::Sub, t, a, b);
        return intrinsic(is_signed ? llvm::Intrinsic::ssub_sat : llvm::Intrinsic::usub_sat, a->getType(), {a, b});
    // What a and b have in common, and half of that in which they differ.
    case CallOp::halving_add:
    case CallOp::sorted_avg: return b_.CreateAdd(b_.CreateAnd(a, b), half(b_.CreateXor(a, b)));
    case CallOp::rounding_halving_add: return b_.CreateSub(b_.CreateOr(a, b), half(b_.CreateXor(a, b)));
    case CallOp::halving_sub: {
        // a - b = (a ^ b) - 2 (~a & b).
        return b_.CreateSub(half(b_.CreateXor(a, b)), b_.CreateAnd(b_.CreateNot(a), b));
    }
    case CallOp::rounding_shift_right: return rounding_shift_right(t, a, b, c.args[1].type());
    case CallOp::rounding_shift_left: {
        Type amount = c.args[1].type();
        if (amount.is_uint()) return shift_values(true, t, a, b, amount);
        return rounding_shift_right(t, a, b_.CreateNeg(b), amount);
    }
    case CallOp::mul_shift_right:
    case CallOp::rounding_mul_shift_right: {
        Type wide = c.type.widen();
        Value *product = b_.CreateMul(convert(t, wide, a), convert(c.args[1].type(), wide, b));
        Type amount_type = UInt(wide.bits(), wide.lanes());
        Value *amount = b_.CreateZExt(expr(c.args[2]), product->getType());
        Value *shifted = c.op == CallOp::mul_shift_right ? shift_values(false, wide, product, amount, amount_type)
                                                         : rounding_shift_right(wide, product, amount, amount_type);
        return saturating_convert(wide, c.type, shifted);
    }
    default: HEDDLE_ASSERT(false, to_string(c.op), " is no integer call");
    }
    return nullptr;
}

llvm::Value *FunctionCodegen::widening_call(const Call &c) {
    Value *a = convert(c.args[0].type(), c.type, expr(c.args[0]));
    Type tb = c.args[1].type();
    Value *b = expr(c.args[1]);
    switch (c.op) {
    case CallOp::widening_add:
    case CallOp::widen_right_add: return arithmetic(NodeKind::Add, c.type, a, convert(tb, c.type, b));
    case CallOp::widening_sub:
    case CallOp::widen_right_sub: return arithmetic(NodeKind::Sub, c.type, a, convert(tb, c.type, b));
    case CallOp::widening_mul:
    case CallOp::widen_right_mul: return arithmetic(NodeKind::Mul, c.type, a, convert(tb, c.type, b));
    case CallOp::widening_shift_left:
    case CallOp::widening_shift_right: {
        Type wide = tb.with_bits(c.type.bits());
        return shift_values(c.op == CallOp::widening_shift_left, c.type, a, convert(tb, wide, b), wide);
    }
    default: HEDDLE_ASSERT(false, to_string(c.op), " is no widening call");
    }
    return nullptr;
}

// --- control

llvm::Value *FunctionCodegen::control_call(const Call &c) {
    switch (c.op) {
    case CallOp::strict_float: {
        bool old = strict_;
        set_strict(true);
        Value *v = expr(c.args[0]);
        set_strict(old);
        return v;
    }
    case CallOp::nontemporal: {
        nontemporal_load_ = c.args[0].as<Load>() != nullptr;
        Value *v = expr(c.args[0]);
        nontemporal_load_ = false;
        return v;
    }
    case CallOp::likely:
    case CallOp::likely_if_innermost:
    case CallOp::promise_clamped:
    case CallOp::unsafe_promise_clamped:
    case CallOp::memoize_tag: return expr(c.args[0]);
    case CallOp::if_then_else: return if_then_else(c);
    case CallOp::return_second: expr(c.args[0]); return expr(c.args[1]);
    case CallOp::require: return require(c);
    case CallOp::undef:
    case CallOp::unreachable: return llvm::Constant::getNullValue(m_.value_type(c.type));
    default: break;
    }
    int64_t number = 0;
    if (!c.args.empty()) HEDDLE_ASSERT(as_const_int(c.args[0], &number), to_string(c.op), " of something not constant");
    const Target &t = m_.target;
    switch (c.op) {
    case CallOp::target_has_feature: return b_.getInt1(t.has_feature(static_cast<Target::Feature>(number)));
    case CallOp::target_arch_is: return b_.getInt1(t.arch == static_cast<Target::Arch>(number));
    case CallOp::target_os_is: return b_.getInt1(t.os == static_cast<Target::OS>(number));
    case CallOp::target_bits: return b_.getInt32(static_cast<uint32_t>(t.bits));
    case CallOp::target_natural_vector_bytes: return b_.getInt32(static_cast<uint32_t>(t.natural_vector_size(UInt(8))));
    default: HEDDLE_ASSERT(false, to_string(c.op), " is no control call");
    }
    return nullptr;
}

llvm::Value *FunctionCodegen::if_then_else(const Call &c) {
    Value *condition = expr(c.args[0]);
    if (condition->getType()->isVectorTy()) {
        // Lanes choose for themselves; both sides are evaluated.
        Value *yes = expr(c.args[1]);
        return c.args.size() == 2 ? yes : b_.CreateSelect(condition, yes, expr(c.args[2]));
    }
    Block *then = new_block("then"), *other = new_block("else"), *after = new_block("chosen");
    b_.CreateCondBr(condition, then, other);
    b_.SetInsertPoint(then);
    Value *yes = expr(c.args[1]);
    then = b_.GetInsertBlock();
    b_.CreateBr(after);
    b_.SetInsertPoint(other);
    Value *no = c.args.size() == 2 ? llvm::Constant::getNullValue(yes->getType()) : expr(c.args[2]);
    other = b_.GetInsertBlock();
    b_.CreateBr(after);
    b_.SetInsertPoint(after);
    llvm::PHINode *phi = b_.CreatePHI(yes->getType(), 2);
    phi->addIncoming(yes, then);
    phi->addIncoming(no, other);
    return phi;
}

}  // namespace heddle::Internal
