#include "driver/compiled.h"

#include "driver/custom_passes.h"

#include <algorithm>
#include <cctype>
#include <variant>

#include "ir/compare.h"
#include "language/define.h"
#include "schedule/derived.h"

namespace heddle::Internal {

namespace {

// Mixes what a directive says into a hash.
class DirectiveHash {
public:
    void add(uint64_t x) {
        value = (value ^ x) * 0x9e3779b97f4a7c15u;
        value ^= value >> 29;
    }
    void add(const std::string &s) {
        add(std::hash<std::string>()(s));
    }
    void add(const LoopName &n) {
        add(n.name);
    }
    void add(const Expr &e) {
        add(e.defined() ? hash(e) : 0);
    }
    // A level may be set after the directive was recorded.
    void add(const LoopLevel &l) {
        add(l.to_string());
    }
    void add(std::monostate) {
        add(uint64_t{0});
    }
    template<typename T>
        requires(std::is_enum_v<T> || std::is_same_v<T, bool>)
    void add(T x) {
        add(static_cast<uint64_t>(x));
    }
    template<typename T>
    void add(const std::vector<T> &list) {
        add(static_cast<uint64_t>(list.size()));
        for (const T &x : list) add(x);
    }
    void add(const Directive &d) {
        add(d.kind);
        for (const DirectiveArgument &a : d.args) {
            std::visit([&](const auto &x) { add(x); }, a);
        }
        add(d.body);
    }
    uint64_t value = 0;
};

// Definitions are only ever added to, so that their number tells whether they changed.
std::vector<uint64_t> fingerprint_of(const Functions &reached, const Functions &outputs,
                                     const Parameters &parameters) {
    std::vector<uint64_t> out;
    for (const auto &f : reached) {
        DirectiveHash h;
        h.add(static_cast<uint64_t>(f->updates.size()));
        h.add(uint64_t{f->trace_loads} | uint64_t{f->trace_stores} << 1 | uint64_t{f->trace_realizations} << 2);
        h.add(f->trace_tags);
        h.add(f->directives);
        for (int s = 0; s < f->stages(); s++) h.add(f->stage(s).directives);
        out.push_back(h.value);
    }
    for (const auto &f : outputs) {
        for (const auto &p : f->output_parameters) out.push_back(static_cast<uint64_t>(p->changes));
    }
    for (const auto &p : parameters) {
        out.push_back(static_cast<uint64_t>(p->changes));
        DirectiveHash h;
        if (const auto f = known_func_of_image(*p)) {
            h.add(f->directives);
            h.add(f->pure.directives);
        }
        out.push_back(h.value);
    }
    return out;
}

Functions outputs_of(const PipelineContents &p) {
    return Functions(p.outputs.begin(), p.outputs.end());
}

// What each argument of the kernel is at a call: the first is the context, then come those that were
// listed, then the other inputs, then the outputs.
std::vector<ArgumentSource> sources_of(const LoweredFunction &f, const std::vector<Argument> *listed,
                                       const Parameters &parameters) {
    std::vector<ArgumentSource> sources;
    size_t outputs = 0;
    const size_t given = listed ? listed->size() : 0;
    for (size_t i = 0; i < f.args.size(); i++) {
        ArgumentSource s;
        s.argument = f.args[i].argument;
        if (i == 0) {
            s.kind = ArgumentSource::Kind::Context;
        } else if (s.argument.is_output() && i > given) {
            s.kind = ArgumentSource::Kind::Output;
            s.index = outputs++;
        } else {
            for (const auto &p : parameters) {
                if (p->name == s.argument.name && p->is_buffer == s.argument.is_buffer() &&
                    (!s.parameter || p == f.args[i].symbol.declaration())) {
                    s.parameter = p;
                }
            }
            s.kind = i <= given       ? ArgumentSource::Kind::Listed
                     : s.parameter    ? ArgumentSource::Kind::Parameter
                                      : ArgumentSource::Kind::Unused;
            s.index = i - 1;
        }
        sources.push_back(std::move(s));
    }
    return sources;
}

}  // namespace

std::string c_name(const std::string &name) {
    std::string out;
    for (char c : name) out += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    if (out.empty() || std::isdigit(static_cast<unsigned char>(out[0]))) out = "f" + out;
    return out;
}

Target jit_target(const Target &asked) {
    Target t = asked == Target() ? get_jit_target_from_environment() : asked;
    const Target host = get_host_target();
    if (t.arch != host.arch || t.bits != host.bits || t.os != host.os) {
        refuse(266, "", {}, "the target " + t.to_string() + " does not run on this machine, which is " + host.to_string());
    }
    for (const Target::Feature f :
         {Target::SSE41, Target::AVX, Target::AVX2, Target::FMA, Target::F16C, Target::AVX512, Target::AVX512_KNL,
          Target::AVX512_Skylake, Target::AVX512_Cannonlake, Target::AVX512_Zen4, Target::AVX512_SapphireRapids}) {
        if (t.arch == Target::X86 && t.has_feature(f) && !host.has_feature(f)) {
            refuse(266, "", {},
                   "the target " + t.to_string() + " has " + Target::feature_to_name(f) + ", which this machine lacks");
        }
    }
    t.set_feature(Target::JIT);
    t.set_feature(Target::UserContext);
    return t;
}

bool CompiledPipeline::is_current() const {
    Functions outputs;
    for (const auto &f : reached) {
        if (!f->output_parameters.empty()) outputs.push_back(f);
    }
    return fingerprint_of(reached, outputs, parameters) == fingerprint &&
           std::all_of(inner.begin(), inner.end(), [](const auto &p) { return p->is_current(); });
}

int CompiledPipeline::run(JITUserContext *context, std::vector<void *> &args) const {
    void *as_pointer = context;
    args[0] = &as_pointer;
    switch (execution) {
    case Execution::Machine:
    case Execution::Source: {
        const int code = function(args.data());
        if (target.has_feature(Target::Profile) || target.has_feature(Target::ProfileByTimer)) {
            halide_profiler_report(context);
            halide_profiler_reset();
        }
        return code;
    }
    case Execution::Interpreter: return run_interpreter(context, args);
    case Execution::Naive: return run_naively(context, args);
    }
    return halide_error_code_internal_error;
}

namespace {

// How the kernel is called: through an array of addresses, the context first, or as a C function.
enum class Convention { Argv, Function };

std::shared_ptr<CompiledPipeline> compile(const PipelineContents &p, const Target &target,
                                          const std::vector<Argument> *listed, Convention convention) {
    auto c = std::make_shared<CompiledPipeline>();
    const Functions outputs = outputs_of(p);
    for (const auto &f : outputs) {
        if (!f->defined()) refuse(200, f->name, {}, concat("Func ", f->name, " is not defined: it cannot be compiled"));
    }
    ExprList more;
    for (const auto &r : p.requirements) {
        more.push_back(r.condition);
        more.insert(more.end(), r.message.begin(), r.message.end());
    }
    c->target = target;
    c->reached = functions_scheduled(outputs);
    c->parameters = parameters_used(c->reached, outputs, more);
    check_distinct_names(c->parameters);

    LowerRequest request;
    request.outputs = outputs;
    request.name = c_name(outputs[0]->name);
    request.target = target;
    if (p.trace) request.target.set_feature(Target::TracePipeline);
    request.requirements = p.requirements;
    const Argument context("__user_context", Argument::InputScalar, Handle(), 0);
    std::vector<Argument> wanted;
    if (convention == Convention::Argv) wanted.push_back(context);
    if (listed) {
        wanted.insert(wanted.end(), listed->begin(), listed->end());
    } else {
        for (const auto &q : c->parameters) {
            if (!q->bound_from_start) wanted.push_back(argument_of(*q));
        }
    }
    if (convention == Convention::Function) {
        for (const auto &q : c->parameters) {
            if (!q->bound_from_start) continue;
            refuse(238, outputs[0]->name, {},
                   concat("the Pipeline of ", outputs[0]->name, " is used as a C function, but uses the Buffer ", q->name,
                          ", which is no argument of it"),
                   "use an ImageParam in its place, and pass the Buffer to define_extern");
        }
        wanted.push_back(context);
    }
    request.arguments = wanted;
    Module module = lower(request);
    run_custom_passes(p.passes, module);
    c->externs = jit_runtime_functions();
    for (const auto &[name, e] : p.externs) {
        c->externs[name] = e.extern_c_function().address();
        if (!e.pipeline()) continue;
        c->inner.push_back(compile_as_function(*e.pipeline(), target));
        c->externs[name] = c->inner.back()->code.address(c->inner.back()->module->functions.at(0).name);
    }
    c->execution = convention == Convention::Function ? Execution::Machine : execution_from_environment();
    c->outputs = outputs;
    if (convention == Convention::Argv) c->arguments = sources_of(module.functions.at(0), listed, c->parameters);
    if (c->execution == Execution::Machine) {
        c->code = compile_jit(module, c->externs);
        c->function = c->code.argv_address(module.functions.at(0).name);
    } else if (c->execution == Execution::Source) {
        c->source = LoadedSource(module, c->externs);
        c->function = c->source.argv_address(module.functions.at(0).name);
    }
    const bool needs_no_module = c->execution == Execution::Machine || c->execution == Execution::Source;
    if (!needs_no_module || convention == Convention::Function) {
        c->module = std::make_shared<Module>(module);
    }
    for (const auto &f : c->reached) std::const_pointer_cast<Function>(f)->frozen = true;
    Functions with_outputs;
    for (const auto &f : c->reached) {
        if (!f->output_parameters.empty()) with_outputs.push_back(f);
    }
    c->fingerprint = fingerprint_of(c->reached, with_outputs, c->parameters);
    return c;
}

}  // namespace

std::shared_ptr<const CompiledPipeline> compile_pipeline(const PipelineContents &p, const Target &target,
                                                         const std::vector<Argument> *listed) {
    return compile(p, target, listed, Convention::Argv);
}

std::shared_ptr<const CompiledPipeline> compile_as_function(const PipelineContents &p, const Target &target) {
    return compile(p, target, nullptr, Convention::Function);
}

std::shared_ptr<const CompiledPipeline> compiled_for(PipelineContents &p, const Target &asked) {
    const Target target = jit_target(asked);
    std::lock_guard lock(p.mutex);
    if (!p.compiled || !(p.compiled->target == target) ||
        p.compiled->execution != execution_from_environment() || !p.compiled->is_current()) {
        p.compiled = compile_pipeline(p, target, nullptr);
    }
    return p.compiled;
}

}  // namespace heddle::Internal
