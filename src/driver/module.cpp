#include "heddle/module.h"

#include "driver/files.h"
#include "driver/runtime_archive.h"
#include "language/define.h"

namespace heddle {

HEDDLE_DEFINE_SPECIAL_MEMBERS(Module);

Module::Module(std::shared_ptr<Internal::Module> m)
    : module_(std::move(m)) {
}

Module::Module(const std::string &name, const Target &target)
    : module_(std::make_shared<Internal::Module>()) {
    module_->name = name;
    module_->target = target;
}

const std::string &Module::name() const {
    return module_->name;
}

const Target &Module::target() const {
    return module_->target;
}

std::vector<LoweredFunc> Module::functions() const {
    std::vector<LoweredFunc> out;
    for (const Internal::LoweredFunction &f : module_->functions) {
        LoweredFunc l{f.name, {}};
        for (const Internal::LoweredArgument &a : f.args) l.args.push_back(a.argument);
        out.push_back(std::move(l));
    }
    return out;
}

void Module::append(const Module &m) {
    if (!(m.target() == target())) {
        Internal::refuse(275, m.name(), {},
               Internal::concat("module ", m.name(), " for ", m.target().to_string(), " is added to module ", name(), " for ",
                      target().to_string()));
    }
    const auto &more = m.module_->functions;
    module_->functions.insert(module_->functions.end(), more.begin(), more.end());
}

void Module::compile(const std::map<OutputFileType, std::string> &files) const {
    Internal::write_outputs(*module_, files);
}

Module link_modules(const std::string &name, const std::vector<Module> &modules) {
    if (modules.empty()) Internal::refuse(275, name, {}, "link_modules of no modules");
    Module linked(name, modules[0].target());
    for (const Module &m : modules) linked.append(m);
    return linked;
}

std::map<OutputFileType, std::string> compile_standalone_runtime(const std::map<OutputFileType, std::string> &files,
                                                                 const Target &t) {
    std::map<OutputFileType, std::string> written;
    Internal::FileBatch batch;
    for (const auto &[type, path] : files) {
        if (type != OutputFileType::static_library && type != OutputFileType::object) continue;
        // A linker takes an archive where it takes an object.
        batch.add(path, Internal::archive(Internal::runtime_objects(t), t));
        written[type] = path;
    }
    batch.write();
    return written;
}

void compile_standalone_runtime(const std::string &object_file, const Target &t) {
    compile_standalone_runtime({{OutputFileType::object, object_file}}, t);
}

}  // namespace heddle
