#include "heddle/error.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace heddle {

HEDDLE_DEFINE_SPECIAL_MEMBERS(SourceLocation);

SourceLocation::SourceLocation(const std::source_location &l)
    : file(l.file_name()), line(static_cast<int>(l.line())) {
}

std::string Diagnostic::render() const {
    std::string out;
    if (location.known()) {
        out += location.file;
        if (!location.pointer.empty()) {
            out += " at " + location.pointer;
        } else if (location.line > 0) {
            out += ":" + std::to_string(location.line);
        }
        out += ": ";
    }
    out += "error";
    if (code != 0) {
        char text[16];
        std::snprintf(text, sizeof(text), " HD%04d", code);
        out += text;
    }
    out += ": ";
    if (!directive.empty()) {
        out += directive;
        if (!func.empty()) out += " on " + func;
        out += ": ";
    }
    out += message;
    for (const std::string &note : notes) {
        out += "\n" + note;
    }
    if (!hint.empty()) {
        out += "\n  hint: " + hint;
    }
    return out;
}

namespace {

Diagnostic of_message(const std::string &message) {
    Diagnostic d;
    d.message = message;
    return d;
}

std::atomic<CompileTimeErrorReporter *> custom_reporter{nullptr};

void report(const Error &e) {
    CompileTimeErrorReporter *r = custom_reporter;
    if (!r) return;
    r->error(e.what());
    std::abort();
}

}  // namespace

Error::Error(Diagnostic d)
    : std::runtime_error(d.render()), diagnostic_(std::make_shared<const Diagnostic>(std::move(d))) {
}
CompileError::CompileError(Diagnostic d)
    : Error(std::move(d)) {
    report(*this);
}
CompileError::CompileError(const std::string &message)
    : CompileError(of_message(message)) {
}
void set_custom_compile_time_error_reporter(CompileTimeErrorReporter *reporter) {
    custom_reporter = reporter;
}
RuntimeError::RuntimeError(const std::string &message)
    : Error(of_message(message)) {
}
InternalError::InternalError(const std::string &message)
    : Error(of_message(message)) {
}

}  // namespace heddle
