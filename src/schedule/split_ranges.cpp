#include "schedule/split_ranges.h"

#include "analysis/simplify.h"

namespace heddle::Internal {

RangesBefore split_ranges(const Split &s, std::map<std::string, Range> &ranges) {
    const Expr zero = make_zero(Int(32));
    if (s.kind == Split::Kind::Fuse) {
        const Range inner = ranges.at(s.inner), outer = ranges.at(s.outer);
        ranges[s.old_var] = {zero, simplify(Mul::make(inner.extent, outer.extent))};
        return {{}, inner, outer};
    }
    if (s.kind == Split::Kind::Single) {
        ranges[s.outer] = {zero, make_one(Int(32))};
        return {};
    }
    const Range old = ranges.at(s.old_var);
    if (s.kind == Split::Kind::Rename) {
        ranges[s.outer] = old;
    } else {
        ranges[s.inner] = {zero, s.factor};
        const Expr rounded = simplify(Add::make(old.extent, Sub::make(s.factor, make_one(Int(32)))));
        ranges[s.outer] = {zero, simplify(Div::make(rounded, s.factor))};
    }
    return {old, {}, {}};
}

}  // namespace heddle::Internal
