#include "heddle/argument.h"

#include "ir/compare.h"

namespace heddle {

HEDDLE_DEFINE_SPECIAL_MEMBERS(ArgumentEstimates);
HEDDLE_DEFINE_SPECIAL_MEMBERS(Argument);

namespace {

bool same(const Expr &a, const Expr &b) {
    if (!a.defined() || !b.defined()) return a.defined() == b.defined();
    return Internal::equal(a, b);
}

}  // namespace

ArgumentEstimates::ArgumentEstimates() = default;

bool ArgumentEstimates::operator==(const ArgumentEstimates &o) const {
    if (buffer_estimates.size() != o.buffer_estimates.size()) return false;
    for (size_t d = 0; d < buffer_estimates.size(); d++) {
        const Range &a = buffer_estimates[d], &b = o.buffer_estimates[d];
        if (!same(a.min, b.min) || !same(a.extent, b.extent)) return false;
    }
    return same(scalar_def, o.scalar_def) && same(scalar_min, o.scalar_min) && same(scalar_max, o.scalar_max) &&
           same(scalar_estimate, o.scalar_estimate);
}

Argument::Argument() = default;

Argument::Argument(const std::string &name, Kind kind, const Type &type, int dimensions,
                   const ArgumentEstimates &estimates)
    : name(name), kind(kind), dimensions(static_cast<uint8_t>(dimensions)), type(type), argument_estimates(estimates) {
}

bool Argument::operator==(const Argument &o) const {
    return name == o.name && kind == o.kind && dimensions == o.dimensions && type == o.type &&
           argument_estimates == o.argument_estimates;
}

}  // namespace heddle
