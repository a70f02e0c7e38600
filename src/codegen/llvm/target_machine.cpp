#include "codegen/llvm/target_machine.h"

#include <mutex>

#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/TargetSelect.h>

#include "heddle/error.h"
#include "support/assert.h"

namespace heddle::Internal {

namespace {

void initialize_llvm() {
    static std::once_flag once;
    std::call_once(once, [] {
        llvm::InitializeAllTargetInfos();
        llvm::InitializeAllTargets();
        llvm::InitializeAllTargetMCs();
        llvm::InitializeAllAsmPrinters();
        llvm::InitializeAllAsmParsers();
    });
}

[[noreturn]] void no_code_for(const Target &target, const std::string &why) {
    Diagnostic d;
    d.code = 801;
    d.message = "no code can be made for target " + target.to_string() + ": " + why;
    throw CompileError(std::move(d));
}

bool any_avx512_bw(const Target &t) {
    return t.features_any_of({Target::AVX512_Skylake, Target::AVX512_Cannonlake, Target::AVX512_Zen4, Target::AVX512_Zen5,
                              Target::AVX512_SapphireRapids, Target::AVX10_1});
}

bool any_avx512(const Target &t) {
    return any_avx512_bw(t) || t.features_any_of({Target::AVX512, Target::AVX512_KNL});
}

// Later sets contain the earlier ones: a target that names only avx512_zen4 has avx2, too.
void add_x86(const Target &t, std::string &out) {
    bool sapphire = t.has_feature(Target::AVX512_SapphireRapids) || t.has_feature(Target::AVX10_1);
    bool zen5 = t.has_feature(Target::AVX512_Zen5);
    bool zen4 = zen5 || sapphire || t.has_feature(Target::AVX512_Zen4);
    bool cannonlake = zen4 || t.has_feature(Target::AVX512_Cannonlake);
    bool skylake = any_avx512_bw(t);
    bool avx512 = any_avx512(t);
    bool avx2 = avx512 || t.has_feature(Target::AVX2);
    bool avx = avx2 || t.features_any_of({Target::AVX, Target::FMA, Target::F16C, Target::FMA4});
    if (avx || t.has_feature(Target::SSE41)) out += ",+sse4.1";
    if (avx) out += ",+avx";
    if (avx2) out += ",+avx2";
    if (avx512 || t.has_feature(Target::FMA)) out += ",+fma";
    if (avx512 || t.has_feature(Target::F16C)) out += ",+f16c";
    if (t.has_feature(Target::FMA4)) out += ",+fma4";
    if (avx512) out += ",+avx512f,+avx512cd";
    if (skylake) out += ",+avx512vl,+avx512bw,+avx512dq";
    if (cannonlake) out += ",+avx512ifma,+avx512vbmi";
    if (zen4) out += ",+avx512vbmi2,+avx512vnni,+avx512bitalg,+avx512vpopcntdq,+avx512bf16";
    if (sapphire) out += ",+avx512fp16";
    if (sapphire || zen5 || t.has_feature(Target::AVXVNNI)) out += ",+avxvnni";
    if (zen5) out += ",+avx512vp2intersect";
}

void add_arm(const Target &t, std::string &out) {
    if (t.bits == 32) {
        if (!t.has_feature(Target::NoNEON)) out += ",+neon";
        return;
    }
    int version = t.get_arm_v8_lower_bound();
    if (version > 80) out += ",+v8." + std::to_string(version - 80) + "a";
    if (t.has_feature(Target::ARMDotProd)) out += ",+dotprod";
    if (t.has_feature(Target::ARMFp16)) out += ",+fullfp16";
    if (t.has_feature(Target::SVE)) out += ",+sve";
    if (t.has_feature(Target::SVE2)) out += ",+sve2";
}

}  // namespace

llvm::Triple triple_of(const Target &target) {
    llvm::Triple triple;
    switch (target.arch) {
    case Target::X86: triple.setArch(target.bits == 32 ? llvm::Triple::x86 : llvm::Triple::x86_64); break;
    case Target::ARM: triple.setArch(target.bits == 32 ? llvm::Triple::arm : llvm::Triple::aarch64); break;
    case Target::RISCV: triple.setArch(target.bits == 32 ? llvm::Triple::riscv32 : llvm::Triple::riscv64); break;
    case Target::WebAssembly: triple.setArch(target.bits == 32 ? llvm::Triple::wasm32 : llvm::Triple::wasm64); break;
    case Target::Hexagon: triple.setArch(llvm::Triple::hexagon); break;
    case Target::POWERPC: triple.setArch(target.bits == 32 ? llvm::Triple::ppc : llvm::Triple::ppc64le); break;
    case Target::ArchUnknown: no_code_for(target, "its architecture is unknown");
    }
    triple.setVendor(llvm::Triple::UnknownVendor);
    switch (target.os) {
    case Target::Linux:
        triple.setOS(llvm::Triple::Linux);
        triple.setEnvironment(target.arch == Target::ARM && target.bits == 32 ? llvm::Triple::GNUEABIHF : llvm::Triple::GNU);
        break;
    case Target::Android:
        triple.setOS(llvm::Triple::Linux);
        triple.setEnvironment(llvm::Triple::Android);
        break;
    case Target::OSX:
        triple.setVendor(llvm::Triple::Apple);
        triple.setOS(llvm::Triple::MacOSX);
        break;
    case Target::IOS:
        triple.setVendor(llvm::Triple::Apple);
        triple.setOS(llvm::Triple::IOS);
        break;
    case Target::Windows:
        triple.setVendor(llvm::Triple::PC);
        triple.setOS(llvm::Triple::Win32);
        triple.setEnvironment(llvm::Triple::MSVC);
        break;
    case Target::Fuchsia: triple.setOS(llvm::Triple::Fuchsia); break;
    case Target::NoOS:
    case Target::QuRT:
    case Target::WebAssemblyRuntime: triple.setOS(llvm::Triple::UnknownOS); break;
    case Target::OSUnknown: no_code_for(target, "its operating system is unknown");
    }
    return triple;
}

std::string feature_string(const Target &target) {
    std::string out;
    switch (target.arch) {
    case Target::X86: add_x86(target, out); break;
    case Target::ARM: add_arm(target, out); break;
    case Target::WebAssembly:
        if (target.has_feature(Target::WasmSimd128)) out += ",+simd128";
        if (!target.has_feature(Target::WasmMvpOnly)) out += ",+sign-ext,+nontrapping-fptoint";
        if (target.has_feature(Target::WasmBulkMemory)) out += ",+bulk-memory";
        if (target.has_feature(Target::WasmThreads)) out += ",+atomics,+bulk-memory";
        break;
    case Target::RISCV:
        out += ",+m,+a,+f,+d,+c";
        if (target.has_feature(Target::RVV)) {
            out += ",+v";
            if (target.vector_bits > 0) out += ",+zvl" + std::to_string(target.vector_bits) + "b";
        }
        break;
    default: break;
    }
    return out.empty() ? out : out.substr(1);
}

std::string cpu_of(const Target &target) {
    switch (target.arch) {
    case Target::X86: return target.bits == 64 ? "x86-64" : "pentium4";
    case Target::RISCV: return target.bits == 64 ? "generic-rv64" : "generic-rv32";
    default: return "generic";
    }
}

std::unique_ptr<llvm::TargetMachine> make_target_machine(const Target &target) {
    initialize_llvm();
    llvm::Triple triple = triple_of(target);
    std::string error;
    const llvm::Target *llvm_target = llvm::TargetRegistry::lookupTarget(triple, error);
    if (!llvm_target) no_code_for(target, error);
    llvm::TargetOptions options;
    // Operations fuse where both carry the `contract` flag, and only there.
    options.AllowFPOpFusion = llvm::FPOpFusion::Standard;
    options.FloatABIType = target.has_feature(Target::SoftFloatABI) ? llvm::FloatABI::Soft : llvm::FloatABI::Default;
    options.TLSSize = 0;
    auto model = target.has_feature(Target::LLVMLargeCodeModel) ? llvm::CodeModel::Large : llvm::CodeModel::Small;
    std::unique_ptr<llvm::TargetMachine> machine(
        llvm_target->createTargetMachine(triple, cpu_of(target), feature_string(target), options, llvm::Reloc::PIC_, model,
                                         llvm::CodeGenOptLevel::Aggressive));
    if (!machine) no_code_for(target, "LLVM has no target machine for " + triple.str());
    return machine;
}

bool has_float16_conversions(const Target &t) {
    if (t.arch == Target::X86) return t.has_feature(Target::F16C) || any_avx512(t);
    return t.arch == Target::ARM && t.bits == 64;
}

bool has_gathers(const Target &t) {
    return t.arch == Target::X86 && any_avx512(t);
}

}  // namespace heddle::Internal
