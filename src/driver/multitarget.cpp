// One kernel for several targets: the code for each, and a wrapper that calls the first that this machine
// can run.

#include <algorithm>

#include "codegen/llvm/codegen.h"
#include "driver/compiled.h"
#include "driver/files.h"
#include "driver/module_contents.h"
#include "driver/runtime_archive.h"
#include "heddle/func.h"
#include "heddle/module.h"
#include "heddle/pipeline.h"
#include "language/define.h"

namespace heddle {

namespace Internal {

namespace {

void check_targets(const std::string &name, const std::vector<Target> &targets) {
    if (targets.empty()) refuse(276, name, {}, concat("kernel ", name, " is compiled for no target"));
    const Target &last = targets.back();
    for (const Target &t : targets) {
        if (t.os != last.os || t.arch != last.arch || t.bits != last.bits) {
            refuse(276, name, {},
                   concat("kernel ", name, " is compiled for ", t.to_string(), " and ", last.to_string(),
                          ": targets of one library differ in features only"));
        }
        if (t.has_feature(Target::UserContext) != last.has_feature(Target::UserContext)) {
            refuse(276, name, {}, concat("kernel ", name, ": the user_context feature must be that of all targets, or of none"));
        }
    }
    if (std::count(targets.begin(), targets.end(), last) > 1 && targets.size() > 1) {
        refuse(276, name, {}, concat("kernel ", name, " is compiled for ", last.to_string(), " twice"));
    }
}

// The features as the bit words that the runtime takes.
Expr feature_words(const Target &target, int *count) {
    constexpr int features = Target::FeatureEnd, bits = 64;
    *count = (features + bits - 1) / bits;
    ExprList words;
    for (int w = 0; w < *count; w++) {
        uint64_t word = 0;
        for (int b = 0; b < bits && w * bits + b < features; b++) {
            if (target.get_features_bitset()[static_cast<size_t>(w * bits + b)]) word |= uint64_t{1} << b;
        }
        words.push_back(UIntImm::make(UInt(64), word));
    }
    return Call::make(Handle(), CallOp::make_struct, words);
}

Stmt call_of(const std::string &name, const std::vector<LoweredArgument> &args) {
    ExprList values;
    for (const LoweredArgument &a : args) {
        values.push_back(Variable::make(a.argument.is_buffer() ? Handle() : a.argument.type, a.symbol));
    }
    const Symbol result = Symbol::fresh("result");
    const Expr value = Variable::make(Int(32), result);
    return LetStmt::make(result, Call::make(Int(32), CallOp::extern_c, values, name),
                         Assert::make(EQ::make(value, make_zero(Int(32))), value));
}

Module wrapper(const std::string &name, const std::vector<Module> &variants) {
    const std::vector<LoweredArgument> &args = variants.back().functions.at(0).args;
    Stmt body = call_of(variants.back().functions[0].name, args);
    for (size_t i = variants.size() - 1; i-- > 0;) {
        int count;
        const Expr words = feature_words(variants[i].target, &count);
        const Expr usable = NE::make(Call::make(Int(32), CallOp::extern_c, {IntImm::make(Int(32), count), words},
                                                "halide_can_use_target_features"),
                                     make_zero(Int(32)));
        body = If::make(usable, call_of(variants[i].functions.at(0).name, args), body);
    }
    Module m;
    m.name = name;
    m.target = variants.back().target;
    m.functions.push_back({name, args, body});
    return m;
}

// dir/f.stmt.html with "-avx2" is dir/f-avx2.stmt.html.
std::string with_suffix(const std::string &path, const std::string &suffix) {
    const size_t slash = path.rfind('/');
    const size_t dot = path.find('.', slash == std::string::npos ? 0 : slash + 1);
    return dot == std::string::npos ? path + suffix : path.substr(0, dot) + suffix + path.substr(dot);
}

std::string library(const Module &wrap, const std::vector<Module> &variants) {
    std::vector<ArchiveMember> members;
    for (const Module &v : variants) members.push_back({v.name + ".o", object_code(v)});
    members.push_back({wrap.name + ".o", object_code(wrap)});
    if (!wrap.target.has_feature(Target::NoRuntime)) {
        for (ArchiveMember &r : runtime_objects(wrap.target)) members.push_back(std::move(r));
    }
    return archive(members, wrap.target);
}

}  // namespace

}  // namespace Internal

using namespace Internal;

void compile_multitarget(const std::string &fn_name, const std::map<OutputFileType, std::string> &files, const std::vector<Target> &targets,
                         const std::vector<std::string> &suffixes, const ModuleFactory &factory) {
    check_targets(fn_name, targets);
    if (!suffixes.empty() && suffixes.size() != targets.size()) {
        refuse(276, fn_name, {}, concat("kernel ", fn_name, " has ", targets.size(), " targets but ", suffixes.size(), " suffixes"));
    }
    if (targets.size() == 1) return factory(fn_name, targets[0]).compile(files);

    FileBatch batch;
    std::vector<Internal::Module> variants;
    for (size_t i = 0; i < targets.size(); i++) {
        const std::string suffix = suffixes.empty() ? "-" + targets[i].to_string() : suffixes[i];
        variants.push_back(resolved(*factory(c_name(fn_name + suffix), targets[i]).contents()));
        std::map<OutputFileType, std::string> own;
        for (const auto &[type, path] : files) {
            const bool common = type == OutputFileType::static_library || type == OutputFileType::c_header ||
                                type == OutputFileType::registration || type == OutputFileType::schedule;
            if (!common) own[type] = with_suffix(path, suffix);
        }
        add_outputs(variants.back(), own, batch);
    }
    const Internal::Module wrap = wrapper(fn_name, variants);
    for (const auto &[type, path] : files) {
        switch (type) {
        case OutputFileType::static_library: batch.add(path, library(wrap, variants)); break;
        case OutputFileType::c_header: batch.add(path, c_header(wrap)); break;
        case OutputFileType::registration: batch.add(path, registration_source(wrap)); break;
        case OutputFileType::schedule: batch.add(path, variants.back().schedule_json); break;
        case OutputFileType::object: add_outputs(wrap, {{type, with_suffix(path, "_wrapper")}}, batch); break;
        default: break;
        }
    }
    batch.write();
}

void Pipeline::compile_to_multitarget_static_library(const std::string &prefix, const Arguments &args,
                                                     const std::vector<Target> &targets) {
    const bool windows = !targets.empty() && targets.back().os == Target::Windows;
    compile_multitarget(c_name(prefix.substr(prefix.rfind('/') + 1)),
                        {{OutputFileType::static_library, prefix + (windows ? ".lib" : ".a")},
                         {OutputFileType::c_header, prefix + ".h"}},
                        targets, {}, [&](const std::string &name, const Target &target) {
                            return compile_to_module(args, name, target);
                        });
}

void Pipeline::compile_to_multitarget_object_files(const std::string &prefix, const Arguments &args,
                                                   const std::vector<Target> &targets,
                                                   const std::vector<std::string> &suffixes) {
    const bool windows = !targets.empty() && targets.back().os == Target::Windows;
    compile_multitarget(c_name(prefix.substr(prefix.rfind('/') + 1)),
                        {{OutputFileType::object, prefix + (windows ? ".obj" : ".o")},
                         {OutputFileType::c_header, prefix + ".h"}},
                        targets, suffixes, [&](const std::string &name, const Target &target) {
                            return compile_to_module(args, name, target);
                        });
}

void Func::compile_to_multitarget_static_library(const std::string &prefix, const Arguments &args,
                                                 const std::vector<Target> &targets) {
    pipeline().compile_to_multitarget_static_library(prefix, args, targets);
}

void Func::compile_to_multitarget_object_files(const std::string &prefix, const Arguments &args,
                                               const std::vector<Target> &targets,
                                               const std::vector<std::string> &suffixes) {
    pipeline().compile_to_multitarget_object_files(prefix, args, targets, suffixes);
}

}  // namespace heddle
