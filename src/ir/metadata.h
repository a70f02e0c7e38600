#pragma once
// What a kernel tells about itself: the contents of halide_filter_metadata_t, before a code generator lays them out.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ir/module.h"

namespace heddle::Internal {

/** A halide_filter_argument_t with values in place of pointers to them. */
struct ArgumentMetadata {
    std::string name;
    int kind = 0;        ///< halide_argument_kind_t
    int dimensions = 0;  ///< 0 for a scalar
    halide_type_t type;
    /** The low bytes of a halide_scalar_value_t; of a scalar only, and where it is known. */
    std::optional<uint64_t> scalar_def, scalar_min, scalar_max, scalar_estimate;
    /** min and extent of each dimension of a buffer, where they are known; empty when none is. */
    std::vector<std::optional<int64_t>> buffer_estimates;
};

struct KernelMetadata {
    static constexpr int version = 1;
    std::vector<ArgumentMetadata> arguments;
    std::string target, name;
};

KernelMetadata metadata_of(const LoweredFunction &f, const Target &target);

}  // namespace heddle::Internal
