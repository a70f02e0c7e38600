#include "heddle/print_names.h"

#include <ostream>

#include "heddle/print.h"
#include "support/assert.h"

namespace heddle {

#define NAME(value) \
    case E::value: return out << #value;

std::ostream &operator<<(std::ostream &out, const TailStrategy &t) {
    using E = TailStrategy;
    switch (t) {
        NAME(RoundUp)
        NAME(GuardWithIf)
        NAME(Predicate)
        NAME(PredicateLoads)
        NAME(PredicateStores)
        NAME(ShiftInwards)
        NAME(ShiftInwardsAndBlend)
        NAME(RoundUpAndBlend)
        NAME(Auto)
    }
    HEDDLE_ASSERT(false);
    return out;
}

std::ostream &operator<<(std::ostream &out, const MemoryType &m) {
    using E = MemoryType;
    switch (m) {
        NAME(Auto)
        NAME(Heap)
        NAME(Stack)
        NAME(Register)
        NAME(GPUShared)
        NAME(GPUTexture)
        NAME(LockedCache)
        NAME(VTCM)
        NAME(AMXTile)
        NAME(GPUSharedAsync)
    }
    HEDDLE_ASSERT(false);
    return out;
}

std::ostream &operator<<(std::ostream &out, const Partition &p) {
    using E = Partition;
    switch (p) {
        NAME(Auto)
        NAME(Never)
        NAME(Always)
    }
    HEDDLE_ASSERT(false);
    return out;
}

std::ostream &operator<<(std::ostream &out, const DeviceAPI &d) {
    using E = DeviceAPI;
    switch (d) {
        NAME(None)
        NAME(Host)
        NAME(Default_GPU)
        NAME(CUDA)
        NAME(OpenCL)
        NAME(Metal)
        NAME(Hexagon)
        NAME(HexagonDma)
        NAME(D3D12Compute)
        NAME(Vulkan)
        NAME(WebGPU)
    }
    HEDDLE_ASSERT(false);
    return out;
}
#undef NAME

std::ostream &operator<<(std::ostream &out, const LoopLevel &l) {
    return out << l.to_string();
}

std::ostream &operator<<(std::ostream &out, const Target &t) {
    return out << t.to_string();
}

std::ostream &operator<<(std::ostream &out, const ExternSignature &s) {
    out << (s.is_void_return() ? "void" : Internal::concat(s.ret_type())) << " (*)(";
    for (size_t i = 0; i < s.arg_types().size(); i++) out << (i ? ", " : "") << s.arg_types()[i];
    return out << ")";
}

}  // namespace heddle
