// docs/errors.md has a line for every code that the sources use.

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path &path) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

TEST(ErrorsPage, NamesEveryCode) {
    const fs::path root = HEDDLE_SOURCE_DIR;
    const std::string page = text_of(root / "docs/errors.md");
    // refuse...(123, ...), fail(123, ...), file_error(123, ...), Refusal{123, ...}, d.code = 123
    const std::regex use(
        R"((?:\b(?:refuse\w*|fail|file_error)\(|\bRefusal(?: \w+)?\{|\bcode = )\s*(\d{3})\b)");
    std::map<std::string, std::string> codes;  // code → where it is used
    for (const auto &entry : fs::recursive_directory_iterator(root / "src")) {
        const std::string extension = entry.path().extension().string();
        if (extension != ".cpp" && extension != ".h") continue;
        const std::string source = text_of(entry.path());
        for (std::sregex_iterator m(source.begin(), source.end(), use), end; m != end; ++m) {
            codes["HD0" + (*m)[1].str()] = entry.path().filename().string();
        }
    }
    EXPECT_GT(codes.size(), 90u);
    for (const auto &[code, file] : codes) {
        EXPECT_NE(page.find("| " + code + " |"), std::string::npos) << code << " of " << file;
    }
}

}  // namespace
