// Func::define_extern and what is told of such a Func.

#include "heddle/extern_stage.h"

#include "heddle/func.h"
#include "heddle/image_param.h"
#include "ir/rewrite.h"
#include "language/define.h"
#include "language/extern_definition.h"
#include "language/parameter.h"

namespace heddle {

using namespace Internal;

ExternFuncArgument::ExternFuncArgument(std::shared_ptr<Function> f)
    : arg_type(FuncArg), func(std::move(f)) {
}

ExternFuncArgument::ExternFuncArgument(const Func &f)
    : ExternFuncArgument(f.function()) {
}

ExternFuncArgument::ExternFuncArgument(const OutputImageParam &p)
    : ExternFuncArgument(p.parameter()) {
}

HEDDLE_DEFINE_SPECIAL_MEMBERS(ExternFuncArgument);

ExternFuncArgument::ExternFuncArgument() = default;

ExternFuncArgument::ExternFuncArgument(const Parameter &p)
    : arg_type(ImageParamArg), image_param(p) {
}

namespace {

ExprList origin(int dimensions) {
    return ExprList(static_cast<size_t>(dimensions), make_zero(Int(32)));
}

Expr passed(const Expr &access) {
    return Call::make(heddle::Handle(), CallOp::buffer_of, {access});
}

void add_input(const Function &f, const ExternFuncArgument &a, size_t number, ExprList &inputs) {
    using A = ExternFuncArgument;
    const auto refuse_it = [&](const std::string &why) {
        refuse(234, f.name, {}, concat("argument ", number, " of define_extern of ", f.name, " ", why));
    };
    switch (a.arg_type) {
    case A::UndefinedArg: refuse_it("is undefined"); return;
    case A::FuncArg:
        if (!a.func || !a.func->defined()) refuse_it("is a Func that is not defined yet");
        if (a.func.get() == &f) refuse_it("is the Func itself");
        for (size_t k = 0; k < a.func->types.size(); k++) {
            inputs.push_back(passed(Access::make(a.func->types[k], a.func->symbol, origin(a.func->dimensions()),
                                                 static_cast<int>(k), a.func)));
        }
        return;
    case A::BufferArg: {
        if (!a.buffer.defined()) refuse_it("is an undefined Buffer");
        inputs.push_back(passed(a.buffer(origin(a.buffer.dimensions()))));
        return;
    }
    case A::ImageParamArg:
        if (!a.image_param.defined()) refuse_it("is an undefined ImageParam");
        if (!a.image_param.is_buffer()) refuse_it("is a scalar Parameter");
        inputs.push_back(passed(Access::make(a.image_param->type, a.image_param->symbol,
                                             origin(a.image_param->dimensions), 0,
                                             std::shared_ptr<ParameterContents>(a.image_param))));
        return;
    case A::ExprArg:
        if (!a.expr.defined()) refuse_it("is an undefined Expr");
        walk_graph(
            a.expr, [&](const Access &x) { refuse_it("reads " + x.buffer.name() + ": it must be a scalar over parameters"); },
            [&](const Variable &v) {
                if (!parameter_of(v)) refuse_it("uses the variable " + v.symbol.name() + ": it must be a scalar over parameters");
            });
        inputs.push_back(a.expr);
        return;
    }
}

}  // namespace

void Func::define_extern(const std::string &function_name, const std::vector<ExternFuncArgument> &params,
                         const std::vector<Type> &types, const std::vector<Var> &arguments, NameMangling mangling,
                         DeviceAPI device_api) {
    ExprList inputs;
    for (size_t i = 0; i < params.size(); i++) add_input(*function_, params[i], i, inputs);
    define_external(*function_, {function_name, mangling, device_api}, inputs, types,
                    ExprList(arguments.begin(), arguments.end()), {});
}

void Func::define_extern(const std::string &function_name, const std::vector<ExternFuncArgument> &params, Type t,
                         const std::vector<Var> &arguments, NameMangling mangling, DeviceAPI device_api) {
    define_extern(function_name, params, std::vector<Type>{t}, arguments, mangling, device_api);
}

void Func::define_extern(const std::string &function_name, const std::vector<ExternFuncArgument> &params, Type t,
                         int dimensionality, NameMangling mangling, DeviceAPI device_api) {
    define_extern(function_name, params, std::vector<Type>{t}, dimensionality, mangling, device_api);
}

void Func::define_extern(const std::string &function_name, const std::vector<ExternFuncArgument> &params,
                         const std::vector<Type> &types, int dimensionality, NameMangling mangling,
                         DeviceAPI device_api) {
    std::vector<Var> vars;
    for (int d = 0; d < dimensionality; d++) vars.push_back(Var::implicit(d));
    define_extern(function_name, params, types, vars, mangling, device_api);
}

bool Func::is_extern() const {
    return function_->external != nullptr;
}

const std::string &Func::extern_function_name() const {
    if (!function_->external) refuse(236, name(), {}, concat(name(), " is computed by no C function"));
    return function_->external->name;
}

namespace Internal {

const Call &extern_call_of(const Function &f) {
    HEDDLE_ASSERT(f.external, f.name, " is no extern stage");
    return *f.pure.values[0].as<Call>();
}

const Access *passed_on(const Expr &argument) {
    const Call *c = argument.as<Call>();
    return c && c->op == CallOp::buffer_of ? c->args[0].as<Access>() : nullptr;
}

std::string cxx_mangled(const std::string &name, const Types &types, const std::vector<bool> &is_buffer) {
    std::vector<std::string> parts;
    for (size_t at = 0; at <= name.size();) {
        const size_t end = std::min(name.find("::", at), name.size());
        parts.push_back(name.substr(at, end - at));
        at = end + 2;
    }
    const auto counted = [](const std::string &s) { return std::to_string(s.size()) + s; };
    std::string out = "_Z";
    // Prefixes of a nested name can be referred to again, but no type of ours does.
    size_t substitutions = parts.size() - 1;
    if (parts.size() > 1) {
        out += "N";
        for (const std::string &p : parts) out += counted(p);
        out += "E";
    } else {
        out += counted(parts[0]);
    }
    const auto reference = [](size_t n) {
        if (n == 0) return std::string("S_");
        std::string digits;
        for (n--;; n = n / 36 - 1) {
            digits.insert(digits.begin(), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[n % 36]);
            if (n < 36) break;
        }
        return "S" + digits + "_";
    };
    std::string buffer, pointer;  // how the types are called once they have been written out
    for (size_t i = 0; i < types.size(); i++) {
        const Type t = types[i];
        if (is_buffer[i]) {
            out += buffer.empty() ? "P15halide_buffer_t" : buffer;
            if (buffer.empty()) {
                buffer = reference(substitutions + 1);
                substitutions += 2;
            }
        } else if (t.is_handle()) {
            out += pointer.empty() ? "Pv" : pointer;
            if (pointer.empty()) pointer = reference(substitutions++);
        } else if (t.is_float()) {
            out += t.bits() == 64 ? "d" : t.bits() == 32 ? "f" : "Dh";
        } else if (t.is_bool()) {
            out += "b";
        } else {
            const char *names = t.is_int() ? "asil" : "htjm";
            out += names[t.bits() == 8 ? 0 : t.bits() == 16 ? 1 : t.bits() == 32 ? 2 : 3];
        }
    }
    if (types.empty()) out += "v";
    return out;
}

}  // namespace Internal

}  // namespace heddle
