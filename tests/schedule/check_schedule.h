#pragma once
// What every schedule test checks besides its own matter: a schedule survives the way through a file.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "heddle/func.h"
#include "schedule/collect.h"
#include "schedule/print_nest.h"

namespace heddle::testing {

/** Collects what was recorded for `outputs`, writes it as JSON, reads that, applies it, and expects the same
    value, the same text and the same loop nests. Returns the text. */
std::string check_round_trip(const std::vector<Func> &outputs);

/** The Diagnostic that `call` throws as a CompileError; an empty one, and a failure, when it throws none. */
Diagnostic refusal_of(const std::function<void()> &call);

/** All loop nests of these outputs. */
std::string loop_nests(const std::vector<Func> &outputs);

}  // namespace heddle::testing
