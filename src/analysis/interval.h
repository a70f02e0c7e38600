#pragma once
// Symbolic intervals: the values that an expression can take while some of its symbols range.

#include <vector>

#include "ir/nodes.h"
#include "ir/scope.h"

namespace heddle::Internal {

/** min ... max, both included; an undefined end is unbounded. Ends are scalars. */
struct Interval {
    Expr min, max;

    Interval() = default;
    Interval(Expr low, Expr high)
        : min(std::move(low)), max(std::move(high)) {
    }
    static Interval everything() {
        return {};
    }
    static Interval single_point(const Expr &e) {
        return {e, e};
    }
    bool has_lower_bound() const {
        return min.defined();
    }
    bool has_upper_bound() const {
        return max.defined();
    }
    bool is_bounded() const {
        return min.defined() && max.defined();
    }
    bool is_everything() const {
        return !min.defined() && !max.defined();
    }
    /** Both ends are the same expression. */
    bool is_single_point() const;
};

/** The smallest interval with both in it. */
Interval hull(const Interval &a, const Interval &b);
/** What is in both; its ends cross when nothing is. */
Interval intersection(const Interval &a, const Interval &b);

/** The values of e (of all its lanes) while each symbol of `scope` ranges over its interval and the
    conditions hold (bool expressions; comparisons of integer sums narrow the result, others are ignored).
    The ends are simplified expressions over symbols that are not in scope, provided that the intervals in
    scope are. Exact for affine expressions of independent symbols, and where the terms that occur in both operands of a
    difference cancel. Narrow and unsigned integers that may wrap give the range of their type; what is
    read from memory gives the range of its type where that has under 32 bits, else everything. */
Interval bounds_of(const Expr &e, const Scope<Interval> &scope, const std::vector<Expr> &conditions = {});

}  // namespace heddle::Internal
