// The names of types, kinds, calls and loop types, as the text form writes them.

#include "ir/nodes.h"

namespace heddle {

std::string to_string(const Type &t) {
    std::string out;
    if (t.lanes() == 0) return "undefined";
    if (t.is_bool()) {
        out = "bool";
    } else if (t.is_handle()) {
        out = "handle";
    } else {
        const char *code = t.is_bfloat() ? "bfloat" : t.is_float() ? "float" : t.is_int() ? "int" : "uint";
        out = code + std::to_string(t.bits());
    }
    if (t.lanes() != 1) out += "x" + std::to_string(t.lanes());
    return out;
}

std::string type_to_c_type(const Type &t, bool include_space, bool c_plus_plus) {
    std::string out;
    if (t.is_handle()) return "void *";
    if (t.is_bool()) {
        out = "bool";
    } else if (t.is_bfloat()) {
        out = "bfloat16_t";
    } else if (t.is_float()) {
        out = t.bits() == 32 ? "float" : t.bits() == 64 ? "double" : c_plus_plus ? "float16_t" : "uint16_t";
    } else {
        out = (t.is_int() ? "int" : "uint") + std::to_string(t.bits());
    }
    if (t.lanes() != 1) {
        out += "x" + std::to_string(t.lanes());
    } else if (!t.is_bool() && !t.is_float()) {
        out += "_t";
    }
    return include_space ? out + " " : out;
}

namespace Internal {

const char *to_string(NodeKind kind) {
    switch (kind) {
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc) \
    case NodeKind::Name:                             \
        return #Name;
#define HEDDLE_STMT HEDDLE_EXPR
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
    }
    return "?";
}

const char *to_string(CallOp op) {
    switch (op) {
#define HEDDLE_CALL(name, pure, doc) \
    case CallOp::name:               \
        return #name;
#include "ir/intrinsics.def"
#undef HEDDLE_CALL
    }
    return "?";
}

const char *to_string(ReduceOp op) {
    switch (op) {
    case ReduceOp::Add: return "add";
    case ReduceOp::Mul: return "mul";
    case ReduceOp::Min: return "min";
    case ReduceOp::Max: return "max";
    case ReduceOp::And: return "and";
    case ReduceOp::Or: return "or";
    case ReduceOp::SaturatingAdd: return "saturating_add";
    }
    return "?";
}

const char *to_string(ForType type) {
    switch (type) {
    case ForType::Serial: return "for";
    case ForType::Parallel: return "parallel";
    case ForType::Vectorized: return "vectorized";
    case ForType::Unrolled: return "unrolled";
    case ForType::Extern: return "extern";
    case ForType::GPUBlock: return "gpu_block";
    case ForType::GPUThread: return "gpu_thread";
    case ForType::GPULane: return "gpu_lane";
    }
    return "?";
}

const char *to_string(MemoryType memory) {
    switch (memory) {
    case MemoryType::Auto: return "auto";
    case MemoryType::Heap: return "heap";
    case MemoryType::Stack: return "stack";
    case MemoryType::Register: return "register";
    case MemoryType::GPUShared: return "gpu_shared";
    case MemoryType::GPUTexture: return "gpu_texture";
    case MemoryType::LockedCache: return "locked_cache";
    case MemoryType::VTCM: return "vtcm";
    case MemoryType::AMXTile: return "amx_tile";
    case MemoryType::GPUSharedAsync: return "gpu_shared_async";
    }
    return "?";
}

}  // namespace Internal

}  // namespace heddle
