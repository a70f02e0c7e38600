// heddle-opt: reads a statement in text form, runs passes over it, and writes the result as text.
//
//   heddle-opt --passes=flatten_storage,simplify FILE      ("-" or no FILE: standard input)
//   heddle-opt --list                                      the passes in the order of the pipeline
//   heddle-opt --reduce=CHECK FILE                         the smallest statement found for which `CHECK FILE` succeeds
//
// The statement is verified before the first pass and after each; what fails is shown in the IR.

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <system_error>

#include <unistd.h>

#include "heddle/error.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "ir/reduce.h"
#include "ir/substitute.h"
#include "ir/verify.h"
#include "lower/pipeline.h"

namespace {

using namespace heddle;
using namespace heddle::Internal;

// Exists as long as this does.
class TemporaryFile {
public:
    TemporaryFile() {
        std::string pattern = (std::filesystem::temp_directory_path() / "heddle-opt-XXXXXX").string();
        const int file = mkstemp(pattern.data());
        if (file < 0) throw std::system_error(errno, std::generic_category(), pattern);
        close(file);
        path_ = pattern;
    }
    ~TemporaryFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    TemporaryFile(const TemporaryFile &) = delete;
    TemporaryFile &operator=(const TemporaryFile &) = delete;

    void write(const std::string &text) const {
        std::ofstream(path_, std::ios::binary) << text;
    }
    const std::string &path() const {
        return path_;
    }

private:
    std::string path_;
};

void list_passes() {
    for (const Pass &p : passes()) std::cout << p.name << " (" << to_string(p.in) << " to " << to_string(p.out) << "): " << p.doc << "\n";
}

[[noreturn]] void refuse(int code, const std::string &message, const std::string &hint = "", const SourceLocation &where = {}) {
    Diagnostic d;
    d.code = code;
    d.message = message;
    d.hint = hint;
    d.location = where;
    throw CompileError(d);
}

const Pass &pass_named(const std::string &name) {
    auto it = std::find_if(passes().begin(), passes().end(), [&](const Pass &p) { return name == p.name; });
    if (it == passes().end()) refuse(512, "no pass is called " + name, "--list shows all of them");
    return *it;
}

std::string read_all(const std::string &path) {
    if (path == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path)) refuse(501, "cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

Stmt statement_of(const std::string &path) {
    SymbolTable symbols;
    const std::string text = read_all(path);
    try {
        return parse_stmt(text, symbols);
    } catch (const CompileError &e) {  // "line:column: what is wrong"
        const std::string &message = e.diagnostic().message;
        const size_t colon = message.find(':');
        SourceLocation where;
        where.file = path == "-" ? "standard input" : path;
        where.line = std::atoi(message.c_str());
        refuse(513, "column " + message.substr(colon + 1), "", where);
    }
}

void run(const std::string &path, const std::vector<std::string> &names, const std::string &target, bool check) {
    Stmt s = statement_of(path);
    PassContext context;
    if (!target.empty()) context.target = Target(target);
    context.arguments = free_symbols(s);
    std::vector<const Pass *> chosen;
    for (const std::string &name : names) chosen.push_back(&pass_named(name));
    if (check && !chosen.empty()) verify(s, chosen[0]->in);
    for (const Pass *pass : chosen) {
        s = pass->run(s, context);
        if (check) verify(s, pass->out);
    }
    std::cout << s;
}

// The first level at which it is valid, in the order of lowering.
std::optional<Level> level_of(const Stmt &s) {
    for (const Level level : {Level::Nest, Level::Flat, Level::Device}) {
        try {
            verify(s, level);
            return level;
        } catch (const InternalError &) {
            continue;
        }
    }
    return {};
}

// What is valid stays valid.
void reduce_by(const std::string &path, const std::string &check) {
    const Stmt s = statement_of(path);
    const std::optional<Level> level = level_of(s);
    TemporaryFile candidate;
    const auto shows = [&](const Stmt &smaller) {
        try {
            if (level) verify(smaller, *level);
        } catch (const InternalError &) {
            return false;
        }
        candidate.write(to_string(smaller));
        return std::system((check + " '" + candidate.path() + "'").c_str()) == 0;
    };
    if (!shows(s)) refuse(519, "--reduce: the check fails for the statement as it is", "it must succeed for what is to be kept, as `grep -q` does, or `! heddle-opt --passes=…`");
    std::cout << reduce(s, shows);
}

}  // namespace

int main(int argc, char **argv) {
    CLI::App app("Runs lowering passes over IR in text form");
    std::string path = "-", target, check;
    std::vector<std::string> names;
    bool list = false, no_verify = false;
    app.add_option("file", path, "the statement; - for standard input");
    app.add_option("--passes", names, "the passes to run, in this order")->delimiter(',')->allow_extra_args(false);
    app.add_option("--target", target, "the target that passes see");
    app.add_option("--reduce", check, "a command; the statement is made smaller as long as it succeeds, given a file with it");
    app.add_flag("--list", list, "list the passes");
    app.add_flag("--no-verify", no_verify, "do not check the IR before and after each pass");
    CLI11_PARSE(app, argc, argv);
    try {
        if (list) {
            list_passes();
        } else if (!check.empty()) {
            reduce_by(path, check);
        } else {
            run(path, names, target, !no_verify);
        }
    } catch (const Error &e) {
        std::cerr << e.what() << "\n";
        return 1;
    } catch (const std::exception &e) {
        std::cerr << "error: " << e.what() << "\n";
        return 1;
    }
    return 0;
}
