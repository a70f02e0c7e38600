// The parameters of generators: values and texts.

#include "heddle/generator_param.h"

#include <algorithm>
#include <charconv>

#include "driver/generator_contents.h"
#include "driver/generator_text.h"
#include "support/assert.h"

namespace heddle::Internal {

namespace {

bool is_c_name(const std::string &name) {
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
}

template<typename T>
std::optional<T> parse_number(const std::string &text) {
    T value{};
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
    return value;
}

}  // namespace

void check_generator_name(const std::string &name, const char *what) {
    if (!is_c_name(name)) {
        refuse_generator(286, concat("a generator has a", what, " called \"", name,
                                     "\", which is no name in C"));
    }
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

GeneratorParamBase::GeneratorParamBase(const std::string &name)
    : name_(name) {
    check_generator_name(name, " parameter");
    GeneratorBase::checked_construction("GeneratorParam " + name).params.push_back(this);
}

GeneratorParamBase::~GeneratorParamBase() = default;

std::vector<std::string> GeneratorParamBase::enum_names() const {
    return {};
}

void GeneratorParamBase::set_level(const LoopLevel &) {
    refuse_value("a LoopLevel", "of another type");
}

void GeneratorParamBase::refuse_value(const std::string &value, const std::string &wanted) const {
    refuse_generator(
        281, concat("generator parameter ", name_, " cannot be \"", value, "\": it is ", wanted));
}

// --- numbers, bools and enums

namespace {

int64_t as_int(const Scalar &s) {
    const int shift = 64 - 8 * s.type.bytes();
    return static_cast<int64_t>(s.bits << shift) >> shift;
}

double as_double(const Scalar &s) {
    if (s.type == Float(32)) return static_cast<double>(s.as<float>());
    if (s.type.is_float()) return s.as<double>();
    return s.type.is_int() ? static_cast<double>(as_int(s)) : static_cast<double>(s.bits);
}

std::string text_of(const Scalar &s) {
    if (s.type.is_bool()) return s.bits ? "true" : "false";
    if (s.type.is_float()) return number_text(as_double(s));
    return s.type.is_int() ? std::to_string(as_int(s)) : std::to_string(s.bits);
}

bool less(const Scalar &a, const Scalar &b) {
    if (a.type.is_float()) return as_double(a) < as_double(b);
    return a.type.is_int() ? as_int(a) < as_int(b) : a.bits < b.bits;
}

// The bits of a number that the type has.
Scalar scalar_of(const Type &t, uint64_t bits) {
    const int bytes = t.bytes();
    return {t, bytes == 8 ? bits : bits & ((uint64_t{1} << (8 * bytes)) - 1)};
}

Scalar scalar_of_double(const Type &t, double value) {
    return t == Float(32) ? Scalar::of(static_cast<float>(value)) : Scalar::of(value);
}

std::string wanted_by(const Type &t) {
    if (t.is_bool()) return "true or false";
    if (t.is_float()) return "a number";
    return concat(t.is_int() ? "an integer of " : "an unsigned integer of ", t.bits(), " bits");
}

}  // namespace

ScalarGeneratorParam::ScalarGeneratorParam(const std::string &name, const Scalar &value)
    : GeneratorParamBase(name), value_(value) {
}

ScalarGeneratorParam::~ScalarGeneratorParam() = default;

void ScalarGeneratorParam::set_range(const Scalar &min, const Scalar &max) {
    min_ = min;
    max_ = max;
    has_range_ = true;
    check(value_);
}

void ScalarGeneratorParam::add_name(const std::string &name, const Scalar &value) {
    names_.emplace_back(name, value);
}

void ScalarGeneratorParam::check(const Scalar &value) const {
    if (!has_range_ || (!less(value, min_) && !less(max_, value))) return;
    refuse_value(text_of(value), concat("at least ", text_of(min_), " and at most ", text_of(max_)));
}

void ScalarGeneratorParam::set_scalar(const Scalar &value) {
    check(value);
    value_ = value;
}

void ScalarGeneratorParam::set_number(int64_t value) {
    const Type &t = value_.type;
    if (t.is_float()) return set_scalar(scalar_of_double(t, static_cast<double>(value)));
    if (!t.can_represent(value)) refuse_value(std::to_string(value), wanted_by(t));
    set_scalar(scalar_of(t, static_cast<uint64_t>(value)));
}

void ScalarGeneratorParam::set_number(uint64_t value) {
    const Type &t = value_.type;
    if (t.is_float()) return set_scalar(scalar_of_double(t, static_cast<double>(value)));
    if (!t.can_represent(value)) refuse_value(std::to_string(value), wanted_by(t));
    set_scalar(scalar_of(t, value));
}

void ScalarGeneratorParam::set_number(double value) {
    const Type &t = value_.type;
    if (t.is_float()) return set_scalar(scalar_of_double(t, value));
    if (!t.can_represent(value)) refuse_value(number_text(value), wanted_by(t));
    set_number(static_cast<int64_t>(value));
}

Scalar ScalarGeneratorParam::parsed(const std::string &text) const {
    if (!names_.empty()) {
        std::string wanted = "one of";
        for (const auto &[name, value] : names_) {
            if (name == text) return value;
            wanted += " " + name;
        }
        refuse_value(text, wanted);
    }
    const Type &t = value_.type;
    if (t.is_bool()) {
        if (const auto v = parse_bool(text)) return Scalar::of(*v);
    } else if (t.is_float()) {
        if (const auto v = parse_float(text)) return scalar_of_double(t, *v);
    } else if (t.is_int()) {
        if (const auto v = parse_int(text); v && t.can_represent(*v)) return scalar_of(t, static_cast<uint64_t>(*v));
    } else {
        if (const auto v = parse_uint(text); v && t.can_represent(*v)) return scalar_of(t, *v);
    }
    refuse_value(text, wanted_by(t));
}

void ScalarGeneratorParam::set_from_string(const std::string &text) {
    set_scalar(parsed(text));
}

std::string ScalarGeneratorParam::text() const {
    for (const auto &[name, value] : names_) {
        if (value.bits == value_.bits) return name;
    }
    return text_of(value_);
}

std::string ScalarGeneratorParam::cpp_type() const {
    const Type &t = value_.type;
    if (!names_.empty()) return "Enum_" + name();
    if (t.is_bool()) return "bool";
    if (t.is_float()) return t.bits() == 32 ? "float" : "double";
    return concat(t.is_int() ? "int" : "uint", t.bits(), "_t");
}

std::string ScalarGeneratorParam::cpp_value() const {
    return names_.empty() ? text() : cpp_type() + "::" + text();
}

std::vector<std::string> ScalarGeneratorParam::enum_names() const {
    std::vector<std::string> list;
    for (const auto &[name, value] : names_) list.push_back(name);
    return list;
}

// --- Types, Targets, texts and places in loop nests

template<typename T>
ObjectGeneratorParam<T>::ObjectGeneratorParam(const std::string &name, const T &value)
    : GeneratorParamBase(name), value_(value) {
}

template<typename T>
ObjectGeneratorParam<T>::~ObjectGeneratorParam() = default;

template<typename T>
void ObjectGeneratorParam<T>::set_from_string(const std::string &text) {
    if constexpr (std::is_same_v<T, std::string>) {
        value_ = text;
    } else if constexpr (std::is_same_v<T, Target>) {
        value_ = Target(text);
    } else if constexpr (std::is_same_v<T, Type>) {
        const auto t = parse_type(text);
        if (!t) refuse_value(text, "a type, such as uint8 or float32");
        value_ = *t;
    } else {
        if (text != "root" && text != "inlined") refuse_value(text, "root or inlined");
        value_ = text == "root" ? LoopLevel::root() : LoopLevel::inlined();
    }
}

template<typename T>
std::string ObjectGeneratorParam<T>::text() const {
    if constexpr (std::is_same_v<T, std::string>) {
        return value_;
    } else if constexpr (std::is_same_v<T, Type>) {
        return to_string(value_);
    } else {
        return value_.to_string();
    }
}

template<typename T>
std::string ObjectGeneratorParam<T>::cpp_type() const {
    return std::is_same_v<T, Type> ? "Type" : std::is_same_v<T, LoopLevel> ? "LoopLevel" : "std::string";
}

template<typename T>
std::string ObjectGeneratorParam<T>::cpp_value() const {
    if constexpr (std::is_same_v<T, Type>) {
        return concat("Halide::Internal::type_named(", quoted(text()), ")");
    } else if constexpr (std::is_same_v<T, LoopLevel>) {
        return value_ == LoopLevel::inlined() ? "LoopLevel::inlined()" : "LoopLevel::root()";
    } else {
        return quoted(text());
    }
}

template<typename T>
void ObjectGeneratorParam<T>::set_level(const LoopLevel &level) {
    if constexpr (std::is_same_v<T, LoopLevel>) {
        value_.set(level);
    } else {
        GeneratorParamBase::set_level(level);
    }
}

template class ObjectGeneratorParam<Type>;
template class ObjectGeneratorParam<Target>;
template class ObjectGeneratorParam<std::string>;
template class ObjectGeneratorParam<LoopLevel>;

}  // namespace heddle::Internal
