// The 16-bit floats: bits in an i16, arithmetic in float32.

#include "codegen/llvm/function_codegen.h"
#include "ir/float16.h"

namespace heddle::Internal {

llvm::Value *FunctionCodegen::float_constant(Type t, double value) {
    if (!is_small_float(t)) return llvm::ConstantFP::get(m_.value_type(t), value);
    return int_constant(UInt(16, t.lanes()), t.is_bfloat() ? double_to_bfloat16_bits(value) : double_to_float16_bits(value));
}

llvm::Value *FunctionCodegen::to_float32(Type t, Value *v) {
    if (!is_small_float(t)) return v;
    int n = t.lanes();
    llvm::Type *f32 = m_.value_type(Float(32, n));
    llvm::Type *i32 = m_.value_type(UInt(32, n));
    auto number = [&](uint32_t x) { return int_constant(UInt(32, n), x); };
    if (t.is_bfloat()) return b_.CreateBitCast(b_.CreateShl(b_.CreateZExt(v, i32), number(16)), f32);
    if (m_.float16_conversions) {
        llvm::Type *half = llvm::Type::getHalfTy(m_.context);
        if (n > 1) half = llvm::FixedVectorType::get(half, static_cast<unsigned>(n));
        return b_.CreateFPExt(b_.CreateBitCast(v, half), f32);
    }
    // The exponent and mantissa, moved up, are a float that is 2^112 too small; infinity and NaN keep
    // their mantissa and get the largest exponent.
    Value *bits = b_.CreateZExt(v, i32);
    Value *magnitude = b_.CreateShl(b_.CreateAnd(bits, number(0x7fff)), number(13));
    Value *scaled = b_.CreateFMul(b_.CreateBitCast(magnitude, f32), float_constant(Float(32, n), 0x1p112));
    Value *special = b_.CreateICmpUGE(magnitude, number(0x7c00u << 13));
    Value *result = b_.CreateSelect(special, b_.CreateOr(magnitude, number(0x7f800000)), b_.CreateBitCast(scaled, i32));
    Value *sign = b_.CreateShl(b_.CreateAnd(bits, number(0x8000)), number(16));
    return b_.CreateBitCast(b_.CreateOr(result, sign), f32);
}

llvm::Value *FunctionCodegen::from_float32(Type t, Value *v) {
    if (!is_small_float(t)) return v;
    int n = t.lanes();
    llvm::Type *f32 = m_.value_type(Float(32, n));
    llvm::Type *i32 = m_.value_type(UInt(32, n));
    llvm::Type *i16 = m_.value_type(UInt(16, n));
    auto number = [&](uint32_t x) { return int_constant(UInt(32, n), x); };
    if (!t.is_bfloat() && m_.float16_conversions) {
        llvm::Type *half = llvm::Type::getHalfTy(m_.context);
        if (n > 1) half = llvm::FixedVectorType::get(half, static_cast<unsigned>(n));
        return b_.CreateBitCast(b_.CreateFPTrunc(v, half), i16);
    }
    Value *bits = b_.CreateBitCast(v, i32);
    Value *is_nan = b_.CreateFCmpUNO(v, v);
    if (t.is_bfloat()) {
        Value *odd = b_.CreateAnd(b_.CreateLShr(bits, number(16)), number(1));
        Value *rounded = b_.CreateLShr(b_.CreateAdd(b_.CreateAdd(bits, number(0x7fff)), odd), number(16));
        Value *quiet = b_.CreateOr(b_.CreateLShr(bits, number(16)), number(0x40));
        return b_.CreateTrunc(b_.CreateSelect(is_nan, quiet, rounded), i16);
    }
    Value *magnitude = b_.CreateAnd(bits, number(0x7fffffff));
    Value *odd = b_.CreateAnd(b_.CreateLShr(magnitude, number(13)), number(1));
    Value *normal = b_.CreateSub(b_.CreateLShr(b_.CreateAdd(b_.CreateAdd(magnitude, number(0xfff)), odd), number(13)),
                                 number(112u << 10));
    // The last bit of floats just above 0.5 is worth 2^-24, as that of the smallest float16 is.
    Value *half = float_constant(Float(32, n), 0.5);
    Value *shifted = b_.CreateFAdd(b_.CreateBitCast(magnitude, f32), half);
    Value *tiny = b_.CreateSub(b_.CreateBitCast(shifted, i32), b_.CreateBitCast(half, i32));
    Value *result = b_.CreateSelect(b_.CreateICmpULT(magnitude, number(0x38800000)), tiny, normal);
    result = b_.CreateSelect(b_.CreateICmpUGE(magnitude, number(0x47800000)), number(0x7c00), result);
    result = b_.CreateSelect(is_nan, number(0x7e00), result);
    Value *sign = b_.CreateAnd(b_.CreateLShr(bits, number(16)), number(0x8000));
    return b_.CreateTrunc(b_.CreateOr(result, sign), i16);
}

// Rounding to float32 "to odd" keeps enough to round once more to a 16-bit format as if from the double.
llvm::Value *FunctionCodegen::double_to_odd_float32(Value *v, int n) {
    llvm::Type *f32 = m_.value_type(Float(32, n)), *f64 = m_.value_type(Float(64, n)), *i32 = m_.value_type(UInt(32, n));
    Value *f = b_.CreateFPTrunc(v, f32);
    Value *back = b_.CreateFPExt(f, f64);
    Value *abs_back = intrinsic(llvm::Intrinsic::fabs, f64, {back});
    Value *abs_v = intrinsic(llvm::Intrinsic::fabs, f64, {v});
    Value *bits = b_.CreateBitCast(f, i32);
    Value *down = b_.CreateAdd(bits, b_.CreateSExt(b_.CreateFCmpOGT(abs_back, abs_v), i32));
    Value *odd = b_.CreateOr(down, int_constant(UInt(32, n), 1));
    return b_.CreateBitCast(b_.CreateSelect(b_.CreateFCmpONE(back, v), odd, bits), f32);
}

llvm::Value *FunctionCodegen::float_to_float(Type from, Type to, Value *v) {
    if (is_small_float(to)) {
        v = from.bits() == 64 ? double_to_odd_float32(v, from.lanes()) : to_float32(from, v);
        return from_float32(to, v);
    }
    v = to_float32(from, v);
    return b_.CreateFPCast(v, m_.value_type(to));
}

}  // namespace heddle::Internal
