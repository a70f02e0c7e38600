#include "support_lib/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace heddle::testing {

namespace {

namespace fs = std::filesystem;

fs::path data(const std::string &path) {
    return fs::path(HEDDLE_TEST_DATA) / path;
}

bool blessing() {
    const char *value = std::getenv("HEDDLE_BLESS");
    return value && *value && std::string(value) != "0";
}

bool read(const fs::path &path, std::string &text) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return false;
    std::ostringstream all;
    all << in.rdbuf();
    text = all.str();
    return true;
}

void write(const fs::path &path, const std::string &text) {
    fs::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary);
    out << text;
    ASSERT_TRUE(out.good()) << "cannot write " << path;
}

std::vector<std::string> lines_of(const std::string &text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    if (!text.empty() && text.back() != '\n') lines.push_back("\\ no newline at the end");
    return lines;
}

// One entry per line of the merged text: ' ' in both, '-' expected only, '+' actual only.
using Script = std::vector<std::pair<char, std::string>>;

// By the longest common subsequence; golden texts are short.
Script edit_script(const std::vector<std::string> &a, const std::vector<std::string> &b) {
    std::vector<std::vector<int>> common(a.size() + 1, std::vector<int>(b.size() + 1, 0));
    for (size_t i = a.size(); i-- > 0;) {
        for (size_t j = b.size(); j-- > 0;) {
            common[i][j] = a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
        }
    }
    Script script;
    size_t i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
        if (i < a.size() && j < b.size() && a[i] == b[j]) {
            script.emplace_back(' ', a[i++]);
            j++;
        } else if (j == b.size() || (i < a.size() && common[i + 1][j] >= common[i][j + 1])) {
            script.emplace_back('-', a[i++]);
        } else {
            script.emplace_back('+', b[j++]);
        }
    }
    return script;
}

}  // namespace

std::string unified_diff(const std::string &expected, const std::string &actual) {
    if (expected == actual) return {};
    const Script script = edit_script(lines_of(expected), lines_of(actual));
    constexpr size_t around = 3;
    std::vector<bool> shown(script.size(), false);
    for (size_t i = 0; i < script.size(); i++) {
        if (script[i].first == ' ') continue;
        const size_t end = std::min(script.size(), i + around + 1);
        for (size_t k = i < around ? 0 : i - around; k < end; k++) shown[k] = true;
    }
    std::string out = "--- expected\n+++ actual\n";
    int line = 1;
    for (size_t i = 0; i < script.size(); i++) {
        if (shown[i] && (i == 0 || !shown[i - 1])) out += "@@ line " + std::to_string(line) + " @@\n";
        if (shown[i]) out += script[i].first + script[i].second + "\n";
        if (script[i].first != '+') line++;
    }
    return out;
}

void expect_golden(const std::string &path, const std::string &text) {
    if (blessing()) {
        std::string old;
        if (!read(data(path), old) || old != text) write(data(path), text);
        return;
    }
    std::string expected;
    if (!read(data(path), expected)) {
        ADD_FAILURE() << "tests/" << path << " is missing; run again with HEDDLE_BLESS=1 to write it. The text is:\n"
                      << text;
        return;
    }
    if (expected != text) {
        ADD_FAILURE() << "tests/" << path << " differs (HEDDLE_BLESS=1 rewrites it)\n" << unified_diff(expected, text);
    }
}

void check_hir(const std::string &path, const RunPasses &run) {
    std::string file;
    ASSERT_TRUE(read(data(path), file)) << "cannot read tests/" << path;
    const std::string run_marker = "// RUN:", expect_marker = "// EXPECT";
    const size_t run_at = file.find(run_marker);
    ASSERT_NE(run_at, std::string::npos) << "tests/" << path << " has no line '// RUN: pass, pass'";
    const size_t run_end = file.find('\n', run_at);
    std::string names = file.substr(run_at + run_marker.size(), run_end - run_at - run_marker.size());
    std::replace(names.begin(), names.end(), ',', ' ');
    std::vector<std::string> passes;
    std::istringstream words(names);
    for (std::string word; words >> word;) passes.push_back(word);

    size_t expect_at = file.find("\n" + expect_marker);
    if (expect_at == std::string::npos && blessing()) {
        expect_at = file.size();
        file += "\n" + expect_marker + "\n";
    }
    ASSERT_NE(expect_at, std::string::npos) << "tests/" << path << " has no line '// EXPECT'";
    const size_t begin = std::min(file.size(), file.find('\n', expect_at + 1) + 1);
    const std::string actual = run(passes, file.substr(0, expect_at + 1));
    const std::string expected = file.substr(begin);
    if (expected == actual) return;
    if (blessing()) {
        write(data(path), file.substr(0, begin) + actual);
    } else {
        ADD_FAILURE() << "tests/" << path << " differs (HEDDLE_BLESS=1 rewrites it)\n"
                      << unified_diff(expected, actual);
    }
}

std::vector<std::string> golden_files(const std::string &folder, const std::string &extension) {
    std::vector<std::string> files;
    if (!fs::exists(data(folder))) return files;
    for (const auto &entry : fs::directory_iterator(data(folder))) {
        if (entry.path().extension() == extension) files.push_back(folder + "/" + entry.path().filename().string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string test_name(const std::string &path) {
    std::string name = fs::path(path).stem().string();
    for (char &c : name) {
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
    }
    return name;
}

}  // namespace heddle::testing
