#pragma once
// The choices that make a random program. A seed decides them on every machine alike, and they are written down: the
// same program can be made again from its choices, and a simpler one from fewer or smaller ones. That reduces what fails
// without knowing what is being made (MacIver and Donaldson, "Test-Case Reduction via Test-Case Generation", ECOOP 2020).

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace heddle::testing {

class Choices {
public:
    /** Drawn from a generator in this state. */
    explicit Choices(uint64_t state)
        : state_(state) {
    }
    /** Given, in the order in which they are asked for. A choice beyond its range is its remainder; what is asked for
        after the last is 0, the simplest. */
    explicit Choices(std::vector<uint32_t> given)
        : given_(std::move(given)), is_given_(true) {
    }

    /** One of 0, …, n-1; 0 should be what makes the simplest program. */
    int below(int n);
    /** True in so many cases of a hundred; false is the simpler. */
    bool chance(int percent);

    /** What was chosen until now. */
    const std::vector<uint32_t> &made() const {
        return made_;
    }

    /** Something of which there are as many as an earlier choice says, the one at this position of made(). It can be left
        out: the choices within it, and one of the number. */
    struct Part {
        size_t counter;
        std::vector<std::pair<size_t, size_t>> pieces{};  ///< of made(): from, to
    };
    /** The number of a new part: 0, 1, 2, … */
    size_t new_part(size_t counter) {
        parts_.push_back({counter});
        return parts_.size() - 1;
    }
    const std::vector<Part> &parts() const {
        return parts_;
    }
    /** What is chosen while it lives belongs to a part. */
    class Within {
    public:
        Within(Choices &c, size_t part)
            : choices_(c), part_(part), from_(c.made_.size()) {
        }
        ~Within() {
            choices_.parts_[part_].pieces.emplace_back(from_, choices_.made_.size());
        }
        Within(const Within &) = delete;
        Within &operator=(const Within &) = delete;

    private:
        Choices &choices_;
        size_t part_, from_;
    };

    /** While it lives, drawn choices come from a generator of their own, so that what a seed makes afterwards does not
        depend on how many there were. */
    class Aside {
    public:
        explicit Aside(Choices &c)
            : choices_(c), before_(c.state_) {
            c.state_ ^= 0x5bf03635d1f4a0c7ull;
        }
        ~Aside() {
            choices_.state_ = before_;
        }
        Aside(const Aside &) = delete;
        Aside &operator=(const Aside &) = delete;

    private:
        Choices &choices_;
        uint64_t before_;
    };

private:
    uint64_t next();

    uint64_t state_ = 0;
    std::vector<uint32_t> given_, made_;
    std::vector<Part> parts_;
    bool is_given_ = false;
};

/** The simplest choices found, starting with `choices`, for which `fails` holds: fewer before smaller. `fails` makes
    something of the choices that it is given; it is called at most `budget` times. */
std::vector<uint32_t> shrink(const Choices &choices, const std::function<bool(Choices &)> &fails, int budget);

}  // namespace heddle::testing
