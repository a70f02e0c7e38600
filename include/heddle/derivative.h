#pragma once
// Reverse-mode differentiation: from the derivatives of a number with respect to the values of a Func to those
// with respect to all Funcs, images and Params that the Func depends on.
//
//   Func loss("loss"); RDom r(...); loss() += (model(r.x) - truth(r.x)) * (model(r.x) - truth(r.x));
//   Derivative d = propagate_adjoints(loss);
//   Func slope = d(weights);            // of loss, with respect to each element of weights
//
// The derivatives are Funcs, with 0 where nothing depends on an element; those that have updates are
// computed at root unless they are scheduled otherwise. Values that are no floats have no derivative; select,
// min and max pass it to what they choose (of equal values: to both, as in Halide). Updates may add to elements (+= of what does not read the Func),
// reduce (every argument is a Var; the values on the way are recorded in a Func of one more dimension), or write
// each element once, as a recurrence that reads elements a constant number of steps away; others are refused.
// Errors are CompileErrors HD0293 to HD0295 that name the Func.

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "heddle/buffer.h"
#include "heddle/func.h"
#include "heddle/image_param.h"
#include "heddle/param.h"
#include "heddle/rdom.h"

namespace heddle {

namespace Internal {
struct Adjoints;
}

class Derivative {
public:
    /** Name and update: -1 is the value that the pure definition gives, i the one after update i. */
    using FuncKey = std::pair<std::string, int>;

    explicit Derivative(const std::map<FuncKey, Func> &adjoints);
    HEDDLE_SPECIAL_MEMBERS(Derivative);

    // An undefined Func when nothing depends on it.
    Func operator()(const Func &func, int update_id = -1) const;
    Func operator()(const Buffer<> &buffer) const;
    Func operator()(const OutputImageParam &image) const;
    Func operator()(const Param<> &param) const;
    Func operator()(const std::string &name) const;

private:
    Func find(const std::string &name, int update_id) const;
    std::shared_ptr<const Internal::Adjoints> adjoints_;
};

/** adjoint(x, ...) is the derivative with respect to output(x, ...), of which the part within bounds counts. */
Derivative propagate_adjoints(const Func &output, const Func &adjoint, const Region &bounds);
/** The same with a Buffer, whose region counts. */
Derivative propagate_adjoints(const Func &output, const Buffer<float> &adjoint);
/** Of output itself, which is a number: no dimensions, or the element at 0. */
Derivative propagate_adjoints(const Func &output);

}  // namespace heddle
