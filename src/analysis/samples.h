#pragma once
// Values of integer expressions in a few states that a kernel may be in: a cheap way to see that something cannot be
// proved, or is not bounded.

#include <array>
#include <optional>
#include <unordered_map>

#include "analysis/facts.h"
#include "analysis/linear.h"

namespace heddle::Internal {

/** Names of lets in scope with their values as linear forms. */
using LetValues = std::unordered_map<Symbol, LinearForm>;

/** Each name of an integer of 32 bits and more has a value in each state, which depends on its text alone: from 2^20 to
    2^21 in the first, the negative of such a number in the second, 0 to 15 in the third, -64 to 63 in the fourth. */
class Samples {
public:
    static constexpr size_t count = 4;
    using Value = std::optional<int64_t>;
    using Values = std::array<Value, count>;

    /** Facts and lets, of which either may be null, restrict the states; they must outlive this. */
    explicit Samples(const Facts *facts = nullptr, const LetValues *lets = nullptr)
        : facts_(facts),
          lets_(lets) {
    }

    /** The values of an integer or a bool. Nothing where one does not fit the type (so that the state is none that can
        be), breaks a promise or a fact, or depends on what is no integer of a name: memory, floats, calls. */
    Values operator()(const Expr &e);
    Values operator()(const LinearForm &form);

    /** What a name means from here on. */
    void set(const Symbol &s, const Values &values) {
        names_[s] = values;
    }

    // Each node is asked once. The Expr keeps the node alive, so that its address stays its own.
    using Cache = std::unordered_map<const ExprNode *, std::pair<Expr, Values>>;
    /** Forgets what was computed (the facts have changed) and puts `other` in its place. */
    void swap_cache(Cache &other) {
        std::swap(cache_, other);
    }

private:
    Values compute(const Expr &e);
    Values of_name(const Variable &v);
    template<typename N>
    Values of_operands(const N &n);

    const Facts *facts_;
    const LetValues *lets_;
    std::unordered_map<Symbol, Values> names_;
    Cache cache_;
};

}  // namespace heddle::Internal
