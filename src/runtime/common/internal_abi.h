// Functions that emitted kernels call and that HalideRuntime.h does not declare.
//
// The names and arguments are those of Halide's kernels, so that a kernel built by either finds its runtime. None of
// them throws; those that return int return 0 or a halide_error_code_t. `end` in the string functions points one past
// the last byte of the destination: the result is always terminated when dst < end, and is cut when it does not fit;
// the value returned points at the terminator, where the next call goes on.
#pragma once

#include "HalideRuntime.h"

extern "C" {

// Building messages (to_string.cpp).
char *halide_string_to_string(char *dst, char *end, const char *text);
char *halide_int64_to_string(char *dst, char *end, int64_t value, int min_digits);
char *halide_uint64_to_string(char *dst, char *end, uint64_t value, int min_digits);
char *halide_double_to_string(char *dst, char *end, double value, int scientific);  // 0: as %f, else as %e
char *halide_pointer_to_string(char *dst, char *end, const void *pointer);
char *halide_type_to_string(char *dst, char *end, const halide_type_t *type);
char *halide_buffer_to_string(char *dst, char *end, const halide_buffer_t *buffer);

// Reading and making buffers (buffer_helpers.cpp). Small enough that a code generator may emit them inline instead.
void *_halide_buffer_get_host(const halide_buffer_t *buf);
uint64_t _halide_buffer_get_device(const halide_buffer_t *buf);
const halide_device_interface_t *_halide_buffer_get_device_interface(const halide_buffer_t *buf);
int _halide_buffer_get_dimensions(const halide_buffer_t *buf);
int _halide_buffer_get_min(const halide_buffer_t *buf, int d);
int _halide_buffer_get_max(const halide_buffer_t *buf, int d);
int _halide_buffer_get_extent(const halide_buffer_t *buf, int d);
int _halide_buffer_get_stride(const halide_buffer_t *buf, int d);
uint32_t _halide_buffer_get_type(const halide_buffer_t *buf);
halide_dimension_t *_halide_buffer_get_shape(halide_buffer_t *buf);
bool _halide_buffer_get_host_dirty(const halide_buffer_t *buf);
bool _halide_buffer_get_device_dirty(const halide_buffer_t *buf);
int _halide_buffer_set_host_dirty(halide_buffer_t *buf, bool value);
int _halide_buffer_set_device_dirty(halide_buffer_t *buf, bool value);
bool _halide_buffer_is_bounds_query(const halide_buffer_t *buf);
int _halide_buffer_set_bounds(halide_buffer_t *buf, int d, int min, int extent);
halide_buffer_t *_halide_buffer_init(halide_buffer_t *dst, halide_dimension_t *dst_shape, void *host, uint64_t device,
                                     const halide_device_interface_t *device_interface, int type_code, int type_bits,
                                     int dimensions, halide_dimension_t *shape, uint64_t flags);
halide_buffer_t *_halide_buffer_init_from_buffer(halide_buffer_t *dst, halide_dimension_t *dst_shape,
                                                 const halide_buffer_t *src);
halide_buffer_t *_halide_buffer_crop(void *user_context, halide_buffer_t *dst, halide_dimension_t *dst_shape,
                                     const halide_buffer_t *src, const int *min, const int *extent);
// After an extern stage wrote into a crop: hand its dirty flags back to the parent, then release the crop. `pair`
// points at two halide_buffer_t pointers, crop and parent; `pairs` at several such pairs and a null.
int _halide_buffer_retire_crop_after_extern_stage(void *user_context, void *pair);
int _halide_buffer_retire_crops_after_extern_stage(void *user_context, void *pairs);

// Clean-up calls that kernels make on the way out, of the form f(user_context, object).
void halide_device_free_as_destructor(void *user_context, void *buf);
void halide_device_and_host_free_as_destructor(void *user_context, void *buf);
int halide_device_and_host_malloc(void *user_context, halide_buffer_t *buf,
                                  const halide_device_interface_t *device_interface);
int halide_device_and_host_free(void *user_context, halide_buffer_t *buf);

// Profiling: a run of a kernel, of `num_funcs` Funcs whose names are the lines of `names`.
void *heddle_profiler_start(void *user_context, const char *pipeline, int num_funcs, const char *names);
int heddle_profiler_enter(void *run, int func);
void heddle_profiler_stop(void *user_context, void *run);

// Tracing: builds the halide_trace_event_t and calls halide_trace; returns the id of the event.
int halide_trace_helper(void *user_context, const char *func, void *value, int *coords, int type_code, int type_bits,
                        int type_lanes, int event, int parent_id, int value_index, int dimensions,
                        const char *trace_tag);

// The clock: nanoseconds from an origin that halide_start_clock fixes (the first call of either does).
int halide_start_clock(void *user_context);
int64_t halide_current_time_ns(void *user_context);
void halide_sleep_us(void *user_context, int64_t microseconds);

// Errors that only device runtimes raise.
int halide_error_device_crop_unsupported(void *user_context);
}
