#include "heddle/module.h"

#include <algorithm>

#include "codegen/llvm/codegen.h"
#include "driver/files.h"
#include "driver/module_contents.h"
#include "driver/runtime_archive.h"
#include "ir/rewrite.h"
#include "language/define.h"

namespace heddle {

HEDDLE_DEFINE_SPECIAL_MEMBERS(Module);

Module::Module(std::shared_ptr<Internal::ModuleContents> contents)
    : contents_(std::move(contents)) {
}

Module::Module(const std::string &name, const Target &target, const MetadataNameMap &metadata_names)
    : contents_(std::make_shared<Internal::ModuleContents>()) {
    contents_->module.name = name;
    contents_->module.target = target;
    contents_->metadata_names = metadata_names;
}

const std::string &Module::name() const {
    return contents_->module.name;
}

const Target &Module::target() const {
    return contents_->module.target;
}

std::vector<Internal::LoweredFunc> Module::functions() const {
    std::vector<Internal::LoweredFunc> out;
    for (const Internal::LoweredFunction &f : contents_->module.functions) {
        Internal::LoweredFunc l{f.name, {}};
        for (const Internal::LoweredArgument &a : f.args) l.args.push_back(a.argument);
        out.push_back(std::move(l));
    }
    return out;
}

Internal::LoweredFunc Module::get_function_by_name(const std::string &name) const {
    for (const Internal::LoweredFunc &f : functions()) {
        if (f.name == name) return f;
    }
    Internal::refuse(279, name, {}, Internal::concat("module ", this->name(), " has no function ", name));
}

const std::vector<Module> &Module::submodules() const {
    return contents_->submodules;
}

void Module::append(const Module &m) {
    if (!(m.target() == target())) {
        Internal::refuse(275, m.name(), {},
               Internal::concat("module ", m.name(), " for ", m.target().to_string(), " is added to module ", name(), " for ",
                      target().to_string()));
    }
    contents_->submodules.push_back(m);
}

namespace Internal {

namespace {

void add_functions(const ModuleContents &c, const MetadataNameMap &names, std::vector<LoweredFunction> &list) {
    for (LoweredFunction f : c.module.functions) {
        for (LoweredArgument &a : f.args) {
            if (const auto it = names.find(a.argument.name); it != names.end()) a.argument.name = it->second;
        }
        list.push_back(std::move(f));
    }
    for (const heddle::Module &m : c.submodules) {
        MetadataNameMap inner = m.contents()->metadata_names;
        inner.insert(names.begin(), names.end());
        add_functions(*m.contents(), inner, list);
    }
}

}  // namespace

Module resolved(const ModuleContents &c) {
    Module m = c.module;
    m.functions.clear();
    add_functions(c, c.metadata_names, m.functions);
    return m;
}

}  // namespace Internal

Module Module::resolve_submodules() const {
    auto c = std::make_shared<Internal::ModuleContents>(*contents_);
    c->module = Internal::resolved(*contents_);
    c->submodules.clear();
    return Module(std::move(c));
}

void Module::remap_metadata_name(const std::string &from, const std::string &to) const {
    contents_->metadata_names[from] = to;
}

MetadataNameMap Module::get_metadata_name_map() const {
    return contents_->metadata_names;
}

const AutoSchedulerResults *Module::get_auto_scheduler_results() const {
    return contents_->scheduled ? &*contents_->scheduled : nullptr;
}

void Module::set_auto_scheduler_results(const AutoSchedulerResults &results) {
    if (contents_->scheduled) {
        Internal::refuse(279, name(), {}, Internal::concat("the results of a scheduler are given to module ", name(), " twice"));
    }
    contents_->scheduled = results;
}

bool Module::any_strict_float() const {
    if (contents_->strict_float) return true;
    bool found = false;
    for (const Internal::LoweredFunction &f : Internal::resolved(*contents_).functions) {
        Internal::walk(f.body, [&](const Internal::Call &c) { found = found || c.op == Internal::CallOp::strict_float; });
    }
    return found;
}

void Module::set_any_strict_float(bool strict) {
    contents_->strict_float = strict;
}

void Module::compile(const std::map<OutputFileType, std::string> &files) const {
    Internal::write_outputs(Internal::resolved(*contents_), files);
}

Buffer<uint8_t> Module::compile_to_buffer() const {
    const auto code = Internal::object_code(Internal::resolved(*contents_));
    Buffer<uint8_t> b(static_cast<int>(code.size()), name());
    std::copy(code.begin(), code.end(), b.data());
    return b;
}

Module link_modules(const std::string &name, const std::vector<Module> &modules) {
    if (modules.empty()) Internal::refuse(275, name, {}, "link_modules of no modules");
    Module linked(name, modules[0].target());
    for (const Module &m : modules) linked.append(m);
    return linked.resolve_submodules();
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
