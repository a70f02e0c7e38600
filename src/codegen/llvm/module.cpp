// Modules and functions: signatures, the argv form, metadata.

#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

#include "codegen/llvm/function_codegen.h"
#include "codegen/llvm/index_lets.h"
#include "codegen/llvm/target_machine.h"
#include "ir/metadata.h"

namespace heddle::Internal {

ModuleState::ModuleState(llvm::LLVMContext &c, llvm::Module &m, const Target &t)
    : context(c), module(m), target(t), cpu(cpu_of(t)), features(feature_string(t)),
      float16_conversions(has_float16_conversions(t)), gathers(has_gathers(t)) {
    i1 = llvm::Type::getInt1Ty(c);
    i8 = llvm::Type::getInt8Ty(c);
    i16 = llvm::Type::getInt16Ty(c);
    i32 = llvm::Type::getInt32Ty(c);
    i64 = llvm::Type::getInt64Ty(c);
    f32 = llvm::Type::getFloatTy(c);
    f64 = llvm::Type::getDoubleTy(c);
    void_type = llvm::Type::getVoidTy(c);
    ptr = llvm::PointerType::get(c, 0);
    size_type = llvm::Type::getIntNTy(c, static_cast<unsigned>(t.bits));
    // The fields of halide_buffer_t and halide_dimension_t; halide_type_t is kept as one 32-bit word.
    dimension_type = llvm::StructType::create(c, {i32, i32, i32, i32}, "dimension");
    buffer_type = llvm::StructType::create(c, {i64, ptr, ptr, i64, i32, i32, ptr, ptr}, "buffer");
    llvm::MDBuilder md(c);
    alias_domain = md.createAnonymousAliasScopeDomain("allocations");
}

llvm::Type *ModuleState::value_type(Type t) const {
    llvm::Type *element = nullptr;
    if (t.is_handle()) {
        element = ptr;
    } else if (t.is_float() && t.bits() == 32) {
        element = f32;
    } else if (t.is_float() && t.bits() == 64) {
        element = f64;
    } else {
        element = llvm::Type::getIntNTy(context, static_cast<unsigned>(t.bits()));
    }
    return t.lanes() == 1 ? element : llvm::FixedVectorType::get(element, static_cast<unsigned>(t.lanes()));
}

llvm::Type *ModuleState::memory_type(Type t) const {
    return value_type(t.is_bool() ? UInt(8, t.lanes()) : t);
}

llvm::Function *ModuleState::make_function(llvm::FunctionType *type, const std::string &name, bool external) {
    HEDDLE_ASSERT(!external || !module.getFunction(name) || module.getFunction(name)->empty(), "two functions are called ",
                  name);
    llvm::Function *f = external ? module.getFunction(name) : nullptr;
    if (!f) {
        f = llvm::Function::Create(type, external ? llvm::Function::ExternalLinkage : llvm::Function::InternalLinkage, name,
                                   module);
    }
    f->addFnAttr(llvm::Attribute::NoUnwind);
    f->addFnAttr("target-cpu", cpu);
    if (!features.empty()) f->addFnAttr("target-features", features);
    return f;
}

llvm::FunctionCallee ModuleState::declare(const std::string &name, llvm::Type *result,
                                          llvm::ArrayRef<llvm::Type *> args) {
    llvm::FunctionType *type = llvm::FunctionType::get(result, args, false);
    llvm::Function *f = module.getFunction(name);
    if (!f) {
        f = llvm::Function::Create(type, llvm::Function::ExternalLinkage, name, module);
        f->addFnAttr(llvm::Attribute::NoUnwind);
    }
    return {type, f};
}

llvm::Constant *ModuleState::string_constant(const std::string &text) {
    llvm::Constant *&known = strings_[text];
    if (!known) {
        llvm::Constant *data = llvm::ConstantDataArray::getString(context, text);
        auto *global = new llvm::GlobalVariable(module, data->getType(), true, llvm::GlobalValue::PrivateLinkage, data, "str");
        global->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
        global->setAlignment(llvm::Align(1));
        known = global;
    }
    return known;
}

namespace {

// The C calling conventions want small integers extended by the caller.
llvm::Attribute::AttrKind extension_of(Type t) {
    if (t.is_int() && t.bits() < 32) return llvm::Attribute::SExt;
    if (t.is_uint() && t.bits() < 32) return llvm::Attribute::ZExt;
    return llvm::Attribute::None;
}

void add_argv_function(ModuleState &m, const LoweredFunction &f, llvm::Function *callee) {
    llvm::Function *fn = m.make_function(llvm::FunctionType::get(m.i32, {m.ptr}, false), f.name + "_argv", true);
    llvm::IRBuilder<> b(llvm::BasicBlock::Create(m.context, "entry", fn));
    std::vector<llvm::Value *> args;
    for (size_t i = 0; i < f.args.size(); i++) {
        const Argument &a = f.args[i].argument;
        llvm::Value *slot = b.CreateConstInBoundsGEP1_32(m.ptr, fn->getArg(0), static_cast<unsigned>(i));
        llvm::Value *value = b.CreateLoad(m.ptr, slot);
        if (a.is_scalar()) {
            value = b.CreateAlignedLoad(m.memory_type(a.type), value, llvm::Align(1));
            if (a.type.is_bool()) value = b.CreateIsNotNull(value);
        }
        args.push_back(value);
    }
    llvm::CallInst *call = b.CreateCall(callee, args);
    call->setAttributes(callee->getAttributes());
    call->removeFnAttr("target-cpu");
    call->removeFnAttr("target-features");
    b.CreateRet(call);
}

// --- metadata: constants of the layout of halide_filter_metadata_t

class Metadata {
public:
    explicit Metadata(ModuleState &m)
        : m_(m) {
    }
    void add(const KernelMetadata &kernel) {
        std::vector<llvm::Constant *> args;
        for (const ArgumentMetadata &a : kernel.arguments) args.push_back(argument(a));
        llvm::Constant *fields[] = {number(m_.i32, kernel.version), number(m_.i32, static_cast<int64_t>(args.size())), array(args),
                                    m_.string_constant(kernel.target), m_.string_constant(kernel.name)};
        llvm::Constant *data = global(llvm::ConstantStruct::getAnon(m_.context, fields));
        llvm::Function *fn = m_.make_function(llvm::FunctionType::get(m_.ptr, false), kernel.name + "_metadata", true);
        llvm::IRBuilder<> b(llvm::BasicBlock::Create(m_.context, "entry", fn));
        b.CreateRet(data);
    }

private:
    llvm::Constant *number(llvm::Type *t, int64_t v) {
        return llvm::ConstantInt::get(t, static_cast<uint64_t>(v), true);
    }
    llvm::Constant *null() {
        return llvm::ConstantPointerNull::get(m_.ptr);
    }
    llvm::Constant *global(llvm::Constant *data) {
        return new llvm::GlobalVariable(m_.module, data->getType(), true, llvm::GlobalValue::PrivateLinkage, data, "metadata");
    }
    llvm::Constant *array(const std::vector<llvm::Constant *> &elements) {
        if (elements.empty()) return null();
        return global(llvm::ConstantArray::get(llvm::ArrayType::get(elements[0]->getType(), elements.size()), elements));
    }
    // A pointer to 8 bytes that begin with the value, or null.
    template<typename T>
    llvm::Constant *pointer_to(const std::optional<T> &value) {
        return value ? global(number(m_.i64, static_cast<int64_t>(*value))) : null();
    }
    llvm::Constant *argument(const ArgumentMetadata &a) {
        const uint32_t type = a.type.code | static_cast<uint32_t>(a.type.bits) << 8 | static_cast<uint32_t>(a.type.lanes) << 16;
        std::vector<llvm::Constant *> estimates;
        for (const auto &e : a.buffer_estimates) estimates.push_back(pointer_to(e));
        llvm::Constant *fields[] = {m_.string_constant(a.name),  number(m_.i32, a.kind),      number(m_.i32, a.dimensions),
                                    number(m_.i32, type),        pointer_to(a.scalar_def),    pointer_to(a.scalar_min),
                                    pointer_to(a.scalar_max),    pointer_to(a.scalar_estimate), array(estimates)};
        return llvm::ConstantStruct::getAnon(m_.context, fields);
    }
    ModuleState &m_;
};

// The address of a halide_buffer_t in static memory, with its contents.
llvm::Constant *embedded_buffer(ModuleState &m, const EmbeddedBuffer &e) {
    const auto number = [](llvm::Type *t, int64_t v) { return llvm::ConstantInt::get(t, static_cast<uint64_t>(v), true); };
    const auto global = [&](llvm::Constant *data, bool constant, const char *what) {
        auto *g = new llvm::GlobalVariable(m.module, data->getType(), constant, llvm::GlobalValue::InternalLinkage, data, e.name + what);
        g->setAlignment(llvm::Align(64));
        return g;
    };
    llvm::Constant *null = llvm::ConstantPointerNull::get(m.ptr);
    std::vector<llvm::Constant *> dims;
    for (const halide_dimension_t &d : e.dims) {
        dims.push_back(llvm::ConstantStruct::get(llvm::cast<llvm::StructType>(m.dimension_type),
                                                 {number(m.i32, d.min), number(m.i32, d.extent), number(m.i32, d.stride), number(m.i32, d.flags)}));
    }
    llvm::Constant *shape = dims.empty() ? null : global(llvm::ConstantArray::get(llvm::ArrayType::get(m.dimension_type, dims.size()), dims), true, ".dim");
    // Not constant: a handle to a copy on a device may be written into it.
    llvm::Constant *host = global(llvm::ConstantDataArray::get(m.context, llvm::ArrayRef<uint8_t>(e.bytes)), true, ".host");
    const halide_type_t t = e.type;
    const uint32_t type = t.code | static_cast<uint32_t>(t.bits) << 8 | static_cast<uint32_t>(t.lanes) << 16;
    return global(llvm::ConstantStruct::get(m.buffer_type, {number(m.i64, 0), null, host, number(m.i64, 0), number(m.i32, type),
                                                            number(m.i32, static_cast<int64_t>(e.dims.size())), shape, null}),
                  false, ".buffer");
}

}  // namespace

void add_function(ModuleState &m, const LoweredFunction &f, bool with_metadata) {
    std::vector<llvm::Type *> types;
    for (const LoweredArgument &a : f.args) {
        types.push_back(a.argument.is_buffer() ? m.ptr : m.value_type(a.argument.type));
    }
    llvm::Function *fn = m.make_function(llvm::FunctionType::get(m.i32, types, false), f.name, true);
    llvm::Value *user_context = llvm::ConstantPointerNull::get(m.ptr);
    for (size_t i = 0; i < f.args.size(); i++) {
        const Argument &a = f.args[i].argument;
        fn->getArg(static_cast<unsigned>(i))->setName(a.name);
        if (a.name == "__user_context") user_context = fn->getArg(static_cast<unsigned>(i));
        auto extension = a.is_scalar() ? extension_of(a.type) : llvm::Attribute::None;
        if (extension != llvm::Attribute::None) fn->addParamAttr(static_cast<unsigned>(i), extension);
    }
    m.index_lets = index_lets(f.body);
    FunctionCodegen code(m, fn, user_context);
    for (size_t i = 0; i < f.args.size(); i++) {
        const LoweredArgument &a = f.args[i];
        code.bind(a.symbol, {fn->getArg(static_cast<unsigned>(i)), a.argument.is_buffer() ? Handle() : a.argument.type, nullptr, 0});
    }
    for (const EmbeddedBuffer &e : f.embedded) code.bind(e.symbol, {embedded_buffer(m, e), Handle(), nullptr, 0});
    code.body(f.body);
    add_argv_function(m, f, fn);
    if (with_metadata) Metadata(m).add(metadata_of(f, m.target));
}

std::unique_ptr<llvm::Module> build_module(const Module &module, llvm::LLVMContext &context,
                                           llvm::TargetMachine &machine, bool with_metadata) {
    auto out = std::make_unique<llvm::Module>(module.name, context);
    out->setTargetTriple(machine.getTargetTriple());
    out->setDataLayout(machine.createDataLayout());
    ModuleState state(context, *out, module.target);
    for (const LoweredFunction &f : module.functions) add_function(state, f, with_metadata);
    std::string problem;
    llvm::raw_string_ostream stream(problem);
    HEDDLE_ASSERT(!llvm::verifyModule(*out, &stream), "LLVM refuses the code of ", module.name, ": ", problem);
    optimize(*out, machine, module.target);
    return out;
}

}  // namespace heddle::Internal
