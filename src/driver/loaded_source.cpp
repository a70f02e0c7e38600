#include "driver/loaded_source.h"

#include <dlfcn.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "codegen/source/c_source.h"
#include "driver/files.h"
#include "language/define.h"

namespace heddle::Internal {

namespace {

namespace fs = std::filesystem;

/** A folder that is gone at the end; what was loaded from it stays. */
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (fs::temp_directory_path() / "heddle_XXXXXX").string();
        if (!mkdtemp(pattern.data())) refuse(515, "", {}, "cannot make the folder " + pattern);
        path = pattern;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    TemporaryFolder(const TemporaryFolder &) = delete;
    TemporaryFolder &operator=(const TemporaryFolder &) = delete;
    fs::path path;
};

// Assembly in which each name jumps to where a table says: so calls in the source reach functions that are known by
// address only. The names are hidden, the table is not.
std::string jumps(const ExternMap &externs) {
    std::ostringstream s;
    s << "    .bss\n    .balign 8\n    .globl heddle_externs\nheddle_externs:\n    .zero " << 8 * (externs.size() + 1) << "\n    .text\n";
    size_t i = 0;
    for (const auto &[name, address] : externs) {
        const std::string entry = concat("heddle_externs + ", 8 * i++);
        s << "    .globl " << name << "\n    .hidden " << name << "\n" << name << ":\n";
#if defined(__x86_64__)
        s << "    jmp *" << entry << "(%rip)\n";
#elif defined(__aarch64__)
        s << "    adrp x16, " << entry << "\n    ldr x16, [x16, :lo12:" << entry << "]\n    br x16\n";
#else
        refuse(515, "", {}, "HEDDLE_EXECUTE=c does not run on this kind of machine");
#endif
    }
    s << "    .hidden heddle_externs\n    .section .note.GNU-stack,\"\",%progbits\n";
    return s.str();
}

std::string text_of(const fs::path &path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

}  // namespace

LoadedSource::LoadedSource(const Module &module, const ExternMap &externs) {
    const TemporaryFolder folder;
    const fs::path source = folder.path / "kernel.cpp", assembly = folder.path / "externs.s", so = folder.path / "kernel.so",
                   log = folder.path / "log";
    write_file(source, to_c_source(module) + "\nextern \"C\" void *heddle_externs[];\n"
                                                  "extern \"C\" void **heddle_externs_table() { return heddle_externs; }\n");
    write_file(assembly, jumps(externs));
    const char *compiler = std::getenv("HEDDLE_CXX");
    const std::string command = concat(compiler && *compiler ? compiler : "c++", " -std=c++20 -O0 -ffp-contract=off -fPIC -shared -o '", so.string(),
                                       "' '", source.string(), "' '", assembly.string(), "' 2> '", log.string(), "'");
    if (std::system(command.c_str()) != 0) {
        refuse(515, module.name, {}, concat("the C++ source of ", module.name, " does not compile: ", text_of(log).substr(0, 4000)),
               "HEDDLE_CXX is the command of the compiler; it must find HalideRuntime.h");
    }
    void *library = dlopen(so.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) refuse(515, module.name, {}, concat("the compiled source of ", module.name, " cannot be loaded: ", dlerror()));
    library_ = {library, dlclose};
    void **table = reinterpret_cast<void **(*)()>(dlsym(library, "heddle_externs_table"))();
    for (const auto &[name, address] : externs) *table++ = address;
}

CompiledModule::ArgvFunction LoadedSource::argv_address(const std::string &name) const {
    void *f = dlsym(library_.get(), (name + "_argv").c_str());
    HEDDLE_ASSERT(f, "the source has no function ", name);
    return reinterpret_cast<CompiledModule::ArgvFunction>(f);
}

}  // namespace heddle::Internal
