// Integer division: Euclidean, x / 0 == 0 and x % 0 == 0, and never a trap.

#include "codegen/llvm/function_codegen.h"

namespace heddle::Internal {

llvm::Value *FunctionCodegen::div_mod(bool want_mod, Type t, const Expr &a, const Expr &b) {
    int64_t c = 0;
    Value *va = expr(a);
    if (as_const_int(b, &c)) {
        auto [quotient, remainder] = divide_by_constant(t, va, c);
        return want_mod ? remainder : quotient;
    }
    auto [quotient, remainder] = divide(t, va, expr(b));
    return want_mod ? remainder : quotient;
}

FunctionCodegen::QuotientRemainder FunctionCodegen::divide_by_constant(Type t, Value *a, int64_t c) {
    Value *zero = int_constant(t, 0);
    if (c == 0) return {zero, zero};
    if (t.is_uint()) {
        // LLVM makes shifts, masks and multiplications of these.
        Value *d = int_constant(t, c);
        return {b_.CreateUDiv(a, d), b_.CreateURem(a, d)};
    }
    uint64_t magnitude = c < 0 ? 0 - static_cast<uint64_t>(c) : static_cast<uint64_t>(c);
    Value *quotient = nullptr, *remainder = nullptr;
    if ((magnitude & (magnitude - 1)) == 0) {
        int shift = 0;
        while ((magnitude >> shift) != 1) shift++;
        quotient = b_.CreateAShr(a, int_constant(t, shift));
        remainder = b_.CreateAnd(a, int_constant(t, static_cast<int64_t>(magnitude - 1)));
    } else {
        // Rounding down: for negative a, -1 - (-1 - a) / magnitude.
        Value *sign = b_.CreateAShr(a, int_constant(t, t.bits() - 1));
        Value *d = int_constant(t, static_cast<int64_t>(magnitude));
        quotient = b_.CreateXor(b_.CreateUDiv(b_.CreateXor(a, sign), d), sign);
        remainder = b_.CreateSub(a, b_.CreateMul(quotient, d));
    }
    if (c < 0) quotient = b_.CreateNeg(quotient);
    return {quotient, remainder};
}

llvm::Value *FunctionCodegen::truncating_quotient(Type t, Value *a, Value *b) {
    // The two divisors on which the instruction traps are kept away from it.
    Value *one = int_constant(t, 1);
    Value *avoid = b_.CreateIsNull(b);
    Value *minus_one = nullptr;
    if (t.is_int()) {
        minus_one = b_.CreateICmpEQ(b, int_constant(t, -1));
        avoid = b_.CreateOr(avoid, minus_one);
    }
    Value *d = b_.CreateSelect(avoid, one, b);
    Value *q = nullptr;
    if (t.is_scalar() || t.bits() > 32) {
        q = t.is_int() ? b_.CreateSDiv(a, d) : b_.CreateUDiv(a, d);
    } else {
        // There is no vector instruction for it, but the float quotient of integers of n bits, truncated, is
        // exact when the float has more than 2n bits of mantissa, or n when it is correctly rounded: the
        // distance from a/b up to the next integer is at least 1/b, which is a/b * 1/a.
        Type f = t.bits() <= 16 ? Float(32, t.lanes()) : Float(64, t.lanes());
        Type i = t.with_bits(32);
        Value *fa = convert(i, f, convert(t, i, a)), *fb = convert(i, f, convert(t, i, d));
        Value *fq = b_.CreateFDiv(fa, fb);
        llvm::Type *it = m_.value_type(i);
        q = convert(i, t, t.is_int() ? b_.CreateFPToSI(fq, it) : b_.CreateFPToUI(fq, it));
    }
    return minus_one ? b_.CreateSelect(minus_one, b_.CreateNeg(a), q) : q;
}

FunctionCodegen::QuotientRemainder FunctionCodegen::divide(Type t, Value *a, Value *b) {
    Value *zero = int_constant(t, 0);
    Value *by_zero = b_.CreateIsNull(b);
    Value *q = truncating_quotient(t, a, b);
    Value *r = b_.CreateSub(a, b_.CreateMul(q, b));
    if (t.is_int()) {
        // A negative remainder moves up by |b|, and the quotient by one away from b.
        Value *top = int_constant(t, t.bits() - 1);
        Value *negative = b_.CreateAShr(r, top);
        Value *b_sign = b_.CreateAShr(b, top);
        Value *unit = b_.CreateOr(b_sign, int_constant(t, 1));
        Value *magnitude = b_.CreateSub(b_.CreateXor(b, b_sign), b_sign);
        q = b_.CreateSub(q, b_.CreateAnd(unit, negative));
        r = b_.CreateAdd(r, b_.CreateAnd(magnitude, negative));
    }
    return {b_.CreateSelect(by_zero, zero, q), b_.CreateSelect(by_zero, zero, r)};
}

}  // namespace heddle::Internal
