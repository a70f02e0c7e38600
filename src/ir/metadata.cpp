#include "ir/metadata.h"

#include <algorithm>
#include <bit>

namespace heddle::Internal {

namespace {

std::optional<uint64_t> scalar_bits(const Expr &e) {
    int64_t i = 0;
    double d = 0;
    if (!e.defined()) return {};
    if (const UIntImm *u = e.as<UIntImm>()) return u->value;
    if (as_const_int(e, &i)) return wrap_unsigned(static_cast<uint64_t>(i), e.type().bits());
    if (as_const_float(e, &d) && e.type().bits() == 32) return std::bit_cast<uint32_t>(static_cast<float>(d));
    if (as_const_float(e, &d) && e.type().bits() == 64) return std::bit_cast<uint64_t>(d);
    return {};
}

ArgumentMetadata metadata_of(const Argument &a) {
    ArgumentMetadata m;
    m.name = a.name;
    m.kind = a.kind;
    m.type = halide_type_t(a.type.code(), static_cast<uint8_t>(a.type.bits()));
    const ArgumentEstimates &e = a.argument_estimates;
    if (a.is_scalar()) {
        m.scalar_def = scalar_bits(e.scalar_def);
        m.scalar_min = scalar_bits(e.scalar_min);
        m.scalar_max = scalar_bits(e.scalar_max);
        m.scalar_estimate = scalar_bits(e.scalar_estimate);
        return m;
    }
    m.dimensions = a.dimensions;
    for (const auto &dim : e.buffer_estimates) {
        for (const Expr &bound : {dim.min, dim.extent}) {
            int64_t v = 0;
            const bool known = bound.defined() && as_const_int(bound, &v);
            m.buffer_estimates.push_back(known ? std::optional<int64_t>(v) : std::nullopt);
        }
    }
    if (std::none_of(m.buffer_estimates.begin(), m.buffer_estimates.end(), [](const auto &v) { return v.has_value(); })) {
        m.buffer_estimates.clear();
    }
    return m;
}

}  // namespace

KernelMetadata metadata_of(const LoweredFunction &f, const Target &target) {
    KernelMetadata m;
    for (const LoweredArgument &a : f.args) m.arguments.push_back(metadata_of(a.argument));
    m.target = target.to_string();
    m.name = f.name;
    return m;
}

}  // namespace heddle::Internal
