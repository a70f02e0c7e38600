// One function per thing that can go wrong in a kernel: each words a message that names the place and the numbers, hands
// it to halide_error, and returns its code, which the kernel returns in turn. Declared in HalideRuntime.h. What is
// passed as func_name or buffer_name is a phrase such as "Input buffer weights" or "Func blur".
#include "HalideRuntime.h"
#include "runtime/common/internal_abi.h"
#include "runtime/common/text.h"
#include "runtime/common/weak.h"

#include <cstring>

using heddle::runtime::Text;

namespace {

int report(void *user_context, const Text &text, int code) {
    halide_error(user_context, text.c_str());
    return code;
}

halide_type_t type_from_bits(uint32_t bits) {
    halide_type_t type;
    static_assert(sizeof type == sizeof bits);
    memcpy(static_cast<void *>(&type), &bits, sizeof type);
    return type;
}

template<typename T>
int param_out_of_range(void *user_context, const char *name, T value, T limit, bool too_small) {
    Text text;
    text << "Parameter " << name << " is " << value << ", which is " << (too_small ? "below" : "above") << " its "
         << (too_small ? "minimum" : "maximum") << " of " << limit;
    return report(user_context, text, too_small ? halide_error_code_param_too_small : halide_error_code_param_too_large);
}

}  // namespace

// ---- Extern stages ----

HEDDLE_RUNTIME_COLD int halide_error_bounds_inference_call_failed(void *user_context, const char *extern_stage_name,
                                                                  int result) {
    Text text;
    text << "Extern stage " << extern_stage_name << " returned " << result
         << " when it was asked which region of its inputs it needs";
    return report(user_context, text, result);
}

HEDDLE_RUNTIME_COLD int halide_error_extern_stage_failed(void *user_context, const char *extern_stage_name, int result) {
    Text text;
    text << "Extern stage " << extern_stage_name << " returned " << result;
    return report(user_context, text, result);
}

// ---- Bounds ----

HEDDLE_RUNTIME_COLD int halide_error_explicit_bounds_too_small(void *user_context, const char *func_name,
                                                               const char *var_name, int min_bound, int max_bound,
                                                               int min_required, int max_required) {
    Text text;
    text << "The bounds given for " << var_name << " of " << func_name << ", " << min_bound << " to " << max_bound
         << ", do not cover what is needed, " << min_required << " to " << max_required;
    return report(user_context, text, halide_error_code_explicit_bounds_too_small);
}

HEDDLE_RUNTIME_COLD int halide_error_access_out_of_bounds(void *user_context, const char *func_name, int dimension,
                                                          int min_touched, int max_touched, int min_valid,
                                                          int max_valid) {
    Text text;
    text << func_name << " is accessed from " << min_touched << " to " << max_touched << " in dimension " << dimension
         << ", but covers ";
    if (max_valid < min_valid) {
        text << "nothing there";
    } else {
        text << min_valid << " to " << max_valid;
    }
    if (min_touched < min_valid) {
        text << ": " << min_touched << " lies before the min " << min_valid;
    } else if (max_touched > max_valid) {
        text << ": " << max_touched << " lies beyond the max " << max_valid;
    }
    return report(user_context, text, halide_error_code_access_out_of_bounds);
}

HEDDLE_RUNTIME_COLD int halide_error_constraints_make_required_region_smaller(void *user_context,
                                                                              const char *buffer_name, int dimension,
                                                                              int constrained_min,
                                                                              int constrained_extent, int required_min,
                                                                              int required_extent) {
    const int64_t required_max = int64_t(required_min) + required_extent - 1;
    const int64_t constrained_max = int64_t(constrained_min) + constrained_extent - 1;
    Text text;
    text << "The constraints on " << buffer_name << " leave it " << constrained_min << " to " << constrained_max
         << " in dimension " << dimension << ", but " << required_min << " to " << required_max << " is needed";
    return report(user_context, text, halide_error_code_constraints_make_required_region_smaller);
}

HEDDLE_RUNTIME_COLD int halide_error_constraint_violated(void *user_context, const char *var, int val,
                                                         const char *constrained_var, int constrained_val) {
    Text text;
    text << "A constraint does not hold: " << var << " is " << val << ", but must equal " << constrained_var
         << ", which is " << constrained_val;
    return report(user_context, text, halide_error_code_constraint_violated);
}

HEDDLE_RUNTIME_COLD int halide_error_storage_bound_too_small(void *user_context, const char *func_name,
                                                             const char *var_name, int provided_size,
                                                             int required_size) {
    Text text;
    text << "The storage bound given for " << var_name << " of " << func_name << " is " << provided_size << ", but "
         << required_size << " are needed";
    return report(user_context, text, halide_error_code_storage_bound_too_small);
}

