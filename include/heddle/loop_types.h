#pragma once
// The small vocabularies of schedules and loop nests. Names and order are Halide's.

namespace heddle {

/** How the iterations of a loop run. */
enum class ForType {
    Serial,
    Parallel,    ///< iterations in any order, on the thread pool
    Vectorized,  ///< all iterations at once, as lanes of vectors; needs a constant extent
    Unrolled,    ///< body repeated; needs a constant extent
    Extern,      ///< the loops are inside an external function
    GPUBlock,    ///< iterations in any order, by the blocks of a grid
    GPUThread,   ///< by the threads of a block
    GPULane,     ///< by the lanes of a warp
};

/** What a split does when its factor does not divide the extent of the loop. */
enum class TailStrategy {
    RoundUp,
    GuardWithIf,
    Predicate,
    PredicateLoads,
    PredicateStores,
    ShiftInwards,
    ShiftInwardsAndBlend,
    RoundUpAndBlend,
    Auto,
};

/** Whether a loop is split into prologue, steady state and epilogue. */
enum class Partition { Auto, Never, Always };

/** Where an allocation lives. */
enum class MemoryType {
    Auto,
    Heap,
    Stack,
    Register,
    GPUShared,
    GPUTexture,
    LockedCache,
    VTCM,
    AMXTile,
    GPUSharedAsync,
};

enum class PrefetchBoundStrategy { Clamp, GuardWithIf, NonFaulting };

enum class LoopAlignStrategy { AlignStart, AlignEnd, NoAlign, Auto };

/** How a parallel loop treats iterations that update the same elements. Not in Halide. */
enum class Race {
    Refuse,   ///< such a loop is not legal
    Atomic,   ///< each update is indivisible, as atomic() says it of the stage
    Private,  ///< each iteration updates a copy of its own; the copies are merged afterwards, in order
};

enum class NameMangling { Default, C, CPlusPlus };

enum class DeviceAPI {
    None,
    Host,
    Default_GPU,
    CUDA,
    OpenCL,
    Metal,
    Hexagon,
    HexagonDma,
    D3D12Compute,
    Vulkan,
    WebGPU,
};

inline constexpr DeviceAPI all_device_apis[] = {
    DeviceAPI::None,       DeviceAPI::Host,         DeviceAPI::Default_GPU, DeviceAPI::CUDA,   DeviceAPI::OpenCL, DeviceAPI::Metal, DeviceAPI::Hexagon,
    DeviceAPI::HexagonDma, DeviceAPI::D3D12Compute, DeviceAPI::Vulkan,      DeviceAPI::WebGPU,
};

namespace Internal {

/** Whether kernels for it have blocks and threads. */
constexpr bool is_gpu(DeviceAPI d) {
    return d != DeviceAPI::None && d != DeviceAPI::Host && d != DeviceAPI::Hexagon && d != DeviceAPI::HexagonDma;
}
/** Whether the iterations run on a GPU. */
constexpr bool is_gpu(ForType t) {
    return t == ForType::GPUBlock || t == ForType::GPUThread || t == ForType::GPULane;
}
/** Whether the iterations run in no order, several of them at once, each with scalars of its own. */
constexpr bool is_unordered(ForType t) {
    return t == ForType::Parallel || is_gpu(t);
}

}  // namespace Internal
}  // namespace heddle
