#pragma once
// Callable: a compiled pipeline as a C++ function of its arguments, in the order in which they were
// given to compile_to_callable, with the outputs last. The number and kind of the arguments are checked
// at each call. It may be called from several threads at once.

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "heddle/argument.h"
#include "heddle/buffer.h"
#include "heddle/jit.h"
#include "heddle/std_function.h"

namespace heddle {

namespace Internal {
struct CallableContents;

/** One actual argument of a call. */
struct ActualArgument {
    bool is_buffer = false;
    halide_type_t type{};   ///< of a scalar, or of a buffer whose type is static
    int dimensions = -1;    ///< static dimensions of a buffer, or -1
    bool type_known = true;
    const void *value = nullptr;  ///< the halide_buffer_t, or the address of the scalar
};

template<typename T>
struct IsBuffer : std::false_type {};
template<typename T, int D>
struct IsBuffer<Buffer<T, D>> : std::true_type {};
template<typename T>
struct IsRuntimeBuffer : std::false_type {};
template<typename T, int D, int S>
struct IsRuntimeBuffer<Runtime::Buffer<T, D, S>> : std::true_type {};

template<typename T>
constexpr bool is_halide_buffer_pointer = std::is_same_v<T, halide_buffer_t *> || std::is_same_v<T, const halide_buffer_t *>;

/** `value` is kept by reference: it must live until the call returns. */
template<typename T>
ActualArgument actual_argument(const T &value) {
    ActualArgument a;
    if constexpr (IsBuffer<T>::value || IsRuntimeBuffer<T>::value) {
        a.is_buffer = true;
        a.type_known = T::has_static_halide_type;
        if constexpr (T::has_static_halide_type) a.type = T::static_halide_type();
        a.dimensions = T::has_static_dimensions ? T::static_dimensions() : -1;
        if constexpr (IsBuffer<T>::value) {
            a.value = value.defined() ? value.raw_buffer() : nullptr;
        } else {
            a.value = value.raw_buffer();
        }
    } else if constexpr (is_halide_buffer_pointer<T>) {
        a.is_buffer = true;
        a.type_known = false;
        a.value = value;
    } else {
        static_assert(std::is_arithmetic_v<T> || std::is_pointer_v<T>, "not an argument of a Callable");
        a.type = halide_type_of<T>();
        a.value = &value;
    }
    return a;
}

}  // namespace Internal

class Callable {
public:
    /** Not to be called. */
    Callable();
    explicit Callable(std::shared_ptr<Internal::CallableContents> c);
    HEDDLE_SPECIAL_MEMBERS(Callable);
    bool defined() const {
        return contents_ != nullptr;
    }

    /** Runs the pipeline. 0, or the error code when an error handler took the error; else a RuntimeError. */
    template<typename... Args>
    int operator()(JITUserContext *context, const Args &...args) const {
        const std::array<Internal::ActualArgument, sizeof...(Args)> actual = {Internal::actual_argument(args)...};
        return call(context, actual.data(), sizeof...(Args));
    }
    template<typename... Args>
    int operator()(const Args &...args) const {
        const std::array<Internal::ActualArgument, sizeof...(Args)> actual = {Internal::actual_argument(args)...};
        return call(nullptr, actual.data(), sizeof...(Args));
    }
    int operator()() const {
        return call(nullptr, nullptr, 0);
    }

    /** A std::function of these argument types, which are checked now: a CompileError if they do not fit. */
    template<typename First, typename... Rest>
    std::function<int(First, Rest...)> make_std_function() const {
        if constexpr (std::is_same_v<First, JITUserContext *>) {
            const std::array<Internal::ActualArgument, sizeof...(Rest)> types = {static_argument<Rest>()...};
            check(types.data(), types.size());
            return [*this](First context, Rest... rest) -> int { return (*this)(context, rest...); };
        } else {
            const std::array<Internal::ActualArgument, 1 + sizeof...(Rest)> types = {static_argument<First>(),
                                                                                      static_argument<Rest>()...};
            check(types.data(), types.size());
            return [*this](First first, Rest... rest) -> int { return (*this)(first, rest...); };
        }
    }

    /** Runs with what a kernel's argv function takes: argv[0] is the address of a JITUserContext *, which may be null; then,
        in order, the halide_buffer_t of each buffer and the address of each scalar. Nothing is checked but argc. */
    int call_argv_fast(size_t argc, const void *const *argv) const;

    /** What a call takes. */
    const std::vector<Argument> &arguments() const;

private:
    template<typename T>
    static Internal::ActualArgument static_argument() {
        using U = std::remove_cv_t<std::remove_reference_t<T>>;
        Internal::ActualArgument a;
        if constexpr (Internal::IsBuffer<U>::value || Internal::IsRuntimeBuffer<U>::value) {
            a.is_buffer = true;
            a.type_known = U::has_static_halide_type;
            if constexpr (U::has_static_halide_type) a.type = U::static_halide_type();
            a.dimensions = U::has_static_dimensions ? U::static_dimensions() : -1;
        } else if constexpr (Internal::is_halide_buffer_pointer<U>) {
            a.is_buffer = true;
            a.type_known = false;
        } else {
            a.type = halide_type_of<U>();
        }
        return a;
    }
    int call(JITUserContext *context, const Internal::ActualArgument *actual, size_t count) const;
    void check(const Internal::ActualArgument *actual, size_t count) const;
    std::shared_ptr<Internal::CallableContents> contents_;
};

}  // namespace heddle
