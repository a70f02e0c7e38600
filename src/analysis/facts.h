#pragma once
// What an analysis may take for granted about the symbols of an expression.

#include <optional>
#include <vector>

#include "ir/nodes.h"
#include "ir/scope.h"

namespace heddle::Internal {

/** min <= value <= max; an absent end is not known. */
struct ConstBounds {
    std::optional<int64_t> min, max;

    bool operator==(const ConstBounds &) const = default;
    bool is_point() const {
        return min && max && *min == *max;
    }
    bool contains(int64_t x) const {
        return (!min || *min <= x) && (!max || x <= *max);
    }
};

struct SymbolFacts {
    ConstBounds bounds;
    Alignment alignment;
};

struct Facts {
    Scope<SymbolFacts> symbols;
    /** Scalar bool expressions that hold. */
    std::vector<Expr> conditions;
};

}  // namespace heddle::Internal
