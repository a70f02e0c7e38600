// heddle-opt: reads a statement in text form, runs passes over it, and writes the result as text.
//
//   heddle-opt --passes=flatten_storage,simplify FILE      ("-" or no FILE: standard input)
//   heddle-opt --list                                      the passes in the order of the pipeline
//
// The statement is verified before the first pass and after each; what fails is shown in the IR.

#include <CLI/CLI.hpp>

#include <algorithm>
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

const Pass &pass_named(const std::string &name) {
    auto it = std::find_if(passes().begin(), passes().end(), [&](const Pass &p) { return name == p.name; });
    if (it == passes().end()) throw CompileError("no pass is called " + name + " (--list shows all)");
    return *it;
}

std::string read_all(const std::string &path) {
    if (path == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
    std::ifstream file(path, std::ios::binary);
    if (!file) throw CompileError("cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void run(const std::string &path, const std::vector<std::string> &names, const std::string &target, bool check) {
    SymbolTable symbols;
    Stmt s = parse_stmt(read_all(path), symbols);
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
    app.add_option("--passes", names, "the passes to run, in this order")->delimiter(',');
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
