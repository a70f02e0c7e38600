// The main() of generator programs.

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <thread>

#include "driver/files.h"
#include "heddle/derivative.h"
#include "driver/generator_contents.h"
#include "driver/generator_text.h"
#include "heddle/generator.h"
#include "heddle/module.h"
#include "schedule/collect.h"
#include "support/assert.h"

namespace heddle::Internal {

namespace {

constexpr const char *usage_text = R"(Makes kernels from the generators in this program.

  -g NAME          the generator; may be left out when there is one only
  -o DIR           where files are written
  -f FUNCTION      name of the kernel; default: NAME
  -n FILE          base name of the files; default: FUNCTION
  -e KIND,...      what is written; default: c_header,static_library,registration
  -r FILE          writes the runtime by itself, for kernels made with no_runtime
  -p LIBRARY,...   shared libraries to load first, which may bring schedulers along
  -s SCHEDULER     a scheduler of this name runs after schedule(); as autoscheduler=SCHEDULER
  -d 1             the kernel of the derivatives, for gradient descent
  -t SECONDS       gives up after that time
  -v 1             names the files that are written
  --schedule FILE  replaces the generator's schedule by one from a JSON file
  --check          writes nothing: says whether the kernel can be lowered
  --list           the generators, with their parameters
  target=T,...     machines to compile for; default: host. With several, the first that
                   the machine supports is called: the last must run everywhere.
  PARAM=VALUE      a parameter of the generator

)";

struct OutputKind {
    OutputFileType type;
    const char *name, *extension;
};

constexpr OutputKind output_kinds[] = {
    {OutputFileType::assembly, "assembly", ".s"},
    {OutputFileType::bitcode, "bitcode", ".bc"},
    {OutputFileType::c_header, "c_header", ".h"},
    {OutputFileType::c_source, "c_source", ".halide_generated.cpp"},
    {OutputFileType::conceptual_stmt, "conceptual_stmt", ".conceptual.stmt"},
    {OutputFileType::conceptual_stmt_html, "conceptual_stmt_html", ".conceptual.stmt.html"},
    {OutputFileType::cpp_stub, "cpp_stub", ".stub.h"},
    {OutputFileType::device_code, "device_code", ".device_code"},
    {OutputFileType::llvm_assembly, "llvm_assembly", ".ll"},
    {OutputFileType::object, "object", ".o"},
    {OutputFileType::registration, "registration", ".registration.cpp"},
    {OutputFileType::schedule, "schedule", ".schedule.json"},
    {OutputFileType::static_library, "static_library", ".a"},
    {OutputFileType::stmt, "stmt", ".stmt"},
    {OutputFileType::stmt_html, "stmt_html", ".stmt.html"},
};

constexpr std::pair<const char *, const char *> short_names[] = {
    {"h", "c_header"},     {"header", "c_header"}, {"o", "object"},
    {"html", "stmt_html"}, {"cpp", "c_source"},
};

struct Request {
    std::string generator, directory, function, file, runtime, schedule;
    std::string plugins, scheduler, gradient = "0", timeout = "0", verbose = "0";
    std::string emit = "c_header,static_library,registration";
    std::vector<std::string> targets;
    GeneratorParamsMap params;
    bool list = false, help = false, check = false;
};

std::vector<std::string> split(const std::string &text, char at) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, at);) {
        if (!part.empty()) parts.push_back(part);
    }
    return parts;
}

Request parse(int argc, char **argv) {
    Request r;
    const std::pair<const char *, std::string *> options[] = {
        {"-g", &r.generator}, {"-o", &r.directory}, {"-f", &r.function},         {"-n", &r.file},
        {"-e", &r.emit},      {"-r", &r.runtime},   {"--schedule", &r.schedule},
        {"-p", &r.plugins},   {"-s", &r.scheduler}, {"-d", &r.gradient},
        {"-t", &r.timeout},   {"-v", &r.verbose},
    };
    for (int i = 1; i < argc; i++) {
        const std::string arg = argv[i];
        if (arg == "--help" || arg == "-h") {
            r.help = true;
            continue;
        }
        if (arg == "--list") {
            r.list = true;
            continue;
        }
        if (arg == "--check") {
            r.check = true;
            continue;
        }
        std::string *value = nullptr;
        for (const auto &[name, place] : options) {
            if (arg == name) value = place;
        }
        if (value) {
            if (i + 1 == argc) refuse_generator(288, concat("option ", arg, " needs a value"));
            *value = argv[++i];
            continue;
        }
        const size_t equals = arg.find('=');
        if (arg[0] == '-' || equals == std::string::npos || equals == 0) {
            refuse_generator(288, concat("\"", arg, "\" is no option and no PARAM=VALUE"),
                             "--help lists the options");
        }
        const std::string name = arg.substr(0, equals), text = arg.substr(equals + 1);
        if (name == "target") {
            r.targets = split(text, ',');
        } else if (!r.params.emplace(name, text).second) {
            refuse_generator(288, concat("parameter ", name, " is given twice"));
        }
    }
    if (r.targets.empty()) r.targets = {"host"};
    return r;
}

