// The public Parameter.

#include "heddle/parameter.h"

#include "heddle/image_param.h"
#include "heddle/param.h"
#include "language/define.h"
#include "language/operands.h"
#include "language/parameter.h"
#include "language/reachable.h"

namespace heddle {

using namespace Internal;

HEDDLE_DEFINE_SPECIAL_MEMBERS(BufferConstraint);
HEDDLE_DEFINE_SPECIAL_MEMBERS(Parameter);

BufferConstraint::BufferConstraint() = default;

Parameter::Parameter() = default;

Parameter::Parameter(std::shared_ptr<ParameterContents> contents)
    : contents_(std::move(contents)) {
}

Parameter::Parameter(const Type &t, bool is_buffer, int dimensions)
    : Parameter(t, is_buffer, dimensions, unique_name(is_buffer ? "im" : "p")) {
}

Parameter::Parameter(const Type &t, bool is_buffer, int dimensions, const std::string &name) {
    if (is_buffer) {
        contents_ = ImageParam(t, dimensions, name).parameter();
    } else if (dimensions != 0) {
        refuse(241, name, {}, concat("Parameter ", name, " is a scalar with ", dimensions, " dimension(s)"));
    } else {
        contents_ = make_scalar_parameter(t, name);
    }
}

namespace {

ParameterContents &checked(const std::shared_ptr<ParameterContents> &p, const char *what) {
    if (!p) refuse(240, "", {}, concat(what, " of an undefined Parameter"));
    return *p;
}

}  // namespace

ParameterContents &Parameter::scalar_contents(const char *what) const {
    ParameterContents &p = checked(contents_, what);
    if (p.is_buffer) refuse(122, p.name, {}, concat(what, " of Parameter ", p.name, ", which is a buffer"));
    return p;
}

ParameterContents &Parameter::buffer_contents(const char *what) const {
    ParameterContents &p = checked(contents_, what);
    if (!p.is_buffer) refuse(122, p.name, {}, concat(what, " of Parameter ", p.name, ", which is a scalar"));
    return p;
}

Type Parameter::type() const {
    return checked(contents_, "the type").type;
}

int Parameter::dimensions() const {
    return checked(contents_, "the dimensions").dimensions;
}

const std::string &Parameter::name() const {
    return checked(contents_, "the name").name;
}

bool Parameter::is_buffer() const {
    return checked(contents_, "the kind").is_buffer;
}

ArgumentEstimates Parameter::get_argument_estimates() const {
    return argument_of(checked(contents_, "estimates")).argument_estimates;
}

// --- scalars

bool Parameter::has_scalar_value() const {
    return contents_ && !contents_->is_buffer && contents_->scalar_set;
}

Expr Parameter::scalar_expr() const {
    const ParameterContents &p = scalar_contents("the value");
    if (!p.scalar_set) refuse(120, p.name, {}, concat("Parameter ", p.name, " has no value"));
    return Scalar{p.type, p.scalar_bits}.as_expr();
}

halide_scalar_value_t Parameter::scalar_data(const Type &wanted) const {
    const ParameterContents &p = scalar_contents("the value");
    check_scalar_type(p, wanted);
    if (!p.scalar_set) refuse(120, p.name, {}, concat("Parameter ", p.name, " has no value"));
    halide_scalar_value_t value{};
    value.u.u64 = p.scalar_bits;
    return value;
}

void Parameter::set_scalar(const Type &type, halide_scalar_value_t value) {
    ParameterContents &p = scalar_contents("the value");
    check_scalar_type(p, type);
    const uint64_t mask = type.bytes() >= 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * type.bytes())) - 1;
    Internal::set_scalar(p, Scalar{type, value.u.u64 & mask});
}

void Parameter::set_min_value(const Expr &e) {
    set_scalar_min(scalar_contents("the min"), e);
}

void Parameter::set_max_value(const Expr &e) {
    set_scalar_max(scalar_contents("the max"), e);
}

Expr Parameter::min_value() const {
    return scalar_contents("the min").min_value;
}

Expr Parameter::max_value() const {
    return scalar_contents("the max").max_value;
}

