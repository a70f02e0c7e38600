#include "heddle/callable.h"

#include "driver/callable_contents.h"
#include "language/define.h"

namespace heddle {

using namespace Internal;

HEDDLE_DEFINE_SPECIAL_MEMBERS(Callable);

Callable::Callable() = default;

Callable::Callable(std::shared_ptr<CallableContents> c)
    : contents_(std::move(c)) {
}

namespace {

std::string describe(const ActualArgument &a) {
    if (a.is_buffer) return a.type_known ? "a Buffer of " + to_string(Type(a.type)) : "a Buffer";
    return "a scalar of " + to_string(Type(a.type));
}

// Empty, or what is wrong with the arguments of a call.
std::string misfit(const CallableContents &c, const ActualArgument *actual, size_t count, bool deep) {
    if (count != c.arguments.size()) {
        return concat("the Callable ", c.name, " takes ", c.arguments.size(), " argument(s), but is given ", count);
    }
    for (size_t i = 0; i < count; i++) {
        const Argument &want = c.arguments[i];
        const ActualArgument &a = actual[i];
        bool fits = a.is_buffer == want.is_buffer();
        if (fits && !a.is_buffer) fits = Type(a.type).element_of() == want.type;
        // At a call the kernel itself checks the Buffers that it gets.
        if (fits && a.is_buffer && deep) {
            fits = (!a.type_known || Type(a.type).element_of() == want.type) &&
                   (a.dimensions < 0 || a.dimensions == want.dimensions);
        }
        if (!fits) {
            return concat("argument ", i, " of the Callable ", c.name, ", ", want.name, ", is ",
                          want.is_buffer() ? "a Buffer" : "a scalar", " of ", to_string(want.type), ", but is given ",
                          describe(a));
        }
    }
    return {};
}

// value_of(i) is argument i of the call: a halide_buffer_t, or the address of a scalar.
template<typename F>
int run(const CallableContents &c, JITCall &call, const F &value_of) {
    std::vector<void *> values(c.code->arguments.size());
    for (size_t i = 1; i < values.size(); i++) {
        const ArgumentSource &s = c.code->arguments[i];
        if (s.kind == ArgumentSource::Kind::Listed) {
            values[i] = const_cast<void *>(value_of(s.index));
        } else if (s.kind == ArgumentSource::Kind::Output) {
            values[i] = const_cast<void *>(value_of(c.listed + s.index));
        } else if (s.parameter && s.parameter->is_buffer && s.parameter->buffer.defined()) {
            values[i] = const_cast<halide_buffer_t *>(s.parameter->buffer.get()->raw_buffer());
        }
    }
    return call.finish(c.code->run(call.context(), values));
}

}  // namespace

int Callable::call_argv_fast(size_t argc, const void *const *argv) const {
    if (!contents_) refuse(268, "", {}, "an undefined Callable is called");
    const CallableContents &c = *contents_;
    if (argc != c.arguments.size() + 1) {
        refuse(269, c.name, {},
               concat("the Callable ", c.name, " takes ", c.arguments.size(), " argument(s) behind the context, but is given ",
                      argc, " in all"));
    }
    JITCall call(*static_cast<JITUserContext *const *>(argv[0]), c.handlers);
    return run(c, call, [&](size_t i) { return argv[i + 1]; });
}

int Callable::call(JITUserContext *context, const ActualArgument *actual, size_t count) const {
    if (!contents_) refuse(268, "", {}, "an undefined Callable is called");
    const CallableContents &c = *contents_;
    JITCall call(context, c.handlers);
    if (const std::string what = misfit(c, actual, count, false); !what.empty()) {
        Diagnostic d;
        d.code = 269;
        d.message = what;
        if (call.context()->handlers.custom_error) {
            call.context()->handlers.custom_error(call.context(), d.render().c_str());
            return halide_error_code_generic_error;
        }
        throw RuntimeError(std::move(d));
    }
    return run(c, call, [&](size_t i) { return actual[i].value; });
}

void Callable::check(const ActualArgument *actual, size_t count) const {
    if (!contents_) refuse(268, "", {}, "an undefined Callable is used");
    if (const std::string what = misfit(*contents_, actual, count, true); !what.empty()) {
        refuse(269, contents_->name, {}, what);
    }
}

const std::vector<Argument> &Callable::arguments() const {
    if (!contents_) refuse(268, "", {}, "an undefined Callable is used");
    return contents_->arguments;
}

}  // namespace heddle
