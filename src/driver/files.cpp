#include "driver/files.h"

#include <sstream>

#include "codegen/llvm/codegen.h"
#include "codegen/source/c_source.h"
#include "codegen/source/html.h"
#include "driver/compiled.h"
#include "driver/runtime_archive.h"
#include "ir/print.h"
#include "language/define.h"

namespace heddle::Internal {

namespace {

std::string c_type(Type t) {
    if (t.is_handle()) return "void *";
    if (t.is_bool()) return "bool ";
    if (t.is_float() && t.bits() == 32) return "float ";
    if (t.is_float() && t.bits() == 64) return "double ";
    return concat(t.is_int() ? "int" : "uint", t.bits(), "_t ");
}

std::string parameter_name(const Argument &a) {
    const std::string name = c_name(a.name);
    return name[0] == '_' ? name : "_" + name;
}

std::string declaration(const LoweredFunction &f) {
    std::string args;
    for (const LoweredArgument &a : f.args) {
        if (!args.empty()) args += ", ";
        if (a.argument.is_buffer()) {
            args += "struct halide_buffer_t *" + parameter_name(a.argument) + "_buffer";
        } else {
            args += c_type(a.argument.type) + parameter_name(a.argument);
        }
    }
    std::ostringstream out;
    out << "HALIDE_FUNCTION_ATTRS\nint " << f.name << "(" << (args.empty() ? "void" : args) << ");\n\n"
        << "HALIDE_FUNCTION_ATTRS\nint " << f.name << "_argv(void **args);\n\n"
        << "HALIDE_FUNCTION_ATTRS\nconst struct halide_filter_metadata_t *" << f.name << "_metadata(void);\n\n";
    return out.str();
}

}  // namespace

std::string c_header(const Module &m) {
    const std::string guard = "HEDDLE_" + c_name(m.name) + "_H";
    std::ostringstream out;
    out << "/* Kernels for " << m.target.to_string() << ". */\n"
        << "#ifndef " << guard << "\n#define " << guard << "\n\n"
        << "#ifndef __cplusplus\n#include <stdbool.h>\n#endif\n#include <stdint.h>\n\n"
        << "struct halide_buffer_t;\nstruct halide_filter_metadata_t;\n\n"
        << "#ifndef HALIDE_FUNCTION_ATTRS\n#define HALIDE_FUNCTION_ATTRS\n#endif\n"
        << "#ifndef HALIDE_MUST_USE_RESULT\n#define HALIDE_MUST_USE_RESULT\n#endif\n\n"
        << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
    for (const LoweredFunction &f : m.functions) out << declaration(f);
    out << "#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
    return out.str();
}

std::string registration_source(const Module &m) {
    std::ostringstream out;
    out << "// Tells the program that is linked with it which kernels there are.\n\nstruct halide_filter_metadata_t;\n\n"
        << "extern \"C\" {\nextern void halide_register_argv_and_metadata(int (*)(void **), const halide_filter_metadata_t *,\n"
        << "                                              const char *const *);\n";
    for (const LoweredFunction &f : m.functions) {
        out << "extern int " << f.name << "_argv(void **);\nextern const halide_filter_metadata_t *" << f.name
            << "_metadata();\n";
    }
    out << "}\n\n#ifdef HALIDE_REGISTER_EXTRA_KEY_VALUE_PAIRS_FUNC\n"
        << "extern const char *const *HALIDE_REGISTER_EXTRA_KEY_VALUE_PAIRS_FUNC();\n#endif\n\nnamespace {\n\n"
        << "struct Registration {\n    Registration() {\n        const char *const *pairs = nullptr;\n"
        << "#ifdef HALIDE_REGISTER_EXTRA_KEY_VALUE_PAIRS_FUNC\n"
        << "        pairs = HALIDE_REGISTER_EXTRA_KEY_VALUE_PAIRS_FUNC();\n#endif\n";
    for (const LoweredFunction &f : m.functions) {
        out << "        halide_register_argv_and_metadata(" << f.name << "_argv, " << f.name << "_metadata(), pairs);\n";
    }
    out << "    }\n} registration;\n\n}  // namespace\n";
    return out.str();
}

std::string stmt_text(const Module &m) {
    std::ostringstream out;
    out << "module " << m.name << ", target " << m.target.to_string() << "\n";
    for (const LoweredFunction &f : m.functions) {
        out << "\nfunc " << f.name << "(";
        for (size_t i = 0; i < f.args.size(); i++) {
            const Argument &a = f.args[i].argument;
            out << (i ? ", " : "") << a.name << ": "
                << (a.is_buffer() ? concat("buffer<", to_string(a.type), ", ", int{a.dimensions}, ">")
                                  : to_string(a.type));
        }
        out << ")\n" << to_string(f.body);
    }
    return out.str();
}

const char *to_string(OutputFileType type) {
    switch (type) {
    case OutputFileType::assembly: return "assembly";
    case OutputFileType::bitcode: return "bitcode";
    case OutputFileType::c_header: return "c_header";
    case OutputFileType::c_source: return "c_source";
    case OutputFileType::compiler_log: return "compiler_log";
    case OutputFileType::cpp_stub: return "cpp_stub";
    case OutputFileType::featurization: return "featurization";
    case OutputFileType::function_info_header: return "function_info_header";
    case OutputFileType::hlpipe: return "hlpipe";
    case OutputFileType::llvm_assembly: return "llvm_assembly";
    case OutputFileType::object: return "object";
    case OutputFileType::python_extension: return "python_extension";
    case OutputFileType::pytorch_wrapper: return "pytorch_wrapper";
    case OutputFileType::registration: return "registration";
    case OutputFileType::schedule: return "schedule";
    case OutputFileType::static_library: return "static_library";
    case OutputFileType::stmt: return "stmt";
    case OutputFileType::conceptual_stmt: return "conceptual_stmt";
    case OutputFileType::stmt_html: return "stmt_html";
    case OutputFileType::conceptual_stmt_html: return "conceptual_stmt_html";
    case OutputFileType::device_code: return "device_code";
    }
    return "unknown";
}

namespace {

std::string static_library(const Module &m) {
    const bool windows = m.target.os == Target::Windows;
    std::vector<ArchiveMember> members = {{m.name + (windows ? ".obj" : ".o"), object_code(m)}};
    if (!m.target.has_feature(Target::NoRuntime)) {
        for (ArchiveMember &r : runtime_objects(m.target)) members.push_back(std::move(r));
    }
    return archive(members, m.target);
}

}  // namespace

void add_outputs(const Module &m, const std::map<OutputFileType, std::string> &files, FileBatch &batch) {
    OutputFiles code;
    for (const auto &[type, path] : files) {
        switch (type) {
        case OutputFileType::object: code.object = path; break;
        case OutputFileType::assembly: code.assembly = path; break;
        case OutputFileType::llvm_assembly: code.llvm_assembly = path; break;
        case OutputFileType::bitcode: code.bitcode = path; break;
        case OutputFileType::static_library: batch.add(path, static_library(m)); break;
        case OutputFileType::c_header: batch.add(path, c_header(m)); break;
        case OutputFileType::registration: batch.add(path, registration_source(m)); break;
        case OutputFileType::c_source: batch.add(path, to_c_source(m)); break;
        case OutputFileType::stmt: batch.add(path, stmt_text(m)); break;
        case OutputFileType::stmt_html: batch.add(path, to_html(m)); break;
        case OutputFileType::conceptual_stmt: batch.add(path, m.conceptual.defined() ? to_string(m.conceptual) : ""); break;
        case OutputFileType::conceptual_stmt_html:
            if (m.conceptual.defined()) batch.add(path, to_html(m.conceptual, m.name));
            break;
        case OutputFileType::schedule:
            if (m.schedule_json.empty()) {
                refuse(278, m.name, {}, concat("the schedule of ", m.name, " names Funcs that are no part of it: it makes no file"));
            }
            batch.add(path, m.schedule_json);
            break;
        default:
            refuse(273, m.name, {}, concat("this build cannot write a ", to_string(type), " file (", path, ")"));
        }
    }
    if (!(code.object + code.assembly + code.llvm_assembly + code.bitcode).empty()) emit(m, code, batch);
}

void write_outputs(const Module &m, const std::map<OutputFileType, std::string> &files) {
    FileBatch batch;
    add_outputs(m, files, batch);
    batch.write();
}

}  // namespace heddle::Internal
