#pragma once
// Target: the machine that code is made for. In text it is `arch-bits-os-feature-feature...`, or `host`
// (this machine) with features after it. What is left out of arch, bits and os is the host's.

#include <bitset>
#include <cstdint>
#include <string>
#include <vector>

#include "heddle/loop_types.h"
#include "heddle/type.h"

namespace heddle {

struct Target {
    enum OS {
        OSUnknown = 0,
        Linux,
        Windows,
        OSX,
        Android,
        IOS,
        QuRT,
        NoOS,
        Fuchsia,
        WebAssemblyRuntime,
    } os = OSUnknown;

    enum Arch {
        ArchUnknown = 0,
        X86,
        ARM,
        Hexagon,
        POWERPC,
        WebAssembly,
        RISCV,
    } arch = ArchUnknown;

    /** Width of a pointer: 32, 64, or 0 when unknown. */
    int bits = 0;

    /** Width of a vector register where the machine leaves it open (SVE, RVV); 0: not assumed. */
    int vector_bits = 0;

    /** The processor whose costs guide instruction scheduling. It never adds instructions. */
    enum Processor {
        ProcessorGeneric = 0,
        K8,
        K8_SSE3,
        AMDFam10,
        BtVer1,
        BdVer1,
        BdVer2,
        BdVer3,
        BdVer4,
        BtVer2,
        ZnVer1,
        ZnVer2,
        ZnVer3,
        ZnVer4,
        ZnVer5,
    } processor_tune = ProcessorGeneric;

    enum Feature {
#define HEDDLE_FEATURE(name, number, text) name = number,
#include "heddle/target_features.def"
#undef HEDDLE_FEATURE
        HVX = HVX_128,
        FeatureEnd = halide_target_feature_end,
    };

    /** Everything unknown, no feature. */
    Target() = default;
    Target(OS o, Arch a, int b, Processor tune, const std::vector<Feature> &initial_features = {}, int vector_bits = 0);
    Target(OS o, Arch a, int b, const std::vector<Feature> &initial_features = {})
        : Target(o, a, b, ProcessorGeneric, initial_features) {
    }
    /** Parses. A part that means nothing is a CompileError that names it. "" is the host. */
    explicit Target(const std::string &text);
    explicit Target(const char *text)
        : Target(std::string(text)) {
    }

    static bool validate_target_string(const std::string &text);

    bool has_unknowns() const {
        return os == OSUnknown || arch == ArchUnknown || bits == 0;
    }

    /** Setting FeatureEnd does nothing; a number beyond it is a CompileError. */
    void set_feature(Feature f, bool value = true);
    void set_features(const std::vector<Feature> &list, bool value = true);
    bool has_feature(Feature f) const;
    bool has_feature(halide_target_feature_t f) const {
        return has_feature(static_cast<Feature>(f));
    }
    bool features_any_of(const std::vector<Feature> &list) const;
    bool features_all_of(const std::vector<Feature> &list) const;
    Target with_feature(Feature f) const;
    Target without_feature(Feature f) const;

    /** Whether kernels can be made for some GPU. */
    bool has_gpu_feature() const;
    /** Whether code for this target (for this device of it) can compute with t. */
    bool supports_type(const Type &t) const;
    bool supports_type(const Type &t, DeviceAPI device) const;
    bool supports_device_api(DeviceAPI api) const;
    /** The device API that some feature asks for, or None. */
    DeviceAPI get_required_device_api() const;

    /** Same os, arch, bits, processor and features (vector_bits aside, as in Halide). */
    bool operator==(const Target &o) const {
        return os == o.os && arch == o.arch && bits == o.bits && processor_tune == o.processor_tune &&
               features_ == o.features_;
    }
    bool operator!=(const Target &o) const {
        return !(*this == o);
    }

    /** The target of a runtime that serves kernels of both targets; false when there is none. */
    bool get_runtime_compatible_target(const Target &other, Target &result) const;

    /** `arch-bits-os-features`, features in alphabetic order; Target(t.to_string()) == t. */
    std::string to_string() const;

    /** Lanes of t in a vector register; 1 where the target has none. */
    int natural_vector_size(const Type &t) const;
    template<typename T>
    int natural_vector_size() const {
        return natural_vector_size(type_of<T>());
    }

    bool has_large_buffers() const {
        return bits == 64 && has_feature(LargeBuffers);
    }
    /** In bytes: 2^31 - 1, or 2^63 - 1 with large_buffers. */
    int64_t maximum_buffer_size() const {
        return has_large_buffers() ? INT64_MAX : INT32_MAX;
    }

    /** The lowest CUDA capability asked for (61 for 6.1), 20 when none is, -1 without CUDA. */
    int get_cuda_capability_lower_bound() const;
    /** 10, 12 or 13; -1 without Vulkan. */
    int get_vulkan_capability_lower_bound() const;
    /** The lowest ARM v8.x asked for (82 for 8.2), -1 when none is. */
    int get_arm_v8_lower_bound() const;

    /** Whether this build can emit code for it. */
    bool supported() const;

    const std::bitset<FeatureEnd> &get_features_bitset() const {
        return features_;
    }

    /** The name in target strings, and back (FeatureEnd for a name that is none). */
    static std::string feature_to_name(Feature feature);
    static Feature feature_from_name(const std::string &name);

private:
    std::bitset<FeatureEnd> features_;
};

/** This machine: its instruction sets as CPUID and the operating system allow them. */
Target get_host_target();

/** HL_TARGET, or the host when it is not set. */
Target get_target_from_environment();

/** HL_JIT_TARGET, or the host when it is not set; with the jit feature. Another architecture, width or
    operating system than the host's is a CompileError. */
Target get_jit_target_from_environment();

/** The feature that enables a device API; FeatureEnd when there is no single one. */
Target::Feature target_feature_for_device_api(DeviceAPI api);

/** What DeviceAPI::Default_GPU means for t; Host when it has no GPU. */
DeviceAPI get_default_device_api_for_target(const Target &t);

/** Whether this machine can run what is compiled for the GPU of t. True of targets without one. */
bool host_supports_target_device(const Target &t);

}  // namespace heddle
