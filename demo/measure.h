#pragma once
// Timing on a machine that others use too: all variants of a kernel run in turn, round after round, so that what
// disturbs one disturbs its neighbours; a round keeps the minimum of each, and the figure is the median over rounds.

#include <functional>
#include <string>
#include <vector>

struct Variant {
    using Run = std::function<void()>;
    std::string name;
    Run run;
    double ms = 0;  // the result
};

// Fills in `ms`. A round runs each variant for at least `round_ms` milliseconds, and at least once; one
// that takes over a second runs in the first round only.
void measure(std::vector<Variant> &variants, int rounds, double round_ms);
