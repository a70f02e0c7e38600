#include "heddle/func.h"

#include "heddle/print.h"
#include "ir/rewrite.h"
#include "language/define.h"
#include "language/implicit.h"
#include "language/parameter.h"

namespace heddle {

using namespace Internal;

HEDDLE_DEFINE_SPECIAL_MEMBERS(Func);

Func::Func()
    : Func(std::string()) {
}

Func::Func(const std::string &name)
    : function_(Function::create(name.empty() ? "f" : name)) {
}

Func::Func(const char *name)
    : Func(std::string(name)) {
}

Func::Func(const Type &required_type, int required_dims, const std::string &name)
    : Func(std::vector<Type>{required_type}, required_dims, name) {
}

Func::Func(const std::vector<Type> &required_types, int required_dims, const std::string &name)
    : Func(name) {
    function_->required_types = required_types;
    function_->required_dims = required_dims;
}

Func::Func(const Expr &e)
    : Func() {
    (*this)(Expr(Var("_"))) = e;
}

Func::Func(std::shared_ptr<Function> f)
    : function_(std::move(f)) {
}

void Func::define_as_buffer(const Buffer<> &b) {
    (*this)(Expr(Var("_"))) = b(Expr(Var("_")));
}

FuncRef Func::at(std::vector<Expr> args, std::source_location location) const {
    return FuncRef(function_, std::move(args), location);
}

FuncRef Func::operator()(const ArgumentAt &a) const {
    return at({a.value}, a.location);
}

FuncRef Func::operator()(const ArgumentAt &a, const Expr &b) const {
    return at({a.value, b}, a.location);
}

FuncRef Func::operator()(const ArgumentAt &a, const Expr &b, const Expr &c) const {
    return at({a.value, b, c}, a.location);
}

FuncRef Func::operator()(const ArgumentAt &a, const Expr &b, const Expr &c, const Expr &d) const {
    return at({a.value, b, c, d}, a.location);
}

FuncRef Func::operator()(std::source_location location) const {
    return at({}, location);
}

FuncRef Func::operator()(const std::vector<Expr> &args, std::source_location location) const {
    return at(args, location);
}

FuncRef Func::operator()(const std::vector<Var> &args, std::source_location location) const {
    return at(std::vector<Expr>(args.begin(), args.end()), location);
}

const std::string &Func::name() const {
    return function_->name;
}

bool Func::defined() const {
    return function_->defined();
}

namespace {

const Function &defined_function(const std::shared_ptr<Function> &f, const char *what) {
    if (!f->defined()) refuse(200, f->name, {}, concat(what, " of Func ", f->name, ", which is not defined"));
    return *f;
}

const Definition &update_of(const std::shared_ptr<Function> &f, int index) {
    if (index < 0 || static_cast<size_t>(index) >= f->updates.size()) {
        refuse(216, f->name, {},
               concat("Func ", f->name, " has ", f->updates.size(), " update definition(s), none of number ", index));
    }
    return f->scheduled(index + 1);
}

}  // namespace

std::vector<Var> Func::args() const {
    std::vector<Var> vars;
    for (const std::string &name : function_->args) vars.emplace_back(name);
    return vars;
}

Expr Func::value() const {
    const Function &f = defined_function(function_, "the value");
    if (f.pure.values.size() != 1) {
        refuse(212, f.name, {}, concat("Func ", f.name, " has ", f.pure.values.size(), " values, not one"), "values()");
    }
    return f.pure.values[0];
}

Tuple Func::values() const {
    return Tuple(defined_function(function_, "the values").pure.values);
}

const std::vector<Type> &Func::types() const {
    if (function_->defined()) return function_->types;
    if (!function_->required_types.empty()) return function_->required_types;
    refuse(200, name(), {}, concat("the type of Func ", name(), ", which is not defined"));
}

const Type &Func::type() const {
    const std::vector<Type> &t = types();
    if (t.size() != 1) {
        refuse(212, name(), {}, concat("Func ", name(), " has ", t.size(), " values, not one"), "types()");
    }
    return t[0];
}

int Func::outputs() const {
    return static_cast<int>(function_->defined() ? function_->types.size() : function_->required_types.size());
}

int Func::dimensions() const {
    if (!function_->defined()) return std::max(function_->required_dims, 0);
    return function_->dimensions();
}

bool Func::has_update_definition() const {
    return !function_->updates.empty();
}

int Func::num_update_definitions() const {
    return static_cast<int>(function_->updates.size());
}

const std::vector<Expr> &Func::update_args(int index) const {
    return update_of(function_, index).args;
}

Expr Func::update_value(int index) const {
    const Definition &d = update_of(function_, index);
    if (d.values.size() != 1) {
        refuse(212, name(), {}, concat("Func ", name(), " has ", d.values.size(), " values, not one"),
               "update_values()");
    }
    return d.values[0];
}

Tuple Func::update_values(int index) const {
    return Tuple(update_of(function_, index).values);
}

std::vector<RVar> Func::rvars(int index) const {
    const Definition &d = update_of(function_, index);
    std::vector<RVar> vars;
    if (d.rdom) {
        for (size_t i = 0; i < d.rdom->variables.size(); i++) vars.push_back(RVar(d.rdom, static_cast<int>(i)));
    }
    return vars;
}

Stage Func::update(int index) {
    update_of(function_, index);
    return Stage(function_, index + 1);
}

Func::operator Stage() const {
    defined_function(function_, "a stage");
    return Stage(function_, 0);
}

OutputImageParam Func::output_buffer() const {
    const Function &f = defined_function(function_, "the output");
    if (f.output_parameters.size() != 1) {
        refuse(212, f.name, {}, concat("Func ", f.name, " has ", f.output_parameters.size(), " outputs, not one"),
               "output_buffers()");
    }
    return OutputImageParam(f.output_parameters[0], Argument::OutputBuffer);
}

std::vector<OutputImageParam> Func::output_buffers() const {
    std::vector<OutputImageParam> outputs;
    for (const auto &p : defined_function(function_, "the outputs").output_parameters) {
        outputs.emplace_back(p, Argument::OutputBuffer);
    }
    return outputs;
}

void Internal::check_evaluated(const Expr &e, const Type &t) {
    if (!e.defined()) refuse(210, "", {}, "an undefined Expr is evaluated");
    if (e.type() == t) return;
    refuse(227, "", {}, concat("the value of ", e, ", of type ", to_string(e.type()), ", is wanted as ", to_string(t)),
           concat("cast(", to_string(t), ", ...)"));
}

Func &Func::set_estimate(const Var &var, const Expr &min, const Expr &extent) {
    Function &f = *function_;
    defined_function(function_, "an estimate");
    for (size_t d = 0; d < f.args.size(); d++) {
        if (f.args[d] != var.name()) continue;
        f.estimates.resize(f.args.size());
        f.estimates[d] = {min, extent};
        for (const auto &p : f.output_parameters) {
            OutputImageParam(p, Argument::OutputBuffer).dim(static_cast<int>(d)).set_estimate(min, extent);
        }
        return *this;
    }
    refuse(228, f.name, {}, concat("Func ", f.name, " has no Var ", var.name(), ", for which an estimate is given"));
}

Func &Func::set_estimates(const Region &estimates) {
    const Function &f = defined_function(function_, "estimates");
    if (estimates.size() != f.args.size()) {
        refuse(228, f.name, {},
               concat("Func ", f.name, " has ", f.args.size(), " dimension(s), but ", estimates.size(), " estimates are given"));
    }
    for (size_t d = 0; d < estimates.size(); d++) set_estimate(Var(f.args[d]), estimates[d].min, estimates[d].extent);
    return *this;
}

}  // namespace heddle
