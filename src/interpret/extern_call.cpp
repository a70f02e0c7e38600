// The calling conventions of x86-64 (System V) and AArch64 pass integers and floats in separate registers,
// each in order, and further integers on the stack in slots of 8 bytes. So a function of n integers and m
// floats in any mixture can be called through a pointer to one that takes the n integers first. A float32
// occupies the low half of its register.

#include "interpret/extern_call.h"

#include <dlfcn.h>

#include <array>
#include <bit>
#include <utility>

namespace heddle::Internal {

namespace {

constexpr size_t max_integers = 12;
constexpr size_t max_floats = 8;

using Integers = std::array<uint64_t, max_integers>;
using Floats = std::array<double, max_floats>;

template<size_t>
using Integer = uint64_t;

// Always passes all 8 float registers: what the callee does not take, it does not read.
template<typename R, size_t... I>
R call_with(void *function, const Integers &n, const Floats &x, std::index_sequence<I...>) {
    using F = R (*)(Integer<I>..., double, double, double, double, double, double, double, double);
    return reinterpret_cast<F>(function)(n[I]..., x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]);
}

template<typename R, size_t N>
R call_n(void *function, const Integers &n, const Floats &x) {
    return call_with<R>(function, n, x, std::make_index_sequence<N>());
}

template<typename R, size_t... N>
R call(size_t count, void *function, const Integers &n, const Floats &x, std::index_sequence<N...>) {
    using Caller = R (*)(void *, const Integers &, const Floats &);
    static constexpr std::array<Caller, sizeof...(N)> callers = {&call_n<R, N>...};
    return callers[count](function, n, x);
}

template<typename R>
R call(size_t count, void *function, const Integers &n, const Floats &x) {
    return call<R>(count, function, n, x, std::make_index_sequence<max_integers + 1>());
}

}  // namespace

void *find_function(const std::string &name) {
    return dlsym(RTLD_DEFAULT, name.c_str());
}

uint64_t call_function(void *function, Type result, const std::vector<ExternArgument> &arguments) {
    Integers integers{};
    Floats floats{};
    size_t integer_count = 0, float_count = 0;
    for (const ExternArgument &a : arguments) {
        HEDDLE_ASSERT(a.type.is_scalar(), "a vector passed to a C function");
        if (a.type.is_float()) {
            HEDDLE_ASSERT(a.type.bits() >= 32 && float_count < max_floats, "cannot pass this ", to_string(a.type));
            floats[float_count++] = std::bit_cast<double>(a.bits);
        } else {
            HEDDLE_ASSERT(integer_count < max_integers, "too many arguments");
            // Narrow integers are extended to their registers by the caller.
            integers[integer_count++] = a.type.is_int() ? static_cast<uint64_t>(wrap_signed(static_cast<int64_t>(a.bits), a.type.bits())) : a.bits;
        }
    }
    if (result.is_float() && result.bits() == 64) return std::bit_cast<uint64_t>(call<double>(integer_count, function, integers, floats));
    if (result.is_float()) return std::bit_cast<uint32_t>(call<float>(integer_count, function, integers, floats));
    return wrap_unsigned(call<uint64_t>(integer_count, function, integers, floats), result.bits());
}

}  // namespace heddle::Internal
