/** \file
 * The C ABI between kernels, the runtime and programs: the declarations of Halide 21.
 *
 * In:  the HalideRuntime.h that the system's Halide 14 package installs (buffers, types, tasks and hooks have not
 *      changed since). What did change is renamed to heddle_v14_* while that header is read, and declared below.
 * Out: everything that a program written for Halide 21's HalideRuntime.h may name, in C99 and in C++11 and later.
 *
 * Changed since 14: the numbers of halide_target_feature_t, a few names in halide_error_code_t, the profiler's structs,
 * the arguments of halide_debug_to_file and halide_mutex_array_create. New since 14: what stands at the end.
 */
#ifndef HEDDLE_COMPAT_HALIDERUNTIME_H
#define HEDDLE_COMPAT_HALIDERUNTIME_H

#ifdef HALIDE_HALIDERUNTIME_H
#error "another HalideRuntime.h was included first: put Heddle's include/compat in front of it in the include path"
#endif

#define HALIDE_VERSION_MAJOR 21
#define HALIDE_VERSION_MINOR 0
#define HALIDE_VERSION_PATCH 0

#if defined(__cplusplus) && __cplusplus >= 201703L
#include <array>
#include <string_view>
#endif

#ifndef HALIDE_FUNCTION_ATTRS
#define HALIDE_FUNCTION_ATTRS
#endif
#ifndef HALIDE_EXPORT_SYMBOL
#ifdef _MSC_VER
#define HALIDE_EXPORT_SYMBOL __declspec(dllexport)
#else
#define HALIDE_EXPORT_SYMBOL __attribute__((visibility("default")))
#endif
#endif

/* GCC 12 and clang 15 know _Float16 on these machines; the address sanitizer's libraries lack its conversions. */
#if !defined(HALIDE_CPP_COMPILER_HAS_FLOAT16) && !defined(__SANITIZE_ADDRESS__) && \
    (defined(__x86_64__) || defined(__aarch64__)) &&                               \
    ((defined(__clang__) && __clang_major__ >= 15) || (!defined(__clang__) && defined(__GNUC__) && __GNUC__ >= 13) || \
     (!defined(__clang__) && defined(__GNUC__) && __GNUC__ >= 12 && defined(__x86_64__)))
#if defined(__has_feature)
#if !__has_feature(address_sanitizer)
#define HALIDE_CPP_COMPILER_HAS_FLOAT16
#endif
#else
#define HALIDE_CPP_COMPILER_HAS_FLOAT16
#endif
#endif

