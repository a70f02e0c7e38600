// halide_can_use_target_features: may code compiled for these features run here? Kernels built for several targets ask
// it to choose among their variants.
//
// The processor is asked by CPUID, never by its name (a virtual machine masks features of the processor it is named
// after), and the operating system by XGETBV: without its support for the wider registers their instructions fault.
#include "HalideRuntime.h"
#include "runtime/common/weak.h"

#include <atomic>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif
#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace {

constexpr int words = (halide_target_feature_end + 63) / 64;

struct Features {
    uint64_t known[words] = {};      // those that can be asked for on this kind of processor
    uint64_t available[words] = {};  // of these, those that are there

    void set(int feature, bool is_available) {
        known[feature >> 6] |= uint64_t(1) << (feature & 63);
        if (is_available) {
            available[feature >> 6] |= uint64_t(1) << (feature & 63);
        }
    }
};

#if defined(__x86_64__) || defined(__i386__)

struct Registers {
    unsigned a = 0, b = 0, c = 0, d = 0;
};

Registers cpuid(unsigned leaf, unsigned subleaf) {
    Registers r;
    if (!__get_cpuid_count(leaf, subleaf, &r.a, &r.b, &r.c, &r.d)) {
        return Registers();
    }
    return r;
}

constexpr bool bit(uint64_t word, int n) { return word >> n & 1; }

// XCR0: which register state the operating system saves.
uint64_t saved_state(bool osxsave) {
    if (!osxsave) {
        return 0;
    }
    unsigned low, high;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return uint64_t(high) << 32 | low;
}

Features detect() {
    const Registers one = cpuid(1, 0), seven = cpuid(7, 0), seven1 = cpuid(7, 1), extended = cpuid(0x80000001u, 0);
    const uint64_t xcr0 = saved_state(bit(one.c, 27));
    const bool ymm = (xcr0 & 0x6) == 0x6;
    const bool zmm = ymm && (xcr0 & 0xe0) == 0xe0;
    const bool tiles = (xcr0 >> 17 & 3) == 3;

    const bool avx = ymm && bit(one.c, 28);
    const bool avx2 = avx && bit(seven.b, 5);
    const bool avx_vnni = avx2 && bit(seven1.a, 4);
    const bool avx512 = zmm && bit(seven.b, 16) && bit(seven.b, 28);                              // F, CD
    const bool knl = avx512 && bit(seven.b, 26) && bit(seven.b, 27);                              // PF, ER
    const bool skylake = avx512 && bit(seven.b, 17) && bit(seven.b, 30) && bit(seven.b, 31);      // DQ, BW, VL
    const bool cannonlake = skylake && bit(seven.b, 21) && bit(seven.c, 1);                       // IFMA, VBMI
    const bool zen4 = cannonlake && bit(seven.c, 6) && bit(seven.c, 11) && bit(seven.c, 12) &&    // VBMI2, VNNI, BITALG
                      bit(seven.c, 14) && bit(seven1.a, 5);                                       // VPOPCNTDQ, BF16
    const bool zen5 = zen4 && avx_vnni && bit(seven.d, 8);                                        // VP2INTERSECT
    const bool amx = tiles && bit(seven.d, 22) && bit(seven.d, 24) && bit(seven.d, 25);           // BF16, TILE, INT8

    Features f;
    f.set(halide_target_feature_sse41, bit(one.c, 19));
    f.set(halide_target_feature_avx, avx);
    f.set(halide_target_feature_f16c, avx && bit(one.c, 29));
    f.set(halide_target_feature_fma, avx && bit(one.c, 12));
    f.set(halide_target_feature_fma4, avx && bit(extended.c, 16));
    f.set(halide_target_feature_avx2, avx2);
    f.set(halide_target_feature_avxvnni, avx_vnni);
    f.set(halide_target_feature_avx512, avx512);
    f.set(halide_target_feature_avx512_knl, knl);
    f.set(halide_target_feature_avx512_skylake, skylake);
    f.set(halide_target_feature_avx512_cannonlake, cannonlake);
    f.set(halide_target_feature_avx512_zen4, zen4);
    f.set(halide_target_feature_avx512_zen5, zen5);
    f.set(halide_target_feature_avx512_sapphirerapids, zen4 && avx_vnni && amx);
    f.set(halide_target_feature_avx10_1, zmm && bit(seven1.d, 19) && (cpuid(0x24, 0).b & 0xff) >= 1);
    f.set(halide_target_feature_x86_apx, bit(xcr0, 19) && bit(seven1.d, 21));
    return f;
}

#elif defined(__aarch64__) && defined(__linux__)

Features detect() {
    const unsigned long first = getauxval(AT_HWCAP), second = getauxval(AT_HWCAP2);
    Features f;
    f.set(halide_target_feature_armv81a, first >> 8 & 1);                     // ATOMICS
    f.set(halide_target_feature_arm_fp16, (first >> 9 & 1) && (first >> 10 & 1));  // FPHP, ASIMDHP
    f.set(halide_target_feature_arm_dot_prod, first >> 20 & 1);               // ASIMDDP
    f.set(halide_target_feature_sve, first >> 22 & 1);                        // SVE
    f.set(halide_target_feature_sve2, second >> 1 & 1);                       // SVE2
    return f;
}

#else

Features detect() { return Features(); }

#endif

std::atomic<halide_can_use_target_features_t> custom{nullptr};

}  // namespace

// Cheap enough (microseconds) to be done at each question: kernels with variants ask once and keep the answer.
HEDDLE_RUNTIME int halide_default_can_use_target_features(int count, const uint64_t *features) {
    const Features here = detect();
    for (int i = 0; i < count && i < words; i++) {
        if (features[i] & here.known[i] & ~here.available[i]) {
            return 0;
        }
    }
    return 1;
}

HEDDLE_RUNTIME int halide_can_use_target_features(int count, const uint64_t *features) {
    const halide_can_use_target_features_t f = custom.load(std::memory_order_acquire);
    return (f ? f : halide_default_can_use_target_features)(count, features);
}

HEDDLE_RUNTIME halide_can_use_target_features_t
halide_set_custom_can_use_target_features(halide_can_use_target_features_t f) {
    const halide_can_use_target_features_t old = custom.exchange(f, std::memory_order_acq_rel);
    return old ? old : halide_default_can_use_target_features;
}
