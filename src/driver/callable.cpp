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

}  // namespace

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
    std::vector<void *> values(c.code->arguments.size());
    for (size_t i = 1; i < values.size(); i++) {
        const ArgumentSource &s = c.code->arguments[i];
        if (s.kind == ArgumentSource::Kind::Listed) {
            values[i] = const_cast<void *>(actual[s.index].value);
        } else if (s.kind == ArgumentSource::Kind::Output) {
            values[i] = const_cast<void *>(actual[c.listed + s.index].value);
        } else if (s.parameter && s.parameter->is_buffer && s.parameter->buffer.defined()) {
            values[i] = const_cast<halide_buffer_t *>(s.parameter->buffer.get()->raw_buffer());
        }
    }
    return call.finish(c.code->run(call.context(), values));
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
