#pragma once
// nest → nest. A Realize around a serial loop in which a window of constant size moves along one dimension
// keeps only that window: the coordinate is taken modulo a power of two that is no smaller than the window.
// A fold_storage directive (PassContext::folds) is done with its own factor, or refused: HD0454; a window that is
// not known to fit is checked by the kernel.
// While accesses are still multi-dimensional, and after sliding windows, which make the folding worth it.

#include "lower/pass.h"

namespace heddle::Internal {

Stmt storage_folding(const Stmt &s, PassContext &context);

}  // namespace heddle::Internal
