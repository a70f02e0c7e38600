#pragma once
// The code of a refusal, for tests of what is refused.

#include <string>

#include <gtest/gtest.h>

#include "heddle/error.h"

namespace heddle::testing {

/** The code of the E that f throws, whose message contains `part`; 0 when it throws nothing. Anything else that is thrown
    goes on. */
template<typename E = CompileError, typename F>
int code_of(F &&f, const std::string &part = "") {
    try {
        f();
    } catch (const E &e) {
        EXPECT_NE(e.diagnostic().message.find(part), std::string::npos) << e.what();
        return e.diagnostic().code;
    }
    return 0;
}

}  // namespace heddle::testing
