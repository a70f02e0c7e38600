#include <llvm/ExecutionEngine/Orc/AbsoluteSymbols.h>
#include <llvm/ExecutionEngine/Orc/CompileUtils.h>
#include <llvm/ExecutionEngine/Orc/ExecutionUtils.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>

#include "codegen/llvm/codegen.h"
#include "codegen/llvm/module_state.h"
#include "codegen/llvm/target_machine.h"
#include "support/large_stack.h"

namespace heddle::Internal {

struct CompiledModule::Impl {
    std::unique_ptr<llvm::orc::LLJIT> jit;
    std::map<std::string, void *> addresses;
};

namespace {

[[noreturn]] void jit_failed(const std::string &what, llvm::Error error, const std::string &reported = "") {
    Diagnostic d;
    d.code = 804;
    // The report says what is missing, the error only what could not be made because of that, in no fixed order.
    const std::string follows = llvm::toString(std::move(error));
    d.message = what + ": " + (reported.empty() ? follows : reported);
    throw CompileError(std::move(d));
}

template<typename T>
T take(llvm::Expected<T> value, const std::string &what) {
    if (!value) jit_failed(what, value.takeError());
    return std::move(*value);
}

void take(llvm::Error error, const std::string &what) {
    if (error) jit_failed(what, std::move(error));
}

}  // namespace

CompiledModule compile_jit(const Module &module, const ExternMap &externs) {
    return with_large_stack([&]() -> CompiledModule {
        const std::string what = "just-in-time compilation of " + module.name;
        std::shared_ptr<llvm::TargetMachine> machine = make_target_machine(module.target);
        auto context = std::make_unique<llvm::LLVMContext>();
        auto code = build_module(module, *context, *machine, false);

        llvm::orc::LLJITBuilder builder;
        builder.setJITTargetMachineBuilder(llvm::orc::JITTargetMachineBuilder(machine->getTargetTriple()));
        builder.setDataLayout(machine->createDataLayout());
        // The same target machine as for files makes the code.
        builder.setCompileFunctionCreator([machine](llvm::orc::JITTargetMachineBuilder)
                                              -> llvm::Expected<std::unique_ptr<llvm::orc::IRCompileLayer::IRCompiler>> {
            struct Compiler final : llvm::orc::IRCompileLayer::IRCompiler {
                explicit Compiler(std::shared_ptr<llvm::TargetMachine> m)
                    : IRCompiler(llvm::orc::irManglingOptionsFromTargetOptions(m->Options)), machine(std::move(m)) {
                }
                llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> operator()(llvm::Module &m) override {
                    return llvm::orc::SimpleCompiler(*machine)(m);
                }
                std::shared_ptr<llvm::TargetMachine> machine;
            };
            return std::make_unique<Compiler>(machine);
        });

        auto impl = std::make_shared<CompiledModule::Impl>();
        impl->jit = take(builder.create(), what);
        llvm::orc::JITDylib &dylib = impl->jit->getMainJITDylib();
        if (!externs.empty()) {
            llvm::orc::SymbolMap symbols;
            for (const auto &[name, address] : externs) {
                symbols[impl->jit->mangleAndIntern(name)] = {llvm::orc::ExecutorAddr::fromPtr(address),
                                                             llvm::JITSymbolFlags::Exported};
            }
            take(dylib.define(llvm::orc::absoluteSymbols(std::move(symbols))), what);
        }
        dylib.addGenerator(take(llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
                                    impl->jit->getDataLayout().getGlobalPrefix()),
                                what));
        take(impl->jit->addIRModule(llvm::orc::ThreadSafeModule(std::move(code), std::move(context))), what);
        // The session reports what went wrong beside the error that lookup gives, such as which symbol is missing.
        std::string reported;
        impl->jit->getExecutionSession().setErrorReporter([&](llvm::Error e) { reported += llvm::toString(std::move(e)); });
        for (const LoweredFunction &f : module.functions) {
            for (const std::string &name : {f.name, f.name + "_argv"}) {
                auto symbol = impl->jit->lookup(name);
                if (!symbol) jit_failed(what, symbol.takeError(), reported);
                impl->addresses[name] = symbol->toPtr<void *>();
            }
        }
        impl->jit->getExecutionSession().setErrorReporter([](llvm::Error e) { llvm::consumeError(std::move(e)); });
        CompiledModule out;
        out.impl_ = std::move(impl);
        return out;
    });
}

void *CompiledModule::address(const std::string &name) const {
    HEDDLE_ASSERT(impl_, "address of ", name, " in no module");
    auto it = impl_->addresses.find(name);
    HEDDLE_ASSERT(it != impl_->addresses.end(), "the module has no function ", name);
    return it->second;
}

CompiledModule::ArgvFunction CompiledModule::argv_address(const std::string &name) const {
    return reinterpret_cast<ArgvFunction>(address(name + "_argv"));
}

}  // namespace heddle::Internal
