#include "ir/text.h"

#include <array>
#include <charconv>
#include <unordered_map>
#include <unordered_set>

namespace heddle::Internal {

namespace {

// Enumerators of an enum, for searching by name.
constexpr std::array reductions = {ReduceOp::Add, ReduceOp::Mul, ReduceOp::Min,          ReduceOp::Max,
                                   ReduceOp::And, ReduceOp::Or,  ReduceOp::SaturatingAdd};
constexpr std::array loop_types = {ForType::Serial,   ForType::Parallel, ForType::Vectorized,
                                   ForType::Unrolled, ForType::Extern,   ForType::GPUBlock,
                                   ForType::GPUThread, ForType::GPULane};
constexpr std::array memory_types = {
    MemoryType::Auto,      MemoryType::Heap,       MemoryType::Stack,       MemoryType::Register,
    MemoryType::GPUShared, MemoryType::GPUTexture, MemoryType::LockedCache, MemoryType::VTCM,
    MemoryType::AMXTile,   MemoryType::GPUSharedAsync};

template<typename Enums>
auto find_named(const Enums &all, std::string_view name) -> std::optional<typename Enums::value_type> {
    for (auto e : all) {
        if (name == to_string(e)) return e;
    }
    return std::nullopt;
}

const std::unordered_map<std::string_view, CallOp> &calls() {
    static const std::unordered_map<std::string_view, CallOp> map = {
#define HEDDLE_CALL(name, pure, doc) {#name, CallOp::name},
#include "ir/intrinsics.def"
#undef HEDDLE_CALL
    };
    return map;
}

// Reads digits at the front of s; 0 when there are none or too many.
int take_number(std::string_view &s) {
    int value = 0;
    const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
    if (error != std::errc()) return 0;
    s.remove_prefix(static_cast<size_t>(end - s.data()));
    return value;
}

bool is_width(halide_type_code_t code, int bits) {
    switch (code) {
    case halide_type_int:
    case halide_type_uint: return bits == 1 || bits == 8 || bits == 16 || bits == 32 || bits == 64;
    case halide_type_float: return bits == 16 || bits == 32 || bits == 64;
    case halide_type_bfloat: return bits == 16;
    default: return false;
    }
}

}  // namespace

bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

bool is_name_character(char c) {
    return is_name_start(c) || (c >= '0' && c <= '9') || c == '.';
}

bool is_reserved_word(std::string_view name) {
    static const std::unordered_set<std::string_view> words = {
        "given",  "let",    "allocate", "view",    "realize",       "produce", "atomic",     "consume", "if",
        "else",   "assert", "eval",     "true",    "false",         "inf",         "nan",     "select",
        "min",    "max",    "ramp",     "shuffle", "vector_reduce", "reinterpret", "broadcast",
        "fork",   "and",    "acquire"};
    return words.count(name) || calls().count(name) || loop_type_named(name) || type_named(name);
}

std::optional<Type> type_named(std::string_view name) {
    struct Code {
        std::string_view word;
        Type type;
    };
    static constexpr std::array codes = {Code{"bool", Bool()},        Code{"handle", Handle()},
                                         Code{"bfloat", BFloat(0)},   Code{"float", Float(0)},
                                         Code{"uint", UInt(0)},       Code{"int", Int(0)}};
    if (name == "undefined") return Type();
    for (const Code &code : codes) {
        if (!name.starts_with(code.word)) continue;
        name.remove_prefix(code.word.size());
        Type t = code.type;
        if (t.bits() == 0) {
            t = t.with_bits(take_number(name));
            if (!is_width(t.code(), t.bits())) return std::nullopt;
        }
        if (name.starts_with("x")) {
            name.remove_prefix(1);
            t = t.with_lanes(take_number(name));
            if (t.lanes() < 1) return std::nullopt;
        }
        if (!name.empty()) return std::nullopt;
        return t;
    }
    return std::nullopt;
}

std::optional<CallOp> call_named(std::string_view name) {
    auto it = calls().find(name);
    if (it == calls().end()) return std::nullopt;
    return it->second;
}
std::optional<ReduceOp> reduction_named(std::string_view name) {
    return find_named(reductions, name);
}
std::optional<ForType> loop_type_named(std::string_view name) {
    return find_named(loop_types, name);
}
std::optional<MemoryType> memory_type_named(std::string_view name) {
    return find_named(memory_types, name);
}

std::optional<Type> usual_type(CallOp op, const ExprList &args) {
    const auto of = [&](size_t i) -> std::optional<Type> {
        if (i >= args.size()) return std::nullopt;
        return args[i].type();
    };
    const auto wide = [&](halide_type_code_t code) -> std::optional<Type> {
        if (args.empty() || args[0].type().bits() > 32) return std::nullopt;
        return args[0].type().widen().with_code(code);
    };
    switch (op) {
    case CallOp::extern_c:
    case CallOp::pure_extern_c:
    case CallOp::extract_bits:
    case CallOp::saturating_cast:
    case CallOp::undef:
    case CallOp::unreachable:
    case CallOp::random: return std::nullopt;
    case CallOp::abs:
    case CallOp::absd:
        if (args.empty()) return std::nullopt;
        return args[0].type().is_int() ? args[0].type().with_code(halide_type_uint) : args[0].type();
    case CallOp::widening_add:
    case CallOp::widening_shift_left:
    case CallOp::widening_shift_right:
        if (args.empty()) return std::nullopt;
        return wide(args[0].type().code());
    case CallOp::widening_sub:
        if (args.empty()) return std::nullopt;
        return wide(args[0].type().is_uint() ? halide_type_int : args[0].type().code());
    case CallOp::widening_mul:
        if (args.size() < 2) return std::nullopt;
        return wide(args[1].type().is_int() ? halide_type_int : args[0].type().code());
    case CallOp::concat_bits:
        if (args.empty() || args[0].type().bits() * args.size() > 64) return std::nullopt;
        return args[0].type().with_bits(args[0].type().bits() * static_cast<int>(args.size()));
    case CallOp::is_nan:
    case CallOp::is_inf:
    case CallOp::is_finite:
        if (args.empty()) return std::nullopt;
        return Bool(args[0].type().lanes());
    case CallOp::if_then_else:
    case CallOp::return_second:
    case CallOp::require: return of(1);
    case CallOp::target_has_feature:
    case CallOp::target_arch_is:
    case CallOp::target_os_is:
    case CallOp::buffer_is_null:
    case CallOp::buffer_is_bounds_query:
    case CallOp::buffer_host_dirty:
    case CallOp::buffer_device_dirty: return Bool();
    case CallOp::target_bits:
    case CallOp::target_natural_vector_bytes:
    case CallOp::buffer_dimensions:
    case CallOp::buffer_min:
    case CallOp::buffer_extent:
    case CallOp::buffer_stride:
    case CallOp::buffer_set_host_dirty:
    case CallOp::buffer_set_bounds:
    case CallOp::trace:
    case CallOp::release_semaphore:
    case CallOp::prefetch: return Int(32);
    case CallOp::buffer_device: return UInt(64);
    case CallOp::buffer_type: return UInt(32);
    case CallOp::stringify:
    case CallOp::make_struct:
    case CallOp::null_handle:
    case CallOp::buffer_host:
    case CallOp::buffer_device_interface:
    case CallOp::buffer_create:
    case CallOp::buffer_of:
    case CallOp::address_of:
    case CallOp::make_semaphore:
    case CallOp::user_context: return heddle::Handle();
    default: return of(0);
    }
}

}  // namespace heddle::Internal
