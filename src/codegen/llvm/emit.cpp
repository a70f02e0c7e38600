#include <llvm/Bitcode/BitcodeWriter.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/Object/ArchiveWriter.h>
#include <llvm/Support/SmallVectorMemoryBuffer.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include "codegen/llvm/codegen.h"
#include "codegen/llvm/module_state.h"
#include "codegen/llvm/target_machine.h"
#include "support/large_stack.h"

namespace heddle::Internal {

namespace {

std::string text_of(llvm::StringRef bytes) {
    return std::string(bytes.data(), bytes.size());
}

llvm::SmallString<0> machine_code(llvm::Module &module, llvm::TargetMachine &machine, llvm::CodeGenFileType kind) {
    llvm::SmallString<0> bytes;
    llvm::raw_svector_ostream stream(bytes);
    llvm::legacy::PassManager passes;
    if (machine.addPassesToEmitFile(passes, stream, nullptr, kind)) {
        throw InternalError(std::string("LLVM writes no ") + (kind == llvm::CodeGenFileType::ObjectFile ? "object files" : "assembly") +
                            " for " + machine.getTargetTriple().str());
    }
    passes.run(module);
    return bytes;
}

}  // namespace

std::string archive(const std::vector<ArchiveMember> &members, const Target &target) {
    std::vector<llvm::NewArchiveMember> list;
    for (const ArchiveMember &m : members) {
        list.emplace_back(llvm::MemoryBufferRef(m.bytes, m.name));
        list.back().MemberName = m.name;
    }
    llvm::Triple triple = triple_of(target);
    auto kind = triple.isOSDarwin()    ? llvm::object::Archive::K_DARWIN
                : triple.isOSWindows() ? llvm::object::Archive::K_COFF
                                       : llvm::object::Archive::K_GNU;
    auto bytes = llvm::writeArchiveToBuffer(list, llvm::SymtabWritingMode::NormalSymtab, kind, true, false);
    if (!bytes) throw InternalError("an archive of object files cannot be made: " + llvm::toString(bytes.takeError()));
    return text_of((*bytes)->getBuffer());
}

namespace {

void emit_here(const Module &module, const OutputFiles &files, FileBatch &batch) {
    auto machine = make_target_machine(module.target);
    llvm::LLVMContext context;
    auto code = build_module(module, context, *machine, true);
    if (!files.llvm_assembly.empty()) {
        std::string text;
        llvm::raw_string_ostream stream(text);
        code->print(stream, nullptr);
        batch.add(files.llvm_assembly, text);
    }
    if (!files.bitcode.empty()) {
        llvm::SmallString<0> bytes;
        llvm::raw_svector_ostream stream(bytes);
        llvm::WriteBitcodeToFile(*code, stream);
        batch.add(files.bitcode, text_of(bytes));
    }
    if (!files.assembly.empty()) {
        // Instruction selection changes the module, so the text is made from a copy.
        auto copy = llvm::CloneModule(*code);
        batch.add(files.assembly, text_of(machine_code(*copy, *machine, llvm::CodeGenFileType::AssemblyFile)));
    }
    if (!files.object.empty() || !files.static_library.empty()) {
        auto bytes = machine_code(*code, *machine, llvm::CodeGenFileType::ObjectFile);
        if (!files.object.empty()) batch.add(files.object, text_of(bytes));
        if (!files.static_library.empty()) {
            std::string member = module.name + (module.target.os == Target::Windows ? ".obj" : ".o");
            batch.add(files.static_library, archive({{member, text_of(bytes)}}, module.target));
        }
    }
}

}  // namespace

std::string object_code(const Module &module) {
    return with_large_stack([&] {
        auto machine = make_target_machine(module.target);
        llvm::LLVMContext context;
        auto code = build_module(module, context, *machine, true);
        auto bytes = machine_code(*code, *machine, llvm::CodeGenFileType::ObjectFile);
        return text_of(bytes);
    });
}

void emit(const Module &module, const OutputFiles &files, FileBatch &batch) {
    run_with_large_stack([&] { emit_here(module, files, batch); });
}

void emit(const Module &module, const OutputFiles &files) {
    FileBatch batch;
    emit(module, files, batch);
    batch.write();
}

}  // namespace heddle::Internal
