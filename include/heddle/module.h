#pragma once
// What a pipeline can be written as, and a Module: lowered code from which files are made.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "heddle/argument.h"
#include "heddle/autoscheduler.h"
#include "heddle/buffer.h"
#include "heddle/loop_types.h"
#include "heddle/std_function.h"
#include "heddle/target.h"

namespace heddle {

namespace Internal {
struct ModuleContents;
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

namespace Internal {

/** A function of a Module, as its callers see it. */
struct LoweredFunc {
    std::string name;
    std::vector<Argument> args;
    LinkageType linkage = LinkageType::ExternalPlusMetadata;
    NameMangling name_mangling = NameMangling::C;
};

}  // namespace Internal

using MetadataNameMap = std::map<std::string, std::string>;

/** Lowered code for one target. A handle: copies mean the same code. */
class Module {
public:
    Module(const std::string &name, const Target &target, const MetadataNameMap &metadata_names = {});
    explicit Module(std::shared_ptr<Internal::ModuleContents> contents);
    HEDDLE_SPECIAL_MEMBERS(Module);
    const std::string &name() const;
    const Target &target() const;
    /** Its own functions, without those of submodules. */
    std::vector<Internal::LoweredFunc> functions() const;
    /** HD0279 for a name that is none. */
    Internal::LoweredFunc get_function_by_name(const std::string &name) const;
    const std::vector<Module> &submodules() const;
    /** Adds another Module for the same target (HD0275), as a submodule: files that are made contain its functions. */
    void append(const Module &m);
    /** This Module with the functions of all submodules as its own. */
    Module resolve_submodules() const;

    /** In the metadata of kernels made from now on, an argument called `from` is called `to`. */
    void remap_metadata_name(const std::string &from, const std::string &to) const;
    MetadataNameMap get_metadata_name_map() const;
    /** What a scheduler said, or null. It can be said once (HD0279). */
    const AutoSchedulerResults *get_auto_scheduler_results() const;
    void set_auto_scheduler_results(const AutoSchedulerResults &results);
    /** Whether a function contains strict_float(), or somebody has said so. */
    bool any_strict_float() const;
    void set_any_strict_float(bool strict);

    /** Writes each of the files. A file is complete or not there. */
    void compile(const std::map<OutputFileType, std::string> &files) const;
    /** The object file. */
    Buffer<uint8_t> compile_to_buffer() const;

    const std::shared_ptr<Internal::ModuleContents> &contents() const {
        return contents_;
    }

private:
    std::shared_ptr<Internal::ModuleContents> contents_;
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