namespace {

Expr of_type(const ParameterContents &p, const Expr &e, const char *what) {
    if (!e.defined()) return e;
    const Expr value = lossless_cast(p.type, e);
    if (!value.defined()) {
        refuse(123, p.name, {}, concat("the ", what, " of Parameter ", p.name, " must be of type ", to_string(p.type),
                                       ", not ", to_string(e.type())));
    }
    return value;
}

}  // namespace

void Parameter::set_estimate(const Expr &e) {
    ParameterContents &p = scalar_contents("the estimate");
    p.estimate = of_type(p, e, "estimate");
}

Expr Parameter::estimate() const {
    return scalar_contents("the estimate").estimate;
}

void Parameter::set_default_value(const Expr &e) {
    ParameterContents &p = scalar_contents("the default");
    p.default_value = of_type(p, e, "default");
}

Expr Parameter::default_value() const {
    return scalar_contents("the default").default_value;
}

// --- buffers

Buffer<> Parameter::buffer() const {
    return buffer_contents("the Buffer").buffer;
}

void Parameter::set_buffer(const Buffer<> &b) {
    buffer_contents("the Buffer");
    ImageParam(contents_).set(b);
}

BufferConstraint &Parameter::constraint(int dim, const char *what) const {
    ParameterContents &p = buffer_contents(what);
    Dimension(contents_, dim);  // checks the number
    return p.constraints[static_cast<size_t>(dim)];
}

void Parameter::set_min_constraint(int dim, const Expr &e) {
    constraint(dim, "the min");
    Dimension(contents_, dim).set_min(e);
}

void Parameter::set_extent_constraint(int dim, const Expr &e) {
    constraint(dim, "the extent");
    Dimension(contents_, dim).set_extent(e);
}

void Parameter::set_stride_constraint(int dim, const Expr &e) {
    constraint(dim, "the stride");
    Dimension(contents_, dim).set_stride(e);
}

void Parameter::set_min_constraint_estimate(int dim, const Expr &e) {
    const BufferConstraint &c = constraint(dim, "the estimate");
    Dimension(contents_, dim).set_estimate(e, c.extent_estimate);
}

void Parameter::set_extent_constraint_estimate(int dim, const Expr &e) {
    const BufferConstraint &c = constraint(dim, "the estimate");
    Dimension(contents_, dim).set_estimate(c.min_estimate, e);
}

Expr Parameter::min_constraint(int dim) const {
    return constraint(dim, "the min").min;
}

Expr Parameter::extent_constraint(int dim) const {
    return constraint(dim, "the extent").extent;
}

Expr Parameter::stride_constraint(int dim) const {
    return constraint(dim, "the stride").stride;
}

Expr Parameter::min_constraint_estimate(int dim) const {
    return constraint(dim, "the estimate").min_estimate;
}

Expr Parameter::extent_constraint_estimate(int dim) const {
    return constraint(dim, "the estimate").extent_estimate;
}

const std::vector<BufferConstraint> &Parameter::buffer_constraints() const {
    return buffer_contents("the constraints").constraints;
}

void Parameter::set_host_alignment(int bytes) {
    buffer_contents("the alignment");
    OutputImageParam(contents_, Argument::InputBuffer).set_host_alignment(bytes);
}

int Parameter::host_alignment() const {
    buffer_contents("the alignment");
    return OutputImageParam(contents_, Argument::InputBuffer).host_alignment();
}

void Parameter::store_in(MemoryType memory) {
    buffer_contents("the memory").memory = memory;
}

MemoryType Parameter::memory_type() const {
    return buffer_contents("the memory").memory;
}

void Parameter::trace_loads() {
    buffer_contents("tracing");
    OutputImageParam(contents_, Argument::InputBuffer).trace_loads();
}

bool Parameter::is_tracing_loads() const {
    return buffer_contents("tracing").trace_loads;
}

void Parameter::add_trace_tag(const std::string &tag) {
    buffer_contents("tracing");
    OutputImageParam(contents_, Argument::InputBuffer).add_trace_tag(tag);
}

std::vector<std::string> Parameter::get_trace_tags() const {
    return buffer_contents("tracing").trace_tags;
}

}  // namespace heddle
