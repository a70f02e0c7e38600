#pragma once
// One call on every element of arrays, compiled for a target.

#include "kernel.h"

namespace heddle::Internal {

/** out[i] = op(in0[i], …) for 0 <= i < count, `lanes` at a time; count is a multiple of lanes. */
class Elementwise {
public:
    Elementwise(CallOp op, Type element, size_t arguments, size_t count, int lanes, const Target &target = get_host_target())
        : kernel_(target) {
        const Symbol i = Symbol::fresh("i");
        const Type t = element.with_lanes(lanes);
        Expr index = Mul::make(var(i), int32(lanes));
        if (lanes > 1) index = Ramp::make(index, int32(1), lanes);
        ExprList loads;
        for (size_t k = 0; k < arguments; k++) loads.push_back(Load::make(t, kernel_.buffer("in", element), index, {}));
        const Symbol out = kernel_.buffer("out", element, true);
        const auto iterations = static_cast<int64_t>(count) / lanes;
        kernel_.compile(serial(i, int32(iterations), Store::make(out, index, Call::make(t, op, loads), {})));
    }

    /** The error code of the kernel; the last pointer is the output's. */
    int run(std::initializer_list<const void *> arrays) const {
        std::vector<void *> pointers;
        for (const void *p : arrays) pointers.push_back(const_cast<void *>(p));
        return kernel_.run(pointers);
    }

private:
    Kernel kernel_;
};

}  // namespace heddle::Internal
