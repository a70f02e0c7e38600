#include <filesystem>
#include <fstream>
#include <random>

#include <llvm/Bitcode/BitcodeWriter.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/Object/ArchiveWriter.h>
#include <llvm/Support/SmallVectorMemoryBuffer.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include "codegen/llvm/codegen.h"
#include "codegen/llvm/module_state.h"
#include "codegen/llvm/target_machine.h"

namespace heddle::Internal {

namespace {

[[noreturn]] void cannot_write(const std::string &path, const std::string &why) {
    Diagnostic d;
    d.code = 802;
    d.message = "cannot write " + path + ": " + why;
    throw CompileError(std::move(d));
}

std::string temporary_beside(const std::string &path) {
    thread_local std::mt19937_64 random{std::random_device{}()};
    return path + ".tmp" + std::to_string(random());
}

void write_file(const std::string &path, llvm::StringRef bytes) {
    const std::string temporary = temporary_beside(path);
    std::error_code code;
    {
        errno = 0;
        std::ofstream out(temporary, std::ios::binary);
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        out.close();
        if (!out) {
            std::string why = std::generic_category().message(errno ? errno : EIO);
            std::filesystem::remove(temporary, code);
            cannot_write(path, why);
        }
    }
    std::filesystem::rename(temporary, path, code);
    if (code) {
        std::error_code ignored;
        std::filesystem::remove(temporary, ignored);
        cannot_write(path, code.message());
    }
}

llvm::SmallString<0> machine_code(llvm::Module &module, llvm::TargetMachine &machine, llvm::CodeGenFileType kind) {
    llvm::SmallString<0> bytes;
    llvm::raw_svector_ostream stream(bytes);
    llvm::legacy::PassManager passes;
    if (machine.addPassesToEmitFile(passes, stream, nullptr, kind)) {
        Diagnostic d;
        d.code = 803;
        d.message = std::string("LLVM writes no ") + (kind == llvm::CodeGenFileType::ObjectFile ? "object files" : "assembly") +
                    " for " + machine.getTargetTriple().str();
        throw CompileError(std::move(d));
    }
    passes.run(module);
    return bytes;
}

}  // namespace

void write_archive(const std::string &path, const std::vector<ArchiveMember> &members, const Target &target) {
    std::vector<llvm::NewArchiveMember> list;
    for (const ArchiveMember &m : members) {
        list.emplace_back(llvm::MemoryBufferRef(m.bytes, m.name));
        list.back().MemberName = m.name;
    }
    llvm::Triple triple = triple_of(target);
    auto kind = triple.isOSDarwin()    ? llvm::object::Archive::K_DARWIN
                : triple.isOSWindows() ? llvm::object::Archive::K_COFF
                                       : llvm::object::Archive::K_GNU;
    auto archive = llvm::writeArchiveToBuffer(list, llvm::SymtabWritingMode::NormalSymtab, kind, true, false);
    if (!archive) cannot_write(path, llvm::toString(archive.takeError()));
    write_file(path, (*archive)->getBuffer());
}

std::string object_code(const Module &module) {
    auto machine = make_target_machine(module.target);
    llvm::LLVMContext context;
    auto code = build_module(module, context, *machine, true);
    auto bytes = machine_code(*code, *machine, llvm::CodeGenFileType::ObjectFile);
    return std::string(bytes.data(), bytes.size());
}

void emit(const Module &module, const OutputFiles &files) {
    auto machine = make_target_machine(module.target);
    llvm::LLVMContext context;
    auto code = build_module(module, context, *machine, true);
    if (!files.llvm_assembly.empty()) {
        std::string text;
        llvm::raw_string_ostream stream(text);
        code->print(stream, nullptr);
        write_file(files.llvm_assembly, text);
    }
    if (!files.bitcode.empty()) {
        llvm::SmallString<0> bytes;
        llvm::raw_svector_ostream stream(bytes);
        llvm::WriteBitcodeToFile(*code, stream);
        write_file(files.bitcode, bytes);
    }
    if (!files.assembly.empty()) {
        // Instruction selection changes the module, so the text is made from a copy.
        auto copy = llvm::CloneModule(*code);
        write_file(files.assembly, machine_code(*copy, *machine, llvm::CodeGenFileType::AssemblyFile));
    }
    if (!files.object.empty() || !files.static_library.empty()) {
        auto bytes = machine_code(*code, *machine, llvm::CodeGenFileType::ObjectFile);
        if (!files.object.empty()) write_file(files.object, bytes);
        if (!files.static_library.empty()) {
            std::string member = module.name + (module.target.os == Target::Windows ? ".obj" : ".o");
            write_archive(files.static_library, {{member, std::string(bytes.data(), bytes.size())}}, module.target);
        }
    }
}

}  // namespace heddle::Internal
