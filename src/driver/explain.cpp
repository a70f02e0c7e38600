// Pipeline::explain: shapes and values for a kernel that does not run, and the counts as text.

#include "lower/explain.h"

#include "driver/compiled.h"
#include "heddle/func.h"
#include "heddle/pipeline.h"
#include "ir/rewrite.h"
#include "language/define.h"
#include "language/reachable.h"
#include "schedule/derived.h"

namespace heddle {

using namespace Internal;

namespace {

using Extent = KnownArguments::Dim;

[[noreturn]] void refuse_sizes(const Function &f, const std::string &message) {
    refuse(298, f.display_name, f.pure.location, concat("explain of ", f.display_name, ": ", message),
           "give a size for each dimension, as to realize, or set_estimates() of the outputs");
}

// In memory one dimension after the other.
void set_strides(std::vector<Extent> &dims) {
    int64_t stride = 1;
    for (Extent &d : dims) {
        d.stride = stride;
        stride *= d.extent;
    }
}

std::vector<Extent> shape_of_output(const Function &f, const std::vector<int32_t> &sizes) {
    std::vector<Extent> dims;
    if (!sizes.empty() && sizes.size() != f.args.size()) {
        refuse_sizes(f, concat(sizes.size(), " sizes are given, and it has ", f.args.size(), " dimensions"));
    }
    for (size_t d = 0; d < f.args.size(); d++) {
        int64_t min = 0, extent = 0;
        if (!sizes.empty()) {
            extent = sizes[d];
        } else {
            const bool known = d < f.estimates.size() && as_const_int(f.estimates[d].first, &min) &&
                               as_const_int(f.estimates[d].second, &extent);
            if (!known) refuse_sizes(f, concat("there is no estimate for ", f.args[d]));
        }
        if (extent < 0) refuse_sizes(f, concat("the size of ", f.args[d], " is ", extent));
        dims.push_back({min, extent, 0});
    }
    set_strides(dims);
    return dims;
}

// The buffer that is bound now, else the estimates; nothing where neither is known.
std::vector<Extent> shape_of_input(const ParameterContents &p) {
    std::vector<Extent> dims;
    if (p.buffer.defined()) {
        for (int d = 0; d < p.dimensions; d++) dims.push_back({p.buffer.dim(d).min(), p.buffer.dim(d).extent(), p.buffer.dim(d).stride()});
        return dims;
    }
    for (const BufferConstraint &c : p.constraints) {
        Extent dim;
        if (!c.min_estimate.defined() || !as_const_int(c.min_estimate, &dim.min) || !c.extent_estimate.defined() ||
            !as_const_int(c.extent_estimate, &dim.extent)) {
            return {};
        }
        dims.push_back(dim);
    }
    set_strides(dims);
    return dims;
}

std::optional<int64_t> value_of(const ParameterContents &p) {
    int64_t value = 0;
    if (p.type.is_float() || p.type.is_handle()) return {};
    if (p.scalar_set) return static_cast<int64_t>(p.scalar_bits);
    if (p.estimate.defined() && as_const_int(p.estimate, &value)) return value;
    if (p.default_value.defined() && as_const_int(p.default_value, &value)) return value;
    return {};
}

}  // namespace

std::string Pipeline::explain(const std::vector<int32_t> &sizes) const {
    const PipelineContents &p = checked("explain");
    LowerRequest request;
    request.outputs.assign(p.outputs.begin(), p.outputs.end());
    request.name = default_name();
    request.target = get_target_from_environment();
    request.requirements = p.requirements;
    KnownArguments known;
    std::string title = "explain";
    for (const auto &f : p.outputs) {
        if (!f->defined()) refuse(200, f->name, {}, concat("Func ", f->name, " is not defined: it cannot be explained"));
        const std::vector<Extent> dims = shape_of_output(*f, sizes);
        title += (f == p.outputs[0] ? " " : ", ") + f->display_name;
        for (const Extent &d : dims) title += (&d == dims.data() ? " over " : " x ") + std::to_string(d.extent);
        for (size_t k = 0; k < f->types.size(); k++) {
            known.buffers[f->types.size() == 1 ? f->name : concat(f->name, ".", k)] = dims;
        }
    }
    for (const auto &q : parameters_used(functions_scheduled(request.outputs), request.outputs)) {
        if (q->is_buffer) {
            const std::vector<Extent> dims = shape_of_input(*q);
            if (!dims.empty() || q->dimensions == 0) known.buffers[q->name] = dims;
        } else if (const auto value = value_of(*q)) {
            known.scalars[q->name] = *value;
        }
    }
    return Internal::to_string(explain_nest(lower_nest(request), known), title);
}

std::string Func::explain(const std::vector<int32_t> &sizes) const {
    return Pipeline(*this).explain(sizes);
}

}  // namespace heddle