HEDDLE_RUNTIME_COLD int halide_error_split_factor_not_positive(void *user_context, const char *func_name,
                                                               const char *orig, const char *outer, const char *inner,
                                                               const char *factor_str, int factor) {
    Text text;
    text << "In " << func_name << ", " << orig << " is split into " << outer << " and " << inner << " by the factor "
         << factor_str << ", which is " << factor << ": it must be positive";
    return report(user_context, text, halide_error_code_split_factor_not_positive);
}

// ---- The shape, type and memory of a buffer ----

HEDDLE_RUNTIME_COLD int halide_error_bad_type(void *user_context, const char *func_name, uint32_t type_given,
                                              uint32_t correct_type) {
    Text text;
    text << func_name << " should have elements of type " << type_from_bits(correct_type)
         << ", but the buffer passed in has " << type_from_bits(type_given);
    return report(user_context, text, halide_error_code_bad_type);
}

HEDDLE_RUNTIME_COLD int halide_error_bad_dimensions(void *user_context, const char *func_name, int32_t dimensions_given,
                                                    int32_t correct_dimensions) {
    Text text;
    text << func_name << " should have " << correct_dimensions << " dimensions, but the buffer passed in has "
         << dimensions_given;
    return report(user_context, text, halide_error_code_bad_dimensions);
}

HEDDLE_RUNTIME_COLD int halide_error_buffer_allocation_too_large(void *user_context, const char *buffer_name,
                                                                 uint64_t allocation_size, uint64_t max_size) {
    Text text;
    text << buffer_name << " spans " << allocation_size << " bytes, more than the " << max_size
         << " that this kernel can address";
    return report(user_context, text, halide_error_code_buffer_allocation_too_large);
}

HEDDLE_RUNTIME_COLD int halide_error_buffer_extents_negative(void *user_context, const char *buffer_name, int dimension,
                                                             int extent) {
    Text text;
    text << buffer_name << " has the negative extent " << extent << " in dimension " << dimension;
    return report(user_context, text, halide_error_code_buffer_extents_negative);
}

HEDDLE_RUNTIME_COLD int halide_error_buffer_extents_too_large(void *user_context, const char *buffer_name,
                                                              int64_t actual_size, int64_t max_size) {
    Text text;
    text << buffer_name << " has " << actual_size << " elements, more than the " << max_size
         << " that this kernel can address";
    return report(user_context, text, halide_error_code_buffer_extents_too_large);
}

HEDDLE_RUNTIME_COLD int halide_error_buffer_argument_is_null(void *user_context, const char *buffer_name) {
    Text text;
    text << "Argument " << buffer_name << " is a null pointer where a buffer is expected";
    return report(user_context, text, halide_error_code_buffer_argument_is_null);
}

HEDDLE_RUNTIME_COLD int halide_error_buffer_is_null(void *user_context, const char *routine) {
    Text text;
    text << routine << " was passed a null pointer where a buffer is expected";
    return report(user_context, text, halide_error_code_buffer_is_null);
}

HEDDLE_RUNTIME_COLD int halide_error_host_is_null(void *user_context, const char *func_name) {
    Text text;
    text << func_name << " is used on the host, but has no host memory";
    return report(user_context, text, halide_error_code_host_is_null);
}

HEDDLE_RUNTIME_COLD int halide_error_unaligned_host_ptr(void *user_context, const char *func_name, int alignment) {
    Text text;
    text << "The host pointer of " << func_name << " is not a multiple of " << alignment << " bytes";
    return report(user_context, text, halide_error_code_unaligned_host_ptr);
}

HEDDLE_RUNTIME_COLD int halide_error_out_of_memory(void *user_context) {
    // Without Text: no allocation of any kind on this path.
    halide_error(user_context, "Out of memory (halide_malloc returned null)");
    return halide_error_code_out_of_memory;
}

// ---- Scalar parameters ----

HEDDLE_RUNTIME_COLD int halide_error_param_too_small_i64(void *user_context, const char *param_name, int64_t val,
                                                         int64_t min_val) {
    return param_out_of_range(user_context, param_name, val, min_val, true);
}

HEDDLE_RUNTIME_COLD int halide_error_param_too_small_u64(void *user_context, const char *param_name, uint64_t val,
                                                         uint64_t min_val) {
    return param_out_of_range(user_context, param_name, val, min_val, true);
}

HEDDLE_RUNTIME_COLD int halide_error_param_too_small_f64(void *user_context, const char *param_name, double val,
                                                         double min_val) {
    return param_out_of_range(user_context, param_name, val, min_val, true);
}

HEDDLE_RUNTIME_COLD int halide_error_param_too_large_i64(void *user_context, const char *param_name, int64_t val,
                                                         int64_t max_val) {
    return param_out_of_range(user_context, param_name, val, max_val, false);
}

