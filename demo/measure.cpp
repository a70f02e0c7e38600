#include "measure.h"

#include <algorithm>
#include <chrono>
#include <limits>

constexpr double slow_ms = 1000;

static double run_once_ms(const Variant &v) {
    auto start = std::chrono::steady_clock::now();
    v.run();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

void measure(std::vector<Variant> &variants, int rounds, double round_ms) {
    std::vector<std::vector<double>> minima(variants.size());
    for (int round = 0; round < rounds; round++)
        for (size_t i = 0; i < variants.size(); i++) {
            if (round > 0 && minima[i][0] > slow_ms) continue;
            double best = std::numeric_limits<double>::infinity(), total = 0;
            do {
                double ms = run_once_ms(variants[i]);
                best = std::min(best, ms);
                total += ms;
            } while (total < round_ms);
            minima[i].push_back(best);
        }
    for (size_t i = 0; i < variants.size(); i++) {
        auto middle = minima[i].begin() + (ptrdiff_t)(minima[i].size() / 2);
        std::nth_element(minima[i].begin(), middle, minima[i].end());
        variants[i].ms = *middle;
    }
}
