#include "errors/refused.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <regex>

#include <gtest/gtest.h>

#include "support_lib/golden.h"

namespace heddle::testing {

namespace {

std::string replaced(std::string text, const std::string &what, const std::string &with) {
    for (size_t at = 0; !what.empty() && (at = text.find(what, at)) != std::string::npos; at += with.size()) text.replace(at, what.size(), with);
    return text;
}

}  // namespace

void expect_refused(int code, const std::function<void()> &call) {
    char name[8];
    std::snprintf(name, sizeof(name), "HD%04d", code);
    Diagnostic d;
    try {
        call();
        ADD_FAILURE() << name << ": nothing was refused";
        return;
    } catch (const Error &e) {
        d = e.diagnostic();
    }
    EXPECT_EQ(d.code, code) << d.render();
    if (d.location.known() && d.location.pointer.empty()) {
        EXPECT_GT(d.location.line, 0);
        d.location.file = std::filesystem::path(d.location.file).filename();
    }
    std::string text = d.render();
    text = std::regex_replace(text, std::regex("(_errors[.]cpp):[0-9]+:"), "$1:");
    // Names that were there before are told apart by numbers, which depend on the tests that ran before.
    text = std::regex_replace(text, std::regex("[$][0-9]+"), "");
    text = replaced(text, get_host_target().to_string(), "HOST");
    expect_golden(std::string("errors/") + name + ".txt", text + "\n");
}

Environment::Environment(const char *name, const std::string &value)
    : name_(name) {
    setenv(name, value.c_str(), 1);
}
Environment::~Environment() {
    unsetenv(name_);
}

}  // namespace heddle::testing
