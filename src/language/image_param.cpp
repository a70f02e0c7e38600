#include "heddle/image_param.h"

#include "heddle/func.h"
#include "ir/rewrite.h"
#include "language/define.h"
#include "language/implicit.h"
#include "language/parameter.h"

namespace heddle {

using namespace Internal;

HEDDLE_DEFINE_SPECIAL_MEMBERS(OutputImageParam);
HEDDLE_DEFINE_SPECIAL_MEMBERS(ImageParam);

namespace Internal {

HEDDLE_DEFINE_SPECIAL_MEMBERS(Dimension);

Dimension::Dimension(std::shared_ptr<ParameterContents> p, int d)
    : parameter_(std::move(p)), d_(d) {
    if (d < 0 || d >= parameter_->dimensions) {
        refuse(241, parameter_->name, {},
               concat(parameter_->name, " has ", parameter_->dimensions, " dimension(s), none of number ", d));
    }
}

Expr Dimension::min() const {
    return Variable::make(Int(32), parameter_->dim_symbols[static_cast<size_t>(d_)].min, parameter_);
}

Expr Dimension::extent() const {
    return Variable::make(Int(32), parameter_->dim_symbols[static_cast<size_t>(d_)].extent, parameter_);
}

Expr Dimension::stride() const {
    return Variable::make(Int(32), parameter_->dim_symbols[static_cast<size_t>(d_)].stride, parameter_);
}

Expr Dimension::max() const {
    return Sub::make(Add::make(min(), extent()), Expr(1));
}

namespace {

std::vector<std::shared_ptr<const ParameterContents>> owned_parameters(const Expr &e) {
    std::vector<std::shared_ptr<const ParameterContents>> found;
    const auto look = [&](const Owner &owner) {
        if (auto p = std::dynamic_pointer_cast<const ParameterContents>(owner)) found.push_back(std::move(p));
    };
    if (e.defined()) {
        walk_graph(
            e, [&](const Variable &v) { look(v.owner); }, [&](const Access &a) { look(a.owner); });
    }
    return found;
}

// Whether what constrains `p` keeps `other` alive. There are no circles, so that this ends.
bool owns(const ParameterContents &p, const ParameterContents &other) {
    if (&p == &other) return true;
    for (const BufferConstraint &c : p.constraints) {
        for (const Expr &e : {c.min, c.extent, c.stride, c.min_estimate, c.extent_estimate}) {
            for (const auto &next : owned_parameters(e)) {
                if (owns(*next, other)) return true;
            }
        }
    }
    return false;
}

}  // namespace

// The constraint as it is stored: an int32 that does not keep its own parameter alive.
Expr Dimension::constraint(const Expr &e, const char *what) const {
    if (!e.defined()) return e;
    if (!e.type().is_scalar() || !e.type().is_int_or_uint()) {
        refuse(242, parameter_->name, {},
               concat("the ", what, " of dimension ", d_, " of ", parameter_->name, " cannot be of type ",
                      to_string(e.type())));
    }
    // Neither may the image own itself, nor two images each other.
    Expr stored = without_owner(e, *parameter_);
    for (const auto &other : owned_parameters(stored)) {
        if (owns(*other, *parameter_)) stored = without_owner(stored, *other);
    }
    return stored.type() == Int(32) ? stored : Cast::make(Int(32), stored);
}

Dimension Dimension::set_min(const Expr &e) {
    parameter_->constraints[static_cast<size_t>(d_)].min = constraint(e, "min");
    parameter_->changes++;
    return *this;
}

Dimension Dimension::set_extent(const Expr &e) {
    parameter_->constraints[static_cast<size_t>(d_)].extent = constraint(e, "extent");
    parameter_->changes++;
    return *this;
}

Dimension Dimension::set_stride(const Expr &e) {
    parameter_->constraints[static_cast<size_t>(d_)].stride = constraint(e, "stride");
    parameter_->changes++;
    return *this;
}

Dimension Dimension::set_bounds(const Expr &min, const Expr &extent) {
    return set_min(min).set_extent(extent);
}

Dimension Dimension::set_estimate(const Expr &min, const Expr &extent) {
    auto &c = parameter_->constraints[static_cast<size_t>(d_)];
    c.min_estimate = constraint(min, "min estimate");
    c.extent_estimate = constraint(extent, "extent estimate");
    return *this;
}

Expr Dimension::min_estimate() const {
    return parameter_->constraints[static_cast<size_t>(d_)].min_estimate;
}

Expr Dimension::extent_estimate() const {
    return parameter_->constraints[static_cast<size_t>(d_)].extent_estimate;
}

Dimension Dimension::dim(int i) const {
    return Dimension(parameter_, i);
}

}  // namespace Internal

OutputImageParam::OutputImageParam() = default;

OutputImageParam::OutputImageParam(std::shared_ptr<ParameterContents> p, Argument::Kind kind)
    : parameter_(std::move(p)), kind_(kind) {
}

ParameterContents &OutputImageParam::checked() const {
    if (!parameter_) refuse(240, "", {}, "an undefined ImageParam is used");
    return *parameter_;
}

const std::string &OutputImageParam::name() const {
    return checked().name;
}

Type OutputImageParam::type() const {
    return checked().type;
}

int OutputImageParam::dimensions() const {
    return checked().dimensions;
}

Dimension OutputImageParam::dim(int i) const {
    checked();
    return Dimension(parameter_, i);
}

int OutputImageParam::host_alignment() const {
    const ParameterContents &p = checked();
    return p.host_alignment ? p.host_alignment : p.type.bytes();
}

OutputImageParam &OutputImageParam::set_host_alignment(int bytes) {
    if (bytes <= 0 || (bytes & (bytes - 1))) {
        refuse(243, checked().name, {},
               concat("the host alignment of ", checked().name, " cannot be ", bytes, ": it is no power of two"));
    }
    checked().host_alignment = bytes;
    checked().changes++;
    return *this;
}

Expr OutputImageParam::left() const {
    return dim(0).min();
}
Expr OutputImageParam::right() const {
    return dim(0).max();
}
Expr OutputImageParam::top() const {
    return dim(1).min();
}
Expr OutputImageParam::bottom() const {
    return dim(1).max();
}
Expr OutputImageParam::width() const {
    return dim(0).extent();
}
Expr OutputImageParam::height() const {
    return dim(1).extent();
}
Expr OutputImageParam::channels() const {
    return dim(2).extent();
}

OutputImageParam &OutputImageParam::set_estimates(const Region &estimates) {
    if (static_cast<int>(estimates.size()) != dimensions()) {
        refuse(241, name(), {},
               concat(name(), " has ", dimensions(), " dimension(s), but ", estimates.size(), " estimates are given"));
    }
    for (size_t d = 0; d < estimates.size(); d++) {
        dim(static_cast<int>(d)).set_estimate(estimates[d].min, estimates[d].extent);
    }
    return *this;
}

OutputImageParam &OutputImageParam::store_in(MemoryType memory) {
    checked().memory = memory;
    return *this;
}

OutputImageParam &OutputImageParam::trace_loads() {
    checked().trace_loads = true;
    checked().changes++;
    return *this;
}

OutputImageParam &OutputImageParam::add_trace_tag(const std::string &tag) {
    checked().trace_tags.push_back(tag);
    checked().changes++;
    return *this;
}

OutputImageParam::operator Argument() const {
    const ParameterContents &p = checked();
    ArgumentEstimates estimates;
    for (const auto &c : p.constraints) estimates.buffer_estimates.push_back({c.min_estimate, c.extent_estimate});
    return Argument(p.name, kind_, p.type, p.dimensions, std::move(estimates));
}

ImageParam::ImageParam() = default;

ImageParam::ImageParam(std::shared_ptr<ParameterContents> p)
    : OutputImageParam(std::move(p), Argument::InputBuffer) {
}

ImageParam::ImageParam(const Parameter &p, const Func &)
    : ImageParam(std::shared_ptr<ParameterContents>(p)) {
}

ImageParam::ImageParam(Type t, int dimensions)
    : ImageParam(t, dimensions, unique_name("im")) {
}

ImageParam::ImageParam(Type t, int dimensions, const std::string &name)
    : OutputImageParam(nullptr, Argument::InputBuffer) {
    if (dimensions < 0 || t.bits() == 0 || !t.is_scalar()) {
        refuse(241, name, {}, concat("ImageParam ", name, " of ", to_string(t), " with ", dimensions, " dimension(s)"));
    }
    parameter_ = ParameterContents::create(t, true, dimensions, name.empty() ? unique_name("im") : name);
}

void ImageParam::set(const Buffer<> &b) {
    ParameterContents &p = checked();
    if (b.defined() && Type(b.type()) != p.type) {
        refuse(244, p.name, {},
               concat("a Buffer of ", to_string(b.type()), " is set as ImageParam ", p.name, " of ", to_string(p.type)));
    }
    p.buffer = b;
}

Buffer<> ImageParam::get() const {
    return checked().buffer;
}

void ImageParam::reset() {
    checked().buffer = Buffer<>();
}

Expr ImageParam::operator()() const {
    return at({});
}

Expr ImageParam::operator()(const Expr &a) const {
    return at({a});
}

Expr ImageParam::operator()(const Expr &a, const Expr &b) const {
    return at({a, b});
}

Expr ImageParam::operator()(const Expr &a, const Expr &b, const Expr &c) const {
    return at({a, b, c});
}

Expr ImageParam::operator()(const std::vector<Var> &args) const {
    return at(std::vector<Expr>(args.begin(), args.end()));
}

Expr ImageParam::at(const std::vector<Expr> &args) const {
    const ParameterContents &p = checked();
    const size_t dims = static_cast<size_t>(p.dimensions);
    const ExprList full = expand_placeholder("ImageParam", p.name, args, dims, {});
    return Access::make(p.type, p.symbol, checked_call_args("ImageParam", p.name, dims, full, {}), 0, parameter_);
}

ImageParam::operator Func() const {
    checked();
    return Func(func_of_image(parameter_));
}

}  // namespace heddle
