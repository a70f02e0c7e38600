#include "support_lib/differential.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>

#include "interpret/interpreter.h"
#include "interpret/naive.h"
#include "interpret/value.h"
#include "ir/compare.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "lower/lower.h"
#include "lower/pipeline.h"
#include "schedule/derived.h"

namespace heddle::testing {

namespace {

using namespace heddle::Internal;
using Order = InterpretOptions::Order;

uint64_t bits_at(const Buffer<> &b, const std::vector<int> &at) {
    const auto bytes = static_cast<size_t>(b.type().bytes());
    uint64_t bits = 0;
    std::memcpy(&bits, b.raw_buffer()->host + b.raw_buffer()->type.bytes() * [&] {
        int64_t offset = 0;
        for (size_t d = 0; d < at.size(); d++) {
            const halide_dimension_t &dim = b.raw_buffer()->dim[d];
            offset += static_cast<int64_t>(at[d] - dim.min) * dim.stride;
        }
        return offset;
    }(), bytes);
    return bits;
}

ArgValue value_of(const LoweredArgument &a, const Functions &functions, std::vector<Buffer<>> &outputs) {
    size_t next = 0;
    for (const auto &f : functions) {
        for (const auto &p : f->output_parameters) {
            if (a.argument.is_output() && a.argument.name == p->name) return ArgValue(outputs.at(next).raw_buffer());
            next++;
        }
    }
    for (const auto &p : parameters_used(functions_scheduled(functions), functions)) {
        if (p->name != a.argument.name) continue;
        if (!p->is_buffer) return ArgValue(p->type, p->scalar_bits);
        Buffer<> b = p->buffer;
        return ArgValue(b.raw_buffer());
    }
    throw InternalError("no value for the argument " + a.argument.name);
}

std::string reported;

// Throws an InternalError when the kernel returns an error.
void run(const LoweredFunction &function, const Functions &functions, std::vector<Buffer<>> &outputs, Order order, uint64_t seed) {
    std::vector<ArgValue> args;
    for (const LoweredArgument &a : function.args) args.push_back(value_of(a, functions, outputs));
    InterpretOptions options;
    options.parallel_order = order;
    options.seed = seed;
    options.step_limit = 20000000;
    halide_error_handler_t previous = halide_set_error_handler([](void *, const char *text) { reported = text; });
    int code = 0;
    try {
        code = interpret(function, args, options);
    } catch (const Error &) {
        halide_set_error_handler(previous);
        throw;
    }
    halide_set_error_handler(previous);
    if (code != 0) throw InternalError(concat("the kernel returns ", code, ": ", reported));
}

Functions functions_of(const std::vector<Func> &outputs) {
    Functions functions;
    for (const Func &f : outputs) functions.push_back(f.function());
    return functions;
}

LowerRequest request_for(const Functions &functions) {
    LowerRequest request;
    request.outputs = functions;
    request.name = "kernel";
    request.target = Target("x86-64-linux-sse41-avx-avx2-fma-f16c-cuda");  // schedules for a GPU are run, too
    return request;
}

void expect_text_reads_back(const Stmt &s) {
    SymbolTable symbols;
    const std::string text = to_string(s);
    Stmt again;
    ASSERT_NO_THROW(again = parse_stmt(text, symbols)) << text;
    EXPECT_TRUE(equal_up_to_names(s, again)) << text << "\nis read as\n" << again;
}

}  // namespace

std::vector<Buffer<>> outputs_for(const std::vector<Func> &outputs, const std::vector<int> &extents, const std::vector<int> &mins) {
    std::vector<Buffer<>> buffers;
    for (const Func &f : outputs) {
        for (const Type &t : f.types()) {
            Buffer<> b(t, extents);
            if (!mins.empty()) b.set_min(mins);
            std::memset(b.data(), 0xaa, b.size_in_bytes());
            buffers.push_back(b);
        }
    }
    return buffers;
}

std::vector<Buffer<>> naive_values(const std::vector<Func> &outputs, const std::vector<int> &extents, const std::vector<int> &mins) {
    std::vector<Buffer<>> values = outputs_for(outputs, extents, mins);
    std::vector<halide_buffer_t *> raw;
    for (Buffer<> &b : values) raw.push_back(b.raw_buffer());
    evaluate_naively(functions_of(outputs), raw);
    return values;
}

std::vector<Buffer<>> interpreted_values(const std::vector<Func> &outputs, const std::vector<int> &extents,
                                         const std::vector<int> &mins, uint64_t seed) {
    const Functions functions = functions_of(outputs);
    const Internal::Module module = lower(request_for(functions));
    std::vector<Buffer<>> values = outputs_for(outputs, extents, mins);
    const Order order = seed % 3 == 0 ? Order::Forward : seed % 3 == 1 ? Order::Reverse : Order::Shuffled;
    run(module.functions.at(0), functions, values, order, seed);
    return values;
}

std::string first_difference(const Buffer<> &expected, const Buffer<> &actual, double tolerance) {
    std::string found;
    const Type t = expected.type();
    expected.get()->for_each_element([&](const int *position) {
        if (!found.empty()) return;
        const std::vector<int> at(position, position + expected.dimensions());
        const uint64_t a = bits_at(expected, at), b = bits_at(actual, at);
        if (a == b) return;
        if (t.is_float()) {
            const double x = lane_double(a, t), y = lane_double(b, t);
            if (std::isnan(x) && std::isnan(y)) return;
            if (tolerance > 0 && std::fabs(x - y) <= tolerance * std::fmax(1.0, std::fabs(x))) return;
        }
        found = "at (";
        for (size_t d = 0; d < at.size(); d++) found += (d ? ", " : "") + std::to_string(at[d]);
        found += "): expected " + lane_text({a, LaneState::Defined}, t) + ", got " + lane_text({b, LaneState::Defined}, t);
    });
    return found;
}

Buffer<> irregular(Type t, const std::vector<int> &extents, uint64_t seed) {
    Buffer<> b(t, extents);
    uint64_t state = seed * 0x9e3779b97f4a7c15ull + 1;
    auto *bytes = static_cast<uint8_t *>(b.data());
    const auto size = static_cast<size_t>(t.bytes());
    for (size_t i = 0; i < b.number_of_elements(); i++) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        const uint64_t random = state >> 11;
        uint64_t bits = random >> 5;
        // Signed sums of 32 and 64 bits may not overflow, so these stay small enough to compute with.
        if (t.is_int() && t.bits() >= 32) bits = (random & 0x1fffff) - 0x100000;
        if (t.is_float()) bits = bits_of_double(static_cast<double>(random % 4096) / 4096, t);
        if (t.is_bool()) bits &= 1;
        std::memcpy(bytes + i * size, &bits, size);
    }
    return b;
}

