#pragma once
// Running deeply recursive work on a stack of its own.

#include <functional>
#include <optional>

#include "heddle/compiler_stack.h"

namespace heddle::Internal {

/** Runs `action` on a stack of get_compiler_stack_size() bytes, unless that is 0 or no such stack can be had; a call from
    inside of another one stays on its stack. Exceptions pass through. */
void run_with_large_stack(const std::function<void()> &action);

/** The same for what gives a value. */
template<typename F>
auto with_large_stack(const F &f) {
    std::optional<decltype(f())> result;
    run_with_large_stack([&] { result.emplace(f()); });
    return std::move(*result);
}

}  // namespace heddle::Internal