/* ---- Names that version 21 declares differently step aside while version 14's header is read. ---- */
#define halide_debug_to_file heddle_v14_debug_to_file
#define halide_mutex_array_create heddle_v14_mutex_array_create
#define halide_profiler_func_stats heddle_v14_profiler_func_stats
#define halide_profiler_pipeline_stats heddle_v14_profiler_pipeline_stats
#define halide_profiler_state heddle_v14_profiler_state
#define halide_profiler_outside_of_halide heddle_v14_profiler_outside_of_halide
#define halide_profiler_please_stop heddle_v14_profiler_please_stop
#define halide_profiler_get_state heddle_v14_profiler_get_state
#define halide_profiler_get_pipeline_state heddle_v14_profiler_get_pipeline_state
#define halide_profiler_sample heddle_v14_profiler_sample
#define halide_profiler_shutdown heddle_v14_profiler_shutdown
#define halide_start_timer_chain heddle_v14_start_timer_chain
#define halide_disable_timer_interrupt heddle_v14_disable_timer_interrupt
#define halide_enable_timer_interrupt heddle_v14_enable_timer_interrupt
#define halide_target_feature_t heddle_v14_target_feature_t
#define halide_target_feature_jit heddle_v14_target_feature_jit
#define halide_target_feature_debug heddle_v14_target_feature_debug
#define halide_target_feature_no_asserts heddle_v14_target_feature_no_asserts
#define halide_target_feature_no_bounds_query heddle_v14_target_feature_no_bounds_query
#define halide_target_feature_sse41 heddle_v14_target_feature_sse41
#define halide_target_feature_avx heddle_v14_target_feature_avx
#define halide_target_feature_avx2 heddle_v14_target_feature_avx2
#define halide_target_feature_fma heddle_v14_target_feature_fma
#define halide_target_feature_fma4 heddle_v14_target_feature_fma4
#define halide_target_feature_f16c heddle_v14_target_feature_f16c
#define halide_target_feature_armv7s heddle_v14_target_feature_armv7s
#define halide_target_feature_no_neon heddle_v14_target_feature_no_neon
#define halide_target_feature_vsx heddle_v14_target_feature_vsx
#define halide_target_feature_power_arch_2_07 heddle_v14_target_feature_power_arch_2_07
#define halide_target_feature_cuda heddle_v14_target_feature_cuda
#define halide_target_feature_cuda_capability30 heddle_v14_target_feature_cuda_capability30
#define halide_target_feature_cuda_capability32 heddle_v14_target_feature_cuda_capability32
#define halide_target_feature_cuda_capability35 heddle_v14_target_feature_cuda_capability35
#define halide_target_feature_cuda_capability50 heddle_v14_target_feature_cuda_capability50
#define halide_target_feature_cuda_capability61 heddle_v14_target_feature_cuda_capability61
#define halide_target_feature_cuda_capability70 heddle_v14_target_feature_cuda_capability70
#define halide_target_feature_cuda_capability75 heddle_v14_target_feature_cuda_capability75
#define halide_target_feature_cuda_capability80 heddle_v14_target_feature_cuda_capability80
#define halide_target_feature_cuda_capability86 heddle_v14_target_feature_cuda_capability86
#define halide_target_feature_opencl heddle_v14_target_feature_opencl
#define halide_target_feature_cl_doubles heddle_v14_target_feature_cl_doubles
#define halide_target_feature_cl_atomic64 heddle_v14_target_feature_cl_atomic64
#define halide_target_feature_openglcompute heddle_v14_target_feature_openglcompute
#define halide_target_feature_user_context heddle_v14_target_feature_user_context
#define halide_target_feature_matlab heddle_v14_target_feature_matlab
#define halide_target_feature_profile heddle_v14_target_feature_profile
#define halide_target_feature_no_runtime heddle_v14_target_feature_no_runtime
#define halide_target_feature_metal heddle_v14_target_feature_metal
#define halide_target_feature_c_plus_plus_mangling heddle_v14_target_feature_c_plus_plus_mangling
#define halide_target_feature_large_buffers heddle_v14_target_feature_large_buffers
#define halide_target_feature_hvx_128 heddle_v14_target_feature_hvx_128
#define halide_target_feature_hvx_v62 heddle_v14_target_feature_hvx_v62
#define halide_target_feature_fuzz_float_stores heddle_v14_target_feature_fuzz_float_stores
#define halide_target_feature_soft_float_abi heddle_v14_target_feature_soft_float_abi
#define halide_target_feature_msan heddle_v14_target_feature_msan
#define halide_target_feature_avx512 heddle_v14_target_feature_avx512
#define halide_target_feature_avx512_knl heddle_v14_target_feature_avx512_knl
#define halide_target_feature_avx512_skylake heddle_v14_target_feature_avx512_skylake
#define halide_target_feature_avx512_cannonlake heddle_v14_target_feature_avx512_cannonlake
#define halide_target_feature_avx512_sapphirerapids heddle_v14_target_feature_avx512_sapphirerapids
#define halide_target_feature_hvx_use_shared_object heddle_v14_target_feature_hvx_use_shared_object
#define halide_target_feature_trace_loads heddle_v14_target_feature_trace_loads
#define halide_target_feature_trace_stores heddle_v14_target_feature_trace_stores
#define halide_target_feature_trace_realizations heddle_v14_target_feature_trace_realizations
#define halide_target_feature_trace_pipeline heddle_v14_target_feature_trace_pipeline
#define halide_target_feature_hvx_v65 heddle_v14_target_feature_hvx_v65
#define halide_target_feature_hvx_v66 heddle_v14_target_feature_hvx_v66
#define halide_target_feature_cl_half heddle_v14_target_feature_cl_half
#define halide_target_feature_strict_float heddle_v14_target_feature_strict_float
#define halide_target_feature_tsan heddle_v14_target_feature_tsan
#define halide_target_feature_asan heddle_v14_target_feature_asan
#define halide_target_feature_d3d12compute heddle_v14_target_feature_d3d12compute
#define halide_target_feature_check_unsafe_promises heddle_v14_target_feature_check_unsafe_promises
#define halide_target_feature_hexagon_dma heddle_v14_target_feature_hexagon_dma
#define halide_target_feature_embed_bitcode heddle_v14_target_feature_embed_bitcode
#define halide_target_feature_enable_llvm_loop_opt heddle_v14_target_feature_enable_llvm_loop_opt
#define halide_target_feature_disable_llvm_loop_opt heddle_v14_target_feature_disable_llvm_loop_opt
#define halide_target_feature_wasm_simd128 heddle_v14_target_feature_wasm_simd128
#define halide_target_feature_wasm_signext heddle_v14_target_feature_wasm_signext
#define halide_target_feature_wasm_sat_float_to_int heddle_v14_target_feature_wasm_sat_float_to_int
#define halide_target_feature_wasm_threads heddle_v14_target_feature_wasm_threads
#define halide_target_feature_wasm_bulk_memory heddle_v14_target_feature_wasm_bulk_memory
#define halide_target_feature_sve heddle_v14_target_feature_sve
#define halide_target_feature_sve2 heddle_v14_target_feature_sve2
#define halide_target_feature_egl heddle_v14_target_feature_egl
#define halide_target_feature_arm_dot_prod heddle_v14_target_feature_arm_dot_prod
#define halide_target_feature_arm_fp16 heddle_v14_target_feature_arm_fp16
#define halide_llvm_large_code_model heddle_v14_llvm_large_code_model
#define halide_target_feature_rvv heddle_v14_target_feature_rvv
#define halide_target_feature_armv81a heddle_v14_target_feature_armv81a
#define halide_target_feature_sanitizer_coverage heddle_v14_target_feature_sanitizer_coverage
#define halide_target_feature_profile_by_timer heddle_v14_target_feature_profile_by_timer
#define halide_target_feature_end heddle_v14_target_feature_end