namespace {

// Whether the function, in this state of lowering, fills the outputs as expected.
bool agrees(const LoweredFunction &function, const Functions &functions, const std::vector<Func> &outputs,
            const std::vector<Buffer<>> &expected, const std::vector<int> &extents, const std::vector<int> &mins, Order order) {
    std::vector<Buffer<>> actual = outputs_for(outputs, extents, mins);
    try {
        run(function, functions, actual, order, 3);
    } catch (const InternalError &e) {
        ADD_FAILURE() << e.what() << "\n" << function.body;
        return false;
    }
    for (size_t i = 0; i < expected.size(); i++) {
        const std::string difference = first_difference(expected[i], actual[i]);
        if (difference.empty()) continue;
        ADD_FAILURE() << "output " << i << " " << difference << "\n" << function.body;
        return false;
    }
    return true;
}

}  // namespace

void expect_same_after_every_pass(const std::vector<Func> &outputs, const std::vector<int> &extents, const std::vector<int> &mins) {
    const Functions functions = functions_of(outputs);
    const std::vector<Buffer<>> expected = naive_values(outputs, extents, mins);
    const LowerRequest request = request_for(functions);
    PassContext context;
    LoweredFunction function = built_nest(request, context);
    VerifyOptions verify_options;
    verify_options.free = &context.arguments;
    const auto in_order = [&](Order order) { return agrees(function, functions, outputs, expected, extents, mins, order); };
    {
        SCOPED_TRACE("before all passes");
        if (!in_order(Order::Forward) || !in_order(Order::Shuffled)) return;
    }
    for (const Pass &pass : passes()) {
        SCOPED_TRACE(std::string("after ") + pass.name);
        const Stmt before = function.body;
        function.body = pass.run(before, context);
        if (function.body.same_as(before)) continue;
        ASSERT_NO_THROW(verify(function.body, pass.out, verify_options));
        expect_text_reads_back(function.body);
        if (!in_order(Order::Forward)) return;
    }
    SCOPED_TRACE("after all passes");
    if (in_order(Order::Reverse)) in_order(Order::Shuffled);
}

}  // namespace heddle::testing