void print_list() {
    for (const std::string &name : registered_generators()) {
        std::cout << name << "\n";
        const auto g = create_generator(name, Target("host"));
        for (const GeneratorParamBase *p : g->params()) {
            if (p->name() != "target") std::cout << "  " << p->name() << "=" << p->text() << "\n";
        }
    }
}

using Files = std::map<OutputFileType, std::string>;

Files files_of(const Request &r, const std::string &base,
                                               const Target &target) {
    Files files;
    for (std::string name : split(r.emit, ',')) {
        for (const auto &[alias, full] : short_names) {
            if (name == alias) name = full;
        }
        const OutputKind *kind = nullptr;
        std::string known;
        for (const OutputKind &k : output_kinds) {
            if (name == k.name) kind = &k;
            known += concat(known.empty() ? "" : ", ", k.name);
        }
        if (!kind)
            refuse_generator(288, concat("-e: there is no kind of output ", name),
                             concat("there are ", known));
        std::string extension = kind->extension;
        if (target.os == Target::Windows) {
            if (kind->type == OutputFileType::object) extension = ".obj";
            if (kind->type == OutputFileType::static_library) extension = ".lib";
        }
        files[kind->type] = (std::filesystem::path(r.directory) / (base + extension)).string();
    }
    return files;
}

struct Made {
    Pipeline pipeline;
    std::vector<Argument> arguments;
};

// For each output, one more input: the derivative of a number (the loss) with respect to it. The outputs are those
// of the loss with respect to each buffer that is an input.
Made gradient_of(const Made &m) {
    Made result;
    result.arguments = m.arguments;
    std::vector<Func> outputs;
    for (const Func &f : m.pipeline.outputs()) {
        if (f.outputs() != 1) refuse_generator(288, concat("-d 1: output ", f.name(), " has several values"));
        const ImageParam adjoint(f.type().is_float() ? f.type() : Float(32), f.dimensions(), "_grad_loss_for_" + f.name());
        result.arguments.push_back(adjoint);
        heddle::Region bounds;
        for (int d = 0; d < f.dimensions(); d++) bounds.emplace_back(adjoint.dim(d).min(), adjoint.dim(d).extent());
        const Derivative derivative = propagate_adjoints(f, Func(adjoint), bounds);
        for (const Argument &a : m.arguments) {
            if (!a.is_buffer()) continue;
            const Func g = derivative(ImageParam(a.type, a.dimensions, a.name));
            Func out;
            std::vector<Var> vars;
            for (int d = 0; d < a.dimensions; d++) vars.push_back(Var::implicit(d));
            out(vars) = g.function() ? Expr(g(vars)) : Expr(0.0f);
            name_output(out, concat("_grad_loss_", f.name(), "_wrt_", a.name));
            outputs.push_back(out);
        }
    }
    if (outputs.empty()) refuse_generator(288, "-d 1: the generator has no buffer as an input");
    result.pipeline = Pipeline(outputs);
    return result;
}

Made make(const Request &r, const Target &target) {
    const auto g = create_generator(r.generator, target, r.params);
    Made m{g->build_pipeline(), g->arguments()};
    if (r.gradient == "1") m = gradient_of(m);
    if (!r.schedule.empty()) {
        const Schedule schedule = Schedule::load(r.schedule);
        expect_made_for(schedule, {r.generator, r.function});
        std::vector<std::shared_ptr<const Function>> outputs;
        for (const Func &f : m.pipeline.outputs()) outputs.push_back(f.function());
        // A schedule may use inputs that no definition uses.
        ExprList inputs;
        for (const GeneratorIO *io : g->inputs()) {
            if (const auto *scalar = dynamic_cast<const ScalarInput *>(io)) inputs.push_back(*scalar);
        }
        apply_schedule(schedule, outputs, true, inputs);
    }
    return m;
}

