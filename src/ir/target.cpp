#include "heddle/target.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "heddle/error.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#elif defined(__linux__) && defined(__aarch64__)
#include <sys/auxv.h>
#endif

namespace heddle {

namespace {

struct FeatureName {
    Target::Feature feature;
    const char *text;
};

constexpr FeatureName feature_names[] = {
#define HEDDLE_FEATURE(name, number, text) {Target::name, text},
#include "heddle/target_features.def"
#undef HEDDLE_FEATURE
};

template<typename E>
struct Named {
    E value;
    const char *text;
};

constexpr Named<Target::OS> os_names[] = {
    {Target::OSUnknown, "os_unknown"}, {Target::Linux, "linux"},     {Target::Windows, "windows"},
    {Target::OSX, "osx"},              {Target::Android, "android"}, {Target::IOS, "ios"},
    {Target::QuRT, "qurt"},            {Target::NoOS, "noos"},       {Target::Fuchsia, "fuchsia"},
    {Target::WebAssemblyRuntime, "wasmrt"},
};

constexpr Named<Target::Arch> arch_names[] = {
    {Target::ArchUnknown, "arch_unknown"}, {Target::X86, "x86"},          {Target::ARM, "arm"},
    {Target::Hexagon, "hexagon"},          {Target::POWERPC, "powerpc"},  {Target::WebAssembly, "wasm"},
    {Target::RISCV, "riscv"},
};

constexpr Named<Target::Processor> processor_names[] = {
    {Target::ProcessorGeneric, "tune_generic"}, {Target::K8, "tune_k8"},           {Target::K8_SSE3, "tune_k8_sse3"},
    {Target::AMDFam10, "tune_amdfam10"},        {Target::BtVer1, "tune_btver1"},   {Target::BdVer1, "tune_bdver1"},
    {Target::BdVer2, "tune_bdver2"},            {Target::BdVer3, "tune_bdver3"},   {Target::BdVer4, "tune_bdver4"},
    {Target::BtVer2, "tune_btver2"},            {Target::ZnVer1, "tune_znver1"},   {Target::ZnVer2, "tune_znver2"},
    {Target::ZnVer3, "tune_znver3"},            {Target::ZnVer4, "tune_znver4"},   {Target::ZnVer5, "tune_znver5"},
};

template<typename E, size_t N>
const char *text_of(const Named<E> (&names)[N], E value) {
    for (const auto &n : names) {
        if (n.value == value) return n.text;
    }
    return "unknown";
}

template<typename E, size_t N>
std::optional<E> value_of(const Named<E> (&names)[N], const std::string &text) {
    for (const auto &n : names) {
        if (text == n.text) return n.value;
    }
    return std::nullopt;
}

template<typename E, size_t N>
std::string list_of(const Named<E> (&names)[N]) {
    std::string out;
    for (const auto &n : names) {
        if (!out.empty()) out += ", ";
        out += n.text;
    }
    return out;
}

[[noreturn]] void refuse(int code, const std::string &message, const std::string &hint = "") {
    Diagnostic d;
    d.code = code;
    d.message = message;
    d.hint = hint;
    throw CompileError(std::move(d));
}

// The architecture a feature belongs to; ArchUnknown: any.
Target::Arch arch_of(Target::Feature f) {
    switch (f) {
    case Target::SSE41:
    case Target::AVX:
    case Target::AVX2:
    case Target::AVXVNNI:
    case Target::FMA:
    case Target::FMA4:
    case Target::F16C:
    case Target::AVX512:
    case Target::AVX512_KNL:
    case Target::AVX512_Skylake:
    case Target::AVX512_Cannonlake:
    case Target::AVX512_SapphireRapids:
    case Target::AVX512_Zen4:
    case Target::AVX512_Zen5:
    case Target::AVX10_1:
    case Target::X86APX: return Target::X86;
    case Target::ARMv7s:
    case Target::NoNEON:
    case Target::SVE:
    case Target::SVE2:
    case Target::ARMDotProd:
    case Target::ARMFp16:
    case Target::ARMv8a:
    case Target::ARMv81a:
    case Target::ARMv82a:
    case Target::ARMv83a:
    case Target::ARMv84a:
    case Target::ARMv85a:
    case Target::ARMv86a:
    case Target::ARMv87a:
    case Target::ARMv88a:
    case Target::ARMv89a: return Target::ARM;
    case Target::VSX:
    case Target::POWER_ARCH_2_07: return Target::POWERPC;
    case Target::WasmMvpOnly:
    case Target::WasmSimd128:
    case Target::WasmThreads:
    case Target::WasmBulkMemory: return Target::WebAssembly;
    case Target::RVV: return Target::RISCV;
    default: return Target::ArchUnknown;
    }
}

void check_features(const Target &t) {
    if (t.arch == Target::ArchUnknown) return;
    for (const FeatureName &n : feature_names) {
        Target::Arch arch = arch_of(n.feature);
        if (t.has_feature(n.feature) && arch != Target::ArchUnknown && arch != t.arch) {
            refuse(52, "target " + t.to_string() + ": feature " + n.text + " is one of " + text_of(arch_names, arch) +
                           ", not of " + text_of(arch_names, t.arch));
        }
    }
}

std::vector<std::string> split_at_dashes(const std::string &text) {
    std::vector<std::string> parts;
    size_t start = 0;
    while (true) {
        size_t end = text.find('-', start);
        parts.push_back(text.substr(start, end - start));
        if (end == std::string::npos) return parts;
        start = end + 1;
    }
}

std::optional<int> parse_vector_bits(const std::string &part) {
    const std::string prefix = "vector_bits_";
    if (part.compare(0, prefix.size(), prefix) != 0 || part.size() == prefix.size() || part.size() > prefix.size() + 6) {
        return std::nullopt;
    }
    int value = 0;
    for (char c : part.substr(prefix.size())) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

// Reads `text` into t; gives the part that means nothing (or stands twice), or "" when all is well.
std::string parse_into(Target &t, const std::string &text) {
    const Target host = get_host_target();
    std::vector<std::string> parts = split_at_dashes(text);
    bool is_host = parts[0] == "host";
    if (is_host) t = host;
    bool arch_given = is_host, bits_given = is_host, os_given = is_host, tune_given = false;
    for (size_t i = is_host ? 1 : 0; i < parts.size(); i++) {
        const std::string &part = parts[i];
        if (auto arch = value_of(arch_names, part)) {
            if (std::exchange(arch_given, true)) return part;
            t.arch = *arch;
        } else if (part == "32" || part == "64" || part == "0") {
            if (std::exchange(bits_given, true)) return part;
            t.bits = std::atoi(part.c_str());
        } else if (auto os = value_of(os_names, part)) {
            if (std::exchange(os_given, true)) return part;
            t.os = *os;
        } else if (auto tune = value_of(processor_names, part)) {
            if (std::exchange(tune_given, true)) return part;
            t.processor_tune = *tune;
        } else if (auto vector_bits = parse_vector_bits(part)) {
            t.vector_bits = *vector_bits;
        } else if (part == "trace_all") {
            t.set_features({Target::TraceLoads, Target::TraceStores, Target::TraceRealizations});
        } else if (part == "hvx") {
            t.set_feature(Target::HVX);
        } else {
            Target::Feature feature = Target::feature_from_name(part);
            if (feature == Target::FeatureEnd) return part.empty() ? "(an empty part)" : part;
            t.set_feature(feature);
        }
    }
    if (!arch_given) t.arch = host.arch;
    if (!bits_given) t.bits = host.bits;
    if (!os_given) t.os = host.os;
    return "";
}

}  // namespace

Target::Target(OS o, Arch a, int b, Processor tune, const std::vector<Feature> &initial_features, int vb)
    : os(o), arch(a), bits(b), vector_bits(vb), processor_tune(tune) {
    set_features(initial_features);
    check_features(*this);
}

Target::Target(const std::string &text) {
    if (text.empty()) {
        *this = get_host_target();
        return;
    }
    std::string bad = parse_into(*this, text);
    if (!bad.empty()) {
        std::string features;
        for (const FeatureName &n : feature_names) {
            features += features.empty() ? "" : ", ";
            features += n.text;
        }
        refuse(51, "target '" + text + "': '" + bad + "' means nothing here",
               "a target is arch-bits-os-feature-feature..., or host-feature...\n    arch: " + list_of(arch_names) +
                   "\n    bits: 32, 64\n    os: " + list_of(os_names) + "\n    features: " + features);
    }
    check_features(*this);
}

bool Target::validate_target_string(const std::string &text) {
    Target t;
    return text.empty() || parse_into(t, text).empty();
}

void Target::set_feature(Feature f, bool value) {
    if (f == FeatureEnd) return;
    if (f < 0 || f > FeatureEnd) refuse(53, "no target feature has the number " + std::to_string(f));
    features_.set(f, value);
}

void Target::set_features(const std::vector<Feature> &list, bool value) {
    for (Feature f : list) set_feature(f, value);
}

bool Target::has_feature(Feature f) const {
    if (f == FeatureEnd) return true;
    if (f < 0 || f > FeatureEnd) refuse(53, "no target feature has the number " + std::to_string(f));
    return features_.test(f);
}

bool Target::features_any_of(const std::vector<Feature> &list) const {
    return std::any_of(list.begin(), list.end(), [&](Feature f) { return has_feature(f); });
}

bool Target::features_all_of(const std::vector<Feature> &list) const {
    return std::all_of(list.begin(), list.end(), [&](Feature f) { return has_feature(f); });
}

Target Target::with_feature(Feature f) const {
    Target t = *this;
    t.set_feature(f);
    return t;
}

Target Target::without_feature(Feature f) const {
    Target t = *this;
    t.set_feature(f, false);
    return t;
}

bool Target::has_gpu_feature() const {
    return features_any_of({CUDA, OpenCL, Metal, D3D12Compute, Vulkan, WebGPU});
}

bool Target::supports_type(const Type &t) const {
    if (t.bits() != 64) return true;
    if (t.is_float()) {
        return !features_any_of({Metal, D3D12Compute, WebGPU}) && (!has_feature(OpenCL) || has_feature(CLDoubles)) &&
               (!has_feature(Vulkan) || has_feature(VulkanFloat64));
    }
    return !features_any_of({Metal, D3D12Compute, WebGPU}) && (!has_feature(Vulkan) || has_feature(VulkanInt64));
}

bool Target::supports_type(const Type &t, DeviceAPI device) const {
    if (device == DeviceAPI::Default_GPU) device = get_default_device_api_for_target(*this);
    bool wide_float = t.is_float() && t.bits() == 64, wide_int = t.is_int_or_uint() && t.bits() == 64;
    switch (device) {
    case DeviceAPI::Metal:
    case DeviceAPI::D3D12Compute:
    case DeviceAPI::WebGPU: return t.bits() < 64;
    case DeviceAPI::OpenCL:
        if (t.is_float() && t.bits() == 16) return t.is_bfloat() ? false : has_feature(CLHalf);
        return !wide_float || has_feature(CLDoubles);
    case DeviceAPI::Vulkan:
        if (t.is_float() && t.bits() == 16) return has_feature(VulkanFloat16);
        return (!wide_float || has_feature(VulkanFloat64)) && (!wide_int || has_feature(VulkanInt64));
    case DeviceAPI::Hexagon:
    case DeviceAPI::HexagonDma: return !wide_float;
    case DeviceAPI::None:
    case DeviceAPI::Host:
    case DeviceAPI::Default_GPU:
    case DeviceAPI::CUDA: return true;
    }
    return true;
}

bool Target::supports_device_api(DeviceAPI api) const {
    switch (api) {
    case DeviceAPI::None:
    case DeviceAPI::Host: return true;
    case DeviceAPI::Default_GPU: return has_gpu_feature();
    default: return has_feature(target_feature_for_device_api(api));
    }
}

DeviceAPI Target::get_required_device_api() const {
    for (DeviceAPI api : {DeviceAPI::CUDA, DeviceAPI::OpenCL, DeviceAPI::Metal, DeviceAPI::D3D12Compute,
                          DeviceAPI::Vulkan, DeviceAPI::WebGPU, DeviceAPI::Hexagon, DeviceAPI::HexagonDma}) {
        if (has_feature(target_feature_for_device_api(api))) return api;
    }
    return DeviceAPI::None;
}

bool Target::get_runtime_compatible_target(const Target &other, Target &result) const {
    if (arch != other.arch || bits != other.bits || os != other.os) return false;
    // What the runtime's interface depends on must agree; what it offers is united; the rest is intersected.
    const Feature same[] = {SoftFloatABI, UserContext, NoRuntime, ASAN, MSAN, TSAN, SanitizerCoverage};
    const Feature united[] = {CUDA, OpenCL, Metal, D3D12Compute, Vulkan, WebGPU, HexagonDma, HVX, Debug};
    for (Feature f : same) {
        if (f != UserContext && f != NoRuntime && has_feature(f) != other.has_feature(f)) return false;
    }
    Target t = *this;
    t.features_ = features_ & other.features_;
    for (Feature f : united) t.set_feature(f, has_feature(f) || other.has_feature(f));
    int capability = std::min(get_cuda_capability_lower_bound(), other.get_cuda_capability_lower_bound());
    for (const FeatureName &n : feature_names) {
        std::string text = n.text;
        if (text.rfind("cuda_capability_", 0) == 0) t.set_feature(n.feature, std::stoi(text.substr(16)) == capability);
    }
    result = t;
    return true;
}

std::string Target::to_string() const {
    std::string out = text_of(arch_names, arch);
    out += "-" + std::to_string(bits) + "-" + text_of(os_names, os);
    if (processor_tune != ProcessorGeneric) out += std::string("-") + text_of(processor_names, processor_tune);
    std::vector<std::string> names;
    for (const FeatureName &n : feature_names) {
        if (features_.test(n.feature)) names.emplace_back(n.text);
    }
    std::sort(names.begin(), names.end());
    for (const std::string &n : names) out += "-" + n;
    if (vector_bits != 0) out += "-vector_bits_" + std::to_string(vector_bits);
    return out;
}

int Target::natural_vector_size(const Type &t) const {
    int bytes = 16;
    if (arch == X86) {
        bool integer = !t.is_float();
        if (features_any_of({AVX512_Skylake, AVX512_Cannonlake, AVX512_Zen4, AVX512_Zen5, AVX512_SapphireRapids, AVX10_1})) {
            bytes = 64;
        } else if (features_any_of({AVX512, AVX512_KNL})) {
            // Without AVX512BW, bytes and words have no wide operations.
            bytes = integer && t.bits() < 32 ? 32 : 64;
        } else if (has_feature(AVX2) || (has_feature(AVX) && !integer)) {
            bytes = 32;
        }
    } else if (arch == Hexagon) {
        bytes = has_feature(HVX) ? 128 : t.bytes();
    } else if (arch == WebAssembly) {
        bytes = has_feature(WasmSimd128) ? 16 : t.bytes();
    } else if (arch == RISCV) {
        bytes = has_feature(RVV) && vector_bits > 0 ? vector_bits / 8 : t.bytes();
    } else if (arch == ARM) {
        if (features_any_of({SVE, SVE2}) && vector_bits > 0) bytes = vector_bits / 8;
        if (has_feature(NoNEON)) bytes = t.bytes();
    }
    return std::max(1, bytes / std::max(1, t.bytes()));
}

int Target::get_cuda_capability_lower_bound() const {
    if (!has_feature(CUDA)) return -1;
    for (const FeatureName &n : feature_names) {
        std::string text = n.text;
        if (has_feature(n.feature) && text.rfind("cuda_capability_", 0) == 0) return std::stoi(text.substr(16));
    }
    return 20;
}

int Target::get_vulkan_capability_lower_bound() const {
    if (!has_feature(Vulkan)) return -1;
    return has_feature(VulkanV10) ? 10 : has_feature(VulkanV12) ? 12 : has_feature(VulkanV13) ? 13 : 10;
}

int Target::get_arm_v8_lower_bound() const {
    const Feature versions[] = {ARMv8a, ARMv81a, ARMv82a, ARMv83a, ARMv84a, ARMv85a, ARMv86a, ARMv87a, ARMv88a, ARMv89a};
    for (size_t i = 0; i < std::size(versions); i++) {
        if (has_feature(versions[i])) return 80 + static_cast<int>(i);
    }
    return -1;
}

bool Target::supported() const {
    if (has_unknowns()) return false;
    if (features_any_of({D3D12Compute, Vulkan, WebGPU, HexagonDma, HVX})) return false;
    switch (arch) {
    case X86:
    case ARM:
    case RISCV: return true;
    case WebAssembly: return bits == 32;
    case Hexagon:
    case POWERPC:
    case ArchUnknown: return false;
    }
    return false;
}

std::string Target::feature_to_name(Feature feature) {
    for (const FeatureName &n : feature_names) {
        if (n.feature == feature) return n.text;
    }
    refuse(53, "no target feature has the number " + std::to_string(feature));
}

Target::Feature Target::feature_from_name(const std::string &name) {
    for (const FeatureName &n : feature_names) {
        if (name == n.text) return n.feature;
    }
    return name == "hvx" ? HVX : FeatureEnd;
}

Target::Feature target_feature_for_device_api(DeviceAPI api) {
    switch (api) {
    case DeviceAPI::CUDA: return Target::CUDA;
    case DeviceAPI::OpenCL: return Target::OpenCL;
    case DeviceAPI::Metal: return Target::Metal;
    case DeviceAPI::Hexagon: return Target::HVX;
    case DeviceAPI::HexagonDma: return Target::HexagonDma;
    case DeviceAPI::D3D12Compute: return Target::D3D12Compute;
    case DeviceAPI::Vulkan: return Target::Vulkan;
    case DeviceAPI::WebGPU: return Target::WebGPU;
    case DeviceAPI::None:
    case DeviceAPI::Host:
    case DeviceAPI::Default_GPU: return Target::FeatureEnd;
    }
    return Target::FeatureEnd;
}

DeviceAPI get_default_device_api_for_target(const Target &t) {
    for (DeviceAPI api : {DeviceAPI::Metal, DeviceAPI::CUDA, DeviceAPI::OpenCL, DeviceAPI::D3D12Compute,
                          DeviceAPI::Vulkan, DeviceAPI::WebGPU}) {
        if (t.has_feature(target_feature_for_device_api(api))) return api;
    }
    return DeviceAPI::Host;
}

// --- the host

namespace {

#if defined(__x86_64__) || defined(__i386__)

struct Cpuid {
    unsigned a = 0, b = 0, c = 0, d = 0;
    Cpuid(unsigned leaf, unsigned sub) {
        __get_cpuid_count(leaf, sub, &a, &b, &c, &d);
    }
};

bool bit(unsigned word, int n) {
    return (word >> n) & 1;
}

// Which register files the operating system saves on a context switch (XCR0).
uint64_t saved_state() {
    unsigned low = 0, high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t{high} << 32) | low;
}

void add_avx512(Target &t, const Cpuid &seven, const Cpuid &seven_one) {
    if (!bit(seven.b, 16) || !bit(seven.b, 28)) return;  // F, CD
    t.set_feature(Target::AVX512);
    if (!bit(seven.b, 17) || !bit(seven.b, 30) || !bit(seven.b, 31)) return;  // DQ, BW, VL
    t.set_feature(Target::AVX512_Skylake);
    if (!bit(seven.b, 21) || !bit(seven.c, 1)) return;  // IFMA, VBMI
    t.set_feature(Target::AVX512_Cannonlake);
    // VBMI2, VNNI, BITALG, VPOPCNTDQ, BF16
    bool zen4 = bit(seven.c, 6) && bit(seven.c, 11) && bit(seven.c, 12) && bit(seven.c, 14) && bit(seven_one.a, 5);
    if (!zen4) return;
    if (bit(seven.d, 23) && bit(seven_one.a, 4)) {  // FP16, AVX-VNNI
        t.set_feature(Target::AVX512_SapphireRapids);
    } else {
        t.set_feature(Target::AVX512_Zen4);
        if (bit(seven.d, 8) && bit(seven_one.a, 4)) t.set_feature(Target::AVX512_Zen5);  // VP2INTERSECT
    }
}

void add_host_features(Target &t) {
    Cpuid zero(0, 0), one(1, 0);
    if (bit(one.c, 19)) t.set_feature(Target::SSE41);
    bool os_saves = bit(one.c, 27);  // OSXSAVE: xgetbv may be asked
    uint64_t state = os_saves ? saved_state() : 0;
    if ((state & 0x6) != 0x6 || !bit(one.c, 28)) return;  // xmm and ymm; AVX
    t.set_feature(Target::AVX);
    if (bit(one.c, 12)) t.set_feature(Target::FMA);
    if (bit(one.c, 29)) t.set_feature(Target::F16C);
    if (zero.a < 7) return;
    Cpuid seven(7, 0), seven_one(7, 1);
    if (!bit(seven.b, 5)) return;
    t.set_feature(Target::AVX2);
    if (bit(seven_one.a, 4)) t.set_feature(Target::AVXVNNI);
    // zmm and mask registers; the code for AVX-512 relies on FMA and F16C, too
    if ((state & 0xe6) == 0xe6 && bit(one.c, 12) && bit(one.c, 29)) add_avx512(t, seven, seven_one);
}

#elif defined(__linux__) && defined(__aarch64__)

void add_host_features(Target &t) {
    unsigned long caps = getauxval(AT_HWCAP);
    if (caps & (1ul << 20)) t.set_feature(Target::ARMDotProd);
    if (caps & (1ul << 10)) t.set_feature(Target::ARMFp16);
}

#else

void add_host_features(Target &) {
}

#endif

Target detect_host() {
    Target t;
#if defined(__ANDROID__)
    t.os = Target::Android;
#elif defined(__linux__)
    t.os = Target::Linux;
#elif defined(_WIN32)
    t.os = Target::Windows;
#elif defined(__APPLE__)
    t.os = Target::OSX;
#endif
    t.bits = sizeof(void *) * 8;
#if defined(__x86_64__) || defined(__i386__)
    t.arch = Target::X86;
#elif defined(__aarch64__) || defined(__arm__)
    t.arch = Target::ARM;
#elif defined(__riscv)
    t.arch = Target::RISCV;
#endif
    add_host_features(t);
    return t;
}

}  // namespace

Target get_host_target() {
    static const Target host = detect_host();
    return host;
}

Target get_target_from_environment() {
    const char *text = std::getenv("HL_TARGET");
    return text && *text ? Target(text) : get_host_target();
}

Target get_jit_target_from_environment() {
    const char *text = std::getenv("HL_JIT_TARGET");
    Target host = get_host_target();
    if (!text || !*text) return host.with_feature(Target::JIT);
    Target t(text);
    t.set_feature(Target::JIT);
    if (t.os != host.os || t.arch != host.arch || t.bits != host.bits) {
        refuse(54, std::string("HL_JIT_TARGET is ") + text + ", but the JIT runs on " + host.to_string(),
               "change only the features");
    }
    return t;
}

bool host_supports_target_device(const Target &t) {
    return !t.has_gpu_feature();  // code for GPUs is not made yet
}

}  // namespace heddle
