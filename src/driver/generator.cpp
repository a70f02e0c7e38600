// Generators: their parameters, inputs and outputs, and how they become a pipeline.

#include "heddle/generator.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <set>
#include <sstream>

#include "heddle/callable.h"
#include "language/parameter.h"
#include "language/reachable.h"
#include "support/assert.h"

namespace heddle {

namespace Internal {

void refuse_generator(int code, const std::string &message, const std::string &hint) {
    Diagnostic d;
    d.code = code;
    d.message = message;
    d.hint = hint;
    throw CompileError(std::move(d));
}

namespace {

bool is_c_name(const std::string &name) {
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
}

void check_name(const std::string &name, const char *what) {
    if (!is_c_name(name)) {
        refuse_generator(286, concat("a generator has a", what, " called \"", name,
                                     "\", which is no name in C"));
    }
}

template<typename T>
std::optional<T> parse_number(const std::string &text) {
    T value{};
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
    return value;
}

std::string joined(const std::vector<std::string> &names) {
    std::string text;
    for (const std::string &n : names)
        text += (text.empty() ? "" : ", ") + n;
    return text;
}

}  // namespace

// --- parameters

GeneratorParamBase::GeneratorParamBase(const std::string &name)
    : name_(name) {
    check_name(name, " parameter");
    GeneratorBase::checked_construction("GeneratorParam " + name).params_.push_back(this);
}

void GeneratorParamBase::refuse_value(const std::string &value, const std::string &wanted) const {
    refuse_generator(
        281, concat("generator parameter ", name_, " cannot be \"", value, "\": it is ", wanted));
}

std::optional<int64_t> parse_int(const std::string &text) {
    return parse_number<int64_t>(text);
}
std::optional<uint64_t> parse_uint(const std::string &text) {
    return parse_number<uint64_t>(text);
}
std::optional<double> parse_float(const std::string &text) {
    return parse_number<double>(text);
}
std::optional<bool> parse_bool(const std::string &text) {
    if (text == "true" || text == "True" || text == "1") return true;
    if (text == "false" || text == "False" || text == "0") return false;
    return std::nullopt;
}

std::optional<Type> parse_type(const std::string &text) {
    for (const Type t : {Bool(), Int(8), Int(16), Int(32), Int(64), UInt(8), UInt(16), UInt(32),
                         UInt(64), Float(16), Float(32), Float(64), BFloat(16), Handle()}) {
        if (to_string(t) == text) return t;
    }
    if (text == "uint1") return Bool();
    return std::nullopt;
}

std::string number_text(double value) {
    char text[64];
    const auto result = std::to_chars(text, text + sizeof text, value);
    return std::string(text, result.ptr);
}

Type type_named(const std::string &name) {
    if (const auto t = parse_type(name)) return *t;
    refuse_generator(281, concat("there is no type ", name));
}

// --- inputs and outputs

GeneratorIO::GeneratorIO(const std::string &name, Registration registration)
    : io_name_(name) {
    check_name(name, registration == Registration::Output ? "n output" : "n input");
    if (registration == Registration::None) return;
    GeneratorBase &g = GeneratorBase::checked_construction("input or output " + name);
    (registration == Registration::Input ? g.inputs_ : g.outputs_).push_back(this);
}

void GeneratorIO::set_values(const GeneratorValues &) {
    refuse_generator(284, concat("output ", io_name_, " takes no value"));
}

bool GeneratorIO::set_property(const std::string &, const std::string &) {
    return false;
}

bool Shape::set_property(const std::string &property, const std::string &text) {
    if (property == "dim") {
        const auto d = dimensions < 0 ? parse_int(text) : std::nullopt;
        if (!d || *d < 0 || *d > 127) return false;
        dimensions = static_cast<int>(*d);
        return true;
    }
    if (property != "type" || !types.empty()) return false;
    std::vector<Type> list;
    std::istringstream in(text);
    for (std::string name; std::getline(in, name, ',');) list.push_back(type_named(name));
    types = list;
    return !list.empty();
}

namespace {

std::string shape_text(const Shape &s) {
    std::string types;
    for (const Type &t : s.types)
        types += (types.empty() ? "" : ", ") + to_string(t);
    return concat(types.empty() ? "any type" : types, ", ",
                  s.dimensions < 0 ? "any dimensions" : concat(s.dimensions, " dimension(s)"));
}

const GeneratorValue &only(const GeneratorValues &values, const std::string &name) {
    if (values.size() != 1)
        refuse_generator(284, concat("input ", name, " is one value and is given ", values.size()));
    return values[0];
}

}  // namespace

void check_complete(const Shape &shape, const std::string &name) {
    if (shape.complete()) return;
    refuse_generator(283,
                     concat("input ", name, " has no ",
                            shape.types.size() == 1 ? "number of dimensions" : "type"),
                     concat("declare it, or call ", name, ".set_",
                            shape.types.size() == 1 ? "dimensions" : "type",
                            "(...) in configure()"));
}

void check_shape_of_value(const Shape &shape, const GeneratorValue &value,
                          const std::string &name) {
    const auto &f = value.func.function();
    if (!f)
        refuse_generator(284, concat("input ", name, " takes a Func or an image, not a number"));
    if (!f->defined())
        refuse_generator(
            284, concat("input ", name, " is given Func ", f->name, ", which is not defined"));
    const bool types = shape.types.empty() || shape.types == f->types;
    if (types && (shape.dimensions < 0 || shape.dimensions == f->dimensions())) return;
    refuse_generator(284, concat("input ", name, " (", shape_text(shape), ") is given ", f->name,
                                 " (", shape_text({f->types, f->dimensions()}), ")"));
}

BufferInput::BufferInput(const std::string &name, Shape shape, Registration registration)
    : GeneratorIO(name, registration),
      shape_(std::move(shape)) {
    create_when_complete();
}

void BufferInput::create_when_complete() {
    if (!shape_.complete()) return;
    parameter_ = Parameter::create(shape_.types[0], true, shape_.dimensions, io_name());
}

void BufferInput::set_type(const Type &t) {
    shape_.types = {t};
    create_when_complete();
}

void BufferInput::set_dimensions(int d) {
    shape_.dimensions = d;
    create_when_complete();
}

void BufferInput::set_values(const GeneratorValues &values) {
    const GeneratorValue &v = only(values, io_name());
    check_shape_of_value(shape_, v, io_name());
    func_ = v.func;
    parameter_ = v.image.parameter();
}

void BufferInput::prepare(bool) {
    if (!func_.function()) check_complete(shape_, io_name());
}

BufferInput::operator Func() const {
    return func_.function() ? func_ : ImageParam::operator Func();
}

bool BufferInput::set_property(const std::string &property, const std::string &text) {
    if (!shape_.set_property(property, text)) return false;
    create_when_complete();
    return true;
}

std::string BufferInput::stub_type() const {
    if (shape_.types.size() != 1) return "Halide::Internal::StubInputBuffer<>";
    return concat("Halide::Internal::StubInputBuffer<", type_to_c_type(shape_.types[0], false), ">");
}

BufferInput &BufferInput::set_estimate(const Var &v, const Expr &min, const Expr &extent) {
    const Func f = *this;
    for (int d = 0; d < f.dimensions(); d++) {
        if (f.args()[static_cast<size_t>(d)].name() != v.name()) continue;
        dim(d).set_estimate(min, extent);
        return *this;
    }
    refuse_generator(284, concat("input ", io_name(), " has no dimension ", v.name()));
}

std::string BufferOutput::stub_type() const {
    if (shape().types.size() != 1) return "Halide::Internal::StubOutputBuffer<>";
    return concat("Halide::Internal::StubOutputBuffer<", type_to_c_type(shape().types[0], false), ">");
}

Expr BufferInput::at(const std::vector<Expr> &args) const {
    return func_.function() ? Expr(func_(args)) : ImageParam::operator()(args);
}

void BufferInput::add_arguments(std::vector<Argument> &list) const {
    if (!func_.function()) list.push_back(argument_of(*parameter_));
}

void FuncInput::set_values(const GeneratorValues &values) {
    const GeneratorValue &v = only(values, io_name());
    check_shape_of_value(shape_, v, io_name());
    func_ = v.func;
}

void FuncInput::prepare(bool) {
    if (func_.function()) return;
    check_complete(shape_, io_name());
    image_ = ImageParam(shape_.types[0], shape_.dimensions, io_name());
    func_ = image_;
}

const Func &FuncInput::func() const {
    if (!func_.function()) {
        refuse_generator(283, concat("input ", io_name(), " is used before generate() is called"));
    }
    return func_;
}

void FuncInput::add_arguments(std::vector<Argument> &list) const {
    if (image_.defined()) list.push_back(argument_of(*image_.parameter()));
}

ScalarInput::ScalarInput(const std::string &name, Type type, Registration registration)
    : GeneratorIO(name, registration) {
    if (type.bits() > 0) create(type);
}

void ScalarInput::create(Type type) {
    parameter_ = make_scalar_parameter(type, io_name());
    value_ = scalar_expr(parameter_);
}

Parameter &ScalarInput::checked() const {
    if (!parameter_) {
        refuse_generator(283, concat("input ", io_name(), " has no type"),
                         concat("call ", io_name(), ".set_type(...) in configure()"));
    }
    return *parameter_;
}

ScalarInput::operator Expr() const {
    checked();
    return value_;
}

bool ScalarElement::set_property(const std::string &property, const std::string &text) {
    if (property != "type" || !open_) return false;
    create(type_named(text));
    return true;
}

void ScalarInput::set_values(const GeneratorValues &values) {
    const GeneratorValue &v = only(values, io_name());
    if (!v.expr.defined())
        refuse_generator(284, concat("input ", io_name(), " takes a number, not a Func"));
    const Expr converted = lossless_cast(type(), v.expr);
    if (!converted.defined()) {
        refuse_generator(284, concat("input ", io_name(), " is of type ", to_string(type()),
                                     " and is given a value of type ", to_string(v.expr.type())));
    }
    value_ = converted;
    is_argument_ = false;
}

void ScalarInput::add_arguments(std::vector<Argument> &list) const {
    if (is_argument_) list.push_back(argument_of(*parameter_));
}

// The name of the argument; other Funcs of the process may have it, too.
void name_output(Func &f, const std::string &name) {
    Function &function = *f.function();
    function.name = name;
    for (size_t i = 0; i < function.output_parameters.size(); i++) {
        function.output_parameters[i]->name =
            function.output_parameters.size() == 1 ? name : concat(name, ".", i);
    }
}

Func make_output(const Shape &shape, const std::string &name, bool top_level) {
    Func f(shape.types, shape.dimensions, name);
    if (top_level) name_output(f, name);
    return f;
}

void check_output(const Func &f, const Shape &shape, const std::string &name) {
    if (!f.function() || !f.defined()) {
        refuse_generator(285, concat("output ", name, " is not defined by generate()"),
                         concat(name, "(...) = ..."));
    }
    const Function &function = *f.function();
    const bool types = shape.types.empty() || shape.types == function.types;
    if (types && (shape.dimensions < 0 || shape.dimensions == function.dimensions())) return;
    refuse_generator(285, concat("output ", name, " is declared as ", shape_text(shape),
                                 " and defined as ",
                                 shape_text({function.types, function.dimensions()})));
}

void FuncOutput::prepare(bool top_level) {
    top_level_ = top_level;
    static_cast<Func &>(*this) = make_output(shape_, io_name(), top_level);
}

void FuncOutput::assign(const Func &f) {
    check_output(f, shape_, io_name());
    static_cast<Func &>(*this) = f;
    if (top_level_) name_output(*this, io_name());
}

void FuncOutput::add_outputs(std::vector<Func> &list) const {
    check_output(*this, shape_, io_name());
    list.push_back(*this);
}

// --- generators

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

GeneratorBase &GeneratorBase::checked_construction(const std::string &member) {
    if (under_construction()) return *under_construction();
    refuse_generator(286, concat(member, " is no member of a Generator"));
}

bool GeneratorBase::enter() {
    under_construction() = this;
    return true;
}

GeneratorBase::GeneratorBase() = default;

GeneratorBase::~GeneratorBase() {
    if (under_construction() == this) under_construction() = nullptr;
}

void GeneratorBase::set_param(const std::string &name, const std::string &value) {
    std::vector<std::string> known;
    for (GeneratorParamBase *p : params_) {
        if (p->name() == name) return p->set_from_string(value);
        known.push_back(p->name());
    }
    if (const size_t dot = name.find('.'); dot != std::string::npos) {
        for (const auto *list : {&inputs_, &outputs_}) {
            for (GeneratorIO *io : *list) {
                if (io->io_name() != name.substr(0, dot)) continue;
                if (io->set_property(name.substr(dot + 1), value)) return;
                refuse_generator(282, concat("generator ", registered_name_, " declares ", io->io_name(),
                                             " in a way that does not leave ", name, "=", value, " open"));
            }
        }
    }
    refuse_generator(282, concat("generator ", registered_name_, " has no parameter ", name),
                     concat("its parameters are ", joined(known)));
}

void GeneratorBase::run_configure() {
    if (!std::exchange(configured_, true)) call_configure();
}

void GeneratorBase::set_level(const std::string &name, const LoopLevel &level) {
    for (GeneratorParamBase *p : params_) {
        if (p->name() == name) return p->set_level(level);
    }
    refuse_generator(282, concat("generator ", registered_name_, " has no parameter ", name));
}

std::vector<Func> GeneratorBase::output_funcs(const std::string &name) const {
    std::vector<Func> list;
    for (const GeneratorIO *io : outputs_) {
        if (io->io_name() == name) io->add_outputs(list);
    }
    return list;
}

std::vector<Func> GeneratorBase::all_outputs() const {
    std::vector<Func> list;
    for (const GeneratorIO *io : outputs_)
        io->add_outputs(list);
    return list;
}

Pipeline GeneratorBase::get_pipeline() {
    if (!ran_) run(false, values_ ? &*values_ : nullptr);
    Pipeline p(all_outputs());
    for (const auto &[condition, message] : requirements_)
        p.add_requirement(condition, message);
    return p;
}

void GeneratorBase::run(bool top_level, const std::vector<GeneratorValues> *values) {
    if (ran_)
        refuse_generator(287, concat("generator ", registered_name_, " is run twice"),
                         "create another one");
    ran_ = true;
    run_configure();
    std::set<std::string> names;
    for (const auto *list : {&inputs_, &outputs_}) {
        for (const GeneratorIO *io : *list) {
            if (!names.insert(io->io_name()).second) {
                refuse_generator(286, concat("generator ", registered_name_,
                                             " has two inputs or outputs called ", io->io_name()));
            }
        }
    }
    if (outputs_.empty())
        refuse_generator(285, concat("generator ", registered_name_, " has no output"));
    if (values) {
        if (values->size() != inputs_.size()) {
            refuse_generator(284, concat("a generator of ", inputs_.size(),
                                         " input(s) is applied to ", values->size()));
        }
        for (size_t i = 0; i < inputs_.size(); i++)
            inputs_[i]->set_values((*values)[i]);
    }
    for (GeneratorIO *io : inputs_)
        io->prepare(top_level);
    for (GeneratorIO *io : outputs_)
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
    const AutoschedulerParams &autoscheduler = context_.autoscheduler_params();
    if (!autoscheduler.name.empty()) p.apply_autoscheduler(get_target(), autoscheduler);
    return p;
}

std::vector<Argument> GeneratorBase::arguments() const {
    std::vector<Argument> list;
    for (const GeneratorIO *io : inputs_)
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