HEDDLE_RUNTIME_COLD int halide_error_param_too_large_u64(void *user_context, const char *param_name, uint64_t val,
                                                         uint64_t max_val) {
    return param_out_of_range(user_context, param_name, val, max_val, false);
}

HEDDLE_RUNTIME_COLD int halide_error_param_too_large_f64(void *user_context, const char *param_name, double val,
                                                         double max_val) {
    return param_out_of_range(user_context, param_name, val, max_val, false);
}

// ---- Folded storage ----

HEDDLE_RUNTIME_COLD int halide_error_bad_fold(void *user_context, const char *func_name, const char *var_name,
                                              const char *loop_name) {
    Text text;
    text << "The storage of " << func_name << " is folded over " << var_name
         << ", but the region used does not move steadily in one direction with the loop over " << loop_name;
    return report(user_context, text, halide_error_code_bad_fold);
}

HEDDLE_RUNTIME_COLD int halide_error_bad_extern_fold(void *user_context, const char *func_name, int dim, int min,
                                                     int extent, int valid_min, int fold_factor) {
    const int64_t max = int64_t(min) + extent - 1;
    const int64_t valid_max = int64_t(valid_min) + fold_factor - 1;
    Text text;
    text << "An extern stage uses " << min << " to " << max << " in dimension " << dim << " of " << func_name
         << ", whose storage is folded: ";
    if (min < valid_min || max > valid_max) {
        text << "only " << valid_min << " to " << valid_max << " is held there";
    } else {
        text << "that region wraps around the fold, whose factor is " << fold_factor;
    }
    return report(user_context, text, halide_error_code_bad_extern_fold);
}

HEDDLE_RUNTIME_COLD int halide_error_fold_factor_too_small(void *user_context, const char *func_name,
                                                           const char *var_name, int fold_factor, const char *loop_name,
                                                           int required_extent) {
    Text text;
    text << "The storage of " << func_name << " is folded over " << var_name << " by " << fold_factor
         << ", but one iteration of the loop over " << loop_name << " uses " << required_extent << " values";
    return report(user_context, text, halide_error_code_fold_factor_too_small);
}

// ---- What the program itself asked to check ----

HEDDLE_RUNTIME_COLD int halide_error_requirement_failed(void *user_context, const char *condition,
                                                        const char *message) {
    Text text;
    text << "Requirement failed: (" << condition << ") " << message;
    return report(user_context, text, halide_error_code_requirement_failed);
}

HEDDLE_RUNTIME_COLD int halide_error_specialize_fail(void *user_context, const char *message) {
    Text text;
    text << "No specialization applies, and the schedule refuses to go on: " << message;
    return report(user_context, text, halide_error_code_specialize_fail);
}

HEDDLE_RUNTIME_COLD int halide_error_debug_to_file_failed(void *user_context, const char *func, const char *filename,
                                                          int error_code) {
    Text text;
    text << "debug_to_file of " << func << " could not write " << filename << " (error " << error_code << ")";
    return report(user_context, text, halide_error_code_debug_to_file_failed);
}

HEDDLE_RUNTIME_COLD int halide_error_vscale_invalid(void *user_context, const char *func_name, int runtime_vscale,
                                                    int compiletime_vscale) {
    Text text;
    text << func_name << " was compiled for a vector scale of " << compiletime_vscale << ", but this machine has "
         << runtime_vscale;
    return report(user_context, text, halide_error_code_vscale_invalid);
}

// ---- Devices ----

HEDDLE_RUNTIME_COLD int halide_error_no_device_interface(void *user_context) {
    halide_error(user_context, "A device operation needs a device interface, but the buffer has none and none was given");
    return halide_error_code_no_device_interface;
}

HEDDLE_RUNTIME_COLD int halide_error_device_interface_no_device(void *user_context) {
    halide_error(user_context, "A buffer has a device interface, but no device memory");
    return halide_error_code_device_interface_no_device;
}

HEDDLE_RUNTIME_COLD int halide_error_host_and_device_dirty(void *user_context) {
    halide_error(user_context, "A buffer is marked as newer both on the host and on the device");
    return halide_error_code_host_and_device_dirty;
}

HEDDLE_RUNTIME_COLD int halide_error_device_dirty_with_no_device_support(void *user_context, const char *buffer_name) {
    Text text;
    text << buffer_name << " is newer on a device, but this kernel was compiled for no device: call copy_to_host first";
    return report(user_context, text, halide_error_code_device_dirty_with_no_device_support);
}

HEDDLE_RUNTIME_COLD int halide_error_device_crop_failed(void *user_context) {
    halide_error(user_context, "Cropping or slicing a buffer on its device failed");
    return halide_error_code_device_crop_failed;
}

HEDDLE_RUNTIME_COLD int halide_error_device_crop_unsupported(void *user_context) {
    halide_error(user_context, "This device cannot crop or slice a buffer");
    return halide_error_code_device_crop_unsupported;
}
