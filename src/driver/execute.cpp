// Running a pipeline by the interpreter or the naive evaluator in place of compiled code.

#include <cstdlib>
#include <cstring>

#include "driver/compiled.h"
#include "interpret/interpreter.h"
#include "interpret/naive.h"
#include "language/define.h"

namespace heddle::Internal {

Execution execution_from_environment() {
    const char *wish = std::getenv("HEDDLE_EXECUTE");
    if (!wish || !*wish || std::strcmp(wish, "machine") == 0) return Execution::Machine;
    if (std::strcmp(wish, "interpreter") == 0) return Execution::Interpreter;
    if (std::strcmp(wish, "naive") == 0) return Execution::Naive;
    if (std::strcmp(wish, "c") == 0) return Execution::Source;
    refuse(277, "", {}, concat("HEDDLE_EXECUTE=", wish, " is none of machine, interpreter, naive and c"));
}

namespace {

ArgValue value_of(const ArgumentSource &s, void *arg) {
    if (s.argument.is_buffer()) {
        ArgValue v(static_cast<halide_buffer_t *>(arg));
        v.is_output = s.argument.is_output();
        return v;
    }
    uint64_t bits = 0;
    if (arg) std::memcpy(&bits, arg, static_cast<size_t>(s.argument.type.bytes()));
    return ArgValue(s.argument.type, bits);
}

bool is_bounds_query(const std::vector<ArgumentSource> &sources, const std::vector<void *> &args) {
    for (size_t i = 0; i < sources.size(); i++) {
        const auto *b = sources[i].argument.is_buffer() ? static_cast<const halide_buffer_t *>(args[i]) : nullptr;
        if (b && !b->host && !b->device) return true;
    }
    return false;
}

}  // namespace

int CompiledPipeline::run_interpreter(JITUserContext *context, const std::vector<void *> &args) const {
    std::vector<ArgValue> values;
    for (size_t i = 0; i < args.size(); i++) values.push_back(value_of(arguments[i], args[i]));
    InterpretOptions options;
    options.functions.insert(externs.begin(), externs.end());
    options.user_context = context;
    return interpret(module->functions.at(0), values, options);
}

int CompiledPipeline::run_naively(JITUserContext *context, const std::vector<void *> &args) const {
    bool complete = !is_bounds_query(arguments, args);
    for (size_t i = 1; i < args.size(); i++) complete = complete && args[i];
    if (!complete) return run_interpreter(context, args);
    NaiveOptions options;
    options.target = target;
    options.user_context = context;
    options.functions.insert(externs.begin(), externs.end());
    std::vector<halide_buffer_t *> buffers;
    for (size_t i = 1; i < args.size(); i++) {
        const ArgumentSource &s = arguments[i];
        if (s.kind == ArgumentSource::Kind::Output) buffers.push_back(static_cast<halide_buffer_t *>(args[i]));
        if (s.parameter) options.values.emplace_back(s.parameter, value_of(s, args[i]));
    }
    evaluate_naively(outputs, buffers, options);
    return 0;
}

}  // namespace heddle::Internal
