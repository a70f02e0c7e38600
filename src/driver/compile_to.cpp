// Pipelines as files.

#include "codegen/source/html.h"
#include "driver/compiled.h"
#include "driver/custom_passes.h"
#include "driver/files.h"
#include "driver/module_contents.h"
#include "heddle/func.h"
#include "ir/print.h"
#include "language/define.h"
#include "schedule/collect.h"
#include "schedule/derived.h"

namespace heddle {

using namespace Internal;

namespace {

using Files = std::map<OutputFileType, std::string>;

// Nothing after this pass makes the nest harder to read.
constexpr const char *conceptual_pass = "simplify_nest";

LowerRequest request_for(const PipelineContents &p, const std::vector<Argument> &args, const std::string &name,
                         const Target &target) {
    LowerRequest r;
    r.outputs.assign(p.outputs.begin(), p.outputs.end());
    for (const auto &f : r.outputs) {
        if (!f->defined()) refuse(200, f->name, {}, concat("Func ", f->name, " is not defined: it cannot be compiled"));
    }
    r.name = name;
    r.target = target;
    if (p.trace) r.target.set_feature(Target::TracePipeline);
    r.requirements = p.requirements;
    r.arguments = args;
    r.embed_buffers = true;
    const bool given = !args.empty() && args[0].name == "__user_context";
    if (target.has_feature(Target::UserContext) && !given) {
        r.arguments->insert(r.arguments->begin(), Argument("__user_context", Argument::InputScalar, Handle(), 0));
    }
    check_distinct_names(parameters_used(functions_scheduled(r.outputs), r.outputs));
    return r;
}

std::shared_ptr<Internal::Module> lowered(const PipelineContents &p, const std::vector<Argument> &args,
                                          const std::string &name, const Target &target) {
    auto m = std::make_shared<Internal::Module>(lower(request_for(p, args, name, target)));
    run_custom_passes(p.passes, *m);
    const Functions outputs(p.outputs.begin(), p.outputs.end());
    try {
        m->schedule_json = collect_schedule(outputs, name, target.to_string()).to_json();
    } catch (const CompileError &) {
        // An output may be scheduled for a pipeline in which it is none. It has no schedule file here.
    }
    for (const auto &f : p.outputs) {
        for (const auto &r : functions_scheduled({f})) std::const_pointer_cast<Function>(r)->frozen = true;
    }
    return m;
}

Stmt conceptual(const PipelineContents &p, const std::vector<Argument> &args, const std::string &name,
                       const Target &target) {
    return lower_until(request_for(p, args, name, target), conceptual_pass);
}

bool wants_conceptual(const Files &files) {
    return files.count(OutputFileType::conceptual_stmt) || files.count(OutputFileType::conceptual_stmt_html);
}

const char *object_suffix(const Target &t) {
    return t.os == Target::Windows ? ".obj" : ".o";
}

const char *library_suffix(const Target &t) {
    return t.os == Target::Windows ? ".lib" : ".a";
}

}  // namespace

heddle::Module Pipeline::compile_to_module(const Arguments &args, const std::string &fn_name, const Target &target,
                                           LinkageType) {
    const PipelineContents &p = checked("compile_to_module");
    heddle::Module m(fn_name.empty() ? default_name() : fn_name, target);
    m.contents()->module = std::move(*lowered(p, args, m.name(), target));
    return m;
}

void Pipeline::compile_to(const Files &files, const Arguments &args, const std::string &fn_name,
                          const Target &target) {
    const PipelineContents &p = checked("compile_to");
    const std::string name = fn_name.empty() ? default_name() : fn_name;
    const auto m = lowered(p, args, name, target);
    if (wants_conceptual(files)) m->conceptual = conceptual(p, args, name, target);
    write_outputs(*m, files);
}

#define HEDDLE_COMPILE_TO(method, type)                                                             \
    void Pipeline::method(const std::string &file, const Arguments &args, const std::string &fn_name, \
                          const Target &target) {                                                   \
        compile_to({{OutputFileType::type, file}}, args, fn_name, target);                          \
    }
HEDDLE_COMPILE_TO(compile_to_bitcode, bitcode)
HEDDLE_COMPILE_TO(compile_to_llvm_assembly, llvm_assembly)
HEDDLE_COMPILE_TO(compile_to_object, object)
HEDDLE_COMPILE_TO(compile_to_header, c_header)
HEDDLE_COMPILE_TO(compile_to_assembly, assembly)
HEDDLE_COMPILE_TO(compile_to_c, c_source)
#undef HEDDLE_COMPILE_TO

void Pipeline::compile_to_lowered_stmt(const std::string &file, const Arguments &args, StmtOutputFormat format,
                                       const Target &target) {
    compile_to({{format == Text ? OutputFileType::stmt : OutputFileType::stmt_html, file}}, args, "", target);
}

void Pipeline::compile_to_conceptual_stmt(const std::string &file, const Arguments &args, StmtOutputFormat format,
                                          const Target &target) {
    const PipelineContents &p = checked("compile_to_conceptual_stmt");
    const Stmt s = conceptual(p, args, default_name(), target);
    write_file(file, format == Text ? Internal::to_string(s) : to_html(s, default_name()));
}

void Pipeline::compile_to_file(const std::string &prefix, const Arguments &args, const std::string &fn_name,
                               const Target &target) {
    compile_to({{OutputFileType::object, prefix + object_suffix(target)}, {OutputFileType::c_header, prefix + ".h"}},
               args, fn_name, target);
}

void Pipeline::compile_to_static_library(const std::string &prefix, const Arguments &args, const std::string &fn_name,
                                         const Target &target) {
    compile_to({{OutputFileType::static_library, prefix + library_suffix(target)},
                {OutputFileType::c_header, prefix + ".h"}},
               args, fn_name, target);
}

// --- Func

#define HEDDLE_FORWARD(method)                                                                                  \
    void Func::method(const std::string &file, const Arguments &args, const std::string &fn_name,              \
                      const Target &target) {                                                                   \
        pipeline().method(file, args, fn_name, target);                                                         \
    }
HEDDLE_FORWARD(compile_to_bitcode)
HEDDLE_FORWARD(compile_to_llvm_assembly)
HEDDLE_FORWARD(compile_to_object)
HEDDLE_FORWARD(compile_to_header)
HEDDLE_FORWARD(compile_to_assembly)
HEDDLE_FORWARD(compile_to_c)
HEDDLE_FORWARD(compile_to_file)
HEDDLE_FORWARD(compile_to_static_library)
#undef HEDDLE_FORWARD

#define HEDDLE_FORWARD(method)                                                                   \
    void Func::method(const std::string &file, const Arguments &args, const Target &target) {    \
        pipeline().method(file, args, "", target);                                               \
    }
HEDDLE_FORWARD(compile_to_bitcode)
HEDDLE_FORWARD(compile_to_llvm_assembly)
HEDDLE_FORWARD(compile_to_object)
HEDDLE_FORWARD(compile_to_assembly)
#undef HEDDLE_FORWARD

void Func::compile_to(const Files &files, const Arguments &args, const std::string &fn_name, const Target &target) {
    pipeline().compile_to(files, args, fn_name, target);
}

void Func::compile_to_lowered_stmt(const std::string &file, const Arguments &args, StmtOutputFormat format,
                                   const Target &target) {
    pipeline().compile_to_lowered_stmt(file, args, format, target);
}

void Func::compile_to_conceptual_stmt(const std::string &file, const Arguments &args, StmtOutputFormat format,
                                      const Target &target) {
    pipeline().compile_to_conceptual_stmt(file, args, format, target);
}

heddle::Module Func::compile_to_module(const Arguments &args, const std::string &fn_name, const Target &target) {
    return pipeline().compile_to_module(args, fn_name, target);
}

}  // namespace heddle
