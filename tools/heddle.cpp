// heddle: what is done with schedule files on the command line.
//
//   heddle schedule show FILE [--cpp | --json]     what it says
//   heddle schedule diff A B                       what B says that A does not, and the other way round
//   heddle schedule check FILE [PROGRAM ARG…]      whether it can be read; with a generator program, whether it is legal
//   heddle schedule apply FILE PROGRAM ARG…        runs a generator program with it
//
// The exit status is 0, 1 when the files differ or a schedule is refused, and above 100 for a wrong command line.

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "heddle/error.h"
#include "heddle/schedule.h"
#include "schedule/directives.h"

namespace {

using namespace heddle;
using Lines = std::vector<std::string>;
using StageName = std::pair<std::string, int>;

std::string title(const StageName &stage) {
    return stage.first + (stage.second < 0 ? "" : ".update(" + std::to_string(stage.second) + ")");
}

Lines lines_of(const Schedule::Stage &s) {
    Lines lines;
    for (const Internal::Directive &d : s.directives) lines.push_back(Internal::to_cpp(d));
    return lines;
}

void show(const std::string &file, bool cpp, bool json) {
    const Schedule s = Schedule::load(file);
    if (json) {
        std::cout << s.to_json();
        return;
    }
    if (cpp) {
        std::cout << s.to_cpp();
        return;
    }
    const auto said = [](const char *what, const std::string &value) {
        if (!value.empty()) std::cout << what << " " << value << "\n";
    };
    said("pipeline ", s.pipeline);
    said("algorithm", s.algorithm);
    said("target   ", s.target);
    for (const Schedule::Stage &stage : s.stages) {
        std::cout << "\n" << title({stage.func, stage.update}) << "\n";
        for (const std::string &line : lines_of(stage)) std::cout << "    " << line << "\n";
    }
}

// The longest list of lines that both have in this order: length[i][j] is that of a from i on and b from j on.
std::vector<std::vector<int>> common_lengths(const Lines &a, const Lines &b) {
    std::vector<std::vector<int>> length(a.size() + 1, std::vector<int>(b.size() + 1, 0));
    for (size_t i = a.size(); i-- > 0;) {
        for (size_t j = b.size(); j-- > 0;) {
            length[i][j] = a[i] == b[j] ? length[i + 1][j + 1] + 1 : std::max(length[i + 1][j], length[i][j + 1]);
        }
    }
    return length;
}

void print_difference(const Lines &a, const Lines &b) {
    const auto length = common_lengths(a, b);
    size_t i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
        if (i < a.size() && j < b.size() && a[i] == b[j]) {
            std::cout << "      " << a[i++] << "\n";
            j++;
        } else if (j == b.size() || (i < a.size() && length[i + 1][j] >= length[i][j + 1])) {
            std::cout << "    - " << a[i++] << "\n";
        } else {
            std::cout << "    + " << b[j++] << "\n";
        }
    }
}

// Returns whether they differ.
bool diff(const std::string &file_a, const std::string &file_b) {
    const Schedule a = Schedule::load(file_a), b = Schedule::load(file_b);
    bool differ = false;
    const auto heading = [&] {
        if (!differ) std::cout << "--- " << file_a << "\n+++ " << file_b << "\n";
        differ = true;
    };
    const auto compare_text = [&](const char *what, const std::string &x, const std::string &y) {
        if (x == y) return;
        heading();
        if (!x.empty()) std::cout << "- " << what << " " << x << "\n";
        if (!y.empty()) std::cout << "+ " << what << " " << y << "\n";
    };
    compare_text("pipeline", a.pipeline, b.pipeline);
    compare_text("algorithm", a.algorithm, b.algorithm);
    compare_text("target", a.target, b.target);

    std::map<StageName, Lines> left, right;
    std::vector<StageName> order;  // of a, then what b alone has
    for (const Schedule::Stage &s : a.stages) {
        order.emplace_back(s.func, s.update);
        left[order.back()] = lines_of(s);
    }
    for (const Schedule::Stage &s : b.stages) {
        const StageName name(s.func, s.update);
        if (!left.count(name)) order.push_back(name);
        right[name] = lines_of(s);
    }
    for (const StageName &stage : order) {
        if (left[stage] == right[stage]) continue;
        heading();
        std::cout << "\n" << title(stage) << "\n";
        print_difference(left[stage], right[stage]);
    }
    return differ;
}

// Becomes the program; comes back only when that is impossible.
int run_with(const std::string &file, const std::vector<std::string> &options, const std::vector<std::string> &program) {
    Schedule::load(file);
    if (program.empty()) {
        std::cerr << "error HD0516: no program is named to run with " << file << "\n";
        return 1;
    }
    std::vector<std::string> command = {program[0], "--schedule", file};
    command.insert(command.end(), options.begin(), options.end());
    command.insert(command.end(), program.begin() + 1, program.end());
    std::vector<char *> argv;
    for (std::string &arg : command) argv.push_back(arg.data());
    argv.push_back(nullptr);
    execvp(argv[0], argv.data());
    std::cerr << "error HD0516: cannot run " << command[0] << ": " << std::strerror(errno) << "\n";
    return 1;
}

int check_file(const std::string &file, const std::vector<std::string> &program) {
    if (!program.empty()) return run_with(file, {"--check"}, program);
    const Schedule s = Schedule::load(file);
    size_t directives = 0;
    for (const Schedule::Stage &stage : s.stages) directives += stage.directives.size();
    std::cout << file << ": " << s.stages.size() << " stages, " << directives << " directives\n";
    return 0;
}

}  // namespace

int main(int argc, char **argv) {
    CLI::App app("Heddle on the command line");
    app.require_subcommand(1);
    CLI::App *schedule = app.add_subcommand("schedule", "What is done with schedule files");
    schedule->require_subcommand(1);
    std::string file, other;
    bool cpp = false, json = false;
    const auto command = [&](const char *name, const char *what, const char *path) {
        CLI::App *c = schedule->add_subcommand(name, what);
        c->add_option(path, file, "a schedule file")->required();
        return c;
    };
    CLI::App *show_command = command("show", "Prints what it says", "file");
    show_command->add_flag("--cpp", cpp, "as C++ calls");
    show_command->add_flag("--json", json, "as JSON, in the form in which it is saved")->excludes("--cpp");
    CLI::App *diff_command = command("diff", "Prints how two schedules differ", "a");
    diff_command->add_option("b", other, "a schedule file")->required();
    // What follows the file is the program's own.
    CLI::App *check_command = command("check", "Reads it; with a generator program, also lowers its kernel with it", "file");
    check_command->prefix_command()->footer("[PROGRAM ARG…]: a generator program with -g NAME, target=…, NAME=VALUE…");
    CLI::App *apply_command = command("apply", "Runs a generator program with it", "file");
    apply_command->prefix_command()->footer("PROGRAM ARG…: a generator program with -g NAME, -o DIR, -e KIND,…, target=…, NAME=VALUE…");
    CLI11_PARSE(app, argc, argv);
    try {
        if (*show_command) show(file, cpp, json);
        if (*diff_command) return diff(file, other) ? 1 : 0;
        if (*check_command) return check_file(file, check_command->remaining());
        if (*apply_command) return run_with(file, {}, apply_command->remaining());
    } catch (const Error &e) {
        std::cerr << e.what() << "\n";
        return 1;
    } catch (const std::exception &e) {
        std::cerr << "error: " << e.what() << "\n";
        return 1;
    }
    return 0;
}