void compile_for(const Request &r, const Target &target, const Files &files) {
    Made m = make(r, target);
    m.pipeline.compile_to(files, m.arguments, r.function, target);
}

void compile_for(const Request &r, const std::vector<Target> &targets, const Files &files) {
    compile_multitarget(r.function, files, targets, {},
                        [&](const std::string &name, const Target &target) {
                            Made m = make(r, target);
                            return m.pipeline.compile_to_module(m.arguments, name, target);
                        });
}

void check(const Request &r, const std::vector<Target> &targets) {
    for (const Target &target : targets) {
        Made m = make(r, target);
        m.pipeline.compile_to_module(m.arguments, r.function, target);
        std::cout << r.generator << (r.schedule.empty() ? "" : " with ") << r.schedule << ": legal for "
                  << target.to_string() << "\n";
    }
}

// Ends the process when it still runs after so many seconds.
void start_timer(const std::string &text) {
    const auto seconds = parse_int(text);
    if (!seconds || *seconds < 0) refuse_generator(288, concat("-t takes a number of seconds, not ", text));
    if (*seconds == 0) return;
    std::thread([s = *seconds] {
        std::this_thread::sleep_for(std::chrono::seconds(s));
        std::cerr << "error: the generator is not done after " << s << " seconds (-t)" << std::endl;
        std::_Exit(1);
    }).detach();
}

void run(Request r) {
    if (r.help) {
        std::cout << usage_text;
        return;
    }
    start_timer(r.timeout);
    for (const std::string &library : split(r.plugins, ',')) load_plugin(library);
    if (r.list) return print_list();
    if (!r.scheduler.empty()) r.params["autoscheduler"] = r.scheduler;
    if (r.gradient != "0" && r.gradient != "1") refuse_generator(288, "-d takes 0 or 1");
    if (r.directory.empty() && !r.check) refuse_generator(288, "-o DIR is missing", "--help lists the options");
    std::error_code error;
    if (!r.check) std::filesystem::create_directories(r.directory, error);
    if (error)
        refuse_generator(289,
                         concat("cannot make the directory ", r.directory, ": ", error.message()));
    std::vector<Target> targets;
    for (const std::string &t : r.targets)
        targets.emplace_back(t);
    if (!r.runtime.empty()) {
        const std::string library = targets.back().os == Target::Windows ? ".lib" : ".a";
        const std::string path =
            (std::filesystem::path(r.directory) / (r.runtime + library)).string();
        compile_standalone_runtime({{OutputFileType::static_library, path}}, targets.back());
        if (r.generator.empty()) return;
    }
    if (r.generator.empty()) {
        const auto names = registered_generators();
        if (names.size() != 1) {
            std::string list;
            for (const std::string &n : names)
                list += (list.empty() ? "" : ", ") + n;
            refuse_generator(288, "-g NAME is missing",
                             concat("there are ", list.empty() ? "no generators" : list));
        }
        r.generator = names[0];
    }
    if (r.function.empty()) r.function = r.generator;
    if (r.file.empty()) r.file = r.function;
    if (r.check) return check(r, targets);
    Files files = files_of(r, r.file, targets.back());
    if (r.verbose != "0") {
        for (const auto &[type, path] : files) std::cout << path << "\n";
    }
    FileBatch stub;
    if (const auto path = files.find(OutputFileType::cpp_stub); path != files.end()) {
        const auto g = create_generator(r.generator, targets.back(), r.params);
        g->run_configure();
        stub.add(path->second, stub_header(r.generator, *g));
        files.erase(path);
    }
    if (targets.size() == 1 && !files.empty()) {
        compile_for(r, targets[0], files);
    } else if (!files.empty()) {
        compile_for(r, targets, files);
    }
    stub.write();
}

}  // namespace

int generate_filter_main(int argc, char **argv) {
    try {
        run(parse(argc, argv));
        return 0;
    } catch (const Error &e) {
        std::cerr << e.diagnostic().render() << "\n";
    } catch (const std::exception &e) {
        std::cerr << "error: " << e.what() << "\n";
    }
    return 1;
}

}  // namespace heddle::Internal
