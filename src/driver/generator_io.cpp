// Inputs and outputs of generators: names, shapes, arrays.

#include "heddle/generator_io.h"

#include <sstream>

#include "driver/generator_contents.h"
#include "driver/generator_text.h"
#include "language/function.h"
#include "support/assert.h"

namespace heddle::Internal {

HEDDLE_DEFINE_SPECIAL_MEMBERS(GeneratorValue);
HEDDLE_DEFINE_SPECIAL_MEMBERS(Shape);

// A Func of no Function is none.
GeneratorValue::GeneratorValue()
    : func(std::shared_ptr<Function>()) {
}

GeneratorValue::GeneratorValue(const Expr &e)
    : GeneratorValue() {
    expr = e;
}

GeneratorValue::GeneratorValue(const Func &f)
    : func(f) {
}

GeneratorValue::GeneratorValue(const ImageParam &p)
    : func(p), image(p) {
}

StubOutput::StubOutput()
    : func_(std::shared_ptr<Function>()) {
}

StubOutput::StubOutput(const Func &f, const Target &target)
    : func_(f), target_(target) {
}

Realization StubOutput::realize(const std::vector<int32_t> &sizes) {
    return func_.realize(sizes, target_);
}

void StubOutput::realize(Pipeline::RealizationArg outputs) {
    func_.realize(std::move(outputs), target_);
}

// --- shapes

Shape::Shape() = default;

Shape::Shape(const Type &type, int dimensions)
    : types{type}, dimensions(dimensions) {
}

Shape::Shape(int dimensions)
    : dimensions(dimensions) {
}

Shape::Shape(const std::vector<Type> &types)
    : types(types) {
}

Shape::Shape(std::initializer_list<Type> types)
    : types(types) {
}

Shape Shape::with(const Shape &more, int d) const {
    Shape s = *this;
    if (!more.types.empty()) s.types = more.types;
    if (more.dimensions >= 0) s.dimensions = more.dimensions;
    if (d >= 0) s.dimensions = d;
    return s;
}

bool Shape::complete() const {
    return types.size() == 1 && dimensions >= 0;
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

std::string text_of(const Shape &s) {
    std::string types;
    for (const Type &t : s.types) types += (types.empty() ? "" : ", ") + to_string(t);
    return concat(types.empty() ? "any type" : types, ", ",
                  s.dimensions < 0 ? "any dimensions" : concat(s.dimensions, " dimension(s)"));
}

// --- one input or output

GeneratorIO::GeneratorIO(const std::string &name, const Shape &shape, Registration registration)
    : shape_(shape), io_name_(name) {
    check_generator_name(name, registration == Registration::Output ? "n output" : "n input");
    if (registration == Registration::None) return;
    GeneratorContents &g = GeneratorBase::checked_construction("input or output " + name);
    (registration == Registration::Input ? g.inputs : g.outputs).push_back(this);
}

GeneratorIO::~GeneratorIO() = default;

void GeneratorIO::set_type(const Type &t) {
    set_types({t});
}

void GeneratorIO::set_types(const std::vector<Type> &t) {
    shape_.types = t;
    shape_changed();
}

void GeneratorIO::set_dimensions(int d) {
    shape_.dimensions = d;
    shape_changed();
}

bool GeneratorIO::set_property(const std::string &property, const std::string &text) {
    if (!shape_.set_property(property, text)) return false;
    shape_changed();
    return true;
}

void GeneratorIO::shape_changed() {
}

void GeneratorIO::set_values(const GeneratorValues &) {
    refuse_generator(284, concat("output ", io_name_, " takes no value"));
}

void GeneratorIO::add_arguments(std::vector<Argument> &) const {
}

void GeneratorIO::add_outputs(std::vector<Func> &) const {
}

const GeneratorValue &GeneratorIO::only(const GeneratorValues &values) const {
    if (values.size() != 1)
        refuse_generator(284, concat("input ", io_name_, " is one value and is given ", values.size()));
    return values[0];
}

void GeneratorIO::check_complete() const {
    if (!shape_.types.empty() && shape_.dimensions >= 0) return;
    const bool type = shape_.types.empty();
    refuse_generator(283, concat("input ", io_name_, " has no ", type ? "type" : "number of dimensions"),
                     concat("declare it, or call ", io_name_, ".set_", type ? "type" : "dimensions",
                            "(...) in configure()"));
}

void GeneratorIO::check_value(const GeneratorValue &value) const {
    const auto &f = value.func.function();
    if (!f) refuse_generator(284, concat("input ", io_name_, " takes a Func or an image, not a number"));
    if (!f->defined())
        refuse_generator(284, concat("input ", io_name_, " is given Func ", f->name, ", which is not defined"));
    const bool types = shape_.types.empty() || shape_.types == f->types;
    if (types && (shape_.dimensions < 0 || shape_.dimensions == f->dimensions())) return;
    Shape given(f->types);
    given.dimensions = f->dimensions();
    refuse_generator(284, concat("input ", io_name_, " (", text_of(shape_), ") is given ", f->name, " (",
                                 text_of(given), ")"));
}

// --- arrays

GeneratorArray::GeneratorArray(const std::string &name, const Shape &shape, Registration registration, size_t size)
    : GeneratorIO(name, shape, registration), fixed_size_(size) {
}

GeneratorArray::~GeneratorArray() = default;

void GeneratorArray::create(Make make) {
    make_ = make;
    resize(fixed_size_);
}

size_t GeneratorArray::size() const {
    return elements_.size();
}

GeneratorIO &GeneratorArray::element(size_t i) const {
    if (i < elements_.size()) return *elements_[i];
    refuse_generator(284, concat(io_name(), " is an array of ", elements_.size(), " and has no element ", i));
}

void GeneratorArray::resize(size_t n) {
    while (elements_.size() > n) elements_.pop_back();
    while (elements_.size() < n) {
        elements_.push_back(make_(concat(io_name(), "_", elements_.size()), shape_));
    }
}

void GeneratorArray::shape_changed() {
    for (const auto &e : elements_) {
        if (!shape_.types.empty()) e->set_types(shape_.types);
        if (shape_.dimensions >= 0) e->set_dimensions(shape_.dimensions);
    }
}

bool GeneratorArray::set_property(const std::string &property, const std::string &text) {
    if (property != "size") return GeneratorIO::set_property(property, text);
    const auto n = fixed_size_ ? std::nullopt : parse_int(text);
    if (!n || *n < 0) return false;
    resize(static_cast<size_t>(*n));
    return true;
}

std::string GeneratorArray::stub_type() const {
    return "std::vector<" + make_(io_name(), shape_)->stub_type() + ">";
}

void GeneratorArray::prepare(bool top_level) {
    for (const auto &e : elements_) e->prepare(top_level);
}

void GeneratorArray::set_values(const GeneratorValues &values) {
    if (elements_.empty()) resize(values.size());
    if (values.size() != elements_.size()) {
        refuse_generator(284, concat(io_name(), " is an array of ", elements_.size(), " and is given ", values.size()));
    }
    for (size_t i = 0; i < values.size(); i++) elements_[i]->set_values({values[i]});
}

void GeneratorArray::add_arguments(std::vector<Argument> &list) const {
    for (const auto &e : elements_) e->add_arguments(list);
}

void GeneratorArray::add_outputs(std::vector<Func> &list) const {
    for (const auto &e : elements_) e->add_outputs(list);
}

}  // namespace heddle::Internal
