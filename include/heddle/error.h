#pragma once
// Errors as data. Every refusal carries a Diagnostic; the classes say whose mistake it is.

#include <memory>
#include <source_location>
#include <stdexcept>
#include <string>
#include <vector>

#include "heddle/special_members.h"

namespace heddle {

/** Where in the user's program (or in a schedule file) something was said. */
struct SourceLocation {
    std::string file;     ///< source file, or path of a schedule file; empty when unknown
    int line = 0;         ///< 1-based; 0 when unknown
    std::string pointer;  ///< JSON pointer when `file` is a schedule file

    SourceLocation() = default;
    SourceLocation(const std::source_location &l);
    HEDDLE_SPECIAL_MEMBERS(SourceLocation);
    bool known() const {
        return !file.empty();
    }
};

/** One refusal: what was asked, where, why not, and a way out. */
struct Diagnostic {
    int code = 0;         ///< the number in HD0123; each has a line in docs/errors.md
    std::string message;  ///< names the Func, the loop and the reason
    SourceLocation location;
    std::string directive;           ///< e.g. "vectorize(x, 8)"; empty when none was involved
    std::string func;                ///< display name of the Func at fault
    std::string var;                 ///< the loop or parameter at fault
    std::vector<std::string> notes;  ///< e.g. the loop nest with the loop marked
    std::string hint;                ///< a legal alternative

    /** `file:line: error HD0123: directive on func: message`, the notes, then the hint. */
    std::string render() const;
};

/** Base of all errors. */
class Error : public std::runtime_error {
public:
    explicit Error(Diagnostic d);
    const Diagnostic &diagnostic() const {
        return *diagnostic_;
    }

private:
    std::shared_ptr<const Diagnostic> diagnostic_;
};

/** The program or schedule is not legal. */
class CompileError : public Error {
public:
    /** With a CompileTimeErrorReporter, the reporter gets the error and nothing is thrown. */
    explicit CompileError(Diagnostic d);
    explicit CompileError(const std::string &message);
};

/** A compiled pipeline refused its inputs or failed while it ran. */
class RuntimeError : public Error {
public:
    using Error::Error;
    explicit RuntimeError(const std::string &message);
};

/** A bug in Heddle itself. */
class InternalError : public Error {
public:
    using Error::Error;
    explicit InternalError(const std::string &message);
};

/** Takes errors of the program and of Heddle itself in place of exceptions, for programs that must not
    throw. error() must not return: the process ends when it does. */
class CompileTimeErrorReporter {
public:
    virtual ~CompileTimeErrorReporter() = default;
    virtual void warning(const char *message) = 0;
    virtual void error(const char *message) = 0;
};

/** For the whole process; null: errors are thrown. The reporter must live as long as it is set. */
void set_custom_compile_time_error_reporter(CompileTimeErrorReporter *reporter);

}  // namespace heddle