/* Error codes that had no or another name in 14; the numbers are 21's. */
#define halide_error_code_matlab_init_failed halide_error_code_unimplemented
#define halide_error_code_matlab_bad_param_type halide_error_code_symbol_not_found
#define halide_error_code_unused_29 halide_error_code_gpu_device_error
#define halide_error_code_unused_30 halide_error_code_trace_failed
#define halide_error_code_storage_bound_too_small   \
    halide_error_code_split_factor_not_positive = -46, \
    halide_error_code_vscale_invalid = -47,            \
    halide_error_code_cannot_profile_pipeline = -48,   \
    halide_error_code_storage_bound_too_small

#if defined(__has_include)
#if __has_include(<halide14/HalideRuntime.h>)
#define HEDDLE_HALIDERUNTIME_IN_FOLDER
#endif
#else
#define HEDDLE_HALIDERUNTIME_IN_FOLDER
#endif
#ifdef HEDDLE_HALIDERUNTIME_IN_FOLDER
#include <halide14/HalideRuntime.h>
#else
#include_next <HalideRuntime.h>
#endif
#undef HEDDLE_HALIDERUNTIME_IN_FOLDER

#undef halide_debug_to_file
#undef halide_mutex_array_create
#undef halide_profiler_func_stats
#undef halide_profiler_pipeline_stats
#undef halide_profiler_state
#undef halide_profiler_outside_of_halide
#undef halide_profiler_please_stop
#undef halide_profiler_get_state
#undef halide_profiler_get_pipeline_state
#undef halide_profiler_sample
#undef halide_profiler_shutdown
#undef halide_start_timer_chain
#undef halide_disable_timer_interrupt
#undef halide_enable_timer_interrupt
#undef halide_target_feature_t
#undef halide_target_feature_jit
#undef halide_target_feature_debug
#undef halide_target_feature_no_asserts
#undef halide_target_feature_no_bounds_query
#undef halide_target_feature_sse41
#undef halide_target_feature_avx
#undef halide_target_feature_avx2
#undef halide_target_feature_fma
#undef halide_target_feature_fma4
#undef halide_target_feature_f16c
#undef halide_target_feature_armv7s
#undef halide_target_feature_no_neon
#undef halide_target_feature_vsx
#undef halide_target_feature_power_arch_2_07
#undef halide_target_feature_cuda
#undef halide_target_feature_cuda_capability30
#undef halide_target_feature_cuda_capability32
#undef halide_target_feature_cuda_capability35
#undef halide_target_feature_cuda_capability50
#undef halide_target_feature_cuda_capability61
#undef halide_target_feature_cuda_capability70
#undef halide_target_feature_cuda_capability75
#undef halide_target_feature_cuda_capability80
#undef halide_target_feature_cuda_capability86
#undef halide_target_feature_opencl
#undef halide_target_feature_cl_doubles
#undef halide_target_feature_cl_atomic64
#undef halide_target_feature_openglcompute
#undef halide_target_feature_user_context
#undef halide_target_feature_matlab
#undef halide_target_feature_profile
#undef halide_target_feature_no_runtime
#undef halide_target_feature_metal
#undef halide_target_feature_c_plus_plus_mangling
#undef halide_target_feature_large_buffers
#undef halide_target_feature_hvx_128
#undef halide_target_feature_hvx_v62
#undef halide_target_feature_fuzz_float_stores
#undef halide_target_feature_soft_float_abi
#undef halide_target_feature_msan
#undef halide_target_feature_avx512
#undef halide_target_feature_avx512_knl
#undef halide_target_feature_avx512_skylake
#undef halide_target_feature_avx512_cannonlake
#undef halide_target_feature_avx512_sapphirerapids
#undef halide_target_feature_hvx_use_shared_object
#undef halide_target_feature_trace_loads
#undef halide_target_feature_trace_stores
#undef halide_target_feature_trace_realizations
#undef halide_target_feature_trace_pipeline
#undef halide_target_feature_hvx_v65
#undef halide_target_feature_hvx_v66
#undef halide_target_feature_cl_half
#undef halide_target_feature_strict_float
#undef halide_target_feature_tsan
#undef halide_target_feature_asan
#undef halide_target_feature_d3d12compute
#undef halide_target_feature_check_unsafe_promises
#undef halide_target_feature_hexagon_dma
#undef halide_target_feature_embed_bitcode
#undef halide_target_feature_enable_llvm_loop_opt
#undef halide_target_feature_disable_llvm_loop_opt
#undef halide_target_feature_wasm_simd128
#undef halide_target_feature_wasm_signext
#undef halide_target_feature_wasm_sat_float_to_int
#undef halide_target_feature_wasm_threads
#undef halide_target_feature_wasm_bulk_memory
#undef halide_target_feature_sve
#undef halide_target_feature_sve2
#undef halide_target_feature_egl
#undef halide_target_feature_arm_dot_prod
#undef halide_target_feature_arm_fp16
#undef halide_llvm_large_code_model
#undef halide_target_feature_rvv
#undef halide_target_feature_armv81a
#undef halide_target_feature_sanitizer_coverage
#undef halide_target_feature_profile_by_timer
#undef halide_target_feature_end
#undef halide_error_code_matlab_init_failed
#undef halide_error_code_matlab_bad_param_type
#undef halide_error_code_unused_29
#undef halide_error_code_unused_30
#undef halide_error_code_storage_bound_too_small

