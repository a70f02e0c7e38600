#pragma once
// nest → nest. A Realize around a serial loop in which a window of constant size moves along one dimension
// keeps only that window: the coordinate is taken modulo a power of two that is no smaller than the window.
// What directives say of storage (PassContext::storage) is done here, too: fold_storage with its own factor, or
// refused (HD0454), a window that is not known to fit being checked by the kernel; then bound_storage, with a check,
// and align_storage; last split_storage, by which coordinates and bounds become those of the parts.
// While accesses are still multi-dimensional, and after sliding windows, which make the folding worth it.

#include "lower/pass.h"

namespace heddle::Internal {

Stmt storage_folding(const Stmt &s, PassContext &context);

}  // namespace heddle::Internal
