#pragma once
// The regions of stages and images that a piece of a loop nest reads or writes.

#include <map>

#include "analysis/interval.h"

namespace heddle::Internal {

/** One interval per dimension. */
struct Box {
    std::vector<Interval> bounds;
    /** The box is touched only if this bool expression holds; undefined: it may always be. */
    Expr used;

    size_t size() const {
        return bounds.size();
    }
    const Interval &operator[](size_t d) const {
        return bounds[d];
    }
    Interval &operator[](size_t d) {
        return bounds[d];
    }
};

/** The smallest box with both in it. The boxes have equally many dimensions. */
Box box_union(const Box &a, const Box &b);

enum class Touch { Reads, Writes, Both };

/** Whether a select's condition narrows what its branches touch. Vector code evaluates both branches, so
    storage must cover Both; what must be computed is only what is chosen: Narrow. */
enum class SelectBranches { Narrow, Both };

using Boxes = std::map<Symbol, Box>;

/** The box of each buffer that is touched, of nest-level IR: by Access nodes (reads) and Write nodes
    (writes). Symbols of `scope` range over their intervals; so do loop variables, and lets take the
    interval of their value. The conditions of If, Select, if_then_else and Write predicates narrow what
    is touched under them. The ends mention no symbol of scope and none that is bound inside. */
Boxes boxes_touched(const Stmt &s, const Scope<Interval> &scope = {}, Touch touch = Touch::Both,
                    SelectBranches selects = SelectBranches::Narrow);
Boxes boxes_touched(const Expr &e, const Scope<Interval> &scope = {}, Touch touch = Touch::Both,
                    SelectBranches selects = SelectBranches::Narrow);

/** The box of one buffer; of no dimensions when it is not touched. */
Box box_touched(const Stmt &s, const Symbol &buffer, const Scope<Interval> &scope = {}, Touch touch = Touch::Both);
Box box_touched(const Expr &e, const Symbol &buffer, const Scope<Interval> &scope = {}, Touch touch = Touch::Both);

}  // namespace heddle::Internal
