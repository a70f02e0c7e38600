#pragma once
// std::function. Where the library lets us have it without the rest of <functional>, hash tables among it, which
// every file would pay for.

#include <utility>

#if defined(__GLIBCXX__) && __has_include(<bits/std_function.h>)
#include <bits/std_function.h>
#else
#include <functional>
#endif
