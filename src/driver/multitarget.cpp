// One kernel compiled for several targets: the first whose features the machine has is called.

#include <algorithm>
#include <bitset>

#include "driver/compiled.h"
#include "driver/files.h"
#include "driver/runtime_archive.h"
#include "heddle/func.h"
#include "language/define.h"

namespace heddle {

using namespace Internal;

namespace {

using Files = std::map<OutputFileType, std::string>;

std::string suffix_of(const Target &t) {
    std::string s = t.to_string();
    std::replace(s.begin(), s.end(), '-', '_');
    return s;
}

// "dir/name.o" and "avx2" make "dir/name_avx2.o".
std::string with_suffix(const std::string &path, const std::string &suffix) {
    const size_t slash = path.find_last_of('/');
    const size_t name = slash == std::string::npos ? 0 : slash + 1;
    const size_t dot = path.find('.', name);
    const size_t at = dot == std::string::npos ? path.size() : dot;
    return path.substr(0, at) + "_" + suffix + path.substr(at);
}

// Whether the machine that runs this has the features of t.
Expr can_run(const Target &t) {
    constexpr int features = static_cast<int>(Target::FeatureEnd);
    constexpr int words = (features + 63) / 64;
    uint64_t mask[words] = {};
    for (int f = 0; f < features; f++) {
        if (t.has_feature(static_cast<Target::Feature>(f))) mask[f / 64] |= uint64_t{1} << (f % 64);
    }
    ExprList values;
    for (uint64_t m : mask) values.push_back(UIntImm::make(UInt(64), m));
    const Expr wanted = Call::make(Handle(), CallOp::make_struct, values);
    const Expr answer = Call::make(Int(32), CallOp::extern_c, {Expr(words), wanted}, "halide_can_use_target_features");
    return NE::make(answer, Expr(0));
}

// return name(args), as a statement.
Stmt call_of(const std::string &name, const ExprList &args) {
    const Symbol status = Symbol::fresh("status");
    const Expr value = Variable::make(Int(32), status);
    return LetStmt::make(status, Call::make(Int(32), CallOp::extern_c, args, name),
                         Assert::make(EQ::make(value, Expr(0)), value));
}

// The function that chooses: its arguments are those of each of the modules.
Internal::Module dispatcher(const std::string &name, const std::vector<heddle::Module> &modules) {
    const LoweredFunction &model = modules[0].contents()->functions.at(0);
    LoweredFunction f;
    f.name = name;
    ExprList args;
    for (const LoweredArgument &a : model.args) {
        f.args.push_back({a.argument, Symbol::fresh(a.argument.name)});
        args.push_back(Variable::make(a.argument.is_buffer() ? Handle() : a.argument.type, f.args.back().symbol));
    }
    // The last one is what every machine must be able to run.
    f.body = call_of(modules.back().contents()->functions.at(0).name, args);
    for (size_t i = modules.size() - 1; i-- > 0;) {
        f.body = If::make(can_run(modules[i].target()), call_of(modules[i].contents()->functions.at(0).name, args), f.body);
    }
    Internal::Module m;
    m.name = name;
    m.target = modules.back().target();
    m.functions.push_back(std::move(f));
    return m;
}

void check_targets(const std::string &name, const std::vector<Target> &targets, const std::vector<std::string> &suffixes) {
    if (targets.empty()) refuse(276, name, {}, concat(name, " is to be compiled for no target"));
    if (!suffixes.empty() && suffixes.size() != targets.size()) {
        refuse(276, name, {},
               concat(name, " is to be compiled for ", targets.size(), " targets with ", suffixes.size(), " suffixes"));
    }
    for (const Target &t : targets) {
        if (t.os != targets[0].os || t.arch != targets[0].arch || t.bits != targets[0].bits) {
            refuse(276, name, {},
                   concat(name, " is to be compiled for ", targets[0].to_string(), " and ", t.to_string(),
                          " in one file, but these are different machines"));
        }
    }
}

void write_library(const std::string &path, const std::vector<heddle::Module> &modules, const Internal::Module &choose,
                   const Target &base) {
    const std::string suffix = base.os == Target::Windows ? ".obj" : ".o";
    std::vector<ArchiveMember> members;
    for (const auto &m : modules) members.push_back({m.name() + suffix, object_code(*m.contents())});
    members.push_back({choose.name + suffix, object_code(choose)});
    if (!base.has_feature(Target::NoRuntime)) {
        for (ArchiveMember &r : runtime_objects(base)) members.push_back(std::move(r));
    }
    write_archive(path, members, base);
}

}  // namespace

void compile_multitarget(const std::string &fn_name, const Files &files, const std::vector<Target> &targets,
                         const std::vector<std::string> &suffixes, const ModuleFactory &factory) {
    check_targets(fn_name, targets, suffixes);
    if (targets.size() == 1) {
        factory(fn_name, targets[0]).compile(files);
        return;
    }
    std::vector<heddle::Module> modules;
    std::vector<std::string> names;
    for (size_t i = 0; i < targets.size(); i++) {
        names.push_back(suffixes.empty() ? suffix_of(targets[i]) : suffixes[i]);
        modules.push_back(factory(c_name(fn_name + "_" + names.back()), targets[i].with_feature(Target::NoRuntime)));
    }
    const Internal::Module choose = dispatcher(fn_name, modules);
    for (const auto &[type, path] : files) {
        if (type == OutputFileType::static_library) {
            write_library(path, modules, choose, targets.back());
        } else if (type == OutputFileType::c_header) {
            write_outputs(choose, {{type, path}});
        } else if (type == OutputFileType::schedule) {
            modules[0].compile({{type, path}});
        } else {
            for (size_t i = 0; i < modules.size(); i++) modules[i].compile({{type, with_suffix(path, names[i])}});
            if (type == OutputFileType::object) write_outputs(choose, {{type, path}});
        }
    }
}

void Pipeline::compile_to_multitarget_static_library(const std::string &prefix, const Arguments &args,
                                                     const std::vector<Target> &targets) {
    check_targets(default_name(), targets, {});
    const bool windows = targets[0].os == Target::Windows;
    compile_multitarget(
        c_name(prefix.substr(prefix.find_last_of('/') + 1)),
        {{OutputFileType::static_library, prefix + (windows ? ".lib" : ".a")}, {OutputFileType::c_header, prefix + ".h"}},
        targets, {}, [&](const std::string &name, const Target &t) { return compile_to_module(args, name, t); });
}

void Pipeline::compile_to_multitarget_object_files(const std::string &prefix, const Arguments &args,
                                                   const std::vector<Target> &targets,
                                                   const std::vector<std::string> &suffixes) {
    check_targets(default_name(), targets, suffixes);
    const bool windows = targets[0].os == Target::Windows;
    compile_multitarget(
        c_name(prefix.substr(prefix.find_last_of('/') + 1)),
        {{OutputFileType::object, prefix + (windows ? ".obj" : ".o")}, {OutputFileType::c_header, prefix + ".h"}},
        targets, suffixes, [&](const std::string &name, const Target &t) { return compile_to_module(args, name, t); });
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
