#include "lower/storage_shape.h"

#include <algorithm>

namespace heddle::Internal {

namespace {

size_t dimension(const GraphFunc &p, const std::string &var) {
    return static_cast<size_t>(std::find(p.function->args.begin(), p.function->args.end(), var) -
                               p.function->args.begin());
}

}  // namespace

IntList storage_order(const GraphFunc &p) {
    IntList order;
    const bool split = !p.placement.storage_splits.empty();
    for (size_t d = 0; split && d < p.dimensions(); d++) order.push_back(static_cast<int>(d));
    for (const StorageDim &s : p.placement.storage) {
        if (!split) order.push_back(static_cast<int>(dimension(p, s.var)));
    }
    return order;
}

StorageOrigin storage_origin(const GraphFunc &p) {
    StorageOrigin origin{p.name, p.function->pure.location, std::vector<StorageWish>(p.dimensions())};
    for (size_t d = 0; d < p.dimensions(); d++) origin.dims[d].var = p.function->args[d];
    origin.splits = p.placement.storage_splits;
    for (const StorageDim &s : p.placement.storage) {
        if (!origin.splits.empty()) origin.order.push_back(s.var);
        const size_t d = dimension(p, s.var);
        if (d == p.dimensions()) continue;  // a part of one
        origin.dims[d] = {s.var, s.fold_factor, s.bound, s.alignment};
    }
    if (p.placement.ring_buffer.defined()) {
        origin.dims.emplace_back();  // which copy
        if (!origin.splits.empty()) origin.order.emplace_back();
    }
    return origin;
}

}  // namespace heddle::Internal
