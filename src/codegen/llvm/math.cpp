// Floating-point calls: instructions where there are some, expansions into arithmetic (ir/math_expand.h)
// where those are as exact as the C library, and the C library lane by lane for the rest. Scalars and
// vectors take the same way, so that vectorizing changes no result.

#include "codegen/llvm/function_codegen.h"
#include "ir/math_expand.h"

namespace heddle::Internal {

namespace {

const char *libm_name(CallOp op) {
    switch (op) {
    case CallOp::sin:
    case CallOp::fast_sin: return "sin";
    case CallOp::cos:
    case CallOp::fast_cos: return "cos";
    case CallOp::tan: return "tan";
    case CallOp::asin: return "asin";
    case CallOp::acos: return "acos";
    case CallOp::atan: return "atan";
    case CallOp::atan2: return "atan2";
    case CallOp::sinh: return "sinh";
    case CallOp::cosh: return "cosh";
    case CallOp::tanh: return "tanh";
    case CallOp::asinh: return "asinh";
    case CallOp::acosh: return "acosh";
    case CallOp::atanh: return "atanh";
    case CallOp::exp:
    case CallOp::fast_exp: return "exp";
    case CallOp::log:
    case CallOp::fast_log: return "log";
    case CallOp::pow:
    case CallOp::fast_pow: return "pow";
    case CallOp::erf: return "erf";
    default: return nullptr;
    }
}

}  // namespace

llvm::Value *FunctionCodegen::float_call(const Call &c) {
    Type t = c.args[0].type();
    using namespace llvm::Intrinsic;
    if (c.op == CallOp::is_nan || c.op == CallOp::is_inf || c.op == CallOp::is_finite) {
        Value *v = to_float32(t, expr(c.args[0]));
        if (c.op == CallOp::is_nan) return b_.CreateFCmpUNO(v, v);
        Value *magnitude = intrinsic(fabs, v->getType(), {v});
        Value *infinity = llvm::ConstantFP::getInfinity(v->getType());
        return c.op == CallOp::is_inf ? b_.CreateFCmpOEQ(magnitude, infinity) : b_.CreateFCmpOLT(magnitude, infinity);
    }
    if (Expr expanded = expand_call(c); expanded.defined()) return expr(expanded);

    std::vector<Value *> args;
    for (const Expr &e : c.args) args.push_back(to_float32(t, expr(e)));
    llvm::Type *type = args[0]->getType();
    switch (c.op) {
    case CallOp::floor: return from_float32(t, intrinsic(floor, type, args));
    case CallOp::ceil: return from_float32(t, intrinsic(ceil, type, args));
    case CallOp::trunc: return from_float32(t, intrinsic(trunc, type, args));
    case CallOp::round: return from_float32(t, intrinsic(roundeven, type, args));
    case CallOp::sqrt: return from_float32(t, intrinsic(sqrt, type, args));
    case CallOp::fma: {
        if (!is_small_float(t)) return intrinsic(fma, type, args);
        // Exact in double up to one rounding of the sum, then rounded once more to 16 bits.
        Type f32 = Float(32, t.lanes()), f64 = Float(64, t.lanes());
        for (Value *&v : args) v = convert(f32, f64, v);
        return convert(f64, t, intrinsic(fma, m_.value_type(f64), args));
    }
    case CallOp::fast_inverse:
        return from_float32(t, b_.CreateFDiv(llvm::ConstantFP::get(type, 1.0), args[0]));
    case CallOp::fast_inverse_sqrt:
        return from_float32(t, b_.CreateFDiv(llvm::ConstantFP::get(type, 1.0), intrinsic(sqrt, type, args)));
    default: break;
    }
    const char *name = libm_name(c.op);
    HEDDLE_ASSERT(name, to_string(c.op), " is no floating-point call");
    return from_float32(t, libm_call(c.type.bits() == 64 ? name : std::string(name) + "f", args));
}

llvm::Value *FunctionCodegen::libm_call(const std::string &name, const std::vector<Value *> &args) {
    llvm::Type *element = args[0]->getType()->getScalarType();
    llvm::FunctionCallee callee = m_.declare(name, element, std::vector<llvm::Type *>(args.size(), element));
    llvm::Function *f = llvm::cast<llvm::Function>(callee.getCallee());
    f->setMemoryEffects(llvm::MemoryEffects::none());
    f->addFnAttr(llvm::Attribute::WillReturn);
    std::vector<Value *> results;
    for (int i = 0; i < lanes_of(args[0]); i++) {
        std::vector<Value *> lanes;
        for (Value *v : args) lanes.push_back(lane(v, i));
        results.push_back(b_.CreateCall(callee, lanes));
    }
    return concatenate(results);
}

}  // namespace heddle::Internal
