// Each error function returns its code and names, in one message to the handler, what it was given.
#include "HalideRuntime.h"
#include "runtime/common/internal_abi.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace {

std::vector<std::string> messages;

class Errors : public testing::Test {
protected:
    void SetUp() override {
        messages.clear();
        halide_set_error_handler([](void *, const char *m) { messages.emplace_back(m); });
    }
    void TearDown() override { halide_set_error_handler(nullptr); }

    // One message has come, and holds all the parts.
    void expect(int got, int code, const std::vector<std::string> &parts) {
        EXPECT_EQ(got, code);
        ASSERT_EQ(messages.size(), 1u);
        for (const std::string &part : parts) {
            EXPECT_NE(messages[0].find(part), std::string::npos) << part << " is not in: " << messages[0];
        }
        messages.clear();
    }
};

TEST_F(Errors, Bounds) {
    expect(halide_error_explicit_bounds_too_small(nullptr, "f", "x", 1, 9, -3, 17), -2, {"f", "x", "1 to 9", "-3 to 17"});
    expect(halide_error_access_out_of_bounds(nullptr, "Input buffer in", 1, -7, 12, 0, 20), -4,
           {"Input buffer in", "-7 to 12", "dimension 1", "0 to 20", "before the min 0"});
    expect(halide_error_access_out_of_bounds(nullptr, "Input buffer in", 0, 3, 33, 0, 20), -4, {"33", "beyond the max 20"});
    expect(halide_error_access_out_of_bounds(nullptr, "Input buffer in", 0, 3, 33, 0, -1), -4, {"nothing"});
    expect(halide_error_constraints_make_required_region_smaller(nullptr, "out", 2, 0, 8, 1, 10), -7,
           {"out", "dimension 2", "0 to 7", "1 to 10"});
    expect(halide_error_constraint_violated(nullptr, "in.stride.0", 3, "1", 1), -8, {"in.stride.0", "3", "1"});
    expect(halide_error_storage_bound_too_small(nullptr, "f", "y", 4, 6), -45, {"f", "y", "4", "6"});
    expect(halide_error_split_factor_not_positive(nullptr, "f", "x", "xo", "xi", "p + 1", -2), -46,
           {"f", "x", "xo", "xi", "p + 1", "-2"});
}

TEST_F(Errors, ShapeTypeAndMemory) {
    expect(halide_error_bad_type(nullptr, "Input buffer in", halide_type_of<int16_t>().as_u32(), halide_type_of<float>().as_u32()), -3,
           {"Input buffer in", "float32", "int16"});
    expect(halide_error_bad_dimensions(nullptr, "Output buffer out", 2, 3), -43, {"Output buffer out", "2", "3"});
    expect(halide_error_buffer_allocation_too_large(nullptr, "in", UINT64_MAX, 2147483647), -5, {"in", "18446744073709551615", "2147483647"});
    expect(halide_error_buffer_extents_negative(nullptr, "in", 1, -4), -28, {"in", "dimension 1", "-4"});
    expect(halide_error_buffer_extents_too_large(nullptr, "in", INT64_MAX, 2147483647), -6, {"in", "9223372036854775807", "2147483647"});
    expect(halide_error_buffer_argument_is_null(nullptr, "in"), -12, {"in"});
    expect(halide_error_buffer_is_null(nullptr, "halide_copy_to_host"), -38, {"halide_copy_to_host"});
    expect(halide_error_host_is_null(nullptr, "Input buffer in"), -34, {"Input buffer in"});
    expect(halide_error_unaligned_host_ptr(nullptr, "in", 64), -24, {"in", "64"});
    expect(halide_error_out_of_memory(nullptr), -11, {"memory"});
}

TEST_F(Errors, Parameters) {
    expect(halide_error_param_too_small_i64(nullptr, "p", -5, 2), -9, {"p", "-5", "2"});
    expect(halide_error_param_too_small_u64(nullptr, "p", 1, UINT64_MAX), -9, {"p", "1", "18446744073709551615"});
    expect(halide_error_param_too_small_f64(nullptr, "p", 0.25, 0.5), -9, {"p", "0.25", "0.5"});
    expect(halide_error_param_too_large_i64(nullptr, "p", 5, -2), -10, {"p", "5", "-2"});
    expect(halide_error_param_too_large_u64(nullptr, "p", 7, 3), -10, {"p", "7", "3"});
    expect(halide_error_param_too_large_f64(nullptr, "p", 1.5, 1.25), -10, {"p", "1.5", "1.25"});
}

TEST_F(Errors, FoldsAndExternStages) {
    expect(halide_error_bad_fold(nullptr, "f", "y", "yo"), -25, {"f", "y", "yo"});
    expect(halide_error_bad_extern_fold(nullptr, "f", 1, 4, 3, 2, 6), -35, {"f", "dimension 1", "4 to 6", "6"});
    expect(halide_error_bad_extern_fold(nullptr, "f", 1, 0, 3, 2, 6), -35, {"0 to 2", "2 to 7"});
    expect(halide_error_fold_factor_too_small(nullptr, "f", "y", 2, "yo", 5), -26, {"f", "y", "2", "yo", "5"});
    expect(halide_error_extern_stage_failed(nullptr, "blas", 31), 31, {"blas", "31"});
    expect(halide_error_bounds_inference_call_failed(nullptr, "blas", 32), 32, {"blas", "32"});
}

TEST_F(Errors, TheProgramsOwnChecks) {
    expect(halide_error_requirement_failed(nullptr, "w > 3", "too narrow"), -27, {"w > 3", "too narrow"});
    expect(halide_error_specialize_fail(nullptr, "no such size"), -31, {"no such size"});
    expect(halide_error_debug_to_file_failed(nullptr, "f", "a.npy", -2), -13, {"f", "a.npy", "-2"});
}

TEST_F(Errors, Devices) {
    expect(halide_error_no_device_interface(nullptr), -19, {"device interface"});
    expect(halide_error_device_interface_no_device(nullptr), -36, {"device"});
    expect(halide_error_host_and_device_dirty(nullptr), -37, {"host", "device"});
    expect(halide_error_device_dirty_with_no_device_support(nullptr, "Input buffer in"), -44, {"Input buffer in"});
    expect(halide_error_device_crop_failed(nullptr), -41, {"rop"});
    expect(halide_error_device_crop_unsupported(nullptr), -40, {"crop"});
}

TEST_F(Errors, MessagesOfAnyLengthComeWhole) {
    const std::string longer(10000, 'm');
    expect(halide_error_requirement_failed(nullptr, "c", longer.c_str()), -27, {longer});
}

TEST_F(Errors, TheHandlerGetsTheContextAndCanBeReplaced) {
    static void *seen;
    const halide_error_handler_t before = halide_set_error_handler([](void *context, const char *) { seen = context; });
    int here = 0;
    halide_error_out_of_memory(&here);
    EXPECT_EQ(seen, &here);
    EXPECT_TRUE(messages.empty());
    halide_set_error_handler(before);
    halide_error(&here, "again");
    EXPECT_EQ(messages.size(), 1u);
}

TEST(ErrorsDeathTest, TheDefaultHandlerPrintsAndEndsTheProgram) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    halide_set_error_handler(nullptr);
    EXPECT_DEATH(halide_error_buffer_argument_is_null(nullptr, "weights"), "Error: .*weights");
    EXPECT_TRUE(halide_set_error_handler(nullptr) == halide_default_error);
}

}  // namespace
