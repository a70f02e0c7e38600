#pragma once
// Constant bounds and alignment (value modulo something) of integer expressions.

#include <unordered_map>

#include "analysis/facts.h"
#include "analysis/linear.h"

namespace heddle::Internal {

/** Bounds of every lane of e, an integer expression (else nothing is known). */
ConstBounds constant_bounds(const Expr &e, const Facts &facts = {});

/** The bounds that the type alone gives; none for signed types of 64 bits. */
ConstBounds bounds_of_type(Type t);

// Arithmetic on bounds, exact over the integers; an end that does not fit int64 is absent.
ConstBounds operator+(const ConstBounds &a, const ConstBounds &b);
ConstBounds operator*(const ConstBounds &a, const ConstBounds &b);
ConstBounds scale(const ConstBounds &a, int64_t factor);
ConstBounds hull(const ConstBounds &a, const ConstBounds &b);
ConstBounds intersection(const ConstBounds &a, const ConstBounds &b);

/** Bounds and alignments under fixed facts, each node asked once. The facts must outlive it; between calls
    of swap_cache they may only gain symbols. */
class Knowledge {
public:
    explicit Knowledge(const Facts &facts)
        : facts_(facts) {
    }
    ConstBounds bounds(const Expr &e);
    ConstBounds bounds(const LinearForm &form);
    Alignment alignment(const Expr &e);
    Alignment alignment(const LinearForm &form);
    const Facts &facts() const {
        return facts_;
    }

    // The Expr keeps the node alive, so that its address stays its own.
    struct Cache {
        std::unordered_map<const ExprNode *, std::pair<Expr, ConstBounds>> bounds;
        std::unordered_map<const ExprNode *, std::pair<Expr, Alignment>> alignments;
    };
    /** Forgets what was computed (the facts have changed) and puts `other` in its place. */
    void swap_cache(Cache &other) {
        std::swap(cache_, other);
    }

private:
    ConstBounds compute_bounds(const Expr &e);
    ConstBounds call_bounds(const Call &call);
    Alignment compute_alignment(const Expr &e);

    const Facts &facts_;
    Cache cache_;
};

}  // namespace heddle::Internal
