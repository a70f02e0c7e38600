#pragma once
// Golden texts: what a test expects stands in a file under tests/. HEDDLE_BLESS=1 in the environment
// writes the files instead of comparing; a difference is shown as a unified diff.

#include <functional>
#include <string>
#include <vector>

namespace heddle::testing {

/** Expects `text` to be what the file tests/`path` holds. */
void expect_golden(const std::string &path, const std::string &text);

/** What a pass makes of an input: for check_hir(). */
using RunPasses = std::function<std::string(const std::vector<std::string> &passes, const std::string &input)>;

/** One .hir file: a line `// RUN: pass, pass`, IR, a line `// EXPECT`, and the text that run() gives
    for the IR. Blessing rewrites what follows `// EXPECT`. */
void check_hir(const std::string &path, const RunPasses &run);

/** The files of this extension directly in tests/`folder`, as paths relative to tests/, sorted. */
std::vector<std::string> golden_files(const std::string &folder, const std::string &extension = ".hir");

/** A path below tests/ as a name for a GoogleTest parameter: letters, digits and _. */
std::string test_name(const std::string &path);

/** Lines that differ, with three lines around them; empty when the texts are equal. */
std::string unified_diff(const std::string &expected, const std::string &actual);

}  // namespace heddle::testing
