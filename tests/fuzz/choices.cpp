#include "fuzz/choices.h"

#include <algorithm>

namespace heddle::testing {

// splitmix64
uint64_t Choices::next() {
    state_ += 0x9e3779b97f4a7c15ull;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

int Choices::below(int n) {
    const auto range = static_cast<uint32_t>(n);
    uint32_t choice = 0;
    if (!is_given_) {
        choice = static_cast<uint32_t>(next() % range);
    } else if (made_.size() < given_.size()) {
        choice = given_[made_.size()] % range;
    }
    made_.push_back(choice);
    return static_cast<int>(choice);
}

bool Choices::chance(int percent) {
    if (is_given_) return below(2) == 1;
    const bool yes = static_cast<int>(next() % 100) < percent;
    made_.push_back(yes ? 1 : 0);
    return yes;
}

namespace {

class Shrinker {
public:
    Shrinker(const Choices &start, const std::function<bool(Choices &)> &fails, int budget)
        : best_(start), fails_(fails), budget_(budget) {
    }

    std::vector<uint32_t> run() {
        bool is_better = attempt(best_.made());
        while (is_better && budget_ > 0) {
            is_better = without_parts();
            is_better |= with_zeros();
            // What is left costs one attempt for each choice and more.
            if (!is_better) is_better = without_blocks() | smaller();
        }
        return best_.made();
    }

private:
    using List = std::vector<uint32_t>;

    bool attempt(const List &candidate) {
        if (budget_ <= 0) return false;
        budget_--;
        Choices c(candidate);
        if (!fails_(c)) return false;
        best_ = c;  // as it was made: without what nobody asked for
        return true;
    }

    bool without_parts() {
        bool any = false;
        for (size_t i = best_.parts().size(); i-- > 0;) {
            if (i >= best_.parts().size()) continue;
            any |= attempt(without(best_.parts()[i]));
        }
        return any;
    }

    List without(const Choices::Part &part) const {
        List list = best_.made();
        std::vector<std::pair<size_t, size_t>> pieces = part.pieces;
        std::sort(pieces.rbegin(), pieces.rend());
        for (const auto &[from, to] : pieces) {
            list.erase(list.begin() + static_cast<std::ptrdiff_t>(from), list.begin() + static_cast<std::ptrdiff_t>(to));
        }
        // The number was chosen before what it counts.
        if (list[part.counter] > 0) list[part.counter]--;
        return list;
    }

    // From the end, where choices matter least to what comes after; large blocks first.
    bool without_blocks() {
        bool any = false;
        for (size_t block = 16; block > 0; block /= 2) {
            for (size_t end = best_.made().size(); end >= block && end > 0;) {
                List candidate = best_.made();
                const auto last = candidate.begin() + static_cast<std::ptrdiff_t>(end);
                candidate.erase(last - static_cast<std::ptrdiff_t>(block), last);
                bool is_gone = attempt(candidate);
                // What a choice began may be all that there was of it.
                if (!is_gone && end > block && candidate[end - block - 1] > 0) {
                    candidate[end - block - 1]--;
                    is_gone = attempt(candidate);
                }
                any |= is_gone;
                end = std::min(is_gone ? end : end - 1, best_.made().size());
                if (budget_ <= 0) return any;
            }
        }
        return any;
    }

    bool with_zeros() {
        bool any = false;
        for (size_t i = best_.made().size(); i-- > 0;) {
            if (i >= best_.made().size() || best_.made()[i] == 0) continue;
            List candidate = best_.made();
            candidate[i] = 0;
            any |= attempt(candidate);
        }
        return any;
    }

    bool smaller() {
        bool any = false;
        for (size_t i = 0; i < best_.made().size(); i++) any |= lower(i);
        return any;
    }

    // The least number at a place, by bisection: 0 is known not to fail.
    bool lower(size_t i) {
        bool any = false;
        uint32_t passes = 0;
        while (budget_ > 0 && i < best_.made().size() && passes + 1 < best_.made()[i]) {
            List candidate = best_.made();
            candidate[i] = passes + (best_.made()[i] - passes) / 2;
            if (attempt(candidate)) {
                any = true;
            } else {
                passes = candidate[i];
            }
        }
        return any;
    }

    Choices best_;
    const std::function<bool(Choices &)> &fails_;
    int budget_;
};

}  // namespace

std::vector<uint32_t> shrink(const Choices &choices, const std::function<bool(Choices &)> &fails, int budget) {
    return Shrinker(choices, fails, budget).run();
}

}  // namespace heddle::testing
