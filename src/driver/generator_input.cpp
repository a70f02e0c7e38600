// The inputs of generators.

#include "heddle/generator_input.h"

#include "language/parameter.h"
#include "language/reachable.h"
#include "support/assert.h"

namespace heddle::Internal {

// --- Buffers

BufferInput::BufferInput(const std::string &name, const Shape &shape, Registration registration)
    : GeneratorIO(name, shape, registration), func_(std::shared_ptr<Function>()) {
    shape_changed();
}

BufferInput::~BufferInput() = default;

void BufferInput::shape_changed() {
    if (shape_.complete()) parameter_ = ParameterContents::create(shape_.types[0], true, shape_.dimensions, io_name());
}

void BufferInput::set_values(const GeneratorValues &values) {
    const GeneratorValue &v = only(values);
    check_value(v);
    func_ = v.func;
    parameter_ = v.image.parameter();
}

void BufferInput::prepare(bool) {
    if (!func_.function()) check_complete();
}

void BufferInput::add_arguments(std::vector<Argument> &list) const {
    if (!func_.function()) list.push_back(argument_of(*parameter_));
}

BufferInput::operator Func() const {
    return func_.function() ? func_ : ImageParam::operator Func();
}

Func BufferInput::in(const Func &f, std::source_location location) const {
    return Func(*this).in(f, location);
}

Func BufferInput::in(const std::vector<Func> &fs, std::source_location location) const {
    return Func(*this).in(fs, location);
}

Func BufferInput::in(std::source_location location) const {
    return Func(*this).in(location);
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

Expr BufferInput::operator()() const {
    return (*this)(std::vector<Expr>());
}

Expr BufferInput::operator()(const Expr &a) const {
    return (*this)(std::vector<Expr>{a});
}

Expr BufferInput::operator()(const Expr &a, const Expr &b) const {
    return (*this)(std::vector<Expr>{a, b});
}

Expr BufferInput::operator()(const Expr &a, const Expr &b, const Expr &c) const {
    return (*this)(std::vector<Expr>{a, b, c});
}

Expr BufferInput::operator()(const std::vector<Var> &args) const {
    return (*this)(std::vector<Expr>(args.begin(), args.end()));
}

Expr BufferInput::operator()(const std::vector<Expr> &args) const {
    return func_.function() ? Expr(func_(args)) : ImageParam::operator()(args);
}

// --- Funcs

FuncInput::FuncInput(const std::string &name, const Shape &shape, Registration registration)
    : GeneratorIO(name, shape, registration), func_(std::shared_ptr<Function>()) {
}

FuncInput::~FuncInput() = default;

void FuncInput::set_values(const GeneratorValues &values) {
    const GeneratorValue &v = only(values);
    check_value(v);
    func_ = v.func;
}

// A Func with several values is read from as many images.
void FuncInput::prepare(bool) {
    if (func_.function()) return;
    check_complete();
    const bool one = shape_.types.size() == 1;
    std::vector<Var> vars;
    for (int d = 0; d < shape_.dimensions; d++) vars.push_back(Var::implicit(d));
    ExprList values;
    for (size_t i = 0; i < shape_.types.size(); i++) {
        images_.emplace_back(shape_.types[i], shape_.dimensions, one ? io_name() : concat(io_name(), "_", i));
        values.push_back(images_.back()(vars));
    }
    if (one) {
        func_ = images_[0];
    } else {
        func_ = Func(io_name());
        func_(vars) = Tuple(values);
    }
}

void FuncInput::add_arguments(std::vector<Argument> &list) const {
    for (const ImageParam &image : images_) list.push_back(argument_of(*image.parameter()));
}

std::string FuncInput::stub_type() const {
    return "Func";
}

const Func &FuncInput::func() const {
    if (!func_.function()) {
        refuse_generator(283, concat("input ", io_name(), " is used before generate() is called"));
    }
    return func_;
}

FuncRef FuncInput::operator()() const {
    return func()(std::vector<Expr>());
}

FuncRef FuncInput::operator()(const Expr &a) const {
    return func()(std::vector<Expr>{a});
}

FuncRef FuncInput::operator()(const Expr &a, const Expr &b) const {
    return func()(std::vector<Expr>{a, b});
}

FuncRef FuncInput::operator()(const Expr &a, const Expr &b, const Expr &c) const {
    return func()(std::vector<Expr>{a, b, c});
}

FuncRef FuncInput::operator()(const std::vector<Expr> &args) const {
    return func()(args);
}

FuncRef FuncInput::operator()(const std::vector<Var> &args) const {
    return func()(args);
}

Func FuncInput::in(const Func &f, std::source_location location) const {
    return Func(func()).in(f, location);
}

Func FuncInput::in(const std::vector<Func> &fs, std::source_location location) const {
    return Func(func()).in(fs, location);
}

Func FuncInput::in(std::source_location location) const {
    return Func(func()).in(location);
}

int FuncInput::dimensions() const {
    return func().dimensions();
}

Type FuncInput::type() const {
    return func().type();
}

const std::vector<Type> &FuncInput::types() const {
    return func().types();
}

int FuncInput::outputs() const {
    return func().outputs();
}

std::vector<Var> FuncInput::args() const {
    return func().args();
}

bool FuncInput::defined() const {
    return func_.function() != nullptr;
}

FuncInput &FuncInput::set_estimate(const Var &v, const Expr &min, const Expr &extent) {
    Func(func()).set_estimate(v, min, extent);
    return *this;
}

FuncInput &FuncInput::set_estimates(const Region &estimates) {
    Func(func()).set_estimates(estimates);
    return *this;
}

// --- scalars

ScalarInput::ScalarInput(const std::string &name, const Shape &shape, Registration registration)
    : GeneratorIO(name, shape, registration) {
    shape_changed();
}

ScalarInput::~ScalarInput() = default;

void ScalarInput::shape_changed() {
    if (shape_.types.empty() || (parameter_ && parameter_->type == shape_.types[0])) return;
    parameter_ = make_scalar_parameter(shape_.types[0], io_name());
    value_ = scalar_expr(parameter_);
}

ParameterContents &ScalarInput::checked() const {
    if (!parameter_) {
        refuse_generator(283, concat("input ", io_name(), " has no type"),
                         concat("call ", io_name(), ".set_type(...) in configure()"));
    }
    return *parameter_;
}

Type ScalarInput::type() const {
    return checked().type;
}

ScalarInput::operator Expr() const {
    checked();
    return value_;
}

void ScalarInput::set_min_value(const Expr &min) {
    set_scalar_min(checked(), min);
}

void ScalarInput::set_max_value(const Expr &max) {
    set_scalar_max(checked(), max);
}

void ScalarInput::set_range(const Expr &min, const Expr &max) {
    set_scalar_range(checked(), min, max);
}

void ScalarInput::set_default(const Scalar &value) {
    set_scalar(checked(), value);
}

void ScalarInput::prepare(bool) {
    checked();
}

void ScalarInput::set_values(const GeneratorValues &values) {
    const GeneratorValue &v = only(values);
    if (!v.expr.defined()) refuse_generator(284, concat("input ", io_name(), " takes a number, not a Func"));
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

std::string ScalarInput::stub_type() const {
    return "Expr";
}

}  // namespace heddle::Internal
