// Printing and tracing: hooks, the text form, and the packets of the binary form.
#include "HalideRuntime.h"
#include "runtime/common/internal_abi.h"

#include <cstdio>
#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

std::vector<std::string> lines;

class Trace : public testing::Test {
protected:
    void SetUp() override {
        lines.clear();
        halide_set_custom_print([](void *, const char *text) { lines.emplace_back(text); });
        halide_set_trace_file(0);
    }
    void TearDown() override {
        halide_set_custom_print(nullptr);
        halide_set_custom_trace(nullptr);
        halide_set_trace_file(0);
    }
};

TEST_F(Trace, PrintGoesToTheHook) {
    halide_print(nullptr, "hello");
    EXPECT_EQ(lines, std::vector<std::string>{"hello"});
    EXPECT_FALSE(halide_set_custom_print(nullptr) == halide_default_print);
    EXPECT_TRUE(halide_set_custom_print(nullptr) == halide_default_print);
}

TEST_F(Trace, EventsAsText) {
    int where[2] = {3, -4};
    float value = 1.5f;
    const int first = halide_trace_helper(nullptr, "f", &value, where, halide_type_float, 32, 1, halide_trace_store, 7, 0, 2, nullptr);
    const int second = halide_trace_helper(nullptr, "f", nullptr, where, halide_type_float, 32, 1, halide_trace_produce, first, 0, 2, nullptr);
    EXPECT_GT(second, first);
    uint8_t bytes[4] = {1, 2, 254, 255};
    int vector_where[8] = {0, 1, 2, 3, 9, 9, 9, 9};
    halide_trace_helper(nullptr, "g", bytes, vector_where, halide_type_uint, 8, 4, halide_trace_load, 7, 1, 8, nullptr);
    halide_trace_helper(nullptr, "p", nullptr, nullptr, 0, 0, 0, halide_trace_tag, 7, 0, 0, "a tag");
    ASSERT_EQ(lines.size(), 4u);
    EXPECT_EQ(lines[0], "Store f.0(3, -4) = 1.500000\n");
    EXPECT_EQ(lines[1], "Produce f.0(3, -4)\n");
    EXPECT_EQ(lines[2], "Load g.1(<0, 1, 2, 3>, <9, 9, 9, 9>) = <1, 2, 254, 255>\n");
    EXPECT_NE(lines[3].find("a tag"), std::string::npos);
}

TEST_F(Trace, TheHookSeesTheEvent) {
    static halide_trace_event_t seen;
    halide_set_custom_trace([](void *, const halide_trace_event_t *e) { return seen = *e, 42; });
    int where[2] = {1, 2};
    EXPECT_EQ(halide_trace_helper(nullptr, "f", nullptr, where, halide_type_int, 16, 1, halide_trace_begin_realization, 5, 3, 2, nullptr), 42);
    EXPECT_STREQ(seen.func, "f");
    EXPECT_EQ(seen.event, halide_trace_begin_realization);
    EXPECT_EQ(seen.parent_id, 5);
    EXPECT_EQ(seen.value_index, 3);
    EXPECT_EQ(seen.dimensions, 2);
    EXPECT_EQ(seen.coordinates, where);
    EXPECT_TRUE(lines.empty());
}

TEST_F(Trace, PacketsInAFile) {
    FILE *file = tmpfile();
    ASSERT_NE(file, nullptr);
    halide_set_trace_file(fileno(file));
    int where[3] = {3, -4, 5};
    int16_t value = -9;
    const int id = halide_trace_helper(nullptr, "funcs", &value, where, halide_type_int, 16, 1, halide_trace_load, 7, 2, 3, nullptr);
    halide_trace_helper(nullptr, "p", nullptr, nullptr, 0, 0, 0, halide_trace_tag, 8, 0, 0, "the tag");
    halide_set_trace_file(0);
    EXPECT_TRUE(lines.empty());
    EXPECT_EQ(halide_shutdown_trace(), 0);  // the file is not the runtime's to close

    alignas(8) char bytes[512];
    rewind(file);
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    auto *first = reinterpret_cast<halide_trace_packet_t *>(bytes);
    ASSERT_LT(first->size, size);
    EXPECT_EQ(first->size % 4, 0u);
    EXPECT_EQ(first->id, id);
    EXPECT_EQ(first->event, halide_trace_load);
    EXPECT_EQ(first->parent_id, 7);
    EXPECT_EQ(first->value_index, 2);
    EXPECT_EQ(first->dimensions, 3);
    EXPECT_EQ(first->coordinates()[1], -4);
    EXPECT_EQ(*static_cast<int16_t *>(first->value()), -9);
    EXPECT_STREQ(first->func(), "funcs");
    EXPECT_STREQ(first->trace_tag(), "");
    auto *second = reinterpret_cast<halide_trace_packet_t *>(bytes + first->size);
    EXPECT_EQ(first->size + second->size, size);
    EXPECT_STREQ(second->func(), "p");
    EXPECT_STREQ(second->trace_tag(), "the tag");
}

}  // namespace
