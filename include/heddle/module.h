#pragma once
// What a pipeline can be written as, and a Module: lowered code from which files are made.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "heddle/argument.h"
#include "heddle/std_function.h"
#include "heddle/target.h"

namespace heddle {

namespace Internal {
struct Module;
}

enum class OutputFileType {
    assembly,
    bitcode,
    c_header,
    c_source,
    compiler_log,
    cpp_stub,
    featurization,
    function_info_header,
    hlpipe,
    llvm_assembly,
    object,
    python_extension,
    pytorch_wrapper,
    registration,
    schedule,
    static_library,
    stmt,
    conceptual_stmt,
    stmt_html,
    conceptual_stmt_html,
    device_code,
};

enum StmtOutputFormat { Text, HTML };

enum class LinkageType { External, ExternalPlusMetadata, ExternalPlusArgv, Internal };

/** A function of a Module. */
struct LoweredFunc {
    std::string name;
    std::vector<Argument> args;
};

/** Lowered code for one target. A handle: copies mean the same code. */
class Module {
public:
    Module(const std::string &name, const Target &target);
    explicit Module(std::shared_ptr<Internal::Module> m);
    HEDDLE_SPECIAL_MEMBERS(Module);
    const std::string &name() const;
    const Target &target() const;
    std::vector<LoweredFunc> functions() const;
    /** Adds the functions of another Module for the same target. */
    void append(const Module &m);
    /** Writes each of the files. A file is complete or not there. */
    void compile(const std::map<OutputFileType, std::string> &files) const;

    const std::shared_ptr<Internal::Module> &contents() const {
        return module_;
    }

private:
    std::shared_ptr<Internal::Module> module_;
};

/** One Module with the functions of all. */
Module link_modules(const std::string &name, const std::vector<Module> &modules);

/** Writes the runtime by itself, for kernels that were compiled with Target::NoRuntime. */
void compile_standalone_runtime(const std::string &object_file, const Target &t);
std::map<OutputFileType, std::string> compile_standalone_runtime(const std::map<OutputFileType, std::string> &files,
                                                                 const Target &t);

using ModuleFactory = std::function<Module(const std::string &fn_name, const Target &target)>;

/** Writes code for several targets, of which the first that the machine supports is called. */
void compile_multitarget(const std::string &fn_name, const std::map<OutputFileType, std::string> &files,
                         const std::vector<Target> &targets, const std::vector<std::string> &suffixes,
                         const ModuleFactory &factory);

}  // namespace heddle
