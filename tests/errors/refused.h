#pragma once
// One program of a user for each code of docs/errors.md. The whole text of the error stands in errors/HDnnnn.txt;
// tests/structure/error_codes.py sees to it that each code has one.

#include <functional>

#include "heddle/heddle.h"

namespace heddle::testing {

/** `call` must end in an error of this code, with the text of errors/HDnnnn.txt. In it the place is the name of the
    file only, and what differs from machine to machine has other names. */
void expect_refused(int code, const std::function<void()> &call);

/** A variable of the environment for as long as it lives. */
class Environment {
public:
    Environment(const char *name, const std::string &value);
    ~Environment();

private:
    const char *name_;
};

}  // namespace heddle::testing

#define REFUSED(code, ...) ::heddle::testing::expect_refused(code, [&] { __VA_ARGS__; })
