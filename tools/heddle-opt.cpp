// heddle-opt: reads a statement in text form, runs passes over it, and writes the result as text.
//
//   heddle-opt --passes=flatten_storage,simplify FILE      ("-" or no FILE: standard input)
//   heddle-opt --list                                      the passes in the order of the pipeline
//
// The statement is verified before the first pass and after each; what fails is shown in the IR.

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "heddle/error.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "ir/substitute.h"
#include "lower/pipeline.h"

namespace {

using namespace heddle;
using namespace heddle::Internal;

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

}  // namespace

int main(int argc, char **argv) {
    CLI::App app("Runs lowering passes over IR in text form");
    std::string path = "-", target;
    std::vector<std::string> names;
    bool list = false, no_verify = false;
    app.add_option("file", path, "the statement; - for standard input");
    app.add_option("--passes", names, "the passes to run, in this order")->delimiter(',')->allow_extra_args(false);
    app.add_option("--target", target, "the target that passes see");
    app.add_flag("--list", list, "list the passes");
    app.add_flag("--no-verify", no_verify, "do not check the IR before and after each pass");
    CLI11_PARSE(app, argc, argv);
    try {
        if (list) {
            list_passes();
        } else {
            run(path, names, target, !no_verify);
        }
    } catch (const Error &e) {
        std::cerr << e.what() << "\n";
        return 1;
    }
    return 0;
}
