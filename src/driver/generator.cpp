// Generators: how they are found, and how they become a pipeline.

#include "heddle/generator.h"

#include <set>

#include "driver/generator_contents.h"
#include "heddle/callable.h"
#include "support/assert.h"

namespace heddle {

HEDDLE_DEFINE_SPECIAL_MEMBERS(GeneratorContext);

GeneratorContext::GeneratorContext() = default;

GeneratorContext::GeneratorContext(const Target &target)
    : target_(target) {
}

GeneratorContext::GeneratorContext(const Target &target, const AutoschedulerParams &autoscheduler)
    : target_(target), autoscheduler_(autoscheduler) {
}

GeneratorContext GeneratorContext::with_target(const Target &t) const {
    return GeneratorContext(t, autoscheduler_);
}

namespace Internal {

void refuse_generator(int code, const std::string &message, const std::string &hint) {
    Diagnostic d;
    d.code = code;
    d.message = message;
    d.hint = hint;
    throw CompileError(std::move(d));
}

namespace {

std::string joined(const std::vector<std::string> &names) {
    std::string text;
    for (const std::string &n : names)
        text += (text.empty() ? "" : ", ") + n;
    return text;
}

}  // namespace

GeneratorBase *&GeneratorBase::under_construction() {
    thread_local GeneratorBase *current = nullptr;
    return current;
}

GeneratorBase::Construction::Construction(GeneratorBase *g)
    : before_(std::exchange(under_construction(), g)) {
}

GeneratorBase::Construction::~Construction() {
    under_construction() = before_;
}

GeneratorContents &GeneratorBase::checked_construction(const std::string &member) {
    if (under_construction()) return *under_construction()->contents_;
    refuse_generator(286, concat(member, " is no member of a Generator"));
}

std::unique_ptr<GeneratorContents> GeneratorBase::enter() {
    under_construction() = this;
    return std::make_unique<GeneratorContents>();
}

GeneratorBase::GeneratorBase()
    : contents_(enter()), target("target", Target()) {
}

GeneratorBase::~GeneratorBase() {
    if (under_construction() == this) under_construction() = nullptr;
}

Target GeneratorBase::get_target() const {
    return target;
}

int GeneratorBase::natural_vector_size(Type t) const {
    return get_target().natural_vector_size(t);
}

bool GeneratorBase::using_autoscheduler() const {
    return !contents_->context.autoscheduler_params().name.empty();
}

GeneratorContext GeneratorBase::context() const {
    return contents_->context.with_target(get_target());
}

void GeneratorBase::set_context(const GeneratorContext &context) {
    contents_->context = context;
    target.set(context.target());
}

void GeneratorBase::add_requirement(const Expr &condition, const std::vector<Expr> &message) {
    contents_->requirements.emplace_back(condition, message);
}

Realization GeneratorBase::realize(const std::vector<int32_t> &sizes) {
    return get_pipeline().realize(sizes, get_target());
}

void GeneratorBase::realize(Pipeline::RealizationArg outputs) {
    get_pipeline().realize(std::move(outputs), get_target());
}

void GeneratorBase::trace_pipeline() {
    get_pipeline().trace_pipeline();
}

const std::vector<GeneratorParamBase *> &GeneratorBase::params() const {
    return contents_->params;
}

const std::vector<GeneratorIO *> &GeneratorBase::inputs() const {
    return contents_->inputs;
}

const std::vector<GeneratorIO *> &GeneratorBase::outputs() const {
    return contents_->outputs;
}

void GeneratorBase::own(GeneratorIO *io) {
    contents_->owned.emplace_back(io);
}

void GeneratorBase::set_input_values(const std::vector<GeneratorValues> &values) {
    contents_->values = values;
}

void GeneratorBase::set_registered_name(const std::string &name) {
    contents_->registered_name = name;
}

void GeneratorBase::set_param(const std::string &name, const std::string &value) {
    std::vector<std::string> known;
    for (GeneratorParamBase *p : contents_->params) {
        if (p->name() == name) return p->set_from_string(value);
        known.push_back(p->name());
    }
    if (const size_t dot = name.find('.'); dot != std::string::npos) {
        for (const auto *list : {&contents_->inputs, &contents_->outputs}) {
            for (GeneratorIO *io : *list) {
                if (io->io_name() != name.substr(0, dot)) continue;
                if (io->set_property(name.substr(dot + 1), value)) return;
                refuse_generator(282, concat("generator ", contents_->registered_name, " declares ", io->io_name(),
                                             " in a way that does not leave ", name, "=", value, " open"));
            }
        }
    }
    refuse_generator(282, concat("generator ", contents_->registered_name, " has no parameter ", name),
                     concat("its parameters are ", joined(known)));
}

void GeneratorBase::run_configure() {
    if (!std::exchange(contents_->configured, true)) call_configure();
}

void GeneratorBase::set_level(const std::string &name, const LoopLevel &level) {
    for (GeneratorParamBase *p : contents_->params) {
        if (p->name() == name) return p->set_level(level);
    }
    refuse_generator(282, concat("generator ", contents_->registered_name, " has no parameter ", name));
}

std::vector<Func> GeneratorBase::output_funcs(const std::string &name) const {
    std::vector<Func> list;
    for (const GeneratorIO *io : contents_->outputs) {
        if (io->io_name() == name) io->add_outputs(list);
    }
    return list;
}

std::vector<Func> GeneratorBase::all_outputs() const {
    std::vector<Func> list;
    for (const GeneratorIO *io : contents_->outputs)
        io->add_outputs(list);
    return list;
}

Pipeline GeneratorBase::get_pipeline() {
    if (!contents_->ran) run(false, contents_->values ? &*contents_->values : nullptr);
    Pipeline p(all_outputs());
    for (const auto &[condition, message] : contents_->requirements)
        p.add_requirement(condition, message);
    return p;
}

void GeneratorBase::run(bool top_level, const std::vector<GeneratorValues> *values) {
    if (contents_->ran)
        refuse_generator(287, concat("generator ", contents_->registered_name, " is run twice"),
                         "create another one");
    contents_->ran = true;
    run_configure();
    std::set<std::string> names;
    for (const auto *list : {&contents_->inputs, &contents_->outputs}) {
        for (const GeneratorIO *io : *list) {
            if (!names.insert(io->io_name()).second) {
                refuse_generator(286, concat("generator ", contents_->registered_name,
                                             " has two inputs or outputs called ", io->io_name()));
            }
        }
    }
    if (contents_->outputs.empty())
        refuse_generator(285, concat("generator ", contents_->registered_name, " has no output"));
    if (values) {
        if (values->size() != contents_->inputs.size()) {
            refuse_generator(284, concat("a generator of ", contents_->inputs.size(),
                                         " input(s) is applied to ", values->size()));
        }
        for (size_t i = 0; i < contents_->inputs.size(); i++)
            contents_->inputs[i]->set_values((*values)[i]);
    }
    for (GeneratorIO *io : contents_->inputs)
        io->prepare(top_level);
    for (GeneratorIO *io : contents_->outputs)
        io->prepare(top_level);
    call_generate();
    all_outputs();  // checks them
    call_schedule();
}

void GeneratorBase::apply_values(const std::vector<GeneratorValues> &values) {
    run(false, &values);
}

Pipeline GeneratorBase::build_pipeline() {
    run(true, nullptr);
    Pipeline p = get_pipeline();
    const AutoschedulerParams &autoscheduler = contents_->context.autoscheduler_params();
    if (!autoscheduler.name.empty()) p.apply_autoscheduler(get_target(), autoscheduler);
    return p;
}

std::vector<Argument> GeneratorBase::arguments() const {
    std::vector<Argument> list;
    for (const GeneratorIO *io : contents_->inputs)
        io->add_arguments(list);
    return list;
}

// --- registration

namespace {

struct Registered {
    GeneratorFactory factory = nullptr;
    std::string stub;
    std::string original;  // of an alias
    GeneratorParamsMap params;
    int times = 0;
};

std::map<std::string, Registered> &registry() {
    static std::map<std::string, Registered> r;
    return r;
}

}  // namespace

RegisterGenerator::RegisterGenerator(const char *name, GeneratorFactory factory, const char *stub) {
    Registered &r = registry()[name];
    r.factory = factory;
    r.stub = *stub ? stub : name;
    r.times++;
}

RegisterGenerator::RegisterGenerator(const char *alias, const char *original,
                                     const GeneratorParamsMap &params) {
    Registered &r = registry()[alias];
    r.original = original;
    r.params = params;
    r.times++;
}

std::vector<std::string> registered_generators() {
    std::vector<std::string> names;
    for (const auto &[name, r] : registry())
        names.push_back(name);
    return names;
}

std::unique_ptr<GeneratorBase> create_generator(const std::string &name, const Target &target,
                                                const GeneratorParamsMap &params) {
    const auto found = registry().find(name);
    if (found == registry().end()) {
        refuse_generator(280, concat("there is no generator ", name),
                         registry().empty()
                             ? "this program has none"
                             : concat("there are ", joined(registered_generators())));
    }
    const Registered &r = found->second;
    if (r.times > 1) refuse_generator(280, concat("two generators are registered as ", name));
    std::unique_ptr<GeneratorBase> g;
    if (r.factory) {
        g = r.factory();
        g->set_registered_name(name);
    } else {
        g = create_generator(r.original, target, r.params);
    }
    AutoschedulerParams autoscheduler;
    for (const auto &[param, value] : params) {
        if (param == "autoscheduler") autoscheduler.name = value;
        if (param.rfind("autoscheduler.", 0) == 0) autoscheduler.extra[param.substr(14)] = value;
    }
    g->set_context(GeneratorContext(target, autoscheduler));
    for (const auto &[param, value] : params) {
        if (param != "autoscheduler" && param.rfind("autoscheduler.", 0) != 0) g->set_param(param, value);
    }
    return g;
}

std::string stub_name_of(const std::string &name) {
    const auto found = registry().find(name);
    if (found == registry().end() || found->second.stub.empty()) return name;
    return found->second.stub;
}

}  // namespace Internal

Callable create_callable_from_generator(const Target &target, const std::string &name,
                                        const GeneratorParamsMap &params) {
    return create_callable_from_generator(GeneratorContext(target), name, params);
}

Callable create_callable_from_generator(const GeneratorContext &context, const std::string &name,
                                        const GeneratorParamsMap &params) {
    const auto g = Internal::create_generator(name, context.target(), params);
    if (!context.autoscheduler_params().name.empty()) g->set_context(context);
    Pipeline p = g->build_pipeline();
    return p.compile_to_callable(g->arguments(), context.target());
}

}  // namespace heddle