/* ---- Version 21's declarations. ---- */
#ifdef __cplusplus
extern "C" {
#endif

/** Bits of the feature words that halide_can_use_target_features takes. The order is part of the ABI. */
typedef enum halide_target_feature_t {
    halide_target_feature_jit = 0,
    halide_target_feature_debug,
    halide_target_feature_enable_backtraces,
    halide_target_feature_no_asserts,
    halide_target_feature_no_bounds_query,
    halide_target_feature_sse41,
    halide_target_feature_avx,
    halide_target_feature_avx2,
    halide_target_feature_avxvnni,
    halide_target_feature_fma,
    halide_target_feature_fma4,
    halide_target_feature_f16c,
    halide_target_feature_armv7s,
    halide_target_feature_no_neon,
    halide_target_feature_vsx,
    halide_target_feature_power_arch_2_07,
    halide_target_feature_cuda,
    halide_target_feature_cuda_capability30,
    halide_target_feature_cuda_capability32,
    halide_target_feature_cuda_capability35,
    halide_target_feature_cuda_capability50,
    halide_target_feature_cuda_capability61,
    halide_target_feature_cuda_capability70,
    halide_target_feature_cuda_capability75,
    halide_target_feature_cuda_capability80,
    halide_target_feature_cuda_capability86,
    halide_target_feature_opencl,
    halide_target_feature_cl_doubles,
    halide_target_feature_cl_atomic64,
    halide_target_feature_user_context,
    halide_target_feature_profile,
    halide_target_feature_no_runtime,
    halide_target_feature_metal,
    halide_target_feature_c_plus_plus_mangling,
    halide_target_feature_large_buffers,
    halide_target_feature_hvx_128,
    halide_target_feature_hvx_v62,
    halide_target_feature_fuzz_float_stores,
    halide_target_feature_soft_float_abi,
    halide_target_feature_msan,
    halide_target_feature_avx512,
    halide_target_feature_avx512_knl,
    halide_target_feature_avx512_skylake,
    halide_target_feature_avx512_cannonlake,
    halide_target_feature_avx512_zen4,
    halide_target_feature_avx512_zen5,
    halide_target_feature_avx512_sapphirerapids,
    halide_target_feature_trace_loads,
    halide_target_feature_trace_stores,
    halide_target_feature_trace_realizations,
    halide_target_feature_trace_pipeline,
    halide_target_feature_hvx_v65,
    halide_target_feature_hvx_v66,
    halide_target_feature_hvx_v68,
    halide_target_feature_cl_half,
    halide_target_feature_strict_float,
    halide_target_feature_tsan,
    halide_target_feature_asan,
    halide_target_feature_d3d12compute,
    halide_target_feature_check_unsafe_promises,
    halide_target_feature_hexagon_dma,
    halide_target_feature_embed_bitcode,
    halide_target_feature_enable_llvm_loop_opt,
    halide_target_feature_wasm_mvponly,
    halide_target_feature_wasm_simd128,
    halide_target_feature_wasm_threads,
    halide_target_feature_wasm_bulk_memory,
    halide_target_feature_webgpu,
    halide_target_feature_sve,
    halide_target_feature_sve2,
    halide_target_feature_egl,
    halide_target_feature_arm_dot_prod,
    halide_target_feature_arm_fp16,
    halide_llvm_large_code_model,
    halide_target_feature_rvv,
    halide_target_feature_armv8a,
    halide_target_feature_armv81a,
    halide_target_feature_armv82a,
    halide_target_feature_armv83a,
    halide_target_feature_armv84a,
    halide_target_feature_armv85a,
    halide_target_feature_armv86a,
    halide_target_feature_armv87a,
    halide_target_feature_armv88a,
    halide_target_feature_armv89a,
    halide_target_feature_sanitizer_coverage,
    halide_target_feature_profile_by_timer,
    halide_target_feature_spirv,
    halide_target_feature_vulkan,
    halide_target_feature_vulkan_int8,
    halide_target_feature_vulkan_int16,
    halide_target_feature_vulkan_int64,
    halide_target_feature_vulkan_float16,
    halide_target_feature_vulkan_float64,
    halide_target_feature_vulkan_version10,
    halide_target_feature_vulkan_version12,
    halide_target_feature_vulkan_version13,
    halide_target_feature_semihosting,
    halide_target_feature_avx10_1,
    halide_target_feature_x86_apx,
    halide_target_feature_simulator,
    halide_target_feature_end
} halide_target_feature_t;

/** How many threads, the caller's included, the default pool uses. */
extern int halide_get_num_threads(void);

/** Make `count` unlocked mutexes, or null when memory is short. */
extern struct halide_mutex_array *halide_mutex_array_create(uint64_t count);

/** Write a buffer to a file; the format follows from the file name's extension (npy, tif, tiff, else tmp). */
extern int32_t halide_debug_to_file(void *user_context, const char *filename, struct halide_buffer_t *buf);

/** Wait until the device behind the interface, which must not be null, has finished all work given to it. */
extern int halide_device_sync_global(void *user_context, const struct halide_device_interface_t *device_interface);

extern int halide_error_split_factor_not_positive(void *user_context, const char *func_name, const char *orig,
                                                  const char *outer, const char *inner, const char *factor_str,
                                                  int factor);
extern int halide_error_vscale_invalid(void *user_context, const char *func_name, int runtime_vscale,
                                       int compiletime_vscale);

/** What the profiler knows of one Func. */
struct HALIDE_ATTRIBUTE_ALIGN(8) halide_profiler_func_stats {
    uint64_t time;                                                   /* ns */
    uint64_t memory_current, memory_peak, memory_total, stack_peak;  /* bytes */
    uint64_t active_threads_numerator, active_threads_denominator;   /* their ratio is the mean */
    const char *name;
    int num_allocs;
};

/** What the profiler knows of one pipeline over all its runs; a node of a linked list. */
struct HALIDE_ATTRIBUTE_ALIGN(8) halide_profiler_pipeline_stats {
    uint64_t time;
    uint64_t memory_current, memory_peak, memory_total;
    uint64_t active_threads_numerator, active_threads_denominator;
    const char *name;
    struct halide_profiler_func_stats *funcs; /* num_funcs of them */
    void *next;                               /* a halide_profiler_pipeline_stats, or null */
    int num_funcs;
    int runs;
    int samples;
    int num_allocs;
};

/** What the profiler knows of one run in progress; lives on the stack of the kernel. */
struct HALIDE_ATTRIBUTE_ALIGN(8) halide_profiler_instance_state {
    uint64_t billed_time, start_time;
    uint64_t memory_current, memory_peak, memory_total;
    uint64_t active_threads_numerator, active_threads_denominator;
    struct halide_profiler_instance_state *next;
    struct halide_profiler_instance_state **prev_next; /* the pointer that points here */
    struct halide_profiler_pipeline_stats *pipeline_stats;
    struct halide_profiler_func_stats *funcs;
    int current_func;
    int active_threads;
    int samples;
    int num_allocs;
    int should_collect_statistics;
};

/** The profiler's state in this process. */
struct halide_profiler_state {
    struct halide_mutex lock; /* guards the rest */
    struct halide_profiler_pipeline_stats *pipelines;
    struct halide_thread *sampling_thread;
    struct halide_profiler_instance_state *instances;
    void (*get_remote_profiler_state)(int *func, int *active_workers);
    int sleep_time; /* microseconds between samples */
    int shutdown;   /* set to 1 to stop the sampling thread */
};

extern struct halide_profiler_state *halide_profiler_get_state(void);
extern struct halide_profiler_pipeline_stats *halide_profiler_get_pipeline_state(const char *pipeline_name);
extern int halide_profiler_sample(struct halide_profiler_state *state, uint64_t *previous_time);
extern void halide_profiler_shutdown(void);
extern void halide_profiler_lock(struct halide_profiler_state *state);
extern void halide_profiler_unlock(struct halide_profiler_state *state);

#ifdef __cplusplus
} /* extern "C" */
#endif

#if defined(__cplusplus) && defined(HALIDE_CPP_COMPILER_HAS_FLOAT16)
template<>
HALIDE_ALWAYS_INLINE constexpr halide_type_t halide_type_of<_Float16>() {
    return halide_type_t(halide_type_float, 16);
}
#endif

#if defined(__cplusplus) && __cplusplus >= 201703L
/** Used by the headers that a generator writes for `-e function_info_header`. */
namespace HalideFunctionInfo {

enum ArgumentKind { InputScalar = 0, InputBuffer = 1, OutputBuffer = 2 };

struct ArgumentInfo {
    std::string_view name;
    ArgumentKind kind;
    int32_t dimensions; /* 0 for scalars */
    halide_type_t type;
};

}  // namespace HalideFunctionInfo
#endif

#endif /* HEDDLE_COMPAT_HALIDERUNTIME_H */
