#include "codegen/source/cxx_dialect.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <unordered_map>
#include <unordered_set>

#include "ir/float16.h"

namespace heddle::Internal {

namespace {

const std::unordered_set<std::string> &words() {
    static const std::unordered_set<std::string> set = {
        "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char",
        "char8_t", "char16_t", "char32_t", "class", "compl", "concept", "const", "consteval", "constexpr", "constinit",
        "const_cast", "continue", "co_await", "co_return", "co_yield", "decltype", "default", "delete", "do", "double",
        "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if",
        "inline", "int", "long", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr", "operator", "or",
        "or_eq", "private", "protected", "public", "register", "reinterpret_cast", "requires", "return", "short", "signed",
        "sizeof", "static", "static_assert", "static_cast", "struct", "switch", "template", "this", "thread_local", "throw",
        "true", "try", "typedef", "typeid", "typename", "union", "unsigned", "using", "virtual", "void", "volatile",
        "wchar_t", "while", "xor", "xor_eq",
        // Macros and names that the emitted text itself uses.
        "linux", "unix", "errno", "assert", "signbit", "isnan", "isinf", "isfinite", "uint8_t", "uint16_t", "uint32_t",
        "uint64_t", "int8_t", "int16_t", "int32_t", "int64_t", "size_t", "user_context", "std", "argv"};
    return set;
}

// What C++ writes with an operator, for scalars of these types.
const char *infix(const std::string &name, Type t) {
    static const std::unordered_map<std::string, const char *> comparisons = {
        {"equal", " == "}, {"not_equal", " != "}, {"less", " < "},
        {"less_equal", " <= "}, {"greater", " > "}, {"greater_equal", " >= "},
        {"logical_and", " && "}, {"logical_or", " || "}};
    static const std::unordered_map<std::string, const char *> arithmetic = {
        {"add", " + "}, {"sub", " - "}, {"mul", " * "}, {"div", " / "}};
    const bool small_float = t.is_float() && t.bits() == 16;
    if (!t.is_scalar() || small_float) return nullptr;
    if (auto it = comparisons.find(name); it != comparisons.end()) return it->second;
    if (auto it = arithmetic.find(name); t.is_float() && it != arithmetic.end()) return it->second;
    return nullptr;
}

std::string helper(const std::string &name) {
    return "heddle_c::" + name;
}

}  // namespace

bool CxxDialect::is_reserved(const std::string &name) const {
    bool all_upper = true;
    for (char c : name) all_upper = all_upper && !(c >= 'a' && c <= 'z');
    return words().count(name) || all_upper || name.starts_with("halide_") || name.starts_with("heddle_") || name[0] == '_' ||
           name.find("__") != std::string::npos;
}

std::string CxxDialect::type(Type t) const {
    if (t.lanes() > 1) return helper("Vec<") + type(t.element_of()) + ", " + std::to_string(t.lanes()) + ">";
    if (t.is_handle()) return "void *";
    if (t.is_bool()) return "bool";
    if (t.is_float()) {
        if (t.bits() == 16) return helper(t.is_bfloat() ? "bf16" : "f16");
        return t.bits() == 32 ? "float" : "double";
    }
    return (t.is_uint() ? "uint" : "int") + std::to_string(t.bits()) + "_t";
}

std::string CxxDialect::constant_declaration(Type t, const std::string &name, const std::string &value) const {
    if (t.is_vector()) return "[[maybe_unused]] const auto " + name + " = " + value + ";";
    if (t.is_handle()) return "[[maybe_unused]] void *const " + name + " = " + value + ";";
    return "[[maybe_unused]] const " + type(t) + " " + name + " = " + value + ";";
}

std::string CxxDialect::integer(Type t, int64_t value) const {
    if (t.bits() == 32) {
        if (value == INT32_MIN) return "(-2147483647 - 1)";
        return value < 0 ? "(" + std::to_string(value) + ")" : std::to_string(value);
    }
    if (t.bits() < 32) return type(t) + "(" + std::to_string(value) + ")";
    if (value == INT64_MIN) return "INT64_MIN";
    return "int64_t{" + std::to_string(value) + "}";
}

std::string CxxDialect::unsigned_integer(Type t, uint64_t value) const {
    if (t.is_bool()) return value ? "true" : "false";
    if (t.bits() == 32) return std::to_string(value) + "u";
    if (t.bits() < 32) return type(t) + "(" + std::to_string(value) + ")";
    return "uint64_t{" + std::to_string(value) + "u}";
}

std::string CxxDialect::floating(Type t, double value) const {
    if (!std::isfinite(value)) {
        const uint64_t bits = t.is_bfloat()     ? double_to_bfloat16_bits(value)
                              : t.bits() == 16 ? double_to_float16_bits(value)
                              : t.bits() == 32 ? std::bit_cast<uint32_t>(static_cast<float>(value))
                                               : std::bit_cast<uint64_t>(value);
        std::array<char, 24> hex{};
        std::snprintf(hex.data(), hex.size(), "0x%llxu", static_cast<unsigned long long>(bits));
        return helper("scalar::of_raw<" + type(t) + ">(" + hex.data() + ")");
    }
    // The shortest decimal that reads back as the value.
    std::array<char, 64> digits{};
    const auto end = t.bits() == 32 ? std::to_chars(digits.data(), digits.data() + digits.size(), static_cast<float>(value)).ptr
                                    : std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    std::string s(digits.data(), end);
    if (s.find_first_of(".e") == std::string::npos) s += ".0";
    if (t.bits() == 32) s += "f";
    if (t.bits() == 16) return type(t) + "(" + s + ")";
    return s[0] == '-' ? "(" + s + ")" : s;
}

std::string CxxDialect::quoted(const std::string &s) {
    std::string out = "\"";
    for (const char c : s) {
        const auto u = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (u < 32 || u >= 127 || c == '?') {
            // Octal escapes end after three digits, whatever follows.
            std::array<char, 8> octal{};
            std::snprintf(octal.data(), octal.size(), "\\%03o", u);
            out += octal.data();
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string CxxDialect::text(const std::string &s) const {
    return helper("text(") + quoted(s) + ")";
}

std::string CxxDialect::zero(Type t) const {
    return t.is_handle() && t.is_scalar() ? "nullptr" : type(t) + "{}";
}

std::string CxxDialect::operation(const std::string &name, Type result, const std::vector<Operand> &args) const {
    if (args.size() == 2) {
        if (const char *op = infix(name, args[0].type)) return args[0].text + op + args[1].text;
    }
    if (name == "logical_not" && result.is_scalar()) return "!" + args[0].text;
    if (name == "select" && result.is_scalar()) return args[0].text + " ? " + args[1].text + " : " + args[2].text;
    std::string out = helper(name);
    out += name == "all" ? "(" : "<" + type(result) + ">(";
    for (size_t i = 0; i < args.size(); i++) out += (i ? ", " : "") + args[i].text;
    return out + ")";
}

std::string CxxDialect::shuffle(Type result, const std::vector<Operand> &vectors, const IntList &indices) const {
    std::string out = helper("shuffle<") + type(result);
    for (const int i : indices) out += ", " + std::to_string(i);
    out += ">(";
    for (size_t i = 0; i < vectors.size(); i++) out += (i ? ", " : "") + vectors[i].text;
    return out + ")";
}

std::string CxxDialect::load(const MemoryAccess &m) const {
    const std::string suffix = m.dense ? "load_dense" : m.predicate.empty() ? "load" : "load_where";
    const std::string where = m.predicate.empty() ? "" : ", " + m.predicate;
    return helper(suffix + "<" + type(m.type) + ">(" + m.buffer + ", " + m.index + where + ")");
}

std::string CxxDialect::store(const MemoryAccess &m, const std::string &value) const {
    const std::string name = m.dense ? "store_dense" : m.predicate.empty() ? "store" : "store_where";
    const std::string where = m.predicate.empty() ? "" : ", " + m.predicate;
    return helper(name + "(" + m.buffer + ", " + m.index + ", " + value + where + ")");
}

std::string CxxDialect::atomic_update(const std::string &buffer, Type element, const std::string &index,
                                      const std::string &old) const {
    return "heddle_c::atomic_update<" + type(element) + ">(" + buffer + ", " + index + ", [&](" + type(element) + " " + old + ")";
}

std::string CxxDialect::element_address(const std::string &buffer, Type element, const std::string &index) const {
    return "static_cast<char *>(" + buffer + ") + static_cast<int64_t>(" + index + ") * " + std::to_string(element.bytes());
}

std::vector<std::string> CxxDialect::local_array(const std::string &name, Type element, int64_t count) const {
    const std::string bytes = std::to_string(count * element.bytes() * element.lanes());
    return {"alignas(64) unsigned char " + name + "_storage[" + bytes + "];",
            "[[maybe_unused]] void *const " + name + " = " + name + "_storage;"};
}

}  // namespace heddle::Internal
